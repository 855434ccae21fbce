/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions in hv that may fault because of what a guest gave: each has a row in section .extable that names
 * where to go on. Few rows, looked at only after a fault: searched from end to end.
 */
#include <arch/entry.h>

struct extable_row {
    unsigned long from, to;
};

extern const struct extable_row _extable_start[], _extable_end[];

unsigned long extable_find(unsigned long rip)
{
    for (const struct extable_row *row = _extable_start; row < _extable_end; row++)
        if (row->from == rip)
            return row->to;
    return 0;
}
