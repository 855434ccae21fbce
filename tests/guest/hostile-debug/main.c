/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug exceptions in the wrong moment. A breakpoint on guest memory triggers when the hypervisor itself touches that memory; a
 * MOV SS puts the #DB off until after the next instruction, which may be an entry into the hypervisor. Both once ended in a
 * #DB on a stack that was not ready for it. Here they must be survived, and never break in the hypervisor's own code.
 */
#include <guest.h>
#include <public/version.h>

static volatile uint64_t watched[8] __attribute__((aligned(64)));
static volatile unsigned int hits;

static bool count_hit(struct regs *regs)
{
    (void)regs;
    hits++;
    return true;
}

static void watch(volatile void *address, unsigned int kind)
{
    hyp_set_debugreg(0, (unsigned long)address);
    hyp_set_debugreg(7, 0x400 | 1 | (kind | 3u << 2) << 16);    /* 8 bytes wide */
    if (kind == 0)
        hyp_set_debugreg(7, 0x400 | 1);
}

static void unwatch(void)
{
    hyp_set_debugreg(7, 0x400);
    hyp_set_debugreg(6, 0);
}

static void hypervisor_touches_it(void)
{
    static struct { uint64_t pad; struct xen_feature_info info; } box __attribute__((aligned(64)));

    watch(&box.info, 3);
    hits = 0;
    hyp_xen_version(XENVER_get_features, &box.info);
    unwatch();
    ok(true, "the hypervisor reads and writes a watched word (%u #DB)", hits);
    watch(&this_cpu()->info->evtchn_pending_sel, 3);
    event_bind(event_bind_ipi(0), NULL);
    event_enable();
    event_send(1);
    event_send(2);
    event_disable();
    unwatch();
    ok(true, "it makes an upcall through a watched word");
}

static void stack_is_watched(void)
{
    uint64_t sp;
    struct fault *f;

    asm volatile("movq %%rsp, %0" : "=r"(sp));
    watch((void *)((sp & ~63ul) - 512), 1);
    f = try_insn("int3");
    unwatch();
    ok(f->vector == VECTOR_BP || f->vector == VECTOR_DB, "a trap frame is pushed near a watched word");
}

/* After MOV SS the #DB of its own memory read waits for the next instruction. */
static void mov_ss(void)
{
    static uint16_t selector[4] __attribute__((aligned(8))) = { FLAT_KERNEL_SS64 };
    struct fault *f;
    uint64_t result = 0;

    hits = 0;
    watch(selector, 3);
    f = try_insn("movw (%0), %%ss; int3", : : "r"(selector) : "memory");
    note("mov ss; int3: last vector %u, %u #DB", f->vector, hits);
    f = try_insn("movw (%0), %%ss; .byte 0xf1", : : "r"(selector) : "memory");
    note("mov ss; icebp: last vector %u, %u #DB", f->vector, hits);
    f = try_insn("movw (%0), %%ss; int $0x80", : : "r"(selector) : "memory");
    note("mov ss; int 0x80: last vector %u, %u #DB", f->vector, hits);
    f = try_insn("movw (%0), %%ss; ud2", : : "r"(selector) : "memory");
    note("mov ss; ud2: last vector %u, %u #DB", f->vector, hits);
    asm volatile("movl %2, %%eax; xorl %%edi, %%edi; xorl %%esi, %%esi; movw (%1), %%ss; syscall"
                 : "=a"(result) : "r"(selector), "i"(__HYPERVISOR_xen_version)
                 : "rcx", "r11", "rdi", "rsi", "memory", "cc");
    unwatch();
    is(result, hyp_xen_version(0, NULL), "MOV SS of a watched word, then a hypercall: the hypercall is made");
}

static bool stop_stepping(struct regs *regs)
{
    if (++hits > 40)
        regs->rflags &= ~0x100ul;
    return true;
}

/* Single-stepping over a hypercall must step the guest, not the hypervisor. */
static void step_over_hypercall(void)
{
    long result;

    trap_hook(VECTOR_DB, stop_stepping);
    hits = 0;
    asm volatile("pushfq; orl $0x100, (%%rsp); popfq" : : : "memory", "cc");
    result = hyp_xen_version(0, NULL);
    asm volatile("pushfq; andl $~0x100, (%%rsp); popfq" : : : "memory", "cc");
    ok(result > 0, "a single-stepped hypercall is made");
    ok(hits > 2 && hits < 41, "the guest's instructions were stepped: %u", hits);
    trap_hook(VECTOR_DB, count_hit);
}

static void registers_are_limited(void)
{
    static const uint64_t bad[] = {
        HYPERVISOR_VIRT_START, 0xffff82d040200000, 0xffff83000009f000, 0xffff87ffffffffff, 0x8000000000000000,
    };
    unsigned int i, reg, wrong = 0;

    for (i = 0; i < ARRAY_SIZE(bad); i++)
        for (reg = 0; reg < 4; reg++) {
            uint64_t value = 0;

            if (hyp_set_debugreg(reg, bad[i]) >= 0)
                wrong++;
            try_insn("movq %0, %%db1", : : "r"(bad[i]));
            try_insn("movq %%db1, %0", : "=r"(value));
            if (value == bad[i])
                wrong++;
        }
    is(wrong, 0, "no breakpoint in the hypervisor, nor at a non-canonical address");
    is(hyp_set_debugreg(7, 0x2000), -XEN_EPERM, "no general detect");
    ok(hyp_set_debugreg(7, 0x300) >= -XEN_EPERM, "exact breakpoints are ignored or refused");
    hyp_set_debugreg(7, ~0ul);
    unwatch();
    is(hyp_get_debugreg(7) & ~0xd400ul, 0, "DR7 holds only what may be in it");
    ok(hyp_get_debugreg(77) == (unsigned long)-XEN_EINVAL || hyp_get_debugreg(77) == (unsigned long)-XEN_ENODEV,
       "there is no DR77");
}

/* Another vCPU on the same CPU must not trip over our breakpoints. */
static volatile unsigned int others_hits;

static void other_touches(void *arg)
{
    unsigned int before = hits;

    (void)arg;
    watched[0]++;
    others_hits = hits - before;
}

static void breakpoints_stay_with_their_vcpu(void)
{
    watch(&watched[0], 1);
    hits = 0;
    if (cpu_count() < 2) {
        skip("one vCPU only");
        return;
    }
    cpu_start(1, other_touches, NULL);
    cpu_wait(1);
    is(others_hits, 0, "another vCPU writes where we watch: no #DB for it");
    hits = 0;
    watched[0]++;
    is(hits, 1, "for us there is");
    unwatch();
}

void test_main(void)
{
    trap_hook(VECTOR_DB, count_hit);
    hypervisor_touches_it();
    stack_is_watched();
    mov_ss();
    step_over_hypercall();
    registers_are_limited();
    breakpoints_stay_with_their_vcpu();
}
