/* SPDX-License-Identifier: GPL-2.0-only */
/* Doubly linked lists of frames, by frame number; frame 0 is never on one. The list's owner has the lock. */
#include <hv/page.h>

static struct page_info *at(uint32_t frame) { return frame ? mfn_to_page(MFN(frame)) : NULL; }

void page_list_push(struct page_list *l, struct page_info *pg)
{
    uint32_t frame = page_to_mfn(pg).v;

    pg->next = l->first;
    pg->prev = 0;
    if (l->first)
        at(l->first)->prev = frame;
    else
        l->last = frame;
    l->first = frame;
    l->count++;
}

void page_list_push_back(struct page_list *l, struct page_info *pg)
{
    uint32_t frame = page_to_mfn(pg).v;

    pg->next = 0;
    pg->prev = l->last;
    if (l->last)
        at(l->last)->next = frame;
    else
        l->first = frame;
    l->last = frame;
    l->count++;
}

void page_list_remove(struct page_list *l, struct page_info *pg)
{
    if (pg->prev)
        at(pg->prev)->next = pg->next;
    else
        l->first = pg->next;
    if (pg->next)
        at(pg->next)->prev = pg->prev;
    else
        l->last = pg->prev;
    pg->next = pg->prev = 0;
    l->count--;
}

struct page_info *page_list_pop(struct page_list *l)
{
    struct page_info *pg = at(l->first);

    if (pg)
        page_list_remove(l, pg);
    return pg;
}

struct page_info *page_list_first(const struct page_list *l) { return at(l->first); }

struct page_info *page_list_next(const struct page_list *l, const struct page_info *pg)
{
    (void)l;
    return at(pg->next);
}
