/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading XML: where messages go, and finding elements, attributes and text.
 */
#ifndef LIBHV_SRC_CONFIG_READER_H
#define LIBHV_SRC_CONFIG_READER_H

#include <stdbool.h>

#include <libxml/tree.h>

#include <libhv/config.h>

struct reader {
    const char *file; /* as messages call it */
    hv_warn_fn *warn;
    void *opaque;
    struct hv_error *err;
};

/* An error at a node's line. Always returns -EINVAL. */
int reader_error(struct reader *r, const xmlNode *node, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void reader_warn(struct reader *r, const xmlNode *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int reader_no_memory(struct reader *r);

int reader_line(const xmlNode *node);

/*
 * The next sibling from `node` on (itself included) that is an element of this name and no namespace; or
 * NULL.
 */
const xmlNode *reader_element(const xmlNode *node, const char *name);
/* The first child element of this name; or NULL. `parent` may be NULL. */
const xmlNode *reader_child(const xmlNode *parent, const char *name);
/* The same in hv's namespace. */
const xmlNode *reader_own_child(const xmlNode *parent, const char *name);

/* An attribute's value, or NULL. malloc'ed; `node` may be NULL. */
char *reader_attribute(const xmlNode *node, const char *name);
/* An element's text without white space at both ends. malloc'ed; NULL if the memory is short. */
char *reader_text(const xmlNode *node);

/* An unsigned decimal number in [low, high], from a text that is nothing else. False if not. */
bool reader_number(const char *text, unsigned long long low, unsigned long long high,
                   unsigned long long *value);

#endif
