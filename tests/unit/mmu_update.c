/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that change page tables: what they do to references, and how they stop, continue and fail. */
#include <public/grant_table.h>

#include "pv_guest.h"

#include "harness.h"

static struct domain *d, *other;
static struct vcpu *v;
static struct page_info *leaf, *leaf2;
static struct chain c;

#define VA 0x1000ul
#define SLOT 1u

static void begin(void)
{
    host_reset(4096);
    other = host_domain_new(2, false, 1, 64);
    d = host_domain_new(1, false, 2, 4096);
    v = d->vcpu[0];
    leaf = new_page(d);
    leaf2 = new_page(d);
    c = new_chain(d, VA, leaf, RW);
    CU_ASSERT_EQUAL_FATAL(run_on(v, c.table[4]), 0);
}

static void end(void)
{
    host_preempt_after = -1;
    relinquish(d);
    relinquish(other);
    CU_ASSERT_EQUAL(d->tot_pages, 0);
    CU_ASSERT_EQUAL(other->tot_pages, 0);
    CU_ASSERT_EQUAL(d->refcount, 1);
}

static uint64_t *slot(unsigned int i) { return &entries(c.table[1])[i]; }
static long write_l1(unsigned int i, uint64_t val) { return mmu_update(entry_address(c.table[1], i), val, DOMID_SELF); }

static void references_follow_the_entry(void)
{
    begin();
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(leaf2, RW)), 0);
    CU_ASSERT_EQUAL(*slot(SLOT), entry_for(leaf2, RW));
    CU_ASSERT_EQUAL(general(leaf), 1);
    CU_ASSERT_EQUAL(typed(leaf), 0);
    CU_ASSERT_EQUAL(general(leaf2), 2);
    CU_ASSERT_EQUAL(typed(leaf2), 1);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(leaf2, RO)), 0); /* only the right to write goes */
    CU_ASSERT_EQUAL(general(leaf2), 2);
    CU_ASSERT_EQUAL(typed(leaf2), 0);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(leaf2, RW | PTE_NX | PTE_D)), 0);
    CU_ASSERT_EQUAL(typed(leaf2), 1);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(leaf2, PTE_P | PTE_RW | PTE_G | PTE_A)), 0); /* harmless bits only */
    CU_ASSERT_EQUAL(*slot(SLOT), entry_for(leaf2, RW | PTE_A));
    CU_ASSERT_EQUAL(typed(leaf2), 1);
    CU_ASSERT_EQUAL(write_l1(SLOT, 0), 0);
    CU_ASSERT_EQUAL(general(leaf2), 1);
    CU_ASSERT_EQUAL(typed(leaf2), 0);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(c.table[1], RW)), -EBUSY);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(c.table[4], RO)), 0);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(c.table[4], RW)), -EBUSY); /* nor by adding one bit */
    CU_ASSERT_EQUAL(*slot(SLOT), entry_for(c.table[4], RO));
    end();
}

static void accessed_and_dirty_are_kept_on_request(void)
{
    begin();
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(leaf, RW | PTE_A | PTE_D)), 0);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT) | MMU_PT_UPDATE_PRESERVE_AD, entry_for(leaf, RO),
                               DOMID_SELF), 0);
    CU_ASSERT_EQUAL(*slot(SLOT), entry_for(leaf, RO | PTE_A | PTE_D));
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(leaf, RO)), 0);
    CU_ASSERT_EQUAL(*slot(SLOT), entry_for(leaf, RO));
    end();
}

static void upper_levels(void)
{
    struct page_info *l1;

    begin();
    l1 = new_page(d);
    entries(l1)[0] = entry_for(leaf2, RW);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[2], 5), entry_for(l1, RW), DOMID_SELF), 0);
    CU_ASSERT_EQUAL(typed(l1), 1);
    CU_ASSERT_EQUAL(typed(leaf2), 1);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[2], 6), entry_for(l1, RW), DOMID_SELF), 0);
    CU_ASSERT_EQUAL(typed(l1), 2);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[2], 7), entry_for(c.table[2], RW), DOMID_SELF), -EINVAL);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[2], 7), entry_for(leaf, RW | PTE_PSE), DOMID_SELF), -EINVAL);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[4], 7), entry_for(c.table[4], RO), DOMID_SELF), -EINVAL);
    for (unsigned int i = HV_ROOT_SLOT_FIRST; i <= HV_ROOT_SLOT_LAST; i++)
        CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[4], i), 0, DOMID_SELF), -EINVAL);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[2], 5), 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[2], 6), 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(typed(l1), 0);
    CU_ASSERT_EQUAL(typed(leaf2), 0);
    end();
}

static void plain_pages_and_strangers(void)
{
    struct page_info *theirs;

    begin();
    theirs = new_page(other);
    CU_ASSERT_EQUAL(mmu_update(entry_address(leaf2, 3), 0x1234, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(entries(leaf2)[3], 0x1234);
    CU_ASSERT_EQUAL(typed(leaf2), 0);
    CU_ASSERT_EQUAL(mmu_update(entry_address(theirs, 0), 0x1234, DOMID_SELF), -EINVAL);
    CU_ASSERT_EQUAL(mmu_update(0x10, 0, DOMID_SELF), -EINVAL);
    CU_ASSERT_EQUAL(mmu_update(~7ull, 0, DOMID_SELF), -EINVAL);
    CU_ASSERT_EQUAL(mmu_update(entry_address(leaf2, 3) | 5, 0, DOMID_SELF), -ENOSYS);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(theirs, RO)), -EBUSY);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT), entry_for(theirs, RO), other->id), -EPERM);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT), 0, DOMID_SELF | 3u << 16), -EPERM);
    CU_ASSERT_EQUAL(mmu_update(mfn_to_maddr(page_to_mfn(leaf)).v | MMU_MACHPHYS_UPDATE, 77, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(m2p_get(page_to_mfn(leaf)).v, 77);
    CU_ASSERT_EQUAL(mmu_update(mfn_to_maddr(page_to_mfn(theirs)).v | MMU_MACHPHYS_UPDATE, 77, DOMID_SELF), -EINVAL);
    end();
}

static void privilege_reaches_others(void)
{
    struct page_info *theirs;

    begin();
    d->privileged = true;
    theirs = new_page(other);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT), entry_for(theirs, RW), other->id), 0);
    CU_ASSERT_EQUAL(general(theirs), 2);
    CU_ASSERT_EQUAL(typed(theirs), 1);
    CU_ASSERT((theirs->count & PGC_FOREIGN) != 0);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT), entry_for(leaf, RW), other->id), -EBUSY);
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(theirs, RO)), -EBUSY); /* not in one's own name */
    CU_ASSERT_EQUAL(write_l1(SLOT, 0), 0);
    CU_ASSERT_EQUAL(general(theirs), 1);
    CU_ASSERT_EQUAL(mmu_update(entry_address(theirs, 0), 0x55, DOMID_SELF | (other->id + 1u) << 16), 0);
    CU_ASSERT_EQUAL(entries(theirs)[0], 0x55);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT), 0, 9), -ESRCH);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT), 0, d->id), -ESRCH);
    /* The owner dies while its frame is mapped: the frame stays until it is unmapped. */
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], SLOT), entry_for(theirs, RW), other->id), 0);
    relinquish(other);
    CU_ASSERT_EQUAL(other->tot_pages, 1);
    CU_ASSERT_EQUAL(other->refcount, 2);
    CU_ASSERT_EQUAL(write_l1(SLOT, 0), 0);
    CU_ASSERT_EQUAL(other->refcount, 1);
    end();
}

static void batches(void)
{
    struct mmu_update req[100];
    uint32_t done = 99;

    begin();
    for (unsigned int i = 0; i < 100; i++)
        req[i] = (struct mmu_update){ entry_address(i % 10 == 9 ? leaf2 : c.table[1], 100 + i), entry_for(leaf, RW) };
    CU_ASSERT_EQUAL(do_mmu_update((unsigned long)req, 100, (unsigned long)&done, DOMID_SELF, 0, 0), 0);
    CU_ASSERT_EQUAL(done, 100);
    CU_ASSERT_EQUAL(typed(leaf), 1 + 90);
    CU_ASSERT_EQUAL(entries(leaf2)[109], entry_for(leaf, RW));
    CU_ASSERT_FALSE(has(c.table[1], PGT_LOCKED));
    req[70].val = entry_for(c.table[1], RW);
    CU_ASSERT_EQUAL(do_mmu_update((unsigned long)req, 100, (unsigned long)&done, DOMID_SELF, 0, 0), -EBUSY);
    CU_ASSERT_EQUAL(done, 70);
    CU_ASSERT_FALSE(has(c.table[1], PGT_LOCKED));
    host_copy_limit = 20 * sizeof(req[0]) + 5; /* the list ends in a page that is not there */
    CU_ASSERT_EQUAL(do_mmu_update((unsigned long)req, 32, 0, DOMID_SELF, 0, 0), -EFAULT);
    host_copy_limit = SIZE_MAX;
    CU_ASSERT_EQUAL(do_mmu_update(0, 0, 0, DOMID_SELF, 0, 0), 0);
    end();
}

static void a_batch_continues(void)
{
    struct mmu_update req[100];
    unsigned long list = (unsigned long)req, count = 100;
    unsigned int restarts = 0;
    uint32_t done = 0;
    long rc;

    begin();
    for (unsigned int i = 0; i < 100; i++)
        req[i] = (struct mmu_update){ entry_address(c.table[1], 100 + i), entry_for(leaf, RW) };
    do {
        host_preempt_after = 0;
        rc = do_mmu_update(list, count, (unsigned long)&done, DOMID_SELF, 0, 0);
        list = host_hypercall_arg[1];
        count = host_hypercall_arg[2];
    } while (rc == -ERESTART && ++restarts < 50);
    CU_ASSERT_EQUAL(rc, 0);
    CU_ASSERT(restarts >= 3);
    CU_ASSERT_EQUAL(done, 100);
    CU_ASSERT_EQUAL(typed(leaf), 101);
    end();
}

/*
 * Removing an upper entry takes apart all below it: the request is done, and the call goes on until that is
 * too.
 */
static void removing_much_continues(void)
{
    struct page_info *l2;
    unsigned long list, count = 1;
    struct mmu_update req;
    unsigned int restarts = 0;
    uint32_t done = 0;
    long rc;

    begin();
    l2 = new_page(d);
    for (unsigned int i = 0; i < 20; i++) {
        struct page_info *l1 = new_page(d);

        entries(l1)[i] = entry_for(leaf2, RW);
        entries(l2)[i * 7] = entry_for(l1, RW);
    }
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[3], 9), entry_for(l2, RW), DOMID_SELF), 0);
    CU_ASSERT_EQUAL(typed(leaf2), 20);
    req = (struct mmu_update){ entry_address(c.table[3], 9), 0 };
    list = (unsigned long)&req;
    do {
        host_hypercall_arg[0] = 0;
        host_preempt_after = 2;
        rc = do_mmu_update(list, count, (unsigned long)&done, DOMID_SELF, 0, 0);
        if (rc == -ERESTART && host_hypercall_arg[0]) {
            list = host_hypercall_arg[1];
            count = host_hypercall_arg[2];
        }
    } while (rc == -ERESTART && ++restarts < 50);
    CU_ASSERT_EQUAL(rc, 0);
    CU_ASSERT(restarts > 3);
    CU_ASSERT_EQUAL(done, 1);
    CU_ASSERT_EQUAL(typed(leaf2), 0);
    CU_ASSERT_EQUAL(v->arch.old_root, 0);
    /* ... or it never goes on, and dies. */
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[3], 9), entry_for(l2, RW), DOMID_SELF), -ERESTART);
    host_preempt_after = -1;
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[3], 9), entry_for(l2, RW), DOMID_SELF), 0);
    host_preempt_after = 2;
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[3], 9), 0, DOMID_SELF), -ERESTART);
    CU_ASSERT_NOT_EQUAL(v->arch.old_root, 0);
    end();
}

static void by_address(void)
{
    begin();
    CU_ASSERT_EQUAL(do_update_va_mapping(VA, entry_for(leaf2, RW), UVMF_NONE, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(*slot(SLOT), entry_for(leaf2, RW));
    CU_ASSERT_EQUAL(host_counters.page_flushes, 0);
    CU_ASSERT_EQUAL(do_update_va_mapping(VA, 0, UVMF_INVLPG | UVMF_LOCAL, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(host_counters.page_flushes, 1);
    CU_ASSERT_EQUAL(host_counters.last_flush_va, VA);
    CU_ASSERT_EQUAL(do_update_va_mapping(VA, 0, UVMF_TLB_FLUSH | UVMF_ALL, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(host_counters.last_flush.bits, d->dirty_cpus.bits);
    CU_ASSERT_EQUAL(do_update_va_mapping(0x200000, 0, 0, 0, 0, 0), -EINVAL); /* no L1 table there */
    CU_ASSERT_EQUAL(do_update_va_mapping(HYPERVISOR_VIRT_START, 0, 0, 0, 0, 0), -EINVAL);
    CU_ASSERT_EQUAL(do_update_va_mapping(1ul << 47, 0, 0, 0, 0, 0), -EINVAL);
    CU_ASSERT_EQUAL(do_update_va_mapping_otherdomain(VA, 0, 0, other->id, 0, 0), -EPERM);
    end();
}

static void roots(void)
{
    struct page_info *root;

    begin();
    root = new_chain(d, VA, leaf2, RW).table[4];
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_BASEPTR, page_to_mfn(root).v, 0), 0);
    CU_ASSERT_EQUAL(v->arch.kernel_root.v, page_to_mfn(root).v);
    CU_ASSERT_EQUAL(host_counters.root_loads, 1);
    CU_ASSERT_EQUAL(typed(c.table[4]), 0);
    CU_ASSERT_EQUAL(typed(leaf), 0);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_BASEPTR, page_to_mfn(root).v, 0), 0);
    CU_ASSERT_EQUAL(host_counters.root_loads, 1); /* the same: a flush */
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_BASEPTR, page_to_mfn(leaf2).v, 0), -EINVAL);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_BASEPTR, 0, 0), -EINVAL);
    CU_ASSERT_EQUAL(v->arch.kernel_root.v, page_to_mfn(root).v);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_USER_BASEPTR, page_to_mfn(c.table[4]).v, 0), 0);
    CU_ASSERT_EQUAL(typed(c.table[4]), 1);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    CU_ASSERT_EQUAL(typed(c.table[4]), 0);
    end();
}

/* What went past the caches must not be hidden by them from who has the frame next. */
static void cacheability(void)
{
    struct page_info *pg;
    unsigned int flushes;

    begin();
    pg = new_page(d);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 9), entry_for(pg, RW | PTE_PCD), DOMID_SELF), -EINVAL);
    d->arch.has_devices = true;
    flushes = host_counters.cache_flushes;
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 9), entry_for(pg, RW | PTE_PCD), DOMID_SELF), 0);
    CU_ASSERT_EQUAL(host_counters.cache_flushes, flushes);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 9), entry_for(pg, RW), DOMID_SELF), 0);
    CU_ASSERT_EQUAL(host_counters.cache_flushes, flushes + 1);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 9), 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(host_counters.cache_flushes, flushes + 1);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 9), entry_for(pg, RO | PTE_PAT), DOMID_SELF), 0);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 9), 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(host_counters.cache_flushes, flushes + 2);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 9), entry_for(pg, RW | PTE_PWT), DOMID_SELF), 0);
    end(); /* death lets go of it */
    CU_ASSERT_EQUAL(host_counters.cache_flushes, flushes + 3);
}

/* A root has the M2P when it was a kernel's; as the programs' it loses that only if the guest wants it. */
static void m2p_in_roots(void)
{
    const uint64_t *root, shown = hv_root[HV_ROOT_SLOT_M2P];
    struct page_info *pg;
    uint64_t mfn;

    begin();
    pg = new_chain(d, VA, leaf2, RW).table[4];
    root = entries(pg);
    mfn = page_to_mfn(pg).v;
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn, 0), 0);
    CU_ASSERT_EQUAL(root[HV_ROOT_SLOT_M2P], 0);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_BASEPTR, mfn, 0), 0);
    CU_ASSERT_EQUAL(root[HV_ROOT_SLOT_M2P], shown);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn, 0), 0);
    CU_ASSERT_EQUAL(root[HV_ROOT_SLOT_M2P], shown);
    d->vm_assist = 1ull << VMASST_TYPE_m2p_strict;
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn, 0), 0);
    CU_ASSERT_EQUAL(root[HV_ROOT_SLOT_M2P], 0);
    d->vm_assist = 0;
    end();
}

static void the_rest_of_mmuext(void)
{
    uint8_t vcpus = 3;

    begin();
    memset(entries(leaf2), 0x77, PAGE_SIZE);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_COPY_PAGE, page_to_mfn(leaf).v, page_to_mfn(leaf2).v), 0);
    CU_ASSERT_EQUAL(entries(leaf)[511], 0x7777777777777777);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_CLEAR_PAGE, page_to_mfn(leaf).v, 0), 0);
    CU_ASSERT_EQUAL(entries(leaf)[511], 0);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_CLEAR_PAGE, page_to_mfn(c.table[1]).v, 0), -EINVAL);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_FLUSH_CACHE, 0, 0), -EACCES);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&vcpus), 0);
    CU_ASSERT_EQUAL(host_counters.last_flush.bits, 1);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, 0), -EINVAL);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_MARK_SUPER, 0, 0), -EOPNOTSUPP);
    CU_ASSERT_EQUAL(mmuext(14, 0, 0), -ENOSYS);
    CU_ASSERT_EQUAL(mmuext(1000, 0, 0), -ENOSYS);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_SET_LDT, 0x1001, 5), -EINVAL);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_SET_LDT, 0x1000, 8193), -EINVAL);
    end();
}

static void the_ldt_comes_in_when_used(void)
{
    begin();
    CU_ASSERT_EQUAL(write_l1(SLOT, entry_for(leaf, RO)), 0);
    CU_ASSERT_EQUAL(mmuext(MMUEXT_SET_LDT, VA, 100), 0);
    CU_ASSERT_FALSE(pv_ldt_fault(v, 100 * 8));
    CU_ASSERT_FALSE(pv_ldt_fault(v, PAGE_SIZE));
    CU_ASSERT(pv_ldt_fault(v, 99 * 8));
    CU_ASSERT_EQUAL(page_type_of(leaf->type), PGT_SEG_DESC);
    CU_ASSERT_NOT_EQUAL(host_ldt_window[0][0], 0);
    CU_ASSERT_EQUAL(write_l1(SLOT + 1, entry_for(leaf, RW)), -EBUSY);
    CU_ASSERT_EQUAL(write_l1(SLOT, 0), 0); /* unmapped: the LDT lets go of it */
    CU_ASSERT_EQUAL(host_ldt_window[0][0], 0);
    CU_ASSERT_EQUAL(general(leaf), 1);
    CU_ASSERT_EQUAL(write_l1(SLOT + 1, entry_for(leaf, RW)), 0);
    CU_ASSERT_FALSE(pv_ldt_fault(v, 0));
    end();
}

static void plain_writes(void)
{
    static uint8_t mov[16] = { 0x48, 0x89, 0x07 }, lock_btr[16] = { 0xf0, 0x48, 0x0f, 0xba, 0x37, 0x01 },
                   cmpxchg[16] = { 0xf0, 0x48, 0x0f, 0xb1, 0x0f }, clear_byte[16] = { 0xc6, 0x07, 0x00 };
    struct cpu_user_regs regs = { .rdi = 0x3008, .rip = (uint64_t)mov };

    begin();
    CU_ASSERT_EQUAL(write_l1(3, entry_for(c.table[1], RO)), 0); /* the table itself, at 0x3000 */
    regs.rax = entry_for(leaf2, RW);
    CU_ASSERT(pv_fault_fixup(v, 0x3008, 7, &regs));
    CU_ASSERT_EQUAL(*slot(1), entry_for(leaf2, RW));
    CU_ASSERT_EQUAL(regs.rip, (uint64_t)mov + 3);
    CU_ASSERT_EQUAL(typed(leaf2), 1);
    CU_ASSERT_EQUAL(typed(leaf), 0);
    regs.rip = (uint64_t)lock_btr; /* clear PTE_RW */
    CU_ASSERT(pv_fault_fixup(v, 0x3008, 7, &regs));
    CU_ASSERT_EQUAL(*slot(1), entry_for(leaf2, RO));
    CU_ASSERT_EQUAL(regs.rflags & 1, 1);
    CU_ASSERT_EQUAL(typed(leaf2), 0);
    regs.rip = (uint64_t)cmpxchg;
    regs.rax = 1;
    regs.rcx = entry_for(leaf, RW);
    CU_ASSERT(pv_fault_fixup(v, 0x3008, 7, &regs)); /* not what is there: rax gets it */
    CU_ASSERT_EQUAL(regs.rax, entry_for(leaf2, RO));
    regs.rip = (uint64_t)cmpxchg;
    CU_ASSERT(pv_fault_fixup(v, 0x3008, 7, &regs));
    CU_ASSERT_EQUAL(*slot(1), entry_for(leaf, RW));
    regs.rip = (uint64_t)clear_byte;
    CU_ASSERT(pv_fault_fixup(v, 0x3008, 7, &regs));
    CU_ASSERT_EQUAL(*slot(1), entry_for(leaf, 0));
    CU_ASSERT_EQUAL(general(leaf), 1);

    regs.rip = (uint64_t)mov;
    regs.rax = entry_for(c.table[1], RW);
    CU_ASSERT_FALSE(pv_fault_fixup(v, 0x3008, 7, &regs)); /* not valid: the guest's fault */
    CU_ASSERT_EQUAL(regs.rip, (uint64_t)mov);
    CU_ASSERT_FALSE(pv_fault_fixup(v, 0x3010, 7, &regs)); /* not the operand's address */
    CU_ASSERT_FALSE(pv_fault_fixup(v, 0x3008, 5, &regs)); /* a read */
    regs.rdi = 0x300c;
    CU_ASSERT_FALSE(pv_fault_fixup(v, 0x300c, 7, &regs)); /* across two entries */
    CU_ASSERT_EQUAL(write_l1(4, entry_for(c.table[2], RO)), 0);
    regs.rdi = 0x4008;
    CU_ASSERT_FALSE(pv_fault_fixup(v, 0x4008, 7, &regs)); /* an L2 table is for hypercalls only */
    v->arch.guest_kernel = false;
    regs.rdi = 0x3008;
    regs.rax = 0;
    CU_ASSERT_FALSE(pv_fault_fixup(v, 0x3008, 7, &regs)); /* a user program */
    v->arch.guest_kernel = true;
    end();
}

static void grants(void)
{
    struct page_info *theirs;
    uint64_t pte;

    begin();
    theirs = new_page(other);
    CU_ASSERT_EQUAL(page_get_and_type(theirs, other, PGT_WRITABLE), 0);
    CU_ASSERT_EQUAL(arch_grant_map(v, VA, page_to_mfn(theirs), GNTMAP_host_map), GNTST_okay);
    CU_ASSERT_EQUAL(*slot(SLOT) & (PTE_ADDR_MASK | PTE_P | PTE_RW), entry_for(theirs, PTE_P | PTE_RW));
    CU_ASSERT_EQUAL(typed(leaf), 0);
    CU_ASSERT_EQUAL(arch_grant_map(v, 0x40000000, page_to_mfn(theirs), GNTMAP_host_map), GNTST_general_error);
    CU_ASSERT_EQUAL(arch_grant_unmap(v, VA, page_to_mfn(leaf), 0, GNTMAP_host_map), GNTST_general_error);
    CU_ASSERT_EQUAL(arch_grant_unmap(v, VA, page_to_mfn(theirs), 0, GNTMAP_host_map | GNTMAP_readonly),
                    GNTST_general_error);
    CU_ASSERT_EQUAL(arch_grant_unmap(v, VA, page_to_mfn(theirs), 0, GNTMAP_host_map), GNTST_okay);
    CU_ASSERT_EQUAL(*slot(SLOT), 0);
    CU_ASSERT_EQUAL(general(theirs), 2); /* given back to us */
    pte = entry_address(c.table[1], 9);
    CU_ASSERT_EQUAL(arch_grant_map(v, pte, page_to_mfn(theirs), GNTMAP_host_map | GNTMAP_contains_pte), GNTST_okay);
    CU_ASSERT_EQUAL(arch_grant_map(v, entry_address(leaf, 9), page_to_mfn(theirs),
                                   GNTMAP_host_map | GNTMAP_contains_pte), GNTST_general_error);
    /* Overwritten by other means: the references went with the entry, and unmapping finds nothing. */
    CU_ASSERT_EQUAL(mmu_update(pte, 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(general(theirs), 1);
    CU_ASSERT_EQUAL(arch_grant_unmap(v, pte, page_to_mfn(theirs), 0, GNTMAP_host_map | GNTMAP_contains_pte),
                    GNTST_general_error);
    /* Unmap and replace. */
    CU_ASSERT_EQUAL(page_get_and_type(theirs, other, PGT_WRITABLE), 0);
    CU_ASSERT_EQUAL(arch_grant_map(v, VA, page_to_mfn(theirs), GNTMAP_host_map), GNTST_okay);
    CU_ASSERT_EQUAL(write_l1(SLOT + 1, entry_for(leaf, RW)), 0);
    CU_ASSERT_EQUAL(arch_grant_unmap(v, VA, page_to_mfn(theirs), VA + PAGE_SIZE, GNTMAP_host_map), GNTST_okay);
    CU_ASSERT_EQUAL(*slot(SLOT), entry_for(leaf, RW));
    CU_ASSERT_EQUAL(*slot(SLOT + 1), 0);
    CU_ASSERT_EQUAL(typed(leaf), 1);
    page_put_and_type(theirs);
    end();
}

const struct unit_test unit_tests[] = {
    { "references follow an entry as it changes", references_follow_the_entry },
    { "accessed and dirty bits are kept on request", accessed_and_dirty_are_kept_on_request },
    { "entries of upper levels, and hv's slots", upper_levels },
    { "plain pages can be written, strangers' not", plain_pages_and_strangers },
    { "privilege reaches others' frames and tables", privilege_reaches_others },
    { "batches stop where they fail", batches },
    { "a long batch is continued", a_batch_continues },
    { "removing much is continued", removing_much_continues },
    { "update_va_mapping", by_address },
    { "roots hold their references", roots },
    { "roots of kernels have the M2P", m2p_in_roots },
    { "a mapping that was not write-back is flushed when it goes", cacheability },
    { "the rest of mmuext_op", the_rest_of_mmuext },
    { "LDT frames come in by use and go when unmapped", the_ldt_comes_in_when_used },
    { "plain writes to an L1 table", plain_writes },
    { "grants in page tables", grants },
    { NULL, NULL },
};
