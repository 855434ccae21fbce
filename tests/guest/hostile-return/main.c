/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way back into a guest runs on values that the guest wrote. A non-canonical rip must never reach SYSRET (which would fault
 * in the hypervisor, on the guest's stack), flags that give power are forced off, and selectors are the guest's problem.
 */
#include <guest.h>

extern char user_probe[], user_probe_end[];

/* User code that tells its flags: rax = rflags as pushed. */
asm(".text\n"
    ".globl user_probe, user_probe_end\n"
    "user_probe: pushfq; popq %rax; int $0x80\n"
    "user_probe_end: ud2\n");

static uint64_t user_stack;
static volatile uint64_t kernel_flags;

static void user_start(struct regs *regs)
{
    user_regs(regs, (uint64_t)user_probe, user_stack);
}

static void user_rip(uint64_t flags, const char *how)
{
    static const uint64_t bad[] = {
        0x8000000000000000, 0x0000800000000000, 0xffff7fffffffffff, 0x1234567800000000, 0xdeadbeefdeadbeef,
        0xffff800000000000, 0x00007fffffffffff,
    };
    struct regs r;
    unsigned int i, wrong = 0;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        user_start(&r);
        r.rip = bad[i];
        r.error = flags;
        user_resume(&r);
        if (r.vector != VECTOR_GP && r.vector != VECTOR_PF) {
            note("rip %lx: vector %lu", (unsigned long)bad[i], (unsigned long)r.vector);
            wrong++;
        }
    }
    is(wrong, 0, "return to user code at impossible addresses, %s: a fault, no more", how);
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        user_start(&r);
        r.rsp = bad[i];
        r.error = flags;
        user_resume(&r);
        if (r.vector != VECTOR_GP && r.vector != VECTOR_SS && r.vector != VECTOR_PF)
            wrong++;
    }
    is(wrong, 0, "with impossible stacks, %s: a fault, no more", how);
}

static void user_selectors(uint64_t flags, const char *how)
{
    static const uint16_t bad[] = { 0x0003, 0x0008, 0x0010, 0x1233, 0xfffb, 0xe02b, 0xe00b, 0xe013, 0xe043, 0xe04b, 0xe05b, 0x7, 0xffff };
    struct regs r;
    unsigned int i, wrong = 0;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        user_start(&r);
        r.cs = bad[i];
        r.error = flags;
        if (r.cs & 3)
            user_resume(&r);
        user_start(&r);
        r.ss = bad[i] | 3;
        r.error = flags;
        user_resume(&r);
        if ((r.cs & 3) != 3)
            wrong++;
    }
    is(wrong, 0, "return to user code with impossible selectors, %s", how);
}

static void user_rflags(void)
{
    struct regs r;

    user_start(&r);
    r.rflags = 0xffffffffffffffff & ~0x100ul;  /* all but TF */
    user_run(&r);
    is(r.vector, 0x80, "user code with all flags asked for runs");
    is(r.rax & 0x200, 0x200, "IF is set");
    is(r.rax & 0x3000, 0, "IOPL is 0");
    is(r.rax & 0x20000, 0, "VM is clear");
    is(r.rax & 0x180000, 0, "VIF and VIP are clear");
    is(r.rax >> 22, 0, "nothing above ID");
    user_start(&r);
    r.rflags = 0;
    user_run(&r);
    is(r.rax & 0x200, 0x200, "with no flag asked for, IF is still set");
    is(this_cpu()->info->evtchn_upcall_mask, 1, "events stay as we had them");
    user_start(&r);
    r.rflags |= 0x100;
    user_run(&r);
    is(r.vector, VECTOR_DB, "TF works in user code");
    is(r.rip, (uint64_t)user_probe + 1, "one instruction");
}

static void arrived(void)
{
    asm volatile("pushfq; popq %0" : "=r"(kernel_flags));
    asm volatile("ud2");
}

static void do_iret(void *frame)
{
    iret_raw(frame);
}

static struct fault *kernel_iret(struct iret_context *frame)
{
    kernel_flags = 0;
    return try_call(do_iret, frame);
}

static void kernel_rflags(void)
{
    struct iret_context frame;
    struct fault *f;

    iret_frame(&frame, arrived);
    f = kernel_iret(&frame);
    is(f->vector, VECTOR_UD, "iret within the kernel");
    iret_frame(&frame, arrived);
    frame.rflags = 0xffffffffffffffff & ~0x100ul & ~0x200ul;
    f = kernel_iret(&frame);
    is(f->vector, VECTOR_UD, "iret with all flags asked for");
    is(kernel_flags & 0x3000, 0, "the CPU's IOPL is 0");
    is(kernel_flags & 0x20000, 0, "VM is clear");
    is(kernel_flags & 0x200, 0x200, "IF is set");
    asm volatile("pushfq; andq $~0x44cd5, (%rsp); popfq; cld");
}

static void kernel_rip(void)
{
    static const uint64_t bad[] = { 0x8000000000000000, 0x0000800000000000, 0xffff7fffffffffff, 0xdeadbeefdeadbeef };
    struct iret_context frame;
    struct fault *f;
    unsigned int i, wrong = 0;

    for (i = 0; i < ARRAY_SIZE(bad) * 2; i++) {
        iret_frame(&frame, arrived);
        frame.rip = bad[i / 2];
        frame.flags = i % 2 ? VGCF_IN_SYSCALL : 0;
        f = kernel_iret(&frame);
        if (f->vector != VECTOR_GP)
            wrong++;
    }
    is(wrong, 0, "iret within the kernel to a non-canonical rip: #GP");
}

/* SYSCALL at the last canonical addresses: rip behind it is not canonical, and SYSRET to it would fault in the hypervisor. */
static void syscall_at_the_edge(void)
{
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc(), *root;
    uint8_t *page = page_alloc();
    struct regs r;
    struct fault *f;
    unsigned long va = 0x7ffffffff000;

    page[0xffe] = 0x0f;
    page[0xfff] = 0x05;
    l1[511] = va_to_mfn(page) * PAGE_SIZE | PTE_RW;
    l2[511] = va_to_mfn(l1) * PAGE_SIZE | PTE_TABLE;
    l3[511] = va_to_mfn(l2) * PAGE_SIZE | PTE_TABLE;
    map_ro(l1);
    map_ro(l2);
    map_ro(l3);
    if (set_entry(entry_of((void *)va, 4), va_to_mfn(l3) * PAGE_SIZE | PTE_TABLE)) {
        skip("the last page of the lower half cannot be mapped");
        return;
    }
    root = clone_root();
    mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(root));
    user_regs(&r, va + 0xffe, user_stack);
    user_run(&r);
    is(r.vector, VECTOR_SYSCALL, "SYSCALL at the end of the lower half");
    is(r.rip, 0x800000000000, "its return address is not canonical");
    r.error = VGCF_IN_SYSCALL;
    user_resume(&r);
    is(r.vector, VECTOR_GP, "returning there: #GP for the guest");
    user_regs(&r, va + 0xffe, user_stack);
    user_run(&r);
    user_run(&r);
    is(r.vector, VECTOR_GP, "and without SYSRET too");
    f = try_call((void (*)(void *))(va + 0xffe), NULL);
    ok(f->vector == VECTOR_GP || f->vector == VECTOR_PF, "a hypercall of the kernel there: vector %u", f->vector);
}

void test_main(void)
{
    user_space_init();
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    user_rip(0, "by IRET");
    user_rip(VGCF_IN_SYSCALL, "by SYSRET");
    user_selectors(0, "by IRET");
    user_selectors(VGCF_IN_SYSCALL, "by SYSRET");
    user_rflags();
    kernel_rflags();
    kernel_rip();
    syscall_at_the_edge();
}
