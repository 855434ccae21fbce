/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The requests that dom0's Linux takes on /dev/xen/privcmd, evtchn, gntdev and gntalloc.
 *
 * Numbers and layouts are those of Linux's user ABI (xen/privcmd.h, evtchn.h, gntdev.h, gntalloc.h), which is
 * stable. Linux encodes them with direction "none" even where data goes both ways.
 */
#ifndef LIBHV_LINUX_ABI_H
#define LIBHV_LINUX_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>

#define DEV_PRIVCMD   "/dev/xen/privcmd"
#define DEV_HYPERCALL "/dev/xen/hypercall" /* maps memory that a hypercall may point to */
#define DEV_EVTCHN    "/dev/xen/evtchn"
#define DEV_GNTDEV    "/dev/xen/gntdev"
#define DEV_GNTALLOC  "/dev/xen/gntalloc"

#define PRIVCMD_IO(nr, type) _IOC(_IOC_NONE, 'P', nr, sizeof(type))
#define EVTCHN_IO(nr, type)  _IOC(_IOC_NONE, 'E', nr, sizeof(type))
#define GRANT_IO(nr, type)   _IOC(_IOC_NONE, 'G', nr, sizeof(type))

struct privcmd_call {
    uint64_t op;
    uint64_t arg[5];
};
#define PRIVCMD_CALL PRIVCMD_IO(0, struct privcmd_call)

/* Frames of another domain into an area mapped from privcmd before; err[] gets one errno per frame. */
struct privcmd_map_batch {
    uint32_t count;
    uint16_t domid;
    uint64_t address;
    const uint64_t *frames;
    int *errors;
};
#define PRIVCMD_MAP_BATCH PRIVCMD_IO(4, struct privcmd_map_batch)

struct privcmd_map_resource {
    uint16_t domid;
    uint32_t type, id, first;
    uint64_t count;
    uint64_t address;
};
#define PRIVCMD_MAP_RESOURCE PRIVCMD_IO(7, struct privcmd_map_resource)

/* evtchn: each request's argument begins with one word, interdomain's has two. */
struct evtchn_one {
    uint32_t value;
};
struct evtchn_two {
    uint32_t domid;
    uint32_t port;
};
#define EVTCHN_BIND_VIRQ        EVTCHN_IO(0, struct evtchn_one)
#define EVTCHN_BIND_INTERDOMAIN EVTCHN_IO(1, struct evtchn_two)
#define EVTCHN_BIND_UNBOUND     EVTCHN_IO(2, struct evtchn_one)
#define EVTCHN_UNBIND           EVTCHN_IO(3, struct evtchn_one)
#define EVTCHN_NOTIFY           EVTCHN_IO(4, struct evtchn_one)

struct gntdev_ref {
    uint32_t domid;
    uint32_t ref;
};
/* The array has one element in the request's number, whatever its length. */
struct gntdev_map {
    uint32_t count;
    uint32_t pad;
    uint64_t index; /* out: offset for mmap */
    struct gntdev_ref refs[1];
};
struct gntdev_unmap {
    uint64_t index;
    uint32_t count;
    uint32_t pad;
};
struct gntdev_offset {
    uint64_t address;
    uint64_t offset; /* out */
    uint32_t count;  /* out */
    uint32_t pad;
};
struct grant_notify {
    uint64_t index; /* offset for mmap plus the byte within the area */
    uint32_t action;
    uint32_t port;
};
#define GRANT_NOTIFY_CLEAR_BYTE 1U
#define GRANT_NOTIFY_SEND_EVENT 2U
#define GNTDEV_MAP          GRANT_IO(0, struct gntdev_map)
#define GNTDEV_UNMAP        GRANT_IO(1, struct gntdev_unmap)
#define GNTDEV_OFFSET       GRANT_IO(2, struct gntdev_offset)
#define GNTDEV_NOTIFY       GRANT_IO(7, struct grant_notify)

struct gntalloc_alloc {
    uint16_t domid;
    uint16_t flags;
    uint32_t count;
    uint64_t index; /* out: offset for mmap */
    uint32_t refs[1];
};
struct gntalloc_free {
    uint64_t index;
    uint32_t count;
};
#define GNTALLOC_WRITABLE 1U
#define GNTALLOC_ALLOC GRANT_IO(5, struct gntalloc_alloc)
#define GNTALLOC_FREE  GRANT_IO(6, struct gntalloc_free)

#endif
