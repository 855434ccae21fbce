/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A circular doubly linked list whose links live inside the things it lists. A link that is in no list points
 * at itself, so removing it twice is harmless.
 */
#ifndef XENSTORED_LIST_H
#define XENSTORED_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *prev;
};

#define list_entry(link, type, member) ((type *)((char *)(link) - offsetof(type, member)))

/* Walks `head`; the current entry may be removed inside the loop, but not the one after it. */
#define list_for_each(link, after, head)                                                                     \
    for ((link) = (head)->next, (after) = (link)->next; (link) != (head);                                    \
         (link) = (after), (after) = (link)->next)

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

static inline void list_append(struct list *head, struct list *l)
{
    l->prev = head->prev;
    l->next = head;
    head->prev->next = l;
    head->prev = l;
}

static inline void list_remove(struct list *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

#endif
