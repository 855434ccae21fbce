/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What went wrong, in words for a person.
 *
 * An error carries a code (errno), one sentence (what failed, on what, why), and a second one (what to do
 * about it) that may be empty. If it comes from a file, the file and the line are known too.
 */
#ifndef LIBHV_ERROR_H
#define LIBHV_ERROR_H

#include <stddef.h>

struct hv_error {
    int code;          /* positive errno value; 0: no error */
    int line;          /* line in `file`, 0: not from a line */
    char file[256];    /* file the error is in, empty: not from a file */
    char message[512]; /* "cannot open the kernel /boot/vmlinuz: No such file or directory" */
    char hint[256];    /* "check <kernel> in the domain's XML", or empty */
};

/*
 * Fills `err` (may be NULL) and returns -code. `hint` may be NULL. The message is built as by printf; it
 * should name what failed and on what, and it ends without a full stop.
 */
int hv_error_set(struct hv_error *err, int code, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* As hv_error_set(), with the place in a file. `line` 0 means the whole file. */
int hv_error_at(struct hv_error *err, int code, const char *file, int line, const char *hint, const char *fmt,
                ...) __attribute__((format(printf, 6, 7)));

/* Puts text in front of a message that is already there: "domain web: " + message. Returns -err->code. */
int hv_error_prefix(struct hv_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Writes "FILE:LINE: MESSAGE; HINT" (the parts that are there) to `buf`, one line, always terminated, control
 * characters replaced by '?'. Returns buf.
 */
char *hv_error_text(const struct hv_error *err, char *buf, size_t size);

/* Receives warnings: things that were understood, have no meaning here, and were left out. */
typedef void hv_warn_fn(void *opaque, const struct hv_error *warning);

#endif
