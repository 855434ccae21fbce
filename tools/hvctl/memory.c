/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl mem-set: how much memory a domain's balloon driver is to leave it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <domain/store.h>

#include "command.h"

#define LIMIT_SLACK_KIB 1024 /* as at creation */

static int set_target(struct tools *tools, const struct domain *domain, uint64_t kib, struct hv_error *err)
{
    char path[64], value[24];
    uint64_t most;
    int ret;

    if (store_read_number(tools->xs, &most, "/local/domain/%u/memory/static-max", domain->domid) &&
        kib > most)
        return hv_error_set(err, ERANGE, "it was made with that limit (<memory>)",
                            "domain %s can have at most %" PRIu64 " KiB", domain->name, most);
    snprintf(path, sizeof(path), "/local/domain/%u/memory/target", domain->domid);
    snprintf(value, sizeof(value), "%" PRIu64, kib);
    ret = store_write(tools->xs, path, value, err);
    /* dom0's limit stays where it is: it may be needed for its own tools. */
    if (!ret && domain->domid)
        ret = hv_domain_set_max_mem(tools->hv, domain->domid, kib + LIMIT_SLACK_KIB, err);
    return ret;
}

int cmd_mem_set(const struct command *self, int argc, char **argv)
{
    struct hv_error err = { 0 };
    struct domain domain;
    struct tools tools;
    uint64_t kib;
    int ret;

    if (arguments_check(self, argc, argv, 2, 2) < 0)
        return 1;
    if (hv_size_parse(argv[2], &kib) < 0 || kib < 4096)
        return fail("%s is not a memory size of 4M or more: write KiB, or a number with M or G", argv[2]);
    if (!open_tools_and_find(&tools, argv[1], &domain))
        return 1;
    ret = set_target(&tools, &domain, kib, &err);
    tools_close(&tools);
    return ret < 0 ? fail_error(&err) : 0;
}
