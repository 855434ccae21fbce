/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs with the fault named L1TF use the address in an entry that is not present to look into the level 1
 * data cache, so a guest could read what lies there of others' memory. Unprivileged guests on such CPUs may
 * not have entries that point into RAM; a kernel that knows of the fault inverts the addresses that it keeps
 * in them, and never notices.
 *
 * Intel CPUs from 2008 on have it, until those that say RDCL_NO in IA32_ARCH_CAPABILITIES. Atom cores do not.
 */
#include <arch/cpu.h>
#include <arch/pv_mm.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

#define MSR_ARCH_CAPABILITIES 0x10au
#define RDCL_NO 1u

static bool opt_pv_l1tf = true;
OPTION_BOOL(opt_pv_l1tf, "pv-l1tf");

/* Out-of-order Atoms and Xeon Phi, by model; in-order ones are older than family 6 model 0x37. */
static bool is_atom(uint8_t model)
{
    static const uint8_t models[] = { 0x1c, 0x26, 0x27, 0x35, 0x36, 0x37, 0x4a, 0x4c, 0x4d, 0x57, 0x5a, 0x5c, 0x5d,
                                      0x5f, 0x75, 0x7a, 0x85, 0x86, 0x96, 0x9c };

    for (unsigned int i = 0; i < ARRAY_SIZE(models); i++)
        if (models[i] == model)
            return true;
    return false;
}

static bool cpu_leaks(void)
{
    if (strcmp(cpu_features.vendor, "GenuineIntel") || cpu_features.family != 6 || is_atom(cpu_features.model))
        return false;
    if (cpu_features.max_leaf >= 7 && cpuid_count(7, 0).d >> 29 & 1 && rdmsr(MSR_ARCH_CAPABILITIES) & RDCL_NO)
        return false;
    return true;
}

void pv_l1tf_init(void)
{
    if (!cpu_leaks())
        return;
    printk(LOG_INFO, "L1TF: entries that are not present are %s\n", opt_pv_l1tf ? "checked" : "not checked");
    if (opt_pv_l1tf)
        pv_l1tf_limit = mfn_to_maddr(max_mfn).v;
}
