// SPDX-License-Identifier: GPL-2.0-only
//
// Fuzzes kernel images: as ELF, and as bzImage with what is in it. What is accepted can be laid out.

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <libhv/image.h>

#include "build_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_kernel(const void *data, size_t size)
{
    struct hv_kernel kernel;
    struct layout layout;
    uint64_t needed;

    if (hv_kernel_parse(data, size, "fuzz", &kernel, NULL))
        return;
    for (unsigned i = 0; i < kernel.segments; i++)
        if (kernel.segment[i].offset + kernel.segment[i].filesz > size)
            abort();
    if (!layout_make(&layout, &kernel, size, 65536, &needed))
        layout_free(&layout);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t offset = 0, length = size, out_size;
    void *out;

    as_kernel(data, size);
    if (hv_bzimage_payload(data, size, "fuzz", &offset, &length, NULL)) {
        offset = 0;
        length = size;
    }
    if (offset > size || length > size - offset)
        abort();
    if (!hv_decompress(data + offset, length, "fuzz", &out, &out_size, NULL)) {
        as_kernel(out, out_size);
        free(out);
    }
    return 0;
}
