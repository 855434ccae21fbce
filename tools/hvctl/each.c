/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same for several domains.
 */
#include "each.h"

#include <errno.h>
#include <stdlib.h>

/* The domains that were named. Those that do not exist are said and left out: then *status is 1. */
static int find_named(struct tools *tools, char **names, int count, struct domain *list, int *status)
{
    int found = 0;

    for (int i = 0; i < count; i++) {
        struct hv_error err = { 0 };

        if (domain_find(tools, names[i], &list[found], &err) < 0)
            *status = fail_error(&err);
        else if (!list[found].domid)
            *status = fail("dom0 is the machine itself: this is not done to it");
        else
            found++;
    }
    return found;
}

static int find_all(struct tools *tools, struct domain **list, struct hv_error *err)
{
    int count = domain_list(tools, list, err), kept = 0;

    for (int i = 0; i < count; i++)
        if ((*list)[i].domid)
            (*list)[kept++] = (*list)[i];
    return count < 0 ? count : kept;
}

int each_domain(struct tools *tools, char **names, int count, each_fn *fn, struct domain **done,
                int *done_count)
{
    struct hv_error err = { 0 };
    struct domain *list = NULL;
    int status = 0, found, good = 0;

    if (names) {
        list = calloc((size_t)count + 1, sizeof(*list));
        found = list ? find_named(tools, names, count, list, &status) : -ENOMEM;
    } else {
        found = find_all(tools, &list, &err);
    }
    if (found < 0)
        status = fail_error(&err);
    for (int i = 0; i < found; i++) {
        err = (struct hv_error){ 0 };
        if (fn(tools, &list[i], &err) < 0)
            status = fail_error(&err);
        else
            list[good++] = list[i];
    }
    if (done) {
        *done = list;
        *done_count = good;
    } else {
        free(list);
    }
    return status;
}
