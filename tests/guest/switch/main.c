/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own extension: one call for a switch between two threads. Each part takes effect as by the call of its
 * own, and what is refused changes nothing.
 */
#include <guest.h>

#define TLS_ENTRY 12u
#define DATA      0x00cff3000000ffffull /* ring 3, all of 4 GiB */
#define GATE      0x0000ec000000ffffull /* a call gate: not for guests */

static struct hv_switch s;
static uint64_t *gdt;
static uint64_t kernel_root, roots[2], user_roots[2];

static long go(uint32_t what)
{
    s.what = what;
    return hyp_hv_op(HVOP_switch, &s);
}

static uint64_t user_gs_base(void)
{
    uint64_t base;

    asm volatile("rdgsbase %0" : "=r"(base)); /* of the kernel: to see user mode's it takes user mode */
    return base;
}

static void stack(void)
{
    s.kernel_sp = cpu_entry_stack_top(0);
    is(go(HV_SWITCH_STACK), 0, "the stack");
    this_cpu()->has_entry_stack = true;
}

static void tls(void)
{
    unsigned long frame = va_to_mfn(gdt);

    s.tls_entry = TLS_ENTRY;
    s.tls[0] = s.tls[1] = s.tls[2] = 0;
    is(go(HV_SWITCH_TLS), -XEN_EINVAL, "descriptors without a GDT");
    is(map_ro(gdt) | hyp_set_gdt(&frame, 512), 0, "a GDT of one page");
    s.tls[0] = DATA | 1ull << 16;
    s.tls[2] = DATA;
    is(go(HV_SWITCH_TLS), 0, "three descriptors");
    ok(gdt[TLS_ENTRY] == s.tls[0] && !gdt[TLS_ENTRY + 1] && gdt[TLS_ENTRY + 2] == DATA, "are there");
    is(try_insn("movw %0, %%es", : : "r"((uint16_t)((TLS_ENTRY + 2) * 8 + 3)))->vector, NO_FAULT, "the CPU knows them");
    asm volatile("movw %0, %%es" : : "r"((uint16_t)0));
    s.tls[1] = GATE;
    s.tls[0] = DATA;
    is(go(HV_SWITCH_TLS), -XEN_EINVAL, "a gate among them");
    is(gdt[TLS_ENTRY], DATA | 1ull << 16, "changes none");
    s.tls[1] = DATA & ~(3ull << 45);
    is(go(HV_SWITCH_TLS), 0, "one of ring 0");
    is(gdt[TLS_ENTRY + 1] >> 45 & 3, 3, "is of ring 3");
    s.tls_entry = 510;
    is(go(HV_SWITCH_TLS), -XEN_EINVAL, "beyond the page's end");
    s.tls_entry = 509;
    is(go(HV_SWITCH_TLS), 0, "its last three");
    s.tls_entry = 512;
    is(go(HV_SWITCH_TLS), -XEN_EINVAL, "beyond the GDT");
    s.tls_entry = 7168;
    is(go(HV_SWITCH_TLS), -XEN_EINVAL, "the hypervisor's own");
    s.tls_entry = ~0u;
    is(go(HV_SWITCH_TLS), -XEN_EINVAL, "far beyond");
    is(hyp_set_gdt(NULL, 0), 0, "no GDT again");
}

static void bases(void)
{
    static const uint64_t bad[] = { 0x0000800000000000, 0xffff7fffffffffff, 0xdeadbeefdeadbeef };
    uint64_t value = 0, kernels = 0, before = 0x5555;
    unsigned int wrong = 0;

    s.fs_base = (uint64_t)&before;
    s.gs_base_user = 0x12345000;
    if (this_cpu()->id == 0)
        kernels = try_insn("rdgsbase %0", : "=r"(value))->vector == NO_FAULT ? user_gs_base() : 0;
    is(go(HV_SWITCH_FS | HV_SWITCH_GS), 0, "FS base, and user mode's GS base");
    asm volatile("movq %%fs:0, %0" : "=r"(value));
    is(value, 0x5555, "FS is there");
    if (try_insn("rdgsbase %0", : "=r"(value))->vector == NO_FAULT)
        is(user_gs_base(), kernels, "the kernel's GS is as it was");
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        s.fs_base = bad[i];
        wrong += go(HV_SWITCH_FS) != -XEN_EINVAL;
        s.gs_base_user = bad[i];
        wrong += go(HV_SWITCH_GS) != -XEN_EINVAL;
    }
    is(wrong, 0, "bases that are not canonical");
    is(go(HV_SWITCH_STACK), 0, "which nobody looks at when they are not asked for");
    asm volatile("movq %%fs:0, %0" : "=r"(value));
    is(value, 0x5555, "FS still is as it was");
    s.fs_base = s.gs_base_user = 0;
    go(HV_SWITCH_FS | HV_SWITCH_GS);
}

static void task_switched(void)
{
    is(go(HV_SWITCH_TS), 0, "TS");
    is(try_insn("fnop", :)->vector, VECTOR_NM, "the FPU's next use is a trap");
    is(try_insn("fnop", :)->vector, NO_FAULT, "once");
    go(HV_SWITCH_TS);
    is(go(HV_SWITCH_CLTS), 0, "and back");
    is(try_insn("fnop", :)->vector, NO_FAULT, "no trap");
}

/* A page that the roots map differently at one address, so that the CPU tells which one is loaded. */
static uint64_t *window;
static unsigned long window_va;

static uint64_t seen(void)
{
    uint64_t value = 0;

    return probe_read((void *)window_va, &value)->vector == NO_FAULT ? value : 0;
}

static void address_spaces(void)
{
    uint64_t *one = page_alloc(), *page = page_alloc(), *empty = page_alloc(), *root;
    uint64_t *table = page_alloc(), *table2 = page_alloc(), *table3 = page_alloc();

    *one = 1;
    *page = 2;
    window = new_window(&window_va);
    set_entry(window, va_to_mfn(one) * PAGE_SIZE | PTE_RW);
    roots[0] = va_to_mfn(clone_root());
    root = clone_root();
    roots[1] = va_to_mfn(root);
    table[0] = va_to_mfn(page) * PAGE_SIZE | PTE_RW;
    table2[0] = va_to_mfn(table) * PAGE_SIZE | PTE_TABLE;
    table3[0] = va_to_mfn(table2) * PAGE_SIZE | PTE_TABLE;
    if (map_ro(table) || map_ro(table2) || map_ro(table3) ||
        set_entry(&root[window_va >> 39 & 511], va_to_mfn(table3) * PAGE_SIZE | PTE_TABLE))
        bail("no second address space");
    user_roots[0] = va_to_mfn(clone_root());
    user_roots[1] = va_to_mfn(clone_root());
    s.kernel_root = roots[0];
    s.user_root = user_roots[0];
    is(go(HV_SWITCH_ROOTS), 0, "both roots");
    is(seen(), 1, "the first address space");
    s.kernel_root = roots[1];
    s.user_root = user_roots[1];
    is(go(HV_SWITCH_ROOTS), 0, "two others");
    is(seen(), 2, "the second one, at once");
    s.kernel_root = roots[0];
    s.user_root = va_to_mfn(empty);
    map_ro(empty);
    is(go(HV_SWITCH_ROOTS), 0, "an empty table for user mode");
    is(seen(), 1, "the first one");
    s.user_root = 0;
    is(go(HV_SWITCH_ROOTS), 0, "none for user mode");
    s.kernel_root = 0;
    is(go(HV_SWITCH_ROOTS), -XEN_EINVAL, "none for the kernel");
    s.kernel_root = roots[1];
    s.user_root = va_to_mfn(table);
    is(go(HV_SWITCH_ROOTS), -XEN_EINVAL, "a level-1 table for user mode");
    is(seen(), 1, "changes nothing");
    s.user_root = ~0ul;
    is(go(HV_SWITCH_ROOTS), -XEN_EINVAL, "no frame at all");
    s.kernel_root = va_to_mfn(one);
    s.user_root = user_roots[0];
    is(go(HV_SWITCH_ROOTS | HV_SWITCH_STACK), -XEN_EINVAL, "an ordinary page for the kernel");
    is(seen(), 1, "changes nothing either");
    s.kernel_root = kernel_root;
    is(go(HV_SWITCH_ROOTS), 0, "the root of the beginning");
    s.user_root = user_roots[1];
    is(go(HV_SWITCH_ROOTS), 0, "another one for user mode only");
    is(unpin(mfn_to_va(user_roots[0])), 0, "the first is free to go");
    is(unpin(mfn_to_va(user_roots[1])), 0, "the other too,");
    s.user_root = 0;
    is(go(HV_SWITCH_ROOTS), 0, "with its last use");
    is(unpin(root), 0, "and a kernel's");
}

static void refusals(void)
{
    is(hyp_hv_op(HVOP_switch, NULL), -XEN_EFAULT, "no structure");
    is(hyp_hv_op(HVOP_switch, (void *)0xffff800000000000), -XEN_EFAULT, "one in the hypervisor");
    is(go(1u << 7), -XEN_EINVAL, "a part without a name");
    is(go(~0u), -XEN_EINVAL, "all of them");
    is(go(0), 0, "nothing at all");
}

void test_main(void)
{
    if (!running_on_hv())
        return (void)skip("this is hv's own");
    if (!hv_offers(HV_FEATURE_switch)) {
        is(go(0), -XEN_ENOSYS, "not offered, and not there");
        return;
    }
    gdt = page_alloc();
    kernel_root = va_to_mfn(boot_root());
    refusals();
    stack();
    tls();
    bases();
    task_switched();
    address_spaces();
}
