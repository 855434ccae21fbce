/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes small ELF kernels for tests: one segment, and notes that the test chooses.
 */
#ifndef TESTS_UNIT_LIBHV_MAKE_ELF_H
#define TESTS_UNIT_LIBHV_MAKE_ELF_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_VIRT_BASE 0xffffffff80000000ULL
#define ELF_PADDR     0x100000ULL /* of the segment */
#define ELF_SEGMENT   0x3000ULL   /* its bytes in memory */
#define ELF_DATA      0x1000ULL   /* and in the file */

struct elf {
    unsigned char data[16384];
    size_t size;
    size_t notes; /* bytes of notes, which begin at ELF_NOTES */
};

/* Header, a PT_LOAD and a PT_NOTE without notes yet. Change fields through the pointers below. */
void elf_start(struct elf *elf);
Elf64_Ehdr *elf_header(struct elf *elf);
Elf64_Phdr *elf_load(struct elf *elf);
Elf64_Phdr *elf_note(struct elf *elf);

/* Adds a note of owner "Xen". */
void elf_add(struct elf *elf, uint32_t type, const void *desc, size_t size);
void elf_add_number(struct elf *elf, uint32_t type, uint64_t value);
void elf_add_text(struct elf *elf, uint32_t type, const char *text);

/* A kernel that is accepted: with the notes that Linux has. */
void elf_good(struct elf *elf);

#endif
