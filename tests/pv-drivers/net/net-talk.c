/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net-talk: the two ends of the tests of network drivers, one program without libraries for dom0 and guests.
 *
 *   net-talk serve                        answers on port 7000 (TCP and UDP, IPv4 and IPv6, groups 239.7.7.7 and ff15::7777)
 *   net-talk send HOST BYTES              a stream to the server, which compares it with what it should be
 *   net-talk fetch HOST BYTES             a stream from the server, compared here
 *   net-talk rr HOST COUNT BYTES          requests and answers of BYTES bytes, one after the other
 *   net-talk udp HOST COUNT BYTES         datagrams and their echoes; fails when more than one in ten is lost or one is wrong
 *   net-talk counters INTERFACE           what ethtool -S prints
 *   net-talk sh HOST COMMAND              runs a command there; prints what it prints, and exits as it did
 *
 * Streams are a known sequence: each 8 bytes are their position, mixed. So bytes that are lost, doubled or swapped are seen.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT 7000
#define BLOCK 65536
#define PATIENCE 120        /* seconds; then a client is ended by a signal */
#define GROUP4 "239.7.7.7"
#define GROUP6 "ff15::7777"

static void die(const char *what)
{
    printf("net-talk: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void make_block(uint64_t *block, uint64_t position)
{
    for (unsigned int i = 0; i < BLOCK / 8; i++)
        block[i] = (position + i * 8) * 0x9e3779b97f4a7c15u ^ 0x5bd1e995u;
}

static int read_all(int fd, void *data, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        ssize_t n = read(fd, (char *)data + at, bytes - at);

        if (n <= 0)
            return -1;
        at += (size_t)n;
    }
    return 0;
}

static int write_all(int fd, const void *data, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        ssize_t n = write(fd, (const char *)data + at, bytes - at);

        if (n <= 0)
            return -1;
        at += (size_t)n;
    }
    return 0;
}

static int produce(int fd, uint64_t bytes)
{
    static uint64_t block[BLOCK / 8];

    for (uint64_t at = 0; at < bytes; at += BLOCK) {
        size_t length = bytes - at < BLOCK ? bytes - at : BLOCK;

        make_block(block, at);
        if (write_all(fd, block, length))
            return -1;
    }
    return 0;
}

/* The offset of the first block that is wrong or missing, or -1 when all is right. */
static int64_t compare(int fd, uint64_t bytes)
{
    static uint64_t block[BLOCK / 8], right[BLOCK / 8];

    for (uint64_t at = 0; at < bytes; at += BLOCK) {
        size_t length = bytes - at < BLOCK ? bytes - at : BLOCK;

        make_block(right, at);
        if (read_all(fd, block, length) || memcmp(block, right, length))
            return (int64_t)at;
    }
    return -1;
}

/* The TSC: under `qemu -icount` these are instructions, of all domains together as long as nobody waits. */
static uint64_t ticks(void)
{
    return __builtin_ia32_rdtsc();
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* HOST is IPv4, or IPv6 with %INTERFACE. */
static socklen_t address(const char *host, struct sockaddr_storage *where)
{
    struct sockaddr_in *four = (struct sockaddr_in *)where;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)where;
    char text[64];
    char *interface;

    memset(where, 0, sizeof(*where));
    snprintf(text, sizeof(text), "%s", host);
    interface = strchr(text, '%');
    if (interface)
        *interface++ = 0;
    four->sin_port = htons(PORT);       /* in the same place for both */
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        return sizeof(*four);
    }
    if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1) {
        printf("net-talk: %s is no address\n", host);
        exit(2);
    }
    six->sin6_family = AF_INET6;
    six->sin6_scope_id = interface ? if_nametoindex(interface) : 0;
    return sizeof(*six);
}

static int dial(const char *host, const char *request)
{
    struct sockaddr_storage where;
    socklen_t length = address(host, &where);
    int fd = socket(where.ss_family, SOCK_STREAM, 0), one = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&where, length))
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (write_all(fd, request, strlen(request)))
        die("request");
    return fd;
}

/* ---- the server ---- */

static void run_command(int fd, const char *command)
{
    char line[32];
    int status;
    pid_t pid = fork();

    if (!pid) {
        dup2(fd, 1);
        dup2(fd, 2);
        close(fd);      /* what it leaves in the background does not keep the client */
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    snprintf(line, sizeof(line), "\nstatus %d", WIFEXITED(status) ? WEXITSTATUS(status) : 126);
    write_all(fd, line, strlen(line));
}

static void answer(int fd)
{
    char line[1024], text[64];
    unsigned int length = 0;
    unsigned long long bytes;
    int one = 1;

    while (length < sizeof(line) - 1 && read(fd, line + length, 1) == 1 && line[length] != '\n')
        length++;
    line[length] = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (sscanf(line, "sink %llu", &bytes) == 1) {
        snprintf(text, sizeof(text), "%lld\n", (long long)compare(fd, bytes));
        write_all(fd, text, strlen(text));
    } else if (sscanf(line, "source %llu", &bytes) == 1) {
        produce(fd, bytes);
    } else if (sscanf(line, "echo %llu", &bytes) == 1 && bytes <= BLOCK) {
        char *data = malloc(bytes);

        while (data && !read_all(fd, data, bytes) && !write_all(fd, data, bytes))
            ;
    } else if (!strncmp(line, "sh ", 3)) {
        run_command(fd, line + 3);
    }
}

static int bound_socket(int type)
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
    int fd = socket(AF_INET6, type, 0), off = 0, on = 1;

    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
        die("bind");
    return fd;
}

static void echo_datagrams(void)
{
    int fd = bound_socket(SOCK_DGRAM);
    struct ip_mreqn four = { .imr_ifindex = (int)if_nametoindex("eth0") };
    struct ipv6_mreq six = { .ipv6mr_interface = if_nametoindex("eth0") };
    static char data[BLOCK];

    inet_pton(AF_INET, GROUP4, &four.imr_multiaddr);
    inet_pton(AF_INET6, GROUP6, &six.ipv6mr_multiaddr);
    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &four, sizeof(four));
    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof(six));
    for (;;) {
        struct sockaddr_storage from;
        socklen_t length = sizeof(from);
        ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &length);

        if (n > 0)
            sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&from, length);
    }
}

static int serve(void)
{
    int listener;

    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    if (!fork())
        echo_datagrams();
    listener = bound_socket(SOCK_STREAM);
    if (listen(listener, 16))
        die("listen");
    for (;;) {
        int fd = accept(listener, NULL, NULL);

        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (fd < 0)
            continue;
        if (!fork()) {
            close(listener);
            answer(fd);
            _exit(0);
        }
        close(fd);
    }
}

/* ---- the clients ---- */

static int rate(uint64_t bytes, double begun, uint64_t first)
{
    double seconds = now() - begun;

    printf("%llu bytes in %.2f s: %.1f Mbit/s, %.0f ticks per KiB\n", (unsigned long long)bytes, seconds,
           (double)bytes * 8e-6 / seconds, (double)(ticks() - first) * 1024 / (double)bytes);
    return 0;
}

static int send_stream(const char *host, uint64_t bytes)
{
    char text[64];
    double begun = now();
    uint64_t first = ticks();
    ssize_t n;
    int fd;

    snprintf(text, sizeof(text), "sink %llu\n", (unsigned long long)bytes);
    fd = dial(host, text);
    if (produce(fd, bytes))
        die("send");
    n = read(fd, text, sizeof(text) - 1);
    text[n < 0 ? 0 : n] = 0;
    if (strcmp(text, "-1\n")) {
        printf("net-talk: wrong bytes arrived: %s\n", text);
        return 1;
    }
    return rate(bytes, begun, first);
}

static int fetch_stream(const char *host, uint64_t bytes)
{
    char text[64];
    double begun = now();
    uint64_t first = ticks();
    int64_t wrong;

    snprintf(text, sizeof(text), "source %llu\n", (unsigned long long)bytes);
    wrong = compare(dial(host, text), bytes);
    if (wrong >= 0) {
        printf("net-talk: wrong bytes came at %lld\n", (long long)wrong);
        return 1;
    }
    return rate(bytes, begun, first);
}

static int ask_and_wait(const char *host, unsigned int count, unsigned int bytes)
{
    char text[64], *data = calloc(1, bytes ? bytes : 1);
    double begun = now();
    uint64_t first = ticks();
    int fd;

    snprintf(text, sizeof(text), "echo %u\n", bytes);
    fd = dial(host, text);
    for (unsigned int i = 0; i < count; i++)
        if (write_all(fd, data, bytes) || read_all(fd, data, bytes))
            die("rr");
    printf("%u answers, %.1f us each, %.0f ticks\n", count, (now() - begun) * 1e6 / count,
           (double)(ticks() - first) / count);
    return 0;
}

static int datagrams(const char *host, unsigned int count, unsigned int bytes)
{
    struct sockaddr_storage where;
    socklen_t length = address(host, &where);
    int fd = socket(where.ss_family, SOCK_DGRAM, 0);
    static uint64_t sent[BLOCK / 8], got[BLOCK / 8];
    unsigned int lost = 0;

    if (fd < 0 || bytes < 8)
        die("udp");
    for (unsigned int i = 0; i < count; i++) {
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        ssize_t n = 0;

        make_block(sent, (uint64_t)i << 20);
        if (sendto(fd, sent, bytes, 0, (struct sockaddr *)&where, length) != (ssize_t)bytes)
            die("sendto");
        /* Late echoes of earlier datagrams are passed over. */
        while (poll(&ready, 1, 2000) == 1) {
            n = recv(fd, got, sizeof(got), 0);
            if (n < 8 || got[0] == sent[0])
                break;
        }
        if (n <= 0) {
            lost++;
        } else if (n != (ssize_t)bytes || memcmp(got, sent, bytes)) {
            printf("net-talk: datagram %u came back wrong (%zd bytes)\n", i, n);
            return 1;
        }
    }
    printf("%u of %u lost\n", lost, count);
    return lost * 10 > count;
}

static int remote_command(const char *host, const char *command)
{
    char line[1100], text[65536];
    size_t length = 0;
    ssize_t n;
    char *end;
    int fd;

    snprintf(line, sizeof(line), "sh %s\n", command);
    fd = dial(host, line);
    while (length < sizeof(text) - 1 && (n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
        length += (size_t)n;
    text[length] = 0;
    end = strstr(text, "\nstatus ");
    if (!end)
        die("sh");
    *end = 0;
    printf("%s\n", text);
    return atoi(end + 8);
}

static int counters(const char *interface)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
    struct ifreq request = { .ifr_data = (void *)&driver };
    struct ethtool_gstrings *names;
    struct ethtool_stats *values;

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
    if (ioctl(fd, SIOCETHTOOL, &request))
        die(interface);
    names = calloc(1, sizeof(*names) + driver.n_stats * ETH_GSTRING_LEN);
    values = calloc(1, sizeof(*values) + driver.n_stats * sizeof(values->data[0]));
    names->cmd = ETHTOOL_GSTRINGS;
    names->string_set = ETH_SS_STATS;
    names->len = values->n_stats = driver.n_stats;
    values->cmd = ETHTOOL_GSTATS;
    request.ifr_data = (void *)names;
    if (ioctl(fd, SIOCETHTOOL, &request))
        die("names");
    request.ifr_data = (void *)values;
    if (ioctl(fd, SIOCETHTOOL, &request))
        die("values");
    printf("%s:", driver.driver);
    for (unsigned int i = 0; i < driver.n_stats; i++)
        printf(" %s=%llu", (char *)names->data + i * ETH_GSTRING_LEN, (unsigned long long)values->data[i]);
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *host = argc > 2 ? argv[2] : "";

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(what, "serve"))
        return serve();
    alarm(PATIENCE);
    if (!strcmp(what, "send") && argc == 4)
        return send_stream(host, strtoull(argv[3], NULL, 0));
    if (!strcmp(what, "fetch") && argc == 4)
        return fetch_stream(host, strtoull(argv[3], NULL, 0));
    if (!strcmp(what, "rr") && argc == 5)
        return ask_and_wait(host, (unsigned int)atoi(argv[3]), (unsigned int)atoi(argv[4]));
    if (!strcmp(what, "udp") && argc == 5)
        return datagrams(host, (unsigned int)atoi(argv[3]), (unsigned int)atoi(argv[4]));
    if (!strcmp(what, "counters") && argc == 3)
        return counters(host);
    if (!strcmp(what, "sh") && argc == 4)
        return remote_command(host, argv[3]);
    printf("usage: see the head of net-talk.c\n");
    return 2;
}
