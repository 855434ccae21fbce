/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small objects: a frame is cut into equal slots of a power of two, so every object is aligned to its size
 * class; free slots are chained through their first two bytes. What the frame is cut into, and how much of it
 * is in use, is kept in its frame-table entry, so a frame is used to its last byte. Larger objects are whole
 * blocks.
 *
 * A class's list holds the frames that have a free slot. A frame whose last object goes is given back.
 */
#include <hv/console.h>
#include <hv/heap.h>
#include <hv/page_alloc.h>
#include <hv/spinlock.h>
#include <hv/string.h>

#define CLASS_SHIFT_MIN 4u
#define CLASS_SHIFT_MAX 11u
#define NR_CLASSES (CLASS_SHIFT_MAX - CLASS_SHIFT_MIN + 1)
#define WHOLE_BLOCK 0x100u /* validated = WHOLE_BLOCK | order */
#define NO_SLOT 0xffffu

struct slab { /* in page_info.type */
    uint16_t first_free, in_use;
    uint32_t marker;
};
#define SLAB_MARKER 0x51ab51abu
_Static_assert(!((uint64_t)SLAB_MARKER << 32 & PGT_VALIDATED), "hv's frames never look like validated tables");
_Static_assert(sizeof(struct slab) == sizeof(uint64_t), "it is laid over page_info.type");

static spinlock_t slab_lock = SPINLOCK(LOCK_ALLOC);
static struct page_list partial[NR_CLASSES];

void heap_forget_all(void) { memset(partial, 0, sizeof(partial)); }

static struct slab slab_get(const struct page_info *pg)
{
    struct slab s;

    memcpy(&s, &pg->type, sizeof(s));
    return s;
}

static void slab_set(struct page_info *pg, struct slab s) { memcpy(&pg->type, &s, sizeof(s)); }

static void *slot(struct page_info *pg, unsigned int shift, unsigned int n)
{
    return (char *)page_to_virt(pg) + ((size_t)n << shift);
}

static struct page_info *slab_new(unsigned int class)
{
    unsigned int shift = class + CLASS_SHIFT_MIN, n = PAGE_SIZE >> shift;
    struct page_info *pg = page_alloc(0, PAGE_NO_SCRUB);

    if (!pg)
        return NULL;
    for (unsigned int i = 0; i < n; i++)
        *(uint16_t *)slot(pg, shift, i) = i + 1 < n ? i + 1 : NO_SLOT;
    pg->validated = class;
    slab_set(pg, (struct slab){ .first_free = 0, .marker = SLAB_MARKER });
    return pg;
}

static void *slab_take(unsigned int class)
{
    struct page_info *pg, *fresh = NULL;
    struct slab s;
    uint16_t *object;

    spin_lock(&slab_lock);
    pg = page_list_first(&partial[class]);
    if (!pg) {
        spin_unlock(&slab_lock);
        fresh = slab_new(class);
        if (!fresh)
            return NULL;
        spin_lock(&slab_lock);
        page_list_push(&partial[class], fresh);
        pg = fresh;
    }
    s = slab_get(pg);
    object = slot(pg, class + CLASS_SHIFT_MIN, s.first_free);
    s.first_free = *object;
    s.in_use++;
    slab_set(pg, s);
    if (s.first_free == NO_SLOT)
        page_list_remove(&partial[class], pg);
    spin_unlock(&slab_lock);
    memset(object, 0, 1ul << (class + CLASS_SHIFT_MIN));
    return object;
}

static void slab_give(struct page_info *pg, void *object)
{
    unsigned int class = pg->validated, shift = class + CLASS_SHIFT_MIN;
    size_t offset = (size_t)object & (PAGE_SIZE - 1);
    struct slab s;

    spin_lock(&slab_lock);
    s = slab_get(pg);
    BUG_ON(class >= NR_CLASSES || s.marker != SLAB_MARKER || !s.in_use || offset & ((1ul << shift) - 1));
    if (s.first_free == NO_SLOT)
        page_list_push(&partial[class], pg);
    *(uint16_t *)object = s.first_free;
    s.first_free = offset >> shift;
    s.in_use--;
    slab_set(pg, s);
    if (!s.in_use)
        page_list_remove(&partial[class], pg);
    spin_unlock(&slab_lock);
    if (!s.in_use)
        page_free_virt(page_to_virt(pg), 0);
}

static void *block_take(size_t size)
{
    unsigned int order = 0;
    struct page_info *pg;

    while (PAGE_SIZE << order < size)
        order++;
    pg = page_alloc(order, PAGE_ANY);
    if (!pg)
        return NULL;
    pg->validated = WHOLE_BLOCK | order;
    return page_to_virt(pg);
}

void *heap_alloc(size_t size, size_t align)
{
    unsigned int class = 0;

    BUG_ON(align > PAGE_SIZE || align & (align - 1));
    if (!size || size > PAGE_SIZE << PAGE_ORDER_MAX)
        return NULL;
    size = max(size, align);
    if (size > 1ul << CLASS_SHIFT_MAX)
        return block_take(size);
    while (1ul << (class + CLASS_SHIFT_MIN) < size)
        class++;
    return slab_take(class);
}

void heap_free(void *object)
{
    struct page_info *pg;

    if (!object)
        return;
    pg = mfn_to_page(virt_to_mfn(object));
    if (pg->validated & WHOLE_BLOCK)
        page_free_virt(object, pg->validated & ~WHOLE_BLOCK);
    else
        slab_give(pg, object);
}
