/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_op: what dom0 asks about the machine and its firmware, and what it tells hv of them. One row per
 * operation; the hypercall table lets nobody but dom0 in.
 */
#include <arch/acpi.h>
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/edd.h>
#include <arch/efi.h>
#include <arch/io.h>
#include <arch/paging.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <arch/symbols.h>
#include <hv/arch.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/string.h>
#include <hv/time.h>
#include <public/platform.h>

/* Result >= 0: op is copied back. */
typedef long platform_fn(struct xen_platform_op *op);

static long op_settime(uint64_t secs, uint32_t nsecs, uint64_t at)
{
    struct domain *d;
    domid_t id;

    if (nsecs >= 1000000000)
        return -EINVAL;
    time_set_wallclock(secs, nsecs, at);
    for (id = 0; (d = domain_next(id)); id++) {
        id = d->id;
        time_update_domain_wallclock(d);
        domain_put(d);
    }
    return 0;
}

static long op_settime32(struct xen_platform_op *op)
{
    return op_settime(op->u.settime32.secs, op->u.settime32.nsecs, op->u.settime32.system_time);
}

static long op_settime64(struct xen_platform_op *op)
{
    if (op->u.settime64.mbz)
        return -EINVAL;
    return op_settime(op->u.settime64.secs, op->u.settime64.nsecs, op->u.settime64.system_time);
}

/* The keyboard's shift state in the BIOS data area. */
static long keyboard_flags(struct xenpf_firmware_info *info)
{
    const volatile uint8_t *flags;

    if (info->index)
        return -ESRCH;
    info->u.kbd_shift_flags = 0;
    if (boot_info.efi_system_table)
        return 0;
    flags = vmap(MADDR(0x417), 1, 0);
    if (!flags)
        return -ENOMEM;
    info->u.kbd_shift_flags = *flags;
    vunmap((void *)flags);
    return 0;
}

static long op_firmware_info(struct xen_platform_op *op)
{
    struct xenpf_firmware_info *info = &op->u.firmware_info;

    switch (info->type) {
    case XEN_FW_EFI_INFO:
        return efi_get_info(info->index, &info->u.efi_info);
    case XEN_FW_KBD_SHIFT_FLAGS:
        return keyboard_flags(info);
    case XEN_FW_DISK_INFO:
        return edd_disk_info(info);
    case XEN_FW_DISK_MBR_SIGNATURE:
        return edd_mbr_signature(info);
    case XEN_FW_VBEDDC_INFO: /* nobody asked the BIOS for the screen's EDID */
        return -ESRCH;
    default:
        return -EINVAL;
    }
}

static long op_efi_runtime_call(struct xen_platform_op *op)
{
    return efi_runtime_call(&op->u.efi_runtime_call);
}

static long op_enter_acpi_sleep(struct xen_platform_op *op)
{
    const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

    if (s->flags & ~XENPF_ACPI_SLEEP_EXTENDED || s->sleep_state < 1 || s->sleep_state > 5)
        return -EINVAL;
    if (s->sleep_state != 5 || s->flags)
        return -EOPNOTSUPP;
    power_off_with(s->val_a, s->val_b);
}

/*
 * hv leaves frequencies and deep idle states alone: it takes note of nothing, and lets dom0's drivers be
 * content.
 */
static long op_set_processor_pminfo(struct xen_platform_op *op)
{
    return op->u.set_pminfo.type <= XEN_PM_PDC ? 0 : -EINVAL;
}

static long op_get_cpuinfo(struct xen_platform_op *op)
{
    xenpf_pcpuinfo_t *info = &op->u.pcpu_info;
    uint32_t cpu = info->xen_cpuid;

    info->max_present = nr_cpus - 1;
    if (cpu >= nr_cpus) {
        info->flags = XEN_PCPU_FLAGS_INVALID;
        return 0;
    }
    info->flags = XEN_PCPU_FLAGS_ONLINE;
    info->apic_id = cpu_apic_id[cpu];
    info->acpi_id = cpu_acpi_id[cpu];
    return 0;
}

static long op_get_cpu_version(struct xen_platform_op *op)
{
    xenpf_pcpu_version_t *v = &op->u.pcpu_version;

    v->max_present = nr_cpus - 1;
    memset(v->vendor_id, 0, sizeof(v->vendor_id));
    v->family = v->model = v->stepping = 0;
    if (v->xen_cpuid >= nr_cpus)
        return 0;
    memcpy(v->vendor_id, cpu_features.vendor, sizeof(v->vendor_id));
    v->family = cpu_features.family;
    v->model = cpu_features.model;
    v->stepping = cpu_features.stepping;
    return 0;
}

static long op_getidletime(struct xen_platform_op *op)
{
    xenpf_getidletime_t *g = &op->u.getidletime;
    cpumask_t online = arch_online_cpus();
    uint64_t wanted = 0, ns;
    uint32_t bits = min(g->cpumap_nr_cpus, NR_CPUS);

    if (arch_copy_from_guest(&wanted, g->cpumap_bitmap.p, (bits + 7) / 8))
        return -EFAULT;
    wanted &= online.bits & (bits < 64 ? (1ull << bits) - 1 : ~0ull);
    for (uint64_t left = wanted; left; left &= left - 1) {
        unsigned int cpu = __builtin_ctzll(left);

        ns = sched_cpu_idle_ns(cpu);
        if (!copy_to_guest_offset(g->idletime, cpu, &ns, 1))
            return -EFAULT;
    }
    g->now = now();
    return arch_copy_to_guest(g->cpumap_bitmap.p, &wanted, (bits + 7) / 8) ? -EFAULT : 0;
}

static long op_get_symbol(struct xen_platform_op *op)
{
    xenpf_symdata_t *s = &op->u.symdata;
    const char *name;
    uint32_t room = s->namelen, n;

    if (!symbol_get(s->symnum, &s->address, &name)) {
        s->namelen = 0;
        s->type = 0;
        return 0;
    }
    n = min((uint32_t)strlen(name) + 1, room);
    if (arch_copy_to_guest(s->name.p, name, n))
        return -EFAULT;
    s->namelen = strlen(name) + 1;
    s->symnum++;
    s->type = 't';
    return 0;
}

static long op_get_dom0_console(struct xen_platform_op *op)
{
    if (!boot_info.video.video_type)
        return -ENODEV;
    op->u.dom0_console = boot_info.video;
    return sizeof(op->u.dom0_console);
}

static platform_fn *const rows[] = {
    [XENPF_settime32] = op_settime32,
    [XENPF_settime64] = op_settime64,
    [XENPF_firmware_info] = op_firmware_info,
    [XENPF_efi_runtime_call] = op_efi_runtime_call,
    [XENPF_enter_acpi_sleep] = op_enter_acpi_sleep,
    [XENPF_set_processor_pminfo] = op_set_processor_pminfo,
    [XENPF_get_cpuinfo] = op_get_cpuinfo,
    [XENPF_get_cpu_version] = op_get_cpu_version,
    [XENPF_getidletime] = op_getidletime,
    [XENPF_get_symbol] = op_get_symbol,
    [XENPF_get_dom0_console] = op_get_dom0_console,
};

HYPERCALL(do_platform_op)
{
    struct xen_platform_op op;
    long rc;

    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    if (!copy_arg_in(&op, a1))
        return -EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    if (op.cmd >= ARRAY_SIZE(rows) || !rows[op.cmd])
        return -ENOSYS;
    rc = rows[op.cmd](&op);
    if (rc >= 0 && !copy_arg_out(a1, &op))
        return -EFAULT;
    return rc;
}
