/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints the TSC, which under icount counts instructions: "ticks WORD NUMBER". As the first program of a guest it
 * then waits for ever: the guest has reached user space, and that is all it is for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
    unsigned long long now = __rdtsc();

    if (getpid() == 1) {
        mkdir("/dev", 0755);
        mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
        dup2(open("/dev/console", O_RDWR), 1);
    }
    printf("ticks %s %llu\n", getpid() == 1 ? "guest" : argc > 1 ? argv[1] : "now", now);
    fflush(stdout);
    while (getpid() == 1)
        pause();
    return 0;
}
