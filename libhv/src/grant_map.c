/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mapping pages that other domains grant, through /dev/xen/gntdev.
 *
 * The device works in two steps: a set of references gets an offset, then mmap() at that offset maps them.
 * The offset is given back when the area is unmapped; if mmap() fails it is given back here.
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

#define REFS_MAX 1024U /* of one mapping; more is a mistake of the caller's */

struct hv_grant_map {
    int fd;
};

void hv_grant_map_close(struct hv_grant_map *gm)
{
    if (!gm)
        return;
    close(gm->fd);
    free(gm);
}

static void drop_index(struct hv_grant_map *gm, uint64_t index, size_t count)
{
    struct gntdev_unmap arg = { .index = index, .count = (uint32_t)count };

    ioctl(gm->fd, GNTDEV_UNMAP, &arg);
}

/* First step. Returns 0 and the offset. */
static int get_index(struct hv_grant_map *gm, size_t count, const uint32_t *domids, const uint32_t *refs,
                     uint64_t *index)
{
    struct gntdev_map *arg;
    int ret = 0;

    if (count == 0 || count > REFS_MAX)
        return -EINVAL;
    arg = calloc(1, sizeof(*arg) + (count - 1) * sizeof(arg->refs[0]));
    if (!arg)
        return -ENOMEM;
    arg->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        arg->refs[i] = (struct gntdev_ref) { .domid = domids[i], .ref = refs[i] };
    if (ioctl(gm->fd, GNTDEV_MAP, arg) < 0)
        ret = -errno;
    *index = arg->index;
    free(arg);
    return ret;
}

/*
 * Linux keeps address space for foreign pages, and sets it up at the first request for some: 60 million
 * instructions. A daemon does this when it starts, not when the first guest waits for it. Nothing is mapped
 * by the first step alone.
 */
static void warm_up(struct hv_grant_map *gm)
{
    uint64_t index;

    if (!get_index(gm, 1, (uint32_t[]) { 0 }, (uint32_t[]) { 0 }, &index))
        drop_index(gm, index, 1);
}

struct hv_grant_map *hv_grant_map_open(struct hv_error *err)
{
    struct hv_grant_map *gm = malloc(sizeof(*gm));

    if (!gm) {
        hv_error_set(err, ENOMEM, NULL, "cannot open %s: out of memory", DEV_GNTDEV);
        return NULL;
    }
    gm->fd = open(DEV_GNTDEV, O_RDWR | O_CLOEXEC);
    if (gm->fd < 0) {
        hv_error_set(err, errno, "load the module xen-gntdev", "cannot open %s: %s", DEV_GNTDEV,
                     strerror(errno));
        free(gm);
        return NULL;
    }
    warm_up(gm);
    return gm;
}

/* Second step. The notification must be set before mmap(), or a death in between is missed. */
static void *map_index(struct hv_grant_map *gm, uint64_t index, size_t count, bool writable,
                       const struct grant_notify *notify)
{
    void *area;

    if (notify && ioctl(gm->fd, GNTDEV_NOTIFY, notify) < 0)
        return MAP_FAILED;
    area = mmap(NULL, count * HV_PAGE_SIZE, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, gm->fd,
                (off_t)index);
    return area;
}

static void *map_failed(struct hv_error *err, int code, uint32_t domid, uint32_t ref)
{
    hv_error_set(err, code, "the other domain may have withdrawn it, or be gone",
                 "cannot map grant %" PRIu32 " of domain %" PRIu32 ": %s", ref, domid, strerror(code));
    return NULL;
}

void *hv_grant_map_refs(struct hv_grant_map *gm, size_t count, const uint32_t *domids, const uint32_t *refs,
                        bool writable, struct hv_error *err)
{
    uint64_t index;
    void *area;
    int ret = get_index(gm, count, domids, refs, &index);

    if (ret < 0)
        return map_failed(err, -ret, count ? domids[0] : 0, count ? refs[0] : 0);
    area = map_index(gm, index, count, writable, NULL);
    if (area == MAP_FAILED) {
        ret = errno;
        drop_index(gm, index, count);
        return map_failed(err, ret, domids[0], refs[0]);
    }
    return area;
}

void *hv_grant_map_ref(struct hv_grant_map *gm, uint32_t domid, uint32_t ref, bool writable,
                       struct hv_error *err)
{
    return hv_grant_map_refs(gm, 1, &domid, &ref, writable, err);
}

void *hv_grant_map_notify(struct hv_grant_map *gm, uint32_t domid, uint32_t ref, bool writable,
                          long clear_byte, uint32_t notify_port, struct hv_error *err)
{
    struct grant_notify notify = { .port = notify_port };
    uint64_t index;
    void *area;
    int ret = get_index(gm, 1, &domid, &ref, &index);

    if (ret < 0)
        return map_failed(err, -ret, domid, ref);
    notify.index = index;
    if (clear_byte >= 0) {
        notify.index += (uint64_t)clear_byte;
        notify.action |= GRANT_NOTIFY_CLEAR_BYTE;
    }
    if (notify_port)
        notify.action |= GRANT_NOTIFY_SEND_EVENT;
    area = map_index(gm, index, 1, writable, &notify);
    if (area == MAP_FAILED) {
        ret = errno;
        drop_index(gm, index, 1);
        return map_failed(err, ret, domid, ref);
    }
    return area;
}

int hv_grant_unmap(struct hv_grant_map *gm, void *address, size_t count, struct hv_error *err)
{
    struct gntdev_offset arg = { .address = (uintptr_t)address };

    if (ioctl(gm->fd, GNTDEV_OFFSET, &arg) < 0)
        return hv_error_set(err, errno, NULL, "cannot find the grant mapping to undo: %s", strerror(errno));
    if (munmap(address, count * HV_PAGE_SIZE) < 0)
        return hv_error_set(err, errno, NULL, "cannot unmap a grant: %s", strerror(errno));
    drop_index(gm, arg.offset, count);
    return 0;
}
