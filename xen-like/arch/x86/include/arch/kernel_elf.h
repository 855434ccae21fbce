/* SPDX-License-Identifier: GPL-2.0-only */
/* A PV kernel as an ELF file in hv's memory: where it wants to be, and what its Xen notes ask for. */
#ifndef ARCH_KERNEL_ELF_H
#define ARCH_KERNEL_ELF_H

#include <hv/types.h>

#define NOTE_UNSET (~0ull)

struct kernel_elf {
    const uint8_t *image;
    size_t size;
    uint64_t virt_base;      /* where PFN 0 is mapped */
    uint64_t paddr_offset;   /* physical address in the file that is PFN 0 */
    uint64_t virt_start, virt_end; /* of the loaded segments */
    uint64_t entry;
    uint64_t hypercall_page; /* virtual address, or NOTE_UNSET */
    uint64_t p2m_base;       /* virtual address, or NOTE_UNSET: behind the kernel */
    bool mod_start_pfn;      /* takes the initramfs by PFN, unmapped */
    char guest_os[16], guest_version[16];
};

/* Check the file and read its notes. 0, or -EINVAL with the reason in the log. Nothing is copied. */
int kernel_elf_parse(struct kernel_elf *k, const void *image, size_t size);
/*
 * Hand each page of the kernel to put: its virtual address in the guest, n <= PAGE_SIZE bytes within one page.
 * from NULL means zeros.
 */
int kernel_elf_load(const struct kernel_elf *k,
                    int (*put)(void *arg, uint64_t va, const void *from, size_t n), void *arg);

#endif
