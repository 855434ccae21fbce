/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest may ask that its programs do not see the machine-to-physical table, which would tell them where in the
 * machine their memory lies: VMASST_TYPE_m2p_strict. The kernel needs the table all the time.
 */
#include <guest.h>

extern char m2p_user_load[];
asm(".pushsection .text\n"
    "m2p_user_load: movq (%rdi), %rax\n"
    "    int $0x80\n"
    "    ud2\n"
    ".popsection");

static uint64_t user_stack;
static uint64_t *page;

static uint64_t m2p_address(void)
{
    return MACH2PHYS_VIRT_START + va_to_mfn(page) * 8;
}

/* What a program gets that reads the table's entry for our page: the vector it comes back with. */
static uint64_t user_reads(struct regs *r)
{
    user_regs(r, (uint64_t)m2p_user_load, user_stack);
    r->rdi = m2p_address();
    user_run(r);
    return r->vector;
}

static bool kernel_reads(void)
{
    uint64_t value = 0;

    return probe_read((void *)m2p_address(), &value)->vector == NO_FAULT && value == va_to_pfn(page);
}

static void hidden(const char *when)
{
    struct regs r;

    is(user_reads(&r), VECTOR_PF, "%s: a program that reads it gets a #PF", when);
    is(r.error & 6, 4, "%s: as a user's read", when);
    is(this_cpu()->fault.cr2, m2p_address(), "%s: at its address", when);
    ok(kernel_reads(), "%s: the kernel reads it", when);
}

static void switch_user_root(void)
{
    is(mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(clone_root())), 0, "another root for programs");
}

/* The vCPU begins in the kernel; its user root is one that nobody has set by NEW_USER_BASEPTR. */
static void on_another(void *unused)
{
    (void)unused;
    hidden("a root given with the vCPU's context");
}

static void from_context(void)
{
    if (cpu_count() < 2) {
        skip("a vCPU started with a user root: there is one vCPU");
        return;
    }
    is(cpu_start_with(1, va_to_mfn(clone_root()), on_another, NULL), 0, "another vCPU starts with a user root");
    cpu_wait(1);
}

void test_main(void)
{
    uint64_t *both;
    struct regs r;

    page = page_alloc();
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    user_space_init();
    ok(kernel_reads(), "the kernel reads the table");
    is(user_reads(&r), VECTOR_PF, "in a root that never was a kernel's, programs do not, assist or not");

    is(hyp_vm_assist(VMASST_CMD_enable, VMASST_TYPE_m2p_strict), 0, "the assist is switched on");
    switch_user_root();
    hidden("a root set afterwards");

    both = clone_root(); /* made now: on Xen, one that is older would have no table even as the kernel's */
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(both)), 0, "a root that the kernel used");
    ok(kernel_reads(), "it shows the table");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot_root())), 0, "and has left");
    is(mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(both)), 0, "becomes the programs'");
    hidden("a root that was the kernel's");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(both)), 0, "one root for both");
    ok(kernel_reads() || !running_on_hv(), "shows the kernel the table; not on Xen, where nothing puts it back");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot_root())), 0, "and has left again");
    switch_user_root();
    from_context();

    is(hyp_vm_assist(VMASST_CMD_disable, VMASST_TYPE_m2p_strict), 0, "the assist is switched off");
    ok(kernel_reads(), "the kernel still reads the table");
    both = clone_root();
    mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(both));
    mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot_root()));
    is(mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(both)), 0, "a root that was the kernel's");
    is(user_reads(&r), 0x80, "then shows it to programs");
}
