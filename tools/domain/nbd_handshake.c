/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fixed newstyle handshake, with the one option NBD_OPT_GO, which all servers of the last years know. Numbers are those of
 * the protocol's description (doc/proto.md of the NBD project).
 */
#include "nbd_handshake.h"

#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <libhv/device.h>
#include <libhv/error.h>

#define MAGIC_SERVER 0x4e42444d41474943ULL /* "NBDMAGIC" */
#define MAGIC_OPTION 0x49484156454f5054ULL /* "IHAVEOPT" */
#define MAGIC_REPLY  0x0003e889045565a9ULL

#define FLAG_FIXED_NEWSTYLE 1
#define FLAG_NO_ZEROES      2
#define OPT_GO              7
#define REP_ACK             1
#define REP_INFO            3
#define REP_ERROR           0x80000000U
#define INFO_EXPORT         0
#define INFO_BLOCK_SIZE     3

#define ANSWER_MAX     4096 /* bytes of an answer */
#define ANSWERS_MAX    64
#define ANSWER_SECONDS 20
#define BLOCK_MIN      512
#define BLOCK_MAX      4096 /* the kernel's page */

static int lost(struct hv_error *err, int error)
{
    if (error == EAGAIN || error == EWOULDBLOCK)
        return hv_error_set(err, ETIMEDOUT, NULL, "the NBD server does not answer in %d s", ANSWER_SECONDS);
    return hv_error_set(err, error ? error : ECONNRESET, NULL, "the NBD server has closed the connection%s%s",
                        error ? ": " : "", error ? strerror(error) : "");
}

static int nonsense(struct hv_error *err)
{
    return hv_error_set(err, EPROTO, "is it a server of network block devices, and not older than 2016?",
                        "the server does not speak NBD as expected");
}

static int get(int sock, void *buf, size_t size, struct hv_error *err)
{
    while (size) {
        ssize_t n = recv(sock, buf, size, MSG_WAITALL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return lost(err, n < 0 ? errno : 0);
        buf = (char *)buf + n;
        size -= (size_t)n;
    }
    return 0;
}

static int put(int sock, const void *buf, size_t size, struct hv_error *err)
{
    ssize_t n = send(sock, buf, size, MSG_NOSIGNAL);

    /* All we send together fits any socket's buffer. */
    return n == (ssize_t)size ? 0 : lost(err, n < 0 ? errno : 0);
}

static int greet(int sock, struct hv_error *err)
{
    struct __attribute__((packed)) {
        uint64_t magic, option;
        uint16_t flags;
    } hello;
    uint32_t answer;
    int ret = get(sock, &hello, sizeof(hello), err);

    if (ret < 0)
        return ret;
    if (be64toh(hello.magic) != MAGIC_SERVER || be64toh(hello.option) != MAGIC_OPTION ||
        !(be16toh(hello.flags) & FLAG_FIXED_NEWSTYLE))
        return nonsense(err);
    answer = htobe32(FLAG_FIXED_NEWSTYLE | (be16toh(hello.flags) & FLAG_NO_ZEROES));
    return put(sock, &answer, sizeof(answer), err);
}

static int ask(int sock, const char *name, struct hv_error *err)
{
    uint32_t length = (uint32_t)strlen(name);
    struct __attribute__((packed)) {
        uint64_t magic;
        uint32_t option, size, length;
        char name[HV_NBD_EXPORT_MAX + 4];
    } question = {
        .magic = htobe64(MAGIC_OPTION),
        .option = htobe32(OPT_GO),
        .size = htobe32(4 + length + 4),
        .length = htobe32(length),
    };
    const uint16_t wants[] = { htobe16(1), htobe16(INFO_BLOCK_SIZE) };

    if (length >= HV_NBD_EXPORT_MAX)
        return hv_error_set(err, EINVAL, NULL, "the name of the export is too long");
    memcpy(question.name, name, length);
    memcpy(question.name + length, wants, sizeof(wants));
    return put(sock, &question, sizeof(question) - sizeof(question.name) + length + sizeof(wants), err);
}

static int take_info(const uint8_t *data, uint32_t size, struct nbd_export *export, bool *sized, struct hv_error *err)
{
    uint16_t what, flags;
    uint64_t bytes;
    uint32_t least;

    if (size < sizeof(what))
        return nonsense(err);
    memcpy(&what, data, sizeof(what));
    if (be16toh(what) == INFO_EXPORT) {
        if (size < 12)
            return nonsense(err);
        memcpy(&bytes, data + 2, sizeof(bytes));
        memcpy(&flags, data + 10, sizeof(flags));
        export->size = be64toh(bytes);
        export->flags = be16toh(flags);
        *sized = true;
    } else if (be16toh(what) == INFO_BLOCK_SIZE && size >= 14) {
        memcpy(&least, data + 2, sizeof(least));
        least = be32toh(least);
        if (!least || (least & (least - 1)) || least > BLOCK_MAX)
            return hv_error_set(err, EINVAL, NULL, "the export has blocks of %u bytes: at most %u can be used", least,
                                BLOCK_MAX);
        export->block = least < BLOCK_MIN ? BLOCK_MIN : least;
    }
    return 0;
}

/* The server's own words are behind its refusal. */
static int refused(const char *name, uint8_t *data, uint32_t size, struct hv_error *err)
{
    for (uint32_t i = 0; i < size; i++)
        if (data[i] < ' ' || data[i] > '~')
            data[i] = '?';
    return hv_error_set(err, ENOENT, NULL, "the NBD server refuses the export \"%s\"%s%.*s", name, size ? ": " : "",
                        size > 200 ? 200 : (int)size, (const char *)data);
}

static int await_export(int sock, const char *name, struct nbd_export *export, struct hv_error *err)
{
    struct __attribute__((packed)) {
        uint64_t magic;
        uint32_t option, type, size;
    } answer;
    uint8_t data[ANSWER_MAX];
    bool sized = false;

    for (int i = 0; i < ANSWERS_MAX; i++) {
        int ret = get(sock, &answer, sizeof(answer), err);
        uint32_t type, size;

        if (ret < 0)
            return ret;
        type = be32toh(answer.type);
        size = be32toh(answer.size);
        if (be64toh(answer.magic) != MAGIC_REPLY || be32toh(answer.option) != OPT_GO || size > sizeof(data))
            return nonsense(err);
        ret = get(sock, data, size, err);
        if (ret < 0)
            return ret;
        if (type & REP_ERROR)
            return refused(name, data, size, err);
        if (type == REP_ACK)
            return sized ? 0 : nonsense(err);
        ret = type == REP_INFO ? take_info(data, size, export, &sized, err) : 0;
        if (ret < 0)
            return ret;
    }
    return nonsense(err);
}

static void set_patience(int sock, int seconds)
{
    const struct timeval time = { .tv_sec = seconds };

    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

int nbd_handshake(int sock, const char *name, struct nbd_export *export, struct hv_error *err)
{
    int ret;

    *export = (struct nbd_export){ .block = BLOCK_MIN };
    set_patience(sock, ANSWER_SECONDS);
    ret = greet(sock, err);
    if (!ret)
        ret = ask(sock, name, err);
    if (!ret)
        ret = await_export(sock, name, export, err);
    if (!ret && (export->size < export->block || export->size > INT64_MAX))
        ret = hv_error_set(err, EINVAL, NULL, "the export \"%s\" is empty", name);
    set_patience(sock, 0);
    return ret;
}

int nbd_dial_local(const char *path, struct hv_error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ret;

    if (sock < 0 || strlen(path) >= sizeof(address.sun_path))
        return hv_error_set(err, sock < 0 ? errno : ENAMETOOLONG, NULL, "cannot make a socket for %s", path);
    strcpy(address.sun_path, path);
    if (!connect(sock, (struct sockaddr *)&address, sizeof(address)))
        return sock;
    ret = hv_error_set(err, errno, NULL, "cannot connect to %s: %s", path, strerror(errno));
    close(sock);
    return ret;
}

static int dial_one(const struct addrinfo *place)
{
    const int on = 1;
    int sock = socket(place->ai_family, place->ai_socktype | SOCK_CLOEXEC, place->ai_protocol), error;

    if (sock < 0)
        return -errno;
    set_patience(sock, ANSWER_SECONDS);
    if (!connect(sock, place->ai_addr, place->ai_addrlen)) {
        /* A request is small, and the next one waits for its answer; a server that is gone is to be noticed. */
        setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        setsockopt(sock, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
        return sock;
    }
    error = errno == EINPROGRESS ? ETIMEDOUT : errno;
    close(sock);
    return -error;
}

int nbd_dial(const struct hv_nbd *server, struct hv_error *err)
{
    const struct addrinfo wish = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
    struct addrinfo *places;
    int found = getaddrinfo(server->host, server->port, &wish, &places), sock = -EHOSTUNREACH;

    if (found)
        return hv_error_set(err, EHOSTUNREACH, "check <host>", "cannot find the NBD server %s: %s", server->host,
                            found == EAI_SYSTEM ? strerror(errno) : gai_strerror(found));
    for (const struct addrinfo *place = places; place && sock < 0; place = place->ai_next)
        sock = dial_one(place);
    freeaddrinfo(places);
    if (sock < 0)
        return hv_error_set(err, -sock, "check <host>, and whether the server runs",
                            "cannot connect to the NBD server %s, port %s: %s", server->host, server->port,
                            strerror(-sock));
    return sock;
}
