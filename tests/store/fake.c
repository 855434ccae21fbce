/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fake hypervisor and its guests; see fake.h. Messages of the store go to /dev/null.
 */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"
#include "persist.h"
#include "server.h"
#include "xen.h"

struct event {
    struct event *next;
    char text[2 * XENSTORE_PAYLOAD_MAX];
};

struct store fake;
char fake_reply[XENSTORE_PAYLOAD_MAX + 1];
size_t fake_reply_len;

static struct journal journal;
static char *journal_path;
static struct xenstore_domain_interface *page[FAKE_DOMAINS];
static enum xen_domain_state state[FAKE_DOMAINS];
static struct event *events[FAKE_DOMAINS];
static uint32_t next_id = 1000;

struct xenstore_domain_interface *fake_page(uint16_t domid)
{
    /* Shared, so that a store in a forked process sees the same. */
    if (!page[domid])
        page[domid] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return page[domid];
}

static struct xenstore_domain_interface *map_ring(uint16_t domid, uint64_t mfn)
{
    (void)mfn;
    if (domid < FAKE_DOMAINS && state[domid] != XEN_DOMAIN_GONE)
        return fake_page(domid);
    errno = ENOENT;
    return NULL;
}

static struct xenstore_domain_interface *map_own_ring(uint32_t *port)
{
    *port = 1;
    return fake_page(0);
}

static void unmap_ring(struct xenstore_domain_interface *p)
{
    (void)p;
}

static int bind_port(uint16_t domid, uint32_t port)
{
    return port ? 100 + domid : -EINVAL;
}

static void ignore_port(uint32_t port)
{
    (void)port;
}

static enum xen_domain_state state_of(uint16_t domid)
{
    return domid < FAKE_DOMAINS ? state[domid] : XEN_DOMAIN_GONE;
}

static uint32_t no_event(void)
{
    return 0;
}

const struct xen_ops fake_ops = {
    .map_ring = map_ring,
    .map_own_ring = map_own_ring,
    .unmap_ring = unmap_ring,
    .bind = bind_port,
    .unbind = ignore_port,
    .notify = ignore_port,
    .state = state_of,
    .event = no_event,
};

void fake_start(const char *path)
{
    static bool quiet;
    uint64_t epoch;

    if (!quiet)
        quiet = log_open("/dev/null", false);
    state[0] = XEN_DOMAIN_ALIVE;
    store_init(&fake, 42);
    fake.xen = &fake_ops;
    if (path) {
        journal_path = journal_path ?: strdup(path);
        if (journal_open(&journal, path, &epoch))
            abort();
        fake.generation = epoch << 40;
        fake.next_transaction = (epoch << 16) + 1;
        if (!persist_load(&fake, &journal))
            abort();
        fake.journal = &journal;
        domain_reattach_all(&fake);
    }
    if (!domain_get(&fake, 0)->ring && domain_introduce_self(&fake))
        abort();
    domain_check_all(&fake);
    if (path)
        persist_rewrite(&fake);
    fake_run();
}

void fake_kill(void)
{
    if (fake.journal)
        journal_close(fake.journal);
    fake.journal = NULL;
    domain_detach_all(&fake);
    store_free(&fake);
}

void fake_restart(void)
{
    fake_kill();
    fake_start(journal_path);
}

void fake_end(void)
{
    fake_kill();
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        while (events[i]) {
            struct event *e = events[i];

            events[i] = e->next;
            free(e);
        }
        if (page[i])
            munmap(page[i], 4096);
        page[i] = NULL;
        state[i] = XEN_DOMAIN_GONE;
    }
    if (journal_path) {
        char lock[128];

        snprintf(lock, sizeof(lock), "%s.lock", journal_path);
        unlink(lock);
        unlink(journal_path);
    }
    free(journal_path);
    journal_path = NULL;
}

void fake_run(void)
{
    for (int i = 0; i < FAKE_DOMAINS; i++)
        domain_event(&fake, 100 + i);
    /* Those that have to wait for dom0 stay ready: they are not waited for. */
    while (server_turn(&fake) && !fake.favoured)
        ;
}

void fake_introduce(uint16_t domid)
{
    char text[32];

    state[domid] = XEN_DOMAIN_ALIVE;
    fake_call(0, XS_INTRODUCE, 0, text, sprintf(text, "%u%c1%c7", domid, 0, 0) + 1);
}

void fake_dies(uint16_t domid)
{
    state[domid] = XEN_DOMAIN_GONE;
}

void fake_destroy(uint16_t domid)
{
    fake_dies(domid);
    domain_check_all(&fake);
    fake_run();
}

void fake_shut_down(uint16_t domid)
{
    state[domid] = XEN_DOMAIN_SHUTDOWN;
    domain_check_all(&fake);
    fake_run();
}

size_t fake_push(uint16_t domid, const void *bytes, size_t len)
{
    struct xenstore_domain_interface *p = fake_page(domid);
    uint32_t prod = p->req_prod,
             space = XENSTORE_RING_SIZE - (prod - __atomic_load_n(&p->req_cons, __ATOMIC_ACQUIRE));
    size_t n = len < space ? len : space;

    for (size_t i = 0; i < n; i++)
        p->req[(prod + i) % XENSTORE_RING_SIZE] = ((const char *)bytes)[i];
    __atomic_store_n(&p->req_prod, prod + n, __ATOMIC_RELEASE);
    return n;
}

size_t fake_pull(uint16_t domid, void *bytes, size_t len)
{
    struct xenstore_domain_interface *p = fake_page(domid);
    uint32_t cons = p->rsp_cons, have = __atomic_load_n(&p->rsp_prod, __ATOMIC_ACQUIRE) - cons;
    size_t n = len < have ? len : have;

    for (size_t i = 0; i < n; i++)
        ((char *)bytes)[i] = p->rsp[(cons + i) % XENSTORE_RING_SIZE];
    __atomic_store_n(&p->rsp_cons, cons + n, __ATOMIC_RELEASE);
    return n;
}

static void push_all(uint16_t domid, const void *bytes, size_t len)
{
    for (size_t n; len; len -= n, bytes = (const char *)bytes + n) {
        n = fake_push(domid, bytes, len);
        fake_run();
    }
}

/* False if there is no (whole) message. */
static bool pull_all(uint16_t domid, void *bytes, size_t len)
{
    size_t got = 0, n;

    while (got < len) {
        n = fake_pull(domid, (char *)bytes + got, len - got);
        if (!n)
            return false;
        got += n;
        fake_run();
    }
    return true;
}

static bool pull_message(uint16_t domid, struct xsd_sockmsg *head)
{
    if (!pull_all(domid, head, sizeof(*head)))
        return false;
    if (head->len > XENSTORE_PAYLOAD_MAX || !pull_all(domid, fake_reply, head->len))
        abort();
    fake_reply[head->len] = '\0';
    fake_reply_len = head->len;
    return true;
}

static void keep_event(uint16_t domid)
{
    struct event **at = &events[domid], *e = calloc(1, sizeof(*e));

    snprintf(e->text, sizeof(e->text), "%s %s", fake_reply, fake_reply + strlen(fake_reply) + 1);
    while (*at)
        at = &(*at)->next;
    *at = e;
}

static int number_of(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } errors[] = { { "EINVAL", EINVAL }, { "EACCES", EACCES }, { "EEXIST", EEXIST }, { "ENOENT", ENOENT },
                   { "ENOSPC", ENOSPC }, { "EAGAIN", EAGAIN }, { "E2BIG", E2BIG },   { "EPERM", EPERM },
                   { "ENOSYS", ENOSYS }, { "EBUSY", EBUSY } };

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (!strcmp(name, errors[i].name))
            return errors[i].number;
    return EIO;
}

int fake_call(uint16_t domid, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
    struct xsd_sockmsg head = { .type = type, .req_id = next_id++, .tx_id = tx, .len = len }, reply;

    push_all(domid, &head, sizeof(head));
    push_all(domid, payload, len);
    while (pull_message(domid, &reply)) {
        if (reply.type == XS_WATCH_EVENT) {
            keep_event(domid);
            continue;
        }
        if (reply.req_id != head.req_id || reply.tx_id != tx)
            return EIO;
        if (reply.type == XS_ERROR)
            return number_of(fake_reply);
        return reply.type == type ? 0 : EIO;
    }
    return ECONNRESET;
}

const char *fake_event(uint16_t domid)
{
    static char text[2 * XENSTORE_PAYLOAD_MAX];
    struct xsd_sockmsg head;
    struct event *e;

    if (!events[domid] && page[domid] && pull_message(domid, &head)) {
        if (head.type != XS_WATCH_EVENT)
            abort();
        keep_event(domid);
    }
    e = events[domid];
    if (!e)
        return "";
    strcpy(text, e->text);
    events[domid] = e->next;
    free(e);
    return text;
}

static const char *failure(int err)
{
    static char text[32];

    snprintf(text, sizeof(text), "!%.30s", err == ECONNRESET ? "ECONNRESET" : fake_reply);
    return text;
}

int fake_write(uint16_t domid, uint32_t tx, const char *path, const char *value)
{
    char payload[XENSTORE_PAYLOAD_MAX];
    size_t size = strlen(path) + 1;

    memcpy(payload, path, size);
    memcpy(payload + size, value, strlen(value));
    return fake_call(domid, XS_WRITE, tx, payload, size + strlen(value));
}

const char *fake_read(uint16_t domid, uint32_t tx, const char *path)
{
    int err = fake_call(domid, XS_READ, tx, path, strlen(path) + 1);

    return err ? failure(err) : fake_reply;
}

const char *fake_list(uint16_t domid, uint32_t tx, const char *path)
{
    int err = fake_call(domid, XS_DIRECTORY, tx, path, strlen(path) + 1);

    if (err)
        return failure(err);
    for (size_t i = 0; i + 1 < fake_reply_len; i++)
        if (!fake_reply[i])
            fake_reply[i] = ',';
    return fake_reply;
}

int fake_path(uint16_t domid, uint32_t type, uint32_t tx, const char *path)
{
    return fake_call(domid, type, tx, path, strlen(path) + 1);
}

int fake_two(uint16_t domid, uint32_t type, uint32_t tx, const char *a, const char *b)
{
    char payload[XENSTORE_PAYLOAD_MAX];

    return fake_call(domid, type, tx, payload, sprintf(payload, "%s%c%s", a, 0, b) + 1);
}

uint32_t fake_begin(uint16_t domid)
{
    return fake_call(domid, XS_TRANSACTION_START, 0, "", 1) ? 0 : strtoul(fake_reply, NULL, 10);
}

int fake_commit(uint16_t domid, uint32_t tx)
{
    return fake_call(domid, XS_TRANSACTION_END, tx, "T", 2);
}
