/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of number that hv must not mix up. A machine frame (what the hardware walks), a guest's
 * pseudo-physical frame and a machine address are distinct structure types, so that passing one for another
 * does not compile; the structures are one register wide and cost nothing.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t s_time_t; /* nanoseconds of hv's system time: 0 when hv started, never steps */
typedef uint16_t domid_t;

typedef struct { uint64_t v; } mfn_t;   /* machine frame number */
typedef struct { uint64_t v; } pfn_t;   /* a domain's pseudo-physical frame number */
typedef struct { uint64_t v; } maddr_t; /* machine (physical) address */

#define MFN(x) ((mfn_t){ (uint64_t)(x) })
#define PFN(x) ((pfn_t){ (uint64_t)(x) })
#define MADDR(x) ((maddr_t){ (uint64_t)(x) })
#define MFN_INVALID MFN(~0ull)

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

static inline bool mfn_eq(mfn_t a, mfn_t b) { return a.v == b.v; }
static inline mfn_t mfn_add(mfn_t m, uint64_t n) { return MFN(m.v + n); }
static inline mfn_t maddr_to_mfn(maddr_t a) { return MFN(a.v >> PAGE_SHIFT); }
static inline maddr_t mfn_to_maddr(mfn_t m) { return MADDR(m.v << PAGE_SHIFT); }

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define min(a, b) ({ __typeof__(a) min_a_ = (a); __typeof__(b) min_b_ = (b); min_a_ < min_b_ ? min_a_ : min_b_; })
#define max(a, b) ({ __typeof__(a) max_a_ = (a); __typeof__(b) max_b_ = (b); max_a_ > max_b_ ? max_a_ : max_b_; })
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ALIGN_UP(x, a) (((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define ROUND_DIV(x, n) (((x) + (n) - 1) / (n))

/* One access, of the full width, that the compiler neither splits nor repeats: for memory others write too. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val) (*(volatile __typeof__(x) *)&(x) = (val))

#include <arch/clamp.h> /* clamp_index() */

#endif
