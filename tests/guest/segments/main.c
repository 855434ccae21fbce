/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptor tables belong to the hypervisor: a guest lends it pages, each descriptor in them is checked, privilege
 * levels 0 to 2 become 3, and the last part of the GDT is the hypervisor's.
 */
#include <guest.h>

#define CODE64(dpl) (0x00af9a000000fffful | (uint64_t)(dpl) << 45)
#define DATA(dpl)   (0x00cf92000000fffful | (uint64_t)(dpl) << 45)
#define DPL(d)      ((d) >> 45 & 3)

static volatile uint64_t *gdt, *ldt;

static uint32_t access_rights(uint16_t selector)
{
    uint32_t rights = 0;

    asm volatile("larl %1, %0" : "+r"(rights) : "r"((uint32_t)selector) : "cc");
    return rights;
}

static uint32_t limit_of(uint16_t selector)
{
    uint32_t limit = 0xdead;

    asm volatile("lsll %1, %0" : "+r"(limit) : "r"((uint32_t)selector) : "cc");
    return limit;
}

static struct fault *load_ds(uint16_t selector)
{
    return try_insn("movw %w0, %%ds", : : "r"(selector));
}

static long set_descriptor(volatile uint64_t *table, unsigned int index, uint64_t descriptor)
{
    return hyp_update_descriptor(va_to_machine((void *)&table[index]), descriptor);
}

static void flat_descriptors(void)
{
    ok(access_rights(FLAT_KERNEL_CS64) & 0x00200000, "the ABI's 64-bit code segment exists");
    ok(access_rights(FLAT_USER_CS32) & 0x00400000, "and the 32-bit one");
    is(load_ds(FLAT_USER_DS32)->vector, NO_FAULT, "the flat data segment can be loaded");
    load_ds(0);
}

static void own_gdt(void)
{
    unsigned long frame;

    gdt = page_alloc();
    gdt[1] = CODE64(0);
    gdt[2] = DATA(0);
    gdt[3] = DATA(3);
    frame = va_to_mfn((void *)gdt);
    is(hyp_set_gdt(&frame, 16), -XEN_EINVAL, "a page that is writable is no GDT");
    is(map_ro((void *)gdt), 0, "made read-only");
    is(hyp_set_gdt(&frame, 16), 0, "it is");
    is(DPL(gdt[1]), 3, "privilege level 0 of a code segment became 3");
    is(DPL(gdt[2]), 3, "and of a data segment");
    is(load_ds(0x10)->vector, NO_FAULT, "selector 0x10 with RPL 0 can be loaded");
    is(load_ds(0x1b)->vector, NO_FAULT, "selector 0x1b can be loaded");
    is(limit_of(0x10), 0xffffffff, "its limit");
    is(access_rights(0x20), 0, "an empty slot");
    is(load_ds(0x20)->vector, VECTOR_GP, "cannot be loaded: #GP");
    ok(access_rights(FLAT_KERNEL_CS64) & 0x00200000, "the ABI's segments are still there");
    ok(map_rw((void *)gdt) < 0, "the page cannot be made writable now");
    load_ds(0);
}

static void iret_raises_rpl(void)
{
    struct fault *f = try_insn("int3");

    is(f->cs & 3, 0, "the kernel's own cs has RPL 0");
    asm volatile("movl %%cs, %0" : "=r"(f->error));
    is(f->error & 3, 3, "though the CPU runs at 3");
}

static void updating(void)
{
    is(set_descriptor(gdt, 4, DATA(1)), 0, "update_descriptor");
    is(DPL(gdt[4]), 3, "raises the privilege level too");
    is(load_ds(0x20)->vector, NO_FAULT, "and the segment can be loaded");
    is(set_descriptor(gdt, 4, 0), 0, "cleared");
    load_ds(0);
    is(load_ds(0x20)->vector, VECTOR_GP, "it cannot any more");
    is(set_descriptor(gdt, 5, DATA(3) & ~(1ul << 47)), 0, "a segment that is not present is harmless");
    is(load_ds(0x28)->vector, VECTOR_NP, "loading it: #NP");
    is(set_descriptor(gdt, 6, 0x0000890000000067ul), -XEN_EINVAL, "a TSS is refused");
    is(set_descriptor(gdt, 6, 0x00008e0000100000ul), -XEN_EINVAL, "an interrupt gate is refused");
    is(set_descriptor(gdt, 6, 0x0000820000000067ul), -XEN_EINVAL, "an LDT is refused");
    is(gdt[6], 0, "and nothing was written");
    is(hyp_update_descriptor(va_to_machine((void *)gdt) + 3, DATA(3)), -XEN_EINVAL, "an unaligned address");
    is(hyp_update_descriptor(0xfffffffff000, DATA(3)), -XEN_EINVAL, "an address beyond memory");
    is(hyp_update_descriptor(va_to_machine(boot_root()), 0), -XEN_EINVAL, "a page table");
}

/* Either answer is safe: the gate is refused, or kept with a privilege level that no guest has. */
static void call_gate(void)
{
    if (set_descriptor(gdt, 7, 0x0000ec0000100000ul))
        is(gdt[7], 0, "a call gate is refused");
    else
        is(DPL(gdt[7]), 0, "a call gate is made unreachable");
    set_descriptor(gdt, 7, 0);
}

static void bad_gdts(void)
{
    unsigned long frames[16];
    volatile uint64_t *bad = page_alloc();
    unsigned int i;

    bad[0] = 0x0000890000000067ul;
    map_ro((void *)bad);
    for (i = 0; i < 16; i++)
        frames[i] = va_to_mfn((void *)bad);
    is(hyp_set_gdt(frames, 512), -XEN_EINVAL, "a table with a TSS");
    is(hyp_set_gdt(frames, FIRST_RESERVED_GDT_ENTRY + 1), -XEN_EINVAL, "a table that reaches into the reserved part");
    is(hyp_set_gdt((void *)0x10, 16), -XEN_EFAULT, "a list at a bad address");
    frames[0] = va_to_mfn(boot_root());
    is(hyp_set_gdt(frames, 16), -XEN_EINVAL, "a page table");
    frames[0] = 0xffffffffff;
    is(hyp_set_gdt(frames, 16), -XEN_EINVAL, "a frame beyond memory");
    is(load_ds(0x10)->vector, NO_FAULT, "the old table is still there");
    load_ds(0);
    is(map_rw((void *)bad), 0, "a refused page is free again");
}

static long set_ldt(volatile void *base, unsigned int entries)
{
    struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = (unsigned long)base, .arg2.nr_ents = entries };
    unsigned int done;

    return hyp_mmuext_op(&op, 1, &done, DOMID_SELF);
}

static void local_table(void)
{
    ldt = pages_alloc(2);
    ldt[0] = DATA(0);
    ldt[1] = CODE64(0);
    ldt[600] = DATA(3);
    ldt[700] = DATA(3);
    map_ro((void *)ldt);
    map_ro((void *)&ldt[512]);
    is(load_ds(0x4)->vector, VECTOR_GP, "no LDT: #GP");
    is(set_ldt(ldt, 650), 0, "SET_LDT");
    is(load_ds(0x4)->vector, NO_FAULT, "selector 4 can be loaded");
    is(DPL(ldt[0]), 3, "its privilege level was raised");
    is(load_ds(600 * 8 | 7)->vector, NO_FAULT, "so can one in the second page");
    load_ds(0);
    is(load_ds(700 * 8 | 7)->vector, VECTOR_GP, "one behind the limit: #GP");
    is(load_ds(2 * 8 | 7)->vector, VECTOR_GP, "an empty one: #GP");
    is(set_descriptor(ldt, 2, DATA(0)), 0, "update_descriptor in an LDT");
    is(load_ds(2 * 8 | 7)->vector, NO_FAULT, "now it can be loaded");
    load_ds(0);
    ok(map_rw((void *)ldt) < 0, "a page of the LDT cannot be made writable");
    is(set_ldt((char *)ldt + 8, 10), -XEN_EINVAL, "an LDT must be page aligned");
    is(set_ldt(ldt, 8193), -XEN_EINVAL, "8192 entries at most");
    is(set_ldt((void *)0x8000000000000000ul, 10), -XEN_EINVAL, "at a canonical address");
    is(set_ldt(NULL, 0), 0, "no LDT");
    is(load_ds(0x4)->vector, VECTOR_GP, "selector 4: #GP");
    is(map_rw((void *)ldt), 0, "the page is free again");
}

static void unmapped_ldt(void)
{
    struct fault *f;

    is(set_ldt((void *)0x5000, 16), 0, "an LDT where nothing is mapped");
    f = load_ds(0x4);
    ok(f->vector == VECTOR_GP || f->vector == VECTOR_PF, "using it: a fault (%u)", f->vector);
    if (f->vector == VECTOR_PF)
        is(f->cr2, 0x5000, "in the LDT's memory");
    set_ldt(NULL, 0);
}

static void segment_bases(void)
{
    static uint64_t word = 0x77;
    uint64_t value;

    is(hyp_set_segment_base(SEGBASE_FS, (unsigned long)&word), 0, "FS base");
    asm volatile("movq %%fs:0, %0" : "=r"(value));
    is(value, 0x77, "is used");
    is(hyp_set_segment_base(SEGBASE_FS, 0x8000000000000000ul), -XEN_EINVAL, "a non-canonical FS base");
    is(hyp_set_segment_base(SEGBASE_GS_KERNEL, 0x8000000000000000ul), -XEN_EINVAL, "a non-canonical GS base");
    is(hyp_set_segment_base(SEGBASE_GS_USER, 0x8000000000000000ul), -XEN_EINVAL, "a non-canonical user GS base");
    is(hyp_set_segment_base(SEGBASE_GS_USER_SEL, 0x1b), 0, "the user's GS selector");
    is(hyp_set_segment_base(SEGBASE_GS_USER_SEL, 0x1238), 0, "a bad one is as good as none");
    is(hyp_set_segment_base(99, 0), -XEN_EINVAL, "an unknown segment");
}

void test_main(void)
{
    flat_descriptors();
    own_gdt();
    iret_raises_rpl();
    updating();
    call_gate();
    bad_gdts();
    local_table();
    unmapped_ldt();
    segment_bases();
    is(hyp_set_gdt(NULL, 0), 0, "no GDT");
    is(map_rw((void *)gdt), 0, "its page is free again");
}
