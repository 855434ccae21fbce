/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entering a guest's kernel: for an exception, an event, an NMI, a system call.
 *
 * What is to be delivered is first noted in v->arch.bounce, at most one at a time, and made into a frame on
 * the kernel's stack on the way out, before the guest runs again. A stack that cannot be written crashes the
 * guest, and nothing else. (entry.S makes the frames of a user program's system calls and page faults
 * itself.)
 *
 * The frame, from the lowest address: rcx, r11, (ds, es, fs, gs for the failsafe callback), (error code),
 * rip, cs with the upcall mask of before at byte 4, rflags, rsp, ss.
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/guest_copy.h>
#include <public/hv.h>

#define VECTORS_WITH_ERROR_CODE                                                                              \
    (1u << TRAP_DF | 1u << TRAP_TS | 1u << TRAP_NP | 1u << TRAP_SS | 1u << TRAP_GP | 1u << TRAP_PF |         \
     1u << TRAP_AC)

static bool has_error_code(unsigned int vector)
{
    return vector < 32 && (VECTORS_WITH_ERROR_CODE >> vector & 1);
}

static void note_trap(struct vcpu *v, unsigned int vector, const uint32_t *error_code)
{
    const struct pv_trap *trap = &v->arch.trap[vector];
    struct trap_bounce *b = &v->arch.bounce;

    if (b->address)
        return;
    if (!trap->address) {
        domain_crash(v->domain, "vCPU %u has no handler for exception %u", v->id, vector);
        return;
    }
    *b = (struct trap_bounce){
        .address = trap->address,
        .error_code = error_code ? *error_code : 0,
        .has_error_code = error_code != NULL,
        .mask_events = trap->flags & 4,
        .user_entry = vector < 32 ? vector + 1 : vector == TRAP_INT80 ? HV_USER_ENTRY_INT80 + 1 : 0,
    };
}

void pv_inject_trap(struct vcpu *v, unsigned int vector, uint32_t error_code)
{
    note_trap(v, vector, has_error_code(vector) ? &error_code : NULL);
}

void pv_inject_page_fault(struct vcpu *v, unsigned long va, uint32_t error_code)
{
    v->arch.ctrlreg[2] = va;
    v->info->arch.cr2 = va;
    error_code &= ~PFEC_USER; /* the CPU says ring 3 of both modes */
    if (!v->arch.guest_kernel)
        error_code |= PFEC_USER;
    note_trap(v, TRAP_PF, &error_code);
}

bool pv_inject_software_interrupt(struct vcpu *v, unsigned int vector)
{
    const struct pv_trap *trap = &v->arch.trap[vector];
    unsigned int needed = !v->arch.guest_kernel ? 3
                          : v->domain->vm_assist & (1ul << VMASST_TYPE_architectural_iopl) ? 0 : 1;

    if ((trap->flags & 3u) < needed)
        return false;
    note_trap(v, vector, NULL);
    return true;
}

void pv_inject_callback(struct vcpu *v, enum pv_callback which)
{
    static const uint8_t user_entry[NR_PV_CALLBACKS] = {
        [PV_CALLBACK_SYSCALL] = HV_USER_ENTRY_SYSCALL + 1,
        [PV_CALLBACK_SYSCALL32] = HV_USER_ENTRY_SYSCALL32 + 1,
        [PV_CALLBACK_SYSENTER] = HV_USER_ENTRY_SYSENTER + 1,
        [PV_CALLBACK_EVENT] = HV_USER_ENTRY_EVENT + 1,
    };
    const struct pv_entry *entry = &v->arch.callback[which];
    struct trap_bounce *b = &v->arch.bounce;

    if (b->address)
        return;
    if (!entry->address) {
        domain_crash(v->domain, "vCPU %u has no callback %u", v->id, which);
        return;
    }
    *b = (struct trap_bounce){
        .address = entry->address,
        .mask_events = entry->mask_events,
        .failsafe = which == PV_CALLBACK_FAILSAFE,
        .user_entry = user_entry[which],
    };
}

void pv_inject_failsafe(struct vcpu *v)
{
    if (v->arch.bounce.address)
        return;
    v->arch.refused[0] = v->arch.ds;
    v->arch.refused[1] = v->arch.es;
    v->arch.refused[2] = v->arch.fs;
    v->arch.refused[3] = v->arch.gs;
    pv_inject_callback(v, PV_CALLBACK_FAILSAFE);
}

static unsigned int make_frame(const struct vcpu *v, const struct cpu_user_regs *regs, uint64_t *frame)
{
    const struct trap_bounce *b = &v->arch.bounce;
    uint8_t mask = READ_ONCE(v->info->evtchn_upcall_mask);
    uint64_t cs = regs->cs;
    unsigned int n = 0;

    frame[n++] = regs->rcx;
    frame[n++] = regs->r11;
    if (b->failsafe) {
        for (unsigned int i = 0; i < ARRAY_SIZE(v->arch.refused); i++)
            frame[n++] = v->arch.refused[i];
    }
    if (b->has_error_code)
        frame[n++] = b->error_code;
    if (v->arch.guest_kernel)
        cs &= ~3ul; /* tells the kernel that it interrupted itself */
    frame[n++] = regs->rip;
    frame[n++] = cs | (uint64_t)mask << 32;
    frame[n++] = (regs->rflags & ~(RFLAGS_IF | RFLAGS_IOPL)) | (mask ? 0 : RFLAGS_IF) | v->arch.shown_iopl;
    frame[n++] = regs->rsp;
    frame[n++] = regs->ss;
    return n;
}

/* Nearly all frames have one of two sizes, which the compiler may know. */
static inline bool put_frame(void *sp, const uint64_t *frame, unsigned int n)
{
    switch (n) {
    case 7:
        return arch_put_guest(sp, frame, 7 * sizeof(frame[0]));
    case 8:
        return arch_put_guest(sp, frame, 8 * sizeof(frame[0]));
    default:
        return !arch_copy_to_guest(sp, frame, n * sizeof(frame[0]));
    }
}

/* Out by SYSRET, in the kernel, whose mode v is in already. */
static void continue_in_kernel(struct cpu_user_regs *regs, uint64_t rip, uint64_t sp)
{
    regs->rsp = sp;
    regs->ss = FLAT_KERNEL_SS;
    regs->cs = FLAT_KERNEL_CS;
    regs->rip = rip;
    regs->rflags &= ~(RFLAGS_AC | RFLAGS_VM | RFLAGS_RF | RFLAGS_NT | RFLAGS_DF | RFLAGS_TF);
    regs->entry_vector = ENTRY_SYSCALL;
}

static void fill_area(const struct vcpu *v, const struct cpu_user_regs *regs, uint32_t error_code)
{
    struct hv_vcpu_area *a = v->arch.area;
    bool masked = READ_ONCE(v->info->evtchn_upcall_mask);

    WRITE_ONCE(a->rip, regs->rip);
    WRITE_ONCE(a->rflags, (regs->rflags & ~(RFLAGS_IF | RFLAGS_IOPL)) | (masked ? 0 : RFLAGS_IF));
    WRITE_ONCE(a->rsp, regs->rsp);
    WRITE_ONCE(a->rcx, regs->rcx);
    WRITE_ONCE(a->r11, regs->r11);
    WRITE_ONCE(a->cs, (uint64_t)regs->cs);
    WRITE_ONCE(a->ss, (uint64_t)regs->ss);
    WRITE_ONCE(a->error_code, (uint64_t)error_code);
}

static void enter_by_area(struct vcpu *v)
{
    struct cpu_user_regs *regs = guest_regs();
    struct trap_bounce *b = &v->arch.bounce;

    fill_area(v, regs, b->error_code);
    pv_toggle_mode(v);
    v->info->evtchn_upcall_mask |= 1;
    continue_in_kernel(regs, v->arch.user_entry + (b->user_entry - 1) * HV_USER_ENTRY_SIZE,
                       v->arch.kernel_sp & ~15ul);
    b->address = 0;
}

static void enter_kernel(struct vcpu *v)
{
    struct cpu_user_regs *regs = guest_regs();
    struct trap_bounce *b = &v->arch.bounce;
    uint64_t frame[12], sp = v->arch.guest_kernel ? regs->rsp : v->arch.kernel_sp;
    unsigned int n;

    if (!v->arch.guest_kernel && v->arch.area && b->user_entry)
        return enter_by_area(v);
    n = make_frame(v, regs, frame);
    if (!v->arch.guest_kernel)
        pv_toggle_mode(v);
    sp = (sp & ~15ul) - n * sizeof(frame[0]);
    if (!put_frame((void *)sp, frame, n)) {
        b->address = 0;
        domain_crash(v->domain, "vCPU %u: its kernel stack at %lx cannot be written", v->id, sp);
        return;
    }
    if (b->mask_events)
        v->info->evtchn_upcall_mask |= 1;
    continue_in_kernel(regs, b->address, sp);
    b->address = 0;
}

static bool event_deliverable(const struct vcpu *v)
{
    return READ_ONCE(v->info->evtchn_upcall_pending) && !READ_ONCE(v->info->evtchn_upcall_mask);
}

void pv_deliver(struct vcpu *v)
{
    if (v->arch.bounce.address)
        enter_kernel(v);
    if (unlikely(v->nmi_pending) && !v->arch.nmi_masked && v->arch.trap[TRAP_NMI].address) {
        v->nmi_pending = false;
        v->arch.nmi_masked = true;
        v->arch.bounce = (struct trap_bounce){
            .address = v->arch.trap[TRAP_NMI].address, .mask_events = true, .user_entry = TRAP_NMI + 1,
        };
        enter_kernel(v);
    }
    if (event_deliverable(v) && v->arch.callback[PV_CALLBACK_EVENT].address) {
        v->arch.bounce = (struct trap_bounce){
            .address = v->arch.callback[PV_CALLBACK_EVENT].address, .mask_events = true,
            .user_entry = HV_USER_ENTRY_EVENT + 1,
        };
        enter_kernel(v);
    }
}
