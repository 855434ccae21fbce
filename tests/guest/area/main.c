/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own extension: user mode and the kernel reach each other by a shared area instead of frames on the kernel's stack. The
 * kernel writes into it whatever it likes, and may change it at any time: it can only hurt itself.
 */
#include <guest.h>
#include <public/callback.h>
#include <public/hv.h>

void user_enter(struct regs *regs, uint64_t *kernel_sp);
void area_leave(struct regs *regs, uint64_t *kernel_sp, uint64_t number);
extern void syscall_entry(void);
extern char area_entries[], area_page[];
extern char user_tell[], user_call[], user_call_back[], user_calls[], user_load[], user_undefined[], user_wait[];
extern volatile struct hv_vcpu_area area;
extern uint64_t area_stack, area_entered;

static uint64_t user_stack;

static long hv_op(unsigned int op, unsigned long a1, unsigned long a2)
{
    return hypercall(__HYPERVISOR_hv_op, op, a1, a2, 0, 0);
}

static long use_area(uint64_t at)
{
    return hv_op(HVOP_register, at, (unsigned long)area_entries);
}

/* Into user mode with these registers by the area, until it enters the kernel other than by an event. */
static void leave(struct regs *regs, unsigned int number)
{
    struct cpu *cpu = this_cpu();

    event_disable();
    area.rip = regs->rip;
    area.rflags = regs->rflags;
    area.rsp = regs->rsp;
    area.rax = regs->rax;
    area.rcx = regs->rcx;
    area.r11 = regs->r11;
    area.cs = regs->cs;
    area.ss = regs->ss;
    fault_reset();
    cpu->user = regs;
    area_leave(regs, &cpu->kernel_sp, number);
}

static void start(struct regs *regs, const char *code, uint64_t argument)
{
    user_regs(regs, (uint64_t)code, user_stack);
    regs->rdi = argument;
}

static void refusals(void)
{
    uint64_t here = va_to_machine(area_page), table = entry_machine(entry_of(area_page, 1)) & ~4095ul;

    is(hv_op(~0u, 0, 0), -XEN_ENOSYS, "an operation that does not exist");
    is(raw_hypercall(__HYPERVISOR_hv_sysret, 0, 0, 0, 0, 0), -XEN_ENOSYS, "hv_sysret without an area");
    is(raw_hypercall(__HYPERVISOR_hv_iret, 0, 0, 0, 0, 0), -XEN_ENOSYS, "hv_iret without an area");
    is(use_area(here + 8), -XEN_EINVAL, "an area that is not aligned");
    is(use_area(here + PAGE_SIZE - 64), -XEN_EINVAL, "one that leaves its page");
    is(use_area(table), -XEN_EINVAL, "one in a page table");
    is(use_area(0xfffffffffffff000), -XEN_EINVAL, "one that is no frame");
    is(hv_op(HVOP_register, here, 0x800000000000 - 128), -XEN_EINVAL, "entries that become non-canonical");
    is(hv_op(HVOP_register, here, 0xffff800000000000), -XEN_EINVAL, "entries in the hypervisor");
    is(hv_op(HVOP_register, here, 0xffff7fffffffff80), -XEN_EINVAL, "entries that begin non-canonical");
    is(use_area(here), 0, "a good one");
    ok(map_ro(area_page) == 0 && set_entry(entry_of(area_page, 1), 0) == 0, "it may be unmapped,");
    is(mmuext(MMUEXT_PIN_L1_TABLE, here / PAGE_SIZE), -XEN_EINVAL, "but is no page table while it is an area");
    map_rw(area_page);
    is(use_area(here + 128), 0, "another place");
    is(use_area(here), 0, "and back");
}

static void ways_in(void)
{
    struct callback_register reg = { CALLBACKTYPE_syscall, CALLBACKF_mask_events, (unsigned long)syscall_entry };
    struct regs r;

    hyp_callback_op(CALLBACKOP_register, &reg);
    start(&r, user_call, 0);
    area_entered = 0;
    leave(&r, __HYPERVISOR_hv_iret);
    is(r.vector, VECTOR_SYSCALL, "a system call");
    is(area_entered, 1, "by the area");
    is(area_stack, cpu_entry_stack_top(0), "on the kernel's stack");
    is(r.rip, (uint64_t)user_call_back, "rip points behind it");
    ok(r.rax == 0x111 && r.rdi == 0x222 && r.rsp == user_stack, "registers arrive");
    is(r.rflags & 0x200, 0x200, "with IF set");
    is(this_cpu()->fault.upcall_mask, 1, "and events masked");
    leave(&r, __HYPERVISOR_hv_sysret);
    is(r.vector, 0x80, "hv_sysret goes back, and int 0x80 enters");
    is(r.rax, 0x112, "with rax kept");
    is(r.cs, FLAT_USER_CS64, "cs says user mode");
    is(r.ss, FLAT_USER_SS64, "ss too");
    is(area_entered, 2, "by the area again");
    start(&r, user_load, 0x1000);
    leave(&r, __HYPERVISOR_hv_iret);
    is(r.vector, VECTOR_PF, "a page fault");
    is(r.error, 4, "with its error code");
    is(this_cpu()->fault.cr2, 0x1000, "and its address");
    start(&r, user_undefined, 0);
    leave(&r, __HYPERVISOR_hv_iret);
    is(r.vector, VECTOR_UD, "another exception");
    is(area_entered, 4, "all of them by the area");
}

static void registers(void)
{
    struct regs r;

    start(&r, user_tell, 0);
    r.rcx = 0x1111;
    r.r11 = 0x2222;
    r.rax = 0x3333;
    r.r15 = 0x4444;
    r.rdx = 0x5555;
    leave(&r, __HYPERVISOR_hv_iret);
    ok(r.rcx == 0x1111 && r.r11 == 0x2222 && r.rax == 0x3333 && r.r15 == 0x4444 && r.rdx == 0x5555,
       "hv_iret gives user mode all its registers");
    start(&r, user_tell, 0);
    r.rdx = 0x5555;
    r.rsi = 0x6666;
    leave(&r, __HYPERVISOR_hv_sysret);
    ok(r.rcx == (uint64_t)user_tell && r.rdx == 0x5555 && r.rsi == 0x6666, "hv_sysret all but those of SYSRET");
}

/* What is written here, the kernel chose to do to its own user mode. */
static void hostile(unsigned int number, const char *how)
{
    static const uint64_t bad[] = {
        0x8000000000000000, 0x0000800000000000, 0xffff7fffffffffff, 0xdeadbeefdeadbeef, 0xffff800000000000,
    };
    static const uint16_t selectors[] = { 0x0000, 0x0008, 0x1233, 0xfffb, 0xe008, 0xe043, 0xe053, 0x7, 0xffff };
    struct regs r;
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        start(&r, user_tell, 0);
        r.rip = bad[i];
        leave(&r, number);
        wrong += r.vector != VECTOR_GP && r.vector != VECTOR_PF;
        start(&r, user_tell, 0);
        r.rsp = bad[i];
        leave(&r, number);
        wrong += r.vector != VECTOR_GP && r.vector != VECTOR_PF && r.vector != VECTOR_SS;
    }
    is(wrong, 0, "impossible addresses and stacks, %s: a fault, no more", how);
    for (unsigned int i = 0; i < ARRAY_SIZE(selectors); i++) {
        start(&r, user_tell, 0);
        r.cs = selectors[i];
        leave(&r, number);
        start(&r, user_tell, 0);
        r.ss = selectors[i];
        leave(&r, number);
        wrong += (r.cs & 3) != 3;
    }
    is(wrong, 0, "impossible selectors, %s", how);
    start(&r, user_tell, 0);
    r.rflags = 0xffffffffffffffff & ~0x100ul;
    leave(&r, number);
    is(r.vector, 0x80, "all flags, %s", how);
    is(r.rbx & 0x23000, 0, "IOPL and VM are 0");
    start(&r, user_tell, 0);
    r.rflags = 2;
    leave(&r, number);
    is(r.rbx & 0x200, 0x200, "IF is set if it is not asked for, %s", how);
    is(r.rflags & 0x200, 0, "but events were masked, as the kernel is told");
    start(&r, user_tell, 0);
    r.rflags |= 0x100;
    leave(&r, number);
    is(r.vector, VECTOR_DB, "TF works, %s", how);
}

/* A program's NT comes and goes with its flags, and the kernel has never got it. */
static void nested_task(unsigned int number, const char *how)
{
    static const struct {
        const char *code;
        unsigned int vector;
    } ways[] = { { user_tell, 0x80 }, { user_call, VECTOR_SYSCALL }, { user_load, VECTOR_PF }, { user_undefined, VECTOR_UD } };
    unsigned int wrong = 0, kernels = 0;
    uint64_t flags;
    struct regs r;

    for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
        start(&r, ways[i].code, 0x1000);
        r.rflags |= 0x4000;
        leave(&r, number);
        asm volatile("pushfq; popq %0" : "=r"(flags));
        kernels += (flags & 0x4000) != 0;
        wrong += r.vector != ways[i].vector || !(r.rflags & 0x4000);
    }
    is(wrong, 0, "a program keeps NT, %s", how);
    is(kernels, 0, "the kernel has not got it");
    start(&r, user_tell, 0);
    r.rflags |= 0x4100;
    leave(&r, number);
    ok(r.vector == VECTOR_DB && r.rflags & 0x4000, "with TF, %s", how);
}

static void events(void)
{
    static volatile uint32_t *word;
    long port = event_bind_virq(VIRQ_TIMER, 0);
    struct regs r;

    word = &event_count[port];
    event_bind(port, NULL);
    start(&r, user_wait, (uint64_t)word);
    r.rsi = *word;
    hyp_set_timer_op(time_now() + 2000000);
    area_entered = 0;
    leave(&r, __HYPERVISOR_hv_sysret);
    is(r.vector, 0x80, "an event interrupts user mode, and it goes on");
    is(area_entered, 2, "by the area");
    start(&r, user_wait, (uint64_t)word);
    r.rsi = *word;
    event_disable();
    hyp_set_timer_op(time_now());
    while (!this_cpu()->info->evtchn_upcall_pending)
        ;
    leave(&r, __HYPERVISOR_hv_sysret);
    is(*word, r.rsi + 1, "one that is pending comes on the way out");
}

static void cost(void)
{
    uint64_t began = 0, n = 0;
    struct regs r;

    start(&r, user_calls, 0);
    leave(&r, __HYPERVISOR_hv_iret);
    for (began = __builtin_ia32_rdtsc(); n < 100; n++)
        leave(&r, __HYPERVISOR_hv_sysret);
    is(r.rbx, 101, "a hundred system calls");
    note("a system call and its return, with the test's own share: %lu ticks",
         (unsigned long)(__builtin_ia32_rdtsc() - began) / n);
}

void test_main(void)
{
    struct regs r;

    if (!running_on_hv()) {
        skip("this is hv's own");
        return;
    }
    if (!hv_offers(HV_FEATURE_user_entry)) {
        is(use_area(va_to_machine(area_page)), -XEN_ENOSYS, "not offered, and not there");
        is(raw_hypercall(__HYPERVISOR_hv_sysret, 0, 0, 0, 0, 0), -XEN_ENOSYS, "nor are its returns");
        return;
    }
    user_space_init();
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    user_regs(&r, (uint64_t)user_tell, user_stack);
    user_run(&r); /* which sets the kernel's stack */
    refusals();
    ways_in();
    registers();
    hostile(__HYPERVISOR_hv_iret, "by hv_iret");
    hostile(__HYPERVISOR_hv_sysret, "by hv_sysret");
    nested_task(__HYPERVISOR_hv_iret, "by hv_iret");
    nested_task(__HYPERVISOR_hv_sysret, "by hv_sysret");
    events();
    cost();
    is(use_area(0), 0, "without the area");
    user_regs(&r, (uint64_t)user_tell, user_stack);
    user_run(&r);
    is(r.vector, 0x80, "all is as before");
}
