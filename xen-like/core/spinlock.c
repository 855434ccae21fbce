/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slow halves of locks: a waiting CPU keeps answering the others, so that whoever holds the lock may wait for
 * this CPU's answer (a TLB flush, say) without a deadlock.
 */
#include <hv/arch.h>
#include <hv/spinlock.h>

void spin_lock_wait(spinlock_t *lock, uint16_t ticket)
{
    while (__atomic_load_n(&lock->head, __ATOMIC_ACQUIRE) != ticket) {
        smp_poll();
        arch_relax();
    }
}

/* With its turn nobody writes, and until it gives the turn up nobody begins to. */
void read_lock_wait(rwlock_t *l)
{
    __atomic_fetch_sub(&l->state, 1, __ATOMIC_RELAXED);
    spin_lock(&l->turn);
    __atomic_fetch_add(&l->state, 1, __ATOMIC_ACQUIRE);
    spin_unlock(&l->turn);
}

void write_lock_wait(rwlock_t *l)
{
    while (__atomic_load_n(&l->state, __ATOMIC_ACQUIRE) != RWLOCK_WRITER) {
        smp_poll();
        arch_relax();
    }
}
