/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen_version: who hv is and what it can do. The version is that of the ABI which hv follows (4.17); that it
 * is hv which follows it is said in the extra version and in hv's own CPUID leaf.
 */
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/options.h>
#include <hv/string.h>
#include <public/version.h>

#define ABI_VERSION (4u << 16 | 17u)

/* What features.h promises that is true here. dom0 is bit of its own: only the privileged domain gets it. */
static uint32_t features(const struct domain *d)
{
    uint32_t map = 1u << XENFEAT_mmu_pt_update_preserve_ad | 1u << XENFEAT_highmem_assist |
                   1u << XENFEAT_gnttab_map_avail_bits | 1u << XENFEAT_memory_op_vnode_supported |
                   1u << XENFEAT_not_direct_mapped;

    if (d->vm_assist & (1ul << VMASST_TYPE_pae_extended_cr3))
        map |= 1u << XENFEAT_pae_pgdir_above_4gb;
    return d->privileged ? map | 1u << XENFEAT_dom0 : map;
}

static long extraversion(unsigned long arg)
{
    static const xen_extraversion_t text = ".0-hv";

    return copy_arg_out(arg, &text) ? 0 : -EFAULT;
}

static long compile_info(unsigned long arg)
{
    struct xen_compile_info info = { .compiler = "gcc " __VERSION__, .compile_by = "hv", .compile_domain = "" };

    return copy_arg_out(arg, &info) ? 0 : -EFAULT;
}

static long capabilities(unsigned long arg)
{
    static const xen_capabilities_info_t text = "xen-3.0-x86_64";

    return copy_arg_out(arg, &text) ? 0 : -EFAULT;
}

static long changeset(unsigned long arg)
{
    static const xen_changeset_info_t text = "hv";

    return copy_arg_out(arg, &text) ? 0 : -EFAULT;
}

static long platform_parameters(unsigned long arg)
{
    struct xen_platform_parameters p = { .virt_start = HYPERVISOR_VIRT_START };

    return copy_arg_out(arg, &p) ? 0 : -EFAULT;
}

static long get_features(unsigned long arg)
{
    struct xen_feature_info info;

    if (!copy_arg_in(&info, arg))
        return -EFAULT;
    if (info.submap_idx >= XENFEAT_NR_SUBMAPS)
        return -EINVAL;
    info.submap = features(current->domain);
    return copy_field_out(arg, &info, submap) ? 0 : -EFAULT;
}

static long guest_handle(unsigned long arg)
{
    return copy_arg_out(arg, &current->domain->handle) ? 0 : -EFAULT;
}

static long commandline(unsigned long arg)
{
    xen_commandline_t text = { 0 };

    if (!current->domain->privileged)
        return -EPERM;
    strlcpy(text, saved_command_line, sizeof(text));
    return copy_arg_out(arg, &text) ? 0 : -EFAULT;
}

static long (*const handlers[])(unsigned long arg) = {
    [XENVER_extraversion] = extraversion,
    [XENVER_compile_info] = compile_info,
    [XENVER_capabilities] = capabilities,
    [XENVER_changeset] = changeset,
    [XENVER_platform_parameters] = platform_parameters,
    [XENVER_get_features] = get_features,
    [XENVER_guest_handle] = guest_handle,
    [XENVER_commandline] = commandline,
};

HYPERCALL(do_xen_version)
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (a1 == XENVER_version)
        return ABI_VERSION;
    if (a1 == XENVER_pagesize)
        return PAGE_SIZE;
    if (a1 == XENVER_build_id)
        return -ENODATA;
    if (a1 >= ARRAY_SIZE(handlers))
        return -ENOSYS;
    a1 = clamp_index(a1, ARRAY_SIZE(handlers));
    if (!handlers[a1])
        return -ENOSYS;
    return handlers[a1](a2);
}
