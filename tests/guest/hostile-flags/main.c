/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flags that a program sets and that its kernel must not run with. DF is one: SYSCALL clears it for a kernel on bare hardware, so that
 * Linux does not, and once cleared and copied memory backwards on a hypervisor that left it set. NT belongs to the program that sets it: it comes back with its flags from whatever took it into the kernel. But an IRET that runs
 * with NT set is a #GP in long mode, so neither hypervisor nor kernel may be entered with it. SYSENTER is the one way in that does
 * not clear it; on Linux without a hypervisor it once ended in a #GP of the kernel's own IRET.
 */
#include <guest.h>
#include <public/callback.h>
#include <public/sched.h>

#define NT 0x4000ul
#define DF 0x400ul
#define TF 0x100ul

extern char user64[], int3_64[], ud2_64[], hlt_64[], load_64[], int80_64[], syscall_64[], iret_64[], set_64[], spin_64[], tell_64[];
extern char user32[], int80_32[], syscall_32[], sysenter_32[], sysenter_pushing_32[], user32_end[];
extern void syscall32_entry(void), sysenter_entry(void);

asm(".text\n"
    ".globl user64, int3_64, ud2_64, hlt_64, load_64, int80_64, syscall_64, iret_64, set_64, spin_64, tell_64\n"
    "user64:\n"
    "int3_64: int3\n"
    "ud2_64: ud2\n"
    "hlt_64: hlt\n"
    "load_64: movq 0x1000, %rax\n"
    "int80_64: int $0x80\n"
    "syscall_64: syscall\n"
    "iret_64: iretq\n"
    "set_64: pushfq; orq $0x4000, (%rsp); popfq; int $0x80\n"
    "spin_64: pause; cmpl %esi, (%rdi); je spin_64\n"
    "tell_64: pushfq; popq %rbx; int $0x80\n"
    ".code32\n"
    ".globl user32, int80_32, syscall_32, sysenter_32, sysenter_pushing_32, user32_end\n"
    "user32:\n"
    "int80_32: int $0x80\n"
    "syscall_32: syscall\n"
    "sysenter_pushing_32: pushfl; orl $0x4000, (%esp); popfl\n"
    "sysenter_32: sysenter\n"
    "user32_end:\n"
    ".code64\n");

/* The kernel's entries with a look at its flags, which the runtime's begin by clearing. */
extern char see_syscall[], see_syscall32[], see_sysenter[], see_gp[], see_bp[];
static volatile uint64_t entry_flags __attribute__((used));

#define SEE(name, entry) #name ": pushfq; popq entry_flags; jmp " entry "\n"
asm(".globl see_syscall, see_syscall32, see_sysenter, see_gp, see_bp\n"
    SEE(see_syscall, "syscall_entry")
    SEE(see_syscall32, "syscall32_entry")
    SEE(see_sysenter, "sysenter_entry")
    SEE(see_bp, "trap_stubs + 3 * 16")
    SEE(see_gp, "trap_stubs + 13 * 16"));

static uint64_t user_stack, low = 0x40000000;

static uint64_t flags_now(void)
{
    uint64_t flags;

    asm volatile("pushfq; popq %0" : "=r"(flags));
    return flags;
}

/* regs have entered the kernel: with NT, and the kernel without; and they get it back by either way out. */
static void came(struct regs *regs, const char *what)
{
    uint64_t kernels = flags_now();
    unsigned int lost = 0;

    ok(regs->rflags & NT, "%s: the kernel is told of NT", what);
    is(kernels & NT, 0, "and has not got it");
    for (unsigned int i = 0; i < 2; i++) {
        struct regs r = *regs;

        r.rip = (uint64_t)tell_64;
        r.cs = FLAT_USER_CS64;
        r.ss = FLAT_USER_SS64;
        r.rsp = user_stack;
        r.rflags &= ~TF;
        r.error = i ? VGCF_IN_SYSCALL : 0;
        user_resume(&r);
        lost += r.vector != 0x80 || !(r.rbx & NT);
    }
    is(lost, 0, "the program gets it back");
}

static void of_64_bits(void)
{
    static const struct {
        const char *code, *what;
        unsigned int vector;
        uint64_t flags;
    } ways[] = {
        { int3_64, "int3", VECTOR_BP, NT },
        { ud2_64, "#UD", VECTOR_UD, NT },
        { hlt_64, "#GP", VECTOR_GP, NT },
        { load_64, "#PF", VECTOR_PF, NT },
        { int80_64, "int 0x80", 0x80, NT },
        { syscall_64, "SYSCALL", VECTOR_SYSCALL, NT },
        { iret_64, "IRET with NT is a #GP", VECTOR_GP, NT },
        { set_64, "set by POPF", 0x80, 0 },
        { tell_64, "#DB", VECTOR_DB, NT | TF },
    };
    struct regs r;

    for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
        user_regs(&r, (uint64_t)ways[i].code, user_stack);
        r.rflags |= ways[i].flags;
        user_run(&r);
        is(r.vector, ways[i].vector, "%s", ways[i].what);
        came(&r, ways[i].what);
    }
}

static void event(void)
{
    long port = event_bind_virq(VIRQ_TIMER, 0);
    struct regs r;

    event_bind(port, NULL);
    user_regs(&r, (uint64_t)spin_64, user_stack);
    r.rflags |= NT;
    r.rdi = (uint64_t)&event_count[port];
    r.rsi = event_count[port];
    hyp_set_timer_op(time_now() + 2000000);
    user_run(&r);
    is(r.vector, 0x80, "an event interrupts the program");
    ok(r.rbx & NT, "which has NT afterwards");
    event_close(port);
}

/* A page below 4 GiB: code in its first half, a stack in the second. */
static void map_low(void)
{
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc();
    char *page = page_alloc();

    memcpy(page, user32, user32_end - user32);
    l1[0] = va_to_mfn(page) * PAGE_SIZE | PTE_RW;
    l2[0] = va_to_mfn(l1) * PAGE_SIZE | PTE_TABLE;
    l3[1] = va_to_mfn(l2) * PAGE_SIZE | PTE_TABLE;
    if (map_ro(l1) || map_ro(l2) || map_ro(l3) ||
        set_entry(entry_in(boot_root(), low, 4), va_to_mfn(l3) * PAGE_SIZE | PTE_TABLE))
        bail("cannot map a low page");
    if (mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(clone_root())))
        bail("cannot set the user's root");
}

/* Whether there is such an instruction in 32-bit code depends on the CPU's maker: without it, #UD or #GP. */
static void of_32_bits(void)
{
    static const struct {
        const char *code, *what;
        unsigned int vector;
    } ways[] = {
        { int80_32, "int 0x80 of 32 bits", 0x80 },
        { syscall_32, "SYSCALL of 32 bits", VECTOR_SYSCALL32 },
        { sysenter_32, "SYSENTER", VECTOR_SYSENTER },
        { sysenter_pushing_32, "POPF and SYSENTER", VECTOR_SYSENTER },
    };
    struct callback_register reg = { CALLBACKTYPE_syscall32, CALLBACKF_mask_events, (unsigned long)syscall32_entry };
    struct regs r;

    hyp_callback_op(CALLBACKOP_register, &reg);
    reg.type = CALLBACKTYPE_sysenter;
    reg.address = (unsigned long)sysenter_entry;
    hyp_callback_op(CALLBACKOP_register, &reg);
    for (unsigned int n = 0; n < 2 * ARRAY_SIZE(ways); n++) {
        unsigned int i = n / 2;

        user_regs(&r, low + (ways[i].code - user32), low + PAGE_SIZE);
        r.cs = FLAT_USER_CS32;
        r.ss = FLAT_USER_SS32;
        r.rflags |= n % 2 && ways[i].code != sysenter_pushing_32 ? NT | TF : NT;
        user_run(&r);
        ok(r.vector == ways[i].vector || r.vector == VECTOR_UD || r.vector == VECTOR_GP, "%s: vector %lu", ways[i].what,
           r.vector);
        came(&r, ways[i].what);
    }
}

/* The kernel is a program of ring 3 as well. What it asks for with NT set is done, and NT is gone or not: that is its own affair. */
static void kernels_own(void)
{
    static volatile uint64_t word;
    struct fault *f;
    uint64_t result;

    asm volatile("pushfq; orq $0x4000, (%rsp); popfq");
    is(hyp_sched_op(SCHEDOP_yield, NULL), 0, "a hypercall with NT");
    asm volatile("pushfq; orq $0x4000, (%rsp); popfq");
    f = try_insn("int3");
    is(f->vector, VECTOR_BP, "int3 of the kernel with NT");
    asm volatile("pushfq; orq $0x4000, (%rsp); popfq");
    is(hypercall(99, 0, 0, 0, 0, 0), -XEN_ENOSYS, "an unknown hypercall with NT");
    asm volatile("pushfq; orq $0x4000, (%rsp); popfq");
    f = probe_read((void *)0x1000, &result);
    is(f->vector, VECTOR_PF, "a page fault of the kernel with NT");
    asm volatile("pushfq; orq $0x4000, (%rsp); popfq");
    f = try_insn("rdmsr", : "=a"(result) : "c"(0xc0000080) : "rdx");
    is(f->vector, NO_FAULT, "an emulated instruction with NT");
    asm volatile("pushfq; orq $0x4000, (%rsp); popfq");
    hyp_set_timer_op(time_now() + 1000000);
    for (uint64_t end = time_now() + 3000000; time_now() < end;)
        word++;
    ok(word, "an interrupt of the hypervisor's with NT");
    asm volatile("pushfq; orq $0x4000, (%rsp); popfq");
    f = fault_reset();
    asm volatile("movq %%rsp, %%rbx; pushq %0; pushq %%rbx; pushfq; pushq %1; pushq $772f\n"
                 "771: iretq\n"
                 "772: movq %%rbx, %%rsp\n" EX_TABLE("771b", "772b")
                 : : "i"(FLAT_KERNEL_SS64), "i"(FLAT_KERNEL_CS64) : "rbx", "memory");
    is(f->vector, VECTOR_GP, "an IRET of the kernel's with NT is its #GP");
    asm volatile("pushfq; andq $~0x4000, (%rsp); popfq");
}

static void see(unsigned int type, char *entry)
{
    struct callback_register reg = { type, CALLBACKF_mask_events, (unsigned long)entry };

    if (hyp_callback_op(CALLBACKOP_register, &reg))
        bail("cannot register callback %u", type);
}

/* Xen leaves it to the kernel. */
static void direction(void)
{
    static const struct {
        const char *code, *what;
        bool is_32;
    } ways[] = {
        { syscall_64, "SYSCALL", false }, { syscall_32, "SYSCALL of 32 bits", true }, { sysenter_32, "SYSENTER", true },
        { int3_64, "int3", false }, { hlt_64, "#GP", false },
    };
    struct trap_info table[3] = { 0 };
    struct regs r;

    see(CALLBACKTYPE_syscall, see_syscall);
    see(CALLBACKTYPE_syscall32, see_syscall32);
    see(CALLBACKTYPE_sysenter, see_sysenter);
    trap_info_of(VECTOR_BP, &table[0]);
    trap_info_of(VECTOR_GP, &table[1]);
    table[0].address = (unsigned long)see_bp;
    table[1].address = (unsigned long)see_gp;
    is(hyp_set_trap_table(table), 0, "entries that look at the flags");
    for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
        user_regs(&r, ways[i].is_32 ? low + (ways[i].code - user32) : (uint64_t)ways[i].code,
                  ways[i].is_32 ? low + PAGE_SIZE : user_stack);
        r.cs = ways[i].is_32 ? FLAT_USER_CS32 : FLAT_USER_CS64;
        r.ss = ways[i].is_32 ? FLAT_USER_SS32 : FLAT_USER_SS64;
        r.rflags |= DF;
        entry_flags = 0;
        user_run(&r);
        ok(r.rflags & DF, "%s: the kernel is told of DF", ways[i].what);
        if (running_on_hv() && entry_flags)
            is(entry_flags & DF, 0, "and has not got it");
    }
}

void test_main(void)
{
    user_space_init();
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    of_64_bits();
    event();
    map_low();
    of_32_bits();
    kernels_own();
    direction();
}
