/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions of the kernel and of user programs, system calls, and the way back. */
#include "bench.h"
#include <public/callback.h>

#define NOWHERE  0x1000ul
#define NO_ADDRESS 0x8000000000000000ul

extern void bench_return(void), bench_return_sysret(void), bench_skip(void), bench_skip_error(void), bench_sysenter(void),
            bench_iret(void), syscall_entry(void);
extern char user_nothing[], user_syscall[], user_int3[], user_ud[], user_load[];
extern char user32_start[], user32_end[], user32_int80[], user32_syscall[], user32_sysenter[];

uint64_t bench_stack32;

static uint64_t user_stack;
static uint32_t user_overhead;

static void load(uint64_t address)
{
    asm volatile("movb (%%rcx), %%al" : : "c"(address) : "rax");   /* two bytes: bench_skip */
}

void bench_traps(void)
{
    MEASURE("iret", bench_iret());
    set_trap(VECTOR_BP, bench_return);
    MEASURE("kernel int3 and iret", asm volatile("int3"));
    set_trap(VECTOR_BP, NULL);
    set_trap(VECTOR_UD, bench_skip);
    MEASURE("kernel #UD and iret", asm volatile("ud2"));
    set_trap(VECTOR_UD, NULL);
    set_trap(VECTOR_GP, bench_skip_error);
    MEASURE("kernel #GP and iret", load(NO_ADDRESS));
    set_trap(VECTOR_GP, NULL);
    set_trap(VECTOR_PF, bench_skip_error);
    MEASURE("kernel #PF and iret", load(NOWHERE));
    set_trap(VECTOR_PF, NULL);
}

static struct figures run(struct regs *r)
{
    user_run(r);
    if (r->vector != VECTOR_DE)
        bail("the user program ended with vector %lu at %lx", r->vector, r->rip);
    return (struct figures){ .min = (uint32_t)r->rbx - user_overhead, .times = TIMES,
                             .sum = (uint32_t)r->rbp - (uint64_t)TIMES * user_overhead };
}

static void user_program(const char *name, const char *code, uint64_t rcx)
{
    struct figures f = { 0 };
    struct counts before;

    counts_begin(&before);
    for (unsigned int i = 0; i < 2; i++) {
        struct regs r;

        user_regs(&r, (uint64_t)code, user_stack);
        r.rdi = TIMES;
        r.rcx = rcx;
        f = run(&r);
    }
    if (!name) {
        user_overhead = f.min;
        return;
    }
    figures_show(name, &f);
    counts_show(name, &before, 2 * TIMES);
}

/* A page below 4 GiB: code in its first half, a stack in the second. */
static unsigned long low_page(void)
{
    char *page = page_alloc();
    unsigned long va = 0x40000000;
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc();

    memcpy(page, user32_start, user32_end - user32_start);
    l1[0] = va_to_mfn(page) << 12 | PTE_RW;
    l2[0] = va_to_mfn(l1) << 12 | PTE_TABLE;
    l3[1] = va_to_mfn(l2) << 12 | PTE_TABLE;
    if (map_ro(l1) || map_ro(l2) || map_ro(l3) ||
        set_entry(entry_in(boot_root(), va, 4), va_to_mfn(l3) << 12 | PTE_TABLE))
        bail("cannot map a low page");
    DO(mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(clone_root())));
    return va;
}

static void user_program_32(const char *name, unsigned long page, const char *code)
{
    struct figures f = { 0 };

    bench_stack32 = page + PAGE_SIZE;
    for (unsigned int i = 0; i < 2; i++) {
        struct regs r;

        user_regs(&r, page + (code - user32_start), page + PAGE_SIZE);
        r.cs = FLAT_USER_CS32;
        r.ss = FLAT_USER_SS32;
        r.rdi = TIMES;
        f = run(&r);
    }
    figures_show(name, &f);
}

/* AMD's have no SYSENTER in long mode, and Intel's no SYSCALL in 32-bit code. */
static bool cpu_is_intel(void)
{
    uint32_t a = 0, b, c, d;

    asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    return b == 0x756e6547;
}

static void programs_32(void)
{
    unsigned long page = low_page();

    set_trap(0x80, bench_return);
    user_program_32("32-bit int 0x80 and iret", page, user32_int80);
    set_trap(0x80, NULL);
    if (cpu_is_intel()) {
        set_callback(CALLBACKTYPE_sysenter, bench_sysenter);
        user_program_32("32-bit SYSENTER and iret", page, user32_sysenter);
    } else {
        set_callback(CALLBACKTYPE_syscall32, bench_return);
        user_program_32("32-bit SYSCALL and iret", page, user32_syscall);
    }
}

void bench_user(void)
{
    user_space_init();
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    user_program(NULL, user_nothing, 0);
    set_callback(CALLBACKTYPE_syscall, bench_return);
    user_program("user syscall and iret", user_syscall, 0);
    set_callback(CALLBACKTYPE_syscall, bench_return_sysret);
    user_program("user syscall and iret, as by SYSRET", user_syscall, 0);
    set_callback(CALLBACKTYPE_syscall, syscall_entry);
    set_trap(VECTOR_BP, bench_return);
    user_program("user int3 and iret", user_int3, 0);
    set_trap(VECTOR_BP, NULL);
    set_trap(VECTOR_UD, bench_skip);
    user_program("user #UD and iret", user_ud, 0);
    set_trap(VECTOR_UD, NULL);
    set_trap(VECTOR_GP, bench_skip_error);
    user_program("user #GP and iret", user_load, NO_ADDRESS);
    set_trap(VECTOR_GP, NULL);
    set_trap(VECTOR_PF, bench_skip_error);
    user_program("user #PF and iret", user_load, NOWHERE);
    set_trap(VECTOR_PF, NULL);
    programs_32();
}
