/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths as the protocol knows them: "/a/b", relative to the sender's home, or "@special". Everything behind
 * this file works on absolute, valid paths.
 */
#ifndef XENSTORED_PATH_H
#define XENSTORED_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <public/io/xs_wire.h>

/* Room for an absolute path with its NUL. */
#define PATH_BUFFER (XENSTORE_ABS_PATH_MAX + 1)

struct path {
    size_t len;
    size_t home; /* length of the home in front that the sender did not write; 0 for an absolute path */
    char text[PATH_BUFFER];
};

/*
 * Makes an absolute path of what domain `domid` sent. False if it is malformed: empty, too long, a character
 * outside the protocol's set, a double or trailing slash.
 */
bool path_parse(struct path *p, const char *sent, uint16_t domid);

static inline bool path_is_special(const char *path)
{
    return path[0] == '@';
}

/*
 * Steps through an absolute path: returns the component at *at (behind a slash), its length in *len, and
 * moves *at behind it; NULL at the end. Start with *at = path. "/" has no components.
 */
const char *path_component(const char **at, size_t *len);

#endif
