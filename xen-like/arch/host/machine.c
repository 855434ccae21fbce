/* SPDX-License-Identifier: GPL-2.0-only */
/* RAM, the frame table and the M2P as arrays, and what is left of a machine. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <arch/paging.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/heap.h>
#include <hv/time.h>

#include "host.h"

char *host_ram;
struct page_info *host_frames;
uint64_t host_first_mfn = HOST_FIRST_MFN;
static uint64_t *m2p;
static unsigned int nr_frames;

mfn_t max_mfn;
uint64_t hv_root[512];
uint64_t pte_nx = PTE_NX;
uint64_t host_iomem_first, host_iomem_last;
struct host_counters host_counters;
size_t host_copy_limit;

static void *fresh(void *old, size_t old_size, size_t size)
{
    void *p;

    if (old)
        munmap(old, old_size);
    p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        abort();
    return p;
}

void host_reset(unsigned int n)
{
    unsigned int all = HOST_FIRST_MFN + n, was = HOST_FIRST_MFN + nr_frames;

    host_ram = fresh(host_ram, (size_t)was * PAGE_SIZE, (size_t)all * PAGE_SIZE);
    host_frames = fresh(host_frames, was * sizeof(*host_frames), all * sizeof(*host_frames));
    m2p = fresh(m2p, was * sizeof(*m2p), all * sizeof(*m2p));
    nr_frames = n;
    max_mfn = MFN(all);
    for (unsigned int i = HV_ROOT_SLOT_FIRST; i <= HV_ROOT_SLOT_LAST; i++)
        hv_root[i] = 0xdead000ul << 12 | i << 12 | PTE_P;
    for (unsigned int i = 0; i < all; i++)
        host_frames[i].owner = DOMID_INVALID;
    host_iomem_first = all + 0x100;
    host_iomem_last = all + 0x1ff;
    memset(&host_counters, 0, sizeof(host_counters));
    memset(host_work, 0, sizeof(host_work));
    host_current = NULL;
    host_cpu = 0;
    host_online = cpumask_of(0);
    host_copy_limit = SIZE_MAX;
    host_preempt_after = -1;
    host_relax_hook = host_flush_hook = NULL;
    host_domain_init_hook = NULL;
    host_now = SECONDS(1);
    heap_forget_all();
    page_owner_forget_all();
    page_alloc_init();
    page_alloc_add(mfn_to_maddr(MFN(HOST_FIRST_MFN)), mfn_to_maddr(max_mfn));
}

mfn_t virt_to_mfn(const void *va) { return MFN((size_t)((const char *)va - host_ram) >> PAGE_SHIFT); }
uint64_t *host_table(mfn_t mfn) { return mfn_to_virt(mfn); }

void m2p_set(mfn_t mfn, pfn_t pfn) { m2p[mfn.v] = pfn.v; }
pfn_t m2p_get(mfn_t mfn) { return PFN(m2p[mfn.v]); }

bool arch_iomem_frame_readonly(mfn_t mfn) { return (void)mfn, false; }
bool arch_iomem_frame_ok(mfn_t mfn) { return mfn.v >= host_iomem_first && mfn.v <= host_iomem_last; }

long arch_memory_op(unsigned int op, unsigned long arg)
{
    (void)op;
    (void)arg;
    return -ENOSYS;
}
