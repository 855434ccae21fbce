/* SPDX-License-Identifier: GPL-2.0-only */
/* Which frames that are not RAM a privileged domain may map: all but the interrupt controllers, which are hv's. */
#include <arch/ioapic.h>
#include <arch/lapic.h>
#include <arch/cpu.h>
#include <hv/arch.h>

bool arch_iomem_frame_ok(mfn_t mfn)
{
    return mfn.v < 1ul << (cpu_features.phys_bits - PAGE_SHIFT) && !mfn_valid(mfn) && !lapic_frame(mfn.v) &&
           !ioapic_frame(mfn.v);
}
