/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Offering own pages to another domain, through /dev/xen/gntalloc.
 *
 * The device wants the offset back, not the address, when pages are withdrawn: each area is remembered.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libhv/grant.h>

#include "handle.h"
#include "linux_abi.h"

#define SHARE_MAX 1024U /* pages of one area */

struct area {
    struct area *next;
    void *address;
    uint64_t index;
    uint32_t count;
};

struct hv_grant_share {
    int fd;
    struct area *areas;
};

struct hv_grant_share *hv_grant_share_open(struct hv_error *err)
{
    struct hv_grant_share *gs = calloc(1, sizeof(*gs));

    if (!gs) {
        hv_error_set(err, ENOMEM, NULL, "cannot open %s: out of memory", DEV_GNTALLOC);
        return NULL;
    }
    gs->fd = open(DEV_GNTALLOC, O_RDWR | O_CLOEXEC);
    if (gs->fd < 0) {
        hv_error_set(err, errno, "load the module xen-gntalloc", "cannot open %s: %s", DEV_GNTALLOC,
                     strerror(errno));
        free(gs);
        return NULL;
    }
    return gs;
}

/*
 * Closing withdraws what is left; areas stay mapped until then so that no mapping outlives its bookkeeping.
 */
void hv_grant_share_close(struct hv_grant_share *gs)
{
    if (!gs)
        return;
    while (gs->areas)
        hv_grant_unshare(gs, gs->areas->address, gs->areas->count, NULL);
    close(gs->fd);
    free(gs);
}

static void withdraw(struct hv_grant_share *gs, uint64_t index, uint32_t count)
{
    struct gntalloc_free arg = { .index = index, .count = count };

    ioctl(gs->fd, GNTALLOC_FREE, &arg);
}

/* Allocates and grants pages. Returns 0 and their offset; refs[] is filled. */
static int grant(struct hv_grant_share *gs, uint32_t domid, size_t count, bool writable, uint32_t *refs,
                 uint64_t *index)
{
    struct gntalloc_alloc *arg;
    int ret = 0;

    if (count == 0 || count > SHARE_MAX)
        return -EINVAL;
    arg = calloc(1, sizeof(*arg) + (count - 1) * sizeof(arg->refs[0]));
    if (!arg)
        return -ENOMEM;
    arg->domid = (uint16_t)domid;
    arg->flags = writable ? GNTALLOC_WRITABLE : 0;
    arg->count = (uint32_t)count;
    if (ioctl(gs->fd, GNTALLOC_ALLOC, arg) < 0)
        ret = -errno;
    memcpy(refs, arg->refs, count * sizeof(refs[0]));
    *index = arg->index;
    free(arg);
    return ret;
}

void *hv_grant_share_pages(struct hv_grant_share *gs, uint32_t domid, size_t count, bool writable,
                           uint32_t *refs, struct hv_error *err)
{
    struct area *area = calloc(1, sizeof(*area));
    int ret;

    if (!area) {
        ret = -ENOMEM;
        goto report;
    }
    ret = grant(gs, domid, count, writable, refs, &area->index);
    if (ret < 0)
        goto free_area;
    area->count = (uint32_t)count;
    area->address =
        mmap(NULL, count * HV_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, gs->fd, (off_t)area->index);
    if (area->address == MAP_FAILED) {
        ret = -errno;
        goto undo_grant;
    }
    area->next = gs->areas;
    gs->areas = area;
    return area->address;

undo_grant:
    withdraw(gs, area->index, area->count);
free_area:
    free(area);
report:
    hv_error_set(err, -ret, NULL, "cannot grant %zu pages to domain %" PRIu32 ": %s", count, domid,
                 strerror(-ret));
    return NULL;
}

int hv_grant_unshare(struct hv_grant_share *gs, void *address, size_t count, struct hv_error *err)
{
    for (struct area **link = &gs->areas; *link; link = &(*link)->next) {
        struct area *area = *link;

        if (area->address != address || area->count != count)
            continue;
        munmap(address, count * HV_PAGE_SIZE);
        withdraw(gs, area->index, area->count);
        *link = area->next;
        free(area);
        return 0;
    }
    return hv_error_set(err, EINVAL, NULL, "cannot withdraw pages that were not granted");
}
