/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls. The calling convention: number selects a 32-byte entry of the hypercall page, arguments in
 * rdi, rsi, rdx, r10, r8, the result in rax (a negative errno on failure).
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include <stdint.h>
#include <stddef.h>
#include <public/hv.h>
#include <public/xen.h>

extern char hypercall_page[];

/* Through the hypercall page. NR below 128, the page's capacity; anything else goes through raw_hypercall(). */
static inline long hypercall(unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3,
                             unsigned long a4, unsigned long a5)
{
    register unsigned long r10 asm("r10") = a4;
    register unsigned long r8 asm("r8") = a5;
    long result;

    asm volatile("call *%[entry]"
                 : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                 : [entry] "0"(hypercall_page + nr * 32)
                 : "rcx", "r11", "memory", "cc");
    return result;
}

/* By the instruction itself, with any number. */
static inline long raw_hypercall(unsigned long nr, unsigned long a1, unsigned long a2, unsigned long a3,
                                 unsigned long a4, unsigned long a5)
{
    register unsigned long r10 asm("r10") = a4;
    register unsigned long r8 asm("r8") = a5;
    long result = nr;

    asm volatile("syscall"
                 : "+a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                 :
                 : "rcx", "r11", "memory", "cc");
    return result;
}

#define HYPERCALL_ARG_(x) ((unsigned long)(x))
#define HYPERCALL_0(nr) hypercall(nr, 0, 0, 0, 0, 0)
#define HYPERCALL_1(nr, a) hypercall(nr, HYPERCALL_ARG_(a), 0, 0, 0, 0)
#define HYPERCALL_2(nr, a, b) hypercall(nr, HYPERCALL_ARG_(a), HYPERCALL_ARG_(b), 0, 0, 0)
#define HYPERCALL_3(nr, a, b, c) hypercall(nr, HYPERCALL_ARG_(a), HYPERCALL_ARG_(b), HYPERCALL_ARG_(c), 0, 0)
#define HYPERCALL_4(nr, a, b, c, d) \
    hypercall(nr, HYPERCALL_ARG_(a), HYPERCALL_ARG_(b), HYPERCALL_ARG_(c), HYPERCALL_ARG_(d), 0)

/* hv's own: HVOP_*. */
static inline long hyp_hv_op(unsigned int op, void *arg)
{
    return HYPERCALL_3(__HYPERVISOR_hv_op, op, arg, 0);
}

struct trap_info;
struct mmu_update;
struct mmuext_op;
struct multicall_entry;

static inline long hyp_set_trap_table(const struct trap_info *table)
{
    return HYPERCALL_1(__HYPERVISOR_set_trap_table, table);
}

static inline long hyp_mmu_update(struct mmu_update *req, unsigned int count, unsigned int *done, unsigned int domid)
{
    return HYPERCALL_4(__HYPERVISOR_mmu_update, req, count, done, domid);
}

static inline long hyp_mmuext_op(struct mmuext_op *op, unsigned int count, unsigned int *done, unsigned int domid)
{
    return HYPERCALL_4(__HYPERVISOR_mmuext_op, op, count, done, domid);
}

static inline long hyp_set_gdt(unsigned long *frames, unsigned int entries)
{
    return HYPERCALL_2(__HYPERVISOR_set_gdt, frames, entries);
}

static inline long hyp_stack_switch(unsigned long ss, unsigned long sp)
{
    return HYPERCALL_2(__HYPERVISOR_stack_switch, ss, sp);
}

static inline long hyp_set_callbacks(void (*event)(void), void (*failsafe)(void), void (*syscall)(void))
{
    return HYPERCALL_3(__HYPERVISOR_set_callbacks, event, failsafe, syscall);
}

static inline long hyp_callback_op(unsigned int cmd, void *arg)
{
    return HYPERCALL_2(__HYPERVISOR_callback_op, cmd, arg);
}

static inline long hyp_fpu_taskswitch(int set)
{
    return HYPERCALL_1(__HYPERVISOR_fpu_taskswitch, set);
}

static inline long hyp_set_debugreg(int reg, unsigned long value)
{
    return HYPERCALL_2(__HYPERVISOR_set_debugreg, reg, value);
}

static inline unsigned long hyp_get_debugreg(int reg)
{
    return HYPERCALL_1(__HYPERVISOR_get_debugreg, reg);
}

static inline long hyp_update_descriptor(uint64_t machine_address, uint64_t descriptor)
{
    return HYPERCALL_2(__HYPERVISOR_update_descriptor, machine_address, descriptor);
}

static inline long hyp_set_segment_base(unsigned int which, unsigned long base)
{
    return HYPERCALL_2(__HYPERVISOR_set_segment_base, which, base);
}

static inline long hyp_memory_op(unsigned int cmd, void *arg)
{
    return HYPERCALL_2(__HYPERVISOR_memory_op, cmd, arg);
}

static inline long hyp_multicall(struct multicall_entry *calls, unsigned int count)
{
    return HYPERCALL_2(__HYPERVISOR_multicall, calls, count);
}

static inline long hyp_update_va_mapping(unsigned long va, uint64_t pte, unsigned long flags)
{
    return HYPERCALL_3(__HYPERVISOR_update_va_mapping, va, pte, flags);
}

static inline long hyp_set_timer_op(uint64_t deadline)
{
    return HYPERCALL_1(__HYPERVISOR_set_timer_op, deadline);
}

static inline long hyp_xen_version(unsigned int cmd, void *arg)
{
    return HYPERCALL_2(__HYPERVISOR_xen_version, cmd, arg);
}

static inline long hyp_console_io(unsigned int cmd, unsigned int count, char *text)
{
    return HYPERCALL_3(__HYPERVISOR_console_io, cmd, count, text);
}

static inline long hyp_grant_table_op(unsigned int cmd, void *op, unsigned int count)
{
    return HYPERCALL_3(__HYPERVISOR_grant_table_op, cmd, op, count);
}

static inline long hyp_vm_assist(unsigned int cmd, unsigned int type)
{
    return HYPERCALL_2(__HYPERVISOR_vm_assist, cmd, type);
}

static inline long hyp_vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg)
{
    return HYPERCALL_3(__HYPERVISOR_vcpu_op, cmd, vcpu, arg);
}

static inline long hyp_sched_op(unsigned int cmd, void *arg)
{
    return HYPERCALL_2(__HYPERVISOR_sched_op, cmd, arg);
}

static inline long hyp_event_channel_op(unsigned int cmd, void *arg)
{
    return HYPERCALL_2(__HYPERVISOR_event_channel_op, cmd, arg);
}

static inline long hyp_physdev_op(unsigned int cmd, void *arg)
{
    return HYPERCALL_2(__HYPERVISOR_physdev_op, cmd, arg);
}

#endif
