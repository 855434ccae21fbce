// SPDX-License-Identifier: GPL-2.0-only
//
// Kernel files: what their notes say is understood, and no file, however corrupt, makes the parser read
// outside of it.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <public/elfnote.h>

#include <libhv/image.h>

#include "make_elf.h"
#include "harness.h"

static struct elf elf;
static struct hv_kernel kernel;
static struct hv_error error;

/* From memory of exactly this size, so that ASan sees each byte too many. */
static int parse(size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    int ret;

    memcpy(copy, elf.data, size);
    memset(&error, 0, sizeof(error));
    ret = hv_kernel_parse(copy, size, "test", &kernel, &error);
    free(copy);
    return ret;
}

static void refused(const char *why)
{
    CU_ASSERT_EQUAL(parse(elf.size), -ENOEXEC);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, why));
}

static void good(void)
{
    elf_good(&elf);
    CU_ASSERT_EQUAL_FATAL(parse(elf.size), 0);
    CU_ASSERT_EQUAL(kernel.segments, 1);
    CU_ASSERT_EQUAL(kernel.segment[0].vaddr, ELF_VIRT_BASE + ELF_PADDR);
    CU_ASSERT_EQUAL(kernel.virt_low, ELF_VIRT_BASE + ELF_PADDR);
    CU_ASSERT_EQUAL(kernel.virt_high, ELF_VIRT_BASE + ELF_PADDR + ELF_SEGMENT);
    CU_ASSERT_EQUAL(kernel.entry, ELF_VIRT_BASE + ELF_PADDR + 0x10);
    CU_ASSERT_EQUAL(kernel.hypercall_page, ELF_VIRT_BASE + ELF_PADDR + 0x1000);
    CU_ASSERT_EQUAL(kernel.init_p2m, 0x8000000000);
    CU_ASSERT_EQUAL(kernel.hv_start_low, 0xffff800000000000);
    CU_ASSERT(kernel.mod_start_pfn);
    CU_ASSERT_EQUAL(kernel.supported_features, 0x8801 | 1 << 0 | 1 << 4);
    CU_ASSERT_EQUAL(kernel.required_features, 1);
    CU_ASSERT_STRING_EQUAL(kernel.guest_os, "linux");
}

static void defaults(void)
{
    elf_start(&elf);
    elf_header(&elf)->e_entry = ELF_PADDR + 8;
    elf_load(&elf)->p_vaddr = ELF_PADDR;
    elf_add_number(&elf, XEN_ELFNOTE_VIRT_BASE, 0);
    CU_ASSERT_EQUAL_FATAL(parse(elf.size), 0);
    CU_ASSERT_EQUAL(kernel.virt_base, 0);
    CU_ASSERT_EQUAL(kernel.entry, ELF_PADDR + 8);
    CU_ASSERT_EQUAL(kernel.hypercall_page, HV_IMAGE_UNSET);
    CU_ASSERT_EQUAL(kernel.init_p2m, HV_IMAGE_UNSET);
    CU_ASSERT_EQUAL(kernel.l1_mfn_valid_mask, 1);
    CU_ASSERT(!kernel.mod_start_pfn);
}

/* The kernel is placed by physical address; PADDR_OFFSET is how far that is from the pseudo-physical one. */
static void paddr_offset(void)
{
    elf_good(&elf);
    elf_load(&elf)->p_paddr = ELF_VIRT_BASE + ELF_PADDR;
    elf_add_number(&elf, XEN_ELFNOTE_PADDR_OFFSET, ELF_VIRT_BASE);
    CU_ASSERT_EQUAL_FATAL(parse(elf.size), 0);
    CU_ASSERT_EQUAL(kernel.virt_low, ELF_VIRT_BASE + ELF_PADDR);
    elf_add_number(&elf, XEN_ELFNOTE_PADDR_OFFSET, ELF_VIRT_BASE + ELF_PADDR + 1);
    refused("below its PADDR_OFFSET");
}

static void not_pv(void)
{
    elf_start(&elf);
    refused("no Xen notes");
    elf_add_number(&elf, XEN_ELFNOTE_PHYS32_ENTRY, 0x1000);
    refused("no");
    elf_start(&elf);
    elf_add_text(&elf, XEN_ELFNOTE_GUEST_OS, "linux");
    refused("without PV support");
    elf_good(&elf);
    elf_add_text(&elf, XEN_ELFNOTE_LOADER, "special");
    refused("loader");
    elf_good(&elf);
    elf_add_text(&elf, XEN_ELFNOTE_XEN_VERSION, "xen-2.0");
    refused("ABI");
    elf_good(&elf);
    elf_add_text(&elf, XEN_ELFNOTE_FEATURES, "!auto_translated_physmap");
    refused("requires");
    elf_good(&elf);
    elf_add_text(&elf, XEN_ELFNOTE_PAE_MODE, "no");
    refused("64-bit");
}

static void wrong_file(void)
{
    elf_good(&elf);
    elf_header(&elf)->e_ident[0] = 0;
    refused("not an ELF");
    elf_good(&elf);
    elf_header(&elf)->e_machine = EM_AARCH64;
    refused("x86-64");
    elf_good(&elf);
    elf_header(&elf)->e_ident[EI_CLASS] = ELFCLASS32;
    refused("x86-64");
    elf_good(&elf);
    elf_header(&elf)->e_type = ET_REL;
    refused("executable");
    elf_good(&elf);
    elf_header(&elf)->e_phoff = UINT64_MAX - 8;
    refused("program headers");
    elf_good(&elf);
    elf_header(&elf)->e_phnum = 0xffff;
    refused("program headers");
    elf_good(&elf);
    elf_load(&elf)->p_type = PT_NULL;
    refused("nothing to load");
}

static void wrong_segments(void)
{
    elf_good(&elf);
    elf_load(&elf)->p_offset = UINT64_MAX - 100;
    refused("outside of the file");
    elf_good(&elf);
    elf_load(&elf)->p_filesz = elf.size;
    refused("outside of the file");
    elf_good(&elf);
    elf_load(&elf)->p_memsz = 1ULL << 60;
    refused("corrupt");
    elf_good(&elf);
    elf_load(&elf)->p_paddr = UINT64_MAX - 100;
    refused("corrupt");
    elf_good(&elf);
    elf_load(&elf)->p_paddr = 1ULL << 45;
    refused("corrupt");
    elf_good(&elf);
    elf_add_number(&elf, XEN_ELFNOTE_VIRT_BASE, UINT64_MAX - 0xfff);
    refused("wraps around");
    elf_good(&elf);
    elf_add_number(&elf, XEN_ELFNOTE_VIRT_BASE, ELF_VIRT_BASE + 8);
    refused("VIRT_BASE");
    elf_good(&elf);
    elf_add_number(&elf, XEN_ELFNOTE_ENTRY, 0x1000);
    refused("entry point");
    elf_good(&elf);
    elf_add_number(&elf, XEN_ELFNOTE_HYPERCALL_PAGE, ELF_VIRT_BASE + ELF_PADDR + 8);
    refused("hypercall page");
    elf_good(&elf);
    elf_add_number(&elf, XEN_ELFNOTE_INIT_P2M, 0x8000000001);
    refused("INIT_P2M");
    elf_good(&elf);
    *elf_note(&elf) = *elf_load(&elf);
    elf_header(&elf)->e_shoff = 0;
    refused("no Xen notes");
}

static void overlapping_segments(void)
{
    Elf64_Phdr note;

    elf_good(&elf);
    note = *elf_note(&elf);
    elf_header(&elf)->e_phnum = 3;
    elf_note(&elf)[1] = note;
    *elf_note(&elf) = *elf_load(&elf);
    elf_note(&elf)->p_paddr += 0x1000;
    refused("overlap");
}

/* Linux's .bss has room in the file, with data behind it; the zeroes are not to be read. */
static void bss_in_the_middle(void)
{
    static unsigned char file[4 << 20];
    uint64_t bss = ELF_DATA, bss_size = 2 << 20, total = bss + bss_size + 0x1000;
    Elf64_Shdr section = {
        .sh_type = SHT_NOBITS,
        .sh_flags = SHF_ALLOC,
        .sh_addr = ELF_VIRT_BASE + ELF_PADDR + bss,
        .sh_size = bss_size,
    };

    elf_good(&elf);
    elf_load(&elf)->p_filesz = elf_load(&elf)->p_memsz = total;
    elf_header(&elf)->e_shoff = sizeof(file) - sizeof(section);
    elf_header(&elf)->e_shnum = 1;
    elf_header(&elf)->e_shentsize = sizeof(section);
    memcpy(file, elf.data, elf.size);
    memcpy(file + sizeof(file) - sizeof(section), &section, sizeof(section));
    CU_ASSERT_EQUAL_FATAL(hv_kernel_parse(file, sizeof(file), "test", &kernel, &error), 0);
    CU_ASSERT_EQUAL(kernel.segments, 2);
    CU_ASSERT_EQUAL(kernel.segment[0].filesz, bss);
    CU_ASSERT_EQUAL(kernel.segment[0].memsz, bss + bss_size);
    CU_ASSERT_EQUAL(kernel.segment[1].offset, elf_load(&elf)->p_offset + bss + bss_size);
    CU_ASSERT_EQUAL(kernel.segment[1].vaddr, ELF_VIRT_BASE + ELF_PADDR + bss + bss_size);
    CU_ASSERT_EQUAL(kernel.segment[1].filesz, 0x1000);
    CU_ASSERT_EQUAL(kernel.segment[1].memsz, 0x1000);
    CU_ASSERT_EQUAL(kernel.virt_high, ELF_VIRT_BASE + ELF_PADDR + total);
    /* One that is not within a segment's data is passed over. */
    section.sh_size = 3 << 20;
    memcpy(file + sizeof(file) - sizeof(section), &section, sizeof(section));
    CU_ASSERT_EQUAL_FATAL(hv_kernel_parse(file, sizeof(file), "test", &kernel, &error), 0);
    CU_ASSERT_EQUAL(kernel.segments, 1);
}

static void wrong_notes(void)
{
    Elf64_Nhdr *first;

    elf_good(&elf);
    first = (void *)(elf.data + elf_note(&elf)->p_offset);
    first->n_descsz = UINT32_MAX;
    refused("notes are corrupt");
    elf_good(&elf);
    first->n_namesz = UINT32_MAX;
    refused("notes are corrupt");
    elf_good(&elf);
    elf_note(&elf)->p_filesz = UINT64_MAX;
    refused("notes are corrupt");
    elf_good(&elf);
    elf_add(&elf, XEN_ELFNOTE_ENTRY, "abc", 3);
    refused("notes are corrupt");
}

/* Every truncation of a good file: refused or, where the end is not needed, accepted; never read beyond. */
static void truncated(void)
{
    elf_good(&elf);
    for (size_t size = 0; size < elf.size; size++)
        CU_ASSERT_EQUAL(parse(size), -ENOEXEC);
}

/* Many files with random bytes in headers and notes: the sanitizers are the judges. */
static void random_bytes(void)
{
    unsigned seed = 1;

    for (int i = 0; i < 200000; i++) {
        elf_good(&elf);
        for (int j = 0; j < 3; j++) {
            size_t at = (size_t)rand_r(&seed) % (0x400 + elf.notes);

            elf.data[at] = (unsigned char)rand_r(&seed);
        }
        parse(elf.size);
    }
    CU_PASS("");
}

const struct unit_test unit_tests[] = {
    { "a kernel's notes are understood", good },
    { "notes that are absent have their defaults", defaults },
    { "PADDR_OFFSET is honoured", paddr_offset },
    { "kernels without PV support are refused", not_pv },
    { "other files are refused", wrong_file },
    { "impossible segments and addresses are refused", wrong_segments },
    { "overlapping segments are refused", overlapping_segments },
    { "zeroes of .bss in the middle of a segment are not read", bss_in_the_middle },
    { "malformed notes are refused", wrong_notes },
    { "truncated files are refused", truncated },
    { "random changes never make it read outside of the file", random_bytes },
    { NULL, NULL },
};
