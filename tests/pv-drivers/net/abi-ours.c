/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The facts by the drivers' own header, compared with those by the published one.
 */
#include <stdio.h>

#include "netif.h"
#include "abi-facts.h"

static const struct fact facts_ours[] = FACTS;

int main(void)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof(facts_ours) / sizeof(facts_ours[0]); i++) {
        if (facts_ours[i].value == facts_published[i].value)
            continue;
        failed = 1;
        printf("# %s is %ld, published %ld\n", facts_ours[i].name, facts_ours[i].value, facts_published[i].value);
    }
    printf("%s 1 - netif.h says what the published header says\n", failed ? "not ok" : "ok");
    return failed;
}
