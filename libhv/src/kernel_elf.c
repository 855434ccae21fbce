/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From an ELF file in memory to struct hv_kernel.
 *
 * Nothing in the file is trusted: headers are copied out before use (they may be unaligned), every range is
 * checked against the file's size without arithmetic that can wrap, and addresses are checked before they are
 * compared.
 */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <public/elfnote.h>
#include <public/features.h>

#include "handle.h"
#include "kernel_sections.h"

#define PHDRS_MAX 64
#define MEMORY_MAX (1ULL << 40) /* a kernel that wants more pseudo-physical space than 1 TiB is corrupt */

/* What passes for a PV kernel must at least say where it runs or where it begins. */
#define PV_NOTES (1U << XEN_ELFNOTE_ENTRY | 1U << XEN_ELFNOTE_VIRT_BASE)

/* Features that a PV guest of this builder never gets, so a kernel that insists on them cannot run. */
#define IMPOSSIBLE_FEATURES (1U << XENFEAT_auto_translated_physmap | 1U << XENFEAT_supervisor_mode_kernel)

static int refuse(struct hv_error *err, const char *name, const char *why)
{
    return hv_error_set(err, ENOEXEC,
                        "the kernel must be an x86-64 Linux with CONFIG_XEN_PV, or another PV kernel",
                        "cannot use the kernel %s: %s", name, why);
}

static bool in_file(size_t size, uint64_t offset, uint64_t length)
{
    return offset <= size && length <= size - offset;
}

static const char *check_header(const unsigned char *data, size_t size, Elf64_Ehdr *head)
{
    if (size < sizeof(*head))
        return "it is too short";
    memcpy(head, data, sizeof(*head));
    if (memcmp(head->e_ident, ELFMAG, SELFMAG))
        return "it is not an ELF file";
    if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB ||
        head->e_machine != EM_X86_64)
        return "it is not for x86-64";
    if (head->e_type != ET_EXEC && head->e_type != ET_DYN)
        return "it is not an executable";
    if (head->e_phentsize != sizeof(Elf64_Phdr) || head->e_phnum == 0 || head->e_phnum > PHDRS_MAX ||
        !in_file(size, head->e_phoff, (uint64_t)head->e_phnum * sizeof(Elf64_Phdr)))
        return "its program headers are corrupt";
    return NULL;
}

static const char *add_segment(struct hv_kernel *kernel, const Elf64_Phdr *phdr)
{
    if (phdr->p_memsz == 0)
        return NULL;
    if (!in_file(kernel->size, phdr->p_offset, phdr->p_filesz) || phdr->p_filesz > phdr->p_memsz)
        return "a segment is outside of the file (is the file truncated?)";
    if (phdr->p_memsz > MEMORY_MAX || phdr->p_paddr > UINT64_MAX - phdr->p_memsz)
        return "a segment's address is corrupt";
    if (kernel->segments == sizeof(kernel->segment) / sizeof(kernel->segment[0]))
        return "it has too many segments";
    kernel->segment[kernel->segments++] = (struct hv_segment) {
        .offset = phdr->p_offset,
        .filesz = phdr->p_filesz,
        .vaddr = phdr->p_vaddr,
        .paddr = phdr->p_paddr,
        .memsz = phdr->p_memsz,
    };
    return NULL;
}

static const char *read_program_headers(struct hv_kernel *kernel, const Elf64_Ehdr *head,
                                        struct kernel_notes *notes)
{
    for (unsigned i = 0; i < head->e_phnum; i++) {
        const char *why = NULL;
        Elf64_Phdr phdr;

        memcpy(&phdr, kernel->data + head->e_phoff + i * sizeof(phdr), sizeof(phdr));
        if (phdr.p_type == PT_LOAD)
            why = add_segment(kernel, &phdr);
        else if (phdr.p_type == PT_NOTE &&
                 (!in_file(kernel->size, phdr.p_offset, phdr.p_filesz) ||
                  !kernel_notes_read(kernel->data + phdr.p_offset, phdr.p_filesz, kernel, notes)))
            why = "its notes are corrupt";
        if (why)
            return why;
    }
    return kernel->segments ? NULL : "it has nothing to load";
}

static const char *check_notes(const struct hv_kernel *kernel, const struct kernel_notes *notes)
{
    if (!notes->seen)
        return "it has no Xen notes, so it is not a PV kernel";
    if (!(notes->seen & PV_NOTES))
        return "its notes are those of a kernel without PV support";
    if (kernel->loader[0] && strcmp(kernel->loader, "generic"))
        return "it wants a loader other than \"generic\"";
    if (kernel->xen_version[0] && strcmp(kernel->xen_version, "xen-3.0"))
        return "it is for an ABI other than \"xen-3.0\"";
    if (kernel->required_features & IMPOSSIBLE_FEATURES)
        return "it requires a feature that PV guests do not have";
    return notes->bad_mode ? "it is not a 64-bit kernel" : NULL;
}

/*
 * Segments are placed by their physical address: it lies `paddr_offset` above the pseudo-physical one, and
 * pseudo- physical zero is mapped at virt_base. (Linux's per-CPU segment has a virtual address of 0 and a
 * true physical one.)
 */
static const char *place_segments(struct hv_kernel *kernel)
{
    uint64_t low = UINT64_MAX, high = 0;

    for (unsigned i = 0; i < kernel->segments; i++) {
        struct hv_segment *segment = &kernel->segment[i];
        uint64_t start;

        if (segment->paddr < kernel->paddr_offset)
            return "a segment lies below its PADDR_OFFSET";
        start = segment->paddr - kernel->paddr_offset;
        if (start > MEMORY_MAX - segment->memsz)
            return "a segment's address is corrupt";
        if (start + segment->memsz > UINT64_MAX - kernel->virt_base)
            return "a segment's address wraps around";
        segment->vaddr = kernel->virt_base + start;
        if (segment->vaddr < low)
            low = segment->vaddr;
        if (segment->vaddr + segment->memsz > high)
            high = segment->vaddr + segment->memsz;
    }
    kernel->virt_low = low & ~(HV_PAGE_SIZE - 1);
    kernel->virt_high = high;
    return NULL;
}

static bool segments_overlap(const struct hv_kernel *kernel)
{
    for (unsigned i = 0; i < kernel->segments; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct hv_segment *a = &kernel->segment[i], *b = &kernel->segment[j];

            if (a->vaddr < b->vaddr + b->memsz && b->vaddr < a->vaddr + a->memsz)
                return true;
        }
    return false;
}

static const char *check_addresses(const struct hv_kernel *kernel)
{
    uint64_t page = kernel->hypercall_page;

    if (segments_overlap(kernel))
        return "its segments overlap";
    if (kernel->virt_base % HV_PAGE_SIZE)
        return "its VIRT_BASE is not at a page's start";
    if (kernel->entry < kernel->virt_low || kernel->entry >= kernel->virt_high)
        return "its entry point is outside of it";
    if (page != HV_IMAGE_UNSET &&
        (page % HV_PAGE_SIZE || page < kernel->virt_low || page >= kernel->virt_high))
        return "its hypercall page is outside of it";
    if (kernel->init_p2m != HV_IMAGE_UNSET && kernel->init_p2m % HV_PAGE_SIZE)
        return "its INIT_P2M is not at a page's start";
    return NULL;
}

int hv_kernel_parse(const void *data, size_t size, const char *name, struct hv_kernel *kernel,
                    struct hv_error *err)
{
    struct kernel_notes notes = { 0 };
    const char *why;
    Elf64_Ehdr head;

    memset(kernel, 0, sizeof(*kernel));
    kernel->data = data;
    kernel->size = size;
    kernel_notes_default(kernel);
    why = check_header(data, size, &head);
    if (!why)
        why = read_program_headers(kernel, &head, &notes);
    if (!why && !(notes.seen & PV_NOTES))
        why = kernel_section_notes(kernel, &head, &notes);
    if (!why)
        why = check_notes(kernel, &notes);
    if (why)
        return refuse(err, name, why);

    if (kernel->virt_base == HV_IMAGE_UNSET)
        kernel->virt_base = 0;
    if (kernel->paddr_offset == HV_IMAGE_UNSET)
        kernel->paddr_offset = 0;
    if (kernel->entry == HV_IMAGE_UNSET)
        kernel->entry = head.e_entry;
    kernel_split_segments(kernel, &head);
    why = place_segments(kernel);
    if (!why)
        why = check_addresses(kernel);
    return why ? refuse(err, name, why) : 0;
}
