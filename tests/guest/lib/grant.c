/* SPDX-License-Identifier: GPL-2.0-only */
/* See grant.h. The table's frames replace pages of the pool in the boot mapping. */
#include "guest.h"
#include <public/event_channel.h>

#define MAX_FRAMES 16

volatile struct grant_entry_v1 *grant_entries;

long grant_init(unsigned int frames)
{
    static char *window;
    xen_pfn_t mfns[MAX_FRAMES];
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = frames, .frame_list.p = mfns };
    long error = hyp_grant_table_op(GNTTABOP_setup_table, &op, 1);
    unsigned int i;

    if (error || op.status)
        return error ? error : op.status;
    if (!window)
        window = pages_alloc(MAX_FRAMES);
    for (i = 0; i < frames; i++)
        if (map_mfn(window + i * PAGE_SIZE, mfns[i], PTE_RW))
            bail("cannot map frame %u of the grant table", i);
    grant_entries = (volatile struct grant_entry_v1 *)window;
    return 0;
}

void grant_access(unsigned int ref, unsigned int domain, unsigned long mfn, unsigned int flags)
{
    grant_entries[ref].frame = mfn;
    grant_entries[ref].domid = domain;
    __sync_synchronize();
    grant_entries[ref].flags = GTF_permit_access | flags;
}

bool grant_end(unsigned int ref)
{
    uint16_t flags = grant_entries[ref].flags;

    return !(flags & (GTF_reading | GTF_writing)) && __sync_bool_compare_and_swap(&grant_entries[ref].flags, flags, 0);
}

int grant_map(unsigned int domain, unsigned int ref, uint64_t host_addr, unsigned int flags, uint32_t *handle)
{
    struct gnttab_map_grant_ref op = { .dom = domain, .ref = ref, .host_addr = host_addr, .flags = flags };
    long error = hyp_grant_table_op(GNTTABOP_map_grant_ref, &op, 1);

    *handle = op.handle;
    return error ? error : op.status;
}

int grant_unmap(uint64_t host_addr, uint32_t handle)
{
    struct gnttab_unmap_grant_ref op = { .host_addr = host_addr, .handle = handle };
    long error = hyp_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1);

    return error ? error : op.status;
}

unsigned int self_domain(void)
{
    long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    struct evtchn_status op = { .dom = DOMID_SELF, .port = port };

    if (port < 0 || hyp_event_channel_op(EVTCHNOP_status, &op))
        bail("cannot find out this domain's number");
    event_close(port);
    return op.u.unbound.dom;
}
