// SPDX-License-Identifier: GPL-2.0-only
//
// hv-exec TOKEN SCRIPT...: runs scripts in dom0 for a program outside that only sees the machine's console.
//
// The console is shared: the hypervisor and the kernel print on it whenever they like, even in the middle of a
// line. What they print is 7-bit text. So everything this program prints has the top bit set, and the reader
// outside takes the two streams apart again byte by byte, wherever they were interleaved.
//
// With the top bit removed the stream is: a byte below 128 stands for itself, and 0x10 (DLE) introduces
//   'd'  the byte 0x10            'h' B  the byte B + 128
//   'o'  standard output follows  'e'    standard error follows
//   'x' STATUS ' ' TOKEN '\n'     the end: the first status that is not 0, in decimal
// The token is chosen anew for each run by the program outside, so no older or foreign text passes for the end.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DLE 0x10

static char out[8192 + 64];
static size_t out_used;

static void flush_out(void)
{
    size_t done = 0;

    while (done < out_used) {
        ssize_t n = write(STDOUT_FILENO, out + done, out_used - done);

        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR && errno != EAGAIN)
            exit(125);
    }
    out_used = 0;
}

static void put(char c)
{
    out[out_used++] = (char)(c | 0x80);
}

static void put_code(char code)
{
    put(DLE);
    put(code);
}

static void put_data(const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (out_used > sizeof(out) - 8)
            flush_out();
        if (data[i] == DLE) {
            put_code('d');
        } else if (data[i] & 0x80) {
            put_code('h');
            put(data[i]);
        } else {
            put(data[i]);
        }
    }
}

// Passes on what a pipe holds. Returns false at its end, or when it holds nothing now.
static int forward(int fd, char stream)
{
    static char current = 'o';
    char data[2048];
    ssize_t n = read(fd, data, sizeof(data));

    if (n <= 0)
        return 0;
    if (stream != current)
        put_code(stream);
    current = stream;
    put_data(data, (size_t)n);
    flush_out();
    return 1;
}

static int child_pipe[2];

static void on_child(int sig)
{
    (void)sig;
    if (write(child_pipe[1], "", 1) < 0)
        _exit(125);
}

static int is_readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

// Ends when the script ends, not when its output is closed: what it left in the background may hold that open.
static int run(const char *script)
{
    int to_out[2], to_err[2], status;
    char byte;

    if (pipe(to_out) || pipe(to_err))
        return 125;
    pid_t pid = fork();
    if (pid < 0)
        return 125;
    if (pid == 0) {
        dup2(to_out[1], STDOUT_FILENO);
        dup2(to_err[1], STDERR_FILENO);
        for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
            close(fd);
        setsid();
        execl("/bin/sh", "sh", script, (char *)NULL);
        _exit(127);
    }
    close(to_out[1]);
    close(to_err[1]);

    struct pollfd polls[] = {
        { .fd = to_out[0], .events = POLLIN },
        { .fd = to_err[0], .events = POLLIN },
        { .fd = child_pipe[0], .events = POLLIN },
    };
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (poll(polls, 3, -1) < 0)
            continue;
        if (polls[0].revents && !forward(to_out[0], 'o'))
            polls[0].fd = -1;
        if (polls[1].revents && !forward(to_err[0], 'e'))
            polls[1].fd = -1;
        if (polls[2].revents && read(child_pipe[0], &byte, 1) < 0)
            break;
    }
    while (is_readable(to_out[0]) && forward(to_out[0], 'o'))
        continue;
    while (is_readable(to_err[0]) && forward(to_err[0], 'e'))
        continue;
    close(to_out[0]);
    close(to_err[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    char end[128];
    int status = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: hv-exec TOKEN SCRIPT...\n");
        return 1;
    }
    if (pipe(child_pipe))
        return 125;
    signal(SIGCHLD, on_child);
    for (int i = 2; i < argc && status == 0; i++)
        status = run(argv[i]);

    int size = snprintf(end, sizeof(end), "%d %s\n", status, argv[1]);
    put_code('x');
    put_data(end, (size_t)size);
    flush_out();
    return status;
}
