/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bringing a vCPU's state into a CPU and out of it. A CPU keeps the state of the last vCPU until another one
 * comes or somebody asks for it: info->loaded and v->arch.loaded_on name each other, and change only on that
 * CPU. Everything is switched eagerly, and nothing of one vCPU is left for the next.
 *
 * The dirty sets say which CPUs may hold translations of a domain. A bit is set before its root is loaded and
 * cleared after another one is.
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/fpu.h>
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <arch/speculation.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

void arch_current_set(struct vcpu *v) { cpu_info()->vcpu = v; }

void pv_load_root(struct vcpu *v)
{
    v->arch.cr3_loaded = mfn_to_maddr(v->arch.guest_kernel ? v->arch.kernel_root : v->arch.user_root).v;
    tlb_load_cr3(v->arch.cr3_loaded);
}

void pv_toggle_mode(struct vcpu *v)
{
    v->arch.guest_kernel = !v->arch.guest_kernel;
    __asm__ volatile("swapgs" : : : "memory");
    pv_load_root(v);
}

void arch_vcpu_save_frame(struct vcpu *v)
{
    v->arch.regs = cpu_info()->regs;
}

void pv_load_cr4(const struct vcpu *v)
{
    unsigned long cr4 = cpu_features.cr4 | (v->arch.ctrlreg[4] & (CR4_TSD | CR4_DE));

    if (read_cr4() != cr4)
        write_cr4(cr4);
}

/* All but the root: *v has it then. */
static void save_state(struct vcpu *v)
{
    fpu_save(v);
    pv_segments_save(v);
    pv_debugregs_unload();
    pv_show_ldt_frames(v, false);
}

static void forget(struct vcpu *v, unsigned int cpu, bool domain_stays)
{
    if (!domain_stays)
        cpumask_clear_atomic(&v->domain->dirty_cpus, cpu);
    __atomic_store_n(&v->arch.loaded_on, NR_CPUS, __ATOMIC_RELEASE);
}

static void unload_here(void *arg)
{
    struct cpu_info *info = cpu_info();
    struct vcpu *v = arg;

    if (info->loaded != v)
        return;
    save_state(v);
    info->loaded = NULL;
    paging_load_root();
    forget(v, info->cpu, false);
}

void arch_vcpu_unload(struct vcpu *v)
{
    unsigned int cpu;

    while ((cpu = __atomic_load_n(&v->arch.loaded_on, __ATOMIC_ACQUIRE)) != NR_CPUS) {
        if (cpu == cpu_info()->cpu)
            unload_here(v);
        else
            smp_call(cpumask_of(cpu), unload_here, v);
    }
}

static void load_state(struct vcpu *v)
{
    struct cpu_info *info = cpu_info();
    struct vcpu *prev = info->loaded;

    if (prev)
        save_state(prev);
    if (info->last_domain != v->domain->id + 1u)
        speculation_switch_domain();
    info->last_domain = v->domain->id + 1u;
    info->loaded = v;
    info->guestless = 0; /* seen before the root is loaded: the mask's locked instruction follows */
    v->arch.loaded_on = info->cpu;
    cpumask_set_atomic(&v->domain->dirty_cpus, info->cpu);
    pv_load_gdt(v);
    pv_load_root(v);
    if (prev)
        forget(prev, info->cpu, prev->domain == v->domain);
    pv_show_ldt_frames(v, true);
    pv_load_ldt(v);
    pv_load_cr4(v);
    if (cpu_features.rdtscp)
        wrmsr(MSR_TSC_AUX, v->arch.tsc_aux);
    pv_debugregs_load(v);
    fpu_load(v);
    if (!pv_segments_load(v))
        pv_inject_failsafe(v);
}

void arch_vcpu_load(struct vcpu *v)
{
    struct cpu_info *info = cpu_info();

    if (info->loaded != v)
        arch_vcpu_unload(v); /* it may have run elsewhere last */
    __atomic_store_n(&info->vcpu, v, __ATOMIC_SEQ_CST); /* before flush_due is looked at: tlb.c */
    info->hypercalls = hypercall_table[v->domain->privileged];
    info->regs = v->arch.regs;
    if (info->loaded != v)
        load_state(v); /* and its root: a flush that is due is done by that, and perhaps once more later */
    else
        tlb_flush_due();
}

int arch_vcpu_init(struct vcpu *v)
{
    v->arch.loaded_on = NR_CPUS;
    v->arch.guest_kernel = true;
    v->arch.ctrlreg[0] = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG;
    return fpu_init_vcpu(v);
}

void arch_vcpu_destroy(struct vcpu *v)
{
    fpu_destroy_vcpu(v);
}

/* A bounded look at a guest that crashed. */
void arch_crash_dump(const struct vcpu *v)
{
    const struct cpu_user_regs *r = v == current ? guest_regs() : &v->arch.regs;

    if (v == current)
        frame_complete(guest_regs());
    printk(LOG_ERR, "d%dv%u %s mode: rip %04x:%016lx rflags %lx cr2 %016lx root %lx\n", v->domain->id, v->id,
           v->arch.guest_kernel ? "kernel" : "user", r->cs, r->rip, r->rflags, v->arch.ctrlreg[2],
           v->arch.cr3_loaded);
    printk(LOG_ERR, "  rsp %04x:%016lx rax %016lx rbx %016lx rcx %016lx\n", r->ss, r->rsp, r->rax, r->rbx,
           r->rcx);
    printk(LOG_ERR, "  rdx %016lx rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", r->rdx, r->rsi, r->rdi,
           r->rbp, r->r8);
    printk(LOG_ERR, "  r9  %016lx r10 %016lx r11 %016lx r12 %016lx r13 %016lx\n", r->r9, r->r10, r->r11,
           r->r12, r->r13);
    printk(LOG_ERR, "  r14 %016lx r15 %016lx vector %x error %x\n", r->r14, r->r15, r->entry_vector,
           r->error_code);
    for (unsigned int i = 0; v == current && i < 16; i += 2) {
        uint64_t words[2];

        if (arch_copy_from_guest(words, (const void *)(r->rsp + i * 8), sizeof(words)))
            break;
        printk(LOG_ERR, "  stack %016lx: %016lx %016lx\n", r->rsp + i * 8, words[0], words[1]);
    }
}
