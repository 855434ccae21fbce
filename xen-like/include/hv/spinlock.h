/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticket spin locks. hv runs with interrupts off but for two places (the idle loop and preempt_check), and no
 * lock is ever held there, so no lock needs an "irqsave" form. A CPU that spins answers other CPUs' requests
 * (TLB flushes, function calls) through smp_poll(): a holder may therefore wait for such an answer while it
 * holds a lock. A waiter must be ready for that: smp_poll() takes no lock.
 *
 * Lock order (outer first; docs/architecture.md repeats it with the reasons):
 *   domctl, domlist, domain, grant table, (page table: a bit in the frame), event channel, its queues, a domain's
 *   pirqs, interrupts, devices' registers, a domain's pages, allocator, scheduler queue, timer queue, console.
 * Two of a rank are taken in the order of their addresses, but for trylock, which may go against the order. Builds with
 * HV_CHECK_LOCKS (the unit tests, and `make hv CHECK_LOCKS=1`) panic at the first lock taken out of order.
 */
#ifndef HV_SPINLOCK_H
#define HV_SPINLOCK_H

#include <hv/types.h>

enum lock_rank {
    LOCK_NONE, LOCK_DOMCTL, LOCK_DOMLIST, LOCK_DOMAIN, LOCK_GRANT, LOCK_EVTCHN, LOCK_EVTCHN_QUEUE, LOCK_PIRQ,
    LOCK_IRQ, LOCK_DEVICE, LOCK_DOMAIN_PAGES, LOCK_ALLOC, LOCK_SCHED, LOCK_TIMER, LOCK_CONSOLE
};

typedef struct spinlock {
    union {
        uint32_t both;
        struct { uint16_t head, tail; }; /* now served, next ticket */
    };
    uint8_t rank; /* enum lock_rank */
} spinlock_t;

#define SPINLOCK(r) { .rank = (r) }
static inline void spin_lock_init(spinlock_t *l, enum lock_rank r) { *l = (spinlock_t)SPINLOCK(r); }

#ifdef HV_CHECK_LOCKS
void lock_order_taking(const spinlock_t *lock); /* core/lock_order.c */
void lock_order_taken(const spinlock_t *lock);
void lock_order_released(const spinlock_t *lock);
#else
static inline void lock_order_taking(const spinlock_t *lock) { (void)lock; }
static inline void lock_order_taken(const spinlock_t *lock) { (void)lock; }
static inline void lock_order_released(const spinlock_t *lock) { (void)lock; }
#endif

void spin_lock_wait(spinlock_t *lock, uint16_t ticket); /* core/spinlock.c: spin with smp_poll() until served */

static inline void spin_lock(spinlock_t *lock)
{
    uint16_t ticket;

    lock_order_taking(lock);
    ticket = __atomic_fetch_add(&lock->tail, 1, __ATOMIC_ACQUIRE);
    if (unlikely(__atomic_load_n(&lock->head, __ATOMIC_ACQUIRE) != ticket))
        spin_lock_wait(lock, ticket);
    lock_order_taken(lock);
}

static inline void spin_unlock(spinlock_t *lock)
{
    lock_order_released(lock);
    __atomic_store_n(&lock->head, (uint16_t)(lock->head + 1), __ATOMIC_RELEASE);
}

static inline bool spin_trylock(spinlock_t *lock)
{
    uint32_t seen = __atomic_load_n(&lock->both, __ATOMIC_RELAXED);

    if ((uint16_t)seen != (uint16_t)(seen >> 16))
        return false;
    if (!__atomic_compare_exchange_n(&lock->both, &seen, seen + 0x10000, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    lock_order_taken(lock);
    return true;
}

/*
 * A lock that many may hold at once to read, and one alone to write. A reader that meets no writer takes one atomic
 * addition, waits for nobody and makes nobody wait but a writer: where a CPU may be held up while it has the lock (hv
 * under another hypervisor), that is what counts. One that meets a writer queues up with the writers, so neither kind
 * starves the other. Its place in the order is that of `turn`.
 */
typedef struct rwlock {
    spinlock_t turn;  /* the writer's, and of those who wait */
    uint32_t state;   /* RWLOCK_WRITER, and the number of readers */
} rwlock_t;

#define RWLOCK_WRITER (1u << 31)

static inline void rwlock_init(rwlock_t *l, enum lock_rank r) { *l = (rwlock_t){ .turn = SPINLOCK(r) }; }

void read_lock_wait(rwlock_t *l);  /* core/spinlock.c */
void write_lock_wait(rwlock_t *l);

static inline void read_lock(rwlock_t *l)
{
    lock_order_taking(&l->turn);
    if (unlikely(__atomic_fetch_add(&l->state, 1, __ATOMIC_ACQUIRE) & RWLOCK_WRITER))
        read_lock_wait(l);
    lock_order_taken(&l->turn);
}

static inline void read_unlock(rwlock_t *l)
{
    lock_order_released(&l->turn);
    __atomic_fetch_sub(&l->state, 1, __ATOMIC_RELEASE);
}

static inline void write_lock(rwlock_t *l)
{
    spin_lock(&l->turn);
    if (unlikely(__atomic_fetch_or(&l->state, RWLOCK_WRITER, __ATOMIC_ACQUIRE)))
        write_lock_wait(l);
}

static inline void write_unlock(rwlock_t *l)
{
    __atomic_fetch_and(&l->state, ~RWLOCK_WRITER, __ATOMIC_RELEASE);
    spin_unlock(&l->turn);
}

#endif
