/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvd's sockets, from the other side.
 */
#include "hvd_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <libhv/error.h>

#include "paths.h"

#define ANSWER_MS 30000

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, error;

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
        return fd;
    error = errno;
    close(fd);
    return -error;
}

static int connect_hvd(struct hv_error *err)
{
    char path[PATH_MAX];
    int fd = connect_to(path_in(PATH_RUN, path, "hvd.sock"));

    if (fd < 0)
        return hv_error_set(err, -fd, "start it: hvd", "hvd does not run (%s: %s)", path, strerror(-fd));
    return fd;
}

/* Reads up to the end of the line. */
static int read_line(int fd, char *line)
{
    struct pollfd waiting = { .fd = fd, .events = POLLIN };
    size_t used = 0;

    while (used < HVD_LINE_MAX - 1) {
        ssize_t n;

        if (poll(&waiting, 1, ANSWER_MS) <= 0)
            return -ETIMEDOUT;
        n = read(fd, line + used, HVD_LINE_MAX - 1 - used);
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        used += (size_t)n;
        line[used] = '\0';
        if (line[used - 1] == '\n') {
            line[used - 1] = '\0';
            return 0;
        }
    }
    return -EPROTO;
}

int hvd_request(const char *line, char *answer, struct hv_error *err)
{
    char text[HVD_LINE_MAX];
    int fd = connect_hvd(err), length, ret;

    if (fd < 0)
        return fd;
    length = snprintf(text, sizeof(text), "%s\n", line);
    ret = send(fd, text, (size_t)length, MSG_NOSIGNAL) == length ? read_line(fd, text) : -errno;
    close(fd);
    if (ret < 0)
        return hv_error_set(err, -ret, "see /var/log/hv/hvd.log", "hvd does not answer: %s", strerror(-ret));
    if (strncmp(text, "ok", 2))
        return hv_error_set(err, EIO, "see /var/log/hv/hvd.log", "hvd: %s",
                            strncmp(text, "error ", 6) ? text : text + 6);
    if (answer)
        snprintf(answer, HVD_LINE_MAX, "%s", text + (text[2] ? 3 : 2));
    return 0;
}

bool hvd_is_running(void)
{
    return !hvd_request("ping", NULL, NULL);
}

int hvd_adopt(unsigned domid, struct hv_error *err)
{
    char line[32];

    snprintf(line, sizeof(line), "adopt %u", domid);
    return hvd_request(line, NULL, err);
}

char *hvd_console_path(unsigned domid, char path[PATH_MAX])
{
    return path_in(PATH_RUN, path, "console/%u.sock", domid);
}

int hvd_console_connect(unsigned domid, struct hv_error *err)
{
    char path[PATH_MAX];
    int fd = connect_to(hvd_console_path(domid, path));

    if (fd >= 0)
        return fd;
    if (!hvd_is_running())
        return hv_error_set(err, ENOTCONN, "start it: hvd",
                            "cannot reach the console of domain %u: hvd does not run", domid);
    return hv_error_set(err, -fd, "see /var/log/hv/hvd.log", "cannot reach the console of domain %u: %s",
                        domid, strerror(-fd));
}
