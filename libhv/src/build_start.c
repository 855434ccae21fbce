/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state a PV kernel starts in: start_info, shared_info, the two grants, pinned page tables, vCPU 0's
 * registers.
 *
 * Order matters once: the hypercall page is filled and everything is written before the root table is pinned,
 * since then frames have types and are no longer anyone's to write.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <public/xen.h>
#include <public/domctl.h>
#include <public/grant_table.h>
#include <public/memory.h>

#include <libhv/event.h>
#include <libhv/foreign.h>
#include <libhv/grant.h>

#include "build_domain.h"
#include "handle.h"

#define EFLAGS_IF 0x200UL

static int failed(struct hv_error *err, long ret, const char *what)
{
    return hv_error_set(err, (int)-ret, call_hint((int)-ret), "cannot %s: %s", what, strerror((int)-ret));
}

void start_write(struct building *b)
{
    const struct layout *layout = &b->layout;
    struct start_info *info = window_page(&b->window, layout->start_info_pfn);

    window_zero(info, HV_PAGE_SIZE);
    window_zero(window_page(&b->window, layout->store_pfn), HV_PAGE_SIZE);
    window_zero(window_page(&b->window, layout->console_pfn), HV_PAGE_SIZE);
    snprintf(info->magic, sizeof(info->magic), "xen-3.0-x86_64");
    info->nr_pages = layout->pages;
    info->shared_info = b->shared_info_mfn << HV_PAGE_SHIFT;
    info->store_mfn = b->built.store_mfn;
    info->store_evtchn = b->built.store_port;
    info->console.domU.mfn = b->built.console_mfn;
    info->console.domU.evtchn = b->built.console_port;
    info->pt_base = layout_vaddr(layout, layout->tables.pfn);
    info->nr_pt_frames = layout->tables.pages;
    info->mfn_list = layout->p2m_vaddr;
    if (layout->initrd.pages) {
        info->mod_len = b->initrd.size;
        info->mod_start = layout->initrd_vaddr ? layout->initrd_vaddr : layout->initrd.pfn;
        info->flags |= layout->initrd_vaddr ? 0 : SIF_MOD_START_PFN;
    }
    if (layout->mappings == 2) {
        info->first_p2m_pfn = layout->p2m.pfn;
        info->nr_p2m_frames = layout->p2m.pages + layout->p2m_tables.pages;
    }
    if (b->wish->cmdline)
        snprintf(info->cmd_line, sizeof(info->cmd_line), "%s", b->wish->cmdline);
}

/* Events stay masked until the kernel has its callbacks. */
static int write_shared_info(struct building *b, struct hv_error *err)
{
    struct shared_info *shared =
        hv_foreign_map(b->hv, b->domid, PROT_READ | PROT_WRITE, 1, &b->shared_info_mfn, err);

    if (!shared)
        return hv_error_prefix(err, "shared_info: ");
    memset(shared, 0, HV_PAGE_SIZE);
    for (unsigned i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        shared->vcpu_info[i].evtchn_upcall_mask = 1;
    hv_foreign_unmap(shared, 1);
    return 0;
}

/* Lets the daemons map the rings by grant, so that they need no privilege over the domain. */
static int write_grants(struct building *b, struct hv_error *err)
{
    struct grant_entry_v1 *entry = hv_resource_map(b->hv, b->domid, HV_RESOURCE_GRANT_TABLE, 0, 0, 1,
                                                   PROT_READ | PROT_WRITE, err);

    if (!entry)
        return hv_error_prefix(err, "grant table: ");
    entry[HV_GRANT_CONSOLE].domid = (domid_t)b->wish->console_domid;
    entry[HV_GRANT_CONSOLE].frame = (uint32_t)b->built.console_mfn;
    entry[HV_GRANT_CONSOLE].flags = GTF_permit_access;
    entry[HV_GRANT_STORE].domid = (domid_t)b->wish->store_domid;
    entry[HV_GRANT_STORE].frame = (uint32_t)b->built.store_mfn;
    entry[HV_GRANT_STORE].flags = GTF_permit_access;
    hv_foreign_unmap(entry, 1);
    return 0;
}

int start_ports(struct building *b, struct hv_error *err)
{
    int port = hv_event_alloc_unbound_in(b->hv, b->domid, b->wish->store_domid, err);

    if (port < 0)
        return port;
    b->built.store_port = (uint32_t)port;
    port = hv_event_alloc_unbound_in(b->hv, b->domid, b->wish->console_domid, err);
    if (port < 0)
        return port;
    b->built.console_port = (uint32_t)port;
    b->built.domid = b->domid;
    b->built.store_mfn = b->p2m[b->layout.store_pfn];
    b->built.console_mfn = b->p2m[b->layout.console_pfn];
    return 0;
}

static int fill_hypercall_page(struct building *b, struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_hypercall_init, .domain = (domid_t)b->domid };
    int ret;

    if (b->kernel->hypercall_page == HV_IMAGE_UNSET)
        return 0;
    op.u.hypercall_init.gmfn = b->p2m[(b->kernel->hypercall_page - b->layout.virt_base) >> HV_PAGE_SHIFT];
    ret = hv_domctl(b->hv, &op);
    return ret < 0 ? failed(err, ret, "fill the hypercall page") : 0;
}

/*
 * What memory the guest may grow to, for its balloon driver. Without it a guest takes the memory it has for
 * all there will be; a hypervisor that does not keep such a map is no reason to fail.
 */
static int set_memory_map(struct building *b, struct hv_error *err)
{
    struct e820_entry {
        uint64_t address, size;
        uint32_t type;
    } __attribute__((packed)) *ram = hv_buffer_alloc(b->hv, sizeof(*ram));
    struct xen_foreign_memory_map arg = { .domid = (domid_t)b->domid };
    long ret;

    if (!ram)
        return failed(err, -errno, "get memory for hypercalls");
    ram->size = b->wish->max_kib << 10;
    ram->type = 1; /* RAM */
    arg.map.nr_entries = 1;
    arg.map.buffer.p = (void *)ram;
    ret = hv_memory_op(b->hv, XENMEM_set_memory_map, &arg, sizeof(arg));
    hv_buffer_free(b->hv, ram, sizeof(*ram));
    return ret < 0 && ret != -ENOSYS ? failed(err, ret, "set the memory map") : 0;
}

static int pin_root(struct building *b, struct hv_error *err)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE };
    long ret;

    op.arg1.mfn = b->p2m[b->layout.tables.pfn];
    memcpy(b->hv->scratch, &op, sizeof(op));
    ret = hv_hypercall(b->hv, __HYPERVISOR_mmuext_op, (uintptr_t)b->hv->scratch, 1, 0, b->domid, 0);
    return ret < 0 ? failed(err, ret, "make the hypervisor accept the initial page tables") : 0;
}

static int set_context(struct building *b, struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpucontext, .domain = (domid_t)b->domid };
    struct vcpu_guest_context *context = hv_buffer_alloc(b->hv, sizeof(*context));
    int ret;

    if (!context)
        return failed(err, -errno, "get memory for hypercalls");
    context->flags = VGCF_in_kernel | VGCF_online;
    context->user_regs.rip = b->kernel->entry;
    context->user_regs.rsp = layout_vaddr(&b->layout, b->layout.stack_pfn + 1);
    context->user_regs.rsi = layout_vaddr(&b->layout, b->layout.start_info_pfn);
    context->user_regs.rflags = EFLAGS_IF;
    context->user_regs.cs = FLAT_KERNEL_CS;
    context->user_regs.ss = FLAT_KERNEL_SS;
    context->user_regs.ds = FLAT_KERNEL_DS;
    context->user_regs.es = FLAT_KERNEL_DS;
    context->user_regs.fs = FLAT_KERNEL_DS;
    context->user_regs.gs = FLAT_KERNEL_DS;
    context->kernel_ss = context->user_regs.ss;
    context->kernel_sp = context->user_regs.rsp;
    context->ctrlreg[3] = xen_pfn_to_cr3(b->p2m[b->layout.tables.pfn]);
    op.u.vcpucontext.vcpu = 0;
    op.u.vcpucontext.ctxt.p = context;
    ret = hv_domctl(b->hv, &op);
    hv_buffer_free(b->hv, context, sizeof(*context));
    return ret < 0 ? failed(err, ret, "set the first vCPU's state") : 0;
}

int start_finish(struct building *b, struct hv_error *err)
{
    static int (*const steps[])(struct building *b, struct hv_error *err) = {
        write_shared_info, write_grants, set_memory_map, fill_hypercall_page, pin_root, set_context,
    };

    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        int ret = steps[i](b, err);

        if (ret < 0)
            return ret;
    }
    return 0;
}
