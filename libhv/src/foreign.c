/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mapping other domains' frames: an area is reserved by mmap() of privcmd, then filled by one request.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <libhv/foreign.h>

#include "handle.h"
#include "linux_abi.h"

static void *reserve(struct hv *hv, size_t count, int prot)
{
    return mmap(NULL, count * HV_PAGE_SIZE, prot, MAP_SHARED, hv->privcmd, 0);
}

/* Fills the area. Returns 0, or an error and in *bad the first frame it is about. */
static int fill(struct hv *hv, void *area, uint32_t domid, size_t count, const uint64_t *frames, int *errors,
                size_t *bad)
{
    struct privcmd_map_batch batch = {
        .count = (uint32_t)count,
        .domid = (uint16_t)domid,
        .address = (uintptr_t)area,
        .frames = frames,
        .errors = errors,
    };
    int ret = ioctl(hv->privcmd, PRIVCMD_MAP_BATCH, &batch) < 0 ? -errno : 0;

    /* The request may succeed as a whole and yet report single frames, and the other way round. */
    for (*bad = 0; *bad < count; ++*bad)
        if (errors[*bad])
            return errors[*bad] < 0 ? errors[*bad] : -EIO;
    *bad = 0;
    return ret;
}

void *foreign_map(struct hv *hv, uint32_t domid, int prot, size_t count, const uint64_t *frames, int *errors,
                  struct hv_error *err)
{
    size_t bad = 0;
    int ret = -EINVAL;
    void *area;

    if (count == 0 || count > UINT32_MAX)
        goto report;
    area = reserve(hv, count, prot);
    if (area == MAP_FAILED) {
        ret = -errno;
        goto report;
    }
    ret = fill(hv, area, domid, count, frames, errors, &bad);
    if (ret < 0)
        goto unmap_area;
    return area;

unmap_area:
    munmap(area, count * HV_PAGE_SIZE);
report:
    hv_error_set(err, -ret, call_hint(-ret), "cannot map frame %#" PRIx64 " of domain %" PRIu32 ": %s",
                 count ? frames[bad] : 0, domid, strerror(-ret));
    return NULL;
}

void *hv_foreign_map(struct hv *hv, uint32_t domid, int prot, size_t count, const uint64_t *frames,
                     struct hv_error *err)
{
    int *errors = calloc(count ? count : 1, sizeof(*errors));
    void *area;

    if (!errors) {
        hv_error_set(err, ENOMEM, NULL, "cannot map frames of domain %" PRIu32 ": out of memory", domid);
        return NULL;
    }
    area = foreign_map(hv, domid, prot, count, frames, errors, err);
    free(errors);
    return area;
}

int hv_foreign_unmap(void *address, size_t count)
{
    return munmap(address, count * HV_PAGE_SIZE) < 0 ? -errno : 0;
}

void *hv_resource_map(struct hv *hv, uint32_t domid, unsigned type, unsigned id, uint64_t first_frame,
                      size_t count, int prot, struct hv_error *err)
{
    struct privcmd_map_resource arg = {
        .domid = (uint16_t)domid,
        .type = type,
        .id = id,
        .first = (uint32_t)first_frame,
        .count = count,
    };
    void *area = reserve(hv, count, prot);
    int ret;

    if (area == MAP_FAILED) {
        ret = -errno;
        goto report;
    }
    arg.address = (uintptr_t)area;
    if (ioctl(hv->privcmd, PRIVCMD_MAP_RESOURCE, &arg) < 0) {
        ret = -errno;
        goto unmap_area;
    }
    return area;

unmap_area:
    munmap(area, count * HV_PAGE_SIZE);
report:
    hv_error_set(err, -ret, call_hint(-ret), "cannot map resource %u of domain %" PRIu32 ": %s", type,
                 domid, strerror(-ret));
    return NULL;
}
