/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains' rings: what a broken one does, what a reset does, and that killing the daemon at any point
 * loses nothing. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "domain_ring.h"
#include "server.h"
#include "story.h"

static char journal_name[64];

static void start(void)
{
    snprintf(journal_name, sizeof(journal_name), "/tmp/hv-store-test-%d", (int)getpid());
    story_start(journal_name);
}

static void long_requests_and_replies_pass_a_small_ring(void)
{
    char value[4001];

    start();
    memset(value, 'v', 4000);
    value[4000] = '\0';
    OK(fake_write(0, 0, "/long", value));
    EQ(fake_read(0, 0, "/long"), value);
    OK(fake_call(0, XS_WATCH, 0, "/long\0t", 8));
    EQ(fake_event(0), "/long t");
    EQ(fake_read(0, 0, "/long"), value);
    story_end();
}

/* A request pushed byte by byte, with the daemon looking after each. */
static void a_request_may_come_in_any_pieces(void)
{
    struct xsd_sockmsg head = { XS_WRITE, 77, 0, 2000 };
    char payload[2000], reply[19];

    start();
    memset(payload, 'p', sizeof(payload));
    memcpy(payload, "x", 2);
    for (size_t i = 0; i < sizeof(head); i++) {
        CU_ASSERT_EQUAL(fake_push(1, (char *)&head + i, 1), 1);
        fake_run();
    }
    for (size_t i = 0; i < sizeof(payload); i++) {
        CU_ASSERT_EQUAL_FATAL(fake_push(1, payload + i, 1), 1);
        fake_run();
    }
    CU_ASSERT_EQUAL(fake_pull(1, reply, sizeof(reply)), 19);
    memcpy(&head, reply, sizeof(head));
    CU_ASSERT(head.type == XS_WRITE && head.req_id == 77 && head.len == 3);
    story_end();
}

static void is_dead_alone(uint16_t domid, uint32_t error)
{
    fake_run();
    CU_ASSERT_EQUAL(fake_page(domid)->error, error);
    fake_page(domid)->rsp_cons = fake_page(domid)->rsp_prod;
    FAILS(fake_call(domid, XS_READ, 0, TEXT("x")), ECONNRESET);
    OK(fake_write(2, 0, "alive", "1"));
    EQ(fake_read(0, 0, "/local/domain/2/alive"), "1");
}

static void a_broken_ring_ends_only_its_domains_connection(void)
{
    struct xsd_sockmsg head = { XS_READ, 1, 0, 4097 };

    start();
    fake_page(1)->req_prod += 1025;
    is_dead_alone(1, XENSTORE_ERROR_RINGIDX);
    story_end();

    start();
    fake_push(1, &head, sizeof(head));
    is_dead_alone(1, XENSTORE_ERROR_PROTO);
    story_end();

    start();
    head.len = UINT32_MAX;
    fake_push(1, &head, sizeof(head));
    is_dead_alone(1, XENSTORE_ERROR_PROTO);
    story_end();

    start();
    fake_page(1)->rsp_cons += 5; /* more than there was */
    head.len = 2;
    fake_push(1, &head, sizeof(head));
    fake_push(1, "x", 2);
    is_dead_alone(1, XENSTORE_ERROR_RINGIDX);
    story_end();
}

static void a_domain_can_reconnect(void)
{
    struct xenstore_domain_interface *page;
    uint32_t tx;

    start();
    page = fake_page(1);
    CU_ASSERT_EQUAL(page->server_features, 3);
    OK(fake_call(1, XS_WATCH, 0, TEXT("a\0t")));
    EQ(fake_event(1), "a t");
    tx = fake_begin(1);
    fake_push(1, "half a head", 11);
    page->connection = XENSTORE_RECONNECT;
    fake_run();
    CU_ASSERT_EQUAL(page->connection, XENSTORE_CONNECTED);
    CU_ASSERT(!page->req_prod && !page->req_cons && !page->rsp_prod && !page->rsp_cons);
    OK(fake_write(1, 0, "a", "1"));
    EQ(fake_event(1), ""); /* the watch is gone */
    FAILS(fake_commit(1, tx), ENOENT);

    page->req_prod += 2000; /* also out of a broken state */
    fake_run();
    CU_ASSERT_EQUAL(page->error, XENSTORE_ERROR_RINGIDX);
    page->connection = XENSTORE_RECONNECT;
    fake_run();
    CU_ASSERT_EQUAL(page->error, XENSTORE_ERROR_NONE);
    EQ(fake_read(1, 0, "a"), "1");
    story_end();
}

static void a_guest_that_does_not_read_costs_little(void)
{
    struct xsd_sockmsg head = { XS_READ, 1, 0, 2 };
    char path[64];
    unsigned int served = 0;

    start();
    OK(fake_call(1, XS_WATCH, 0, TEXT("w\0t")));
    fake_event(1);
    for (int i = 0; i < 20000; i++) { /* 20000 different events, never read */
        sprintf(path, "/local/domain/1/w/%d", i);
        OK(fake_write(0, 0, path, ""));
        OK(fake_path(0, XS_RM, 0, path));
    }
    CU_ASSERT(domain_get(&fake, 1)->ring->conn.out_bytes <= fake.quota.backlog + 4200);
    for (int i = 0; i < 1000; i++) /* and requests whose replies are not read */
        served += fake_push(1, &head, sizeof(head)) == sizeof(head) && fake_push(1, "a", 2) == 2;
    fake_run();
    CU_ASSERT(served < 400);
    OK(fake_write(2, 0, "alive", "1"));
    story_end();
}

static void equal_events_wait_only_once(void)
{
    start();
    OK(fake_call(1, XS_WATCH, 0, TEXT("w\0t")));
    fake_event(1);
    for (int i = 0; i < 5000; i++)
        OK(fake_write(0, 0, "/local/domain/1/w", "x"));
    CU_ASSERT(domain_get(&fake, 1)->ring->conn.out_bytes < 2048);
    EQ(fake_event(1), "w t");
    story_end();
}

static void a_restart_keeps_everything(void)
{
    char value[2001];
    uint32_t tx;

    start();
    memset(value, 'v', 2000);
    value[2000] = '\0';
    OK(fake_write(1, 0, "data/a", value));
    OK(fake_call(1, XS_SET_PERMS, 0, TEXT("data\0n1\0r2")));
    OK(fake_call(0, XS_SET_PERMS, 0, TEXT("@releaseDomain\0n0\0r1")));
    OK(fake_call(1, XS_WATCH, 0, TEXT("data\0tok")));
    OK(fake_call(1, XS_WATCH, 0, TEXT("gone\0tok")));
    EQ(fake_event(1), "data tok");
    EQ(fake_event(1), "gone tok");
    OK(fake_call(1, XS_UNWATCH, 0, TEXT("gone\0tok")));
    tx = fake_begin(1);
    OK(fake_write(1, tx, "data/tx", "1"));
    OK(fake_path(0, XS_MKDIR, 0, "/gone/below"));
    OK(fake_path(0, XS_RM, 0, "/gone"));

    fake_restart();
    EQ(fake_read(1, 0, "data/a"), value);
    EQ(fake_read(0, 0, "/gone/below"), "!ENOENT");
    OK(fake_path(1, XS_GET_PERMS, 0, "data"));
    CU_ASSERT(fake_reply_len == 6 && !memcmp(fake_reply, "n1\0r2", 6));
    OK(fake_path(0, XS_GET_PERMS, 0, "@releaseDomain"));
    CU_ASSERT(fake_reply_len == 6 && !memcmp(fake_reply, "n0\0r1", 6));
    OK(fake_call(0, XS_IS_DOMAIN_INTRODUCED, 0, TEXT("1")));
    EQ(fake_reply, "T");
    EQ(fake_event(1), ""); /* the guest does not notice */
    OK(fake_write(0, 0, "/local/domain/1/data/b", "2"));
    EQ(fake_event(1), "data/b tok");
    OK(fake_write(0, 0, "/local/domain/1/gone", "2"));
    EQ(fake_event(1), "");
    OK(fake_write(1, tx, "data/tx", "2")); /* the open transaction goes on, to fail at its end */
    FAILS(fake_commit(1, tx), EAGAIN);
    EQ(fake_read(1, 0, "data/tx"), "!ENOENT");
    story_end();
}

static void domains_that_died_meanwhile_are_noticed(void)
{
    start();
    OK(fake_write(1, 0, "data", "1"));
    OK(fake_call(0, XS_WATCH, 0, TEXT("@releaseDomain\0r")));
    EQ(fake_event(0), "@releaseDomain r");
    fake_kill();
    fake_dies(1);
    fake_start(journal_name);
    EQ(fake_read(0, 0, "/local/domain/1/data"), "!ENOENT");
    EQ(fake_event(0), "@releaseDomain r");
    story_end();
}

static void undelivered_output_survives(void)
{
    char path[64], want[64];

    start();
    OK(fake_call(1, XS_WATCH, 0, TEXT("w\0t")));
    EQ(fake_event(1), "w t");
    for (int i = 0; i < 500; i++) { /* far more than the ring holds */
        sprintf(path, "/local/domain/1/w/%d", i);
        OK(fake_write(0, 0, path, ""));
    }
    fake_restart();
    for (int i = 0; i < 100; i++) {
        sprintf(want, "w/%d t", i);
        EQ(fake_event(1), want);
    }
    fake_restart();
    for (int i = 100; i < 500; i++) {
        sprintf(want, "w/%d t", i);
        EQ(fake_event(1), want);
    }
    EQ(fake_event(1), "");
    story_end();
}

static void half_a_request_survives(void)
{
    struct xsd_sockmsg head = { XS_WRITE, 5, 0, 1800 };
    char payload[1800], reply[19];
    size_t done;

    start();
    memset(payload, 'q', sizeof(payload));
    memcpy(payload, "x", 2);
    CU_ASSERT_EQUAL(fake_push(1, &head, sizeof(head)), sizeof(head));
    done = fake_push(1, payload, sizeof(payload));
    fake_run();
    fake_restart();
    while (done < sizeof(payload)) {
        done += fake_push(1, payload + done, sizeof(payload) - done);
        fake_run();
        fake_restart();
    }
    CU_ASSERT_EQUAL(fake_pull(1, reply, sizeof(reply)), 19);
    CU_ASSERT(!memcmp(reply + 16, "OK", 3));
    OK(fake_path(1, XS_READ, 0, "x"));
    CU_ASSERT_EQUAL(fake_reply_len, 1798);
    story_end();
}

static void the_journal_is_rewritten_when_it_has_grown(void)
{
    size_t longest = 0;
    char value[1000];

    start();
    memset(value, 'j', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    for (int i = 0; i < 5000; i++) {
        value[0] = 'a' + i % 26;
        OK(fake_write(1, 0, "x", value));
        if (fake.journal->tail > longest)
            longest = fake.journal->tail;
    }
    CU_ASSERT(longest < 2u << 20);
    fake_restart();
    EQ(fake_read(1, 0, "x"), value);
    story_end();
}

/*
 * The store in a process of its own, killed again and again while a guest works. WATCH and UNWATCH in turn
 * tell when a request was done twice (EEXIST, ENOENT); replies must come once each, in order; and each change
 * must have its event.
 */
static pid_t spawn(void)
{
    pid_t pid = fork();

    if (pid)
        return pid;
    fake_start(journal_name);
    for (;;) {
        fake_run();
        sched_yield();
    }
}

#define KILLS     250
#define NAMES     500
#define IN_FLIGHT 3

struct worker {
    unsigned int sent, answered, events, wrong;
    char out[2048], in[8192]; /* still to be pushed; pulled and not taken apart */
    size_t out_len, out_done, in_len;
};

static void compose(struct worker *w)
{
    char *payload = w->out + sizeof(struct xsd_sockmsg);
    struct xsd_sockmsg head = { .req_id = w->sent };

    switch (w->sent % 4) {
    case 0:
        head.type = XS_WATCH;
        head.len = sprintf(payload, "w%ctok", 0) + 1;
        break;
    case 1:
        head.type = XS_WRITE;
        head.len = sprintf(payload, "w/%u%c%u", w->sent % NAMES, 0, w->sent);
        break;
    case 2:
        head.type = XS_UNWATCH;
        head.len = sprintf(payload, "w%ctok", 0) + 1;
        break;
    default: /* longer than the ring */
        head.type = XS_WRITE;
        head.len = 1500;
        memset(payload, 'l', head.len);
        memcpy(payload, "long", 5);
    }
    memcpy(w->out, &head, sizeof(head));
    w->out_len = sizeof(head) + head.len;
    w->out_done = 0;
    w->sent++;
}

static void take_apart(struct worker *w)
{
    struct xsd_sockmsg head;

    while (w->in_len >= sizeof(head)) {
        memcpy(&head, w->in, sizeof(head));
        if (w->in_len < sizeof(head) + head.len)
            return;
        if (head.type == XS_WATCH_EVENT)
            w->events++;
        else if (head.type == XS_ERROR || head.req_id != w->answered++)
            w->wrong++;
        w->in_len -= sizeof(head) + head.len;
        memmove(w->in, w->in + sizeof(head) + head.len, w->in_len);
    }
}

static void work(struct worker *w, bool more)
{
    if (more && w->out_done == w->out_len && w->sent - w->answered < IN_FLIGHT)
        compose(w);
    w->out_done += fake_push(1, w->out + w->out_done, w->out_len - w->out_done);
    w->in_len += fake_pull(1, w->in + w->in_len, sizeof(w->in) - w->in_len);
    take_apart(w);
    sched_yield();
}

/*
 * As a Linux guest does it: after each piece it writes it notifies only if all before was taken, and after
 * each piece it reads only if the ring had been full. The store sleeps until notified. Nothing may get stuck.
 */
static void work_and_notify_as_linux(struct worker *w, int wake_fd)
{
    struct xenstore_domain_interface *page = fake_page(1);
    uint64_t one = 1;
    uint32_t prod = page->req_prod, cons = page->rsp_cons;
    size_t piece = w->out_done < sizeof(struct xsd_sockmsg) ? sizeof(struct xsd_sockmsg) : w->out_len;
    size_t pushed = fake_push(1, w->out + w->out_done, piece - w->out_done), pulled;
    bool wake;

    w->out_done += pushed;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    wake = pushed && prod == page->req_cons;
    pulled = fake_pull(1, w->in + w->in_len, sizeof(w->in) - w->in_len);
    w->in_len += pulled;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    wake |= pulled && page->rsp_prod - cons >= XENSTORE_RING_SIZE;
    if (wake && write(wake_fd, &one, sizeof(one)) != sizeof(one))
        abort();
    take_apart(w);
    sched_yield();
}

static pid_t spawn_sleeper(int wake_fd)
{
    uint64_t n;
    pid_t pid = fork();

    if (pid)
        return pid;
    fake_start(journal_name);
    while (read(wake_fd, &n, sizeof(n)) == sizeof(n)) {
        domain_event(&fake, 101);
        while (server_turn(&fake))
            ;
    }
    _exit(1);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void kill_it(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void killed_at_any_point_nothing_is_lost_or_done_twice(void)
{
    static struct worker w;
    double end_of_all;
    pid_t pid;

    start();
    fake_kill();
    srand(1);
    for (int i = 0; i < KILLS; i++) {
        double until = seconds() + 1e-6 * (rand() % 6000), patience = seconds() + 1;
        unsigned int goal = w.answered + rand() % 5;

        pid = spawn();
        while (seconds() < until || (w.answered < goal && seconds() < patience))
            work(&w, true);
        kill_it(pid);
    }
    pid = spawn();
    end_of_all = seconds() + 60;
    while ((w.answered < w.sent || w.out_done < w.out_len) && seconds() < end_of_all)
        work(&w, false);
    kill_it(pid);
    printf("# %u requests, %u events, %d kills\n", w.answered, w.events, KILLS);
    CU_ASSERT(w.answered > 100);
    CU_ASSERT_EQUAL(w.answered, w.sent);
    CU_ASSERT_EQUAL(w.wrong, 0);
    CU_ASSERT_EQUAL(w.events, (w.sent + 3) / 4 + (w.sent + 2) / 4);
    fake_start(journal_name);
    story_end();
}

static void no_wake_up_is_lost(void)
{
    static struct worker w;
    int wake_fd = eventfd(0, 0);
    double end_of_all;
    pid_t pid;

    start();
    fake_kill();
    pid = spawn_sleeper(wake_fd);
    end_of_all = seconds() + 30;
    while (w.answered < 20000 && seconds() < end_of_all) {
        if (w.out_done == w.out_len && w.sent - w.answered < IN_FLIGHT)
            compose(&w);
        work_and_notify_as_linux(&w, wake_fd);
    }
    kill_it(pid);
    close(wake_fd);
    CU_ASSERT_EQUAL(w.answered, 20000);
    CU_ASSERT_EQUAL(w.wrong, 0);
    fake_start(journal_name);
    story_end();
}

const struct unit_test unit_tests[] = {
    { "long requests and replies pass a small ring", long_requests_and_replies_pass_a_small_ring },
    { "a request may come in any pieces", a_request_may_come_in_any_pieces },
    { "a broken ring ends only its domain's connection", a_broken_ring_ends_only_its_domains_connection },
    { "a domain can reconnect", a_domain_can_reconnect },
    { "a guest that does not read costs little", a_guest_that_does_not_read_costs_little },
    { "equal events wait only once", equal_events_wait_only_once },
    { "a restart keeps everything", a_restart_keeps_everything },
    { "domains that died meanwhile are noticed", domains_that_died_meanwhile_are_noticed },
    { "undelivered output survives", undelivered_output_survives },
    { "half a request survives", half_a_request_survives },
    { "the journal is rewritten when it has grown", the_journal_is_rewritten_when_it_has_grown },
    { "killed at any point, nothing is lost or done twice",
      killed_at_any_point_nothing_is_lost_or_done_twice },
    { "no wake-up is lost with a guest that saves on notifications", no_wake_up_is_lost },
    { 0 },
};
