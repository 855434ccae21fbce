/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MSRs that a guest's kernel may touch, one row each. What has no row does not exist (#GP), which kernels
 * are prepared for. Reads never show another guest's state, and no write reaches the machine but to the
 * vCPU's own.
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/page.h>

#define MSR_PLATFORM_ID 0x17u
#define MSR_UCODE_REV 0x8bu
#define MSR_DEBUGCTL 0x1d9u
#define MSR_AMD_HWCR 0xc0010015u
#define MSR_AMD_DE_CFG 0xc0011029u
#define DE_CFG_LFENCE_SERIALISES 2u
#define APIC_BASE_PHYS 0xfee00000u
#define APIC_BASE_ENABLED (1u << 11)
#define APIC_BASE_BSP (1u << 8)

struct msr_row {
    uint32_t msr;
    bool (*read)(struct vcpu *v, uint32_t msr, uint64_t *value);
    bool (*write)(struct vcpu *v, uint32_t msr, uint64_t value); /* NULL: #GP */
};

/* An MSR that this CPU may not have. */
static bool rdmsr_safe(uint32_t msr, uint64_t *value)
{
    uint32_t lo, hi;
    bool ok = true;

    __asm__ volatile("1: rdmsr\n"
                     "2:\n"
                     ".pushsection .text.fixup,\"ax\"\n"
                     "3: xor %k0, %k0\n"
                     "xor %%eax, %%eax\n"
                     "xor %%edx, %%edx\n"
                     "jmp 2b\n"
                     ".popsection\n" EXTABLE(1b, 3b) : "+r"(ok), "=a"(lo), "=d"(hi) : "c"(msr));
    *value = lo | (uint64_t)hi << 32;
    return ok;
}

static bool read_machine(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    return rdmsr_safe(msr, value);
}

static bool read_zero(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    (void)msr;
    *value = 0;
    return true;
}

static bool write_nothing(struct vcpu *v, uint32_t msr, uint64_t value)
{
    (void)v;
    (void)msr;
    (void)value;
    return true;
}

static bool write_zero_only(struct vcpu *v, uint32_t msr, uint64_t value)
{
    (void)v;
    (void)msr;
    return value == 0;
}

static bool read_apic_base(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)msr;
    *value = APIC_BASE_PHYS | APIC_BASE_ENABLED | (v->id ? 0 : APIC_BASE_BSP);
    return true;
}

static bool read_efer(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    *value = rdmsr(msr) & (EFER_SCE | EFER_LME | EFER_LMA | EFER_NX);
    return true;
}

static bool write_efer(struct vcpu *v, uint32_t msr, uint64_t value)
{
    uint64_t now;

    return read_efer(v, msr, &now) && value == now;
}

static bool read_pat(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    (void)msr;
    *value = HV_PAT;
    return cpu_features.has_pat;
}

static bool write_pat(struct vcpu *v, uint32_t msr, uint64_t value)
{
    (void)v;
    (void)msr;
    return cpu_features.has_pat && value == HV_PAT;
}

/* FS, GS and the other GS base: the machine's registers are the vCPU's. */
static bool read_base(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    *value = rdmsr(msr);
    return true;
}

static bool write_base(struct vcpu *v, uint32_t msr, uint64_t value)
{
    (void)v;
    if (!is_canonical(value))
        return false;
    wrmsr(msr, value);
    return true;
}

static bool read_tsc_aux(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)msr;
    *value = v->arch.tsc_aux;
    return cpu_features.rdtscp;
}

static bool write_tsc_aux(struct vcpu *v, uint32_t msr, uint64_t value)
{
    if (!cpu_features.rdtscp || value >> 32)
        return false;
    v->arch.tsc_aux = value;
    wrmsr(msr, value);
    return true;
}

static bool read_tsc(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    (void)msr;
    *value = rdtsc();
    return true;
}

static bool is_amd(void) { return cpu_features.vendor[0] == 'A' || cpu_features.vendor[0] == 'H'; }

static bool read_de_cfg(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    (void)msr;
    *value = DE_CFG_LFENCE_SERIALISES;
    return is_amd();
}

static bool read_hwcr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    (void)v;
    (void)msr;
    *value = 0;
    return is_amd();
}

/* Value: the frame's address, and which page of hypercall stubs in the low bits. */
static bool write_hypercall_page(struct vcpu *v, uint32_t msr, uint64_t value)
{
    mfn_t mfn = maddr_to_mfn(MADDR(value));

    (void)msr;
    if ((value & ~PAGE_MASK) || !mfn_valid(mfn) ||
        page_get_and_type(mfn_to_page(mfn), v->domain, PGT_WRITABLE))
        return false;
    pv_hypercall_page_init(mfn_to_virt(mfn));
    page_put_and_type(mfn_to_page(mfn));
    return true;
}

static const struct msr_row rows[] = {
    { MSR_TSC, read_tsc, NULL },
    { MSR_PLATFORM_ID, read_machine, NULL },
    { MSR_APIC_BASE, read_apic_base, write_nothing },
    { MSR_UCODE_REV, read_machine, write_nothing },
    { MSR_MISC_ENABLE, read_machine, write_nothing },
    { MSR_DEBUGCTL, read_zero, write_zero_only },
    { MSR_PAT, read_pat, write_pat },
    { PV_MSR_HYPERCALL_PAGE, read_zero, write_hypercall_page },
    { MSR_EFER, read_efer, write_efer },
    { MSR_FS_BASE, read_base, write_base },
    { MSR_GS_BASE, read_base, write_base },
    { MSR_KERNEL_GS_BASE, read_base, write_base },
    { MSR_TSC_AUX, read_tsc_aux, write_tsc_aux },
    { MSR_AMD_HWCR, read_hwcr, write_zero_only },
    { MSR_AMD_DE_CFG, read_de_cfg, write_nothing },
};

static const struct msr_row *find(uint32_t msr)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].msr == msr)
            return &rows[i];
    return NULL;
}

bool pv_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct msr_row *row = find(msr);

    return row && row->read(v, msr, value);
}

bool pv_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    const struct msr_row *row = find(msr);

    return row && row->write && row->write(v, msr, value);
}
