/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock record that a kernel shows to user mode: vCPU 0's, read on any vCPU. If the hypervisor promises a stable TSC
 * (tsc=stable), what is read so never runs backwards; and a place that a kernel has no business to name
 * is refused or left alone.
 */
#include <guest.h>
#include <public/sched.h>
#include <public/vcpu.h>

#define MS 1000000ul

static volatile struct vcpu_time_info *shown; /* vCPU 0's second record, in a page of its own */
static uint64_t latest;
static volatile bool stop;
static uint64_t backwards[MAX_CPUS], reads[MAX_CPUS];

static long show(void *at)
{
    struct vcpu_register_time_memory_area op = { .addr.v = at };

    return hyp_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &op);
}

static uint64_t read_shown(void)
{
    uint32_t low, high;
    uint64_t ticks;

    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    ticks = (low | (uint64_t)high << 32) - shown->tsc_timestamp;
    ticks = shown->tsc_shift < 0 ? ticks >> -shown->tsc_shift : ticks << shown->tsc_shift;
    return shown->system_time + (uint64_t)((unsigned __int128)ticks * shown->tsc_to_system_mul >> 32);
}

/* hv writes the record when vCPU 0 is scheduled. */
static void be_scheduled(void)
{
    for (unsigned int i = 0; i < 20; i++)
        hyp_sched_op(SCHEDOP_yield, NULL);
}

static void record(void)
{
    volatile struct vcpu_time_info *own = &this_cpu()->info->time;

    is(show((void *)shown), 0, "a record in a page for user mode");
    is(shown->version & 1, 0, "it is complete");
    ok(shown->tsc_to_system_mul == own->tsc_to_system_mul && shown->tsc_shift == own->tsc_shift, "the scale of the vCPU's own");
    is(shown->flags, own->flags, "and its flags");
    if (option("stable", 0))
        is(own->flags & XEN_PVCLOCK_TSC_STABLE_BIT, XEN_PVCLOCK_TSC_STABLE_BIT, "the TSC is promised to be stable");
}

/* Each value read is at least what any vCPU had read before. */
static void compare(void *unused)
{
    unsigned int id = this_cpu()->id;

    (void)unused;
    backwards[id] = reads[id] = 0;
    while (!stop) {
        uint64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST), now = read_shown(), seen;

        if (now < before)
            backwards[id]++;
        seen = __atomic_load_n(&latest, __ATOMIC_SEQ_CST);
        while (now > seen && !__atomic_compare_exchange_n(&latest, &seen, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            ;
        if (++reads[id] % 256 == 0)
            hyp_sched_op(SCHEDOP_yield, NULL); /* three vCPUs on two CPUs: they move */
    }
}

static void everywhere(void)
{
    unsigned int count = cpu_count();
    uint64_t end;

    if (!(shown->flags & XEN_PVCLOCK_TSC_STABLE_BIT))
        return (void)skip("no stable TSC here, so user mode has to ask the kernel");
    if (count < 2)
        return (void)skip("one vCPU");
    stop = false;
    for (unsigned int id = 1; id < count; id++)
        if (cpu_start(id, compare, NULL))
            bail("vCPU %u does not start", id);
    end = time_now() + 300 * MS;
    for (latest = 0; time_now() < end;) {
        uint64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST);

        reads[0]++;
        if (read_shown() < before)
            backwards[0]++;
        if (reads[0] % 64 == 0)
            hyp_sched_op(SCHEDOP_yield, NULL);
    }
    stop = true;
    for (unsigned int id = 1; id < count; id++)
        cpu_wait(id);
    for (unsigned int id = 0; id < count; id++)
        is(backwards[id], 0, "vCPU %u, %lu reads of vCPU 0's record: never backwards", id, (unsigned long)reads[id]);
}

static void hostile(void)
{
    static uint64_t table[512] __attribute__((aligned(PAGE_SIZE)));
    char *gone = pages_alloc(2);
    uint64_t changed = 0;

    is_either(show((void *)0xffff800000000000ul), -XEN_EFAULT, 0, "a record in the hypervisor's memory");
    be_scheduled();
    is_either(show((void *)0x8000000000000000ul), -XEN_EFAULT, 0, "at an address that is none");
    be_scheduled();
    is_either(show((void *)0xfffffffffffffff8ul), -XEN_EFAULT, 0, "over the end of all addresses");
    be_scheduled();
    map_none(gone + PAGE_SIZE);
    is_either(show(gone + PAGE_SIZE - 16), -XEN_EFAULT, 0, "half of it in a page that is not mapped");
    be_scheduled();
    is_either(show(gone + PAGE_SIZE), -XEN_EFAULT, 0, "all of it");
    be_scheduled();
    map_ro(table);
    is(pin(1, table), 0, "a page table");
    is_either(show(table), -XEN_EFAULT, 0, "in a page table");
    be_scheduled();
    for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
        changed |= ((volatile uint64_t *)table)[i];
    is(changed, 0, "which nobody writes");
    is(show(NULL), 0, "none any more");
    unpin(table);
    map_rw(table);
    map_rw(gone + PAGE_SIZE);
    is(hyp_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, (void *)0x10), -XEN_EFAULT, "an argument at a bad address");
    is(show((void *)shown), 0, "a good one again");
}

void test_main(void)
{
    struct vcpu_register_time_memory_area none = { .addr.v = NULL };

    shown = page_alloc();
    if (hyp_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &none) == -XEN_ENOSYS)
        return (void)skip("no second clock record here");
    record();
    everywhere();
    hostile();
    is(show(NULL), 0, "the record is not needed any more");
    *(volatile uint32_t *)&shown->version = 77;
    be_scheduled();
    is(shown->version, 77, "and nobody writes it");
}
