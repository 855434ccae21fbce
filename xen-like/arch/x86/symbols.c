/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses to names of functions, by the table that the second link embeds (module.mk). */
#include <arch/layout.h>
#include <arch/symbols.h>

extern const uint32_t symbol_count, symbol_offsets[], symbol_name_offsets[];
extern const char symbol_names[];
extern const char _text_start[], _text_end[];

bool symbol_is_text(uint64_t address)
{
    return address >= (uintptr_t)_text_start && address < (uintptr_t)_text_end;
}

const char *symbol_find(uint64_t address, uint64_t *offset)
{
    uint32_t low = 0, high = symbol_count, at = address - HV_IMAGE_VIRT;

    if (!symbol_is_text(address))
        return NULL;
    while (low < high) { /* the last one at or below the address */
        uint32_t mid = (low + high) / 2;

        if (symbol_offsets[mid] <= at)
            low = mid + 1;
        else
            high = mid;
    }
    if (!low)
        return NULL;
    *offset = at - symbol_offsets[low - 1];
    return symbol_names + symbol_name_offsets[low - 1];
}

bool symbol_get(uint32_t n, uint64_t *address, const char **name)
{
    if (n >= symbol_count)
        return false;
    *address = HV_IMAGE_VIRT + symbol_offsets[n];
    *name = symbol_names + symbol_name_offsets[n];
    return true;
}
