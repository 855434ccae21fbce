/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's names, for unit tests and fuzzers on the host: see ../linux/platform.h. The barriers are real,
 * so that a test may put the two ends of a ring on two threads.
 */
#ifndef HV_PV_PLATFORM_H
#define HV_PV_PLATFORM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int32_t s32;

#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define barrier()        __asm__ volatile("" ::: "memory")
#define virt_mb()        __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define virt_rmb()       __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define virt_wmb()       __atomic_thread_fence(__ATOMIC_RELEASE)
#define static_assert    _Static_assert

static inline u32 rounddown_pow_of_two(u32 n)
{
    return 1u << (31 - __builtin_clz(n));
}

#endif
