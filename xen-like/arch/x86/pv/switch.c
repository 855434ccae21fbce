/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HVOP_switch: all that a guest's kernel changes when it switches to another thread, in one call. What can be
 * refused is looked at first, so a call that fails has changed nothing; one that has to let go of large page
 * tables before is made again.
 */
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <public/hv.h>

#define KNOWN                                                                                                \
    (HV_SWITCH_STACK | HV_SWITCH_ROOTS | HV_SWITCH_TLS | HV_SWITCH_FS | HV_SWITCH_GS | HV_SWITCH_TS |         \
     HV_SWITCH_CLTS)
#define DESCRIPTORS_PER_PAGE (PAGE_SIZE / 8)

_Static_assert(sizeof(struct hv_switch) == 72, "the ABI's size");

/* Descriptors are made fit to be written. */
static bool tls_ok(const struct vcpu *v, struct hv_switch *s)
{
    const unsigned int n = ARRAY_SIZE(s->tls);

    if (s->tls_entry >= v->arch.gdt_entries || s->tls_entry % DESCRIPTORS_PER_PAGE > DESCRIPTORS_PER_PAGE - n)
        return false;
    for (unsigned int i = 0; i < n; i++)
        if (!pv_descriptor_ok(&s->tls[i]))
            return false;
    return true;
}

/* v holds its GDT's frames as descriptors, for as long as they are its. */
static void set_tls(struct vcpu *v, const struct hv_switch *s)
{
    unsigned int entry = clamp_index(s->tls_entry, GDT_GUEST_FRAMES * DESCRIPTORS_PER_PAGE);
    uint64_t *table = mfn_to_virt(v->arch.gdt_frame[entry / DESCRIPTORS_PER_PAGE]);

    for (unsigned int i = 0; i < ARRAY_SIZE(s->tls); i++)
        WRITE_ONCE(table[entry % DESCRIPTORS_PER_PAGE + i], s->tls[i]);
}

static int set_roots(struct vcpu *v, const struct hv_switch *s)
{
    int rc;

    if (!s->kernel_root)
        return -EINVAL;
    if (s->kernel_root == v->arch.kernel_root.v)
        return s->user_root == v->arch.user_root.v ? 0 : pv_set_root(v, true, MFN(s->user_root));
    rc = pv_set_both_roots(v, MFN(s->kernel_root), MFN(s->user_root));
    if (rc)
        return rc;
    pv_ldt_drop(v); /* its frames were found through the old root */
    pv_load_root(v);
    return 0;
}

long pv_switch(struct vcpu *v, unsigned long arg, unsigned long unused, unsigned long unused2)
{
    struct hv_switch s;
    int rc;

    (void)unused;
    (void)unused2;
    if (!copy_arg_in(&s, arg))
        return -EFAULT;
    if (s.what & ~KNOWN || (s.what & HV_SWITCH_FS && !is_canonical(s.fs_base)) ||
        (s.what & HV_SWITCH_GS && !is_canonical(s.gs_base_user)) ||
        (s.what & HV_SWITCH_TLS && !tls_ok(v, &s)))
        return -EINVAL;
    if (s.what & HV_SWITCH_ROOTS) {
        rc = set_roots(v, &s);
        if (rc)
            return rc;
    }
    if (s.what & HV_SWITCH_STACK)
        v->arch.kernel_sp = s.kernel_sp;
    if (s.what & HV_SWITCH_TLS)
        set_tls(v, &s);
    pv_set_user_bases(s.what & HV_SWITCH_FS ? &s.fs_base : NULL,
                      s.what & HV_SWITCH_GS ? &s.gs_base_user : NULL);
    if (s.what & (HV_SWITCH_TS | HV_SWITCH_CLTS))
        pv_set_ts(v, s.what & HV_SWITCH_TS);
    return pv_finish_release(v); /* made again, the call finds the roots as they are */
}
