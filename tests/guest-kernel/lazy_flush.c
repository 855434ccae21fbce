/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread sleeps in poll() on another CPU, which borrows its address space meanwhile; the page where poll() is to write its answer is
 * taken away. When the thread is woken the kernel must find that: if that CPU had not flushed its TLB since, it would still write there.
 * Its output is like that of the kernel's own selftests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TURNS 300

static struct pollfd *question; /* a page of its own */
static size_t page;
static int bell[2];
static volatile pid_t sleeper;
static volatile int asked, answered, answer;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void stay_on(int cpu)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    if (sched_setaffinity(0, sizeof(cpus), &cpus))
        die("sched_setaffinity");
}

static void *sleep_there(void *unused)
{
    stay_on(1);
    sleeper = gettid();
    for (int turn = 1; turn <= TURNS; turn++) {
        question->fd = bell[0];
        question->events = POLLIN;
        asked = turn;
        answer = poll(question, 1, -1) < 0 ? errno : 0;
        answered = turn;
        while (asked == turn) /* until it is set back */
            usleep(100);
    }
    return unused;
}

static int sleeps(void)
{
    char path[64], text[256];
    int fd;
    ssize_t length;

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", sleeper);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        die(path);
    length = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[length > 0 ? length : 0] = 0;
    return strstr(text, ") S ") != NULL;
}

/* Takes the page away from the sleeper, wakes it, and tells what it got. */
static int turn_with(int turn, int protection)
{
    char byte;

    while (asked != turn || !sleeps())
        usleep(100);
    mprotect(question, page, protection);
    if (write(bell[1], "", 1) != 1)
        die("write");
    while (answered != turn)
        usleep(100);
    mprotect(question, page, PROT_READ | PROT_WRITE);
    if (read(bell[0], &byte, 1) != 1)
        die("read");
    asked = 0;
    return answer;
}

int main(void)
{
    unsigned int stale = 0;
    pthread_t thread;

    page = sysconf(_SC_PAGESIZE);
    question = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (question == MAP_FAILED || pipe(bell))
        die("setup");
    stay_on(0);
    if (pthread_create(&thread, NULL, sleep_there, NULL))
        die("pthread_create");
    for (int turn = 1; turn <= TURNS; turn++)
        stale += turn_with(turn, turn & 1 ? PROT_READ : PROT_NONE) != EFAULT;
    pthread_join(thread, NULL);
    printf("[%s]\tof %d answers, %u written to a page that was gone\n", stale ? "FAIL" : "OK", TURNS, stale);
    return stale != 0;
}
