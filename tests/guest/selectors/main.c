/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two vCPUs on one CPU, and a data selector whose descriptor goes away while it is loaded: when the vCPU gets the CPU back the
 * selector cannot be loaded again, and the failsafe callback says so. Its frame has the selectors that the kernel had, not those
 * that are loaded by then: where both agree Linux takes it for an IRET that failed, and kills itself with a #GP.
 */
#include <guest.h>
#include <public/sched.h>

#define DATA       0x00cff3000000ffffull /* ring 3, all of 4 GiB */
#define GOING      1u                    /* entries of the GDT */
#define STAYING    2u
#define SELECTOR(n) ((uint16_t)((n) * 8 + 3))

#define NAMES 4
static const char *const names[NAMES] = { "ds", "es", "fs", "gs" };

static volatile bool stop;
static volatile unsigned int other, callbacks;
static uint64_t *gdt;

static void yields(void *arg)
{
    (void)arg;
    while (!stop) {
        other++;
        hyp_sched_op(SCHEDOP_yield, NULL);
    }
}

static bool count_callback(struct regs *regs)
{
    (void)regs;
    callbacks++;
    return true;
}

static void load(const uint16_t s[NAMES])
{
    asm volatile("movw %0, %%ds" : : "r"(s[0]));
    asm volatile("movw %0, %%es" : : "r"(s[1]));
    asm volatile("movw %0, %%fs" : : "r"(s[2]));
    asm volatile("movw %0, %%gs" : : "r"(s[3]));
}

static void read_back(uint16_t s[NAMES])
{
    asm volatile("movw %%ds, %0" : "=r"(s[0]));
    asm volatile("movw %%es, %0" : "=r"(s[1]));
    asm volatile("movw %%fs, %0" : "=r"(s[2]));
    asm volatile("movw %%gs, %0" : "=r"(s[3]));
}

/* Until the other vCPU has had the CPU. */
static void let_the_other_run(void)
{
    unsigned int before = other;

    while (other == before)
        hyp_sched_op(SCHEDOP_yield, NULL);
}

static void set_descriptor(unsigned int n, uint64_t descriptor)
{
    if (hyp_update_descriptor(va_to_machine(&gdt[n]), descriptor))
        bail("update_descriptor failed");
}

/* Selector `which` goes away; those of the others stay. */
static void one_goes(unsigned int which)
{
    uint16_t had[NAMES], found[NAMES];
    unsigned int lost = 0, wrong = 0, changed = 0;

    for (unsigned int i = 0; i < NAMES; i++)
        had[i] = SELECTOR(i == which ? GOING : STAYING);
    set_descriptor(GOING, DATA);
    load(had);
    let_the_other_run();
    is(callbacks, 0, "%s: while its descriptor is there no callback", names[which]);
    read_back(found);
    for (unsigned int i = 0; i < NAMES; i++)
        lost += found[i] != had[i];
    is(lost, 0, "all selectors are as they were");

    set_descriptor(GOING, 0);
    let_the_other_run();
    is(callbacks, 1, "its descriptor has gone: the failsafe callback");
    read_back(found);
    for (unsigned int i = 0; i < NAMES; i++)
        wrong += failsafe_selectors[i] != had[i];
    is(wrong, 0, "its frame has the selectors of before");
    is(found[which], 0, "%s is null", names[which]);
    for (unsigned int i = 0; i < NAMES; i++)
        changed += i != which && found[i] != had[i];
    is(changed, 0, "the others are still loaded");
    let_the_other_run();
    is(callbacks, 1, "once");
    callbacks = 0;
    load((uint16_t[NAMES]){ 0 });
}

void test_main(void)
{
    unsigned long frame;

    gdt = page_alloc();
    gdt[STAYING] = DATA;
    frame = va_to_mfn(gdt);
    is(map_ro(gdt) | hyp_set_gdt(&frame, 512), 0, "a GDT of one page");
    trap_hook(VECTOR_FAILSAFE, count_callback);
    is(cpu_start(1, yields, NULL), 0, "a second vCPU");
    for (unsigned int i = 0; i < NAMES; i++)
        one_goes(i);
    stop = true;
    cpu_wait(1);
    trap_hook(VECTOR_FAILSAFE, NULL);
}
