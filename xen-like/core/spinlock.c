/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slow half of spin locks: a waiting CPU keeps answering the others, so that whoever holds the lock may
 * wait for this CPU's answer (a TLB flush, say) without a deadlock.
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
