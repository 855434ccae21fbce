/* SPDX-License-Identifier: GPL-2.0-only */
/* What xen_version says about the hypervisor, and that it says it to nobody's harm. */
#include <guest.h>
#include <public/version.h>

static void texts(void)
{
    static char text[1024];
    struct xen_compile_info info;
    unsigned int cmd;

    for (cmd = XENVER_extraversion; cmd <= XENVER_changeset; cmd++) {
        if (cmd == XENVER_compile_info)
            continue;
        memset(text, 'x', sizeof(text));
        is(hyp_xen_version(cmd, text), 0, "text %u", cmd);
        ok(strlen(text) < sizeof(text), "ends: \"%s\"", text);
    }
    hyp_xen_version(XENVER_capabilities, text);
    ok(!strncmp(text, "xen-3.0-x86_64", 14), "capabilities begin with this guest's kind");
    is(hyp_xen_version(XENVER_compile_info, &info), 0, "compile_info");
}

static void numbers(void)
{
    struct xen_platform_parameters platform;
    struct xen_feature_info feature = { .submap_idx = 0 };
    long version = hyp_xen_version(XENVER_version, NULL);
    xen_domain_handle_t handle;

    ok(version >= 0x40000, "version %ld.%ld", version >> 16, version & 0xffff);
    is(hyp_xen_version(XENVER_platform_parameters, &platform), 0, "platform parameters");
    is(platform.virt_start, HYPERVISOR_VIRT_START, "the hypervisor begins where the ABI says");
    is(hyp_xen_version(XENVER_pagesize, NULL), 4096, "page size");
    is(hyp_xen_version(XENVER_guest_handle, handle), 0, "the domain's handle");
    is(hyp_xen_version(XENVER_get_features, &feature), 0, "features");
    ok(feature.submap & 1u << XENFEAT_mmu_pt_update_preserve_ad, "PRESERVE_AD is offered, in %x", feature.submap);
    ok(feature.submap & 1u << XENFEAT_gnttab_map_avail_bits, "grant mappings keep the available bits");
    is(!!(feature.submap & 1u << XENFEAT_dom0), is_dom0(), "the first domain is told so");
    is(feature.submap & (1u << XENFEAT_auto_translated_physmap | 1u << XENFEAT_hvm_callback_vector), 0, "a PV guest");
    feature.submap_idx = 77;
    is_either(hyp_xen_version(XENVER_get_features, &feature), -XEN_EINVAL, 0, "features beyond the last");
}

static void refusals(void)
{
    is(hyp_xen_version(99, NULL), -XEN_ENOSYS, "an unknown question");
    is(hyp_xen_version(XENVER_extraversion, NULL), -XEN_EFAULT, "nowhere to put the answer");
    is(hyp_xen_version(XENVER_capabilities, (void *)0x1000), -XEN_EFAULT, "an unmapped place");
    is(hyp_xen_version(XENVER_changeset, (void *)HYPERVISOR_VIRT_START), -XEN_EFAULT, "the hypervisor's memory");
}

static void assists(void)
{
    is(hyp_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0, "vm_assist: writable page tables");
    is(hyp_vm_assist(VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0, "off again");
    is(hyp_vm_assist(VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0, "vm_assist: runstate update flag");
    is(hyp_vm_assist(VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0, "vm_assist: architectural IOPL");
    is(hyp_vm_assist(VMASST_CMD_enable, VMASST_TYPE_m2p_strict), 0, "vm_assist: strict M2P");
    is(hyp_vm_assist(VMASST_CMD_enable, 63), -XEN_EINVAL, "vm_assist: an unknown one");
    is(hyp_vm_assist(77, VMASST_TYPE_writable_pagetables), -XEN_ENOSYS, "vm_assist: an unknown operation");
}

void test_main(void)
{
    texts();
    numbers();
    refusals();
    assists();
}
