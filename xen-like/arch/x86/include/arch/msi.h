/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message-signalled interrupts: hv alone writes addresses and data, so that a message can only raise a vector
 * it chose.
 */
#ifndef ARCH_MSI_H
#define ARCH_MSI_H

#include <hv/types.h>

struct msi { /* one message's place */
    uint16_t bdf;
    uint8_t capability;           /* offset in configuration space */
    bool is_msix;
    uint16_t entry;               /* MSI-X: of the table; MSI: number among its messages */
    volatile uint32_t *table;     /* MSI-X: the entry's four words */
};

/* MSI: find and check a function that can send count messages (a power of two is used). 0 or -errno. */
int msi_find(struct msi *m, uint16_t bdf, unsigned int count);
/*
 * MSI-X: map the table entry; bar_hint is used when the function's BAR reads as 0. To be undone by
 * msix_release().
 */
int msix_find(struct msi *m, uint16_t bdf, unsigned int entry, uint64_t bar_hint);
void msix_release(struct msi *m);
/* a device was found: dom0's mappings of its MSI-X table, if it has one, are to be read-only */
void msix_protect(uint16_t bdf);

/* masked if that can be */
void msi_program(const struct msi *m, unsigned int count, uint32_t apic_id, uint8_t vector);
void msi_set_mask(const struct msi *m, bool masked);
void msi_disable(const struct msi *m); /* MSI: the function; MSI-X: this entry */

/* May a guest write that register? Changes *value where only some bits are hv's; false: drop the write. */
bool msi_filter_write(uint16_t bdf, unsigned int reg, unsigned int bytes, uint32_t *value);

#endif
