/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Building a PV domain, from beginning to end. What can be refused without a domain is refused before there
 * is one.
 *
 *   files -> layout -> empty domain -> memory -> kernel, initramfs, P2M list, page tables -> start state
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/config.h>
#include <libhv/domain.h>
#include <libhv/host.h>

#include "build_domain.h"
#include "handle.h"

#define INITRD_MAX (4UL << 30)
#define MEMORY_LIMIT_SLACK 1024 /* KiB above <memory>, as the balloon driver of some guests needs */

static uint64_t pages_now(const struct hv_build *wish)
{
    uint64_t kib = wish->current_kib ? wish->current_kib : wish->max_kib;

    return HV_KIB_TO_PAGES(kib);
}

static int make_layout(struct building *b, struct hv_error *err)
{
    uint64_t pages = pages_now(b->wish), needed = 0;
    int ret = layout_make(&b->layout, b->kernel, b->initrd.size, pages, &needed);

    if (ret == -ENOSPC)
        return hv_error_set(err, ENOSPC, "raise <memory>, or use a smaller kernel or initramfs",
                            "%" PRIu64 " KiB of memory are too little: the kernel %s needs %" PRIu64
                            " KiB to start",
                            HV_PAGES_TO_KIB(pages), b->wish->kernel, HV_PAGES_TO_KIB(needed));
    if (ret == -EFAULT)
        return hv_error_set(err, ENOEXEC, NULL,
                            "cannot use the kernel %s: it wants to be mapped where the hypervisor is",
                            b->wish->kernel);
    if (ret < 0)
        return hv_error_set(err, -ret, NULL, "cannot lay out the domain's memory: %s", strerror(-ret));
    return 0;
}

/* Opens the files and lays out the memory. */
static int prepare(struct building *b, struct hv_error *err)
{
    const struct hv_build *wish = b->wish;

    if (wish->max_vcpus < 1 || wish->max_vcpus > HV_VCPUS_MAX)
        return hv_error_set(err, EINVAL, NULL, "%u vCPUs: a domain has 1 to %u", wish->max_vcpus,
                            HV_VCPUS_MAX);
    if (wish->current_kib > wish->max_kib)
        return hv_error_set(err, EINVAL, NULL, "a domain cannot start with more memory than it may have");
    if (wish->cmdline && strlen(wish->cmdline) > HV_CMDLINE_MAX)
        return hv_error_set(err, E2BIG, "shorten <cmdline>",
                            "the kernel's command line is longer than %u characters", HV_CMDLINE_MAX);
    b->image = hv_image_open(wish->kernel, err);
    if (!b->image)
        return err && err->code ? -err->code : -EINVAL;
    b->kernel = hv_image_kernel(b->image);
    if (wish->initrd) {
        int ret = file_map(&b->initrd, wish->initrd, "the initramfs", INITRD_MAX,
                           "check <initrd> in the domain's XML", err);

        if (ret < 0)
            return ret;
    }
    return make_layout(b, err);
}

static void release(struct building *b)
{
    window_free(&b->window);
    free(b->p2m);
    layout_free(&b->layout);
    file_unmap(&b->initrd);
    hv_image_close(b->image);
}

static int check_free_memory(struct building *b, struct hv_error *err)
{
    uint64_t free_kib, wanted = HV_PAGES_TO_KIB(b->layout.pages);
    int ret = hv_host_free_kib(b->hv, &free_kib, err);

    if (ret < 0)
        return ret;
    if (free_kib < wanted)
        return hv_error_set(err, ENOMEM, "lower <memory>, or stop another domain",
                            "not enough memory: %" PRIu64 " KiB are wanted, %" PRIu64 " KiB are free", wanted,
                            free_kib);
    return 0;
}

static int create_empty(struct building *b, struct hv_error *err)
{
    struct hv_domain_info info;
    int ret = hv_domain_create(b->hv, b->wish->uuid, b->wish->max_vcpus,
                               b->wish->max_kib + MEMORY_LIMIT_SLACK, &b->domid, err);

    if (ret < 0)
        return ret;
    ret = hv_domain_info(b->hv, b->domid, &info, err);
    b->shared_info_mfn = ret < 0 ? 0 : info.shared_info_frame;
    return ret;
}

static void plan_window(struct building *b)
{
    const struct layout *layout = &b->layout;
    struct extent magic = { layout->start_info_pfn, layout->tables.pfn - layout->start_info_pfn };

    window_add(&b->window, layout->kernel);
    window_add(&b->window, layout->initrd);
    window_add(&b->window, layout->p2m);
    window_add(&b->window, magic);
    window_add(&b->window, layout->tables);
    window_add(&b->window, layout->p2m_tables);
}

static int fill(struct building *b, struct hv_error *err)
{
    int ret;

    b->p2m = memory_populate(b->hv, b->domid, b->layout.pages, err);
    if (!b->p2m)
        return -ENOMEM;
    plan_window(b);
    ret = window_prepare(&b->window, b->p2m);
    if (ret < 0)
        return hv_error_set(err, -ret, NULL, "cannot list the frames to fill: %s", strerror(-ret));
    ret = start_ports(b, err);
    if (ret < 0)
        return ret;
    ret = load_in_child(b, err);
    if (ret < 0)
        return ret;
    return start_finish(b, err);
}

int hv_build_check(const struct hv_build *build, struct hv_error *err)
{
    struct building b = { .wish = build };
    int ret = prepare(&b, err);

    release(&b);
    return ret < 0 ? ret : 0;
}

int hv_build_pv(struct hv *hv, const struct hv_build *build, struct hv_built *built, struct hv_error *err)
{
    struct building b = { .hv = hv, .wish = build };
    struct hv_error own = { 0 }, ignored;
    int ret;

    err = err ? err : &own;
    ret = prepare(&b, err);
    if (ret < 0)
        goto release_all;
    ret = check_free_memory(&b, err);
    if (ret < 0)
        goto release_all;
    ret = create_empty(&b, err);
    if (ret < 0)
        goto destroy_domain;
    ret = fill(&b, err);
    if (ret < 0)
        goto destroy_domain;
    *built = b.built;
    release(&b);
    return 0;

destroy_domain:
    if (b.domid)
        hv_domain_destroy(hv, b.domid, &ignored);
release_all:
    release(&b);
    if (build->name)
        hv_error_prefix(err, "domain %s: ", build->name);
    return ret;
}
