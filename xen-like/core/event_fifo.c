/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FIFO event ABI: an event word per port, in pages of the guest's, and per vCPU 16 queues, one for each priority,
 * linked through the words.
 *
 * The words are the guest's to write: it may break its lists, and then loses events, its own. hv keeps only
 * the tail of each queue, follows no link, and tries to set one a bounded number of times. The queue lock protects the tails
 * and each port's last queue.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/heap.h>
#include <hv/string.h>

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED (1u << EVTCHN_FIFO_MASKED)
#define LINKED (1u << EVTCHN_FIFO_LINKED)
#define BUSY (1u << EVTCHN_FIFO_BUSY)

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define ARRAY_PAGES (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)
#define LINK_TRIES 4u

struct fifo_vcpu {
    struct page_info *page;
    struct evtchn_fifo_control_block *control; /* hv's mapping of the guest's block; NULL until given */
    uint32_t tail[EVTCHN_FIFO_MAX_QUEUES];     /* port, 0 = none */
};

struct evtchn_fifo_domain {
    spinlock_t lock;
    struct page_info *page[ARRAY_PAGES];
    event_word_t *words[ARRAY_PAGES];
    uint32_t nr_pages;
    struct fifo_vcpu vcpu[];                   /* max_vcpus */
};

static event_word_t *word_of(const struct domain *d, uint32_t port)
{
    const struct evtchn_fifo_domain *f = d->evtchn.fifo;
    uint32_t page = port / WORDS_PER_PAGE;

    if (page >= __atomic_load_n(&f->nr_pages, __ATOMIC_SEQ_CST))
        return NULL;
    return f->words[clamp_index(page, ARRAY_PAGES)] + port % WORDS_PER_PAGE;
}

/*
 * Make the tail's word point to port. False if the tail is not in the queue any more, which is then empty.
 * BUSY asks the guest to hold still when it keeps changing the word.
 */
static bool set_link(event_word_t *word, uint32_t port)
{
    for (unsigned int tries = 0; tries < LINK_TRIES; tries++) {
        event_word_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
        event_word_t linked = (seen & ~(event_word_t)(BUSY | EVTCHN_FIFO_LINK_MASK)) | port;

        if (!(seen & LINKED)) {
            __atomic_fetch_and(word, ~BUSY, __ATOMIC_SEQ_CST);
            return false;
        }
        if (__atomic_compare_exchange_n(word, &seen, linked, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
        __atomic_fetch_or(word, BUSY, __ATOMIC_SEQ_CST);
    }
    __atomic_fetch_and(word, ~BUSY, __ATOMIC_SEQ_CST);
    return true; /* it does not want this event: leave its list as it is */
}

/* Put the port on the queue of v at its priority, unless it is on one. True: that queue was empty. */
static bool enqueue(struct vcpu *v, struct evtchn *chn, event_word_t *word)
{
    struct evtchn_fifo_domain *f = v->domain->evtchn.fifo;
    struct fifo_vcpu *fv = &f->vcpu[v->id], *last = &f->vcpu[chn->last_vcpu];
    event_word_t *tail_word;
    uint32_t *tail;
    bool linked;

    if (!fv->control || (__atomic_fetch_or(word, LINKED, __ATOMIC_SEQ_CST) & LINKED))
        return false;
    if (last->tail[chn->last_priority] == chn->port) /* it was consumed as the last of that queue */
        last->tail[chn->last_priority] = 0;
    chn->last_vcpu = v->id;
    chn->last_priority = chn->priority;
    tail = &fv->tail[chn->priority];
    tail_word = *tail ? word_of(v->domain, *tail) : NULL;
    linked = tail_word && set_link(tail_word, chn->port);
    if (!linked)
        __atomic_store_n(&fv->control->head[chn->priority], chn->port, __ATOMIC_SEQ_CST);
    *tail = chn->port;
    return !linked;
}

static void queue_if_wanted(struct vcpu *v, struct evtchn *chn, event_word_t *word)
{
    struct evtchn_fifo_domain *f = v->domain->evtchn.fifo;
    event_word_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    uint32_t ready = 1u << chn->priority;
    bool was_empty;

    if ((seen & (MASKED | LINKED)) || !(seen & PENDING))
        return;
    spin_lock(&f->lock);
    was_empty = enqueue(v, chn, word);
    spin_unlock(&f->lock);
    if (was_empty && !(__atomic_fetch_or(&f->vcpu[v->id].control->ready, ready, __ATOMIC_SEQ_CST) & ready))
        vcpu_mark_events_pending(v);
}

static void set_pending(struct vcpu *v, struct evtchn *chn)
{
    event_word_t *word = word_of(v->domain, chn->port);

    if (!word) {
        __atomic_store_n(&chn->pending, true, __ATOMIC_SEQ_CST);
        word = word_of(v->domain, chn->port); /* its page may have come, and nobody have seen this */
        if (likely(!word) || !__atomic_exchange_n(&chn->pending, false, __ATOMIC_SEQ_CST))
            return;
    }
    __atomic_fetch_or(word, PENDING, __ATOMIC_SEQ_CST);
    queue_if_wanted(v, chn, word);
}

static void clear_pending(struct domain *d, struct evtchn *chn)
{
    event_word_t *word = word_of(d, chn->port);

    chn->pending = false;
    if (word)
        __atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST);
}

static void unmask(struct domain *d, struct evtchn *chn)
{
    event_word_t *word = word_of(d, chn->port);

    if (!word)
        return;
    __atomic_fetch_and(word, ~MASKED, __ATOMIC_SEQ_CST);
    queue_if_wanted(d->vcpu[chn->notify_vcpu], chn, word);
}

static bool is_pending(const struct domain *d, const struct evtchn *chn)
{
    event_word_t *word = word_of(d, chn->port);

    return word && (__atomic_load_n(word, __ATOMIC_SEQ_CST) & PENDING);
}

static const struct evtchn_abi evtchn_fifo = {
    .max_ports = EVTCHN_FIFO_NR_CHANNELS,
    .set_pending = set_pending,
    .clear_pending = clear_pending,
    .unmask = unmask,
    .is_pending = is_pending,
};

/* --- setting up --- */

/* A frame of the guest's that hv will write to; held with the writable type. */
static int take_page(struct domain *d, uint64_t gfn, struct page_info **page)
{
    struct page_info *pg;

    if (!mfn_valid(MFN(gfn)))
        return -EINVAL;
    pg = mfn_to_page(MFN(gfn));
    if (page_get_and_type(pg, d, PGT_WRITABLE))
        return -EINVAL;
    *page = pg;
    return 0;
}

/* From 2-level to FIFO: what is pending now stays pending. */
static void carry_over(struct domain *d)
{
    for (uint32_t port = 1; port < d->evtchn.valid; port++) {
        struct evtchn *chn = evtchn_lookup(d, port);

        chn->pending = port < EVTCHN_2L_NR_CHANNELS && evtchn_2l.is_pending(d, chn);
        chn->priority = chn->last_priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
        chn->last_vcpu = chn->notify_vcpu;
    }
}

int evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *init)
{
    struct evtchn_fifo_domain *f = d->evtchn.fifo;
    struct fifo_vcpu *fv;
    int rc;

    init->link_bits = EVTCHN_FIFO_LINK_BITS;
    if (!domain_vcpu(d, init->vcpu))
        return -ENOENT;
    if (init->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || init->offset % 8)
        return -EINVAL;
    if (!f) {
        f = heap_alloc(sizeof(*f) + d->max_vcpus * sizeof(f->vcpu[0]), 64);
        if (!f)
            return -ENOMEM;
        spin_lock_init(&f->lock, LOCK_EVTCHN_QUEUE);
    }
    fv = &f->vcpu[init->vcpu];
    rc = fv->control ? -EINVAL : take_page(d, init->control_gfn, &fv->page);
    if (rc) {
        if (!d->evtchn.fifo)
            heap_free(f);
        return rc;
    }
    fv->control = (void *)((char *)page_to_virt(fv->page) + init->offset);
    if (!d->evtchn.fifo) {
        d->evtchn.fifo = f;
        carry_over(d);
        d->evtchn.abi = &evtchn_fifo;
    }
    return 0;
}

int evtchn_fifo_expand_array(struct domain *d, const struct evtchn_expand_array *expand)
{
    struct evtchn_fifo_domain *f = d->evtchn.fifo;
    uint32_t nr, first;
    int rc;

    if (!f)
        return -EOPNOTSUPP;
    nr = f->nr_pages;
    first = nr * WORDS_PER_PAGE;
    if (nr >= ARRAY_PAGES || first > d->evtchn.max_port)
        return -ENOSPC;
    rc = take_page(d, expand->array_gfn, &f->page[nr]);
    if (rc)
        return rc;
    f->words[nr] = page_to_virt(f->page[nr]);
    __atomic_store_n(&f->nr_pages, nr + 1, __ATOMIC_SEQ_CST);
    for (uint32_t port = max(first, 1u); port < min(first + (uint32_t)WORDS_PER_PAGE, d->evtchn.valid); port++) {
        struct evtchn *chn = evtchn_lookup(d, port);

        if (__atomic_exchange_n(&chn->pending, false, __ATOMIC_SEQ_CST))
            set_pending(d->vcpu[chn->notify_vcpu], chn);
    }
    return 0;
}

int evtchn_fifo_set_priority(struct domain *d, struct evtchn *chn, uint32_t priority)
{
    if (!d->evtchn.fifo)
        return -EOPNOTSUPP;
    if (priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -EINVAL;
    chn->priority = clamp_index(priority, EVTCHN_FIFO_MAX_QUEUES);
    return 0;
}

void evtchn_fifo_destroy(struct domain *d)
{
    struct evtchn_fifo_domain *f = d->evtchn.fifo;

    if (!f)
        return;
    d->evtchn.abi = &evtchn_2l;
    d->evtchn.fifo = NULL;
    for (uint32_t i = 0; i < f->nr_pages; i++)
        page_put_and_type(f->page[i]);
    for (uint32_t i = 0; i < d->max_vcpus; i++)
        if (f->vcpu[i].page)
            page_put_and_type(f->vcpu[i].page);
    heap_free(f);
}
