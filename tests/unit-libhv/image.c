// SPDX-License-Identifier: GPL-2.0-only
//
// Kernel files on disk: compressed ones are found inside bzImages, decompressed within bounds, and cached by
// content.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <lz4hc.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <libhv/image.h>

#include "blake2b.h"
#include "image_cache.h"
#include "make_elf.h"
#include "harness.h"

static char folder[] = "/tmp/libhv-image-XXXXXX";
static char cache[64], file[64];
static struct elf elf;
static unsigned char packed[65536], image[2 * 65536];
static struct hv_error error;

/* Each packs the ELF file as Linux's build does, and returns the length. */
static size_t pack_gzip(void)
{
    z_stream z = {
        .next_in = elf.data, .avail_in = (unsigned)elf.size, .next_out = packed, .avail_out = sizeof(packed)
    };

    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    return z.total_out;
}

static size_t pack_xz(void)
{
    size_t used = 0;

    if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, elf.data, elf.size, packed, &used, sizeof(packed)))
        abort();
    memcpy(packed + used, &elf.size, 4); /* the length of the kernel follows */
    return used + 4;
}

static size_t pack_zstd(void)
{
    size_t used = ZSTD_compress(packed, sizeof(packed), elf.data, elf.size, 3);

    memcpy(packed + used, &elf.size, 4);
    return used + 4;
}

static size_t pack_lz4(void)
{
    uint32_t magic = 0x184c2102, length;

    length = (uint32_t)LZ4_compress_HC((char *)elf.data, (char *)packed + 8, (int)elf.size,
                                       sizeof(packed) - 12, 9);
    memcpy(packed, &magic, 4);
    memcpy(packed + 4, &length, 4);
    memcpy(packed + 8 + length, &elf.size, 4);
    return 8 + length + 4;
}

static size_t (*const packers[])(void) = { pack_gzip, pack_xz, pack_zstd, pack_lz4 };
#define PACKERS (sizeof(packers) / sizeof(packers[0]))

/* A bzImage with two setup sectors, and the payload 64 bytes into the rest. Returns its size. */
static size_t make_bzimage(size_t payload)
{
    uint32_t offset = 64, length = (uint32_t)payload;

    memset(image, 0, sizeof(image));
    image[0x1f1] = 2;
    image[0x1fe] = 0x55;
    image[0x1ff] = 0xaa;
    memcpy(image + 0x202, "HdrS", 4);
    image[0x206] = 0x0f;
    image[0x207] = 2;
    memcpy(image + 0x248, &offset, 4);
    memcpy(image + 0x24c, &length, 4);
    memcpy(image + 3 * 512 + 64, packed, payload);
    return 3 * 512 + 64 + payload;
}

static void write_file(const void *data, size_t size)
{
    FILE *out = fopen(file, "w");

    fwrite(data, 1, size, out);
    fclose(out);
}

static int cached_files(void)
{
    DIR *dir = opendir(cache);
    struct dirent *entry;
    int count = 0;

    while (dir && (entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

static bool opens(void)
{
    struct hv_image *opened = hv_image_open(file, &error);
    bool good = opened && hv_image_kernel(opened)->entry == ELF_VIRT_BASE + ELF_PADDR + 0x10;

    hv_image_close(opened);
    return good;
}

static void setup(void)
{
    elf_good(&elf);
    if (!cache[0]) {
        if (!mkdtemp(folder))
            abort();
        snprintf(cache, sizeof(cache), "%s/cache/hv", folder);
        snprintf(file, sizeof(file), "%s/kernel", folder);
        setenv("HV_CACHE_DIR", cache, 1);
    }
}

static void plain(void)
{
    setup();
    write_file(elf.data, elf.size);
    CU_ASSERT(opens());
    CU_ASSERT_EQUAL(cached_files(), 0);
}

static void formats(void)
{
    setup();
    for (size_t i = 0; i < PACKERS; i++) {
        write_file(image, make_bzimage(packers[i]()));
        CU_ASSERT(opens());
        CU_ASSERT_EQUAL(cached_files(), (int)i + 1);
        CU_ASSERT(opens());
        CU_ASSERT_EQUAL(cached_files(), (int)i + 1);
    }
    write_file(packed, pack_gzip());
    CU_ASSERT(opens());
}

/* What is in the cache is used, but never trusted: a damaged entry is replaced. */
static void damaged_cache(void)
{
    char command[256];

    setup();
    write_file(image, make_bzimage(pack_xz()));
    snprintf(command, sizeof(command), "for f in %s/kernel-*; do echo garbage >$f; done", cache);
    CU_ASSERT_EQUAL(system(command), 0);
    CU_ASSERT(opens());
    snprintf(command, sizeof(command), "chmod 0666 %s/kernel-*", cache);
    CU_ASSERT_EQUAL(system(command), 0);
    CU_ASSERT(opens());
    chmod(cache, 0777);
    CU_ASSERT(opens());
    chmod(cache, 0700);
}

static void truncated_payloads(void)
{
    setup();
    setenv("HV_CACHE_DIR", "/nonexistent/cache", 1);
    for (size_t i = 0; i < PACKERS; i++) {
        size_t size = packers[i]();

        for (size_t length = 1; length < size; length += 13) {
            unsigned char *copy = malloc(length);
            void *out = NULL;
            size_t out_size;

            memcpy(copy, packed, length);
            if (!hv_decompress(copy, length, "test", &out, &out_size, &error))
                free(out);
            free(copy);
        }
    }
    setenv("HV_CACHE_DIR", cache, 1);
    CU_PASS("");
}

/* A few bytes of input that would be gigabytes of output. */
static void bomb(void)
{
    size_t size = 1UL << 20, used = 0;
    unsigned char *zeroes = calloc(1, size), *bombs = malloc(size);
    lzma_stream xz = LZMA_STREAM_INIT;
    void *out;

    if (lzma_easy_encoder(&xz, 1, LZMA_CHECK_NONE))
        abort();
    xz.next_out = bombs;
    xz.avail_out = size;
    for (int i = 0; i < 600; i++) {
        xz.next_in = zeroes;
        xz.avail_in = size;
        if (lzma_code(&xz, LZMA_RUN) != LZMA_OK)
            abort();
    }
    if (lzma_code(&xz, LZMA_FINISH) != LZMA_STREAM_END)
        abort();
    used = size - xz.avail_out;
    lzma_end(&xz);
    CU_ASSERT(used < 200000);
    CU_ASSERT_EQUAL(hv_decompress(bombs, used, "bomb", &out, &size, &error), -ENOEXEC);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "larger than 512 MiB"));
    free(zeroes);
    free(bombs);
}

static void wrong_bzimages(void)
{
    size_t offset, length, size;

    setup();
    size = make_bzimage(pack_gzip());
    CU_ASSERT_EQUAL(hv_bzimage_payload(image, size, "k", &offset, &length, &error), 0);
    CU_ASSERT_EQUAL(offset, 3 * 512 + 64);
    CU_ASSERT_EQUAL(hv_bzimage_payload(image, size - 1, "k", &offset, &length, &error), -ENOEXEC);
    CU_ASSERT_EQUAL(hv_bzimage_payload(image, 100, "k", &offset, &length, &error), -ENOEXEC);
    memset(image + 0x248, 0xff, 8);
    CU_ASSERT_EQUAL(hv_bzimage_payload(image, size, "k", &offset, &length, &error), -ENOEXEC);
    image[0x206] = 7;
    CU_ASSERT_EQUAL(hv_bzimage_payload(image, size, "k", &offset, &length, &error), -ENOEXEC);
}

static void refused_files(void)
{
    setup();
    CU_ASSERT_PTR_NULL(hv_image_open("/nonexistent", &error));
    CU_ASSERT_EQUAL(error.code, ENOENT);
    CU_ASSERT_PTR_NULL(hv_image_open("/", &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "not a file"));
    write_file("", 0);
    CU_ASSERT(!opens());
    write_file("hello", 5);
    CU_ASSERT(!opens());
    memset(image, 'x', 5000);
    write_file(image, 5000);
    CU_ASSERT(!opens());
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "not a kernel image"));
}

/* The digest that RFC 7693's algorithm has for these, by another implementation. */
static void digest(void)
{
    static const uint8_t of_abc[4] = { 0xbd, 0xdd, 0x81, 0x3c }, of_nothing[4] = { 0x0e, 0x57, 0x51, 0xc0 };
    uint8_t out[BLAKE2B_DIGEST];

    blake2b("abc", 3, out);
    CU_ASSERT_EQUAL(memcmp(out, of_abc, 4), 0);
    blake2b("", 0, out);
    CU_ASSERT_EQUAL(memcmp(out, of_nothing, 4), 0);
}

/* A file is known again by its identity and times, unless it may still be changing. */
static void known_files(void)
{
    struct stat st = { .st_dev = 1, .st_ino = 2, .st_size = 3, .st_mtim = { 4, 5 }, .st_ctim = { 6, 7 } },
                other;
    char name[CACHE_NAME_SIZE], found[CACHE_NAME_SIZE] = "", path[256];

    setup();
    image_cache_name("x", 1, name);
    image_cache_add(name, "content", 7);
    CU_ASSERT(!image_cache_known(&st, found));
    image_cache_remember(&st, name);
    CU_ASSERT(image_cache_known(&st, found));
    CU_ASSERT_STRING_EQUAL(found, name);
    other = st;
    other.st_ctim.tv_nsec++;
    CU_ASSERT(!image_cache_known(&other, found));
    other.st_ctim.tv_sec = time(NULL);
    image_cache_remember(&other, name);
    CU_ASSERT(!image_cache_known(&other, found));
    /* What is remembered of an entry that is gone goes when another is added. */
    snprintf(path, sizeof(path), "%s/%s", cache, name);
    CU_ASSERT_EQUAL(unlink(path), 0);
    image_cache_name("y", 1, name);
    image_cache_add(name, "content", 7);
    CU_ASSERT(!image_cache_known(&st, found));
    CU_ASSERT(!image_cache_is_name("kernel-../../etc/passwd"));
}

static void clean(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

const struct unit_test unit_tests[] = {
    { "an ELF kernel is opened as it is", plain },
    { "gzip, xz, zstd and lz4 bzImages are opened, and cached once", formats },
    { "a damaged or writable cache is not trusted", damaged_cache },
    { "truncated compressed data never reads outside", truncated_payloads },
    { "what decompresses to too much is refused", bomb },
    { "impossible bzImages are refused", wrong_bzimages },
    { "other files are refused", refused_files },
    { "the cache's digest is BLAKE2b", digest },
    { "a file that was seen before is not hashed again", known_files },
    { "the test leaves nothing", clean },
    { NULL, NULL },
};
