// SPDX-License-Identifier: GPL-2.0-only
//
// The handshake with a server of network block devices that says whatever it likes: it is given an answer prepared before, and
// what comes of it is an export, or an error in one line.

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libhv.h>

#include <domain/nbd_handshake.h>

#include "harness.h"

#define GO 7

// What the server will say.
struct script {
    unsigned char bytes[70000];
    size_t used;
};

static void put(struct script *s, uint64_t value, int bytes)
{
    while (bytes--)
        s->bytes[s->used++] = (unsigned char)(value >> (8 * bytes));
}

static void greet(struct script *s, unsigned flags)
{
    put(s, 0x4e42444d41474943, 8);
    put(s, 0x49484156454f5054, 8);
    put(s, flags, 2);
}

static void answer(struct script *s, uint32_t type, uint32_t size)
{
    put(s, 0x0003e889045565a9, 8);
    put(s, GO, 4);
    put(s, type, 4);
    put(s, size, 4);
}

static void tell_export(struct script *s, uint64_t size, unsigned flags)
{
    answer(s, 3, 12);
    put(s, 0, 2);
    put(s, size, 8);
    put(s, flags, 2);
}

static void tell_block(struct script *s, uint32_t least)
{
    answer(s, 3, 14);
    put(s, 3, 2);
    put(s, least, 4);
    put(s, 4096, 4);
    put(s, 1 << 25, 4);
}

// Plays it, and then closes.
static int play(const struct script *s, struct nbd_export *export, struct hv_error *err)
{
    int pair[2], large = 1 << 18, ret;

    *err = (struct hv_error) { 0 };
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return -errno;
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &large, sizeof(large));
    if (send(pair[1], s->bytes, s->used, MSG_DONTWAIT) != (ssize_t)s->used)
        return -EIO;
    shutdown(pair[1], SHUT_WR);
    ret = nbd_handshake(pair[0], "volume", export, err);
    close(pair[0]);
    close(pair[1]);
    return ret;
}

static void good(void)
{
    struct script s = { .used = 0 };
    struct nbd_export export;
    struct hv_error err;

    greet(&s, 3);
    tell_export(&s, 1 << 20, 0x25);
    tell_block(&s, 1);
    answer(&s, 1, 0);
    CU_ASSERT_EQUAL(play(&s, &export, &err), 0);
    CU_ASSERT_EQUAL(export.size, 1 << 20);
    CU_ASSERT_EQUAL(export.flags, 0x25);
    CU_ASSERT_EQUAL(export.block, 512);
}

static void large_blocks(void)
{
    struct nbd_export export;
    struct hv_error err;

    for (int i = 0; i < 4; i++) {
        static const uint32_t wrong[] = { 0, 3, 8192, 1U << 31 };
        struct script s = { .used = 0 };

        greet(&s, 1);
        tell_export(&s, 1 << 20, 1);
        tell_block(&s, wrong[i]);
        answer(&s, 1, 0);
        CU_ASSERT_EQUAL(play(&s, &export, &err), -EINVAL);
        CU_ASSERT(err.message[0] && !strchr(err.message, '\n'));
    }
    for (uint32_t least = 1; least <= 4096; least *= 2) {
        struct script s = { .used = 0 };

        greet(&s, 1);
        tell_export(&s, 1 << 20, 1);
        tell_block(&s, least);
        answer(&s, 1, 0);
        CU_ASSERT_EQUAL(play(&s, &export, &err), 0);
        CU_ASSERT_EQUAL(export.block, least < 512 ? 512 : least);
    }
}

static void refusal(void)
{
    struct script s = { .used = 0 };
    struct nbd_export export;
    struct hv_error err;

    greet(&s, 1);
    answer(&s, 0x80000006, 8);
    memcpy(s.bytes + s.used, "no\033\nsuch", 8);
    s.used += 8;
    CU_ASSERT_EQUAL(play(&s, &export, &err), -ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "no??such"));
}

// Each prefix of what a good server says, and then nothing more.
static void cut_off(void)
{
    struct script s = { .used = 0 };
    struct nbd_export export;
    struct hv_error err;
    size_t all;

    greet(&s, 3);
    tell_export(&s, 1 << 20, 1);
    answer(&s, 1, 0);
    all = s.used;
    for (s.used = 0; s.used < all; s.used++)
        CU_ASSERT_EQUAL(play(&s, &export, &err), -ECONNRESET);
}

static void nonsense(void)
{
    struct nbd_export export;
    struct hv_error err;

    for (int wrong = 0; wrong < 7; wrong++) {
        struct script s = { .used = 0 };

        greet(&s, wrong == 0 ? 0 : 1);
        if (wrong == 1)
            s.bytes[3] ^= 1;
        if (wrong == 2)
            s.bytes[12] ^= 1;
        if (wrong == 3)
            answer(&s, 3, 1 << 30);
        if (wrong == 4)
            for (int i = 0; i < 1000; i++)
                tell_export(&s, 1 << 20, 1);
        if (wrong == 5)
            answer(&s, 1, 0);
        if (wrong == 6) {
            answer(&s, 3, 1);
            put(&s, 0, 1);
        }
        CU_ASSERT_EQUAL(play(&s, &export, &err), -EPROTO);
    }
}

static void odd_sizes(void)
{
    static const uint64_t sizes[] = { 0, 511, 1ULL << 63, ~0ULL };
    struct nbd_export export;
    struct hv_error err;

    for (int i = 0; i < 4; i++) {
        struct script s = { .used = 0 };

        greet(&s, 1);
        tell_export(&s, sizes[i], 1);
        answer(&s, 1, 0);
        CU_ASSERT_EQUAL(play(&s, &export, &err), -EINVAL);
    }
}

const struct unit_test unit_tests[] = {
    { "a server with such an export", good },
    { "blocks that are too large, or none", large_blocks },
    { "a refusal is told in the server's words, made printable", refusal },
    { "a server that closes, wherever", cut_off },
    { "a server that talks nonsense", nonsense },
    { "exports without a usable size", odd_sizes },
    { NULL, NULL },
};
