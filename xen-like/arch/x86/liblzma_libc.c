/* SPDX-License-Identifier: GPL-2.0-only */
/* A C library for liblzma. */
#include <arch/cpu.h>
#include <arch/liblzma_libc.h>
#include <hv/console.h>
#include <hv/string.h>

static char *arena;
static size_t arena_left;
extern void (*const _init_array_start[])(void), (*const _init_array_end[])(void);

static uint64_t thread_block[8]; /* FS points here; the word at 0x28 is the stack protector's */

void liblzma_begin(void *memory, size_t size)
{
    arena = memory;
    arena_left = size;
    wrmsr(MSR_FS_BASE, (uint64_t)thread_block);
    for (void (*const *init)(void) = _init_array_start; init < _init_array_end; init++)
        (*init)();
}

void liblzma_end(void)
{
    wrmsr(MSR_FS_BASE, 0);
    arena = NULL;
    arena_left = 0;
}

void *malloc(size_t size);
void free(void *p);
void *calloc(size_t n, size_t size);
void __stack_chk_fail(void) __attribute__((noreturn));

void *malloc(size_t size)
{
    void *p = arena;

    size = ALIGN_UP(size, 64ul);
    if (size > arena_left)
        return NULL;
    arena += size;
    arena_left -= size;
    return p;
}

void free(void *p) { (void)p; }

void *calloc(size_t n, size_t size)
{
    size_t bytes;
    void *p = __builtin_mul_overflow(n, size, &bytes) ? NULL : malloc(bytes);

    return p ? memset(p, 0, bytes) : NULL;
}

void __stack_chk_fail(void) { panic("liblzma overran its stack"); }
