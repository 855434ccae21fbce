/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which features the processor has, and switching them on. Decided once, on the boot CPU; another CPU either
 * has them all or stays off, so that hv and its guests may be moved freely between CPUs.
 */
#include <arch/cpu.h>
#include <arch/paging.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

struct cpu_features cpu_features;
uint64_t pte_nx;

static bool use_smep = true, use_smap = true, use_umip = true, use_fsgsbase = true, use_xsave = true;
OPTION_BOOL(use_smep, "smep");
OPTION_BOOL(use_smap, "smap");
OPTION_BOOL(use_umip, "umip");
OPTION_BOOL(use_fsgsbase, "fsgsbase");
OPTION_BOOL(use_xsave, "xsave");

static void find_xsave(struct cpu_features *f)
{
    struct cpuid_regs r = cpuid_count(0xd, 0);
    uint32_t size = 576; /* legacy area and header */

    /* x87, SSE, AVX, AVX-512 (all of its three or none). No protection keys: PV guests have none. */
    f->xcr0 = (r.a | (uint64_t)r.d << 32) & 0xe7;
    if ((f->xcr0 & 0xe0) != 0xe0)
        f->xcr0 &= ~0xe0ull;
    for (unsigned int i = 2; i < 63; i++)
        if (f->xcr0 >> i & 1) {
            struct cpuid_regs c = cpuid_count(0xd, i);

            size = max(size, c.a + c.b);
        }
    f->xsave_size = size;
    f->xsaveopt = cpuid_count(0xd, 1).a & 1;
}

static void find_address_bits(struct cpu_features *f)
{
    f->phys_bits = f->max_ext_leaf >= 0x80000008 ? cpuid(0x80000008).a & 0xff : 36;
    if (f->phys_bits > 52)
        f->phys_bits = 52;
}

void cpu_features_init(void)
{
    struct cpu_features *f = &cpu_features;
    struct cpuid_regs r = cpuid(0), l7 = { 0 };

    f->max_leaf = r.a;
    memcpy(f->vendor, &r.b, 4);
    memcpy(f->vendor + 4, &r.d, 4);
    memcpy(f->vendor + 8, &r.c, 4);
    f->max_ext_leaf = cpuid(0x80000000).a;

    r = cpuid(1);
    f->stepping = r.a & 15;
    f->model = (r.a >> 4 & 15) | (r.a >> 12 & 0xf0);
    f->family = (r.a >> 8 & 15) + ((r.a >> 8 & 15) == 15 ? r.a >> 20 & 0xff : 0);
    f->pge = r.d >> 13 & 1;
    f->sep = r.d >> 11 & 1;
    f->has_pat = r.d >> 16 & 1;
    f->mce = r.d >> 7 & 1;
    f->x2apic = r.c >> 21 & 1;
    f->tsc_deadline = r.c >> 24 & 1;
    f->xsave = (r.c >> 26 & 1) && use_xsave && f->max_leaf >= 0xd;
    if (f->max_leaf >= 7)
        l7 = cpuid_count(7, 0);
    f->fsgsbase = (l7.b & 1) && use_fsgsbase;
    f->smep = (l7.b >> 7 & 1) && use_smep;
    f->smap = (l7.b >> 20 & 1) && use_smap;
    f->umip = (l7.c >> 2 & 1) && use_umip;

    r = cpuid(0x80000001);
    f->nx = r.d >> 20 & 1;
    f->page1g = r.d >> 26 & 1;
    f->rdtscp = r.d >> 27 & 1;
    f->invariant_tsc = f->max_ext_leaf >= 0x80000007 && (cpuid(0x80000007).d >> 8 & 1);
    find_address_bits(f);
    f->xsave_size = 512;
    if (f->xsave)
        find_xsave(f);

    f->cr4 = CR4_DE | CR4_PSE | CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT | (f->mce ? CR4_MCE : 0) |
             (f->pge ? CR4_PGE : 0) | (f->smep ? CR4_SMEP : 0) | (f->smap ? CR4_SMAP : 0) |
             (f->umip ? CR4_UMIP : 0) |
             (f->fsgsbase ? CR4_FSGSBASE : 0) | (f->xsave ? CR4_OSXSAVE : 0);
    pte_nx = f->nx ? PTE_NX : 0;
}

static bool cpu_has_all(const struct cpu_features *f)
{
    struct cpuid_regs r = cpuid(1), l7 = { 0 }, e = cpuid(0x80000001);

    if (f->max_leaf >= 7 && cpuid(0).a >= 7)
        l7 = cpuid_count(7, 0);
    return (!f->nx || (e.d >> 20 & 1)) && (!f->page1g || (e.d >> 26 & 1)) && (!f->pge || (r.d >> 13 & 1)) &&
           (!f->smep || (l7.b >> 7 & 1)) && (!f->smap || (l7.b >> 20 & 1)) && (!f->umip || (l7.c >> 2 & 1)) &&
           (!f->fsgsbase || (l7.b & 1)) && (!f->xsave || (r.c >> 26 & 1)) && 
           (!f->rdtscp || (e.d >> 27 & 1)) &&
           (!f->x2apic || (r.c >> 21 & 1)) && (!f->tsc_deadline || (r.c >> 24 & 1)) &&
           (!f->xsave || ((cpuid_count(0xd, 0).a & f->xcr0) == (uint32_t)f->xcr0));
}

bool cpu_features_apply(void)
{
    const struct cpu_features *f = &cpu_features;

    if (!cpu_has_all(f))
        return false;
    wrmsr(MSR_EFER, (rdmsr(MSR_EFER) | EFER_SCE | (f->nx ? EFER_NX : 0)));
    write_cr0(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
    write_cr4(f->cr4);
    if (f->has_pat)
        wrmsr(MSR_PAT, HV_PAT);
    if (f->xsave)
        xsetbv(0, f->xcr0);
    if (f->sep)
        wrmsr(MSR_SYSENTER_CS, 0);
    return true;
}
