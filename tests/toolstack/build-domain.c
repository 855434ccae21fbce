// SPDX-License-Identifier: GPL-2.0-only
//
// build-domain KERNEL INITRAMFS MIB VCPUS [MAX-MIB]: the story of a domain with nothing but libhv, in dom0 of
// hv or of real Xen.
//
// It is built, runs up to its user space, powers itself off and is destroyed, twice; after the second time
// the machine is as it was after the first. (The first may leave a page or two in the hypervisor's own pools:
// dom0's event channels grow.) This program is its console daemon, and a store that knows nothing.

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libhv.h>
#include <public/xen.h>

#include "rings.h"

#define GUEST_SECONDS 300
#define GONE_SECONDS  60
#define CMDLINE "console=hvc0 cryptomgr.notests from=build-domain"

static int number, failures;

static bool tap(bool good, const char *what, const char *why)
{
    printf(good ? "ok %d - %s\n" : "not ok %d - %s: %s\n", ++number, what, why);
    fflush(stdout);
    failures += !good;
    return good;
}

static bool check(bool good, const char *what, const struct hv_error *err)
{
    char text[1024] = "";

    return tap(good, what, good || !err ? text : hv_error_text(err, text, sizeof(text)));
}

static uint64_t ticks(void)
{
    return __builtin_ia32_rdtsc();
}

struct guest {
    struct hv *hv;
    struct hv_built built;
    struct hv_event *events;
    struct hv_grant_map *grants;
    void *console, *store;
    int console_port, store_port, exception_port;
};

/* Everything a daemon does to reach the rings: by grant, so no privilege over the guest is needed. */
static bool attach(struct guest *g, struct hv_error *err)
{
    g->events = hv_event_open(err);
    g->grants = hv_grant_map_open(err);
    if (!g->events || !g->grants)
        return false;
    g->console = hv_grant_map_ref(g->grants, g->built.domid, HV_GRANT_CONSOLE, true, err);
    g->store = hv_grant_map_ref(g->grants, g->built.domid, HV_GRANT_STORE, true, err);
    if (!g->console || !g->store)
        return false;
    g->console_port = hv_event_bind_interdomain(g->events, g->built.domid, g->built.console_port, err);
    g->store_port = hv_event_bind_interdomain(g->events, g->built.domid, g->built.store_port, err);
    /* Tells at once that a domain stopped; if the store daemon has it, serve() sees that a second later. */
    g->exception_port = hv_event_bind_virq(g->events, VIRQ_DOM_EXC, err);
    return g->console_port > 0 && g->store_port > 0 &&
           (g->exception_port > 0 || g->exception_port == -EEXIST);
}

static void detach(struct guest *g)
{
    if (g->console)
        hv_grant_unmap(g->grants, g->console, 1, NULL);
    if (g->store)
        hv_grant_unmap(g->grants, g->store, 1, NULL);
    hv_event_close(g->events);
    hv_grant_map_close(g->grants);
}

/* Serves the guest until it has stopped. Returns its reason, or -1 when the time is up. */
static int serve(struct guest *g, struct console_log *log)
{
    struct hv_domain_info info;
    time_t end = time(NULL) + GUEST_SECONDS;

    while (time(NULL) < end) {
        struct pollfd fd = { .fd = hv_event_fd(g->events), .events = POLLIN };
        int port;

        poll(&fd, 1, 1000);
        while ((port = hv_event_pending(g->events, NULL)) > 0)
            hv_event_unmask(g->events, (uint32_t)port, NULL);
        if (console_drain(g->console, log))
            hv_event_notify(g->events, (uint32_t)g->console_port, NULL);
        if (store_answer(g->store))
            hv_event_notify(g->events, (uint32_t)g->store_port, NULL);
        if (hv_domain_info(g->hv, g->built.domid, &info, NULL) || info.shutdown) {
            console_drain(g->console, log);
            return (int)info.shutdown_reason;
        }
    }
    return -1;
}

/* Waits until the domain is gone, zombie and all, and its memory is free again. */
static bool wait_gone(struct guest *g, uint64_t free_before)
{
    time_t end = time(NULL) + GONE_SECONDS;
    struct hv_domain_info info;
    uint64_t free_now = 0;

    do {
        struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };

        if (hv_domain_info(g->hv, g->built.domid, &info, NULL) < 0 &&
            !hv_host_free_kib(g->hv, &free_now, NULL) && free_now >= free_before)
            return true;
        nanosleep(&pause, NULL);
    } while (time(NULL) < end);
    if (!hv_domain_info(g->hv, g->built.domid, &info, NULL))
        printf("# still listed%s, with %llu pages\n", info.dying ? ", dying" : "",
               (unsigned long long)info.tot_pages);
    else
        printf("# free before: %llu KiB, now: %llu KiB\n", (unsigned long long)free_before,
               (unsigned long long)free_now);
    return false;
}

static bool guest_says(const struct console_log *log, const char *what)
{
    const char *line = strstr(log->text, "GUEST-UP");

    return line && strstr(line, what);
}

/* What the guest's kernel has, in KiB; it keeps some for itself. */
static uint64_t guest_memory(const struct console_log *log)
{
    const char *line = strstr(log->text, "GUEST-UP"), *word = line ? strstr(line, "memory=") : NULL;

    return word ? strtoull(word + strlen("memory="), NULL, 10) : 0;
}

static void story(struct hv *hv, const struct hv_build *wish, uint64_t free_before)
{
    static struct console_log log;
    struct guest guest = { .hv = hv }, *g = &guest;
    struct hv_error err = { 0 };
    char expect[64], uuid[HV_UUID_TEXT];
    uint64_t start = ticks();
    int reason;

    memset(&log, 0, sizeof(log));
    if (!check(!hv_build_pv(g->hv, wish, &g->built, &err), "a domain is built", &err))
        return;
    printf("# building took %.1f million ticks\n", (double)(ticks() - start) / 1e6);
    check(attach(g, &err), "its rings are mapped by grant, its ports are bound", &err);
    check(!hv_domain_unpause(g->hv, g->built.domid, &err), "it is set going", &err);
    reason = serve(g, &log);
    tap(strstr(log.text, "GUEST-UP"), "its kernel reaches user space", "no word from it; its console:");
    snprintf(expect, sizeof(expect), "cpus=%u ", wish->max_vcpus);
    tap(guest_says(&log, expect), "it has its vCPUs", "another number");
    tap(guest_memory(&log) <= wish->current_kib && guest_memory(&log) > wish->current_kib / 2,
        "it has the memory it starts with", "more or less");
    hv_uuid_text(wish->uuid, uuid);
    tap(guest_says(&log, uuid), "it has its UUID", "another one");
    tap(guest_says(&log, "cmdline=" CMDLINE), "it has its command line", "another one");
    tap(reason == HV_SHUTDOWN_POWEROFF, "it powers off", "another reason, or not at all");
    if (failures)
        printf("# console:\n%s\n", log.text);
    detach(g);
    check(!hv_domain_destroy(g->hv, g->built.domid, &err), "it is destroyed", &err);
    tap(wait_gone(g, free_before), "nothing of it is left", "it is still listed, or memory is missing");
}

/* Requests that must fail, and leave nothing. */
static void refusals(struct hv *hv, const struct hv_build *good, uint64_t free_before)
{
    struct hv_build tiny = *good, missing = *good, wrong = *good, huge = *good;
    struct hv_domain_info *list = NULL;
    struct hv_built built;
    struct hv_error err = { 0 };
    uint64_t free_now = 0;
    int count;

    tiny.max_kib = tiny.current_kib = 8 << 10;
    missing.kernel = "/nonexistent";
    wrong.kernel = good->initrd;
    huge.max_kib = huge.current_kib = 1ULL << 30;
    check(hv_build_pv(hv, &tiny, &built, &err) == -ENOSPC, "too little memory is refused", &err);
    check(hv_build_pv(hv, &missing, &built, &err) == -ENOENT, "a missing kernel is refused", &err);
    check(hv_build_pv(hv, &wrong, &built, &err) == -ENOEXEC, "an initramfs as kernel is refused", &err);
    check(hv_build_pv(hv, &huge, &built, &err) == -ENOMEM, "more memory than there is is refused", &err);
    tap(strstr(err.message, "free"), "and the message says how much is free", err.message);
    count = hv_domain_list(hv, &list, &err);
    tap(count == 1 && list[0].domid == 0, "only dom0 is listed", "something was left");
    free(list);
    tap(!hv_host_free_kib(hv, &free_now, &err) && free_now == free_before, "no memory is missing", "some is");
}

int main(int argc, char **argv)
{
    struct hv_error err = { 0 };
    struct hv *hv;
    uint64_t free_before = 0;
    struct hv_build wish = { .name = "story", .cmdline = CMDLINE };

    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: build-domain KERNEL INITRAMFS MIB VCPUS [MAX-MIB]\n");
        return 2;
    }
    wish.kernel = argv[1];
    wish.initrd = argv[2];
    wish.current_kib = strtoull(argv[3], NULL, 10) << 10;
    wish.max_kib = argc == 6 ? strtoull(argv[5], NULL, 10) << 10 : wish.current_kib;
    wish.max_vcpus = (unsigned)strtoul(argv[4], NULL, 10);
    hv_uuid_generate(wish.uuid);
    hv = hv_open(&err);
    if (!check(hv, "the hypervisor is opened", &err))
        return 1;
    hv_host_free_kib(hv, &free_before, &err);
    refusals(hv, &wish, free_before);
    story(hv, &wish, 0);
    hv_host_free_kib(hv, &free_before, &err);
    story(hv, &wish, free_before);
    hv_close(hv);
    printf("1..%d\n", number);
    return failures != 0;
}
