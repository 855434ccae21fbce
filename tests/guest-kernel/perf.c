/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf in a guest, by software events, which is what a guest without a virtual PMU has: counting them, and samples taken by a timer
 * in user mode and in the kernel. Its output is like that of the kernel's own selftests.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGES 16     /* touched */
#define RING_PAGES 16
#define MILLISECONDS 300

static unsigned int failed;
static volatile unsigned int sink;

static void check(int good, const char *what, unsigned long long value)
{
    printf("[%s]\t%s: %llu\n", good ? "OK" : "FAIL", what, value);
    failed += !good;
}

static int open_event(struct perf_event_attr *attr, unsigned int which)
{
    int fd;

    attr->size = sizeof(*attr);
    attr->type = PERF_TYPE_SOFTWARE;
    attr->config = which;
    attr->disabled = 1;
    fd = syscall(SYS_perf_event_open, attr, 0, -1, -1, 0);
    if (fd < 0) {
        perror("[FAIL]\tperf_event_open");
        exit(1);
    }
    return fd;
}

static unsigned long long count(unsigned int which, void (*fn)(void))
{
    struct perf_event_attr attr = { 0 };
    int fd = open_event(&attr, which);
    unsigned long long value = 0;

    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
    fn();
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
    if (read(fd, &value, sizeof(value)) != sizeof(value))
        value = ~0ull;
    close(fd);
    return value;
}

static void touch(void)
{
    size_t page = sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    for (unsigned int i = 0; i < PAGES; i++)
        memory[i * page] = 1;
    munmap(memory, PAGES * page);
}

static void nap(void)
{
    for (unsigned int i = 0; i < 5; i++)
        usleep(1000);
}

/* Milliseconds of the processor's time. */
static unsigned long used(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static __attribute__((noinline)) void spin(void)
{
    for (unsigned int i = 0; i < 1000000; i++)
        sink += i;
}

static void in_user_mode(void)
{
    for (unsigned long begun = used(); used() - begun < MILLISECONDS;)
        spin();
}

static void in_kernel(void)
{
    for (unsigned long begun = used(); used() - begun < MILLISECONDS;)
        for (unsigned int i = 0; i < 1000; i++)
            syscall(SYS_getppid);
}

/* How many samples a millisecond apart there are of fn, and how many of them have an address from `first` to `last`. */
static unsigned int sample(void (*fn)(void), int of_kernel, unsigned long long first, unsigned long long last, unsigned int *inside)
{
    struct perf_event_attr attr = {
        .sample_period = 1000000, .sample_type = PERF_SAMPLE_IP, .exclude_kernel = !of_kernel, .exclude_user = of_kernel,
    };
    int fd = open_event(&attr, PERF_COUNT_SW_CPU_CLOCK);
    size_t page = sysconf(_SC_PAGESIZE);
    struct perf_event_mmap_page *head = mmap(NULL, (1 + RING_PAGES) * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    unsigned int n = 0;

    *inside = 0;
    if (head == MAP_FAILED) {
        perror("[FAIL]\tmmap of samples");
        exit(1);
    }
    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
    fn();
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
    for (unsigned long long at = 0; at < head->data_head;) {
        struct {
            struct perf_event_header header;
            unsigned long long ip;
        } record;

        memcpy(&record, (char *)head + page + at % (RING_PAGES * page), sizeof(record)); /* the ring is not full: no wrapping */
        if (record.header.type == PERF_RECORD_SAMPLE) {
            n++;
            *inside += record.ip >= first && record.ip <= last;
        }
        at += record.header.size;
    }
    munmap(head, (1 + RING_PAGES) * page);
    close(fd);
    return n;
}

int main(void)
{
    unsigned long begin = (unsigned long)spin;
    unsigned long long value;
    unsigned int n, inside;

    value = count(PERF_COUNT_SW_PAGE_FAULTS, touch);
    check(value >= PAGES && value < 4 * PAGES, "page faults of 16 pages", value);
    value = count(PERF_COUNT_SW_CONTEXT_SWITCHES, nap);
    check(value >= 5 && value < 50, "switches of 5 naps", value);
    value = count(PERF_COUNT_SW_TASK_CLOCK, in_user_mode) / 1000000;
    check(value >= MILLISECONDS / 2, "milliseconds of 300", value);
    n = sample(in_user_mode, 0, begin, begin + 256, &inside);
    check(n >= 5, "samples of user mode", n);
    check(inside >= n / 2, "of them where it is", inside);
    n = sample(in_kernel, 1, 0xffff800000000000ull, ~0ull, &inside);
    check(n >= 5, "samples of the kernel", n);
    check(inside == n, "of them in it", inside);
    return failed != 0;
}
