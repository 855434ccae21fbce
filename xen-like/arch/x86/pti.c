/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page-table isolation, for CPUs that read on a guess what they have no right to (Meltdown). hv maps all RAM in every
 * address space, guarded by permission alone, which does not stop them. There each CPU has a root of its own that it
 * loads for the time that a guest runs: a copy of the guest's without the direct map and the frame table. What stays
 * is what the CPU needs to come back: hv's image and the CPUs' windows, with descriptor tables and stacks. (guards.S)
 *
 * A copy is as good as the table it was made of: each change of a root in use raises pti_version, and a CPU that leaves
 * hv with another version, or another root, than it last copied copies again. A change is complete when all CPUs that run
 * the domain have been in hv since, so nobody runs on an entry that is gone, nor without one that is there.
 *
 * Translations of hv's own must not survive the change of roots: nothing is global then.
 */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/cpu_info.h>
#include <arch/layout.h>
#include <arch/paging.h>
#include <arch/pti.h>
#include <arch/smp.h>
#include <hv/arch.h>
#include <hv/domain.h>
#include <hv/page.h>
#include <hv/string.h>

bool pti;
uint64_t pti_version;

void pti_init(void)
{
    pti = true;
    cpu_features.cr4 &= ~CR4_PGE;
    write_cr4(cpu_features.cr4);
}

void pti_cpu_init(struct cpu_info *info)
{
    maddr_t at = boot_alloc(PAGE_SIZE, PAGE_SIZE, ~0ul); /* CPUs come up while hv starts */
    uint64_t *entries = mfn_to_virt(maddr_to_mfn(at));

    memset(entries, 0, PAGE_SIZE);
    entries[pt_index(HV_IMAGE_VIRT, 4)] = hv_root[pt_index(HV_IMAGE_VIRT, 4)];
    entries[pt_index(CPU_WINDOW_VIRT, 4)] = hv_root[pt_index(CPU_WINDOW_VIRT, 4)];
    info->guest_root_entries = entries;
    info->full_root = 0; /* nobody's */
    info->guest_root = at.v;
}

void pti_roots_changed(void) { __atomic_fetch_add(&pti_version, 1, __ATOMIC_SEQ_CST); }

static void come_into_hv(void *unused) { (void)unused; }

void pti_root_changed_in_use(const struct domain *d)
{
    pti_roots_changed();
    smp_call(cpumask_and(cpumask_read(&d->dirty_cpus), arch_online_cpus()), come_into_hv, NULL);
}
