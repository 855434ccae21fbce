/* SPDX-License-Identifier: GPL-2.0-only */
/* Multicalls: each entry as if it were made alone, whatever the calls do to the batch that they are in. */
#include <string.h>

#include <hv/errno.h>

#include <hv/softirq.h>

#include "harness.h"
#include "host.h"

enum { ADD = 3, SPLIT = 5, LEAVE_KERNEL = 7, SPOIL = 9, BLOCK = 11 }; /* calls that these tests invent */

static struct domain *d;
static struct multicall_entry entry[8];
static unsigned int calls;

static HYPERCALL(add)
{
    calls++;
    return a1 + 10 * a2 + 100 * a3 + 1000 * a4 + 10000 * a5 + 100000 * a6;
}

/* Does a1 steps, one each time that it is made. */
static HYPERCALL(split)
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    calls++;
    if (a1 <= 1)
        return a2;
    hypercall_set_arg(1, a1 - 1);
    hypercall_set_arg(2, a2 + 1);
    return -ERESTART;
}

static HYPERCALL(leave_kernel)
{
    HYPERCALL_UNUSED(a1, a2, a3, a4, a5, a6);
    calls++;
    current->arch.guest_kernel = false;
    return 0x77;
}

/* What another vCPU of the guest could do to the entry while it runs. */
static HYPERCALL(spoil)
{
    struct multicall_entry *e = (void *)a1;

    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    calls++;
    e->op = LEAVE_KERNEL;
    e->args[1] = 0x1234;
    return 5;
}

static HYPERCALL(block)
{
    HYPERCALL_UNUSED(a1, a2, a3, a4, a5, a6);
    calls++;
    softirq_raise(SOFTIRQ_SCHEDULE);
    return 11;
}

static HYPERCALL(unknown)
{
    HYPERCALL_UNUSED(a1, a2, a3, a4, a5, a6);
    return -ENOSYS;
}

static void begin(void)
{
    host_reset(64);
    d = host_domain_new(1, false, 1, 16);
    host_current = d->vcpu[0];
    for (unsigned int i = 0; i < NR_HYPERCALLS; i++)
        host_hypercalls[i] = unknown;
    host_hypercalls[ADD] = add;
    host_hypercalls[SPLIT] = split;
    host_hypercalls[LEAVE_KERNEL] = leave_kernel;
    host_hypercalls[SPOIL] = spoil;
    host_hypercalls[BLOCK] = block;
    host_hypercalls[__HYPERVISOR_multicall] = do_multicall;
    memset(host_hypercall_arg, 0, sizeof(host_hypercall_arg));
    calls = 0;
    for (unsigned int i = 0; i < ARRAY_SIZE(entry); i++)
        entry[i] = (struct multicall_entry){ .op = ADD, .result = 0x5555, .args = { i, 1 } };
}

static long multicall(void *entries, unsigned long n) { return do_multicall((unsigned long)entries, n, 0, 0, 0, 0); }
static bool ran(unsigned int i) { return entry[i].result != 0x5555; }

/* Make the call again with what the continuation left in the registers. */
static long again(void) { return do_multicall(host_hypercall_arg[1], host_hypercall_arg[2], 0, 0, 0, 0); }

static void in_order(void)
{
    begin();
    entry[1] = (struct multicall_entry){ .op = ADD, .args = { 1, 2, 3, 4, 5, 6 } };
    entry[2].op = 62;
    CU_ASSERT_EQUAL(multicall(entry, 4), 0);
    CU_ASSERT_EQUAL(entry[0].result, 10);
    CU_ASSERT_EQUAL(entry[1].result, 654321);
    CU_ASSERT_EQUAL((long)entry[2].result, -ENOSYS);
    CU_ASSERT_EQUAL(entry[3].result, 13);
    CU_ASSERT(!ran(4));
    CU_ASSERT_PTR_NULL(host_current->multicall_args);
    CU_ASSERT_EQUAL(host_hypercall_arg[0], 0);
}

static void numbers(void)
{
    static const unsigned long odd[] = { NR_HYPERCALLS, 128, 0x100000000 + ADD, ~0ul };

    begin();
    for (unsigned int i = 0; i < ARRAY_SIZE(odd); i++)
        entry[i].op = odd[i];
    CU_ASSERT_EQUAL(multicall(entry, 5), 0);
    for (unsigned int i = 0; i < ARRAY_SIZE(odd); i++)
        CU_ASSERT_EQUAL((long)entry[i].result, -ENOSYS);
    CU_ASSERT_EQUAL(calls, 1);
}

static void nesting(void)
{
    begin();
    entry[1] = (struct multicall_entry){ .op = __HYPERVISOR_multicall, .args = { (unsigned long)&entry[4], 2 } };
    CU_ASSERT_EQUAL(multicall(entry, 3), 0);
    CU_ASSERT_EQUAL((long)entry[1].result, -EINVAL);
    CU_ASSERT(ran(2));
    CU_ASSERT(!ran(4));
}

static void the_mode_changes(void)
{
    begin();
    entry[1].op = LEAVE_KERNEL;
    CU_ASSERT_EQUAL(multicall(entry, 4), 0);
    CU_ASSERT_EQUAL(calls, 2);
    CU_ASSERT(!ran(1)); /* nor is anything written to what is now the program's memory */
    CU_ASSERT(!ran(2));
    CU_ASSERT_EQUAL(host_hypercall_arg[0], 0);
    CU_ASSERT_PTR_NULL(host_current->multicall_args);
}

/* Another vCPU waits after one entry blocked: what is left is made when this one runs again. */
static void something_waits(void)
{
    begin();
    entry[1].op = BLOCK;
    CU_ASSERT_EQUAL(multicall(entry, 8), -ERESTART);
    CU_ASSERT_EQUAL(calls, 2);
    CU_ASSERT_EQUAL(host_hypercall_arg[1], (unsigned long)&entry[2]);
    CU_ASSERT_EQUAL(host_hypercall_arg[2], 6);
    CU_ASSERT(!ran(2));
    /* it still waits: each time one entry is made */
    for (unsigned int left = 6; left > 1; left--)
        CU_ASSERT_EQUAL(again(), -ERESTART);
    CU_ASSERT_EQUAL(again(), 0);
    CU_ASSERT_EQUAL(calls, 8);
    for (unsigned int i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(entry[i].result, 10 + i);
    arch_work_test_and_clear(1u << SOFTIRQ_SCHEDULE);
}

/* Interrupts get their chance, if not after each entry. */
static void interrupts(void)
{
    begin();
    host_preempt_after = 0;
    CU_ASSERT_EQUAL(multicall(entry, 8), -ERESTART);
    CU_ASSERT_EQUAL(calls, 4);
    CU_ASSERT_EQUAL(again(), 0);
    CU_ASSERT_EQUAL(calls, 8);
    host_preempt_after = -1;
}

static void continued_in_the_middle(void)
{
    begin();
    entry[1] = (struct multicall_entry){ .op = SPLIT, .result = 0x5555, .args = { 3, 40 } };
    CU_ASSERT_EQUAL(multicall(entry, 4), -ERESTART);
    CU_ASSERT_EQUAL(calls, 2);
    CU_ASSERT_EQUAL(entry[1].args[0], 2); /* its progress is in the entry, not in the multicall's registers */
    CU_ASSERT_EQUAL(entry[1].args[1], 41);
    CU_ASSERT(!ran(1));
    CU_ASSERT_EQUAL(host_hypercall_arg[0], 2);
    CU_ASSERT_EQUAL(host_hypercall_arg[1], (unsigned long)&entry[1]);
    CU_ASSERT_EQUAL(host_hypercall_arg[2], 3);
    CU_ASSERT_EQUAL(again(), -ERESTART);
    CU_ASSERT_EQUAL(again(), 0);
    CU_ASSERT_EQUAL(entry[1].result, 42);
    CU_ASSERT_EQUAL(calls, 6);
    CU_ASSERT(ran(3));
}

static void read_once(void)
{
    begin();
    entry[0] = (struct multicall_entry){ .op = SPOIL, .args = { (unsigned long)&entry[0] } };
    CU_ASSERT_EQUAL(multicall(entry, 2), 0);
    CU_ASSERT_EQUAL(entry[0].result, 5);
    CU_ASSERT_EQUAL(entry[0].args[1], 0x1234); /* only the result is written */
    CU_ASSERT_EQUAL(calls, 2);
    CU_ASSERT(host_current->arch.guest_kernel);
}

static void bad_pointers(void)
{
    begin();
    CU_ASSERT_EQUAL(multicall(NULL, 1), -EFAULT);
    CU_ASSERT_EQUAL(calls, 0);
    host_copy_limit = sizeof(entry[0]) + sizeof(entry[0].result) + 63; /* the second cannot be read whole */
    CU_ASSERT_EQUAL(multicall(entry, 4), -EFAULT);
    CU_ASSERT_EQUAL(calls, 1);
    CU_ASSERT(ran(0));
    CU_ASSERT(!ran(1));
    host_copy_limit = sizeof(entry[0]); /* the first's result cannot be written */
    CU_ASSERT_EQUAL(multicall(entry, 4), -EFAULT);
    CU_ASSERT_EQUAL(calls, 2);
    CU_ASSERT_PTR_NULL(host_current->multicall_args);
    host_copy_limit = sizeof(entry[0]); /* the progress of one cannot: it is not made again from its start */
    entry[0] = (struct multicall_entry){ .op = SPLIT, .args = { 3, 40 } };
    CU_ASSERT_EQUAL(multicall(entry, 1), -EFAULT);
    CU_ASSERT_PTR_NULL(host_current->multicall_args);
    CU_ASSERT_EQUAL(host_hypercall_arg[0], 0);
}

static void counts(void)
{
    begin();
    CU_ASSERT_EQUAL(multicall(entry, 0), 0);
    CU_ASSERT_EQUAL(multicall(NULL, 0), 0);
    CU_ASSERT_EQUAL(multicall(entry, ~0ul), -EFAULT);
    CU_ASSERT_EQUAL(multicall(entry, (1ul << 40) + 1), -EFAULT);
    CU_ASSERT_EQUAL(calls, 0);
    host_preempt_after = 1;
    CU_ASSERT_EQUAL(multicall(entry, 1ul << 40), -ERESTART);
    CU_ASSERT_EQUAL(calls, 8);
    CU_ASSERT_EQUAL(host_hypercall_arg[2], (1ul << 40) - 8);
}

const struct unit_test unit_tests[] = {
    { "entries are made in order, with their arguments and results", in_order },
    { "numbers that no call has", numbers },
    { "a multicall within a multicall is refused", nesting },
    { "nothing is made or written after a call that leaves kernel mode", the_mode_changes },
    { "the batch stops when something waits, and always gets on", something_waits },
    { "interrupts are let in", interrupts },
    { "a call that is continued goes on from its own entry", continued_in_the_middle },
    { "an entry is read once, and only its result written", read_once },
    { "entries that cannot be read or written", bad_pointers },
    { "no entries, and more than there can be", counts },
    { NULL, NULL },
};
