/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program asks of its kernel, in ticks of the TSC an operation: "os NAME TICKS" a line. Under icount
 * the ticks are instructions, the program's own few included.
 *
 * Each operation runs once unmeasured, so that the kernel's caches are filled; then the least of several
 * rounds counts, for a round may hold a timer's tick.
 *
 * As the first program of a guest it stays when it is done: the guest is nobody else's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define PAGE 4096ul
#define ROUNDS 5u

static char *self; /* this program's file, to be executed again */
static char *area; /* pages of the operation that runs */
static int there[2], back[2];
static pid_t partner;
static pthread_t sleeper;
static int timer;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static char *map(unsigned int pages)
{
    char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        die("mmap");
    return at;
}

static void touch(char *at, unsigned int pages)
{
    for (unsigned int i = 0; i < pages; i++)
        *(volatile char *)(at + i * PAGE) = 1;
}

static void wait_for(pid_t child)
{
    if (child < 0 || waitpid(child, NULL, 0) != child)
        die("child");
}

/* --- the operations: each does its thing `times` times --- */

static void getppid_run(unsigned int times)
{
    while (times--)
        syscall(SYS_getppid);
}

static void on_signal(int number) { (void)number; }

static void signal_prepare(unsigned int times)
{
    (void)times;
    signal(SIGUSR1, on_signal);
}

static void signal_run(unsigned int times)
{
    while (times--)
        raise(SIGUSR1);
}

static void fault_prepare(unsigned int times) { area = map(times); }
static void fault_run(unsigned int times) { touch(area, times); }
static void fault_finish(unsigned int times) { munmap(area, times * PAGE); }

static void mmap_run(unsigned int times)
{
    while (times--) {
        char *at = map(16);

        touch(at, 16);
        munmap(at, 16 * PAGE);
    }
}

static void mprotect_prepare(unsigned int times)
{
    (void)times;
    area = map(256);
    touch(area, 256);
}

static void mprotect_run(unsigned int times)
{
    while (times--)
        mprotect(area, 256 * PAGE, times & 1 ? PROT_READ : PROT_READ | PROT_WRITE);
}

static void mprotect_finish(unsigned int times)
{
    (void)times;
    munmap(area, 256 * PAGE);
}

/* A thread of this process runs on another CPU, and sleeps: that CPU idles, and has the address space loaded still. */
static void *sleep_there(void *unused)
{
    char byte = 0;

    if (write(back[1], &byte, 1) != 1 || read(there[0], &byte, 1) != 1)
        die("pipe");
    return unused;
}

static void sleeper_prepare(unsigned int times)
{
    pthread_attr_t on_another;
    cpu_set_t cpus;
    char byte;

    mprotect_prepare(times);
    CPU_ZERO(&cpus);
    CPU_SET(1, &cpus);
    pthread_attr_init(&on_another);
    pthread_attr_setaffinity_np(&on_another, sizeof(cpus), &cpus);
    if (pipe(there) || pipe(back) || pthread_create(&sleeper, &on_another, sleep_there, NULL) || read(back[0], &byte, 1) != 1)
        die("thread");
}

static void sleeper_run(unsigned int times)
{
    while (times--)
        mprotect(area, PAGE, times & 1 ? PROT_READ : PROT_READ | PROT_WRITE);
}

static void sleeper_finish(unsigned int times)
{
    if (write(there[1], "", 1) != 1 || pthread_join(sleeper, NULL))
        die("thread");
    for (int end = 0; end < 2; end++) {
        close(there[end]);
        close(back[end]);
    }
    mprotect_finish(times);
}

static void fork_run(unsigned int times)
{
    while (times--) {
        pid_t child = fork();

        if (!child)
            _exit(0);
        wait_for(child);
    }
}

static void exec_run(unsigned int times)
{
    while (times--) {
        pid_t child = fork();

        if (!child) {
            execl(self, self, "exit", NULL);
            _exit(1);
        }
        wait_for(child);
    }
}

/* One byte there and back between two processes: four system calls and two switches. */
static void pipe_prepare(unsigned int times)
{
    char byte;

    (void)times;
    if (pipe(there) || pipe(back))
        die("pipe");
    partner = fork();
    if (partner)
        return;
    close(there[1]);
    while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
        ;
    _exit(0);
}

static void pipe_run(unsigned int times)
{
    char byte = 0;

    while (times--)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            die("pipe");
}

static void pipe_finish(unsigned int times)
{
    (void)times;
    close(there[1]);
    wait_for(partner);
    close(there[0]);
    close(back[0]);
    close(back[1]);
}

/* Two processes of one real-time priority: each yield is a switch to the other. */
static void in_turns(void)
{
    struct sched_param p = { .sched_priority = 1 };

    if (sched_setscheduler(0, SCHED_FIFO, &p))
        die("sched_setscheduler");
}

static void yield_prepare(unsigned int times)
{
    in_turns();
    partner = fork();
    if (partner)
        return;
    for (unsigned int i = 0; i <= times; i++)
        sched_yield();
    _exit(0);
}

static void yield_run(unsigned int times)
{
    while (times--)
        sched_yield();
}

static void yield_finish(unsigned int times)
{
    struct sched_param p = { 0 };

    (void)times;
    wait_for(partner);
    sched_setscheduler(0, SCHED_OTHER, &p);
}

/* Through the vDSO: a system call only if the kernel has no clock that user mode can read. */
static void clock_run(unsigned int times)
{
    struct timespec now;

    while (times--)
        clock_gettime(CLOCK_MONOTONIC, &now);
}

/*
 * A timer that is put off before it expires, as one for a time-out is: the kernel's next event each time. So the round begins when a
 * tick is just over, and the next one is later than all of it.
 */
static void timer_prepare(unsigned int times)
{
    struct timespec begin, now;

    (void)times;
    timer = timerfd_create(CLOCK_MONOTONIC, 0);
    if (timer < 0)
        die("timerfd_create");
    clock_gettime(CLOCK_MONOTONIC_COARSE, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    while (now.tv_nsec == begin.tv_nsec);
}

static void timer_run(unsigned int times)
{
    const struct itimerspec soon = { .it_value.tv_nsec = 1000000 };

    while (times--)
        timerfd_settime(timer, 0, &soon, NULL);
}

static void timer_finish(unsigned int times)
{
    (void)times;
    close(timer);
}

static const struct op {
    const char *name;
    unsigned int times;
    void (*prepare)(unsigned int times), (*run)(unsigned int times), (*finish)(unsigned int times);
    long cpus; /* left out with fewer */
} ops[] = {
    { "getppid", 1000, NULL, getppid_run, NULL, 1 },
    { "signal to self", 200, signal_prepare, signal_run, NULL, 1 },
    { "page fault", 256, fault_prepare, fault_run, fault_finish, 1 },
    { "mmap, touch 16 pages, munmap", 20, NULL, mmap_run, NULL, 1 },
    { "mprotect of 256 pages", 20, mprotect_prepare, mprotect_run, mprotect_finish, 1 },
    { "fork and exit", 10, NULL, fork_run, NULL, 1 },
    { "fork, exec and exit", 10, NULL, exec_run, NULL, 1 },
    { "pipe ping-pong", 100, pipe_prepare, pipe_run, pipe_finish, 1 },
    { "two context switches", 100, yield_prepare, yield_run, yield_finish, 1 },
    { "clock_gettime", 1000, NULL, clock_run, NULL, 1 },
    { "mprotect of a page beside an idle CPU", 100, sleeper_prepare, sleeper_run, sleeper_finish, 2 },
    { "timer put off", 100, timer_prepare, timer_run, timer_finish, 1 },
};

static unsigned long long round_of(const struct op *op)
{
    unsigned long long begin, end;

    if (op->prepare)
        op->prepare(op->times);
    begin = __rdtsc();
    op->run(op->times);
    end = __rdtsc();
    if (op->finish)
        op->finish(op->times);
    return end - begin;
}

static void be_first_program(void)
{
    mkdir("/dev", 0755);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    dup2(open("/dev/console", O_RDWR), 1);
    dup2(1, 2);
}

int main(int argc, char **argv)
{
    cpu_set_t one;
    long cpus;

    if (argc > 1 && !strcmp(argv[1], "exit"))
        return 0;
    if (getpid() == 1)
        be_first_program();
    self = argv[0];
    cpus = sysconf(_SC_NPROCESSORS_ONLN); /* without sysfs, those that this program may run on */
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof(one), &one);
    for (const struct op *op = ops; op < ops + sizeof(ops) / sizeof(*ops); op++) {
        unsigned long long least = -1ull;

        if (op->cpus > cpus)
            continue;
        for (unsigned int i = 0; i <= ROUNDS; i++) {
            unsigned long long ticks = round_of(op);

            if (i && ticks < least)
                least = ticks;
        }
        printf("os %s: %llu\n", op->name, least / op->times);
        fflush(stdout);
    }
    while (getpid() == 1)
        pause();
    return 0;
}
