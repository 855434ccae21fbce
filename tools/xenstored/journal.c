/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The journal file; journal.h says how its consistency is guaranteed.
 *
 * Space is allocated before it is mapped, so a full file system is an error here and not a signal at a store.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc.h"
#include "log.h"

#define JOURNAL_MAGIC "hvstore1"
#define JOURNAL_STEP  (256u << 10) /* the file grows by this */
#define JOURNAL_SLACK (1u << 20)   /* growth that is always allowed before a rewrite */
#define JOURNAL_RETRY 1024        /* commits between attempts to write again */
#define JOURNAL_RECORD_MAX (64u << 20)

struct head {
    char magic[8];
    char boot[40];
    uint64_t epoch;
    uint64_t committed; /* bytes of the file that are valid, the head included */
};

struct record_head {
    uint32_t type, len;
};

static struct head *journal_head(const struct journal *j)
{
    return (struct head *)j->map;
}

static void read_boot_id(char *out, size_t size)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

    if (fd >= 0)
        close(fd);
    memset(out + (n > 0 ? n : 0), 0, size - (n > 0 ? n : 0));
}

static int map_file(struct journal *j, size_t size)
{
    int err = posix_fallocate(j->fd, 0, size);
    void *map;

    if (err)
        return -err;
    map = j->map ? mremap(j->map, j->mapped, size, MREMAP_MAYMOVE)
                 : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    j->map = map;
    j->mapped = size;
    return 0;
}

static void unmap_file(struct journal *j)
{
    if (j->map)
        munmap(j->map, j->mapped);
    if (j->fd >= 0)
        close(j->fd);
    j->map = NULL;
    j->mapped = 0;
    j->fd = -1;
}

/* A new, empty file at `path`, mapped. */
static int create_file(struct journal *j, const char *path, uint64_t epoch)
{
    int err;

    j->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (j->fd < 0)
        return -errno;
    err = map_file(j, JOURNAL_STEP);
    if (err) {
        unmap_file(j);
        return err;
    }
    memcpy(journal_head(j)->magic, JOURNAL_MAGIC, sizeof(journal_head(j)->magic));
    read_boot_id(journal_head(j)->boot, sizeof(journal_head(j)->boot));
    journal_head(j)->epoch = epoch;
    journal_head(j)->committed = sizeof(struct head);
    j->tail = sizeof(struct head);
    j->failed = false;
    return 0;
}

static bool head_is_valid(const struct journal *j, size_t size)
{
    const struct head *h = journal_head(j);
    char boot[sizeof(h->boot)];

    read_boot_id(boot, sizeof(boot));
    return !memcmp(h->magic, JOURNAL_MAGIC, sizeof(h->magic)) && !memcmp(h->boot, boot, sizeof(boot)) &&
           h->committed >= sizeof(*h) && h->committed <= size;
}

/* 0 if there is a file of this boot to go on with, -ENOENT if not. */
static int open_existing(struct journal *j)
{
    off_t size;

    j->fd = open(j->path, O_RDWR | O_CLOEXEC);
    if (j->fd < 0)
        return -errno;
    size = lseek(j->fd, 0, SEEK_END);
    if (size < (off_t)sizeof(struct head) || map_file(j, size) || !head_is_valid(j, size)) {
        unmap_file(j);
        return -ENOENT;
    }
    j->tail = journal_head(j)->committed;
    j->fresh = j->tail;
    return 0;
}

static int take_lock(struct journal *j)
{
    char *name = NULL;
    int err = 0;

    if (asprintf(&name, "%s.lock", j->path) < 0)
        return -ENOMEM;
    j->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(name);
    if (j->lock < 0)
        return -errno;
    if (flock(j->lock, LOCK_EX | LOCK_NB)) {
        err = errno == EWOULDBLOCK ? -EBUSY : -errno;
        close(j->lock);
        j->lock = -1;
    }
    return err;
}

int journal_open(struct journal *j, const char *path, uint64_t *epoch)
{
    int err;

    *j = (struct journal){ .path = alloc_string(path, strlen(path)), .fd = -1, .lock = -1 };
    err = take_lock(j);
    if (err)
        goto free_path;
    if (open_existing(j) == 0) {
        *epoch = j->epoch = ++journal_head(j)->epoch;
        return 0;
    }
    *epoch = j->epoch = 1;
    err = create_file(j, path, *epoch);
    if (err)
        goto unlock;
    j->fresh = j->tail;
    return 0;

unlock:
    close(j->lock);
free_path:
    free(j->path);
    return err;
}

void journal_close(struct journal *j)
{
    unmap_file(j);
    close(j->lock);
    free(j->path);
}

bool journal_next(const struct journal *j, size_t *at, struct journal_record *r)
{
    size_t start = *at ? *at : sizeof(struct head);
    struct record_head h;

    *at = start;
    if (j->tail - start < sizeof(h))
        return false;
    memcpy(&h, j->map + start, sizeof(h));
    if (h.len > j->tail - start - sizeof(h))
        return false;
    *r = (struct journal_record){ .type = h.type, .len = h.len, .data = j->map + start + sizeof(h) };
    *at = start + sizeof(h) + h.len;
    return true;
}

/* A journal with a gap is worse than none; what it took up may be what is missing. */
static void give_up(struct journal *j, int err)
{
    if (!j->failed)
        log_message("cannot write %s: %s: until there is space, a restart would lose everything", j->path,
                    strerror(-err));
    j->failed = true;
    unlink(j->path);
    unmap_file(j);
}

static bool make_room(struct journal *j, size_t bytes)
{
    size_t want = j->tail + bytes;
    int err;

    if (j->failed)
        return false;
    if (want <= j->mapped)
        return true;
    err = bytes > JOURNAL_RECORD_MAX ? -E2BIG : map_file(j, (want / JOURNAL_STEP + 1) * JOURNAL_STEP);
    if (err)
        give_up(j, err);
    return !err;
}

void journal_append(struct journal *j, uint32_t type, const struct iovec *part, int parts)
{
    struct record_head h = { .type = type };

    for (int i = 0; i < parts; i++)
        h.len += part[i].iov_len;
    if (!make_room(j, sizeof(h) + h.len))
        return;
    memcpy(j->map + j->tail, &h, sizeof(h));
    j->tail += sizeof(h);
    for (int i = 0; i < parts; i++) {
        if (part[i].iov_len)
            memcpy(j->map + j->tail, part[i].iov_base, part[i].iov_len);
        j->tail += part[i].iov_len;
    }
}

void journal_commit(struct journal *j)
{
    if (j->map && !j->failed)
        __atomic_store_n(&journal_head(j)->committed, j->tail, __ATOMIC_RELEASE);
}

bool journal_is_long(struct journal *j)
{
    if (j->failed)
        return ++j->retry % JOURNAL_RETRY == 0;
    return j->tail > JOURNAL_SLACK + 4 * j->fresh;
}

static char *new_name(const struct journal *j)
{
    char *name = alloc_zeroed(strlen(j->path) + sizeof(".new"));

    strcpy(name, j->path);
    strcat(name, ".new");
    return name;
}

void journal_rewrite_begin(struct journal *j)
{
    struct journal fresh = *j;
    char *name = new_name(j);
    int err;

    fresh.map = NULL;
    fresh.mapped = 0;
    err = create_file(&fresh, name, j->epoch);
    if (err) {
        unlink(name);
        give_up(j, err);
    } else {
        unmap_file(j);
        *j = fresh;
    }
    free(name);
}

void journal_rewrite_end(struct journal *j)
{
    char *name = new_name(j);

    journal_commit(j);
    if (!j->failed && rename(name, j->path))
        give_up(j, -errno);
    if (j->failed)
        unlink(name);
    else if (j->retry)
        log_message("%s is kept again", j->path);
    if (!j->failed)
        j->retry = 0;
    j->fresh = j->tail;
    free(name);
}
