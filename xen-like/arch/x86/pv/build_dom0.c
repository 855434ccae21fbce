/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building the first domain, from a kernel and an initramfs that the boot loader left in memory.
 *
 * What the ABI promises a new kernel is laid out in pseudo-physical frames first (struct layout), then filled
 * through the direct map: the kernel, its start_info, the P2M list, page tables. The tables are written as plain
 * data and then put through the same validation as any guest's, so nothing here needs to know how frames are
 * typed and counted, and a mistake here is caught there.
 */
#include <arch/boot.h>
#include <arch/kernel_elf.h>
#include <arch/paging.h>
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/heap.h>
#include <hv/options.h>
#include <hv/page_alloc.h>
#include <hv/string.h>
#include <public/domctl.h>

#define MIB(n) ((uint64_t)(n) << 20)
#define TABLE_ENTRIES 512u
#define EXTENTS_MAX 8192u

#define ENTRY_TABLE (PTE_P | PTE_RW | PTE_US | PTE_A)
#define ENTRY_RW (ENTRY_TABLE | PTE_D)
#define ENTRY_RO (PTE_P | PTE_US | PTE_A)

static uint64_t opt_dom0_mem;
OPTION_BYTES(opt_dom0_mem, "dom0_mem");
static unsigned int opt_dom0_max_vcpus;
OPTION_NUMBER(opt_dom0_max_vcpus, "dom0_max_vcpus");

/* A run of frames that is contiguous in both numberings. */
struct extent {
    uint64_t pfn, mfn, count;
};

struct layout { /* virtual addresses; PFN n is at virt_base + n pages, up to v_end */
    uint64_t start, end;
    uint64_t initrd, p2m, start_info, tables, stack;
    uint64_t nr_tables;
    uint64_t initrd_pfn;          /* 0: no initramfs */
    uint64_t p2m_pfn, p2m_pages;  /* the list's own frames */
    uint64_t p2m_tables;          /* frames right behind, for mapping it: only when it is not in [start, end) */
    uint64_t pages_needed;
};

struct builder {
    struct domain *d;
    struct kernel_elf kernel;
    struct layout at;
    uint64_t nr_pages;
    struct extent *extent;        /* sorted by pfn, without gaps */
    unsigned int nr_extents, last;
    const struct boot_module *initrd;
};

/* --- frames --- */

/* Default: a quarter of memory, at least 512 MiB and at most 4 GiB; always leave hv and the guests some. */
static uint64_t dom0_pages(void)
{
    uint64_t free = page_alloc_free_pages(), keep = max(MIB(32) >> PAGE_SHIFT, free / 64);
    uint64_t want = opt_dom0_mem >> PAGE_SHIFT;

    if (!want) {
        want = page_alloc_total_pages() / 4;
        want = max(want, MIB(512) >> PAGE_SHIFT);
        want = min(want, MIB(4096) >> PAGE_SHIFT);
    }
    return min(want, free > keep ? free - keep : 0);
}

static int allocate(struct builder *b)
{
    unsigned int order = PAGE_ORDER_MAX;

    b->extent = heap_new_array(struct extent, EXTENTS_MAX);
    if (!b->extent)
        return -ENOMEM;
    for (uint64_t pfn = 0; pfn < b->nr_pages;) {
        struct page_info *pg = NULL;

        while (order && (1ull << order) > b->nr_pages - pfn)
            order--;
        if (b->nr_extents < EXTENTS_MAX)
            pg = page_alloc_domain(b->d, order, PAGE_NO_SCRUB);
        if (!pg && !order) {
            printk(LOG_ERR, "dom0: out of memory after %lu of %lu pages; give less with dom0_mem=\n", pfn,
                   b->nr_pages);
            return -ENOMEM;
        }
        if (!pg) {
            order--;
            continue;
        }
        b->extent[b->nr_extents++] = (struct extent){ pfn, page_to_mfn(pg).v, 1ull << order };
        for (uint64_t i = 0; i < 1ull << order; i++)
            m2p_set(mfn_add(page_to_mfn(pg), i), PFN(pfn + i));
        pfn += 1ull << order;
    }
    return 0;
}

static mfn_t to_mfn(struct builder *b, uint64_t pfn)
{
    const struct extent *e = &b->extent[b->last];

    if (pfn < e->pfn || pfn >= e->pfn + e->count) { /* nearly always the same or the next one */
        b->last = pfn >= e->pfn + e->count ? b->last + 1 : 0;
        while (pfn >= b->extent[b->last].pfn + b->extent[b->last].count)
            b->last++;
        e = &b->extent[b->last];
    }
    return MFN(e->mfn + pfn - e->pfn);
}

static void *to_virt(struct builder *b, uint64_t pfn) { return mfn_to_virt(to_mfn(b, pfn)); }
static uint64_t va_to_pfn(const struct builder *b, uint64_t va) { return (va - b->at.start) >> PAGE_SHIFT; }

/* --- layout --- */

/* Tables below the top that mapping [va, va + bytes) takes, the top one included. */
static uint64_t tables_for(uint64_t va, uint64_t bytes)
{
    uint64_t n = 1;

    for (unsigned int shift = 21; shift <= 39; shift += 9)
        n += ((va + bytes - 1) >> shift) - (va >> shift) + 1;
    return n;
}

static int plan(struct builder *b)
{
    const struct kernel_elf *k = &b->kernel;
    struct layout *at = &b->at;
    uint64_t va = ALIGN_UP(k->virt_end, PAGE_SIZE), initrd_pages = 0, seen, next_pfn;

    at->start = k->virt_base;
    at->p2m_pages = ROUND_DIV(b->nr_pages * sizeof(uint64_t), PAGE_SIZE);
    if (b->initrd)
        initrd_pages = ROUND_DIV(b->initrd->size, PAGE_SIZE);
    if (initrd_pages && !k->mod_start_pfn) {
        at->initrd = va;
        at->initrd_pfn = (va - at->start) >> PAGE_SHIFT;
        va += initrd_pages << PAGE_SHIFT;
    }
    if (k->p2m_base == NOTE_UNSET) {
        at->p2m = va;
        at->p2m_pfn = (va - at->start) >> PAGE_SHIFT;
        va += at->p2m_pages << PAGE_SHIFT;
    }
    at->start_info = va;
    at->tables = va + PAGE_SIZE;
    do { /* the tables are mapped by themselves */
        seen = at->nr_tables;
        at->stack = at->tables + (seen << PAGE_SHIFT);
        at->end = ALIGN_UP(at->stack + PAGE_SIZE + MIB(1) / 2, MIB(4));
        if (at->end < at->start) /* up to the very top of the address space */
            return -EINVAL;
        at->nr_tables = tables_for(at->start, at->end - at->start);
    } while (at->nr_tables != seen);

    next_pfn = (at->end - at->start) >> PAGE_SHIFT;
    if (initrd_pages && k->mod_start_pfn) {
        at->initrd_pfn = next_pfn;
        next_pfn += initrd_pages;
    }
    if (k->p2m_base != NOTE_UNSET) {
        at->p2m = k->p2m_base;
        at->p2m_pfn = next_pfn;
        at->p2m_tables = tables_for(at->p2m, at->p2m_pages << PAGE_SHIFT) - 1;
        next_pfn += at->p2m_pages + at->p2m_tables;
    }
    at->pages_needed = next_pfn;
    return 0;
}

/* --- filling --- */

static int put_kernel(void *arg, uint64_t va, const void *from, size_t n)
{
    struct builder *b = arg;
    char *to = (char *)to_virt(b, va_to_pfn(b, va)) + (va & ~PAGE_MASK);

    if (from)
        memcpy(to, from, n);
    else
        memset(to, 0, n);
    return 0;
}

static void put_initrd(struct builder *b)
{
    const char *from = b->initrd->data;

    for (uint64_t done = 0; done < b->initrd->size; done += PAGE_SIZE) {
        uint64_t n = min(b->initrd->size - done, PAGE_SIZE);
        char *to = to_virt(b, b->at.initrd_pfn + (done >> PAGE_SHIFT));

        memcpy(to, from + done, n);
        memset(to + n, 0, PAGE_SIZE - n);
    }
}

static void put_p2m(struct builder *b)
{
    const uint64_t per_page = PAGE_SIZE / sizeof(uint64_t);

    for (uint64_t page = 0; page < b->at.p2m_pages; page++) {
        uint64_t *list = to_virt(b, b->at.p2m_pfn + page);

        for (uint64_t i = 0; i < per_page; i++) {
            uint64_t pfn = page * per_page + i;

            list[i] = pfn < b->nr_pages ? to_mfn(b, pfn).v : ~0ull;
        }
    }
}

static void put_start_info(struct builder *b, const char *cmdline)
{
    const struct layout *at = &b->at;
    struct start_info *si = to_virt(b, va_to_pfn(b, at->start_info));

    memset(si, 0, PAGE_SIZE);
    snprintf(si->magic, sizeof(si->magic), "xen-3.0-x86_64");
    si->nr_pages = b->nr_pages;
    si->shared_info = mfn_to_maddr(virt_to_mfn(b->d->shared_info)).v;
    si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN | SIF_VIRT_P2M_4TOOLS;
    si->pt_base = at->tables;
    si->nr_pt_frames = at->nr_tables;
    si->mfn_list = at->p2m;
    if (b->kernel.p2m_base != NOTE_UNSET) {
        si->first_p2m_pfn = at->p2m_pfn;
        si->nr_p2m_frames = at->p2m_pages + at->p2m_tables;
    }
    if (at->initrd_pfn) {
        si->mod_start = b->kernel.mod_start_pfn ? at->initrd_pfn : at->initrd;
        si->mod_len = b->initrd->size;
        if (b->kernel.mod_start_pfn)
            si->flags |= SIF_MOD_START_PFN;
    }
    if (boot_info.video.video_type) {
        si->console.dom0.info_off = sizeof(*si);
        si->console.dom0.info_size = sizeof(boot_info.video);
        memcpy(si + 1, &boot_info.video, sizeof(boot_info.video));
    }
    strlcpy(si->cmd_line, cmdline, sizeof(si->cmd_line));
}

/* --- page tables --- */

struct table_pool { /* frames for tables, taken in order */
    uint64_t next_pfn, end_pfn;
};

static uint64_t *take_table(struct builder *b, struct table_pool *pool, uint64_t *pfn)
{
    uint64_t *table;

    BUG_ON(pool->next_pfn >= pool->end_pfn); /* plan() counted them */
    *pfn = pool->next_pfn++;
    table = to_virt(b, *pfn);
    memset(table, 0, PAGE_SIZE);
    return table;
}

static void map_page(struct builder *b, struct table_pool *pool, uint64_t *root, uint64_t va, uint64_t entry)
{
    uint64_t *table = root;

    for (unsigned int shift = 39; shift > 12; shift -= 9) {
        uint64_t *slot = &table[(va >> shift) % TABLE_ENTRIES], pfn;

        if (*slot) {
            table = mfn_to_virt(MFN((*slot & PTE_ADDR_MASK) >> PAGE_SHIFT));
        } else {
            table = take_table(b, pool, &pfn);
            *slot = mfn_to_maddr(to_mfn(b, pfn)).v | ENTRY_TABLE;
        }
    }
    table[(va >> PAGE_SHIFT) % TABLE_ENTRIES] = entry;
}

/* Frames that are tables are mapped read-only: the ABI's rule, and validation insists on it. */
static bool is_table(const struct builder *b, uint64_t pfn)
{
    uint64_t first = va_to_pfn(b, b->at.tables), p2m_tables = b->at.p2m_pfn + b->at.p2m_pages;

    return (pfn >= first && pfn < first + b->at.nr_tables) ||
           (pfn >= p2m_tables && pfn < p2m_tables + b->at.p2m_tables);
}

static mfn_t put_tables(struct builder *b)
{
    const struct layout *at = &b->at;
    struct table_pool pool = { va_to_pfn(b, at->tables), va_to_pfn(b, at->tables) + at->nr_tables };
    struct table_pool p2m_pool = { at->p2m_pfn + at->p2m_pages, at->p2m_pfn + at->p2m_pages + at->p2m_tables };
    uint64_t root_pfn, *root = take_table(b, &pool, &root_pfn);

    for (uint64_t va = at->start; va < at->end; va += PAGE_SIZE) {
        uint64_t pfn = va_to_pfn(b, va);

        map_page(b, &pool, root, va, mfn_to_maddr(to_mfn(b, pfn)).v | (is_table(b, pfn) ? ENTRY_RO : ENTRY_RW));
    }
    for (uint64_t i = 0; at->p2m_tables && i < at->p2m_pages; i++)
        map_page(b, &p2m_pool, root, at->p2m + (i << PAGE_SHIFT), mfn_to_maddr(to_mfn(b, at->p2m_pfn + i)).v | ENTRY_RW);
    return to_mfn(b, root_pfn);
}

/* The kernel expects its first root to be pinned, and unpins it when it has moved to its own. */
static int pin_root(struct builder *b, mfn_t root)
{
    struct page_info *pg = mfn_to_page(root);
    int rc;

    do
        rc = page_get_and_type(pg, b->d, PGT_L4_TABLE);
    while (rc == -ERESTART || rc == -EINTR);
    if (!rc)
        __atomic_fetch_or(&pg->type, PGT_PINNED, __ATOMIC_SEQ_CST);
    return rc;
}

/* --- the first vCPU --- */

static int start_vcpu(struct builder *b, mfn_t root)
{
    struct vcpu_guest_context *c = heap_new(struct vcpu_guest_context);
    struct vcpu *v = b->d->vcpu[0];
    int rc;

    if (!c)
        return -ENOMEM;
    c->flags = VGCF_in_kernel | VGCF_online;
    c->user_regs.rip = b->kernel.entry;
    c->user_regs.rsp = b->at.stack + PAGE_SIZE;
    c->user_regs.rsi = b->at.start_info;
    c->user_regs.cs = FLAT_KERNEL_CS;
    c->user_regs.ss = c->user_regs.ds = c->user_regs.es = FLAT_KERNEL_SS;
    c->user_regs.rflags = 1u << 9;
    c->kernel_ss = FLAT_KERNEL_SS;
    c->kernel_sp = b->at.stack + PAGE_SIZE;
    c->ctrlreg[3] = xen_pfn_to_cr3(root.v);
    do
        rc = arch_set_guest_context(v, c);
    while (rc == -ERESTART || rc == -EINTR);
    heap_free(c);
    if (rc)
        return rc;
    __atomic_fetch_and(&v->pause_flags, ~(uint32_t)VPF_DOWN, __ATOMIC_SEQ_CST);
    return 0;
}

static int create_domain(struct builder *b)
{
    struct xen_domctl_createdomain config = {
        .max_evtchn_port = UINT32_MAX, .max_grant_frames = 64, .max_maptrack_frames = 1024,
    };
    int rc;

    config.max_vcpus = cpumask_weight(arch_online_cpus());
    if (opt_dom0_max_vcpus)
        config.max_vcpus = min(opt_dom0_max_vcpus, MAX_VCPUS);
    dom0 = b->d = domain_create(0, &config, true, &rc);
    if (!b->d)
        return rc;
    for (unsigned int i = 0; i < config.max_vcpus; i++)
        if (!vcpu_create(b->d, i))
            return -ENOMEM;
    return 0;
}

static int fill(struct builder *b, const char *cmdline)
{
    mfn_t root;
    int rc = kernel_elf_load(&b->kernel, put_kernel, b);

    if (rc)
        return rc;
    if (b->at.initrd_pfn)
        put_initrd(b);
    put_p2m(b);
    put_start_info(b, cmdline);
    memset(to_virt(b, va_to_pfn(b, b->at.stack)), 0, PAGE_SIZE);
    if (b->kernel.hypercall_page != NOTE_UNSET) {
        if (b->kernel.hypercall_page < b->kernel.virt_start || b->kernel.hypercall_page >= b->kernel.virt_end)
            return -EINVAL;
        pv_hypercall_page_init(to_virt(b, va_to_pfn(b, b->kernel.hypercall_page)));
    }
    root = put_tables(b);
    rc = pin_root(b, root);
    return rc ? rc : start_vcpu(b, root);
}

int build_dom0(const struct boot_module *kernel, const struct boot_module *initrd, const char *cmdline)
{
    struct builder b = { .initrd = initrd && initrd->size ? initrd : NULL };
    size_t elf_size;
    void *elf;
    int rc = kernel_unpack(kernel->data, kernel->size, &elf, &elf_size);

    if (rc)
        return rc;
    rc = kernel_elf_parse(&b.kernel, elf, elf_size);
    if (rc)
        goto release;
    rc = create_domain(&b);
    if (rc)
        goto release;
    b.nr_pages = dom0_pages();
    rc = plan(&b);
    if (!rc && b.at.pages_needed > b.nr_pages) {
        printk(LOG_ERR, "dom0: needs %lu MiB to start, has %lu MiB; give more with dom0_mem=\n",
               b.at.pages_needed >> 8, b.nr_pages >> 8);
        rc = -ENOMEM;
    }
    if (!rc)
        rc = allocate(&b);
    if (!rc)
        rc = fill(&b, cmdline);
    if (rc)
        goto release;
    b.d->max_pages = opt_dom0_mem ? (uint32_t)b.nr_pages : UINT32_MAX;
    printk(LOG_INFO, "dom0: %s %s, %lu MiB, %u vCPUs, kernel at %lx to %lx, entry %lx\n", b.kernel.guest_os,
           b.kernel.guest_version, b.nr_pages >> 8, b.d->max_vcpus, b.kernel.virt_start, b.kernel.virt_end,
           b.kernel.entry);
    domain_unpause_by_controller(b.d);
release:
    heap_free(b.extent);
    kernel_unpack_release();
    return rc;
}
