/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a PV kernel's ELF file. The file comes from the boot loader and is trusted to mean well, not to be
 * whole: every offset is checked against the file before it is followed.
 *
 * A segment's place in the guest comes from its physical address, not its virtual one: Linux has a
 * segment of per-CPU data at virtual address 0.
 */
#include <arch/kernel_elf.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/string.h>
#include <public/elfnote.h>

#define PT_LOAD 1u
#define PT_NOTE 4u
#define EM_X86_64 62u

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_note {
    uint32_t namesz, descsz, type;
};

static bool in_file(const struct kernel_elf *k, uint64_t offset, uint64_t n)
{
    return offset <= k->size && n <= k->size - offset;
}

static const struct elf_header *header(const struct kernel_elf *k)
{
    return (const struct elf_header *)k->image;
}

static bool segment(const struct kernel_elf *k, unsigned int i, struct elf_segment *s)
{
    const struct elf_header *h = header(k);

    if (i >= h->phnum)
        return false;
    memcpy(s, k->image + h->phoff + (uint64_t)i * h->phentsize, sizeof(*s));
    return true;
}

static int check_header(const struct kernel_elf *k)
{
    static const uint8_t magic[] = { 0x7f, 'E', 'L', 'F', 2 /* 64 bit */, 1 /* little endian */ };
    const struct elf_header *h = header(k);

    if (!in_file(k, 0, sizeof(*h)) || memcmp(h->ident, magic, sizeof(magic)) || h->machine != EM_X86_64) {
        printk(LOG_ERR, "dom0 kernel: not an x86-64 ELF file\n");
        return -EINVAL;
    }
    if (h->phentsize < sizeof(struct elf_segment) || !in_file(k, h->phoff, (uint64_t)h->phnum * h->phentsize)) {
        printk(LOG_ERR, "dom0 kernel: its program headers are outside the file\n");
        return -EINVAL;
    }
    return 0;
}

static uint64_t note_number(const uint8_t *desc, uint32_t size)
{
    uint64_t value = 0;

    memcpy(&value, desc, min(size, (uint32_t)sizeof(value)));
    return value;
}

static void take_note(struct kernel_elf *k, const struct elf_note *n, const uint8_t *desc)
{
    switch (n->type) {
    case XEN_ELFNOTE_ENTRY: k->entry = note_number(desc, n->descsz); break;
    case XEN_ELFNOTE_HYPERCALL_PAGE: k->hypercall_page = note_number(desc, n->descsz); break;
    case XEN_ELFNOTE_VIRT_BASE: k->virt_base = note_number(desc, n->descsz); break;
    case XEN_ELFNOTE_PADDR_OFFSET: k->paddr_offset = note_number(desc, n->descsz); break;
    case XEN_ELFNOTE_INIT_P2M: k->p2m_base = note_number(desc, n->descsz); break;
    case XEN_ELFNOTE_MOD_START_PFN: k->mod_start_pfn = note_number(desc, n->descsz) != 0; break;
    case XEN_ELFNOTE_GUEST_OS:
        memcpy(k->guest_os, desc, min((size_t)n->descsz, sizeof(k->guest_os) - 1));
        break;
    case XEN_ELFNOTE_GUEST_VERSION:
        memcpy(k->guest_version, desc, min((size_t)n->descsz, sizeof(k->guest_version) - 1));
        break;
    }
}

/* Returns how many notes of owner "Xen" there were. */
static unsigned int read_notes(struct kernel_elf *k, uint64_t offset, uint64_t size)
{
    unsigned int found = 0;

    while (size >= sizeof(struct elf_note)) {
        struct elf_note n;
        uint64_t name = sizeof(n), desc, next;

        memcpy(&n, k->image + offset, sizeof(n));
        desc = name + ALIGN_UP((uint64_t)n.namesz, 4);
        next = desc + ALIGN_UP((uint64_t)n.descsz, 4);
        if (desc + n.descsz > size)
            break;
        if (n.namesz == 4 && !memcmp(k->image + offset + name, "Xen", 4)) {
            take_note(k, &n, k->image + offset + desc);
            found++;
        }
        if (next > size)
            break;
        offset += next;
        size -= next;
    }
    return found;
}

int kernel_elf_parse(struct kernel_elf *k, const void *image, size_t size)
{
    uint64_t pstart = UINT64_MAX, pend = 0;
    struct elf_segment s;
    unsigned int notes = 0;

    *k = (struct kernel_elf){ .image = image, .size = size, .virt_base = NOTE_UNSET, .paddr_offset = NOTE_UNSET,
                              .entry = NOTE_UNSET, .hypercall_page = NOTE_UNSET, .p2m_base = NOTE_UNSET };
    if (check_header(k))
        return -EINVAL;
    for (unsigned int i = 0; segment(k, i, &s); i++) {
        if (s.type == PT_NOTE && in_file(k, s.offset, s.filesz))
            notes += read_notes(k, s.offset, s.filesz);
        if (s.type != PT_LOAD || !s.memsz)
            continue;
        if (!in_file(k, s.offset, s.filesz) || s.filesz > s.memsz || s.paddr + s.memsz < s.paddr) {
            printk(LOG_ERR, "dom0 kernel: segment %u is outside the file\n", i);
            return -EINVAL;
        }
        pstart = min(pstart, s.paddr);
        pend = max(pend, s.paddr + s.memsz);
    }
    if (!notes || pend <= pstart) {
        printk(LOG_ERR, "dom0 kernel: no Xen notes, so it is not a PV kernel\n");
        return -EINVAL;
    }
    if (k->entry == NOTE_UNSET)
        k->entry = header(k)->entry;
    if (k->virt_base == NOTE_UNSET)
        k->virt_base = 0;
    if (k->paddr_offset == NOTE_UNSET)
        k->paddr_offset = 0; /* the other default, virt_base, belongs to kernels without notes */
    k->virt_start = pstart - k->paddr_offset + k->virt_base;
    k->virt_end = pend - k->paddr_offset + k->virt_base;
    if (k->virt_start < k->virt_base || k->virt_end < k->virt_start || pstart < k->paddr_offset) {
        printk(LOG_ERR, "dom0 kernel: its segments wrap around the address space\n");
        return -EINVAL;
    }
    return 0;
}

static int load_segment(const struct kernel_elf *k, const struct elf_segment *s,
                        int (*put)(void *arg, uint64_t va, const void *from, size_t n), void *arg)
{
    uint64_t va = s->paddr - k->paddr_offset + k->virt_base;

    for (uint64_t done = 0; done < s->memsz;) {
        uint64_t n = min(s->memsz - done, PAGE_SIZE - ((va + done) & ~PAGE_MASK));
        bool zero = done >= s->filesz;
        int rc;

        if (!zero)
            n = min(n, s->filesz - done);
        rc = put(arg, va + done, zero ? NULL : k->image + s->offset + done, n);
        if (rc)
            return rc;
        done += n;
    }
    return 0;
}

int kernel_elf_load(const struct kernel_elf *k,
                    int (*put)(void *arg, uint64_t va, const void *from, size_t n), void *arg)
{
    struct elf_segment s;
    int rc = 0;

    for (unsigned int i = 0; !rc && segment(k, i, &s); i++)
        if (s.type == PT_LOAD && s.memsz)
            rc = load_segment(k, &s, put, arg);
    return rc;
}
