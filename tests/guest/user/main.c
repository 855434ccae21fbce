/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's user mode is another address space at the same privilege: the hypervisor switches the root table, the stack and
 * the GS base on the way in and out. 64-bit programs use SYSCALL and int 0x80; 32-bit ones int 0x80, SYSENTER, SYSCALL.
 */
#include <guest.h>
#include <public/callback.h>

extern char user_int80[], user_syscall[], user_syscall_back[], user_int3[], user_load[], user_hlt[], user_cli[],
            user_spin[], user_gs[], user_loop_syscall[];
#define FLAGS_TF 0x100u

extern char user32_int80[], user32_syscall[], user32_sysenter[], user32_sysenter_alone[], user32_push[], user32_end[];
extern void syscall32_entry(void), sysenter_entry(void), syscall_entry(void);

static uint64_t user_stack;

static void run(struct regs *regs, const char *code, uint64_t argument)
{
    user_regs(regs, (uint64_t)code, user_stack);
    regs->rdi = argument;
    user_run(regs);
}

static void software_interrupt(void)
{
    struct regs r;

    run(&r, user_int80, 41);
    is(r.vector, 0x80, "int 0x80 from user mode enters the kernel");
    is(r.rax, 42, "registers arrive");
    is(r.cs, FLAT_USER_CS64, "cs says user mode");
    is(r.ss, FLAT_USER_SS64, "ss too");
    is(r.rsp, user_stack, "the user's stack pointer is in the frame");
    is(r.rflags & 0x200, 0x200, "with IF set");
    is(this_cpu()->fault.upcall_mask, 1, "the gate masked events");
    run(&r, user_int3, 0);
    is(r.vector, VECTOR_BP, "int3 from user mode");
    is(r.rip, (uint64_t)user_int3 + 1, "points behind it");
}

static void system_call(void)
{
    struct callback_register reg = { CALLBACKTYPE_syscall, CALLBACKF_mask_events, (unsigned long)syscall_entry };
    struct regs r;
    uint8_t mask;

    is(hyp_callback_op(CALLBACKOP_register, &reg), 0, "the syscall callback masks events");
    run(&r, user_syscall, 0);
    mask = this_cpu()->fault.upcall_mask;
    is(r.vector, VECTOR_SYSCALL, "syscall from user mode enters the callback");
    is(mask, 1, "with events masked");
    ok(r.rax == 0x111 && r.rdi == 0x222, "arguments arrive");
    is(r.rip, (uint64_t)user_syscall_back, "rip points behind it");
    is(r.rflags & 0x200, 0x200, "with IF set");
    user_run(&r);
    is(r.vector, VECTOR_SYSCALL, "iret returns to the user, who makes another");
    is(r.rax, 0x112, "with rax kept");
    run(&r, user_loop_syscall, 100);
    while (r.vector == VECTOR_SYSCALL && r.rbx < 200)
        user_run(&r);
    is(r.vector, 0x80, "a hundred system calls");
    is(r.rbx, 100, "each counted");
}

/* iret's flag VGCF_in_syscall lets the hypervisor use SYSRET: rcx and r11 are then rip and rflags. Without it they
 * are what the frame says. */
static void registers_on_return(void)
{
    struct regs r;

    run(&r, user_syscall, 0);
    r.rip = (uint64_t)user_int80;
    r.r11 = 0x1111;
    r.rcx = 0x2222;
    r.rdi = 1;
    user_run(&r);
    is(r.rcx, 0x2222, "iret loads rcx");
    is(r.r11, 0x1111, "iret loads r11");
    run(&r, user_syscall, 0);
    r.rip = (uint64_t)user_int80;
    r.error = VGCF_IN_SYSCALL;
    r.rdi = 2;
    user_resume(&r);
    is(r.vector, 0x80, "a return with VGCF_in_syscall");
    is(r.rax, 3, "runs the program");
}

static void faults(void)
{
    uint64_t *page = page_alloc();
    struct regs r;

    *page = 0x4711;
    run(&r, user_load, (uint64_t)page);
    is(r.rax, 0x4711, "user code reads memory");
    run(&r, user_load, 0x1000);
    is(r.vector, VECTOR_PF, "user code reads nothing: #PF");
    is(r.error, 4, "with the user bit in its error code");
    is(this_cpu()->fault.cr2, 0x1000, "and its address");
    run(&r, user_hlt, 0);
    is(r.vector, VECTOR_GP, "hlt: #GP");
    is(r.rip, (uint64_t)user_hlt, "at the instruction");
    run(&r, user_cli, 0);
    is(r.vector, VECTOR_GP, "cli: #GP, for user code has no virtual interrupt flag");
    run(&r, (char *)0x7000, 0);
    is(r.vector, VECTOR_PF, "a jump to nothing: #PF");
    is(r.error, 0x14, "as an instruction fetch by the user");
}

static void events_interrupt_it(void)
{
    static volatile uint32_t *word;
    long port = event_bind_virq(VIRQ_TIMER, 0);
    struct regs r;

    word = &event_count[port];
    event_bind(port, NULL);
    user_regs(&r, (uint64_t)user_spin, user_stack);
    r.rdi = (uint64_t)word;
    r.rsi = *word; /* read here: the event may come before the program's first instruction */
    hyp_set_timer_op(time_now() + 2000000);
    user_run(&r);
    is(r.vector, 0x80, "an event interrupts user code, which goes on afterwards");
    event_close(port);
}

static void kernel_stack(void)
{
    static char other[STACK_SIZE] __attribute__((aligned(STACK_SIZE)));
    struct regs r;

    *(struct cpu **)other = this_cpu();
    is(hyp_stack_switch(FLAT_KERNEL_SS64, (uint64_t)other + STACK_SIZE), 0, "stack_switch");
    memset(other + 64, 0x5a, STACK_SIZE - 64);
    run(&r, user_int80, 1);
    is(r.vector, 0x80, "back on another stack");
    ok(other[STACK_SIZE - 1] != 0x5a || other[STACK_SIZE - 9] != 0x5a || other[STACK_SIZE - 17] != 0x5a,
       "the frame was pushed at its top");
    hyp_stack_switch(FLAT_KERNEL_SS64, cpu_entry_stack_top(0));
}

static void segment_bases(void)
{
    static uint64_t kernel_word = 1, user_word = 2, fs_word = 3;
    struct regs r;
    uint64_t value;

    is(hyp_set_segment_base(SEGBASE_GS_KERNEL, (unsigned long)&kernel_word), 0, "the kernel's GS base");
    is(hyp_set_segment_base(SEGBASE_GS_USER, (unsigned long)&user_word), 0, "the user's GS base");
    is(hyp_set_segment_base(SEGBASE_FS, (unsigned long)&fs_word), 0, "the FS base");
    asm volatile("movq %%gs:0, %0" : "=r"(value));
    is(value, 1, "the kernel sees its own");
    run(&r, user_gs, 0);
    is(r.rax, 2, "the user sees the other");
    is(r.rbx, 3, "FS is common");
    asm volatile("movq %%gs:0, %0" : "=r"(value));
    is(value, 1, "and the kernel its own again");
}

/* A page below 4 GiB: code in its first half, a stack in the second. */
static unsigned long low_page(void)
{
    char *page = page_alloc();
    unsigned long va = 0x40000000;
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc(), *root;

    memcpy(page, user32_int80, user32_end - user32_int80);
    l1[0] = va_to_mfn(page) * PAGE_SIZE | PTE_RW;
    l2[0] = va_to_mfn(l1) * PAGE_SIZE | PTE_TABLE;
    l3[1] = va_to_mfn(l2) * PAGE_SIZE | PTE_TABLE;
    map_ro(l1);
    map_ro(l2);
    map_ro(l3);
    if (set_entry(entry_in(boot_root(), va, 4), va_to_mfn(l3) * PAGE_SIZE | PTE_TABLE))
        bail("cannot map a low page");
    root = clone_root();
    if (mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(root)))
        bail("cannot set the user's root");
    return va;
}

static void run32_flags(struct regs *regs, unsigned long page, const char *code, uint64_t flags)
{
    user_regs(regs, page + (code - user32_int80), page + PAGE_SIZE);
    regs->cs = FLAT_USER_CS32;
    regs->ss = FLAT_USER_SS32;
    regs->rflags |= flags;
    user_run(regs);
}

static void run32(struct regs *regs, unsigned long page, const char *code) { run32_flags(regs, page, code, 0); }

static bool cpu_is_intel(void)
{
    uint32_t a = 0, b, c, d;

    asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    return b == 0x756e6547;
}

static void compatibility_mode(void)
{
    struct callback_register reg = { CALLBACKTYPE_syscall32, CALLBACKF_mask_events, (unsigned long)syscall32_entry };
    unsigned long page = low_page();
    struct regs r;

    is(hyp_callback_op(CALLBACKOP_register, &reg), 0, "a callback for 32-bit syscall");
    reg.type = CALLBACKTYPE_sysenter;
    reg.address = (unsigned long)sysenter_entry;
    is(hyp_callback_op(CALLBACKOP_register, &reg), 0, "a callback for sysenter");
    run32(&r, page, user32_int80);
    is(r.vector, 0x80, "int 0x80 from 32-bit code");
    is(r.rax, 0x12345678, "its eax");
    is(r.rcx, 0xffffffff, "registers are 32 bits wide");
    is(r.cs, FLAT_USER_CS32, "its cs");
    run32(&r, page, user32_push);
    is(r.rax, 0x77, "its stack works");
    run32(&r, page, user32_syscall);
    if (cpu_is_intel())
        is(r.vector, VECTOR_UD, "an Intel CPU has no SYSCALL in 32-bit code");
    else
        is(r.vector, VECTOR_SYSCALL32, "SYSCALL from 32-bit code");
    if (!cpu_is_intel())
        is(r.rip, page + (user32_sysenter - user32_int80) - 2, "its rip points behind it");
    run32(&r, page, user32_sysenter);
    if (cpu_is_intel())
        is(r.vector, VECTOR_SYSENTER, "SYSENTER from 32-bit code");
    else
        ok(r.vector == VECTOR_UD || r.vector == VECTOR_GP || r.vector == VECTOR_SYSENTER,
           "SYSENTER from 32-bit code, which such a CPU lacks in long mode: vector %lu", r.vector);
    is(r.rax, 0x33, "its eax");
    run32_flags(&r, page, user32_sysenter_alone, FLAGS_TF);
    if (r.vector == VECTOR_SYSENTER)
        ok(r.rflags & FLAGS_TF, "SYSENTER keeps TF, of a program that is traced step by step");
}

static void callbacks(void)
{
    struct callback_register reg = { CALLBACKTYPE_syscall, 0, 0x8000000000000000ul };
    struct callback_unregister un = { .type = CALLBACKTYPE_syscall };

    is(hyp_callback_op(CALLBACKOP_register, &reg), -XEN_EINVAL, "a callback at a non-canonical address");
    reg.type = 55;
    reg.address = (unsigned long)syscall_entry;
    is(hyp_callback_op(CALLBACKOP_register, &reg), -XEN_ENOSYS, "an unknown callback");
    is(hyp_callback_op(CALLBACKOP_unregister, &un), -XEN_EINVAL, "the syscall callback cannot be taken away");
    un.type = CALLBACKTYPE_nmi;
    is(hyp_callback_op(CALLBACKOP_unregister, &un), 0, "the NMI callback can");
    is(hyp_callback_op(77, &un), -XEN_ENOSYS, "an unknown operation");
}

void test_main(void)
{
    user_space_init();
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    software_interrupt();
    system_call();
    registers_on_return();
    faults();
    events_interrupt_it();
    kernel_stack();
    segment_bases();
    compatibility_mode();
    callbacks();
}
