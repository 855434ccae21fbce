/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * See trap.h. A trap is looked for in this order: it came from user mode, and user_run() takes it; a hook wants
 * it; the exception table names its instruction; a try_call() is active. Otherwise the test has failed.
 */
#include "guest.h"

extern char trap_stubs[], catch_landing[];
void event_entry(void);
void failsafe_entry(void);
void syscall_entry(void);
void trap_entry(struct regs *regs);
int catch_call(void (*fn)(void *), void *arg, uint64_t *landing);
void user_enter(struct regs *regs, uint64_t *kernel_sp);
void user_leave(uint64_t kernel_sp) __attribute__((noreturn));

extern const struct { uint64_t insn, after; } ex_table_start[], ex_table_end[];

uint64_t failsafe_selectors[4];

#define NR_VECTORS 0x106
static bool (*hooks[NR_VECTORS])(struct regs *regs);

/* int3, into and a few software vectors may be raised by user code; all others by the hypervisor alone. */
static bool callable(unsigned int vector)
{
    return vector == VECTOR_BP || vector == VECTOR_OF || vector >= 0x80;
}

void trap_info_of(unsigned int vector, struct trap_info *info)
{
    info->vector = vector;
    info->flags = (callable(vector) ? 3 : 0) | 4;
    info->cs = FLAT_KERNEL_CS64;
    info->address = (unsigned long)trap_stubs + vector * TRAP_STUB_SIZE;
}

void trap_init(void)
{
    static struct trap_info table[257];
    unsigned int vector;

    for (vector = 0; vector < 256; vector++)
        trap_info_of(vector, &table[vector]);
    if (hyp_set_trap_table(table))
        bail("set_trap_table failed");
    if (hyp_set_callbacks(event_entry, failsafe_entry, syscall_entry))
        bail("set_callbacks failed");
}

void trap_hook(unsigned int vector, bool (*hook)(struct regs *regs))
{
    hooks[vector] = hook;
}

struct fault *fault_reset(void)
{
    struct fault *fault = &this_cpu()->fault;

    memset(fault, 0, sizeof(*fault));
    fault->vector = NO_FAULT;
    return fault;
}

static void record(struct cpu *cpu, const struct regs *regs)
{
    cpu->fault = (struct fault){
        .vector = regs->vector, .error = regs->error, .cr2 = cpu->info->arch.cr2, .rip = regs->rip,
        .rflags = regs->rflags, .cs = regs->cs, .ss = regs->ss, .saved_upcall_mask = regs->saved_upcall_mask,
        .upcall_mask = cpu->info->evtchn_upcall_mask,
    };
}

static bool fix_up(struct regs *regs)
{
    size_t i;

    for (i = 0; &ex_table_start[i] < ex_table_end; i++)
        if (regs->rip >= ex_table_start[i].insn && regs->rip <= ex_table_start[i].after) {
            regs->rip = ex_table_start[i].after;
            return true;
        }
    return false;
}

static bool land(struct cpu *cpu, struct regs *regs)
{
    if (!cpu->landing)
        return false;
    regs->rip = (uint64_t)catch_landing;
    regs->rsp = cpu->landing;
    regs->cs = FLAT_KERNEL_CS64 & ~3;
    regs->ss = FLAT_KERNEL_SS64;
    cpu->landing = 0;
    return true;
}

static void unexpected(struct cpu *cpu, const struct regs *r) __attribute__((noreturn));
static void unexpected(struct cpu *cpu, const struct regs *r)
{
    print("# rip %p cs %x rflags %lx rsp %p ss %x\n", (void *)r->rip, r->cs, r->rflags, (void *)r->rsp, r->ss);
    print("# rax %p rbx %p rcx %p rdx %p\n", (void *)r->rax, (void *)r->rbx, (void *)r->rcx, (void *)r->rdx);
    print("# rsi %p rdi %p rbp %p r8 %p\n", (void *)r->rsi, (void *)r->rdi, (void *)r->rbp, (void *)r->r8);
    print("# r9 %p r10 %p r11 %p r12 %p\n", (void *)r->r9, (void *)r->r10, (void *)r->r11, (void *)r->r12);
    print("# r13 %p r14 %p r15 %p cr2 %p\n", (void *)r->r13, (void *)r->r14, (void *)r->r15,
          (void *)cpu->info->arch.cr2);
    bail("unexpected trap %lu, error 0x%lx, on vCPU %u", r->vector, r->error, cpu->id);
}

static void from_user(struct cpu *cpu, struct regs *regs) __attribute__((noreturn));
static void from_user(struct cpu *cpu, struct regs *regs)
{
    uint64_t sp = cpu->kernel_sp;

    record(cpu, regs);
    *cpu->user = *regs;
    cpu->kernel_sp = 0;
    user_leave(sp);
}

void trap_entry(struct regs *regs)
{
    struct cpu *cpu = this_cpu();

    if (regs->vector == VECTOR_EVENT) {
        event_upcall();
        regs->error = 0;
        return;
    }
    if ((regs->cs & 3) && cpu->kernel_sp)
        from_user(cpu, regs);
    record(cpu, regs);
    if (!(hooks[regs->vector] && hooks[regs->vector](regs)) && !fix_up(regs) && !land(cpu, regs))
        unexpected(cpu, regs);
    regs->error = 0;
}

struct fault *try_call(void (*fn)(void *), void *arg)
{
    struct cpu *cpu = this_cpu();
    struct fault *fault = fault_reset();

    if (!catch_call(fn, arg, &cpu->landing))
        cpu->landing = 0;
    return fault;
}

struct fault *probe_read(const void *address, uint64_t *value)
{
    uint64_t v = 0;
    struct fault *fault = try_insn("movq %1, %0", : "+r"(v) : "m"(*(const uint64_t *)address) : "memory");

    if (value)
        *value = v;
    return fault;
}

struct fault *probe_write(void *address, uint64_t value)
{
    return try_insn("movq %1, %0", : "=m"(*(uint64_t *)address) : "r"(value) : "memory");
}

void iret_frame(struct iret_context *frame, void (*rip)(void))
{
    memset(frame, 0, sizeof(*frame));
    frame->rip = (uint64_t)rip;
    frame->cs = FLAT_KERNEL_CS64 & ~3;
    frame->rflags = this_cpu()->info->evtchn_upcall_mask ? 2 : 0x202;
    frame->rsp = ((uint64_t)__builtin_frame_address(0) & ~15ul) - 2048;
    frame->ss = FLAT_KERNEL_SS64;
}

void user_regs(struct regs *regs, uint64_t rip, uint64_t rsp)
{
    memset(regs, 0, sizeof(*regs));
    regs->rip = rip;
    regs->rsp = rsp;
    regs->cs = FLAT_USER_CS64;
    regs->ss = FLAT_USER_SS64;
    regs->rflags = 0x202;
}

void user_run(struct regs *regs)
{
    regs->error = 0;
    user_resume(regs);
}

void user_resume(struct regs *regs)
{
    struct cpu *cpu = this_cpu();
    bool events = event_disable();

    if (!cpu->has_entry_stack) {
        if (hyp_stack_switch(FLAT_KERNEL_SS64, cpu_entry_stack_top(cpu->id)))
            bail("stack_switch failed");
        cpu->has_entry_stack = true;
    }
    fault_reset();
    cpu->user = regs;
    user_enter(regs, &cpu->kernel_sp);
    if (events)
        event_enable();
    else
        event_disable();
}
