/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Front-end and back-end folders, and waiting for dom0's kernel. It announces neither that it has opened a
 * disk nor that it has let go of one, so both are read from sysfs, at short and growing intervals.
 */
#include "backend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <public/io/xenbus.h>

#include "image.h"
#include "loop.h"

/*
 * Bounds of what is otherwise a wait for an event. dom0's kernel needs milliseconds, and minutes when many emulated
 * guests share a busy machine; a driver that is missing altogether is seen at once. hvctl(1) names them.
 */
#define SERVED_SECONDS 120
#define GONE_SECONDS   120
#define CLOSE_SECONDS  30
#define FORCE_SECONDS  10   /* for a guest that is asked, and not waited for if it does not answer */

char *device_backend(const struct device *device, char *buf)
{
    snprintf(buf, STORE_PATH_MAX, "/local/domain/0/backend/%s/%u/%u", device->kind, device->domid,
             device->number);
    return buf;
}

char *device_frontend(const struct device *device, char *buf)
{
    snprintf(buf, STORE_PATH_MAX, "/local/domain/%u/device/%s/%u", device->domid, device->kind,
             device->number);
    return buf;
}

void device_nodes(struct store_batch *batch, const struct device *device, const char *driver)
{
    const char *choice = hv_driver_choice(driver);
    char back[STORE_PATH_MAX], front[STORE_PATH_MAX], domid[16], state[16];

    device_backend(device, back);
    device_frontend(device, front);
    snprintf(domid, sizeof(domid), "%u", device->domid);
    snprintf(state, sizeof(state), "%d", XenbusStateInitialising);

    store_batch_node(batch, device->domid, STORE_GUEST_OWN, "%s", front);
    store_batch_write(batch, back, "%s/backend", front);
    store_batch_write(batch, "0", "%s/backend-id", front);
    store_batch_write(batch, state, "%s/state", front);
    store_batch_node(batch, device->domid, STORE_GUEST_READ, "%s", back);
    store_batch_write(batch, front, "%s/frontend", back);
    store_batch_write(batch, domid, "%s/frontend-id", back);
    store_batch_write(batch, "1", "%s/online", back);
    store_batch_write(batch, state, "%s/state", back);
    /* Whose drivers the device is for, on both sides: docs/pv-drivers.md. */
    if (!choice)
        choice = hv_driver_choice(getenv("HVCTL_BACKEND"));
    if (choice)
        store_batch_write(batch, choice, "%s/driver", back);
}

/* A loop device of ours is one that is served from another source; one that the user has made is not ours to wait for. */
static void note_loop(struct xs_handle *xs, struct device *device)
{
    char path[STORE_PATH_MAX], *node, *source;

    device_backend(device, path);
    node = store_read(xs, "%s/params", path);
    source = store_read(xs, "%s/source", path);
    if (node && source && strcmp(node, source) && loop_file(node, device->file, sizeof(device->file)))
        snprintf(device->loop, sizeof(device->loop), "%s", node);
    free(node);
    free(source);
}

/* What dom0's kernel has complained of, and the domain's folder of complaints when this was the last of a kind. */
static int forget_complaint(struct xs_handle *xs, const struct device *device, struct hv_error *err)
{
    unsigned others;
    int ret = store_remove(xs, err, "/local/domain/0/error/backend/%s/%u/%u", device->kind, device->domid,
                           device->number);

    if (ret)
        return ret;
    free(store_list(xs, &others, "/local/domain/0/error/backend/%s/%u", device->kind, device->domid));
    return others ? 0 : store_remove(xs, err, "/local/domain/0/error/backend/%s/%u", device->kind, device->domid);
}

int device_remove(struct xs_handle *xs, struct device *device, struct hv_error *err)
{
    char path[STORE_PATH_MAX];
    int ret;

    note_loop(xs, device);
    ret = store_remove(xs, err, "%s", device_backend(device, path));
    if (!ret)
        ret = forget_complaint(xs, device, err);
    return ret ? ret : store_remove(xs, err, "%s", device_frontend(device, path));
}

struct patience {
    struct timespec end;
    long pause_ns;
};

static struct patience patience_of(unsigned seconds)
{
    struct patience p = { .pause_ns = 500 * 1000 };

    clock_gettime(CLOCK_MONOTONIC, &p.end);
    p.end.tv_sec += seconds;
    return p;
}

/* Sleeps a little, longer each time. False when the time is up. */
static bool patience_left(struct patience *p)
{
    struct timespec now, pause = { .tv_nsec = p->pause_ns };

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec > p->end.tv_sec || (now.tv_sec == p->end.tv_sec && now.tv_nsec >= p->end.tv_nsec))
        return false;
    nanosleep(&pause, NULL);
    if (p->pause_ns < 20 * 1000 * 1000)
        p->pause_ns *= 2;
    return true;
}

static void sysfs_path(const struct device *device, char *buf, size_t size)
{
    snprintf(buf, size, "/sys/bus/xen-backend/devices/%s-%u-%u", device->kind, device->domid, device->number);
}

/* Linux's back-ends are named by what they serve, hv's own (pv-drivers/) by what they are. */
static const struct {
    const char *kind, *drivers[2], *hint;
} back_ends[] = {
    { "vbd", { "vbd", "hv-blkback" }, "modprobe xen-blkback" },
    { "vif", { "vif", "hv-netback" }, "modprobe xen-netback" },
};

/* Nobody will ever serve a device whose driver dom0 has not loaded. */
static int check_driver(const struct device *device, const char *what, struct hv_error *err)
{
    const char *hint = NULL;

    for (size_t i = 0; i < sizeof(back_ends) / sizeof(back_ends[0]); i++) {
        if (strcmp(device->kind, back_ends[i].kind))
            continue;
        hint = back_ends[i].hint;
        for (size_t j = 0; j < 2; j++) {
            char path[128];

            snprintf(path, sizeof(path), "/sys/bus/xen-backend/drivers/%s", back_ends[i].drivers[j]);
            if (!access(path, F_OK))
                return 0;
        }
    }
    return hv_error_set(err, ENODEV, hint, "dom0's kernel has no driver for %s", what);
}

/* Linux writes down that a driver does not want a device even when the next one takes it: then this is no complaint. */
static bool declined(const char *complaint)
{
    char declines[32];

    snprintf(declines, sizeof(declines), "%d xenbus_dev_probe", ENODEV);
    return !strncmp(complaint, declines, strlen(declines));
}

int device_wait_served(struct tools *tools, const struct device *device, const char *file, const char *what,
                       struct hv_error *err)
{
    struct patience patience = patience_of(SERVED_SECONDS);
    char folder[128], path[256];
    int ret = check_driver(device, what, err);

    if (ret < 0)
        return ret;
    sysfs_path(device, folder, sizeof(folder));
    snprintf(path, sizeof(path), "%s%s%s", file[0] == '/' ? "" : folder, file[0] == '/' ? "" : "/", file);
    do {
        char *complaint;

        if (!access(path, F_OK))
            return 0;
        complaint = store_read(tools->xs, "/local/domain/0/error/backend/%s/%u/%u/error", device->kind,
                               device->domid, device->number);
        if (complaint && !declined(complaint)) {
            hv_error_set(err, EIO, "see dom0's kernel log", "dom0's kernel refuses %s: %s", what, complaint);
            free(complaint);
            return -EIO;
        }
        free(complaint);
    } while (patience_left(&patience));
    return hv_error_set(err, ETIMEDOUT, "see dom0's kernel log", "dom0's kernel does not serve %s after %d s", what,
                        SERVED_SECONDS);
}

/* Not if another process has got the same loop device meanwhile, for another file. */
static bool holds_loop(const struct device *device)
{
    char file[sizeof(device->file)];

    return device->loop[0] && loop_file(device->loop, file, sizeof(file)) && !strcmp(file, device->file);
}

int device_wait_gone(const struct device *device, struct hv_error *err)
{
    struct patience patience = patience_of(GONE_SECONDS);
    char folder[128];
    bool there;

    sysfs_path(device, folder, sizeof(folder));
    do {
        there = !access(folder, F_OK);
        if (!there && !holds_loop(device))
            return strcmp(device->kind, "vbd") ? 0 : image_end(device->domid, device->number, true, err);
    } while (patience_left(&patience));
    if (there)
        return hv_error_set(err, ETIMEDOUT, "see dom0's kernel log",
                            "dom0's kernel does not let go of %s %u of domain %u after %d s", device->kind,
                            device->number, device->domid, GONE_SECONDS);
    return hv_error_set(err, ETIMEDOUT, "stop who uses it in dom0 (umount, losetup -d)",
                        "domain %u is off, but %s still serves its disk after %d s", device->domid, device->loop,
                        GONE_SECONDS);
}

/* Whether the front-end uses the device, so that requests of its may be under way. */
static bool in_use(struct tools *tools, const struct device *device)
{
    char front[STORE_PATH_MAX];
    uint64_t state;

    return store_read_number(tools->xs, &state, "%s/state", device_frontend(device, front)) &&
           state == XenbusStateConnected;
}

int device_close(struct tools *tools, const struct device *device, bool force, struct hv_error *err)
{
    struct patience patience = patience_of(force ? FORCE_SECONDS : CLOSE_SECONDS);
    struct store_batch batch = { 0 };
    char back[STORE_PATH_MAX], state[16];
    int ret;

    if (force && !in_use(tools, device))
        return 0;
    device_backend(device, back);
    snprintf(state, sizeof(state), "%d", XenbusStateClosing);
    store_batch_write(&batch, "0", "%s/online", back);
    store_batch_write(&batch, state, "%s/state", back);
    ret = store_batch_commit(&batch, tools->xs, err);
    if (ret < 0)
        return ret;
    do {
        uint64_t now;

        if (!store_read_number(tools->xs, &now, "%s/state", back) || now == XenbusStateClosed)
            return 0;
    } while (patience_left(&patience));
    if (force)
        return 0;
    return hv_error_set(err, EBUSY,
                        "free it in the guest (umount, swapoff, ip link set down), or use --force",
                        "the guest has not given back %s %u after %d s", device->kind, device->number,
                        CLOSE_SECONDS);
}

unsigned device_list(struct xs_handle *xs, const char *kind, unsigned domid, unsigned **numbers)
{
    unsigned count, used = 0;
    char **names = store_list(xs, &count, "/local/domain/0/backend/%s/%u", kind, domid);

    *numbers = calloc(count + 1, sizeof(**numbers));
    for (unsigned i = 0; *numbers && i < count; i++)
        if (names[i][0] && strspn(names[i], "0123456789") == strlen(names[i]))
            (*numbers)[used++] = (unsigned)strtoul(names[i], NULL, 10);
    free(names);
    return used;
}
