/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a program's unit tests under CUnit and reports in TAP. */
#include <stdio.h>
#include <stdlib.h>

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>

#include "harness.h"

static unsigned int number, failed;

static void report(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
    (void)suite;
    number++;
    if (!failure) {
        printf("ok %u - %s\n", number, test->pName);
        return;
    }
    failed++;
    printf("not ok %u - %s: %s:%u: %s\n", number, test->pName, failure->strFileName, failure->uiLineNumber,
           failure->strCondition);
}

int main(void)
{
    CU_pSuite suite;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS || !(suite = CU_add_suite("unit", NULL, NULL)))
        return EXIT_FAILURE;
    for (const struct unit_test *t = unit_tests; t->name; t++)
        if (!CU_add_test(suite, t->name, t->fn))
            return EXIT_FAILURE;
    CU_set_test_complete_handler(report);
    CU_run_all_tests();
    CU_cleanup_registry();
    return failed || !number ? EXIT_FAILURE : EXIT_SUCCESS;
}
