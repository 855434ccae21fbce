/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lock order, checked: each CPU remembers what it holds, and taking a lock of a lower rank, or of the same rank at
 * a lower address, is a bug of hv's whether or not it deadlocks this time. Used by builds with HV_CHECK_LOCKS only.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/spinlock.h>

#define HELD_MAX 8u

static struct {
    const spinlock_t *lock[HELD_MAX];
    unsigned int n;
} held[NR_CPUS];

static bool in_order(const spinlock_t *outer, const spinlock_t *inner)
{
    return outer->rank < inner->rank || (outer->rank == inner->rank && outer < inner);
}

void lock_order_taking(const spinlock_t *lock)
{
    unsigned int cpu = arch_cpu_id();

    for (unsigned int i = 0; i < held[cpu].n; i++)
        if (!in_order(held[cpu].lock[i], lock))
            panic("lock order: rank %u taken while rank %u is held", lock->rank, held[cpu].lock[i]->rank);
}

void lock_order_taken(const spinlock_t *lock)
{
    unsigned int cpu = arch_cpu_id();

    if (held[cpu].n == HELD_MAX)
        panic("lock order: more than %u locks held", HELD_MAX);
    held[cpu].lock[held[cpu].n++] = lock;
}

void lock_order_released(const spinlock_t *lock)
{
    unsigned int cpu = arch_cpu_id(), i = held[cpu].n;

    while (i && held[cpu].lock[i - 1] != lock)
        i--;
    if (!i)
        panic("lock order: a lock of rank %u is released that is not held", lock->rank);
    held[cpu].n--;
    for (i--; i < held[cpu].n; i++)
        held[cpu].lock[i] = held[cpu].lock[i + 1];
}
