/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations of memory_op that tell of the machine: memory maps in the form of the BIOS call E820, and
 * the M2P.
 */
#include <arch/boot.h>
#include <arch/paging.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/memory_op.h>
#include <public/memory.h>

#define MAP_ENTRIES_MAX 128u /* as many as the ABI's E820 has */

struct memory_map_entry {
    uint64_t address, size;
    uint32_t type;
} __attribute__((packed));
_Static_assert(sizeof(struct memory_map_entry) == 20, "the firmware's layout");

static long machine_memory_map(unsigned long arg)
{
    struct xen_memory_map map;
    uint32_t n;

    if (!current->domain->privileged)
        return -EPERM;
    if (!copy_arg_in(&map, arg))
        return -EFAULT;
    n = min(map.nr_entries, boot_info.nr_memory);
    for (uint32_t i = 0; i < n; i++) {
        const struct boot_memory *m = &boot_info.memory[i];
        struct memory_map_entry e = { m->start, m->end - m->start, m->type };

        if (arch_copy_to_guest((struct memory_map_entry *)map.buffer.p + i, &e, sizeof(e)))
            return -EFAULT;
    }
    map.nr_entries = n;
    return copy_field_out(arg, &map, nr_entries) ? 0 : -EFAULT;
}

/* What the tool stack said that this domain shall see. */
static long memory_map(unsigned long arg)
{
    struct domain *d = current->domain;
    struct xen_memory_map map;
    long rc = -ENOSYS;

    if (!copy_arg_in(&map, arg))
        return -EFAULT;
    spin_lock(&d->arch.lock);
    if (d->arch.memory_map) {
        map.nr_entries = min(map.nr_entries, d->arch.memory_map_entries);
        rc = arch_copy_to_guest(map.buffer.p, d->arch.memory_map,
                                map.nr_entries * sizeof(struct memory_map_entry)) ? -EFAULT : 0;
    }
    spin_unlock(&d->arch.lock);
    if (rc)
        return rc;
    return copy_field_out(arg, &map, nr_entries) ? 0 : -EFAULT;
}

static long set_memory_map(unsigned long arg)
{
    struct xen_foreign_memory_map op;
    struct memory_map_entry *fresh = NULL, *old;
    struct domain *d;
    size_t bytes;
    int rc;

    if (!current->domain->privileged)
        return -EPERM;
    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.map.nr_entries > MAP_ENTRIES_MAX)
        return -E2BIG;
    d = memory_op_domain_get(op.domid, &rc);
    if (!d)
        return rc;
    bytes = op.map.nr_entries * sizeof(*fresh);
    rc = -ENOMEM;
    if (bytes && !(fresh = heap_alloc(bytes, 8)))
        goto out;
    rc = -EFAULT;
    if (bytes && arch_copy_from_guest(fresh, op.map.buffer.p, bytes)) {
        heap_free(fresh);
        goto out;
    }
    spin_lock(&d->arch.lock);
    old = d->arch.memory_map;
    d->arch.memory_map = fresh;
    d->arch.memory_map_entries = op.map.nr_entries;
    spin_unlock(&d->arch.lock);
    heap_free(old);
    rc = 0;
out:
    domain_put(d);
    return rc;
}

/*
 * One frame for each 2 MiB of the table; where RAM has a hole, the last one again, so that a tool can map it
 * all.
 */
static long machphys_mfn_list(unsigned long arg)
{
    struct xen_machphys_mfn_list list;
    xen_pfn_t last = m2p_chunk_mfn(0).v;
    uint32_t i;

    if (!copy_arg_in(&list, arg))
        return -EFAULT;
    for (i = 0; i < min(list.max_extents, m2p_nr_chunks()); i++) {
        mfn_t mfn = m2p_chunk_mfn(i);

        if (!mfn_eq(mfn, MFN_INVALID))
            last = mfn.v;
        if (!copy_to_guest_offset(list.extent_start, i, &last, 1))
            return -EFAULT;
    }
    list.nr_extents = i;
    return copy_field_out(arg, &list, nr_extents) ? 0 : -EFAULT;
}

/* For tools about 32-bit guests, of which there are none. */
static long machphys_compat_mfn_list(unsigned long arg)
{
    struct xen_machphys_mfn_list list = { .nr_extents = 0 };

    return copy_field_out(arg, &list, nr_extents) ? 0 : -EFAULT;
}

static long machphys_mapping(unsigned long arg)
{
    const struct xen_machphys_mapping where = {
        .v_start = MACH2PHYS_VIRT_START, .v_end = MACH2PHYS_VIRT_END, .max_mfn = MACH2PHYS_NR_ENTRIES - 1
    };

    return copy_arg_out(arg, &where) ? 0 : -EFAULT;
}

long arch_memory_op(unsigned int op, unsigned long arg)
{
    switch (op) {
    case XENMEM_memory_map:
        return memory_map(arg);
    case XENMEM_set_memory_map:
        return set_memory_map(arg);
    case XENMEM_machine_memory_map:
        return machine_memory_map(arg);
    case XENMEM_machphys_mfn_list:
        return machphys_mfn_list(arg);
    case XENMEM_machphys_compat_mfn_list:
        return machphys_compat_mfn_list(arg);
    case XENMEM_machphys_mapping:
        return machphys_mapping(arg);
    default:
        return -ENOSYS;
    }
}
