/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: pressure LOCKED MIB WORKERS
 *
 * Uses more memory than there is: LOCKED MiB that cannot be swapped out, so that little is left, and MIB by WORKERS processes
 * side by side. These fill their share, check and change every page, and share them with a child that changes some of its
 * own copy, here and there, and none of its parent's. Every word has a value that depends on worker, page and round, so a
 * page that came back from swap as another's, or as it was before its last change, is noticed. The exit status is 0 if
 * every page was right each time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_WORDS 512

struct area {
    uint64_t *words;
    size_t pages;
    unsigned worker;
};

/* The steps of splitmix64: neighbours in any argument have values without a common pattern. */
static uint64_t value(unsigned worker, size_t page, unsigned round)
{
    uint64_t x = ((uint64_t)worker << 56 | (uint64_t)round << 48 | page) + 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void fill(const struct area *area, size_t page, unsigned round)
{
    uint64_t first = value(area->worker, page, round);

    for (size_t i = 0; i < PAGE_WORDS; i++)
        area->words[page * PAGE_WORDS + i] = first + i;
}

static void check(const struct area *area, size_t page, unsigned round)
{
    uint64_t first = value(area->worker, page, round);

    for (size_t i = 0; i < PAGE_WORDS; i++) {
        uint64_t word = area->words[page * PAGE_WORDS + i];

        if (word == first + i)
            continue;
        printf("pressure: worker %u, round %u: word %zu of page %zu of %zu is %#lx instead of %#lx\n", area->worker,
               round, i, page, area->pages, word, first + i);
        exit(1);
    }
}

static void check_and_refill(const struct area *area, size_t page, unsigned round)
{
    check(area, page, round);
    fill(area, page, round + 1);
}

/* One page of 32, in steps that no read-ahead foresees. */
static void check_and_refill_some(const struct area *area, unsigned round)
{
    size_t step = area->pages % 7919 ? 7919 : 7907, page = 0;

    for (size_t i = 0; i < area->pages; i += 32) {
        page = (page + step) % area->pages;
        check_and_refill(area, page, round);
        check(area, page, round + 1);
    }
}

static void check_all(const struct area *area, unsigned round)
{
    for (size_t page = 0; page < area->pages; page++)
        check(area, page, round);
}

static int succeeded(void)
{
    int status;

    return wait(&status) >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int work(unsigned worker, size_t pages)
{
    struct area area = { .pages = pages, .worker = worker };
    pid_t child;

    area.words = mmap(NULL, pages * PAGE_WORDS * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area.words == MAP_FAILED) {
        perror("pressure: mmap");
        return 1;
    }
    for (size_t page = 0; page < pages; page++)
        fill(&area, page, 1);
    for (size_t page = 0; page < pages; page++)
        check_and_refill(&area, page, 1);

    child = fork();
    if (child < 0) {
        perror("pressure: fork");
        return 1;
    }
    if (child == 0) {
        check_and_refill_some(&area, 2);
        _exit(0);
    }
    if (!succeeded())
        return 1;
    check_all(&area, 2);
    return 0;
}

static size_t number(int argc, char **argv, int which)
{
    return which < argc ? strtoul(argv[which], NULL, 10) : 0;
}

int main(int argc, char **argv)
{
    size_t locked = number(argc, argv, 1) << 20, pages = number(argc, argv, 2) * 256, workers = number(argc, argv, 3);
    int failed = 0;

    if (!locked || !pages || !workers) {
        fprintf(stderr, "usage: pressure LOCKED MIB WORKERS\n");
        return 2;
    }
    if (mmap(NULL, locked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0) ==
        MAP_FAILED) {
        perror("pressure: mmap of locked memory");
        return 1;
    }
    for (unsigned worker = 0; worker < workers; worker++) {
        pid_t child = fork();

        if (child == 0)
            exit(work(worker, pages / workers));
        failed |= child < 0;
    }
    for (unsigned worker = 0; worker < workers; worker++)
        failed |= !succeeded();
    return failed;
}
