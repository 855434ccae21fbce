/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The top-level tables that a vCPU has in use: one for the guest's kernel, one for its user programs. Each is
 * held by a general and a type reference while its number is in struct arch_vcpu, and CR3 is only ever loaded
 * from there; so a root that some CPU walks cannot be freed or become anything else.
 *
 * The last reference of a table may take long to drop. What is being dropped is remembered in old_root, and a
 * second one in old_root_too: each operation that may leave something there begins by finishing what the one
 * before has left.
 *
 * The M2P is the guest kernel's: a root gets it when it becomes a kernel's, and loses it, if the guest asks
 * for that, when it becomes the user programs'. The M2P's leaves are not global, so no TLB keeps it for user
 * mode.
 */
#include <arch/pti.h>
#include <arch/pv_mm.h>
#include <hv/console.h>
#include <hv/errno.h>

int pv_finish_release_slow(struct vcpu *v)
{
    while (v->arch.old_root) {
        struct page_info *pg = mfn_to_page(MFN(v->arch.old_root));

        if (!page_put_type_not_last(pg) && page_put_type_preemptible(pg))
            return -ERESTART;
        v->arch.old_root = v->arch.old_root_too;
        v->arch.old_root_too = 0;
        page_put(pg);
    }
    return 0;
}

/* mfn is held as a root. Shown or not, the entry is hv's: validation leaves it alone. */
static void show_m2p(const struct vcpu *v, bool user, mfn_t mfn)
{
    uint64_t *slot = (uint64_t *)mfn_to_virt(mfn) + HV_ROOT_SLOT_M2P, entry = hv_root[HV_ROOT_SLOT_M2P];

    if (user && !(v->domain->vm_assist & 1ull << VMASST_TYPE_m2p_strict))
        return;
    if (user)
        entry = 0;
    if (READ_ONCE(*slot) == entry)
        return;
    WRITE_ONCE(*slot, entry);
    pti_root_made();
}

/* Take the references of a root, or none for 0. */
static int get_root(const struct vcpu *v, bool user, mfn_t mfn)
{
    struct page_info *pg;
    int rc;

    if (!mfn.v)
        return 0;
    pg = mfn_to_page_or_null(mfn);
    if (!pg || !page_get_id(pg, v->domain->id))
        return -EINVAL;
    rc = page_get_type_again(pg, PGT_L4_TABLE) ? 0 : page_get_type_undoing(pg, PGT_L4_TABLE);
    if (rc)
        page_put(pg);
    else
        show_m2p(v, user, mfn);
    return rc;
}

int pv_set_root(struct vcpu *v, bool user, mfn_t mfn)
{
    mfn_t *root = user ? &v->arch.user_root : &v->arch.kernel_root;
    int rc = pv_finish_release(v);

    if (!rc)
        rc = get_root(v, user, mfn);
    if (rc)
        return rc;
    v->arch.old_root = root->v;
    *root = mfn;
    return 0;
}

int pv_set_both_roots(struct vcpu *v, mfn_t kernel, mfn_t user)
{
    int rc = pv_finish_release(v);

    if (!rc)
        rc = get_root(v, false, kernel);
    if (rc)
        return rc;
    rc = get_root(v, true, user);
    if (rc) {
        v->arch.old_root = kernel.v;
        return rc;
    }
    v->arch.old_root = v->arch.kernel_root.v ? v->arch.kernel_root.v : v->arch.user_root.v;
    v->arch.old_root_too = v->arch.kernel_root.v ? v->arch.user_root.v : 0;
    v->arch.kernel_root = kernel;
    v->arch.user_root = user;
    return 0;
}

int pv_drop_roots(struct vcpu *v)
{
    int rc = pv_finish_release(v);

    if (!rc && v->arch.user_root.v)
        rc = pv_set_root(v, true, MFN(0));
    if (!rc && v->arch.kernel_root.v)
        rc = pv_set_root(v, false, MFN(0));
    return rc ? rc : pv_finish_release(v);
}
