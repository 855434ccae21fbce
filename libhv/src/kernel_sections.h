/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What section headers add to the program headers; used by the ELF parser only.
 */
#ifndef LIBHV_SRC_KERNEL_SECTIONS_H
#define LIBHV_SRC_KERNEL_SECTIONS_H

#include <elf.h>

#include "kernel_notes.h"

/* Reads notes from sections, for kernels whose program headers name none. NULL, or what is wrong. */
const char *kernel_section_notes(struct hv_kernel *kernel, const Elf64_Ehdr *head,
                                 struct kernel_notes *notes);

/*
 * Splits segments around uninitialised data that takes up space in the file, so that zeroes are not read from
 * it. A segment's vaddr must still be the program header's.
 */
void kernel_split_segments(struct hv_kernel *kernel, const Elf64_Ehdr *head);

#endif
