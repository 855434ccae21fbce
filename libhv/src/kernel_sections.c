/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Section headers of a kernel. They are optional: what is missing or makes no sense is passed over, except
 * that notes once found must be well-formed.
 *
 * Linux's vmlinux has a section with data behind its .bss in the same segment, so the linker has filled the
 * file with 17 MiB of zeroes for .bss. Reading them would be a fifth of the work of building a small guest.
 */
#include "handle.h"
#include "kernel_sections.h"

#include <string.h>

#define SHDRS_MAX 4096
#define SPLIT_MIN (1UL << 20) /* less than this is not worth a segment */

static bool in_file(size_t size, uint64_t offset, uint64_t length)
{
    return offset <= size && length <= size - offset;
}

/* Copies section header `i` out; false at the end, or if there is no sane table. */
static bool get_section(const struct hv_kernel *kernel, const Elf64_Ehdr *head, unsigned i,
                        Elf64_Shdr *section)
{
    if (head->e_shentsize != sizeof(*section) || head->e_shnum > SHDRS_MAX || i >= head->e_shnum ||
        !in_file(kernel->size, head->e_shoff, (uint64_t)head->e_shnum * sizeof(*section)))
        return false;
    memcpy(section, kernel->data + head->e_shoff + i * sizeof(*section), sizeof(*section));
    return true;
}

const char *kernel_section_notes(struct hv_kernel *kernel, const Elf64_Ehdr *head, struct kernel_notes *notes)
{
    Elf64_Shdr section;

    for (unsigned i = 0; get_section(kernel, head, i, &section); i++)
        if (section.sh_type == SHT_NOTE &&
            (!in_file(kernel->size, section.sh_offset, section.sh_size) ||
             !kernel_notes_read(kernel->data + section.sh_offset, section.sh_size, kernel, notes)))
            return "its notes are corrupt";
    return NULL;
}

/* Splits one segment around [start, start + size) of it: before, the zeroes belonging to that; and behind. */
static void split(struct hv_kernel *kernel, unsigned which, uint64_t start, uint64_t size)
{
    struct hv_segment *first = &kernel->segment[which], *rest = &kernel->segment[kernel->segments];
    uint64_t skip = start + size;

    if (kernel->segments == sizeof(kernel->segment) / sizeof(kernel->segment[0]))
        return;
    if (first->memsz > skip) {
        *rest = (struct hv_segment) {
            .offset = first->offset + skip,
            .filesz = first->filesz - skip,
            .vaddr = first->vaddr + skip,
            .paddr = first->paddr + skip,
            .memsz = first->memsz - skip,
        };
        kernel->segments++;
    }
    first->filesz = start;
    first->memsz = skip;
}

void kernel_split_segments(struct hv_kernel *kernel, const Elf64_Ehdr *head)
{
    Elf64_Shdr section;

    for (unsigned i = 0; get_section(kernel, head, i, &section); i++) {
        if (section.sh_type != SHT_NOBITS || !(section.sh_flags & SHF_ALLOC) ||
            (section.sh_flags & SHF_TLS) || section.sh_size < SPLIT_MIN)
            continue;
        for (unsigned j = 0; j < kernel->segments; j++) {
            const struct hv_segment *segment = &kernel->segment[j];
            uint64_t start = section.sh_addr - segment->vaddr;

            if (section.sh_addr >= segment->vaddr && in_file(segment->filesz, start, section.sh_size)) {
                split(kernel, j, start, section.sh_size);
                break;
            }
        }
    }
}
