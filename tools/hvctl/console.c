/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl console.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/escape.h>
#include <domain/hvd_client.h>
#include <domain/paths.h>
#include <domain/store.h>

#include "command.h"
#include "terminal.h"

/* Copies what is in the file to standard output, escaped. False if it cannot be opened. */
static bool print_log(const char *path)
{
    char buf[4096], shown[sizeof(buf) * ESCAPE_MAX];
    size_t kept = 0, n, taken, size;
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    do {
        n = fread(buf + kept, 1, sizeof(buf) - kept, file);
        taken = escape(buf, kept + n, n == 0, shown, &size);
        fwrite(shown, 1, size, stdout);
        kept = kept + n - taken;
        memmove(buf, buf + taken, kept);
    } while (n);
    fclose(file);
    return true;
}

/* The log of a running domain is in the store, that of another one is found by its name. */
static int show_log(const char *text)
{
    struct hv_error err = { 0 };
    struct tools tools = { .hv = hv_open(&err), .xs = NULL };
    char path[PATH_MAX], older[PATH_MAX + 2];
    struct domain domain;
    char *log = NULL;

    tools.xs = tools.hv ? store_open(&err) : NULL;
    if (tools.xs && !domain_find(&tools, text, &domain, &err))
        log = store_read(tools.xs, "/local/domain/%u/console/log", domain.domid);
    tools_close(&tools);
    if (!log && !hv_name_valid(text))
        return fail("there is no log of a domain %s", text);
    if (log)
        snprintf(path, sizeof(path), "%s", log);
    else
        path_in(PATH_LOG, path, "%s.log", text);
    free(log);
    snprintf(older, sizeof(older), "%s.1", path);
    print_log(older);
    if (!print_log(path))
        return fail("cannot read the console's log %s: %s; does hvd run?", path, strerror(errno));
    return 0;
}

int cmd_console(const struct command *self, int argc, char **argv)
{
    bool log = false, safe = false;
    const struct option_row options[] = {
        { 0, "log", &log, NULL },
        { 0, "safe", &safe, NULL },
        { 0 },
    };
    struct hv_error err = { 0 };
    struct domain domain;
    struct tools tools;
    int console;

    if (options_parse(self, argc, argv, options, 1, 1) < 0)
        return 1;
    if (log)
        return show_log(argv[1]);
    if (!open_tools_and_find(&tools, argv[1], &domain))
        return 1;
    tools_close(&tools);
    if (!domain.domid)
        return fail("dom0's console is the machine's own");
    console = hvd_console_connect(domain.domid, &err);
    return console < 0 ? fail_error(&err) : terminal_run(console, safe);
}
