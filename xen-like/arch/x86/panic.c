/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end, when hv finds a bug of its own: what happened, registers, the stack with names, then all CPUs stop
 * and the machine restarts (or stays, with noreboot). Nothing here trusts a lock or a pointer more than it
 * must.
 */
#include <arch/cpu.h>
#include <arch/cpu_info.h>
#include <arch/smp.h>
#include <arch/symbols.h>
#include <arch/traps.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/domain.h>
#include <public/sched.h>

#define FRAMES_MAX 24u
#define WORDS_MAX 400u
#define CALL_BYTES_MAX 7u

static uint32_t panicking;

static void print_address(const char *what, uint64_t address)
{
    uint64_t offset;
    const char *name = symbol_find(address, &offset);

    if (name)
        printk(LOG_ERR, "  %s%lx %s+0x%lx\n", what, address, name, offset);
    else
        printk(LOG_ERR, "  %s%lx\n", what, address);
}

/* Is there a whole word of this CPU's main stack? */
static bool on_stack(uint64_t sp)
{
    uint64_t top = (uint64_t)cpu_info();

    return !(sp & 7) && sp < top && sp >= (top & ~(CPU_STACK_SIZE - 1));
}

/*
 * hv is compiled without frame pointers, so all words of the stack are looked at: what may be a place that a
 * call returns to is the place behind a call. A few that are left of earlier calls show, too.
 */
static bool is_behind_call(uint64_t address)
{
    const uint8_t *at = (const uint8_t *)address;

    if (!symbol_is_text(address) || !symbol_is_text(address - CALL_BYTES_MAX))
        return false;
    if (at[-5] == 0xe8)
        return true;
    for (unsigned int n = 2; n <= CALL_BYTES_MAX; n++) /* call *operand: ff /2, of 2, 3, 4, 6 or 7 bytes */
        if (n != 5 && at[-(int)n] == 0xff && (at[-(int)n + 1] & 0x38) == 0x10)
            return true;
    return false;
}

static void print_stack(uint64_t sp)
{
    unsigned int n = 0;

    printk(LOG_ERR, "call trace:\n");
    for (unsigned int i = 0; i < WORDS_MAX && n < FRAMES_MAX && on_stack(sp); i++, sp += 8) {
        uint64_t address = *(const uint64_t *)sp;

        if (is_behind_call(address)) {
            print_address("", address);
            n++;
        }
    }
}

static void print_regs(const struct cpu_user_regs *r)
{
    print_address("rip ", r->rip);
    printk(LOG_ERR, "  cs %04x ss %04x rflags %08lx rsp %016lx vector %u error %x\n", r->cs, r->ss, r->rflags,
           r->rsp, r->entry_vector, r->error_code);
    printk(LOG_ERR, "  rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
    printk(LOG_ERR, "  rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", r->rsi, r->rdi, r->rbp, r->r8);
    printk(LOG_ERR, "  r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", r->r9, r->r10, r->r11, r->r12);
    printk(LOG_ERR, "  r13 %016lx r14 %016lx r15 %016lx\n", r->r13, r->r14, r->r15);
    printk(LOG_ERR, "  cr0 %08lx cr2 %016lx cr3 %08lx cr4 %08lx\n", read_cr0(), read_cr2(), read_cr3(),
           read_cr4());
}

static void begin(const char *fmt, va_list args)
{
    char why[256];
    const struct vcpu *v;

    irq_disable();
    if (__atomic_exchange_n(&panicking, 1, __ATOMIC_SEQ_CST))
        for (;;) /* a second CPU's panic, or one inside this one: the first one's words are what counts */
            __asm__ volatile("hlt");
    smp_stop_others();
    console_force_unlock();
    vsnprintf(why, sizeof(why), fmt, args);
    printk(LOG_ERR, "\n");
    printk(LOG_ERR, "PANIC on CPU %u: %s\n", arch_cpu_id(), why);
    v = cpu_info()->vcpu;
    if (v && ((uintptr_t)v & 7) == 0 && (uintptr_t)v >= 0xffff800000000000)
        printk(LOG_ERR, "  on behalf of d%uv%u\n", v->domain->id, v->id);
}

static void __attribute__((noreturn)) finish(void)
{
    console_flush_sync();
    arch_machine_shutdown(SHUTDOWN_crash);
}

void panic(const char *fmt, ...)
{
    va_list args;
    uint64_t sp;

    va_start(args, fmt);
    begin(fmt, args);
    va_end(args);
    __asm__ volatile("mov %%rsp, %0" : "=r"(sp));
    print_stack(sp);
    finish();
}

void panic_regs(const struct cpu_user_regs *regs, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    begin(fmt, args);
    va_end(args);
    print_regs(regs);
    print_stack(regs->rsp);
    finish();
}
