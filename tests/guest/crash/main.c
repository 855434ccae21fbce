/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that leaves its hypervisor no way to go on is crashed, and nothing else happens: the hypervisor says which
 * domain, and does not panic. Each variant (case=N on the command line) is one way to get there.
 */
#include <guest.h>
#include <public/sched.h>
#include <public/callback.h>

static void no_page_fault_handler(void)
{
    struct trap_info table[2] = { { .vector = VECTOR_PF, .cs = FLAT_KERNEL_CS64, .address = 0x1000 } };

    hyp_set_trap_table(table);
    *(volatile int *)0x2000;
}

static void no_trap_table(void)
{
    hyp_set_trap_table(NULL);
    asm volatile("ud2");
}

static void no_stack(void)
{
    asm volatile("movq $0x1000, %rsp; int3");
}

static void stack_in_the_hypervisor(void)
{
    asm volatile("movq %0, %%rsp; int3" : : "r"(HYPERVISOR_VIRT_START + 0x40000000000ul));
}

static void stack_not_canonical(void)
{
    asm volatile("movq %0, %%rsp; ud2" : : "r"(0x8000000000000000ul));
}

static void stack_exhausted(void)
{
    asm volatile("1: pushq %rax; jmp 1b");
}

static void iret_without_frame(void)
{
    asm volatile("movq $0x1000, %%rsp; syscall" : : "a"(__HYPERVISOR_iret));
}

static void user_mode_without_tables(void)
{
    struct regs regs;

    user_regs(&regs, 0x1000, 0x2000);
    user_run(&regs);
}

static void kernel_stack_nowhere(void)
{
    struct regs regs;

    user_space_init();
    user_regs(&regs, 0x1000, 0x2000);
    this_cpu()->has_entry_stack = true;
    hyp_stack_switch(FLAT_KERNEL_SS64, 0x1000);
    user_run(&regs);
}

static void event_callback_nowhere(void)
{
    struct callback_register reg = { CALLBACKTYPE_event, 0, 0x1000 };
    struct trap_info table[2] = { { .vector = VECTOR_PF, .cs = FLAT_KERNEL_CS64, .address = 0x1000 } };

    long port;

    hyp_set_trap_table(table);
    hyp_callback_op(CALLBACKOP_register, &reg);
    port = event_bind_ipi(0);
    event_bind(port, NULL);
    event_enable();
    for (;;)
        event_send(port);
}

static void says_so_itself(void)
{
    struct sched_shutdown op = { .reason = SHUTDOWN_crash };

    hyp_sched_op(SCHEDOP_shutdown, &op);
}

static void own_code_unmapped(void)
{
    hyp_update_va_mapping((unsigned long)own_code_unmapped & -PAGE_SIZE, 0, UVMF_INVLPG | UVMF_ALL);
    map_none((void *)((unsigned long)hypercall_page));
    hyp_xen_version(0, NULL);
}

static void root_taken_apart(void)
{
    unsigned int i;

    for (i = 0; i < 512; i++)
        set_entry_machine(entry_machine(&boot_root()[i]), 0, MMU_NORMAL_PT_UPDATE);
    flush_tlb();
    stack_exhausted();      /* what the TLB still holds does not last */
}

static const struct {
    const char *what;
    void (*how)(void);
} cases[] = {
    { "a page fault whose handler faults", no_page_fault_handler },
    { "a trap without a trap table", no_trap_table },
    { "a trap without a stack", no_stack },
    { "a trap with the stack in the hypervisor", stack_in_the_hypervisor },
    { "a trap with a stack at a non-canonical address", stack_not_canonical },
    { "a stack that runs out", stack_exhausted },
    { "iret without a frame", iret_without_frame },
    { "user mode without page tables", user_mode_without_tables },
    { "a user's trap with the kernel stack nowhere", kernel_stack_nowhere },
    { "an event callback that is nowhere", event_callback_nowhere },
    { "a guest that crashes itself", says_so_itself },
    { "a kernel that unmaps its own code", own_code_unmapped },
    { "a kernel that takes its root table apart", root_taken_apart },
};

void test_main(void)
{
    unsigned int n = option("case", 0);

    if (n >= ARRAY_SIZE(cases))
        bail("case=%u: there are %lu", n, ARRAY_SIZE(cases));
    expect_crash("%s", cases[n].what);
    cases[n].how();
    bail("still here");
}
