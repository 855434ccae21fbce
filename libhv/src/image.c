/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening a kernel: what kind of file it is decides how its ELF image gets into memory.
 *
 *   ELF                           mapped as it is
 *   bzImage                       its payload is looked up in the cache, or decompressed and added
 *   compressed ELF (vmlinux.gz)   the same, the whole file being the payload
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libhv/image.h>

#include "decompress.h"
#include "file_map.h"
#include "image_cache.h"

/* The ELF image is in a mapped file, or in memory from malloc. */
struct hv_image {
    struct file_map file;
    void *memory;
    struct hv_kernel kernel;
};

static bool is_elf(const struct file_map *file)
{
    return file->size >= SELFMAG && !memcmp(file->data, ELFMAG, SELFMAG);
}

/* The ELF image for a compressed payload from the cache. False if it is not there or is damaged. */
static bool from_cache(struct hv_image *image, const char *name, const char *path)
{
    int fd = image_cache_open(name), ret;

    if (fd < 0)
        return false;
    ret = file_map_fd(&image->file, fd, name, "the cached kernel", HV_IMAGE_MAX, NULL);
    close(fd);
    if (!ret && !hv_kernel_parse(image->file.data, image->file.size, path, &image->kernel, NULL))
        return true;
    file_unmap(&image->file);
    return false;
}

/* Decompresses to memory. Once the image is in the cache, it is taken from there, and the memory is free
 * again. */
static int from_payload(struct hv_image *image, const void *payload, size_t size, const char *name,
                        const char *path, struct hv_error *err)
{
    size_t length;
    int ret = hv_decompress(payload, size, path, &image->memory, &length, err);

    if (ret < 0)
        return ret;
    ret = hv_kernel_parse(image->memory, length, path, &image->kernel, err);
    if (ret < 0)
        return ret;
    image_cache_add(name, image->memory, length);
    if (!from_cache(image, name, path))
        return hv_kernel_parse(image->memory, length, path, &image->kernel, err);
    free(image->memory);
    image->memory = NULL;
    return 0;
}

/* A file that is no ELF: compressed as a whole, or a bzImage. */
static int from_compressed(struct hv_image *image, const struct file_map *file, const char *path,
                           struct hv_error *err)
{
    const unsigned char *data = file->data;
    size_t offset = 0, length = file->size;
    char name[CACHE_NAME_SIZE];
    int ret = 0;

    if (image_cache_known(&file->st, name) && from_cache(image, name, path))
        return 0;
    if (!decompress_knows(data, file->size))
        ret = hv_bzimage_payload(data, file->size, path, &offset, &length, err);
    if (ret < 0)
        return ret;
    image_cache_name(data + offset, length, name);
    if (!from_cache(image, name, path))
        ret = from_payload(image, data + offset, length, name, path, err);
    if (!ret)
        image_cache_remember(&file->st, name);
    return ret;
}

struct hv_image *hv_image_open(const char *path, struct hv_error *err)
{
    struct hv_image *image = calloc(1, sizeof(*image));
    struct file_map file;
    int ret;

    if (!image) {
        hv_error_set(err, ENOMEM, NULL, "cannot open the kernel %s: out of memory", path);
        return NULL;
    }
    ret = file_map(&file, path, "the kernel", HV_IMAGE_MAX, "check <kernel> in the domain's XML", err);
    if (ret < 0)
        goto close_image;
    if (is_elf(&file)) {
        image->file = file;
        ret = hv_kernel_parse(file.data, file.size, path, &image->kernel, err);
    } else {
        ret = from_compressed(image, &file, path, err);
        file_unmap(&file);
    }
    if (ret < 0)
        goto close_image;
    return image;

close_image:
    hv_image_close(image);
    return NULL;
}

const struct hv_kernel *hv_image_kernel(const struct hv_image *image)
{
    return &image->kernel;
}

void hv_image_close(struct hv_image *image)
{
    if (!image)
        return;
    file_unmap(&image->file);
    free(image->memory);
    free(image);
}
