/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decompression into memory that grows as needed and never beyond HV_IMAGE_MAX.
 *
 * Each format has a row: its first bytes and a function that fills an output. The function asks for room, so
 * the bound holds for all of them in one place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <libhv/image.h>

#include "decompress.h"

#define ROOM_MIN (64UL << 10)
#define RATIO 8 /* kernels are seldom compressed to less than an eighth, so that much room is tried first */
#define XZ_MEMORY_MAX (256UL << 20) /* for the decoder's dictionary: kernels use 32 or 128 MiB */
#define LZ4_BLOCK_MAX (8UL << 20)   /* decompressed size of a block in lz4's legacy frame */
#define LZ4_INPUT_MAX 0x7e000000U

struct output {
    unsigned char *data; /* NULL while there is no room */
    size_t used, room;
    size_t first;        /* how much to begin with */
};

struct input {
    const unsigned char *data;
    size_t size;
};

/* Makes sure that at least `need` bytes fit behind the used ones. */
static int make_room(struct output *out, size_t need)
{
    size_t room = out->data ? out->room : out->first;
    unsigned char *grown;

    if (need > HV_IMAGE_MAX - out->used)
        return -EFBIG;
    if (room > HV_IMAGE_MAX)
        room = HV_IMAGE_MAX;
    while (room - out->used < need)
        room = room > HV_IMAGE_MAX / 2 ? HV_IMAGE_MAX : room * 2;
    if (out->data && room == out->room)
        return 0;
    grown = realloc(out->data, room);
    if (!grown)
        return -ENOMEM;
    out->data = grown;
    out->room = room;
    return 0;
}

/* Codes: 0, -EFBIG, -ENOMEM, -EBADMSG (corrupt), -ENODATA (ends too early). */
static int gunzip(const struct input *in, struct output *out)
{
    z_stream z = { .next_in = (unsigned char *)in->data, .avail_in = (unsigned)in->size };
    int ret = 0, state = Z_OK;

    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return -ENOMEM;
    while (!ret && state == Z_OK) {
        size_t before;

        ret = make_room(out, 1);
        if (ret)
            break;
        before = out->room - out->used;
        z.next_out = out->data + out->used;
        z.avail_out = (unsigned)before;
        state = inflate(&z, Z_NO_FLUSH);
        out->used += before - z.avail_out;
        if (state == Z_BUF_ERROR || (state == Z_OK && z.avail_in == 0 && z.avail_out > 0))
            ret = -ENODATA;
        else if (state != Z_OK && state != Z_STREAM_END)
            ret = -EBADMSG;
    }
    inflateEnd(&z);
    return ret;
}

static int unxz(const struct input *in, struct output *out)
{
    lzma_stream xz = LZMA_STREAM_INIT;
    lzma_ret state = LZMA_OK;
    int ret = 0;

    if (lzma_stream_decoder(&xz, XZ_MEMORY_MAX, 0) != LZMA_OK)
        return -ENOMEM;
    xz.next_in = in->data;
    xz.avail_in = in->size;
    while (!ret && state == LZMA_OK) {
        size_t before;

        ret = make_room(out, 1);
        if (ret)
            break;
        before = out->room - out->used;
        xz.next_out = out->data + out->used;
        xz.avail_out = before;
        state = lzma_code(&xz, LZMA_RUN);
        out->used += before - xz.avail_out;
        if (state == LZMA_BUF_ERROR || (state == LZMA_OK && xz.avail_in == 0 && xz.avail_out > 0))
            ret = -ENODATA;
        else if (state == LZMA_MEM_ERROR || state == LZMA_MEMLIMIT_ERROR)
            ret = -ENOMEM;
        else if (state != LZMA_OK && state != LZMA_STREAM_END)
            ret = -EBADMSG;
    }
    lzma_end(&xz);
    return ret;
}

static int unzstd(const struct input *in, struct output *out)
{
    ZSTD_DStream *zstd = ZSTD_createDStream();
    ZSTD_inBuffer from = { in->data, in->size, 0 };
    size_t left = 1;
    int ret = 0;

    if (!zstd)
        return -ENOMEM;
    while (left) {
        ZSTD_outBuffer to;

        ret = make_room(out, 1);
        if (ret)
            break;
        to = (ZSTD_outBuffer) { out->data, out->room, out->used };
        left = ZSTD_decompressStream(zstd, &to, &from);
        if (ZSTD_isError(left)) {
            ret = -EBADMSG;
            break;
        }
        if (left && from.pos == from.size && to.pos < to.size) {
            ret = -ENODATA;
            break;
        }
        out->used = to.pos;
    }
    ZSTD_freeDStream(zstd);
    return ret;
}

/*
 * lz4's legacy frame: after the magic number blocks, each with its length in front. Linux's build appends the
 * size of the kernel in four more bytes, which look like a length without a block.
 */
static int unlz4(const struct input *in, struct output *out)
{
    size_t at = 4;

    while (in->size - at > 4) {
        uint32_t length;
        int ret;

        memcpy(&length, in->data + at, sizeof(length));
        at += sizeof(length);
        if (length == 0 || length > LZ4_INPUT_MAX)
            return -EBADMSG;
        if (length > in->size - at)
            return -ENODATA;
        ret = make_room(out, LZ4_BLOCK_MAX);
        if (ret)
            return ret;
        ret = LZ4_decompress_safe((const char *)in->data + at, (char *)out->data + out->used, (int)length,
                                  (int)LZ4_BLOCK_MAX);
        if (ret < 0)
            return -EBADMSG;
        out->used += (size_t)ret;
        at += length;
    }
    return 0;
}

static const struct format {
    const char *name;
    const char *magic;
    size_t magic_size;
    int (*fill)(const struct input *in, struct output *out);
} formats[] = {
    { "gzip", "\x1f\x8b\x08", 3, gunzip },
    { "xz", "\xfd" "7zXZ\0", 6, unxz },
    { "zstd", "\x28\xb5\x2f\xfd", 4, unzstd },
    { "lz4", "\x02\x21\x4c\x18", 4, unlz4 },
};

static const struct format *find_format(const struct input *in)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (in->size > formats[i].magic_size && !memcmp(in->data, formats[i].magic, formats[i].magic_size))
            return &formats[i];
    return NULL;
}

bool decompress_knows(const void *data, size_t size)
{
    struct input in = { data, size };

    return find_format(&in) != NULL;
}

int hv_decompress(const void *data, size_t size, const char *name, void **out, size_t *out_size,
                  struct hv_error *err)
{
    struct input input = { data, size };
    struct output output = { .first = size < ROOM_MIN / RATIO ? ROOM_MIN : size * RATIO };
    const struct format *format = find_format(&input);
    int ret;

    if (!format)
        return hv_error_set(err, ENOEXEC, "gzip, xz, zstd and lz4 are known",
                            "cannot use the kernel %s: its compression is not known", name);
    if (size > HV_IMAGE_MAX)
        return hv_error_set(err, EFBIG, NULL, "cannot use the kernel %s: it is too large", name);
    ret = format->fill(&input, &output);
    if (ret < 0) {
        free(output.data);
        return hv_error_set(err, ret == -ENOMEM ? ENOMEM : ENOEXEC, NULL,
                            "cannot use the kernel %s: its %s data %s", name, format->name,
                            ret == -EFBIG     ? "is larger than 512 MiB"
                            : ret == -ENOMEM  ? "needs more memory than there is"
                            : ret == -ENODATA ? "ends too early"
                                              : "is corrupt");
    }
    *out = output.data;
    *out_size = output.used;
    return 0;
}
