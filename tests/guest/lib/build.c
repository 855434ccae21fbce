/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * See build.h. The child's address space, from VIRT_BASE up: its image, the P2M list, start_info, the store's and the
 * console's pages, the page tables, a boot stack, and padding. Its pseudo-physical frame N is what populate_physmap gave for
 * N, so one array describes all of it, and that array is also the child's P2M list.
 *
 * Frames of the child are written through one page of ours whose mapping is changed; it is gone before the tables are pinned,
 * for a page table may not be mapped writable by anybody.
 */
#include "guest.h"
#include "build.h"
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/sysctl.h>

#define PAGES (40ul << 8)       /* 40 MiB */

static xen_pfn_t child_p2m[PAGES];
static char *peephole;

struct layout {
    unsigned long image_end, p2m, start_info, store, console, tables, nr_tables, stack, end;    /* PFNs */
    uint64_t entry, hypercall_page;
};

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_note {
    uint32_t name_size, size, type;
};

long domctl(struct xen_domctl *op, unsigned int cmd, unsigned int domain)
{
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = domain;
    return HYPERCALL_1(__HYPERVISOR_domctl, op);
}

uint64_t machine_free_pages(void)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

    if (HYPERCALL_1(__HYPERVISOR_sysctl, &op))
        bail("physinfo failed");
    return op.u.physinfo.free_pages;
}

static void must(long error, const char *what)
{
    if (error)
        bail("building the child: %s failed: %ld", what, error);
}

void *child_page(const struct child *child, unsigned long pfn)
{
    struct mmu_update req = { entry_machine(entry_of(peephole, 1)), child_p2m[pfn] * PAGE_SIZE | PTE_RW };

    must(hyp_mmu_update(&req, 1, NULL, child->domain), "mapping a page of it");
    flush_tlb();
    return peephole;
}

static void write_child(const struct child *child, uint64_t address, const void *from, size_t size)
{
    while (size) {
        size_t offset = address % PAGE_SIZE, n = PAGE_SIZE - offset < size ? PAGE_SIZE - offset : size;

        memcpy((char *)child_page(child, (address - VIRT_BASE) / PAGE_SIZE) + offset, from, n);
        address += n;
        from = (const char *)from + n;
        size -= n;
    }
}

static const struct elf_segment *segment(const void *elf, unsigned int i)
{
    const struct elf_header *header = elf;

    return (const void *)((const char *)elf + header->phoff + i * header->phentsize);
}

/* The only number that is needed from the notes: where the hypercall page is. */
static uint64_t find_hypercall_page(const char *at, uint64_t size)
{
    const char *end = at + size;

    while (at + sizeof(struct elf_note) <= end) {
        const struct elf_note *note_ = (const void *)at;
        const char *value = at + sizeof(*note_) + ((note_->name_size + 3) & ~3u);

        if (note_->type == 2)
            return *(const uint64_t *)value;
        at = value + ((note_->size + 3) & ~3u);
    }
    return 0;
}

static void plan(struct layout *l, const void *elf)
{
    const struct elf_header *header = elf;
    unsigned long pfn;
    unsigned int i;

    memset(l, 0, sizeof(*l));
    l->entry = header->entry;
    for (i = 0; i < header->phnum; i++) {
        const struct elf_segment *s = segment(elf, i);

        if (s->type == 1 && (s->vaddr + s->memsz - VIRT_BASE + PAGE_SIZE - 1) / PAGE_SIZE > l->image_end)
            l->image_end = (s->vaddr + s->memsz - VIRT_BASE + PAGE_SIZE - 1) / PAGE_SIZE;
        if (s->type == 4)
            l->hypercall_page = find_hypercall_page((const char *)elf + s->offset, s->filesz);
    }
    pfn = l->p2m = l->image_end;
    l->start_info = pfn += PAGES * 8 / PAGE_SIZE;
    l->store = ++pfn;
    l->console = ++pfn;
    l->tables = ++pfn;
    l->nr_tables = 3 + (pfn + 16 + 128 + 1023) / 1024 * 2;
    l->stack = l->tables + l->nr_tables;
    l->end = (l->nr_tables - 3) * 512;
}

static void load(const struct child *child, const void *elf)
{
    const struct elf_header *header = elf;
    unsigned int i;

    for (i = 0; i < header->phnum; i++) {
        const struct elf_segment *s = segment(elf, i);

        if (s->type == 1)
            write_child(child, s->vaddr, (const char *)elf + s->offset, s->filesz);
    }
}

static void make_tables(const struct child *child, const struct layout *l)
{
    unsigned long l1s = l->nr_tables - 3, i, pfn;
    uint64_t *t = child_page(child, l->tables);

    t[VIRT_BASE >> 39 & 511] = child_p2m[l->tables + 1] * PAGE_SIZE | PTE_TABLE;
    t = child_page(child, l->tables + 1);
    t[VIRT_BASE >> 30 & 511] = child_p2m[l->tables + 2] * PAGE_SIZE | PTE_TABLE;
    t = child_page(child, l->tables + 2);
    for (i = 0; i < l1s; i++)
        t[i] = child_p2m[l->tables + 3 + i] * PAGE_SIZE | PTE_TABLE;
    for (i = 0; i < l1s; i++) {
        t = child_page(child, l->tables + 3 + i);
        for (pfn = i * 512; pfn < (i + 1) * 512; pfn++) {
            bool is_table = pfn >= l->tables && pfn < l->tables + l->nr_tables;

            t[pfn % 512] = child_p2m[pfn] * PAGE_SIZE | (is_table ? PTE_RO : PTE_RW);
        }
    }
}

static void pin_tables(const struct child *child, const struct layout *l)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = child_p2m[l->tables] };

    map_rw(peephole);
    must(hyp_mmuext_op(&op, 1, NULL, child->domain), "pinning its page tables");
}

static uint32_t make_port(const struct child *child)
{
    struct evtchn_alloc_unbound op = { .dom = child->domain, .remote_dom = DOMID_SELF };

    must(hyp_event_channel_op(EVTCHNOP_alloc_unbound, &op), "making an event channel for it");
    return op.port;
}

static void tell(struct child *child, const struct layout *l, const char *command_line)
{
    struct start_info *si = child_page(child, l->start_info);
    struct xen_domctl_getdomaininfo info;
    uint32_t console_port = make_port(child);

    must(child_info(child, &info), "asking about it");
    memcpy(si->magic, "xen-3.0-x86_64", 15);
    si->nr_pages = PAGES;
    si->shared_info = info.shared_info_frame * PAGE_SIZE;
    si->store_mfn = child_p2m[l->store];
    si->store_evtchn = make_port(child);
    si->console.domU.mfn = child_p2m[l->console];
    si->console.domU.evtchn = console_port;
    si->pt_base = VIRT_BASE + l->tables * PAGE_SIZE;
    si->nr_pt_frames = l->nr_tables;
    si->mfn_list = VIRT_BASE + l->p2m * PAGE_SIZE;
    format((char *)si->cmd_line, sizeof(si->cmd_line), "%s", command_line);
    child->console_port = event_bind_interdomain(child->domain, console_port);
}

static void set_context(const struct child *child, const struct layout *l)
{
    static struct vcpu_guest_context context;
    struct xen_domctl op = { .u.vcpucontext = { .vcpu = 0, .ctxt.p = &context } };

    memset(&context, 0, sizeof(context));
    context.flags = VGCF_IN_KERNEL | VGCF_online;
    context.user_regs.rip = l->entry;
    context.user_regs.rsp = VIRT_BASE + (l->stack + 1) * PAGE_SIZE;
    context.user_regs.rsi = VIRT_BASE + l->start_info * PAGE_SIZE;
    context.user_regs.rflags = 0x202;
    context.user_regs.cs = FLAT_KERNEL_CS64;
    context.user_regs.ss = FLAT_KERNEL_SS64;
    context.kernel_ss = FLAT_KERNEL_SS64;
    context.kernel_sp = context.user_regs.rsp;
    context.ctrlreg[3] = xen_pfn_to_cr3(child_p2m[l->tables]);
    must(domctl(&op, XEN_DOMCTL_setvcpucontext, child->domain), "setting its first vCPU's state");
}

static void create(struct child *child, unsigned int vcpus)
{
    struct xen_domctl op = { .u.createdomain = {
        .max_vcpus = vcpus, .max_evtchn_port = 4095, .max_grant_frames = 32, .max_maptrack_frames = 1024, .grant_opts = 1,
    } };

    must(domctl(&op, XEN_DOMCTL_createdomain, 0), "createdomain");
    child->domain = op.domain;
    op = (struct xen_domctl){ .u.max_vcpus.max = vcpus };
    must(domctl(&op, XEN_DOMCTL_max_vcpus, child->domain), "max_vcpus");
    op = (struct xen_domctl){ .u.max_mem.max_memkb = PAGES * 4 + 1024 };
    must(domctl(&op, XEN_DOMCTL_max_mem, child->domain), "max_mem");
}

static void populate(const struct child *child)
{
    struct xen_memory_reservation op = { .extent_start.p = child_p2m, .nr_extents = PAGES, .domid = child->domain };
    unsigned long i;

    for (i = 0; i < PAGES; i++)
        child_p2m[i] = i;
    must(hyp_memory_op(XENMEM_populate_physmap, &op) == PAGES ? 0 : -1, "giving it memory");
}

unsigned long child_create(struct child *child, unsigned int vcpus)
{
    *child = (struct child){ 0 };
    if (!peephole)
        peephole = page_alloc();
    create(child, vcpus);
    populate(child);
    return PAGES;
}

void child_load(struct child *child, const void *elf, size_t size, const char *command_line)
{
    struct xen_domctl op = { 0 };
    struct layout l;

    if (size < sizeof(struct elf_header) || memcmp(elf, "\177ELF", 4))
        bail("no ELF file to start");
    plan(&l, elf);
    load(child, elf);
    write_child(child, VIRT_BASE + l.p2m * PAGE_SIZE, child_p2m, sizeof(child_p2m));
    op.u.hypercall_init.gmfn = child_p2m[(l.hypercall_page - VIRT_BASE) / PAGE_SIZE];
    must(domctl(&op, XEN_DOMCTL_hypercall_init, child->domain), "hypercall_init");
    make_tables(child, &l);
    tell(child, &l, command_line);
    pin_tables(child, &l);
    set_context(child, &l);
    child->console = child_page(child, l.console);
    peephole = page_alloc();
}

long child_info(const struct child *child, struct xen_domctl_getdomaininfo *info)
{
    struct xen_domctl op = { 0 };
    long error = domctl(&op, XEN_DOMCTL_getdomaininfo, child->domain);

    *info = op.u.getdomaininfo;
    return error ? error : op.domain == child->domain ? 0 : -XEN_ESRCH;
}

void child_unpause(const struct child *child)
{
    struct xen_domctl op = { 0 };

    must(domctl(&op, XEN_DOMCTL_unpausedomain, child->domain), "unpausing it");
}

bool child_destroy(struct child *child)
{
    struct xen_domctl op = { 0 };
    struct xen_domctl_getdomaininfo info;
    uint64_t end = time_now() + 10000000000ull;

    if (child->console) {
        map_rw((void *)child->console);
        event_close(child->console_port);
    }
    child->console = NULL;
    map_rw(peephole);
    must(domctl(&op, XEN_DOMCTL_destroydomain, child->domain), "destroying it");
    while (!child_info(child, &info)) {
        if (time_now() > end)
            return false;
        hyp_sched_op(0, NULL);
    }
    return true;
}
