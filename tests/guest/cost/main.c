/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an operation costs in ticks of the TSC, which under icount are instructions, the guest's own few
 * included. The figures are printed, not judged: make bench does that.
 */
#include "cost.h"
#include <public/callback.h>
#include <public/event_channel.h>
#include <public/version.h>

extern void cost_syscall(void), cost_syscall_sysret(void), cost_page_fault(void), cost_event(void),
            cost_breakpoint(void);
extern void syscall_entry(void);
extern char cost_user_syscalls[], cost_user_faults[];

struct vcpu_info *cost_info;
uint64_t *cost_word;
volatile unsigned int cost_upcalls;

static uint64_t user_stack;

static void user_cost(const char *what, const char *code, uint64_t rdi, uint64_t rsi)
{
    struct regs r;

    for (unsigned int i = 0; i < 2; i++) {
        user_regs(&r, (uint64_t)code, user_stack);
        r.rdi = rdi;
        r.rsi = rsi;
        user_run(&r);
    }
    is(r.vector, 0x80, "%s", what);
    note("%s: %d", what, (uint32_t)r.rax / TIMES);
}

static void set_syscall(void (*entry)(void))
{
    struct callback_register reg = { CALLBACKTYPE_syscall, 0, (unsigned long)entry };

    hyp_callback_op(CALLBACKOP_register, &reg);
}

static void user_mode(void)
{
    struct trap_info table[2] = { 0 };

    user_space_init();
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    set_syscall(cost_syscall);
    user_cost("user syscall and return", cost_user_syscalls, TIMES, 0);
    set_syscall(cost_syscall_sysret);
    user_cost("user syscall and return by SYSRET", cost_user_syscalls, TIMES, 0);
    set_syscall(syscall_entry);
    trap_info_of(VECTOR_PF, &table[0]);
    table[0].address = (uint64_t)cost_page_fault;
    hyp_set_trap_table(table);
    user_cost("user #PF and return", cost_user_faults, 0x1000, TIMES);
    COST("kernel #PF and return", asm volatile("movb (%0), %%al" : : "r"(0x1000ul) : "rax"));
    trap_info_of(VECTOR_PF, &table[0]);
    hyp_set_trap_table(table);
    trap_info_of(VECTOR_BP, &table[0]);
    table[0].address = (uint64_t)cost_breakpoint;
    hyp_set_trap_table(table);
    COST("kernel int3 and return", asm volatile("int3"));
    trap_info_of(VECTOR_BP, &table[0]);
    hyp_set_trap_table(table);
}

static void event(void)
{
    long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF), other = event_bind_interdomain(DOMID_SELF, port);
    struct callback_register reg = { CALLBACKTYPE_event, 0, (unsigned long)cost_event };
    struct evtchn_send op = { .port = port };

    cost_info = this_cpu()->info;
    cost_word = (uint64_t *)&shared_info->evtchn_pending[other / 64];
    event_disable();
    event_unmask(other);
    hyp_callback_op(CALLBACKOP_register, &reg);
    cost_info->evtchn_upcall_mask = 0;
    COST("event send with upcall and return", hyp_event_channel_op(EVTCHNOP_send, &op));
    ok(cost_upcalls >= TIMES, "each send made an upcall");
}

void test_main(void)
{
    COST("null hypercall", hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0));
    COST("unknown hypercall", hypercall(63, 0, 0, 0, 0, 0));
    COST("set_segment_base", hypercall(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER, 0, 0, 0, 0));
    COST("emulated cpuid", asm volatile(XEN_CPUID : : "a"(0), "c"(0) : "rbx", "rdx"));
    cost_tables();
    user_mode();
    event();
}
