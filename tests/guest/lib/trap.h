/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traps that a test provokes on purpose. Three ways, from narrow to wide: try_insn() runs one instruction and tells
 * what it raised; try_call() runs a function and comes back when anything in it traps; user_run() runs code in
 * guest user mode until it traps or makes a system call.
 */
#ifndef TRAP_H
#define TRAP_H

#include <stdbool.h>
#include <stdint.h>
#include "vectors.h"

/* What the stubs save, lowest address first. The error slot becomes iret's flags on the way out. */
struct regs {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip;
    uint16_t cs, pad0;
    uint8_t saved_upcall_mask, pad1[3];
    uint64_t rflags, rsp;
    uint16_t ss, pad2[3];
};

#define NO_FAULT 0xffffu

struct fault {
    uint32_t vector;    /* NO_FAULT when nothing happened */
    uint32_t error;
    uint64_t cr2, rip, rflags;
    uint16_t cs, ss;
    uint8_t saved_upcall_mask, upcall_mask;     /* in the frame; and as found on entry to the handler */
};

/* Loads the runtime's trap table, and the event, failsafe and syscall callbacks. */
void trap_init(void);

/* Entry N of the table, as the hypervisor takes it (also into a vCPU's context). */
struct trap_info;
void trap_info_of(unsigned int vector, struct trap_info *info);

/* A hook sees a kernel-mode trap first; returning true means it is dealt with. NULL removes it. */
void trap_hook(unsigned int vector, bool (*hook)(struct regs *regs));

struct fault *fault_reset(void);

/* One instruction that may trap. Variable arguments are asm operands, with their colons. Value: struct fault *. */
#define try_insn(insn, ...) \
    ({ \
        struct fault *fault_ = fault_reset(); \
        asm volatile("771: " insn "\n772:\n" EX_TABLE("771b", "772b") __VA_ARGS__); \
        fault_; \
    })

/* Resume at AFTER when the instruction at INSN traps (or, for int3 and the like, has trapped). */
#define EX_TABLE(insn, after) \
    ".pushsection .ex_table, \"a\"\n.quad " insn ", " after "\n.popsection\n"

/* Runs fn(arg); a trap anywhere in it ends it. */
struct fault *try_call(void (*fn)(void *), void *arg);

/* Memory accesses that may fault: the fault, with vector NO_FAULT when it went through. */
struct fault *probe_read(const void *address, uint64_t *value);
struct fault *probe_write(void *address, uint64_t value);

/* Runs user code with these registers until it enters the kernel other than by an event; REGS then says how
 * and where. Needs user page tables (memory.h). Call again to go on. */
void user_run(struct regs *regs);

/* The same with regs->error as iret's flags, e.g. VGCF_IN_SYSCALL. */
void user_resume(struct regs *regs);

/* Sensible registers for user_run(): flat 64-bit selectors, events on, entry point and stack. */
void user_regs(struct regs *regs, uint64_t rip, uint64_t rsp);

/* The iret hypercall with any frame, and a frame that stays in the kernel: RIP runs on this vCPU's stack, below the
 * caller's frames, and must not return. For try_call(): what the frame makes the hypervisor do is caught there. */
struct iret_context;
void iret_raw(struct iret_context *frame) __attribute__((noreturn));
void iret_frame(struct iret_context *frame, void (*rip)(void));

/* Selectors of the last failsafe callback: ds, es, fs, gs. */
extern uint64_t failsafe_selectors[4];

#endif
