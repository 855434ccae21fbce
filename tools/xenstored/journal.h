/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file that lets the daemon be killed at any instruction and lose nothing.
 *
 * It is a list of records mapped into memory, with the length of the valid part in its head. A record is
 * copied behind that part and becomes valid when journal_commit() stores the new length: one aligned 8-byte
 * store, after the bytes it covers. Memory of a shared file mapping survives the process, so no system call
 * is needed. (The machine going down is another matter: the store starts empty then, as its domains are gone,
 * and the boot id in the head tells.)
 *
 * The daemon commits before anything becomes visible outside: before a reply or event is sent and before a
 * ring's consumer index moves. What is visible is therefore always in the file.
 *
 * When the file has grown far beyond what it describes, the daemon writes a new one beside it and renames it
 * over the old.
 */
#ifndef XENSTORED_JOURNAL_H
#define XENSTORED_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct journal {
    char *path;
    int lock; /* held as long as the journal is open */
    int fd;
    char *map;
    size_t mapped;
    size_t tail;  /* end of what is written */
    size_t fresh; /* tail when the file was last rewritten */
    uint64_t epoch;
    unsigned int retry; /* commits since it failed */
    bool failed;  /* the file system is full: nothing is kept until a rewrite succeeds */
};

struct journal_record {
    uint32_t type;
    uint32_t len;
    const char *data;
};

/*
 * Opens the journal at `path`, or makes one, and takes its lock. *epoch is how often it was opened since the
 * machine booted, 1 for a new one. Returns 0 or -errno; -EBUSY if another daemon has it.
 */
int journal_open(struct journal *j, const char *path, uint64_t *epoch);

void journal_close(struct journal *j);

/* Steps through the committed records, *at starting at 0. False at the end or at a damaged record. */
bool journal_next(const struct journal *j, size_t *at, struct journal_record *r);

/* Appends a record of the parts' bytes. Not valid before journal_commit(). */
void journal_append(struct journal *j, uint32_t type, const struct iovec *part, int parts);

/* Makes everything appended so far valid. */
void journal_commit(struct journal *j);

/* Whether it is time to rewrite the journal. */
bool journal_is_long(struct journal *j);

/*
 * Rewrites: journal_rewrite_begin() turns `j` to a new file, to which the caller appends its whole state;
 * journal_rewrite_end() puts it in the old one's place. On
 * failure nothing is kept until a later rewrite succeeds, and the log says so.
 */
void journal_rewrite_begin(struct journal *j);
void journal_rewrite_end(struct journal *j);

#endif
