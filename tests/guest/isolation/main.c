/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of hv's memory is mapped while a guest runs. None of it may be read; but a fault's error code tells whether
 * there is a translation that could be used on a guess, on a CPU that does so. With the word `pti=1` hv is asked to
 * take the direct map away (option `pti`), and roots that change must still be what the guest made of them.
 */
#include <guest.h>

#define PRESENT 1u
#define FRAME_TABLE 0xffff808000000000ul
#define IMAGE 0xffff810000000000ul
#define DIRECT_MAP 0xffff820000000000ul

static bool with_pti;

extern char load_in_user_mode[];
asm(".pushsection .text\n"
    "load_in_user_mode: movq (%rdi), %rax\n"
    "    int $0x80\n"
    "    ud2\n"
    ".popsection");

static uint64_t user_stack;

static void cannot_be_read(uint64_t address, bool mapped, const char *what)
{
    struct fault *f = probe_read((void *)address, NULL);
    struct regs r;

    is(f->vector, VECTOR_PF, "%s cannot be read by the kernel", what);
    is(f->error & PRESENT, mapped, "%s is %s then", what, mapped ? "mapped" : "not mapped");
    user_regs(&r, (uint64_t)load_in_user_mode, user_stack);
    r.rdi = address;
    user_run(&r);
    is(r.vector, VECTOR_PF, "%s cannot be read by a program", what);
    is(r.error & PRESENT, mapped, "%s is %s then", what, mapped ? "mapped" : "not mapped");
}

/* All of RAM that this machine has begins there; the first frames are mapped in any case. */
static void hypervisor_memory(void)
{
    uint64_t own = va_to_mfn(&user_stack) << 12;

    cannot_be_read(DIRECT_MAP + own, !with_pti, "the direct map of our own page");
    cannot_be_read(FRAME_TABLE + (own >> 12 << 5), !with_pti, "the frame table");
    cannot_be_read(IMAGE, true, "hv's text");
}

/* --- roots that change while they are in use --- */

static unsigned long window;
static uint64_t *window_root_entry, written;

static void there(const char *what)
{
    uint64_t value = 0;

    ok(probe_read((void *)window, &value)->vector == NO_FAULT && value == written, "%s: there", what);
}

static void gone(const char *what)
{
    struct fault *f = probe_read((void *)window, NULL);

    ok(f->vector == VECTOR_PF && !(f->error & PRESENT), "%s: gone", what);
}

/* Step by step with vCPU 0, which stays in its own code meanwhile: nothing but hv brings it the news. */
static volatile unsigned int asked, answered;
static volatile bool saw[3];

static void look(void *unused)
{
    (void)unused;
    for (unsigned int i = 0; i < 3; i++) {
        while (asked <= i)
            ;
        saw[i] = probe_read((void *)window, NULL)->vector == NO_FAULT;
        answered = i + 1;
    }
}

static void ask(void)
{
    unsigned int old = answered;

    asked++;
    while (answered == old)
        ;
}

static void two_at_once(uint64_t entry)
{
    if (cpu_count() < 2) {
        skip("two vCPUs on one root: there is one");
        return;
    }
    cpu_start(1, look, NULL);
    ask();
    set_entry(window_root_entry, 0);
    mmuext(MMUEXT_TLB_FLUSH_ALL, 0);
    ask();
    set_entry(window_root_entry, entry);
    ask();
    cpu_wait(1);
    ok(saw[0] && !saw[1] && saw[2], "another vCPU on the same root sees it there, gone, there (%u%u%u)", saw[0], saw[1],
       saw[2]);
}

static void changing_roots(void)
{
    uint64_t *l1 = new_window(&window), *page = page_alloc(), *other, entry;

    *page = written = 0x5ca1ab1e;
    gone("a window without a page");
    is(set_entry(l1, va_to_machine(page) | PTE_RO), 0, "it gets one");
    there("through an L3 that is new in the root");
    window_root_entry = entry_of((void *)window, 4);
    entry = *window_root_entry;
    is(set_entry(window_root_entry, 0), 0, "the root's entry is cleared");
    flush_tlb();
    gone("without it");
    is(set_entry(window_root_entry, entry), 0, "and written again");
    there("with it");
    other = clone_root();
    is(set_entry(window_root_entry, 0), 0, "the entry is cleared, a copy of the root has it still");
    gone("in the root");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(other)), 0, "we go to the copy");
    there("in the copy");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot_root())), 0, "and back");
    gone("back in the root");
    is(set_entry(window_root_entry, entry), 0, "and written");
    there("in the root again");
    two_at_once(entry);
}

/* A table that was a root, then something else, then another root in the same place. */
static void reused_root(void)
{
    uint64_t *root = clone_root(), *boot = boot_root(), value = 0;

    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(root)), 0, "another root");
    there("in it");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot)), 0, "it is left");
    is(unpin(root), 0, "is no root any more");
    map_rw(root);
    root[window >> 39 & 511] = 0;
    ok(!map_ro(root) && !pin(4, root), "and becomes one again, with an entry less");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(root)), 0, "which is used");
    gone("what it no longer has");
    ok(probe_read(&written, &value)->vector == NO_FAULT && value == written, "what it has is there");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot)), 0, "and left");
}

void test_main(void)
{
    with_pti = option("pti", 0);
    user_stack = (uint64_t)page_alloc() + PAGE_SIZE;
    user_space_init();
    if (running_on_hv())
        hypervisor_memory();
    changing_roots();
    reused_root();
}
