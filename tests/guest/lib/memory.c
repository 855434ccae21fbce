/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * See memory.h. Invariant of the translations: inside the boot mapping virtual address = VIRT_BASE + pfn * 4096,
 * and p2m[] is the hypervisor's list until a test changes an entry with set_pfn_mfn().
 */
#include "guest.h"

#define POOL_PAGES 1024

static char pool[POOL_PAGES][4096] __attribute__((aligned(4096)));
static unsigned int pool_used;
static unsigned long *p2m;

void memory_init(void)
{
    p2m = (unsigned long *)start_info->mfn_list;
}

void *pages_alloc(unsigned int count)
{
    unsigned int first = __atomic_fetch_add(&pool_used, count, __ATOMIC_SEQ_CST);

    if (first + count > POOL_PAGES)
        bail("out of pages");
    return pool[first];
}

void *page_alloc(void)
{
    return pages_alloc(1);
}

unsigned long pfn_count(void)
{
    return start_info->nr_pages;
}

unsigned long pfn_to_mfn(unsigned long pfn)
{
    return p2m[pfn];
}

void set_pfn_mfn(unsigned long pfn, unsigned long mfn)
{
    p2m[pfn] = mfn;
}

unsigned long mfn_to_pfn(unsigned long mfn)
{
    return ((const unsigned long *)MACH2PHYS_VIRT_START)[mfn];
}

void *mfn_to_va(unsigned long mfn)
{
    return (void *)(VIRT_BASE + mfn_to_pfn(mfn) * PAGE_SIZE);
}

unsigned long va_to_pfn(const void *va)
{
    return ((unsigned long)va - VIRT_BASE) / PAGE_SIZE;
}

unsigned long va_to_mfn(const void *va)
{
    return pfn_to_mfn(va_to_pfn(va));
}

uint64_t va_to_machine(const void *va)
{
    return va_to_mfn(va) * PAGE_SIZE + (unsigned long)va % PAGE_SIZE;
}

uint64_t *boot_root(void)
{
    return (uint64_t *)start_info->pt_base;
}

uint64_t *entry_in(uint64_t *root, unsigned long va, unsigned int level)
{
    uint64_t *table = root;
    unsigned int l;

    for (l = 4; l > level; l--) {
        uint64_t entry = table[va >> (12 + 9 * (l - 1)) & 511];

        if (!(entry & PTE_PRESENT))
            return NULL;
        table = mfn_to_va((entry & PTE_FRAME) / PAGE_SIZE);
    }
    return &table[va >> (12 + 9 * (level - 1)) & 511];
}

uint64_t *entry_of(const void *va, unsigned int level)
{
    return entry_in(boot_root(), (unsigned long)va, level);
}

uint64_t entry_machine(const uint64_t *entry)
{
    return va_to_machine(entry);
}

long set_entry_machine(uint64_t machine_address, uint64_t value, unsigned int type)
{
    struct mmu_update req = { .ptr = machine_address | type, .val = value };
    unsigned int done;

    return hyp_mmu_update(&req, 1, &done, DOMID_SELF);
}

long set_entry(const uint64_t *entry, uint64_t value)
{
    return set_entry_machine(entry_machine(entry), value, MMU_NORMAL_PT_UPDATE);
}

long map_mfn(void *va, unsigned long mfn, uint64_t flags)
{
    return hyp_update_va_mapping((unsigned long)va, mfn * PAGE_SIZE | flags, UVMF_INVLPG | UVMF_ALL);
}

long map_ro(void *va)
{
    return map_mfn(va, va_to_mfn(va), PTE_RO);
}

long map_rw(void *va)
{
    return map_mfn(va, va_to_mfn(va), PTE_RW);
}

long map_none(void *va)
{
    return hyp_update_va_mapping((unsigned long)va, 0, UVMF_INVLPG | UVMF_ALL);
}

long mmuext(unsigned int cmd, unsigned long mfn)
{
    struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };
    unsigned int done;

    return hyp_mmuext_op(&op, 1, &done, DOMID_SELF);
}

long pin(unsigned int level, void *table)
{
    return mmuext(MMUEXT_PIN_L1_TABLE + level - 1, va_to_mfn(table));
}

long unpin(void *table)
{
    return mmuext(MMUEXT_UNPIN_TABLE, va_to_mfn(table));
}

void flush_tlb(void)
{
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0);
}

uint64_t *new_window(unsigned long *va)
{
    static unsigned int slots;
    unsigned long base = (1ul + slots++) << 39;
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc();

    l2[0] = va_to_mfn(l1) * PAGE_SIZE | PTE_TABLE;
    l3[0] = va_to_mfn(l2) * PAGE_SIZE | PTE_TABLE;
    if (map_ro(l1) || map_ro(l2) || map_ro(l3))
        bail("cannot make page tables read-only");
    if (set_entry(entry_of((void *)base, 4), va_to_mfn(l3) * PAGE_SIZE | PTE_TABLE))
        bail("cannot install an L3 table at %lx", base);
    *va = base;
    return l1;
}

/* The slots of the hypervisor, 256 to 271, stay empty: it fills in its own. */
uint64_t *clone_root(void)
{
    uint64_t *root = page_alloc();
    unsigned int i;

    for (i = 0; i < 512; i++)
        if (i < 256 || i > 271)
            root[i] = boot_root()[i];
    if (map_ro(root) || pin(4, root))
        bail("cannot pin a copy of the root table");
    return root;
}

void user_space_init(void)
{
    static uint64_t *user_root;

    if (!user_root)
        user_root = clone_root();
    if (mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(user_root)))
        bail("NEW_USER_BASEPTR failed");
}
