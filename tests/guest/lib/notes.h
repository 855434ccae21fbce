/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ELF notes by which a kernel tells a domain builder how to load it. A note is a header of three words, the name
 * "Xen", and a value that is a number or a string; all of it four-byte aligned, and never read by the kernel.
 */
#ifndef NOTES_H
#define NOTES_H

#include <stdint.h>
#include <public/elfnote.h>

#define NOTE_NUMBER(type_, value_) \
    static const struct __attribute__((packed, aligned(4))) { \
        uint32_t name_size, size, type; \
        char name[4]; \
        uint64_t value; \
    } note_##type_ __attribute__((used, aligned(4), section(".note.Xen"))) = { 4, 8, XEN_ELFNOTE_##type_, "Xen", (uint64_t)(value_) }

/* TEXT must be a string literal. */
#define NOTE_STRING(type_, text_) \
    static const struct __attribute__((packed, aligned(4))) { \
        uint32_t name_size, size, type; \
        char name[4]; \
        char value[(sizeof(text_) + 3) & ~3ul]; \
    } note_##type_ __attribute__((used, aligned(4), section(".note.Xen"))) = { 4, sizeof(text_), XEN_ELFNOTE_##type_, "Xen", text_ }

extern char _start[], hypercall_page[];

#define VIRT_BASE 0xffffffff80000000ul

#endif
