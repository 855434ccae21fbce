/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What CPUID says to a guest's kernel. A PV kernel asks with the forced-emulation prefix, so it can be given
 * a view: what hv switches and keeps apart between guests is shown, by a list of bits per register; all else,
 * known or yet to be invented, is not. (User programs execute CPUID itself and see the machine.)
 */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/pv.h>
#include <public/arch-x86/cpuid.h>
#include <public/hv.h>

#define BIT(n) (1u << (n))

#define HYPERVISOR_LEAVES 0x40000000u
#define LEAF_XSAVE 0xdu
#define LEAF_LAST_BASIC 0xdu
#define LEAF_LAST_EXTENDED 0x80000008u

/* 1.ecx: SSE3 PCLMUL SSSE3 FMA CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE OSXSAVE AVX F16C RDRAND */
#define SHOWN_1C 0x7ed83203u
/* 1.edx: FPU DE TSC MSR PAE CX8 APIC SEP CMOV PAT CLFSH MMX FXSR SSE SSE2 SS */
#define SHOWN_1D 0x0f898b75u
/* 7.ebx: FSGSBASE BMI1 AVX2 BMI2 ERMS AVX512F,DQ RDSEED ADX IFMA CLFLUSHOPT CLWB PF ER CD SHA BW VL */
#define SHOWN_7B 0xfdaf0329u
/* 7.ecx: PREFETCHWT1 VBMI VBMI2 GFNI VAES VPCLMUL VNNI BITALG VPOPCNTDQ RDPID CLDEMOTE */
#define SHOWN_7C 0x02405f43u
/* 7.edx: 4VNNIW 4FMAPS FSRM VP2INTERSECT MD_CLEAR SERIALIZE */
#define SHOWN_7D 0x0000451cu
/* 80000001.ecx: LAHF ABM SSE4A MISALIGNSSE PREFETCHW XOP FMA4 TBM */
#define SHOWN_EXT1C 0x002109e1u
/* 80000001.edx: as 1.edx, SYSCALL NX MMXEXT RDTSCP LM 3DNOW+ 3DNOW */
#define SHOWN_EXT1D (0xe8500800u | (SHOWN_1D & 0x0183f3ffu))

#define AVX512_7B (BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31))
#define AVX512_7C (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
#define AVX512_7D (BIT(2) | BIT(3) | BIT(8))

/* Leaves shown as the machine has them but for these masks; what has no row is all zero. */
static const struct shown {
    uint32_t leaf, a, b, c, d;
} shown[] = {
    { 0, 0, ~0u, ~0u, ~0u },
    { 1, ~0u, 0x0000ff00, SHOWN_1C, SHOWN_1D },
    { 2, ~0u, ~0u, ~0u, ~0u },
    { 4, 0x3ff, ~0u, ~0u, ~0u },
    { 7, 0, SHOWN_7B, SHOWN_7C, SHOWN_7D },
    { 0x80000000, 0, ~0u, ~0u, ~0u },
    { 0x80000001, ~0u, ~0u, SHOWN_EXT1C, SHOWN_EXT1D },
    { 0x80000002, ~0u, ~0u, ~0u, ~0u },
    { 0x80000003, ~0u, ~0u, ~0u, ~0u },
    { 0x80000004, ~0u, ~0u, ~0u, ~0u },
    { 0x80000005, ~0u, ~0u, ~0u, ~0u },
    { 0x80000006, ~0u, ~0u, ~0u, ~0u },
    { 0x80000008, 0xff, BIT(0) | BIT(2), 0, 0 },
};

static struct cpuid_regs masked(uint32_t leaf, uint32_t subleaf)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(shown); i++)
        if (shown[i].leaf == leaf) {
            struct cpuid_regs r = cpuid_count(leaf, subleaf);

            r.a &= shown[i].a;
            r.b &= shown[i].b;
            r.c &= shown[i].c;
            r.d &= shown[i].d;
            return r;
        }
    return (struct cpuid_regs){ 0 };
}

/* What hv does not use or the CPU's list alone does not decide. */
static void adjust_features(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
    switch (leaf) {
    case 1:
        r->b |= v->id * 2u << 24; /* APIC id */
        r->c |= BIT(31);          /* runs under a hypervisor */
        if (!cpu_features.xsave)
            r->c &= ~(BIT(26) | BIT(27) | BIT(28) | BIT(12) | BIT(29));
        break;
    case 7:
        if (subleaf) {
            *r = (struct cpuid_regs){ 0 };
            break;
        }
        if (!cpu_features.fsgsbase)
            r->b &= ~BIT(0);
        if (!(cpu_features.xcr0 & BIT(2)))
            r->b &= ~BIT(5);
        if (!(cpu_features.xcr0 & BIT(5))) {
            r->b &= ~AVX512_7B;
            r->c &= ~AVX512_7C;
            r->d &= ~AVX512_7D;
        }
        break;
    case 0x80000001:
        if (!cpu_features.nx)
            r->d &= ~BIT(20);
        if (!cpu_features.rdtscp)
            r->d &= ~BIT(27);
        break;
    case 0x80000008:
        r->a |= 48 << 8;
        break;
    }
}

static struct cpuid_regs xsave_leaf(uint32_t subleaf)
{
    struct cpuid_regs r;

    if (!cpu_features.xsave || subleaf > 63)
        return (struct cpuid_regs){ 0 };
    r = cpuid_count(LEAF_XSAVE, subleaf);
    if (subleaf == 0)
        return (struct cpuid_regs){ (uint32_t)cpu_features.xcr0, r.b, cpu_features.xsave_size,
                                    (uint32_t)(cpu_features.xcr0 >> 32) };
    if (subleaf == 1) /* XSAVEOPT, XSAVEC, XGETBV of 1; XSAVES has state that is not switched */
        return (struct cpuid_regs){ r.a & (cpu_features.xsaveopt ? 7 : 6), 0, 0, 0 };
    if (cpu_features.xcr0 >> subleaf & 1)
        return (struct cpuid_regs){ r.a, r.b, 0, 0 };
    return (struct cpuid_regs){ 0 };
}

static struct cpuid_regs time_leaf(const struct vcpu *v, uint32_t subleaf)
{
    const struct vcpu_time_info *t = &v->info->time;

    switch (subleaf) {
    case 0:
        return (struct cpuid_regs){
            (cpu_features.invariant_tsc ? BIT(1) : 0) | (cpu_features.rdtscp ? BIT(2) : 0),
            v->domain->arch.tsc_mode, clock_tsc_khz(), 0,
        };
    case 1:
        return (struct cpuid_regs){ 0, 0, t->tsc_to_system_mul, (uint32_t)(int32_t)t->tsc_shift };
    case 2:
        return (struct cpuid_regs){ clock_tsc_khz(), 0, 0, 0 };
    default:
        return (struct cpuid_regs){ 0 };
    }
}

static struct cpuid_regs hypervisor_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
    switch (leaf) {
    case XEN_CPUID_LEAF(0):
        return (struct cpuid_regs){ XEN_CPUID_LEAF(XEN_CPUID_MAX_NUM_LEAVES), XEN_CPUID_SIGNATURE_EBX,
                                    XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX };
    case XEN_CPUID_LEAF(1):
        return (struct cpuid_regs){ 4 << 16 | 17, 0, 0, 0 };
    case XEN_CPUID_LEAF(2):
        return (struct cpuid_regs){ 1, PV_MSR_HYPERCALL_PAGE, XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD, 0 };
    case XEN_CPUID_LEAF(3):
        return time_leaf(v, subleaf);
    case XEN_CPUID_LEAF(5):
        return (struct cpuid_regs){ 0, 64u - (unsigned int)__builtin_clzll(max_mfn.v) + PAGE_SHIFT, 0, 0 };
    case HV_CPUID_LEAF(0):
        return (struct cpuid_regs){ HV_CPUID_LEAF(HV_CPUID_MAX_NUM_LEAVES), HV_CPUID_SIGNATURE_EBX,
                                    HV_CPUID_SIGNATURE_ECX, HV_CPUID_SIGNATURE_EDX };
    case HV_CPUID_LEAF(1):
        return (struct cpuid_regs){ pv_features(), 0, 0, 0 };
    default:
        return (struct cpuid_regs){ 0 };
    }
}

struct cpuid_regs pv_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_regs r;

    if ((leaf & 0xffff0000) == HYPERVISOR_LEAVES)
        return hypervisor_leaf(v, leaf, subleaf);
    if (leaf == LEAF_XSAVE)
        return xsave_leaf(subleaf);
    r = masked(leaf, subleaf);
    if (leaf == 0)
        r.a = min(cpu_features.max_leaf, LEAF_LAST_BASIC);
    if (leaf == 0x80000000)
        r.a = min(cpu_features.max_ext_leaf, LEAF_LAST_EXTENDED);
    if ((leaf < 0x80000000 && leaf > cpu_features.max_leaf) || leaf > LEAF_LAST_EXTENDED)
        return (struct cpuid_regs){ 0 };
    adjust_features(v, leaf, subleaf, &r);
    return r;
}
