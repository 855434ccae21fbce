/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between terminal and socket. Without a terminal, input is passed on until its end, output until the
 * console's.
 */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <domain/escape.h>

#define ESCAPE_KEY 0x1d /* ^] */

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static bool raw_mode(struct termios *before)
{
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) < 0)
        return false;
    raw = *before;
    cfmakeraw(&raw);
    return !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* From the terminal to the guest. False: ^] was typed, or the console has gone. */
static bool pass_typed(int console, struct pollfd *input)
{
    char buf[256];
    ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
    char *leave = n > 0 ? memchr(buf, ESCAPE_KEY, (size_t)n) : NULL;

    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0) {
        input->fd = -1; /* no more input: go on showing */
        return true;
    }
    if (leave)
        n = leave - buf;
    for (ssize_t done = 0; done < n;) {
        ssize_t sent = send(console, buf + done, (size_t)(n - done), MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            return false;
        done += sent > 0 ? sent : 0;
    }
    return !leave;
}

/* From the guest to the terminal. False: the console has ended. */
static bool pass_output(int console, bool safe)
{
    char buf[4096], shown[sizeof(buf) * ESCAPE_MAX];
    ssize_t n = recv(console, buf, sizeof(buf), 0);
    size_t size;

    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (!safe)
        return n && write_all(STDOUT_FILENO, buf, (size_t)n);
    escape(buf, (size_t)n, 1, shown, &size);
    return n && write_all(STDOUT_FILENO, shown, size);
}

int terminal_run(int console, bool safe)
{
    struct pollfd fds[2] = { { .fd = console, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
    struct termios before;
    bool raw, go_on = true;

    fflush(stdout);
    raw = raw_mode(&before);
    if (raw)
        fprintf(stderr, "Connected; ^] leaves the console.\r\n");
    while (go_on) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[0].revents)
            go_on = pass_output(console, safe);
        if (go_on && fds[1].fd >= 0 && fds[1].revents)
            go_on = pass_typed(console, &fds[1]);
    }
    close(console);
    if (raw) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        fprintf(stderr, "\n");
    }
    return 0;
}
