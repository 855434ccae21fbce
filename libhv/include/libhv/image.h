/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernel images: from a file (bzImage, or ELF, perhaps gzip'ed) to an ELF image in memory and what its notes
 * say.
 *
 * The file is not trusted: every offset is checked against its length before it is used, sizes of
 * decompressed output are bounded, and a refused image says why.
 */
#ifndef LIBHV_IMAGE_H
#define LIBHV_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libhv/error.h>

#define HV_IMAGE_MAX (512UL << 20)       /* largest kernel, decompressed, in bytes */
#define HV_IMAGE_UNSET (~(uint64_t)0)    /* a number that no note gives */

/* One loadable piece. `offset + filesz` is within the image; memsz >= filesz. */
struct hv_segment {
    uint64_t offset, filesz;
    uint64_t vaddr, paddr, memsz;
};

/* What a PV kernel tells its loader. Addresses are guest virtual. */
struct hv_kernel {
    const unsigned char *data; /* the ELF file */
    size_t size;
    struct hv_segment segment[16];
    unsigned segments;
    uint64_t virt_low, virt_high; /* [low, high) of all segments, low rounded down to a page */
    uint64_t virt_base;           /* note VIRT_BASE */
    uint64_t paddr_offset;        /* note PADDR_OFFSET, 0 if absent */
    uint64_t entry;               /* note ENTRY, else the ELF header's */
    uint64_t hypercall_page;      /* note HYPERCALL_PAGE, HV_IMAGE_UNSET if absent */
    uint64_t init_p2m;            /* note INIT_P2M, HV_IMAGE_UNSET if absent */
    uint64_t hv_start_low;        /* note HV_START_LOW, HV_IMAGE_UNSET if absent */
    bool mod_start_pfn;           /* note MOD_START_PFN: the initramfs need not be mapped */
    uint64_t l1_mfn_valid_mask, l1_mfn_valid_value;
    uint32_t supported_features, required_features; /* XENFEAT_* bits 0..31 */
    char guest_os[32], guest_version[32], xen_version[16], loader[16], features[128];
};

struct hv_image; /* owns the memory hv_kernel points to */

/*
 * Opens a kernel file and finds the PV kernel in it. A compressed payload is taken from the cache if it is
 * there and added to it if not; a cache that cannot be written is no error. NULL on failure: not found, not a
 * kernel, not a PV kernel, corrupt (the message says which). hv_image_kernel() is valid until
 * hv_image_close().
 */
struct hv_image *hv_image_open(const char *path, struct hv_error *err);
const struct hv_kernel *hv_image_kernel(const struct hv_image *image);
void hv_image_close(struct hv_image *image);

/* Parses an ELF PV kernel in memory. -ENOEXEC and a message if it is not one. `name` is for messages. */
int hv_kernel_parse(const void *data, size_t size, const char *name, struct hv_kernel *kernel,
                    struct hv_error *err);

/*
 * The compressed payload inside a bzImage: its offset and size. -ENOEXEC if the file is no bzImage with a
 * payload (boot protocol 2.08 or later).
 */
int hv_bzimage_payload(const void *data, size_t size, const char *name, size_t *offset, size_t *length,
                       struct hv_error *err);

/*
 * Decompresses gzip, xz, zstd or lz4 (legacy frame) data, told apart by their first bytes, into memory from
 * malloc of at most HV_IMAGE_MAX bytes. Trailing bytes are ignored (a bzImage's payload ends with its
 * length).
 */
int hv_decompress(const void *data, size_t size, const char *name, void **out, size_t *out_size,
                  struct hv_error *err);

#endif
