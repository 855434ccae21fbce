/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest kernel sees the exceptions it causes as a CPU would show them: right vector, error code, address and
 * flags, and the iret hypercall puts everything back. Where it cannot go back, the kernel gets a #GP.
 */
#include <guest.h>

static void vector_only(struct fault *f, unsigned int vector, const char *what)
{
    ok(f->vector == vector && f->error == 0, "%s raises vector %u (got %u, error %x)", what, vector, f->vector, f->error);
}

static void plain_exceptions(void)
{
    uint32_t low = 1, high = 0, zero = 0;
    struct fault *f;

    vector_only(try_insn("ud2"), VECTOR_UD, "ud2");
    vector_only(try_insn("int3"), VECTOR_BP, "int3");
    vector_only(try_insn("divl %2", : "+a"(low), "+d"(high) : "r"(zero)), VECTOR_DE, "division by zero");
    vector_only(try_insn("hlt"), VECTOR_GP, "hlt");
    vector_only(try_insn("int $0x80"), 0x80, "int 0x80");
    vector_only(try_insn(".byte 0xce"), VECTOR_UD, "into");
    f = try_insn(".byte 0xf1");
    is_either(f->vector, VECTOR_DB, VECTOR_UD, "icebp raises #DB (an emulator without it: #UD)");
    vector_only(try_insn("lidt (%0)", : : "r"(&low)), VECTOR_GP, "lidt");
    vector_only(try_insn("ltr %w0", : : "r"(0)), VECTOR_GP, "ltr");
    vector_only(probe_read((void *)0x8000000000000000ul, NULL), VECTOR_GP, "a non-canonical address");
    vector_only(try_insn("movw %w0, %%ds", : : "r"(0)), NO_FAULT, "a null selector");
    is(try_insn("movw %w0, %%ds", : : "r"(0x1238))->error, 0x1238, "#GP's error code is the selector");
}

static void int3_reports_the_next_instruction(void)
{
    extern char after_int3[];
    struct fault *f = try_insn("int3\n.globl after_int3\nafter_int3:");

    is(f->rip, (uint64_t)after_int3, "int3's frame points behind it");
    is(f->cs, FLAT_KERNEL_CS64 & ~3, "a frame of the kernel has RPL 0 in cs");
    is(f->ss & ~3, FLAT_KERNEL_SS64 & ~3, "and the flat ss");
}

static void check_fault(struct fault *f, uint32_t error, const void *address, const char *what)
{
    is(f->vector, VECTOR_PF, "%s: #PF", what);
    is(f->error, error, "%s: error code", what);
    is(f->cr2, (uint64_t)address, "%s: cr2", what);
}

static void call_it(void *code)
{
    ((void (*)(void))code)();
}

static void page_faults(void)
{
    char *page = page_alloc();
    uint64_t value;

    check_fault(probe_read((void *)0x1000, &value), 0, (void *)0x1000, "read of nothing");
    check_fault(probe_write((void *)0x123456789abc, 1), 2, (void *)0x123456789abc, "write to nothing");
    map_ro(page);
    check_fault(probe_write(page + 8, 1), 3, page + 8, "write to a read-only page");
    is(probe_read(page + 8, &value)->vector, NO_FAULT, "reading it is fine");
    map_rw(page);
    is(probe_write(page + 8, 0x55)->vector, NO_FAULT, "writable again");
    is(*(uint64_t *)(page + 8), 0x55, "and written");
    *page = 0xc3;
    is(try_call(call_it, page)->vector, NO_FAULT, "code in a page that may be executed");
    map_mfn(page, va_to_mfn(page), PTE_RW | PTE_NX);
    check_fault(try_call(call_it, page), 0x11, page, "code in a page that may not");
    map_none(page);
    check_fault(probe_read(page, &value), 0, page, "read of an unmapped page");
    check_fault(try_call(call_it, (void *)0x5000), 0x10, (void *)0x5000, "a jump to nothing");
    map_rw(page);
}

static bool step_hook(struct regs *regs)
{
    regs->rflags &= ~0x100ul;
    return true;
}

static void single_step(void)
{
    extern char after_step[];
    struct fault *f = fault_reset();

    trap_hook(VECTOR_DB, step_hook);
    asm volatile("pushfq; orl $0x100, (%%rsp); popfq; nop; .globl after_step; after_step:" : : : "memory", "cc");
    is(f->vector, VECTOR_DB, "the trap flag single-steps the kernel");
    is(f->rip, (uint64_t)after_step, "one instruction");
    trap_hook(VECTOR_DB, NULL);
}

static bool change_all(struct regs *regs)
{
    regs->rax = ~regs->rax;
    regs->rcx = ~regs->rcx;
    regs->r11 = ~regs->r11;
    regs->r15 = ~regs->r15;
    regs->rflags |= 0x8d5;      /* OF SF ZF AF PF CF */
    return true;
}

static void iret_restores(void)
{
    uint64_t rax = 1, rcx = 2, r11, r15, flags;

    trap_hook(VECTOR_BP, change_all);
    asm volatile("movq $3, %%r11; movq $4, %%r15; int3; pushfq; popq %4; movq %%r11, %2; movq %%r15, %3"
                 : "+a"(rax), "+c"(rcx), "=&r"(r11), "=&r"(r15), "=&r"(flags) : : "memory", "cc", "r11", "r15");
    trap_hook(VECTOR_BP, NULL);
    ok(rax == ~1ul && rcx == ~2ul && r11 == ~3ul && r15 == ~4ul, "iret loads the registers of the frame");
    is(flags & 0x8d5, 0x8d5, "and its flags");
}

static bool set_if(struct regs *regs)
{
    regs->rflags |= 0x200;
    return true;
}

static bool clear_if(struct regs *regs)
{
    regs->rflags &= ~0x200ul;
    return true;
}

static void upcall_mask_follows(void)
{
    volatile uint8_t *mask = &this_cpu()->info->evtchn_upcall_mask;
    struct fault *f;

    is(*mask, 1, "events are masked");
    f = try_insn("int3");
    is(f->rflags & 0x200, 0, "masked: IF is clear in the frame");
    is(f->saved_upcall_mask, 1, "masked: and the frame says so");
    is(*mask, 1, "masked: and they stay masked");
    trap_hook(VECTOR_BP, set_if);
    f = try_insn("int3");
    is(*mask, 0, "iret with IF set unmasks");
    trap_hook(VECTOR_BP, NULL);
    f = try_insn("int3");
    is(f->rflags & 0x200, 0x200, "unmasked: IF is set in the frame");
    is(f->saved_upcall_mask, 0, "unmasked: and the frame says so");
    is(f->upcall_mask, 1, "the trap gate masks events for its handler");
    is(*mask, 0, "and iret unmasks them");
    trap_hook(VECTOR_BP, clear_if);
    try_insn("int3");
    is(*mask, 1, "iret with IF clear masks");
    trap_hook(VECTOR_BP, NULL);
}

/* A trap gate without the IF flag leaves the mask alone. */
static void gate_without_mask(void)
{
    struct trap_info table[2] = { 0 };
    struct fault *f;

    trap_info_of(VECTOR_BP, &table[0]);
    table[0].flags = 3;
    is(hyp_set_trap_table(table), 0, "set_trap_table for one vector");
    event_enable();
    f = try_insn("int3");
    is(f->upcall_mask, 0, "a gate without the flag leaves events on");
    event_disable();
    vector_only(try_insn("ud2"), VECTOR_UD, "other vectors stay; ud2");
    trap_info_of(VECTOR_BP, &table[0]);
    hyp_set_trap_table(table);
}

static void bad_tables(void)
{
    struct trap_info table[2] = { 0 };

    is(hyp_set_trap_table((void *)0x10), -XEN_EFAULT, "a table at a bad address");
    trap_info_of(VECTOR_BP, &table[0]);
    table[0].address = 0x8000000000000000ul;
    is(hyp_set_trap_table(table), -XEN_EINVAL, "a handler at a non-canonical address");
    vector_only(try_insn("int3"), VECTOR_BP, "the old handler still works; int3");
}

static void never_reached(void)
{
    bail("iret went where it must not");
}

static void do_iret(void *frame)
{
    iret_raw(frame);
}

static void iret_with_bad_selectors(void)
{
    struct iret_context frame;
    struct fault *f;

    iret_frame(&frame, never_reached);
    frame.cs = 0x1230;
    f = try_call(do_iret, &frame);
    is(f->vector, VECTOR_GP, "iret to an impossible cs: #GP in the kernel");
    is(f->error & ~3, 0x1230, "with the selector");
    iret_frame(&frame, never_reached);
    frame.ss = 0x1230;
    f = try_call(do_iret, &frame);
    is(f->vector, VECTOR_GP, "iret to an impossible ss: #GP in the kernel");
    is(f->error & ~3, 0x1230, "with the selector");
}

void test_main(void)
{
    plain_exceptions();
    int3_reports_the_next_instruction();
    page_faults();
    single_step();
    iret_restores();
    upcall_mask_follows();
    gate_without_mask();
    bad_tables();
    iret_with_bad_selectors();
}
