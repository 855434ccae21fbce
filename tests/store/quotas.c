/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest cannot use up, that it is told and the log too, and that nothing of a dead one stays.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "story.h"

static void a_dead_domain_leaves_nothing(void)
{
    story_start(NULL);
    OK(fake_write(1, 0, "data/x", "1"));
    OK(fake_path(0, XS_MKDIR, 0, "/other"));
    OK(fake_call(0, XS_SET_PERMS, 0, TEXT("/other\0n0\0b1\0r2")));
    OK(fake_two(0, XS_WATCH, 0, "/local/domain/1", "w"));
    fake_event(0);
    fake_destroy(1);
    EQ(fake_event(0), "/local/domain/1 w");
    EQ(fake_read(0, 0, "/local/domain/1"), "!ENOENT");
    OK(fake_path(0, XS_GET_PERMS, 0, "/other"));
    CU_ASSERT(fake_reply_len == 6 && !memcmp(fake_reply, "n0\0r2", 6));
    OK(fake_call(0, XS_IS_DOMAIN_INTRODUCED, 0, "1", 2));
    EQ(fake_reply, "F");

    memset(fake_page(1), 0, 4096);
    fake_introduce(1); /* the next with its id */
    EQ(fake_read(1, 0, "/other"), "!EACCES");
    story_end();
}

static void a_domain_that_was_never_introduced_leaves_nothing(void)
{
    story_start(NULL);
    FAILS(fake_call(0, XS_SET_PERMS, 0, TEXT("/tool\0b7")), ENOENT); /* there is no such domain */
    fake_introduce(7);
    OK(fake_call(0, XS_RELEASE, 0, "7", 2));
    OK(fake_path(0, XS_MKDIR, 0, "/local/domain/7"));
    OK(fake_two(0, XS_SET_PERMS, 0, "/local/domain/7", "b7"));
    fake_destroy(7);
    EQ(fake_read(0, 0, "/local/domain/7"), "!ENOENT");
    story_end();
}

static void quotas_bound_a_guest(void)
{
    char path[64], *big = malloc(4000);
    uint32_t tx[16], n = 0;
    int err = 0;

    story_start(NULL);
    memset(big, 'x', 2049);
    big[2049] = '\0';
    FAILS(fake_write(1, 0, "big", big), ENOSPC);
    big[2048] = '\0';
    OK(fake_write(1, 0, "big", big));
    OK(fake_write(0, 0, "/big", big));

    for (n = 0; !err && n < 2000; n++) {
        sprintf(path, "n%u", n);
        err = fake_write(1, 0, path, "");
    }
    CU_ASSERT_EQUAL(err, ENOSPC);
    CU_ASSERT(n > 900 && n < 1000);
    OK(fake_write(1, 0, "n0", "a node that is there can be written"));
    OK(fake_write(2, 0, "n0", "others are not concerned"));
    n = fake_begin(1);
    FAILS(fake_write(1, n, "in-a-transaction", ""), ENOSPC);
    OK(fake_path(1, XS_RM, 0, "n1"));
    OK(fake_write(1, 0, "again", ""));

    err = 0;
    for (n = 0; !err && n < 200; n++) {
        sprintf(path, "t%u", n);
        err = fake_two(1, XS_WATCH, 0, "a", path);
    }
    CU_ASSERT_EQUAL(err, E2BIG);
    CU_ASSERT_EQUAL(n, 129);
    for (n = 0; n < 16 && (tx[n] = fake_begin(1)); n++)
        ;
    CU_ASSERT_EQUAL(n, 9); /* one is open already */
    FAILS(fake_call(1, XS_SET_PERMS, 0, TEXT("n0\0n1\0r2\0r2\0r2\0r2\0r2")), ENOSPC);
    free(big);
    story_end();
}

/* One that goes on and on would fill dom0's disk. */
static void refusals_are_logged_a_few_times(void)
{
    char name[64], line[200];
    unsigned int lines = 0;
    FILE *log;

    story_start(NULL);
    fake.quota.nodes = 5;
    snprintf(name, sizeof(name), "/tmp/hv-store-log-%d", (int)getpid());
    CU_ASSERT(log_open(name, false));
    for (int i = 0; i < 100; i++) {
        sprintf(line, "n%d", i);
        fake_write(1, 0, line, "");
    }
    log = fopen(name, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    while (fgets(line, sizeof(line), log)) {
        CU_ASSERT_PTR_NOT_NULL(strstr(line, "domain 1: "));
        lines++;
    }
    CU_ASSERT(lines >= 1 && lines <= 5);
    fclose(log);
    unlink(name);
    log_open("/dev/null", false);
    story_end();
}

static void a_transaction_cannot_grow_without_end(void)
{
    char path[32];
    uint32_t tx, n;
    int err = 0;

    story_start(NULL);
    tx = fake_begin(1);
    for (n = 0; !err && n < 5000; n++) {
        sprintf(path, "x%u", n);
        err = fake_path(1, XS_RM, tx, path); /* makes nothing, but has to be remembered */
    }
    CU_ASSERT_EQUAL(err, ENOSPC);
    tx = fake_begin(1);
    err = 0;
    for (n = 0; !err && n < 5000; n++) {
        err = fake_write(1, tx, "same", "x");
        err = err ? err : fake_path(1, XS_RM, tx, "same");
    }
    CU_ASSERT_EQUAL(err, ENOSPC);
    CU_ASSERT(n < 2000);
    story_end();
}

static void quotas_hold_across_commits(void)
{
    char path[32];
    uint32_t a, b;

    story_start(NULL);
    fake.quota.nodes = 20;
    a = fake_begin(1);
    b = fake_begin(1);
    for (int i = 0; i < 15; i++) {
        sprintf(path, "a%d", i);
        OK(fake_write(1, a, path, ""));
        sprintf(path, "b%d", i);
        OK(fake_write(1, b, path, ""));
    }
    OK(fake_commit(1, a));
    FAILS(fake_commit(1, b), ENOSPC);
    EQ(fake_read(1, 0, "b0"), "!ENOENT");
    story_end();
}

const struct unit_test unit_tests[] = {
    { "a dead domain leaves nothing", a_dead_domain_leaves_nothing },
    { "a domain that was never introduced leaves nothing",
      a_domain_that_was_never_introduced_leaves_nothing },
    { "quotas bound a guest", quotas_bound_a_guest },
    { "refusals are logged, a few times", refusals_are_logged_a_few_times },
    { "a transaction cannot grow without end", a_transaction_cannot_grow_without_end },
    { "quotas hold across commits", quotas_hold_across_commits },
    { 0 },
};
