/* SPDX-License-Identifier: GPL-2.0-only */
/* See cpu.h. Each stack is aligned to its size and its lowest word points to the struct cpu that runs on it. */
#include "guest.h"
#include <public/sched.h>
#include <public/vcpu.h>

struct cpu cpus[MAX_CPUS];

extern char boot_stack[], event_entry[], failsafe_entry[], syscall_entry[], secondary_start[];

static char stacks[MAX_CPUS][STACK_SIZE] __attribute__((aligned(STACK_SIZE)));
static char entry_stacks[MAX_CPUS][STACK_SIZE] __attribute__((aligned(STACK_SIZE)));
static bool initialised[MAX_CPUS];

uint64_t cpu_stack_top(unsigned int id)
{
    return (uint64_t)(id ? stacks[id] : boot_stack) + STACK_SIZE;
}

uint64_t cpu_entry_stack_top(unsigned int id)
{
    return (uint64_t)entry_stacks[id] + STACK_SIZE;
}

void cpu_init(void)
{
    unsigned int id;

    for (id = 0; id < MAX_CPUS; id++) {
        cpus[id].id = id;
        *(struct cpu **)(cpu_stack_top(id) - STACK_SIZE) = &cpus[id];
        *(struct cpu **)entry_stacks[id] = &cpus[id];
    }
}

unsigned int cpu_count(void)
{
    unsigned int n = 0;

    while (n < MAX_CPUS && hyp_vcpu_op(VCPUOP_is_up, n, NULL) >= 0)
        n++;
    return n;
}

void cpu_context(unsigned int id, struct vcpu_guest_context *context)
{
    unsigned int vector;

    memset(context, 0, sizeof(*context));
    context->flags = VGCF_IN_KERNEL;
    context->user_regs.rip = (uint64_t)secondary_start;
    context->user_regs.rsp = cpu_stack_top(id);
    context->user_regs.rdi = (uint64_t)&cpus[id];
    context->user_regs.cs = FLAT_KERNEL_CS64;
    context->user_regs.ss = FLAT_KERNEL_SS64;
    context->user_regs.rflags = 0x202;
    for (vector = 0; vector < 256; vector++)
        trap_info_of(vector, &context->trap_ctxt[vector]);
    context->kernel_ss = FLAT_KERNEL_SS64;
    context->kernel_sp = cpu_entry_stack_top(id);
    context->ctrlreg[3] = xen_pfn_to_cr3(va_to_mfn(boot_root()));
    context->event_callback_eip = (uint64_t)event_entry;
    context->failsafe_callback_eip = (uint64_t)failsafe_entry;
    context->syscall_callback_eip = (uint64_t)syscall_entry;
}

static long initialise(unsigned int id, unsigned long user_root)
{
    static struct vcpu_guest_context context;
    long error;

    cpu_context(id, &context);
    if (user_root)
        context.ctrlreg[1] = xen_pfn_to_cr3(user_root);
    cpus[id].info = &shared_info->vcpu_info[id];
    cpus[id].has_entry_stack = true;
    cpus[id].info->evtchn_upcall_mask = 1;
    error = hyp_vcpu_op(VCPUOP_initialise, id, &context);
    initialised[id] = !error;
    return error;
}

long cpu_start_with(unsigned int id, unsigned long user_root, void (*fn)(void *), void *arg)
{
    struct cpu *cpu = &cpus[id];
    long error = 0;

    cpu->fn = fn;
    cpu->arg = arg;
    cpu->done = false;
    __sync_synchronize();
    if (!initialised[id])
        error = initialise(id, user_root);
    if (!error)
        error = hyp_vcpu_op(VCPUOP_up, id, NULL);
    return error;
}

long cpu_start(unsigned int id, void (*fn)(void *), void *arg)
{
    return cpu_start_with(id, 0, fn, arg);
}

void cpu_wait(unsigned int id)
{
    while (!__atomic_load_n(&cpus[id].done, __ATOMIC_ACQUIRE) || hyp_vcpu_op(VCPUOP_is_up, id, NULL) == 1)
        hyp_sched_op(SCHEDOP_yield, NULL);
}

/* VCPUOP_up of a vCPU that took itself down resumes it behind the hypercall: hence the loop. */
void cpu_main(struct cpu *cpu)
{
    for (;;) {
        cpu->fn(cpu->arg);
        __atomic_store_n(&cpu->done, true, __ATOMIC_RELEASE);
        hyp_vcpu_op(VCPUOP_down, cpu->id, NULL);
    }
}
