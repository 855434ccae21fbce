/* SPDX-License-Identifier: GPL-2.0-only */
/* The way in and out, alone and many at once, and the calls that only set a field or two. */
#include "bench.h"
#include <public/memory.h>
#include <public/vcpu.h>
#include <public/version.h>

#define CALLS 32u

static void multicalls(void)
{
    static struct multicall_entry calls[CALLS];

    for (unsigned int i = 0; i < CALLS; i++)
        calls[i].op = __HYPERVISOR_xen_version;
    MEASURE("multicall, 1 entry", DO(hyp_multicall(calls, 1)));
    MEASURE("multicall, 32 entries", DO(hyp_multicall(calls, CALLS)));
}

static void descriptors(void)
{
    void *gdt = page_alloc();
    unsigned long frame;
    uint64_t machine;

    machine = va_to_machine(gdt);
    frame = va_to_mfn(gdt);
    DO(map_ro(gdt));
    DO(hyp_set_gdt(&frame, 512));
    MEASURE("update_descriptor (TLS)", DO(hyp_update_descriptor(machine + 12 * 8, 0x00cff3000000ffffull)));
    MEASURE("set_gdt", DO(hyp_set_gdt(&frame, 512)));
    DO(hyp_set_gdt(NULL, 0));
}

void bench_calls(void)
{
    static char changeset[64];
    struct xen_feature_info info = { 0 };

    MEASURE("null hypercall", hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0));
    MEASURE("unknown hypercall", hypercall(63, 0, 0, 0, 0, 0));
    multicalls();
    MEASURE("xen_version, features", DO(hyp_xen_version(XENVER_get_features, &info)));
    MEASURE("xen_version, changeset", hyp_xen_version(XENVER_changeset, changeset));
    MEASURE("stack_switch", DO(hyp_stack_switch(FLAT_KERNEL_SS64, cpu_entry_stack_top(0))));
    this_cpu()->has_entry_stack = true;
    MEASURE("set_segment_base, FS", DO(hyp_set_segment_base(SEGBASE_FS, 0)));
    MEASURE("set_segment_base, user GS", DO(hyp_set_segment_base(SEGBASE_GS_USER, 0)));
    MEASURE("set_segment_base, user GS selector", DO(hyp_set_segment_base(SEGBASE_GS_USER_SEL, 0)));
    MEASURE("fpu_taskswitch", DO(hyp_fpu_taskswitch(0)));
    MEASURE("set_debugreg", DO(hyp_set_debugreg(0, 0)));
    MEASURE("get_debugreg", hyp_get_debugreg(6));
    descriptors();
    MEASURE("vcpu_op, is_up", hyp_vcpu_op(VCPUOP_is_up, 0, NULL));
    MEASURE("memory_op, maximum_ram_page", hyp_memory_op(XENMEM_maximum_ram_page, NULL));
}
