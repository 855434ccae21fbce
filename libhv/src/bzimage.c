/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding the compressed kernel inside a Linux bzImage.
 *
 * Offsets are those of Linux's x86 boot protocol: 0x1f1 number of setup sectors, 0x1fe boot flag, 0x202
 * "HdrS", 0x206 version, and since version 2.08 0x248 and 0x24c, offset and length of the payload within the
 * protected-mode part.
 */
#include <errno.h>
#include <string.h>

#include <libhv/image.h>

#define HEADER_END 0x250
#define SECTOR 512

static uint16_t get16(const unsigned char *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const unsigned char *at)
{
    return get16(at) | (uint32_t)get16(at + 2) << 16;
}

int hv_bzimage_payload(const void *data, size_t size, const char *name, size_t *offset, size_t *length,
                       struct hv_error *err)
{
    const unsigned char *image = data;
    size_t setup, start;

    if (size < HEADER_END || get16(image + 0x1fe) != 0xaa55 || memcmp(image + 0x202, "HdrS", 4))
        return hv_error_set(err, ENOEXEC, "give a bzImage (vmlinuz) or an ELF file",
                            "cannot use the kernel %s: it is not a kernel image", name);
    if (get16(image + 0x206) < 0x208)
        return hv_error_set(err, ENOEXEC, "use Linux 2.6.24 or later",
                            "cannot use the kernel %s: its boot protocol is "
                            "older than 2.08",
                            name);
    setup = image[0x1f1] ? image[0x1f1] : 4; /* 0 stands for 4, as on very old boot sectors */
    start = (setup + 1) * SECTOR;
    if (start > size || get32(image + 0x248) > size - start)
        goto truncated;
    start += get32(image + 0x248);
    if (get32(image + 0x24c) > size - start || get32(image + 0x24c) == 0)
        goto truncated;
    *offset = start;
    *length = get32(image + 0x24c);
    return 0;

truncated:
    return hv_error_set(err, ENOEXEC, "copy the file again", "cannot use the kernel %s: it is truncated",
                        name);
}
