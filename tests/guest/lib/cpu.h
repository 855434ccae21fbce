/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One vCPU of the test kernel: its stacks, its last fault, and how to start another one.
 */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stdint.h>
#include "trap.h"

#define MAX_CPUS   8
#define STACK_SIZE 0x4000

struct vcpu_info;
struct vcpu_guest_context;

struct cpu {
    unsigned int id;
    struct vcpu_info *info;     /* in shared_info unless a test registered another place */
    struct fault fault;         /* the last trap taken in kernel mode */
    uint64_t landing;           /* stack pointer of catch_call(), 0 when not inside one */
    uint64_t kernel_sp;         /* where user_run() waits, 0 when not inside one */
    struct regs *user;          /* registers of the user program that runs or ran last */
    bool has_entry_stack;       /* stack_switch was called for it */
    void (*fn)(void *);
    void *arg;
    bool done;                  /* fn has returned */
};

extern struct cpu cpus[MAX_CPUS];

/* The vCPU this runs on. Only valid on a stack of the runtime. */
static inline struct cpu *this_cpu(void)
{
    uint64_t sp;

    asm("movq %%rsp, %0" : "=r"(sp));
    return *(struct cpu **)(sp & -(uint64_t)STACK_SIZE);
}

/* Highest address of a vCPU's ordinary stack, and of the one entered from user mode. */
uint64_t cpu_stack_top(unsigned int id);
uint64_t cpu_entry_stack_top(unsigned int id);

/* Prepares the runtime's side of vCPU 0. */
void cpu_init(void);

/* How many vCPUs the domain has, found by asking VCPUOP_is_up. */
unsigned int cpu_count(void);

/* Fills a context that starts vCPU ID in the runtime, on its own stack, with the current page tables. */
void cpu_context(unsigned int id, struct vcpu_guest_context *context);

/* Runs fn(arg) on another vCPU, initialising it on first use; returns 0 or the hypervisor's error. */
long cpu_start(unsigned int id, void (*fn)(void *), void *arg);

/* The same with a frame as user root from the beginning (0: none), which needs the first use. */
long cpu_start_with(unsigned int id, unsigned long user_root, void (*fn)(void *), void *arg);

/* Waits until the function given to cpu_start() has returned and the vCPU is down. */
void cpu_wait(unsigned int id);

/* The C entry of a started vCPU. */
void cpu_main(struct cpu *cpu);

#endif
