/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl: finds the command and runs it. Also help and version.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"

#define HVCTL_VERSION "0.1.0"

static void list_commands(FILE *to)
{
    fprintf(to, "usage: hvctl COMMAND [ARGUMENTS]\n\n");
    for (const struct command *c = commands; c->name; c++)
        fprintf(to, "  %-15s %s\n", c->name, c->summary);
    fprintf(to, "\n`hvctl help COMMAND` explains one. DOMAIN is an id, a name or a UUID. See hvctl(1).\n");
}

int cmd_help(const struct command *self, int argc, char **argv)
{
    const struct command *c;

    if (arguments_check(self, argc, argv, 0, 1) < 0)
        return 1;
    if (argc < 2) {
        list_commands(stdout);
        return 0;
    }
    c = command_find(argv[1]);
    if (!c)
        return fail("there is no command %s; `hvctl help` lists all", argv[1]);
    printf("usage: hvctl %s%s%s\n\n%s.\n", c->name, c->arguments[0] ? " " : "", c->arguments, c->summary);
    if (c->aliases[0])
        printf("Also called: %s\n", c->aliases);
    if (c->help[0])
        printf("\n%s", c->help);
    return 0;
}

int cmd_version(const struct command *self, int argc, char **argv)
{
    struct hv_host_info info;
    struct hv *hv;

    if (arguments_check(self, argc, argv, 0, 0) < 0)
        return 1;
    printf("hvctl %s\n", HVCTL_VERSION);
    hv = hv_open(NULL);
    if (hv && !hv_host_info(hv, &info, NULL))
        printf("hypervisor %s, ABI %u.%u%s\n", info.is_hv ? "hv" : "Xen", info.version_major,
               info.version_minor, info.extra_version);
    if (hv)
        hv_close(hv);
    return 0;
}

int main(int argc, char **argv)
{
    const struct command *c;
    int status;

    if (argc < 2) {
        list_commands(stderr);
        return 1;
    }
    c = command_find(argv[1]);
    if (!c)
        return fail("there is no command %s; `hvctl help` lists all", argv[1]);
    if (argc == 3 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h")))
        return cmd_help(command_find("help"), 2, argv);
    status = c->run(c, argc - 1, argv + 1);
    if (fflush(stdout) == EOF || ferror(stdout))
        return fail("cannot write the output");
    return status;
}
