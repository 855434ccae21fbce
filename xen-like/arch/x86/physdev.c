/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * physdev_op: how dom0 gets at interrupts and tells of PCI devices, and how any guest sets its I/O privilege
 * level. One row per operation; rows that are not open to all answer -EPERM to a domain that is not
 * privileged.
 */
#include <arch/ioapic.h>
#include <arch/pci.h>
#include <arch/pirq.h>
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <public/physdev.h>

typedef long physdev_fn(unsigned long arg);

static long op_eoi(unsigned long arg)
{
    struct physdev_eoi op;

    return copy_arg_in(&op, arg) ? pirq_eoi(current->domain, op.irq) : -EFAULT;
}

static long eoi_page(unsigned long arg, bool auto_unmask)
{
    struct physdev_pirq_eoi_gmfn op;

    return copy_arg_in(&op, arg) ? pirq_set_eoi_page(current->domain, op.gmfn, auto_unmask) : -EFAULT;
}

static long op_eoi_page_v1(unsigned long arg) { return eoi_page(arg, true); }
static long op_eoi_page_v2(unsigned long arg) { return eoi_page(arg, false); }

static long op_irq_status(unsigned long arg)
{
    struct physdev_irq_status_query op;
    struct irq *irq;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    irq = pirq_irq(current->domain, op.irq);
    if (!irq && op.irq >= current->domain->arch.nr_pirqs && op.irq >= device_irq_nr_lines())
        return -EINVAL;
    /* Of a line that is not mapped yet the mode is not known: the end of interrupt does no harm then. */
    op.flags = !irq || irq->level ? XENIRQSTAT_needs_eoi : 0;
    return copy_arg_out(arg, &op) ? 0 : -EFAULT;
}

static long op_set_iopl(unsigned long arg)
{
    struct physdev_set_iopl op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.iopl > 3)
        return -EINVAL;
    pv_set_iopl(current, op.iopl);
    return 0;
}

static long op_set_iobitmap(unsigned long arg)
{
    struct physdev_set_iobitmap op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.nr_ports > 65536 || !arch_guest_range_ok(op.bitmap.p, (op.nr_ports + 7) / 8))
        return -EINVAL;
    current->arch.io_bitmap = op.bitmap.p;
    current->arch.io_bitmap_bits = op.nr_ports;
    return 0;
}

static long op_apic_read(unsigned long arg)
{
    struct physdev_apic op;
    int rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    rc = ioapic_read_register(op.apic_physbase, op.reg, &op.value);
    return rc ? rc : copy_arg_out(arg, &op) ? 0 : -EFAULT;
}

/* hv alone says where lines go. As the ABI has it, the write is accepted, and nothing is written. */
static long op_apic_write(unsigned long arg)
{
    struct physdev_apic op;
    uint32_t unchanged;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    return ioapic_read_register(op.apic_physbase, op.reg, &unchanged);
}

static long op_alloc_vector(unsigned long arg)
{
    struct physdev_irq op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.irq >= device_irq_nr_lines())
        return -EINVAL;
    op.vector = op.irq; /* nobody but hv uses vectors; the call itself is what guests want */
    return copy_arg_out(arg, &op) ? 0 : -EFAULT;
}

static long op_setup_gsi(unsigned long arg)
{
    struct physdev_setup_gsi op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.gsi < 0)
        return -EINVAL;
    return irq_line_setup(op.gsi, op.triggering, op.polarity);
}

static long map_messages(struct physdev_map_pirq *op)
{
    unsigned int segment = op->type == MAP_PIRQ_TYPE_MSI ? 0 : (uint32_t)op->bus >> 16;
    uint16_t bdf = PCI_BDF(op->bus & 0xff, op->devfn & 0xff);
    unsigned int count = 1;
    struct msi msi;
    int rc;

    if (segment)
        return -ENODEV;
    if (op->type == MAP_PIRQ_TYPE_MULTI_MSI) {
        if (op->entry_nr <= 0 || op->entry_nr > 32 || op->table_base)
            return -EINVAL;
        count = op->entry_nr;
    }
    if (op->table_base)
        rc = op->entry_nr < 0 ? -EINVAL : msix_find(&msi, bdf, op->entry_nr, op->table_base);
    else
        rc = msi_find(&msi, bdf, count);
    if (rc)
        return rc;
    rc = pirq_map_messages(current->domain, &msi, count, &op->pirq);
    if (rc)
        msix_release(&msi);
    return rc;
}

static long op_map_pirq(unsigned long arg)
{
    struct physdev_map_pirq op;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.domid != DOMID_SELF && op.domid != current->domain->id)
        return -EPERM;
    switch (op.type) {
    case MAP_PIRQ_TYPE_GSI:
        rc = op.index < 0 ? -EINVAL : pirq_map_line(current->domain, op.index, &op.pirq);
        break;
    case MAP_PIRQ_TYPE_MSI:
    case MAP_PIRQ_TYPE_MSI_SEG:
    case MAP_PIRQ_TYPE_MULTI_MSI:
        rc = map_messages(&op);
        break;
    default:
        rc = -EINVAL;
    }
    return rc ? rc : copy_arg_out(arg, &op) ? 0 : -EFAULT;
}

static long op_unmap_pirq(unsigned long arg)
{
    struct physdev_unmap_pirq op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.domid != DOMID_SELF && op.domid != current->domain->id)
        return -EPERM;
    return op.pirq < 0 ? -EINVAL : pirq_unmap(current->domain, op.pirq);
}

static long op_get_free_pirq(unsigned long arg)
{
    struct physdev_get_free_pirq op;
    int rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    rc = pirq_reserve(current->domain, &op.pirq);
    return rc ? rc : copy_arg_out(arg, &op) ? 0 : -EFAULT;
}

/* --- PCI: hv keeps no list of devices, it looks at them when a message is wanted --- */

static long device(uint16_t segment, uint8_t bus, uint8_t devfn)
{
    return segment == 0 && pci_present(PCI_BDF(bus, devfn)) ? 0 : -ENODEV;
}

static long op_device_add(unsigned long arg)
{
    struct physdev_pci_device_add op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (!op.seg)
        msix_protect(PCI_BDF(op.bus, op.devfn));
    return 0;
}

static long op_manage_add(unsigned long arg)
{
    struct physdev_manage_pci op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    msix_protect(PCI_BDF(op.bus, op.devfn));
    return 0;
}

static long op_manage_remove(unsigned long arg)
{
    struct physdev_manage_pci op;

    return copy_arg_in(&op, arg) ? 0 : -EFAULT;
}

static long op_device_remove(unsigned long arg)
{
    struct physdev_pci_device op;

    return copy_arg_in(&op, arg) ? 0 : -EFAULT;
}

static long op_mmcfg_reserved(unsigned long arg)
{
    struct physdev_pci_mmcfg_reserved op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    return op.start_bus <= op.end_bus ? 0 : -EINVAL;
}

static long op_msix_resources(unsigned long arg)
{
    struct physdev_pci_device op;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    rc = device(op.seg, op.bus, op.devfn);
    return rc ? rc : pci_find_capability(PCI_BDF(op.bus, op.devfn), PCI_CAP_MSIX) ? 0 : -ENODEV;
}

static long op_restore_msi(unsigned long arg)
{
    struct physdev_restore_msi op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    irq_restore_messages(PCI_BDF(op.bus, op.devfn));
    return 0;
}

static long op_restore_msi_ext(unsigned long arg)
{
    struct physdev_pci_device op;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.seg)
        return -ENODEV;
    irq_restore_messages(PCI_BDF(op.bus, op.devfn));
    return 0;
}

static const struct {
    physdev_fn *handler;
    enum hypercall_who who;
} rows[] = {
    [PHYSDEVOP_eoi] = { op_eoi, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_pirq_eoi_gmfn_v1] = { op_eoi_page_v1, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_pirq_eoi_gmfn_v2] = { op_eoi_page_v2, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_irq_status_query] = { op_irq_status, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_set_iopl] = { op_set_iopl, HYPERCALL_ANY },
    [PHYSDEVOP_set_iobitmap] = { op_set_iobitmap, HYPERCALL_ANY },
    [PHYSDEVOP_apic_read] = { op_apic_read, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_apic_write] = { op_apic_write, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_alloc_irq_vector] = { op_alloc_vector, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_map_pirq] = { op_map_pirq, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_unmap_pirq] = { op_unmap_pirq, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_setup_gsi] = { op_setup_gsi, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_get_free_pirq] = { op_get_free_pirq, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_manage_pci_add] = { op_manage_add, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_manage_pci_remove] = { op_manage_remove, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_pci_device_add] = { op_device_add, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_pci_device_remove] = { op_device_remove, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_pci_mmcfg_reserved] = { op_mmcfg_reserved, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_prepare_msix] = { op_msix_resources, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_release_msix] = { op_msix_resources, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_restore_msi] = { op_restore_msi, HYPERCALL_PRIVILEGED },
    [PHYSDEVOP_restore_msi_ext] = { op_restore_msi_ext, HYPERCALL_PRIVILEGED },
};

HYPERCALL(do_physdev_op)
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (a1 >= ARRAY_SIZE(rows))
        return -ENOSYS;
    a1 = clamp_index(a1, ARRAY_SIZE(rows));
    if (!rows[a1].handler)
        return -ENOSYS;
    if (rows[a1].who == HYPERCALL_PRIVILEGED && !current->domain->privileged)
        return -EPERM;
    return rows[a1].handler(a2);
}
