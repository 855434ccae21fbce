/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's descriptor tables and segment registers. The CPU's GDT and LDT lie in a window per CPU, whose
 * first pages are the guest's own frames; a frame is there only while it holds a PGT_SEG_DESC reference, so
 * that every descriptor in it has passed pv_descriptor_ok().
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#define DESC_SYSTEM_LDT 0x82ul /* present */
#define LDT_GDT_INDEX 12u      /* of hv's page: two entries */
#define DESCRIPTORS_PER_PAGE (PAGE_SIZE / 8)

/* --- GDT --- */

void pv_load_gdt(struct vcpu *v)
{
    struct cpu_info *info = cpu_info();
    unsigned int n = ROUND_DIV(v->arch.gdt_entries, DESCRIPTORS_PER_PAGE);

    for (unsigned int i = 0; i < n || i < info->gdt_frames; i++) {
        uint64_t pte = i < n ? mfn_to_maddr(v->arch.gdt_frame[i]).v | PTE_WINDOW_DESC : 0;

        cpu_window_set(info->cpu, i, pte);
        invlpg((const char *)CPU_WINDOW_GDT(info->cpu) + i * PAGE_SIZE);
    }
    info->gdt_frames = n;
}

void pv_drop_gdt(struct vcpu *v)
{
    unsigned int n = ROUND_DIV(v->arch.gdt_entries, DESCRIPTORS_PER_PAGE);

    v->arch.gdt_entries = 0;
    if (cpu_info()->loaded == v)
        pv_load_gdt(v);
    for (unsigned int i = 0; i < n; i++)
        page_put_and_type(mfn_to_page(v->arch.gdt_frame[i]));
}

int pv_set_gdt(struct vcpu *v, const uint64_t *frames, unsigned int entries)
{
    unsigned int n = ROUND_DIV(entries, DESCRIPTORS_PER_PAGE), got;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    for (got = 0; got < n; got++)
        if (!mfn_valid(MFN(frames[got])) ||
            page_get_and_type(mfn_to_page(MFN(frames[got])), v->domain, PGT_SEG_DESC))
            goto put;
    pv_drop_gdt(v);
    for (unsigned int i = 0; i < n; i++)
        v->arch.gdt_frame[i] = MFN(frames[i]);
    v->arch.gdt_entries = entries;
    if (cpu_info()->loaded == v)
        pv_load_gdt(v);
    return 0;
put:
    while (got--)
        page_put_and_type(mfn_to_page(MFN(frames[got])));
    return -EINVAL;
}

HYPERCALL(do_set_gdt) /* frames[], entries */
{
    uint64_t frames[GDT_GUEST_FRAMES];

    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (a2 > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    if (arch_copy_from_guest(frames, (const void *)a1,
                             ROUND_DIV(a2, DESCRIPTORS_PER_PAGE) * sizeof(frames[0])))
        return -EFAULT;
    return pv_set_gdt(current, frames, a2);
}

HYPERCALL(do_update_descriptor) /* machine address, descriptor */
{
    uint64_t desc = a2;
    mfn_t mfn = maddr_to_mfn(MADDR(a1));
    enum page_type type = PGT_WRITABLE;
    struct page_info *pg;

    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if ((a1 & 7) || !mfn_valid(mfn) || !pv_descriptor_ok(&desc))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, current->domain))
        return -EINVAL;
    if (READ_ONCE(pg->type) >> PGT_TYPE_SHIFT == PGT_SEG_DESC)
        type = PGT_SEG_DESC;
    if (page_get_type(pg, type)) {
        page_put(pg);
        return -EINVAL;
    }
    WRITE_ONCE(*(uint64_t *)((char *)mfn_to_virt(mfn) + (a1 & ~PAGE_MASK)), desc);
    page_put_and_type(pg);
    return 0;
}

/* --- LDT --- */

void pv_load_ldt(struct vcpu *v)
{
    struct cpu_info *info = cpu_info();
    uint64_t *slot = (uint64_t *)CPU_WINDOW_GDT(info->cpu) + FIRST_RESERVED_GDT_ENTRY + LDT_GDT_INDEX;
    uint64_t base = CPU_WINDOW_LDT(info->cpu);
    uint16_t selector = 0;

    if (v->arch.ldt_entries) {
        slot[0] = (v->arch.ldt_entries * 8u - 1) | (base & 0xffffff) << 16 | DESC_SYSTEM_LDT << 40 |
                  (base >> 24 & 0xff) << 56;
        slot[1] = base >> 32;
        selector = (FIRST_RESERVED_GDT_ENTRY + LDT_GDT_INDEX) * 8;
    }
    __asm__ volatile("lldt %0" : : "r"(selector) : "memory");
}

static void set_ldt_page(unsigned int cpu, unsigned int i, uint64_t pte)
{
    cpu_window_set(cpu, (CPU_WINDOW_LDT(0) - CPU_WINDOW_GDT(0)) / PAGE_SIZE + i, pte);
    invlpg((const char *)CPU_WINDOW_LDT(cpu) + i * PAGE_SIZE);
}

/*
 * What is hidden goes by what was shown, not by what v still has: another CPU may be taking frames from it.
 */
void pv_show_ldt_frames(const struct vcpu *v, bool show)
{
    struct cpu_info *info = cpu_info();

    for (unsigned int i = 0; show && v->arch.ldt_entries && i < LDT_GUEST_FRAMES; i++) {
        mfn_t mfn = READ_ONCE(v->arch.ldt_frame[i]);

        if (mfn.v) {
            info->ldt_frames |= 1u << i;
            set_ldt_page(info->cpu, i, mfn_to_maddr(mfn).v | PTE_WINDOW_DESC);
        }
    }
    for (; !show && info->ldt_frames; info->ldt_frames &= info->ldt_frames - 1)
        set_ldt_page(info->cpu, (unsigned int)__builtin_ctz(info->ldt_frames), 0);
}

/* --- registers --- */

static uint64_t read_fs_base(void)
{
    uint64_t base;

    if (!cpu_features.fsgsbase)
        return rdmsr(MSR_FS_BASE);
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

static uint64_t read_gs_base(void)
{
    uint64_t base;

    if (!cpu_features.fsgsbase)
        return rdmsr(MSR_GS_BASE);
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    return base;
}

static void write_fs_base(uint64_t base)
{
    if (cpu_features.fsgsbase)
        __asm__ volatile("wrfsbase %0" : : "r"(base));
    else
        wrmsr(MSR_FS_BASE, base);
}

static void write_gs_base(uint64_t base)
{
    if (cpu_features.fsgsbase)
        __asm__ volatile("wrgsbase %0" : : "r"(base));
    else
        wrmsr(MSR_GS_BASE, base);
}

/* The base that SWAPGS would bring. */
static uint64_t read_gs_shadow(void) { return rdmsr(MSR_KERNEL_GS_BASE); }
static void write_gs_shadow(uint64_t base) { wrmsr(MSR_KERNEL_GS_BASE, base); }

#define READ_SELECTOR(reg)                                                                                   \
    ({ uint16_t sel_; __asm__ volatile("mov %%" #reg ", %0" : "=r"(sel_)); sel_; })

/* False: the CPU refused it, and the register is null. */
#define LOAD_SELECTOR(reg, value)                                                                            \
    ({ bool ok_ = true;                                                                                      \
       __asm__ volatile("1: mov %w1, %%" #reg "\n"                                                           \
                        "2:\n"                                                                               \
                        ".pushsection .text.fixup,\"ax\"\n"                                                  \
                        "3: xor %k0, %k0\n"                                                                  \
                        "mov %k0, %%" #reg "\n"                                                              \
                        "jmp 2b\n"                                                                           \
                        ".popsection\n" EXTABLE(1b, 3b)                                                      \
                        : "+r"(ok_) : "r"((uint32_t)(value)) : "memory");                                    \
       ok_; })

static void save_selectors(struct vcpu *v)
{
    v->arch.ds = READ_SELECTOR(ds);
    v->arch.es = READ_SELECTOR(es);
    v->arch.fs = READ_SELECTOR(fs);
    v->arch.gs = READ_SELECTOR(gs);
}

void pv_segments_save(struct vcpu *v)
{
    uint64_t gs = read_gs_base(), shadow = read_gs_shadow();

    save_selectors(v);
    v->arch.fs_base = read_fs_base();
    v->arch.gs_base_kernel = v->arch.guest_kernel ? gs : shadow;
    v->arch.gs_base_user = v->arch.guest_kernel ? shadow : gs;
}

bool pv_segments_load(const struct vcpu *v)
{
    bool ok = true;

    if (READ_SELECTOR(ds) | v->arch.ds)
        ok &= LOAD_SELECTOR(ds, v->arch.ds);
    if (READ_SELECTOR(es) | v->arch.es)
        ok &= LOAD_SELECTOR(es, v->arch.es);
    if (READ_SELECTOR(fs) | v->arch.fs)
        ok &= LOAD_SELECTOR(fs, v->arch.fs);
    if (READ_SELECTOR(gs) | v->arch.gs)
        ok &= LOAD_SELECTOR(gs, v->arch.gs);
    write_fs_base(v->arch.fs_base); /* after the selectors, which bring a base of their own */
    write_gs_base(v->arch.guest_kernel ? v->arch.gs_base_kernel : v->arch.gs_base_user);
    write_gs_shadow(v->arch.guest_kernel ? v->arch.gs_base_user : v->arch.gs_base_kernel);
    return ok;
}

void pv_set_user_bases(const uint64_t *fs, const uint64_t *gs)
{
    if (fs)
        write_fs_base(*fs);
    if (gs)
        write_gs_shadow(*gs);
}

HYPERCALL(do_set_segment_base) /* SEGBASE_*, base or selector; from kernel mode */
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (a1 != SEGBASE_GS_USER_SEL && !is_canonical(a2))
        return -EINVAL;
    switch (a1) {
    case SEGBASE_FS:
        write_fs_base(a2);
        return 0;
    case SEGBASE_GS_USER:
        write_gs_shadow(a2);
        return 0;
    case SEGBASE_GS_KERNEL:
        write_gs_base(a2);
        return 0;
    case SEGBASE_GS_USER_SEL:
        __asm__ volatile("swapgs" : : : "memory");
        LOAD_SELECTOR(gs, pv_fix_selector(a2));
        __asm__ volatile("swapgs" : : : "memory");
        return 0;
    default:
        return -EINVAL;
    }
}
