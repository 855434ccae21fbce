/* SPDX-License-Identifier: GPL-2.0-only */
/* As arch/x86's; what is not RAM does not fault here, it is looked up. */
#ifndef ARCH_TABLE_PEEK_H
#define ARCH_TABLE_PEEK_H

#include <hv/page.h>

static inline uint64_t table_peek(maddr_t table, unsigned int offset)
{
    mfn_t mfn = maddr_to_mfn(table);

    return mfn_valid(mfn) ? READ_ONCE(((const uint64_t *)mfn_to_virt(mfn))[offset / sizeof(uint64_t)]) : 0;
}

#endif
