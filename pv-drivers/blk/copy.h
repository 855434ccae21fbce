/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copying blocks: whole words at a time, which is as fast as bytes where the CPU has fast strings, and eight
 * times faster where it has not, or is emulated.
 */
#ifndef HV_BLK_COPY_H
#define HV_BLK_COPY_H

/* bytes is a multiple of 8: block data come in sectors. */
static inline void blk_copy(void *to, const void *from, unsigned long bytes)
{
    unsigned long words = bytes / 8;

    asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

#endif
