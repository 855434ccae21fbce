/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command of hvctl: a row of the table in commands.c, which owns its usage line and its help.
 */
#ifndef HVCTL_COMMAND_H
#define HVCTL_COMMAND_H

#include <stdbool.h>

#include <domain/domain.h>

struct command {
    const char *name;
    const char *aliases;   /* other names, separated by spaces; "" if none */
    const char *arguments; /* "[-w] DOMAIN..." */
    const char *summary;   /* one line, no full stop */
    const char *help;      /* what the options mean; "" if there is nothing to add */
    int (*run)(const struct command *self, int argc,
               char **argv); /* argv[0] is the name; returns the exit status */
};

extern const struct command commands[]; /* ends with a row whose name is NULL */

/* The row with this name or alias, or NULL. */
const struct command *command_find(const char *name);

/*
 * Options of a command: a letter (0: none), a long name (NULL: none) and where it goes: a flag, or a text.
 */
struct option_row {
    char letter;
    const char *name;
    bool *flag;
    const char **text;
};

/*
 * Takes the options out of argv, wherever they stand ("--" ends them), and moves the rest to its front.
 * Returns how many are left, the command's name not counted; -1 if an option is unknown or there are fewer
 * than `least` or more than `most` (said).
 */
int options_parse(const struct command *self, int argc, char **argv, const struct option_row *rows, int least,
                  int most);

/* The same for a command that has no options. */
int arguments_check(const struct command *self, int argc, char **argv, int least, int most);

/* "hvctl: text" on standard error; the second adds the error's text; both return 1, the exit status. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int fail_error(const struct hv_error *err);
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* For hv_config_parse*(). */
void warn_config(void *opaque, const struct hv_error *warning);

/* Opens the tools, and finds a running domain, saying what is wrong if that fails. */
bool open_tools(struct tools *tools);
bool open_tools_and_find(struct tools *tools, const char *text, struct domain *domain);

/* Reads a decimal number of at most `most`; false and a message naming `what` if it is none. */
bool parse_number(const char *text, unsigned most, const char *what, unsigned *value);

int cmd_help(const struct command *self, int argc, char **argv);
int cmd_version(const struct command *self, int argc, char **argv);
int cmd_create(const struct command *self, int argc, char **argv);
int cmd_start(const struct command *self, int argc, char **argv);
int cmd_list(const struct command *self, int argc, char **argv);
int cmd_console(const struct command *self, int argc, char **argv);
int cmd_shutdown(const struct command *self, int argc, char **argv);
int cmd_reboot(const struct command *self, int argc, char **argv);
int cmd_destroy(const struct command *self, int argc, char **argv);
int cmd_pause(const struct command *self, int argc, char **argv);
int cmd_unpause(const struct command *self, int argc, char **argv);
int cmd_define(const struct command *self, int argc, char **argv);
int cmd_undefine(const struct command *self, int argc, char **argv);
int cmd_autostart(const struct command *self, int argc, char **argv);
int cmd_info(const struct command *self, int argc, char **argv);
int cmd_counters(const struct command *self, int argc, char **argv);
int cmd_dmesg(const struct command *self, int argc, char **argv);
int cmd_debug_keys(const struct command *self, int argc, char **argv);
int cmd_dominfo(const struct command *self, int argc, char **argv);
int cmd_domid(const struct command *self, int argc, char **argv);
int cmd_domname(const struct command *self, int argc, char **argv);
int cmd_domuuid(const struct command *self, int argc, char **argv);
int cmd_domstate(const struct command *self, int argc, char **argv);
int cmd_dumpxml(const struct command *self, int argc, char **argv);
int cmd_validate(const struct command *self, int argc, char **argv);
int cmd_rename(const struct command *self, int argc, char **argv);
int cmd_vcpu_list(const struct command *self, int argc, char **argv);
int cmd_vcpu_pin(const struct command *self, int argc, char **argv);
int cmd_sched(const struct command *self, int argc, char **argv);
int cmd_mem_set(const struct command *self, int argc, char **argv);
int cmd_block_list(const struct command *self, int argc, char **argv);
int cmd_block_attach(const struct command *self, int argc, char **argv);
int cmd_block_detach(const struct command *self, int argc, char **argv);
int cmd_network_list(const struct command *self, int argc, char **argv);
int cmd_network_attach(const struct command *self, int argc, char **argv);
int cmd_network_detach(const struct command *self, int argc, char **argv);
int cmd_blkdeviotune(const struct command *self, int argc, char **argv);
int cmd_domiftune(const struct command *self, int argc, char **argv);

#endif
