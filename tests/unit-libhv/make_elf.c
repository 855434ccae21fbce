// SPDX-License-Identifier: GPL-2.0-only
//
// See make_elf.h. The file is: header, two program headers, notes at ELF_NOTES, the segment's data at
// ELF_CODE.

#include <string.h>

#include <public/elfnote.h>

#include "make_elf.h"

#define ELF_NOTES 0x400
#define ELF_CODE  0x2000

Elf64_Ehdr *elf_header(struct elf *elf)
{
    return (void *)elf->data;
}

Elf64_Phdr *elf_load(struct elf *elf)
{
    return (void *)(elf->data + sizeof(Elf64_Ehdr));
}

Elf64_Phdr *elf_note(struct elf *elf)
{
    return elf_load(elf) + 1;
}

void elf_start(struct elf *elf)
{
    memset(elf, 0, sizeof(*elf));
    memset(elf->data + ELF_CODE, 0xab, ELF_DATA);
    elf->size = ELF_CODE + ELF_DATA;
    *elf_header(elf) = (Elf64_Ehdr) {
        .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = ELF_VIRT_BASE + ELF_PADDR,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 2,
    };
    *elf_load(elf) = (Elf64_Phdr) {
        .p_type = PT_LOAD,
        .p_offset = ELF_CODE,
        .p_vaddr = ELF_VIRT_BASE + ELF_PADDR,
        .p_paddr = ELF_PADDR,
        .p_filesz = ELF_DATA,
        .p_memsz = ELF_SEGMENT,
    };
    *elf_note(elf) = (Elf64_Phdr) { .p_type = PT_NOTE, .p_offset = ELF_NOTES };
}

void elf_add(struct elf *elf, uint32_t type, const void *desc, size_t size)
{
    Elf64_Nhdr head = { .n_namesz = 4, .n_descsz = (uint32_t)size, .n_type = type };
    unsigned char *at = elf->data + ELF_NOTES + elf->notes;

    memcpy(at, &head, sizeof(head));
    memcpy(at + sizeof(head), "Xen", 4);
    memcpy(at + sizeof(head) + 4, desc, size);
    elf->notes += sizeof(head) + 4 + ((size + 3) & ~(size_t)3);
    elf_note(elf)->p_filesz = elf->notes;
}

void elf_add_number(struct elf *elf, uint32_t type, uint64_t value)
{
    elf_add(elf, type, &value, sizeof(value));
}

void elf_add_text(struct elf *elf, uint32_t type, const char *text)
{
    elf_add(elf, type, text, strlen(text) + 1);
}

void elf_good(struct elf *elf)
{
    static const uint64_t valid[2] = { 1, 1 };
    uint32_t yes = 1, features = 0x8801;

    elf_start(elf);
    elf_add_text(elf, XEN_ELFNOTE_GUEST_OS, "linux");
    elf_add_text(elf, XEN_ELFNOTE_GUEST_VERSION, "2.6");
    elf_add_text(elf, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    elf_add_number(elf, XEN_ELFNOTE_VIRT_BASE, ELF_VIRT_BASE);
    elf_add_number(elf, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    elf_add_number(elf, XEN_ELFNOTE_ENTRY, ELF_VIRT_BASE + ELF_PADDR + 0x10);
    elf_add_text(elf, XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb");
    elf_add(elf, XEN_ELFNOTE_SUPPORTED_FEATURES, &features, sizeof(features));
    elf_add_text(elf, XEN_ELFNOTE_PAE_MODE, "yes");
    elf_add_text(elf, XEN_ELFNOTE_LOADER, "generic");
    elf_add(elf, XEN_ELFNOTE_L1_MFN_VALID, valid, sizeof(valid));
    elf_add(elf, XEN_ELFNOTE_MOD_START_PFN, &yes, sizeof(yes));
    elf_add_number(elf, XEN_ELFNOTE_HYPERCALL_PAGE, ELF_VIRT_BASE + ELF_PADDR + 0x1000);
    elf_add_number(elf, XEN_ELFNOTE_HV_START_LOW, 0xffff800000000000);
    elf_add_number(elf, XEN_ELFNOTE_PADDR_OFFSET, 0);
}
