/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's whole state as the ABI's vcpu_guest_context, taken from a guest or the tool stack and trusted in
 * nothing: each field is checked, and forced to what ring 3 may have, before the first one is taken over.
 */
#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/guest_copy.h>
#include <hv/string.h>

static bool addresses_ok(const struct vcpu_guest_context *c)
{
    for (unsigned int i = 0; i < 256; i++)
        if (!is_canonical(c->trap_ctxt[i].address))
            return false;
    return is_canonical(c->user_regs.rip) && is_canonical(c->event_callback_eip) &&
           is_canonical(c->failsafe_callback_eip) && is_canonical(c->syscall_callback_eip) &&
           is_canonical(c->fs_base) && is_canonical(c->gs_base_kernel) && is_canonical(c->gs_base_user);
}

static bool tables_ok(const struct vcpu_guest_context *c)
{
    if (c->gdt_ents > FIRST_RESERVED_GDT_ENTRY || c->ldt_ents > 8192)
        return false;
    return !c->ldt_ents ||
           ((c->ldt_base & ~PAGE_MASK) == 0 && arch_guest_range_ok((void *)c->ldt_base, c->ldt_ents * 8));
}

/* Frame 0 stands for no root: a vCPU has one for the kernel, and one for programs if it is to begin there. */
static bool roots_ok(const struct vcpu_guest_context *c)
{
    return xen_cr3_to_pfn(c->ctrlreg[3]) && (c->flags & VGCF_in_kernel || xen_cr3_to_pfn(c->ctrlreg[1]));
}

static void set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
    struct cpu_user_regs *regs = &v->arch.regs;

    *regs = c->user_regs;
    regs->cs = pv_fix_selector(regs->cs);
    regs->ss = pv_fix_selector(regs->ss);
    regs->rflags &= ~(RFLAGS_IOPL | RFLAGS_VM | RFLAGS_RF);
    regs->rflags |= RFLAGS_IF | RFLAGS_MBS;
    regs->entry_vector = 0;
    v->arch.ds = pv_fix_selector(regs->ds);
    v->arch.es = pv_fix_selector(regs->es);
    v->arch.fs = pv_fix_selector(regs->fs);
    v->arch.gs = pv_fix_selector(regs->gs);
    v->arch.fs_base = c->fs_base;
    v->arch.gs_base_kernel = c->gs_base_kernel;
    v->arch.gs_base_user = c->gs_base_user;
    v->arch.guest_kernel = c->flags & VGCF_in_kernel;
    v->arch.kernel_ss = pv_fix_selector(c->kernel_ss);
    v->arch.kernel_sp = c->kernel_sp;
    pv_set_iopl(v, c->user_regs.rflags >> 12 & 3);
}

static void set_entries(struct vcpu *v, const struct vcpu_guest_context *c)
{
    for (unsigned int i = 0; i < 256; i++) {
        const struct trap_info *t = &c->trap_ctxt[i];

        pv_set_trap(v, i, t->address, t->cs, t->flags);
    }
    pv_set_callback(v, PV_CALLBACK_EVENT, c->event_callback_eip, false);
    pv_set_callback(v, PV_CALLBACK_FAILSAFE, c->failsafe_callback_eip,
                    c->flags & VGCF_failsafe_disables_events);
    pv_set_callback(v, PV_CALLBACK_SYSCALL, c->syscall_callback_eip, c->flags & VGCF_syscall_disables_events);
}

static void set_control(struct vcpu *v, const struct vcpu_guest_context *c)
{
    const uint64_t fixed = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG;

    v->arch.ctrlreg[0] = fixed | (c->ctrlreg[0] & CR0_TS);
    v->arch.ctrlreg[2] = c->ctrlreg[2];
    v->arch.ctrlreg[4] = c->ctrlreg[4] & (CR4_TSD | CR4_DE);
    for (unsigned int i = 0; i < 4; i++)
        v->arch.dr[i] = pv_address_ok(c->debugreg[i]) ? c->debugreg[i] : 0;
    v->arch.dr[7] = 0;
    pv_set_debugreg(v, 6, c->debugreg[6]);
    pv_set_debugreg(v, 7, c->debugreg[7]);
    if (c->flags & VGCF_I387_VALID)
        fpu_import(v, c->fpu_ctxt.x);
}

int arch_set_guest_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
    int rc;

    if (!addresses_ok(c) || !tables_ok(c) || !roots_ok(c) || !pv_vm_assist_ok(c->vm_assist))
        return -EINVAL;
    arch_vcpu_unload(v);
    rc = pv_finish_release(v);
    if (rc)
        return rc;
    rc = pv_set_gdt(v, c->gdt_frames, c->gdt_ents);
    if (!rc)
        rc = pv_set_root(v, false, MFN(xen_cr3_to_pfn(c->ctrlreg[3])));
    if (!rc)
        rc = pv_finish_release(v);
    /* The programs' root last: it may go away, which the mode must not outlive. */
    if (!rc)
        rc = pv_set_root(v, true, MFN(xen_cr3_to_pfn(c->ctrlreg[1])));
    if (rc)
        return rc;
    pv_ldt_drop(v);
    v->arch.ldt_base = c->ldt_base;
    v->arch.ldt_entries = c->ldt_ents;
    if (!v->id)
        v->domain->vm_assist = c->vm_assist;
    set_registers(v, c);
    set_entries(v, c);
    set_control(v, c);
    v->arch.bounce.address = 0;
    v->initialised = true;
    return 0;
}

static void get_registers(const struct vcpu *v, struct vcpu_guest_context *c)
{
    c->user_regs = v->arch.regs;
    c->user_regs.rflags &= ~(RFLAGS_IF | RFLAGS_IOPL);
    c->user_regs.rflags |= (v->info->evtchn_upcall_mask ? 0 : RFLAGS_IF) | (uint64_t)v->arch.iopl << 12;
    c->user_regs.saved_upcall_mask = v->info->evtchn_upcall_mask;
    c->user_regs.entry_vector = 0;
    c->user_regs.ds = v->arch.ds;
    c->user_regs.es = v->arch.es;
    c->user_regs.fs = v->arch.fs;
    c->user_regs.gs = v->arch.gs;
    c->fs_base = v->arch.fs_base;
    c->gs_base_kernel = v->arch.gs_base_kernel;
    c->gs_base_user = v->arch.gs_base_user;
    c->kernel_ss = v->arch.kernel_ss;
    c->kernel_sp = v->arch.kernel_sp;
}

void arch_get_guest_context(struct vcpu *v, struct vcpu_guest_context *c)
{
    const struct pv_entry *entry = v->arch.callback;

    memset(c, 0, sizeof(*c));
    c->flags = VGCF_i387_valid | (v->arch.guest_kernel ? VGCF_in_kernel : 0) |
               (entry[PV_CALLBACK_FAILSAFE].mask_events ? VGCF_failsafe_disables_events : 0) |
               (entry[PV_CALLBACK_SYSCALL].mask_events ? VGCF_syscall_disables_events : 0) |
               (v->pause_flags & VPF_DOWN ? 0 : VGCF_online);
    fpu_export(v, c->fpu_ctxt.x);
    get_registers(v, c);
    for (unsigned int i = 0; i < 256; i++) {
        const struct pv_trap *t = &v->arch.trap[i];

        c->trap_ctxt[i] = (struct trap_info){
            .vector = i, .flags = t->flags, .cs = t->cs, .address = t->address,
        };
    }
    c->event_callback_eip = entry[PV_CALLBACK_EVENT].address;
    c->failsafe_callback_eip = entry[PV_CALLBACK_FAILSAFE].address;
    c->syscall_callback_eip = entry[PV_CALLBACK_SYSCALL].address;
    c->ldt_base = v->arch.ldt_base;
    c->ldt_ents = v->arch.ldt_entries;
    c->gdt_ents = v->arch.gdt_entries;
    for (unsigned int i = 0; i < ROUND_DIV(v->arch.gdt_entries, PAGE_SIZE / 8); i++)
        c->gdt_frames[i] = v->arch.gdt_frame[i].v;
    c->ctrlreg[0] = pv_cr0_shown(v);
    c->ctrlreg[1] = xen_pfn_to_cr3(v->arch.user_root.v);
    c->ctrlreg[2] = v->arch.ctrlreg[2];
    c->ctrlreg[3] = xen_pfn_to_cr3(v->arch.kernel_root.v);
    c->ctrlreg[4] = pv_cr4_shown(v);
    for (unsigned int i = 0; i < 8; i++)
        c->debugreg[i] = i == 4 || i == 5 ? 0 : pv_get_debugreg(v, i);
    c->vm_assist = v->domain->vm_assist;
}

int arch_vcpu_reset(struct vcpu *v)
{
    int rc;

    arch_vcpu_unload(v);
    pv_drop_gdt(v);
    pv_ldt_drop(v);
    pv_area_drop(v);
    rc = pv_drop_roots(v);
    if (rc)
        return rc;
    for (unsigned int i = 0; i < 256; i++)
        pv_set_trap(v, i, 0, 0, 0);
    memset(v->arch.callback, 0, sizeof(v->arch.callback));
    memset(&v->arch.regs, 0, sizeof(v->arch.regs));
    memset(v->arch.dr, 0, sizeof(v->arch.dr));
    v->arch.bounce.address = 0;
    v->arch.nmi_masked = false;
    v->arch.kernel_sp = 0;
    fpu_reset_vcpu(v);
    v->initialised = false;
    return 0;
}
