/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers: a pairing heap per CPU, ordered by expiry.
 *
 * Invariant: a timer with link != NULL is in the heap of t->cpu, and t->cpu changes only under that heap's
 * lock. The hardware timer of a CPU is programmed for its heap's root, or earlier (then the softirq finds nothing due
 * and programs it again), or the softirq is pending: another CPU that sets the earliest timer raises it. So a CPU may
 * program its hardware, which takes long, after it has released the lock.
 */
#include <hv/arch.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/timer.h>

static struct timer_queue {
    spinlock_t lock;
    struct timer *root;
    struct timer *running; /* its handler is being called */
} __attribute__((aligned(64))) queues[NR_CPUS];

static struct timer *meld(struct timer *a, struct timer *b)
{
    if (!a)
        return b;
    if (!b)
        return a;
    if (b->expires < a->expires) {
        struct timer *t = a;

        a = b;
        b = t;
    }
    b->next = a->child;
    if (b->next)
        b->next->link = &b->next;
    a->child = b;
    b->link = &a->child;
    return a;
}

/* The children of a removed timer become one heap: meld them in pairs, then the pairs from the last to the first. */
static struct timer *meld_children(struct timer *first)
{
    struct timer *pairs = NULL, *heap = NULL;

    while (first) {
        struct timer *a = first, *b = a->next;

        first = b ? b->next : NULL;
        a->next = NULL;
        if (b)
            b->next = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct timer *rest = pairs->next;

        pairs->next = NULL;
        heap = meld(heap, pairs);
        pairs = rest;
    }
    return heap;
}

static void set_root(struct timer_queue *q, struct timer *t)
{
    q->root = t;
    if (t) {
        t->link = &q->root;
        t->next = NULL;
    }
}

static void insert(struct timer_queue *q, struct timer *t)
{
    t->child = t->next = NULL;
    set_root(q, meld(q->root, t));
}

static void remove(struct timer_queue *q, struct timer *t)
{
    struct timer *children;

    if (!t->link)
        return;
    *t->link = t->next;
    if (t->next)
        t->next->link = t->link;
    children = meld_children(t->child);
    t->link = NULL;
    t->child = t->next = NULL;
    set_root(q, meld(q->root, children));
}

/* t->cpu may change until its queue is locked. */
static struct timer_queue *lock_queue(struct timer *t)
{
    for (;;) {
        unsigned int cpu = READ_ONCE(t->cpu);
        struct timer_queue *q = &queues[cpu];

        spin_lock(&q->lock);
        if (likely(t->cpu == cpu))
            return q;
        spin_unlock(&q->lock);
    }
}

/* Without the lock: the earliest timer of that CPU is due then now (0: none is left). */
static void reprogram(unsigned int cpu, s_time_t earliest)
{
    if (cpu == arch_cpu_id())
        arch_timer_program(earliest);
    else
        softirq_raise_cpu(cpu, SOFTIRQ_TIMER);
}

void timer_init(struct timer *t, void (*handler)(void *), void *data, unsigned int cpu)
{
    *t = (struct timer){ .handler = handler, .data = data, .cpu = cpu };
}

void timer_set(struct timer *t, s_time_t expires)
{
    struct timer_queue *q = lock_queue(t);
    s_time_t first = q->root ? q->root->expires : 0, earliest;
    unsigned int cpu = t->cpu;
    bool changed;

    remove(q, t);
    t->expires = max(expires, (s_time_t)1); /* a guest may ask for 0, which means "none" to the hardware timer */
    insert(q, t);
    earliest = q->root->expires;
    changed = earliest != first && (q->root == t || !first);
    spin_unlock(&q->lock);
    if (changed)
        reprogram(cpu, earliest);
}

void timer_stop(struct timer *t)
{
    struct timer_queue *q = lock_queue(t);

    remove(q, t);
    spin_unlock(&q->lock);
}

void timer_migrate(struct timer *t, unsigned int cpu)
{
    struct timer_queue *q;
    bool armed;

    if (READ_ONCE(t->cpu) == cpu)
        return;
    q = lock_queue(t);
    armed = t->link;
    remove(q, t);
    t->cpu = cpu;
    spin_unlock(&q->lock);
    if (armed)
        timer_set(t, t->expires);
}

void timer_kill(struct timer *t)
{
    timer_stop(t);
    while (__atomic_load_n(&queues[t->cpu].running, __ATOMIC_ACQUIRE) == t) {
        smp_poll();
        arch_relax();
    }
    timer_stop(t);
}

/* While its handler runs, the timer may have moved to another queue. */
void timer_wait(const struct timer *t)
{
    for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
        while (__atomic_load_n(&queues[cpu].running, __ATOMIC_SEQ_CST) == t) {
            smp_poll();
            arch_relax();
        }
    }
}

static void run_due(void)
{
    struct timer_queue *q = &queues[arch_cpu_id()];
    s_time_t until = now(), earliest;

    spin_lock(&q->lock);
    while (q->root && q->root->expires <= until) {
        struct timer *t = q->root;

        remove(q, t);
        __atomic_store_n(&q->running, t, __ATOMIC_SEQ_CST);
        spin_unlock(&q->lock);
        t->handler(t->data);
        spin_lock(&q->lock);
        __atomic_store_n(&q->running, NULL, __ATOMIC_RELEASE);
    }
    earliest = q->root ? q->root->expires : 0;
    spin_unlock(&q->lock);
    reprogram(arch_cpu_id(), earliest);
}

void timers_init(void)
{
    for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
        queues[cpu] = (struct timer_queue){ .lock = SPINLOCK(LOCK_TIMER) };
    softirq_register(SOFTIRQ_TIMER, run_due);
}
