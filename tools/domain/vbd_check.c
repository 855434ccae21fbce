/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who uses a disk's source already: a guest, as the store says, or dom0 itself, as the kernel says. Sources
 * are compared by what they are (device and inode), not by name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "limits.h"
#include "loop.h"
#include "qemu_nbd.h"
#include "vbd.h"

static bool same(const struct stat *a, const struct stat *b)
{
    if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode))
        return a->st_rdev == b->st_rdev;
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Does this back-end, of a guest, clash with the disk? `st` is NULL for one that is no file, an export of a server. */
static bool backend_clashes(struct xs_handle *xs, const char *domid, const char *number,
                            const struct hv_disk *disk, const struct stat *st)
{
    const char *base = "/local/domain/0/backend/vbd";
    char *source = store_read(xs, "%s/%s/%s/source", base, domid, number);
    char *mode = store_read(xs, "%s/%s/%s/mode", base, domid, number);
    char *shareable = store_read(xs, "%s/%s/%s/shareable", base, domid, number);
    struct stat other;
    bool writes, clashes;

    if (!source) /* made by another tool stack: a block device at least is comparable */
        source = store_read(xs, "%s/%s/%s/params", base, domid, number);
    writes = !disk->readonly || !mode || mode[0] == 'w';
    clashes = source && writes && !(disk->shareable && shareable) &&
              (st ? !stat(source, &other) && same(st, &other) : !strcmp(source, disk->source));
    free(source);
    free(mode);
    free(shareable);
    return clashes;
}

/* The domain whose disk clashes, as malloc'ed text; NULL if there is none. */
static char *clashing_domain(struct xs_handle *xs, const struct hv_disk *disk, const struct stat *st)
{
    unsigned domains, disks;
    char **domids = store_list(xs, &domains, "/local/domain/0/backend/vbd"), *found = NULL;

    for (unsigned i = 0; i < domains && !found; i++) {
        char **numbers = store_list(xs, &disks, "/local/domain/0/backend/vbd/%s", domids[i]);

        for (unsigned k = 0; k < disks && !found; k++)
            if (backend_clashes(xs, domids[i], numbers[k], disk, st)) {
                found = store_read(xs, "/local/domain/%s/name", domids[i]);
                if (!found)
                    found = strdup(domids[i]);
            }
        free(numbers);
    }
    free(domids);
    return found;
}

/* Mounted by dom0, or held by another of its drivers. */
static int check_dom0_block(const struct hv_disk *disk, const char *file, struct hv_error *err)
{
    int fd = open(disk->source, O_RDONLY | O_EXCL | O_CLOEXEC);

    if (fd < 0 && errno == EBUSY && !disk->shareable)
        return hv_error_at(err, EBUSY, file, disk->line, "unmount it in dom0",
                           "the disk %s is in use by dom0", disk->source);
    if (fd < 0 && errno != EBUSY)
        return hv_error_at(err, errno, file, disk->line, NULL, "cannot open the disk %s: %s", disk->source,
                           strerror(errno));
    if (fd >= 0)
        close(fd);
    return 0;
}

static int check_dom0_file(const struct hv_disk *disk, const struct stat *st, const char *file,
                           struct hv_error *err)
{
    char device[32];
    bool writes;

    if (access(disk->source, disk->readonly ? R_OK : R_OK | W_OK))
        return hv_error_at(err, errno, file, disk->line,
                           disk->readonly ? NULL : "check its mode, or add <readonly/>",
                           "cannot use the image %s: %s", disk->source, strerror(errno));
    if (!disk->shareable && loop_serving(st->st_dev, st->st_ino, device, &writes) &&
        (writes || !disk->readonly))
        return hv_error_at(err, EBUSY, file, disk->line,
                           "unmount it (umount, losetup -d), or stop who uses it",
                           "the image %s is in use by dom0 as %s", disk->source, device);
    if (disk->shareable || !qemu_has_locked(disk->source, disk->readonly))
        return 0;
    return hv_error_at(err, EBUSY, file, disk->line, "stop who uses it, or make the disk <readonly/>",
                       "the image %s is in use: somebody has opened it, or one that is based on it, with QEMU",
                       disk->source);
}

static int clash_error(struct tools *tools, const struct hv_disk *disk, const struct stat *st, const char *file,
                       struct hv_error *err)
{
    char *user = tools->xs ? clashing_domain(tools->xs, disk, st) : NULL;

    if (!user)
        return 0;
    hv_error_at(err, EBUSY, file, disk->line, "stop that domain, or make both disks <readonly/> or <shareable/>",
                "the %s %s is in use by domain %s", disk->type == HV_DISK_FILE ? "image" : "disk", disk->source, user);
    free(user);
    return -EBUSY;
}

int vbd_check(struct tools *tools, const struct hv_disk *disk, const char *file, struct hv_error *err)
{
    bool want_file = disk->type == HV_DISK_FILE;
    struct stat st;
    int ret;

    ret = limits_check_disk(disk, file, err);
    if (ret < 0)
        return ret;
    if (disk->type == HV_DISK_NETWORK)
        return clash_error(tools, disk, NULL, file, err);
    if (stat(disk->source, &st) < 0)
        return hv_error_at(err, errno, file, disk->line, "check <source> in <disk>",
                           "cannot find the %s %s: %s", want_file ? "image" : "disk", disk->source,
                           strerror(errno));
    if (want_file ? !S_ISREG(st.st_mode) : !S_ISBLK(st.st_mode))
        return hv_error_at(err, EINVAL, file, disk->line,
                           want_file ? "use <disk type='block'> for devices"
                                     : "use <disk type='file'> for files",
                           "%s is not a %s", disk->source, want_file ? "regular file" : "block device");
    ret = clash_error(tools, disk, &st, file, err);
    if (ret < 0)
        return ret;
    ret = want_file ? check_dom0_file(disk, &st, file, err) : check_dom0_block(disk, file, err);
    return !ret && image_is_served(disk) ? qemu_nbd_check(disk, file, err) : ret;
}
