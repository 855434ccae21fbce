/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading the ELF notes of a PV kernel; used by the ELF parser only.
 */
#ifndef LIBHV_SRC_KERNEL_NOTES_H
#define LIBHV_SRC_KERNEL_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include <libhv/image.h>

/* What the notes said, beyond what struct hv_kernel keeps. */
struct kernel_notes {
    unsigned seen;      /* bit n: note n was there */
    bool bad_mode;      /* PAE_MODE other than yes: not a 64-bit kernel's */
};

/* Sets every number of `kernel` that a note may give to what its absence means. */
void kernel_notes_default(struct hv_kernel *kernel);

/*
 * Reads one area of notes, `size` bytes at `area`, into `kernel` and `notes`. Notes of other owners are
 * skipped. Returns false if the area is malformed.
 */
bool kernel_notes_read(const unsigned char *area, size_t size, struct hv_kernel *kernel,
                       struct kernel_notes *notes);

#endif
