/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A multicall runs several calls for one entry. What it holds may change the ground it stands on: iret, another multicall, a
 * block, a call that is continued later. It must stop or refuse, and never run an entry in the wrong mode.
 */
#include <guest.h>
#include <public/sched.h>

static struct multicall_entry call[8];

static void reset(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(call); i++)
        call[i] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 0x5555 };
}

static void nested(void)
{
    reset();
    call[1].op = __HYPERVISOR_multicall;
    call[1].args[0] = (unsigned long)&call[4];
    call[1].args[1] = 2;
    hyp_multicall(call, 3);
    ok((long)call[1].result < 0 || call[4].result != 0x5555, "a multicall within a multicall: %ld", (long)call[1].result);
    reset();
    call[0].op = __HYPERVISOR_multicall;
    call[0].args[0] = (unsigned long)call;
    call[0].args[1] = 8;
    hyp_multicall(call, 8);
    ok(true, "a multicall that calls itself ends");
}

static void after_iret(void)
{
    asm volatile("ud2");
}

static struct iret_context frame;

/* The hypercall's stack pointer is the iret frame. */
static void multicall_on_frame(void *unused)
{
    (void)unused;
    asm volatile("movq %0, %%rsp; syscall"
                 : : "r"(&frame), "a"(__HYPERVISOR_multicall), "D"(call), "S"(4ul) : "memory");
    asm volatile("ud2");
}

static void iret_inside(void)
{
    struct fault *f;

    reset();
    call[1].op = __HYPERVISOR_iret;
    iret_frame(&frame, after_iret);
    f = try_call(multicall_on_frame, NULL);
    is(f->vector, VECTOR_UD, "iret within a multicall comes back somewhere sane");
    ok(call[0].result != 0x5555, "the call before it was made");
    note("the call behind it was %smade, iret's result %lx", call[2].result == 0x5555 ? "not " : "",
         (unsigned long)call[1].result);
}

extern char user_after_iret[];
asm(".text\n.globl user_after_iret\nuser_after_iret: int $0x80; ud2\n");

static struct regs user;

/* With a user frame, the entries behind iret would run with the user's tables, if they ran. */
static void iret_to_user_inside(void)
{
    struct fault *f;

    user_space_init();
    user_regs(&user, (uint64_t)user_after_iret, (uint64_t)page_alloc() + PAGE_SIZE);
    user_run(&user);
    is(user.vector, 0x80, "user mode works");
    reset();
    call[1].op = __HYPERVISOR_iret;
    iret_frame(&frame, after_iret);
    frame.rip = (uint64_t)user_after_iret;
    frame.cs = FLAT_USER_CS64;
    frame.rsp = (uint64_t)page_alloc() + PAGE_SIZE;
    event_disable();
    f = try_call(multicall_on_frame, NULL);
    is(f->vector, 0x80, "iret to user mode within a multicall");
    ok(call[2].result == 0x5555 || (long)call[2].result > 0, "the call behind it did nothing odd");
}

static void results_to_nowhere(void)
{
    char *page = pages_alloc(2);
    struct multicall_entry *edge = (void *)(page + PAGE_SIZE - sizeof(*edge));

    map_none(page + PAGE_SIZE);
    edge->op = __HYPERVISOR_xen_version;
    ok(hyp_multicall(edge, 2) < 0, "entries that run out of memory");
    ok((long)edge->result > 0, "the first was made");
    map_ro(page);
    ok(hyp_multicall(edge, 1) <= 0, "entries that cannot be written");
    ok(hyp_multicall((void *)HYPERVISOR_VIRT_START, 1) < 0, "entries in the hypervisor");
    map_rw(page);
}

static void odd_calls(void)
{
    unsigned int i;
    static const unsigned long numbers[] = { 63, 64, 128, ~0ul, 0x100000000, __HYPERVISOR_sched_op_compat };

    for (i = 0; i < ARRAY_SIZE(numbers); i++) {
        reset();
        call[0].op = numbers[i];
        call[0].args[0] = 0x77;
        is(hyp_multicall(call, 2), 0, "a multicall of number %lx", numbers[i]);
        ok((long)call[0].result < 0 || numbers[i] == 0x100000000, "gives an error: %ld", (long)call[0].result);
    }
    reset();
    call[0].op = __HYPERVISOR_sched_op;
    call[0].args[0] = SCHEDOP_yield;
    is(hyp_multicall(call, 2), 0, "yield within a multicall");
    ok((long)call[1].result > 0, "goes on behind it");
    reset();
    call[0].op = __HYPERVISOR_set_trap_table;
    call[0].args[0] = 0x10;
    hyp_multicall(call, 2);
    is(call[0].result, -XEN_EFAULT, "an error inside stays inside");
}

static void blocking_inside(void)
{
    long port = event_bind_virq(VIRQ_TIMER, 0);

    event_bind(port, NULL);
    event_disable();
    reset();
    call[0].op = __HYPERVISOR_set_timer_op;
    call[0].args[0] = time_now() + 3000000;
    call[1].op = __HYPERVISOR_sched_op;
    call[1].args[0] = SCHEDOP_block;
    is(hyp_multicall(call, 3), 0, "block within a multicall");
    ok((long)call[2].result > 0, "the call behind it was made");
    event_disable();
    event_close(port);
}

/* Many entries: the multicall is preempted and goes on where it was. */
static void many(void)
{
    enum { COUNT = 4000 };
    struct multicall_entry *calls = pages_alloc(COUNT * sizeof(*calls) / PAGE_SIZE + 1);
    unsigned int i, wrong = 0;

    for (i = 0; i < COUNT; i++)
        calls[i].op = __HYPERVISOR_xen_version;
    is(hyp_multicall(calls, COUNT), 0, "a multicall of %u calls", COUNT);
    for (i = 0; i < COUNT; i++)
        wrong += (long)calls[i].result != hyp_xen_version(0, NULL);
    is(wrong, 0, "each has its result");
}

void test_main(void)
{
    nested();
    results_to_nowhere();
    odd_calls();
    blocking_inside();
    many();
    iret_inside();
    iret_to_user_inside();
}
