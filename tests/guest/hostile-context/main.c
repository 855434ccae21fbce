/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU begins with a context that its domain writes: every field of it ends up in a register of the machine, and hv once
 * took one without a page table for the kernel at its word. Whatever is impossible must be refused, and the vCPU
 * stay as it was: a sound context afterwards starts it.
 */
#include <guest.h>
#include <public/vcpu.h>

#define NON_CANONICAL 0x8000000000000000ul

static struct vcpu_guest_context context;

static void fresh(void)
{
    cpu_context(1, &context);
}

static void refused(const char *what)
{
    long error = hyp_vcpu_op(VCPUOP_initialise, 1, &context);

    if (!ok(error < 0, "%s is refused", what))
        bail("a context that should not exist was accepted");
    is(hyp_vcpu_op(VCPUOP_is_up, 1, NULL), 0, "the vCPU is down");
    fresh();
}

static void bad_roots(void)
{
    void *data = page_alloc();

    context.ctrlreg[3] = 0;
    refused("no page table");
    context.ctrlreg[3] = xen_pfn_to_cr3(va_to_mfn(data));
    refused("a page of data as page table");
    context.ctrlreg[3] = xen_pfn_to_cr3(0xfffffffful);
    refused("a page table where there is no memory");
    context.ctrlreg[3] = xen_pfn_to_cr3(va_to_mfn(entry_in(boot_root(), (unsigned long)data, 1)));
    refused("a table of level 1 as root");
    context.ctrlreg[1] = xen_pfn_to_cr3(va_to_mfn(data));
    if (running_on_hv()) /* Xen 4.17 goes on holding the kernel's, and the domain for ever */
        refused("a page of data as the programs' page table");
    fresh();
    context.flags = 0;
    refused("a start in user mode without a page table for it");
    context.ctrlreg[3] = 0;
    context.ctrlreg[1] = xen_pfn_to_cr3(va_to_mfn(clone_root()));
    context.flags = 0;
    refused("a start in user mode without a page table for the kernel");
}

static void bad_tables(void)
{
    context.gdt_ents = 8192;
    refused("a GDT that reaches into the hypervisor's part");
    context.gdt_frames[0] = 0xfffffffful;
    context.gdt_ents = 512;
    refused("a GDT where there is no memory");
    context.gdt_frames[0] = va_to_mfn(boot_root());
    context.gdt_ents = 512;
    refused("a GDT that is a page table");
}

static void bad_addresses(void)
{
    context.user_regs.rip = NON_CANONICAL;
    if (running_on_hv())
        refused("a non-canonical rip"); /* Xen starts it, and delivers a fault at once */
    context.event_callback_eip = NON_CANONICAL;
    refused("a non-canonical event callback");
    context.failsafe_callback_eip = NON_CANONICAL;
    refused("a non-canonical failsafe callback");
    context.syscall_callback_eip = NON_CANONICAL;
    refused("a non-canonical syscall callback");
    context.fs_base = NON_CANONICAL;
    refused("a non-canonical FS base");
    context.gs_base_user = NON_CANONICAL;
    refused("a non-canonical user GS base");
    context.trap_ctxt[13].address = NON_CANONICAL;
    refused("a non-canonical trap handler");
    is(hyp_vcpu_op(VCPUOP_initialise, 1, (void *)0x10), -XEN_EFAULT, "a context that cannot be read");
}

static volatile bool ran;

static void on_another(void *unused)
{
    uint64_t rflags;

    (void)unused;
    asm volatile("pushfq; popq %0" : "=r"(rflags));
    is(rflags & 0x27000, 0, "IOPL, NT and VM did not get through");
    ran = true;
}

void test_main(void)
{
    fresh();
    bad_roots();
    bad_tables();
    bad_addresses();
    is(cpu_start(1, on_another, NULL), 0, "after all that, a sound one is accepted");
    cpu_wait(1);
    ok(ran, "and runs");
}
