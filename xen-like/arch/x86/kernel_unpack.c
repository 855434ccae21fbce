/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dom0's kernel as an ELF file. A bzImage carries one, compressed with xz on Debian, behind its setup code
 * (Linux boot protocol 2.08: Documentation/arch/x86/boot.rst of the kernel); liblzma unpacks it into memory
 * of exactly the size that the image declares. liblzma is a user-space library: liblzma_libc.c is what it
 * needs of a C library.
 */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/liblzma_libc.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/page_alloc.h>
#include <hv/string.h>
#include <lzma.h>

#define UNPACKED_MAX (512ul << 20)
#define DECODER_MEMORY (64ul << 20) /* its dictionary (32 MiB in Linux's images) and a little more */

#define SETUP_SECTORS 0x1f1
#define SETUP_MAGIC 0x202
#define SETUP_VERSION 0x206
#define SETUP_PAYLOAD 0x248
#define SETUP_PAYLOAD_SIZE 0x24c
#define SETUP_END 0x250

static struct pages { struct page_info *pg; uint64_t count; } unpacked;

/* --- contiguous memory of any number of pages: a power of two without its tail --- */

static bool pages_alloc(struct pages *p, uint64_t bytes)
{
    unsigned int order = 0;

    p->count = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
    while (1ul << order < p->count)
        order++;
    p->pg = page_alloc(order, PAGE_NO_SCRUB);
    if (!p->pg)
        return false;
    for (uint64_t at = p->count; at < 1ul << order; at += at & -at)
        page_free(p->pg + at, __builtin_ctzll(at));
    return true;
}

static void pages_free(struct pages *p)
{
    uint64_t at = 0;

    while (p->pg && at < p->count) {
        unsigned int order = 63 - __builtin_clzll(p->count - at);

        page_free(p->pg + at, order);
        at += 1ul << order;
    }
    p->pg = NULL;
}

/* --- unpacking --- */

static int decode_xz(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    struct pages arena;
    uint64_t memory_limit = DECODER_MEMORY;
    size_t in_at = 0, out_at = 0;
    lzma_ret rc;

    if (!pages_alloc(&arena, DECODER_MEMORY))
        return -ENOMEM;
    liblzma_begin(page_to_virt(arena.pg), DECODER_MEMORY);
    rc = lzma_stream_buffer_decode(&memory_limit, 0, NULL, in, &in_at, in_size, out, &out_at, out_size);
    liblzma_end();
    pages_free(&arena);
    if (rc == LZMA_OK && out_at == out_size)
        return 0;
    printk(LOG_ERR, "dom0 kernel: cannot unpack its xz payload: error %d at byte %lu of %lu\n", rc, in_at,
           in_size);
    return rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR ? -ENOMEM : -EINVAL;
}

static uint32_t le32(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }

static bool is_elf(const uint8_t *p, size_t size) { return size > 4 && !memcmp(p, "\177ELF", 4); }

static int unpack_payload(const uint8_t *payload, size_t size, void **elf, size_t *elf_size)
{
    size_t unpacked_size;
    int rc;

    if (is_elf(payload, size)) {
        *elf = (void *)payload;
        *elf_size = size;
        return 0;
    }
    if (size < 16 || memcmp(payload, "\375" "7zXZ", 6)) {
        printk(LOG_ERR, "dom0 kernel: its payload is neither xz nor ELF; give an uncompressed kernel\n");
        return -EINVAL;
    }
    unpacked_size = le32(payload + size - 4); /* the kernel's build appends it */
    if (unpacked_size < 4096 || unpacked_size > UNPACKED_MAX) {
        printk(LOG_ERR, "dom0 kernel: claims to unpack to %lu bytes\n", unpacked_size);
        return -EINVAL;
    }
    if (!pages_alloc(&unpacked, unpacked_size)) {
        printk(LOG_ERR, "dom0 kernel: no %lu MiB of memory to unpack it\n", unpacked_size >> 20);
        return -ENOMEM;
    }
    rc = decode_xz(payload, size - 4, page_to_virt(unpacked.pg), unpacked_size);
    if (rc) {
        kernel_unpack_release();
        return rc;
    }
    *elf = page_to_virt(unpacked.pg);
    *elf_size = unpacked_size;
    return 0;
}

int kernel_unpack(const void *image, size_t size, void **elf, size_t *elf_size)
{
    const uint8_t *p = image;
    uint64_t start, length;

    if (is_elf(p, size))
        return unpack_payload(p, size, elf, elf_size);
    if (size < SETUP_END || memcmp(p + SETUP_MAGIC, "HdrS", 4) ||
        (p[SETUP_VERSION] | p[SETUP_VERSION + 1] << 8) < 0x208) {
        printk(LOG_ERR, "dom0 kernel: neither an ELF file nor a bzImage of boot protocol 2.08 or later\n");
        return -EINVAL;
    }
    start = ((p[SETUP_SECTORS] ? p[SETUP_SECTORS] : 4) + 1ul) * 512 + le32(p + SETUP_PAYLOAD);
    length = le32(p + SETUP_PAYLOAD_SIZE);
    if (start > size || length > size - start) {
        printk(LOG_ERR, "dom0 kernel: cut off\n");
        return -EINVAL;
    }
    return unpack_payload(p + start, length, elf, elf_size);
}

void kernel_unpack_release(void) { pages_free(&unpacked); }
