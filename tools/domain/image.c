/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making and ending the chain behind a disk that is served over a socket.
 */
#include "image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nbd.h"
#include "paths.h"
#include "qemu_nbd.h"

#define PATIENT_SECONDS 5   /* for a back-end to close the device */
#define FLUSH_SECONDS   60  /* for qemu-nbd to write what it holds, before it is killed */
#define GONE_SECONDS    120 /* as for other devices: backend.c */

/* Whose it is: the mark of the kernel's device, the file that says it is there, and qemu-nbd's socket. */
struct chain {
    char mark[NBD_MARK_MAX], file[PATH_MAX], socket[PATH_MAX];
};

static struct chain chain_of(unsigned domid, unsigned number)
{
    struct chain chain;

    snprintf(chain.mark, sizeof(chain.mark), "hv %u-%u", domid, number);
    path_in(PATH_RUN, chain.file, "images/%u-%u", domid, number);
    path_in(PATH_RUN, chain.socket, "images/%u-%u.sock", domid, number);
    return chain;
}

bool image_is_served(const struct hv_disk *disk)
{
    return disk->type == HV_DISK_NETWORK || disk->format != HV_DISK_RAW;
}

static int make_file(const struct chain *chain, struct hv_error *err)
{
    int ret = path_make_parent(chain->file, err), fd;

    if (ret < 0)
        return ret;
    fd = open(chain->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return hv_error_set(err, errno, NULL, "cannot make %s: %s", chain->file, strerror(errno));
    close(fd);
    return 0;
}

/* A socket with the image's, or the export's, server at its other end, and the name to ask it for. */
static int dial(const struct hv_disk *disk, const struct chain *chain, struct hv_nbd *server, struct hv_error *err)
{
    int ret;

    *server = (struct hv_nbd){ .name = "" };
    if (disk->type == HV_DISK_NETWORK) {
        if (hv_nbd_parse(disk->source, server))
            return hv_error_set(err, EINVAL, "write it as nbd://HOST[:PORT]/EXPORT", "%s names no export", disk->source);
        return nbd_dial(server, err);
    }
    ret = qemu_nbd_start(disk, chain->socket, err);
    if (ret < 0)
        return ret;
    ret = nbd_dial_local(chain->socket, err);
    unlink(chain->socket);
    return ret;
}

static int attach(const struct hv_disk *disk, const struct chain *chain, char *node, struct hv_error *err)
{
    struct nbd_export export;
    struct hv_nbd server;
    int sock = dial(disk, chain, &server, err), ret;

    if (sock < 0)
        return sock;
    ret = nbd_handshake(sock, server.name, &export, err);
    if (!ret)
        ret = nbd_attach(sock, &export, disk->readonly, chain->mark, node, err);
    close(sock);
    return ret;
}

int image_open(const struct hv_disk *disk, unsigned domid, char *node, struct hv_error *err)
{
    struct chain chain = chain_of(domid, disk->number);
    int ret = make_file(&chain, err);

    if (ret < 0)
        return ret;
    ret = attach(disk, &chain, node, err);
    if (ret < 0) {
        hv_error_prefix(err, "disk %s: ", disk->target);
        image_end(domid, disk->number, false, NULL);
    }
    return ret;
}

static void pause_briefly(void)
{
    const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

    nanosleep(&pause, NULL);
}

static time_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

int image_end(unsigned domid, unsigned number, bool patient, struct hv_error *err)
{
    struct chain chain = chain_of(domid, number);
    time_t start = now();
    bool attached;
    unsigned servers;

    if (access(chain.file, F_OK))
        return 0;
    while (patient && nbd_is_attached(chain.mark) && now() < start + PATIENT_SECONDS)
        pause_briefly();
    nbd_detach(chain.mark);
    for (start = now();; pause_briefly()) {
        attached = nbd_is_attached(chain.mark);
        /* Again and again, as one that was being started may not have been there the first time. */
        servers = qemu_nbd_signal(chain.socket, now() > start + FLUSH_SECONDS ? SIGKILL : SIGTERM);
        if (!attached && !servers)
            break;
        if (now() > start + GONE_SECONDS)
            return hv_error_set(err, ETIMEDOUT, "stop who uses it in dom0",
                                "domain %u is off, but its disk %u is still %s after %d s", domid, number,
                                attached ? "open" : "served by qemu-nbd", GONE_SECONDS);
    }
    unlink(chain.socket);
    unlink(chain.file);
    return 0;
}

/* Calls `each` with the numbers in the name of each file. */
static void for_each(void (*each)(unsigned domid, unsigned number, void *opaque), void *opaque)
{
    char path[PATH_MAX];
    DIR *dir = opendir(path_in(PATH_RUN, path, "images"));
    struct dirent *entry;
    unsigned domid, number;
    int length;

    while (dir && (entry = readdir(dir))) {
        length = 0;
        if (sscanf(entry->d_name, "%u-%u%n", &domid, &number, &length) == 2 && !entry->d_name[length])
            each(domid, number, opaque);
    }
    if (dir)
        closedir(dir);
}

struct end {
    unsigned domid;
    struct hv_error *err;
    int ret;
};

static void end_one(unsigned domid, unsigned number, void *opaque)
{
    struct end *end = opaque;
    int ret = domid == end->domid ? image_end(domid, number, false, end->ret ? NULL : end->err) : 0;

    end->ret = end->ret ? end->ret : ret;
}

int image_end_all(unsigned domid, struct hv_error *err)
{
    struct end end = { .domid = domid, .err = err };

    for_each(end_one, &end);
    return end.ret;
}

struct domains {
    unsigned *domids, count;
};

static void note_domain(unsigned domid, unsigned number, void *opaque)
{
    struct domains *d = opaque;
    unsigned *grown = realloc(d->domids, (d->count + 1) * sizeof(*grown));

    (void)number;
    if (!grown)
        return;
    d->domids = grown;
    grown[d->count++] = domid;
}

unsigned image_domains(unsigned **domids)
{
    struct domains d = { NULL, 0 };

    for_each(note_domain, &d);
    *domids = d.domids;
    return d.count;
}
