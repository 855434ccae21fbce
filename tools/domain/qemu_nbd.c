/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting qemu-nbd, and finding those that run.
 *
 * Why it, and not qemu-storage-daemon: it is of the small package qemu-utils, which also has what makes images, takes its image on
 * the command line, and ends with its client.
 */
#include "qemu_nbd.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libhv/config.h>

#include "loop.h"
#include "spawn.h"

#define PROGRAM "qemu-nbd"
#define COMMAND_MAX 8192
#define SAID_MAX 1024

static bool is_installed(void)
{
    const char *path = getenv("PATH");
    char file[PATH_MAX];

    for (path = path ? path : "/usr/bin"; *path; path += strcspn(path, ":"), path += *path == ':') {
        snprintf(file, sizeof(file), "%.*s/" PROGRAM, (int)strcspn(path, ":"), path);
        if (!access(file, X_OK))
            return true;
    }
    return false;
}

int qemu_nbd_check(const struct hv_disk *disk, const char *file, struct hv_error *err)
{
    char magic[4] = "";
    int fd = open(disk->source, O_RDONLY | O_CLOEXEC);
    bool good;

    if (fd < 0)
        return hv_error_at(err, errno, file, disk->line, NULL, "cannot open the image %s: %s", disk->source,
                           strerror(errno));
    good = read(fd, magic, sizeof(magic)) == sizeof(magic) && !memcmp(magic, "QFI\xfb", sizeof(magic));
    close(fd);
    if (!good)
        return hv_error_at(err, EINVAL, file, disk->line, "leave out type='qcow2', or convert it (qemu-img convert)",
                           "%s is not a qcow2 image", disk->source);
    if (!is_installed())
        return hv_error_at(err, ENOENT, file, disk->line, "install the package qemu-utils",
                           "there is no program " PROGRAM " to serve the image %s", disk->source);
    return 0;
}

/* The first line of what it said, without its own name. */
static const char *first_line(char *said)
{
    said[strcspn(said, "\n")] = '\0';
    return strncmp(said, PROGRAM ": ", strlen(PROGRAM ": ")) ? said : said + strlen(PROGRAM ": ");
}

/* Its command line, arguments separated by NULs; the length, 0 if there is none (any more). */
static size_t command_of(const char *pid, char command[COMMAND_MAX])
{
    char path[64];
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%.16s/cmdline", pid);
    file = fopen(path, "re");
    if (!file)
        return 0;
    length = fread(command, 1, COMMAND_MAX - 1, file);
    command[length] = '\0';
    fclose(file);
    return length;
}

static bool serves(const char *pid, const char *option)
{
    char command[COMMAND_MAX];
    size_t length = command_of(pid, command), name = strnlen(command, COMMAND_MAX);

    if (!length || name < strlen(PROGRAM) || strcmp(command + name - strlen(PROGRAM), PROGRAM))
        return false;
    for (size_t at = 0; at < length; at += strlen(command + at) + 1)
        if (!strcmp(command + at, option))
            return true;
    return false;
}

/* Calls `each` for the process id of each one that serves the socket, until it returns true; returns how many there were. */
static unsigned for_each(const char *socket, bool (*each)(const char *pid, void *opaque), void *opaque)
{
    char option[PATH_MAX + 16];
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    unsigned count = 0;

    snprintf(option, sizeof(option), "--socket=%s", socket);
    while (dir && (entry = readdir(dir))) {
        if (!isdigit((unsigned char)entry->d_name[0]) || !serves(entry->d_name, option))
            continue;
        count++;
        if (each(entry->d_name, opaque))
            break;
    }
    if (dir)
        closedir(dir);
    return count;
}

static bool send_signal(const char *pid, void *number)
{
    if (*(int *)number)
        kill((pid_t)atoi(pid), *(int *)number);
    return false;
}

unsigned qemu_nbd_signal(const char *socket, int signal)
{
    return for_each(socket, send_signal, &signal);
}

/* Which file of its image a loop device may write to: true and the names if there is one. */
struct clash {
    char device[32], file[PATH_MAX];
};

static bool find_clash(const char *pid, void *opaque)
{
    struct clash *clash = opaque;
    char folder[64], path[128];
    struct dirent *entry;
    bool found = false, writes;
    ssize_t length;
    struct stat st;
    DIR *dir;

    snprintf(folder, sizeof(folder), "/proc/%.16s/fd", pid);
    dir = opendir(folder);
    while (dir && !found && (entry = readdir(dir))) {
        snprintf(path, sizeof(path), "%s/%.16s", folder, entry->d_name);
        if (stat(path, &st) || !S_ISREG(st.st_mode) ||
            !loop_serving(st.st_dev, st.st_ino, clash->device, &writes) || !writes)
            continue;
        found = true;
        length = readlink(path, clash->file, sizeof(clash->file) - 1);
        clash->file[length < 0 ? 0 : length] = '\0';
    }
    if (dir)
        closedir(dir);
    return found;
}

int qemu_nbd_start(const struct hv_disk *disk, const char *socket, struct hv_error *err)
{
    char option[PATH_MAX + 16], said[SAID_MAX];
    char *argv[] = { PROGRAM,
                     "--fork",
                     option,
                     "--format=qcow2",
                     "--discard=unmap",
                     disk->readonly ? "--read-only" : "--",
                     disk->source,
                     NULL };
    bool locked;
    struct clash clash = { "", "" };
    int status;

    snprintf(option, sizeof(option), "--socket=%s", socket);
    status = spawn_wait(argv, said, sizeof(said));
    if (status < 0)
        return hv_error_set(err, -status, "install the package qemu-utils", "cannot run " PROGRAM ": %s",
                            strerror(-status));
    locked = strstr(said, " lock");
    if (status)
        return hv_error_set(err, locked ? EBUSY : EIO,
                            locked ? "stop who uses it, or give each guest an image of its own that is based on it" : NULL,
                            "cannot serve the image %s: %s", disk->source,
                            said[0] ? first_line(said) : PROGRAM " failed");
    for_each(socket, find_clash, &clash);
    if (clash.file[0])
        return hv_error_set(err, EBUSY, "stop who uses it, or make that disk <readonly/>",
                            "the image %s is based on %s, which %s may write to", disk->source, clash.file,
                            clash.device);
    return 0;
}

/*
 * QEMU's programs hold locks on single bytes of what they have open: 100 + n for what they do, 200 + n for what others must
 * not, n being 1 for writing (docs/devel of QEMU: "image locking").
 */
#define LOCK_WRITES       101
#define LOCK_NOBODY_WRITES 201

static bool is_locked(int fd, off_t byte)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

    return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

bool qemu_has_locked(const char *path, bool readonly)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool locked;

    if (fd < 0)
        return false;
    locked = is_locked(fd, LOCK_WRITES) || (!readonly && is_locked(fd, LOCK_NOBODY_WRITES));
    close(fd);
    return locked;
}
