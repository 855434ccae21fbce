/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory is asked for in pieces of 2 MiB as long as the hypervisor has such pieces, in single frames where
 * not: a guest does not notice the difference, but one request then covers a gigabyte. The frames that the
 * builder writes to are mapped at once, in one request.
 */
#include <emmintrin.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <public/xen.h>
#include <public/memory.h>

#include <libhv/foreign.h>
#include <libhv/host.h>

#include "build_memory.h"
#include "handle.h"

#define LARGE_ORDER 9
#define LARGE_PAGES (1UL << LARGE_ORDER)
#define BATCH (HV_PAGE_SIZE / sizeof(xen_pfn_t)) /* extents of one request */

/*
 * One request for `count` extents from `pfn` on. Returns how many were given, whose frames are then in `p2m`.
 * `list` is a hypercall buffer: going in it has the first PFN of each extent, coming out its first machine
 * frame.
 */
static long populate(struct hv *hv, uint32_t domid, uint64_t pfn, unsigned order, size_t count,
                     xen_pfn_t *list, uint64_t *p2m)
{
    struct xen_memory_reservation arg = {
        .nr_extents = count,
        .extent_order = order,
        .domid = (domid_t)domid,
    };
    uint64_t size = 1UL << order;
    long done;

    arg.extent_start.p = list;
    for (size_t i = 0; i < count; i++)
        list[i] = pfn + i * size;
    done = hv_memory_op(hv, XENMEM_populate_physmap, &arg, sizeof(arg));
    for (long i = 0; i < done; i++)
        for (uint64_t j = 0; j < size; j++)
            p2m[pfn + (uint64_t)i * size + j] = list[i] + j;
    return done;
}

static size_t at_most(uint64_t value, size_t limit)
{
    return value < limit ? (size_t)value : limit;
}

/* Fills p2m[] as far as memory goes. Returns the number of pages given, or an error. */
static long populate_all(struct hv *hv, uint32_t domid, uint64_t pages, xen_pfn_t *list, uint64_t *p2m)
{
    uint64_t pfn = 0;

    while (pfn < pages) {
        size_t large = at_most((pages - pfn) >> LARGE_ORDER, BATCH), small;
        long done = 0;

        if (large)
            done = populate(hv, domid, pfn, LARGE_ORDER, large, list, p2m);
        if (done > 0)
            pfn += (uint64_t)done << LARGE_ORDER;
        if (done == (long)large && large)
            continue;
        /* No large piece (any more): one piece's worth of single frames, then try again. */
        small = at_most(pages - pfn, BATCH);
        done = populate(hv, domid, pfn, 0, small, list, p2m);
        if (done < 0)
            return done;
        pfn += (uint64_t)done;
        if (done < (long)small)
            break;
    }
    return (long)pfn;
}

uint64_t *memory_populate(struct hv *hv, uint32_t domid, uint64_t pages, struct hv_error *err)
{
    uint64_t *p2m = malloc(pages * sizeof(*p2m));
    xen_pfn_t *list = hv_buffer_alloc(hv, BATCH * sizeof(*list));
    uint64_t free_kib = 0;
    long done;

    if (!p2m || !list) {
        hv_error_set(err, ENOMEM, NULL, "cannot list a new domain's frames: out of memory");
        goto free_both;
    }
    done = populate_all(hv, domid, pages, list, p2m);
    if (done < 0 || (uint64_t)done < pages) {
        int code = done < 0 ? (int)-done : ENOMEM;

        hv_host_free_kib(hv, &free_kib, NULL);
        hv_error_set(err, code, "stop another domain or lower <memory>",
                     "cannot get %" PRIu64 " KiB of memory, %" PRIu64 " KiB more are free: %s",
                     HV_PAGES_TO_KIB(pages), free_kib, strerror(code));
        goto free_both;
    }
    hv_buffer_free(hv, list, BATCH * sizeof(*list));
    return p2m;

free_both:
    hv_buffer_free(hv, list, BATCH * sizeof(*list));
    free(p2m);
    return NULL;
}

void window_add(struct window *window, struct extent extent)
{
    if (extent.pages && window->extents < WINDOW_EXTENTS) {
        window->extent[window->extents++] = extent;
        window->pages += extent.pages;
    }
}

int window_prepare(struct window *window, const uint64_t *p2m)
{
    uint64_t *at = malloc(window->pages * sizeof(*at));

    window->frames = at;
    window->errors = calloc(window->pages, sizeof(*window->errors));
    if (!window->frames || !window->errors)
        return -ENOMEM;
    for (unsigned i = 0; i < window->extents; i++) {
        memcpy(at, p2m + window->extent[i].pfn, window->extent[i].pages * sizeof(*at));
        at += window->extent[i].pages;
    }
    return 0;
}

int window_map(struct window *window, struct hv *hv, uint32_t domid, struct hv_error *err)
{
    window->data =
        foreign_map(hv, domid, PROT_READ | PROT_WRITE, window->pages, window->frames, window->errors, err);
    return window->data ? 0 : -EIO;
}

void window_free(struct window *window)
{
    if (window->data)
        hv_foreign_unmap(window->data, window->pages);
    free(window->frames);
    free(window->errors);
    *window = (struct window) { 0 };
}

void *window_page(const struct window *window, uint64_t pfn)
{
    size_t before = 0;

    for (unsigned i = 0; i < window->extents; i++) {
        const struct extent *extent = &window->extent[i];

        if (pfn >= extent->pfn && pfn - extent->pfn < extent->pages)
            return window->data + (before + (size_t)(pfn - extent->pfn)) * HV_PAGE_SIZE;
        before += extent->pages;
    }
    return NULL;
}

void window_copy(void *to, const void *from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;

    for (; size >= 64; size -= 64, in += 64, out += 64) {
        __m128i a = _mm_loadu_si128((const __m128i *)in);
        __m128i b = _mm_loadu_si128((const __m128i *)(in + 16));
        __m128i c = _mm_loadu_si128((const __m128i *)(in + 32));
        __m128i d = _mm_loadu_si128((const __m128i *)(in + 48));

        _mm_storeu_si128((__m128i *)out, a);
        _mm_storeu_si128((__m128i *)(out + 16), b);
        _mm_storeu_si128((__m128i *)(out + 32), c);
        _mm_storeu_si128((__m128i *)(out + 48), d);
    }
    while (size--)
        *out++ = *in++;
}

void window_zero(void *to, size_t size)
{
    const __m128i zero = _mm_setzero_si128();
    unsigned char *out = to;

    for (; size >= 64; size -= 64, out += 64) {
        _mm_storeu_si128((__m128i *)out, zero);
        _mm_storeu_si128((__m128i *)(out + 16), zero);
        _mm_storeu_si128((__m128i *)(out + 32), zero);
        _mm_storeu_si128((__m128i *)(out + 48), zero);
    }
    while (size--)
        *out++ = 0;
}
