/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit test program is a table of stories: a name that says what must hold, and a function with CU_ASSERTs.
 * main() is in harness.c; it runs them through CUnit and prints one TAP line for each.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>
#include <CUnit/CUnit.h>

struct unit_test {
    const char *name;
    void (*fn)(void);
};

extern const struct unit_test unit_tests[]; /* ends with a name of NULL */

#endif
