/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's breakpoints. Addresses are the guest's own, never in hv's range; I/O breakpoints and general
 * detection are not to be had. The hardware's registers hold them only while the vCPU is loaded and has one
 * enabled, and no CPU keeps them for the next vCPU.
 */
#include <arch/cpu.h>
#include <arch/pv.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#define DR6_RESET 0xffff0ff0ul
#define DR6_WRITABLE 0xe00ful
#define DR7_RESET 0x400ul
#define DR7_ENABLED 0xfful
#define DR7_GD (1ul << 13)
#define DR7_GUEST 0xffff23fful /* enables, LE, GE, types and lengths; GD is refused */

static void write_dr(unsigned int n, uint64_t value)
{
    switch (n) {
    case 0: __asm__ volatile("mov %0, %%dr0" : : "r"(value)); break;
    case 1: __asm__ volatile("mov %0, %%dr1" : : "r"(value)); break;
    case 2: __asm__ volatile("mov %0, %%dr2" : : "r"(value)); break;
    case 3: __asm__ volatile("mov %0, %%dr3" : : "r"(value)); break;
    default: __asm__ volatile("mov %0, %%dr7" : : "r"(value)); break;
    }
}

void pv_debugregs_load(const struct vcpu *v)
{
    if (!(v->arch.dr[7] & DR7_ENABLED))
        return;
    for (unsigned int i = 0; i < 4; i++)
        write_dr(i, v->arch.dr[i]);
    write_dr(7, v->arch.dr[7] | DR7_RESET);
}

void pv_debugregs_unload(void)
{
    uint64_t dr7;

    __asm__ volatile("mov %%dr7, %0" : "=r"(dr7));
    if (dr7 & DR7_ENABLED)
        write_dr(7, DR7_RESET);
}

/* Each enabled breakpoint: type 2 would be I/O. */
static bool dr7_ok(uint64_t dr7)
{
    if (dr7 & DR7_GD || dr7 >> 32)
        return false;
    for (unsigned int i = 0; i < 4; i++)
        if ((dr7 >> (i * 2) & 3) && (dr7 >> (16 + i * 4) & 3) == 2)
            return false;
    return true;
}

long pv_set_debugreg(struct vcpu *v, unsigned int reg, uint64_t value)
{
    switch (reg) {
    case 0: case 1: case 2: case 3:
        if (!pv_address_ok(value))
            return -EPERM;
        v->arch.dr[reg] = value;
        break;
    case 4: case 6:
        v->arch.dr[6] = value & DR6_WRITABLE;
        return 0;
    case 5: case 7:
        if (!dr7_ok(value))
            return -EPERM;
        v->arch.dr[7] = value & DR7_GUEST & ~DR7_GD;
        break;
    default:
        return -ENODEV;
    }
    if (cpu_info()->loaded == v) {
        pv_debugregs_unload();
        pv_debugregs_load(v);
    }
    return 0;
}

uint64_t pv_get_debugreg(const struct vcpu *v, unsigned int reg)
{
    switch (reg) {
    case 0: case 1: case 2: case 3:
        return v->arch.dr[reg];
    case 4: case 6:
        return v->arch.dr[6] | DR6_RESET;
    case 5: case 7:
        return v->arch.dr[7] | DR7_RESET;
    default:
        return (uint64_t)-EINVAL;
    }
}

HYPERCALL(do_set_debugreg) /* register, value */
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    return a1 > 7 ? -ENODEV : pv_set_debugreg(current, clamp_index(a1, 8), a2);
}

HYPERCALL(do_get_debugreg) /* register */
{
    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    return a1 > 7 ? -EINVAL : (long)pv_get_debugreg(current, clamp_index(a1, 8));
}
