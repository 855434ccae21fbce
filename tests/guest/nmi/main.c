/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NMIs between vCPUs: taken with events masked, not again before iret has ended the first, and not lost
 * meanwhile.
 */
#include <guest.h>
#include <public/callback.h>
#include <public/vcpu.h>

static volatile unsigned int nmis, depth, deepest, masked;
static bool again;

static bool nmi(struct regs *regs)
{
    (void)regs;
    nmis++;
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (this_cpu()->info->evtchn_upcall_mask)
        masked++;
    if (again) {
        again = false;
        hyp_vcpu_op(VCPUOP_send_nmi, this_cpu()->id, NULL);
        for (volatile unsigned int i = 0; i < 100000; i++)
            ;
    }
    depth--;
    return true;
}

static void expect(unsigned int wanted, const char *what)
{
    uint64_t end = time_now() + 1000000000ull;

    while (nmis < wanted && time_now() < end)
        ;
    is(nmis, wanted, "%s", what);
}

void test_main(void)
{
    struct callback_register reg = { CALLBACKTYPE_nmi, 0, 0 };
    struct trap_info info;

    trap_hook(2, nmi);
    trap_info_of(2, &info);
    reg.address = info.address;
    is(hyp_callback_op(CALLBACKOP_register, &reg), 0, "the NMI callback");
    event_disable();
    is(hyp_vcpu_op(VCPUOP_send_nmi, 0, NULL), 0, "an NMI to oneself");
    is(nmis, 1, "comes before the call returns, though events are masked");
    event_enable();
    hyp_vcpu_op(VCPUOP_send_nmi, 0, NULL);
    expect(2, "and when they are not");
    is(masked, 2, "its handler finds them masked");
    again = true;
    hyp_vcpu_op(VCPUOP_send_nmi, 0, NULL);
    expect(4, "one that is sent in the handler comes after it");
    is(deepest, 1, "not within it");
    is(this_cpu()->info->evtchn_upcall_mask, 0, "iret has unmasked events again");
}
