/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine-to-physical table's entries, and frame numbers of PV guests, which name machine frames themselves. */
#include <arch/paging.h>
#include <hv/arch.h>

void m2p_set(mfn_t mfn, pfn_t pfn)
{
    uint64_t *entry = m2p_entry(mfn);

    if (entry)
        WRITE_ONCE(*entry, pfn.v);
}

pfn_t m2p_get(mfn_t mfn)
{
    const uint64_t *entry = m2p_entry(mfn);

    return PFN(entry ? READ_ONCE(*entry) : ~0ull);
}
