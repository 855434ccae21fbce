/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of commands: names as xl has them, virsh's as aliases.
 */
#include "command.h"

#include <string.h>

#define DOMAINS_HELP "DOMAIN is an id, a name or a UUID.\n"
#define DRIVER_HELP                                                                                       \
    "    --driver     whose drivers it is for; the default is $HVCTL_BACKEND, or the first that are loaded\n"
#define CONFIG_HELP                                                                                       \
    "    --config   of the domain's definition, for its next start, in place of the running domain\n"
#define WAITING_HELP                                                                                      \
    "-t, --timeout   with -w: at most so many seconds, 300 by default; 0: for ever\n"                     \
    "-a, --all       all but dom0\n"

const struct command commands[] = {
    { "create", "", "[-p] [-c] [-n] FILE.xml", "make a domain from its XML and start it",
      "-p, --paused    leave it paused\n"
      "-c, --console   look at its console until ^] or its end\n"
      "-n, --dry-run   check everything that can be checked, and make nothing\n",
      cmd_create },
    { "list", "", "[-l] [-a] [--json] [DOMAIN...]", "show domains",
      "-l, --long   all that is known of each\n"
      "-a, --all    defined ones that do not run, too\n"
      "    --json   for programs\n"
      "State letters: r running, b blocked (idle), p paused, s shut down, c crashed, d dying.\n",
      cmd_list },
    { "console", "", "[--log] [--safe] DOMAIN", "connect the terminal to a domain's console; ^] leaves it",
      "    --log    print all it has written so far (control characters escaped), and end\n"
      "    --safe   escape control characters on the screen, too\n",
      cmd_console },
    { "shutdown", "", "[-w] [-t SECONDS] {-a | DOMAIN...}", "ask domains to shut down",
      "-w, --wait      until they have\n" WAITING_HELP, cmd_shutdown },
    { "reboot", "", "[-w] [-t SECONDS] {-a | DOMAIN...}", "ask domains to reboot",
      "-w, --wait      until they are gone and run again\n" WAITING_HELP, cmd_reboot },
    { "destroy", "", "DOMAIN...", "end domains at once, and remove every trace of them", DOMAINS_HELP,
      cmd_destroy },
    { "pause", "suspend", "DOMAIN...", "stop domains' vCPUs for a while", DOMAINS_HELP, cmd_pause },
    { "unpause", "resume", "DOMAIN...", "let paused domains go on", DOMAINS_HELP, cmd_unpause },
    { "define", "", "FILE.xml", "keep a domain's XML, to start it by name",
      "A definition of the same name is replaced; a running domain keeps what it was made from.\n",
      cmd_define },
    { "undefine", "", "DOMAIN", "forget a definition", "A running domain runs on.\n", cmd_undefine },
    { "start", "", "[-p] [-c] DOMAIN", "start a defined domain",
      "-p, --paused    leave it paused\n-c, --console   look at its console\n", cmd_start },
    { "autostart", "", "[--disable] DOMAIN", "start a defined domain whenever the machine starts",
      "    --disable   no more\n", cmd_autostart },
    { "info", "nodeinfo", "[--json]", "show the machine and the hypervisor", "", cmd_info },
    { "counters", "", "[-r] [--json]", "show what the hypervisor counts, for each CPU",
      "CR3 loads and TLB flushes; they wrap at 2^32.\n"
      "-r, --reset   set them to 0 before\n",
      cmd_counters },
    { "dmesg", "", "[-c]", "print the hypervisor's log", "-c, --clear   and empty it\n", cmd_dmesg },
    { "debug-keys", "", "KEYS", "ask the hypervisor questions that it answers in its log",
      "Each letter is one; h lists them. See hvctl dmesg.\n", cmd_debug_keys },
    { "dominfo", "", "[--json] DOMAIN", "show all that is known of a domain", "", cmd_dominfo },
    { "domid", "", "DOMAIN", "print a domain's id", "", cmd_domid },
    { "domname", "", "DOMAIN", "print a domain's name", "", cmd_domname },
    { "domuuid", "", "DOMAIN", "print a domain's UUID", "", cmd_domuuid },
    { "domstate", "", "DOMAIN", "print a domain's state",
      "running, idle, paused, shut down, crashed, dying, shut off (defined only)\n", cmd_domstate },
    { "dumpxml", "", "DOMAIN", "print a domain's XML",
      "Of a running domain what it was made from, else its definition.\n", cmd_dumpxml },
    { "validate", "", "FILE.xml", "check a domain's XML by itself",
      "Files, bridges and memory are not looked at.\n", cmd_validate },
    { "rename", "domrename", "DOMAIN NAME", "give a domain another name", "Running, defined or both.\n",
      cmd_rename },
    { "vcpu-list", "vcpuinfo", "[--json] [DOMAIN]", "show vCPUs, where they run and may run", "",
      cmd_vcpu_list },
    { "vcpu-pin", "vcpupin", "DOMAIN VCPU|all CPUS", "say where a vCPU may run", "CPUS: 0-3,^2,5 or all.\n",
      cmd_vcpu_pin },
    { "sched", "schedinfo sched-credit", "[-w WEIGHT] [-c CAP] [--json] [DOMAIN]",
      "show or set shares of CPU time",
      "-w, --weight   share relative to others, 1 to 65535, 256 by default\n"
      "-c, --cap      at most so many percent of one CPU; 0: no limit\n",
      cmd_sched },
    { "mem-set", "setmem", "DOMAIN SIZE", "ask a domain to use so much memory",
      "SIZE in KiB, or with M or G.\n", cmd_mem_set },
    { "block-list", "domblklist", "[--json] DOMAIN", "show a domain's disks", "", cmd_block_list },
    { "block-attach", "attach-disk", "[-r] [--format F] [--driver hv|stock] DOMAIN {SOURCE TARGET | FILE.xml}",
      "give a running domain a disk",
      "SOURCE is an image file, a block device, or nbd://HOST[:PORT]/EXPORT of a server; TARGET is the guest's\n"
      "name for it, as xvdb. FILE.xml holds one <disk>.\n"
      "-r, --readonly   the guest may not write\n"
      "    --format     raw (the default) or qcow2: what an image file holds\n" DRIVER_HELP,
      cmd_block_attach },
    { "block-detach", "detach-disk", "[--force] DOMAIN TARGET", "take a disk away from a running domain",
      "    --force   even if the guest does not answer within ten seconds\n", cmd_block_detach },
    { "blkdeviotune", "", "[--config] [--total-bytes-sec N]... DOMAIN TARGET", "show or set limits of a disk",
      "A second: --total-bytes-sec or --read-bytes-sec and --write-bytes-sec, --total-iops-sec or --read-iops-sec and\n"
      "--write-iops-sec. How much may pass at once after a pause: --total-bytes-sec-max and so on. 0: no limit.\n"
      CONFIG_HELP,
      cmd_blkdeviotune },
    { "network-list", "domiflist", "[--json] DOMAIN", "show a domain's network interfaces", "",
      cmd_network_list },
    { "network-attach", "attach-interface", "[--mac MAC] [--driver hv|stock] DOMAIN {BRIDGE | FILE.xml}",
      "give a running domain an interface", "FILE.xml holds one <interface>.\n" DRIVER_HELP, cmd_network_attach },
    { "network-detach", "detach-interface", "[--force] DOMAIN INDEX|MAC|NAME", "take an interface away",
      "    --force   even if the guest does not answer within ten seconds\n", cmd_network_detach },
    { "domiftune", "", "[--config] [--inbound A[,P[,B]]] [--outbound A[,P[,B]]] DOMAIN INTERFACE",
      "show or set limits of an interface",
      "INTERFACE is its index, its MAC, or its name in dom0.\n"
      "    --inbound            to the guest: average in KiB a second, peak in KiB a second, KiB at once; 0: no limit\n"
      "    --outbound           from the guest\n"
      "    --inbound-packets    packets a second\n"
      "    --outbound-packets\n" CONFIG_HELP,
      cmd_domiftune },
    { "help", "--help -h", "[COMMAND]", "list the commands, or explain one", "", cmd_help },
    { "version", "--version -V", "", "print hvctl's and the hypervisor's versions", "", cmd_version },
    { 0 },
};

static bool is_alias(const char *aliases, const char *name)
{
    size_t length = strlen(name);

    while (*aliases) {
        size_t word = strcspn(aliases, " ");

        if (word == length && !strncmp(aliases, name, word))
            return true;
        aliases += word + strspn(aliases + word, " ");
    }
    return false;
}

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(c->name, name) || is_alias(c->aliases, name))
            return c;
    return NULL;
}
