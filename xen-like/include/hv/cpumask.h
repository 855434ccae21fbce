/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of physical CPUs. NR_CPUS is a multiple of 64 so that a set is whole words. */
#ifndef HV_CPUMASK_H
#define HV_CPUMASK_H

#include <hv/types.h>

#define NR_CPUS 64u

typedef struct { uint64_t bits; } cpumask_t;

#define CPUMASK_NONE ((cpumask_t){ 0 })
#define CPUMASK_ALL ((cpumask_t){ ~0ull })

static inline cpumask_t cpumask_of(unsigned int cpu) { return (cpumask_t){ 1ull << cpu }; }
static inline bool cpumask_test(cpumask_t m, unsigned int cpu) { return cpu < NR_CPUS && (m.bits >> cpu & 1); }
static inline bool cpumask_empty(cpumask_t m) { return !m.bits; }
static inline cpumask_t cpumask_and(cpumask_t a, cpumask_t b) { return (cpumask_t){ a.bits & b.bits }; }
static inline cpumask_t cpumask_or(cpumask_t a, cpumask_t b) { return (cpumask_t){ a.bits | b.bits }; }
static inline cpumask_t cpumask_andnot(cpumask_t a, cpumask_t b) { return (cpumask_t){ a.bits & ~b.bits }; }
static inline unsigned int cpumask_weight(cpumask_t m) { return __builtin_popcountll(m.bits); }
static inline unsigned int cpumask_first(cpumask_t m) { return m.bits ? (unsigned int)__builtin_ctzll(m.bits) : NR_CPUS; }
static inline void cpumask_set_atomic(cpumask_t *m, unsigned int cpu)
{
    __atomic_fetch_or(&m->bits, 1ull << cpu, __ATOMIC_SEQ_CST);
}
static inline void cpumask_clear_atomic(cpumask_t *m, unsigned int cpu)
{
    __atomic_fetch_and(&m->bits, ~(1ull << cpu), __ATOMIC_SEQ_CST);
}
static inline cpumask_t cpumask_read(const cpumask_t *m)
{
    return (cpumask_t){ __atomic_load_n(&m->bits, __ATOMIC_SEQ_CST) };
}

#define cpumask_for_each(cpu, mask)                                                                          \
    for (uint64_t left_ = (mask).bits; left_ && ((cpu) = __builtin_ctzll(left_), true); left_ &= left_ - 1)

#endif
