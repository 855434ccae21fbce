/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making listening sockets.
 */
#include "listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <domain/paths.h>

int listener_open(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, error;

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    path_make_parent(path, NULL);
    unlink(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    /* The mode of the socket itself is set before anybody can be accepted: connecting needs listen(). */
    if (!bind(fd, (struct sockaddr *)&address, sizeof(address)) && !chmod(path, 0600) && !listen(fd, 16))
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}
