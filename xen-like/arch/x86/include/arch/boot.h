/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the boot loader told hv, copied out of its memory before any of that is used again. Both Multiboot
 * protocols end up in the same structure.
 */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include <hv/types.h>
#include <public/xen.h>

#define BOOT_MEMORY_MAX 256u
#define BOOT_MODULES_MAX 8u

/* E820's numbers, which XENMEM_memory_map returns as well. */
enum boot_memory_type { BOOT_RAM = 1, BOOT_RESERVED = 2, BOOT_ACPI = 3, BOOT_NVS = 4, BOOT_UNUSABLE = 5 };

struct boot_memory {
    uint64_t start, end;       /* bytes; sorted, not overlapping once boot_memory_sort() has run */
    uint32_t type;
};

struct boot_module {
    uint64_t start, size;      /* machine address and bytes */
    void *data;                /* through the direct map; set when that exists */
    char cmdline[1024];        /* without the module's file name */
};

struct boot_info {
    char loader[64];
    char cmdline[1024];
    struct boot_memory memory[BOOT_MEMORY_MAX];
    unsigned int nr_memory;
    struct boot_module module[BOOT_MODULES_MAX]; /* 0: dom0's kernel, 1: its initramfs */
    unsigned int nr_modules;
    uint64_t rsdp;             /* machine address, 0 = look for it */
    uint8_t rsdp_copy[36];
    bool has_rsdp_copy;
    uint64_t efi_system_table; /* machine address, 0 = started by a BIOS */
    uint8_t *efi_memory_map;   /* hv's copy */
    uint32_t efi_memory_map_size, efi_descriptor_size, efi_descriptor_version;
    struct dom0_vga_console_info video; /* video_type 0: nothing known */
};
extern struct boot_info boot_info;

/*
 * Read Multiboot 1 or 2 information at machine address info (below 4 GiB, reached through the boot tables).
 */
void boot_info_read(uint32_t magic, uint32_t info);
/* The firmware's type for an address: BOOT_RESERVED where the map says nothing. */
enum boot_memory_type boot_memory_type(uint64_t maddr);

/*
 * Memory before page_alloc: whole pages of RAM, never given back. Zeroed. Panics when there is none. limit:
 * the pages' end is at or below that machine address. Returns a machine address.
 */
maddr_t boot_alloc(uint64_t bytes, uint64_t align, uint64_t limit);
void boot_alloc_init(void);
/*
 * Memory below 1 MiB that nobody has, for code that must be there: its machine address, or 0. It is not taken, so
 * whoever asks must be done with it before somebody else does. Any time after boot_info_read().
 */
uint64_t boot_low_memory(uint64_t bytes);
/* Hand all RAM that nothing above took to page_alloc_add(); boot_alloc() is closed. */
void boot_alloc_finish(void);
/* The modules' memory, when dom0 has been built. */
void boot_release_modules(void);

/* The lead's: make the first domain of the modules and start it. 0 or -errno. */
int build_dom0(const struct boot_module *kernel, const struct boot_module *initrd, const char *cmdline);

/*
 * dom0's kernel as the module has it: an ELF file stays as it is, a bzImage's payload is unpacked into hv's
 * memory (xz or plain). *elf stays valid until kernel_unpack_release(). 0 or -errno.
 */
int kernel_unpack(const void *image, size_t size, void **elf, size_t *elf_size);
void kernel_unpack_release(void);

#endif
