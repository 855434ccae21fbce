/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page faults that are hv's to put right. A guest's kernel may write to its own L1 tables as if they were
 * plain memory: they are mapped read-only, so the write comes here, is decoded, validated like any other
 * request and done atomically. And the CPU may miss a page of a guest's LDT in the CPU's window, which is
 * filled as it is used.
 */
#include <arch/decode.h>
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include "walk.h"

#define ERROR_PRESENT 1u
#define ERROR_WRITE 2u
#define ERROR_RESERVED 8u
#define ERROR_FETCH 16u

bool pv_read_kernel_l1e(struct vcpu *v, unsigned long va, uint64_t *entry) { return walk_and_read(v, va, entry); }

/* --- plain writes to page tables --- */

#define FETCH_BYTES 16u /* two words, for speed */
_Static_assert(FETCH_BYTES >= DECODE_MAX_BYTES, "an instruction may be that long");

/* The instruction at rip, once; as much of it as can be read, for it may end a page that nothing follows. */
static inline unsigned int fetch(uint64_t rip, uint8_t *code)
{
    if (likely(arch_get_guest(code, (const void *)rip, FETCH_BYTES)))
        return FETCH_BYTES;
    return FETCH_BYTES - arch_copy_from_guest(code, (const void *)rip, FETCH_BYTES);
}

/* The frame that va maps read-only, if it is one that a write may be meant for: an L1 table. */
static struct page_info *written_table(struct vcpu *v, unsigned long va)
{
    struct page_info *pg;
    uint64_t entry;

    if (!walk_and_read(v, va, &entry) || entry & PTE_RW)
        return NULL;
    pg = mfn_to_page_or_null(MFN((entry & PTE_ADDR_MASK) >> PAGE_SHIFT));
    return pg && page_type_of(READ_ONCE(pg->type)) == PGT_L1_TABLE ? pg : NULL;
}

/*
 * Carry out insn on an entry of a locked table. The operand may be a part of the entry, and the CPU may set
 * accessed or dirty bits between reading and writing: then again.
 */
static int write_operand(struct vcpu *v, uint64_t *slot, const struct write_insn *insn,
                         struct cpu_user_regs *regs)
{
    unsigned int shift = (insn->address & 7) * 8;
    uint64_t mask = insn->bytes == 8 ? ~0ull : ((1ull << insn->bytes * 8) - 1) << shift, old, operand;
    int rc;

    do {
        rc = 0;
        old = READ_ONCE(*slot);
        if (decode_result(insn, old >> shift, regs, &operand))
            rc = pv_write_leaf(v->domain, v->domain, slot, old, (old & ~mask) | (operand << shift & mask),
                               PV_WRITE_EXACT);
    } while (rc == -EAGAIN);
    if (!rc)
        decode_apply(insn, old >> shift, &operand, regs);
    return rc;
}

static bool write_page_table(struct vcpu *v, unsigned long va, struct cpu_user_regs *regs)
{
    struct page_info *pg = written_table(v, va);
    uint8_t code[FETCH_BYTES];
    struct write_insn insn;
    uint64_t *entries;
    int rc;

    if (!pg)
        return false;
    if (!decode_write(code, fetch(regs->rip, code), regs, &insn) || va - insn.address >= insn.bytes ||
        (insn.address & 7) + insn.bytes > 8)
        return false;
    if (!page_lock_l1_table(pg, v->domain->id))
        return false;
    entries = page_to_virt(pg);
    rc = write_operand(v, &entries[(insn.address & ~PAGE_MASK) / sizeof(*entries)], &insn, regs);
    page_unlock_table(pg);
    return !rc || rc == -ERESTART; /* the latter: the instruction simply runs again */
}

bool pv_fault_fixup(struct vcpu *v, unsigned long va, unsigned int error_code, struct cpu_user_regs *regs)
{
    const unsigned int look_at = ERROR_PRESENT | ERROR_WRITE | ERROR_RESERVED | ERROR_FETCH;

    if (!v->arch.guest_kernel || (error_code & look_at) != (ERROR_PRESENT | ERROR_WRITE))
        return false;
    return write_page_table(v, va, regs);
}

/* --- the LDT --- */

bool pv_ldt_fault(struct vcpu *v, unsigned long offset)
{
    unsigned int i = offset >> PAGE_SHIFT;
    struct page_info *pg;
    uint64_t entry;
    mfn_t mfn;

    if (offset >= v->arch.ldt_entries * 8ul || i >= LDT_GUEST_FRAMES)
        return false;
    if (!pv_read_kernel_l1e(v, v->arch.ldt_base + offset, &entry))
        return false;
    mfn = MFN((entry & PTE_ADDR_MASK) >> PAGE_SHIFT);
    if (!mfn_valid(mfn))
        return false;
    pg = mfn_to_page(mfn);
    if (page_get_and_type(pg, v->domain, PGT_SEG_DESC))
        return false;
    if (v->arch.ldt_frame[i].v) /* it came in while we waited for something */
        page_put_and_type(pg);
    else
        v->arch.ldt_frame[i] = mfn;
    __atomic_store_n(&v->arch.ldt_held, true, __ATOMIC_SEQ_CST);
    pv_show_ldt_frames(v, true);
    return true;
}

static void hide_window(void *unused)
{
    unsigned int cpu = arch_cpu_id(), first = (CPU_WINDOW_LDT(0) - CPU_WINDOW_GDT(0)) / PAGE_SIZE;

    (void)unused;
    for (unsigned int i = 0; i < LDT_GUEST_FRAMES; i++) {
        cpu_window_set(cpu, first + i, 0);
        tlb_flush_page_mask(cpumask_of(cpu), CPU_WINDOW_LDT(cpu) + i * PAGE_SIZE);
    }
}

/*
 * First the frames are taken from v, then the window of the CPU that has v is emptied, then they are let go
 * of. A CPU that loads v meanwhile says so before it looks for frames: it finds none, or we find it.
 */
bool pv_ldt_drop(struct vcpu *v)
{
    uint64_t frames[LDT_GUEST_FRAMES];
    bool any = false;
    uint32_t cpu;

    if (!READ_ONCE(v->arch.ldt_held) || !__atomic_exchange_n(&v->arch.ldt_held, false, __ATOMIC_SEQ_CST))
        return false;
    for (unsigned int i = 0; i < LDT_GUEST_FRAMES; i++) {
        frames[i] = READ_ONCE(v->arch.ldt_frame[i].v);
        if (frames[i])
            frames[i] = __atomic_exchange_n(&v->arch.ldt_frame[i].v, 0, __ATOMIC_SEQ_CST);
        any |= frames[i] != 0;
    }
    if (!any)
        return false;
    cpu = __atomic_load_n(&v->arch.loaded_on, __ATOMIC_SEQ_CST);
    if (cpu < NR_CPUS)
        smp_call(cpumask_of(cpu), hide_window, NULL);
    for (unsigned int i = 0; i < LDT_GUEST_FRAMES; i++)
        if (frames[i])
            page_put_and_type(mfn_to_page(MFN(frames[i])));
    return true;
}
