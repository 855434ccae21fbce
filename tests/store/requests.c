/* SPDX-License-Identifier: GPL-2.0-only */
/* What requests do: values, directories, permissions, transactions, watches, quotas; as dom0 and as a
 * guest. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "harness.h"

#define EQ(got, want)      CU_ASSERT_STRING_EQUAL(got, want)
#define OK(call)           CU_ASSERT_EQUAL(call, 0)
/* A payload and its size, the last NUL included. */
#define TEXT(text)         text, sizeof(text)
#define FAILS(call, error) CU_ASSERT_EQUAL(call, error)

/* Two guests, each with a home it may use. */
static void start(void)
{
    char path[32], perms[16];

    fake_start(NULL);
    for (int d = 1; d <= 2; d++) {
        sprintf(path, "/local/domain/%d", d);
        sprintf(perms, "n%d", d);
        fake_introduce(d);
        OK(fake_path(0, XS_MKDIR, 0, path));
        OK(fake_two(0, XS_SET_PERMS, 0, path, perms));
    }
}

static void end(void)
{
    CU_ASSERT_PTR_NULL(store_check(&fake));
    fake_end();
}

static void values_are_written_and_read(void)
{
    start();
    EQ(fake_read(0, 0, "/a"), "!ENOENT");
    OK(fake_write(0, 0, "/a/b/c", "hello"));
    EQ(fake_read(0, 0, "/a/b/c"), "hello");
    EQ(fake_read(0, 0, "/a/b"), "");
    OK(fake_call(0, XS_WRITE, 0, "/a/nul\0x\0y", 10));
    EQ(fake_read(0, 0, "/a/nul"), "x");
    CU_ASSERT_EQUAL(fake_reply_len, 3);
    OK(fake_path(0, XS_MKDIR, 0, "/a/b/c"));
    EQ(fake_read(0, 0, "/a/b/c"), "hello");
    OK(fake_path(0, XS_RM, 0, "/a/b"));
    EQ(fake_read(0, 0, "/a/b/c"), "!ENOENT");
    OK(fake_path(0, XS_RM, 0, "/a/b"));
    FAILS(fake_path(0, XS_RM, 0, "/x/y"), ENOENT);
    FAILS(fake_path(0, XS_RM, 0, "/"), EINVAL);
    end();
}

static void directories_list_in_order_of_making(void)
{
    start();
    OK(fake_write(0, 0, "/d/z", ""));
    OK(fake_write(0, 0, "/d/a", ""));
    OK(fake_write(0, 0, "/d/m", ""));
    EQ(fake_list(0, 0, "/d"), "z,a,m");
    OK(fake_path(0, XS_RM, 0, "/d/a"));
    EQ(fake_list(0, 0, "/d"), "z,m");
    EQ(fake_list(0, 0, "/d/z"), "");
    EQ(fake_list(0, 0, "/nowhere"), "!ENOENT");
    end();
}

static void a_long_directory_comes_in_parts(void)
{
    char path[32], request[64];
    unsigned int total = 0, parts = 0;
    size_t offset = 0, head;
    bool last = false;

    start();
    for (int i = 0; i < 2000; i++) {
        sprintf(path, "/d/child-%d", i);
        OK(fake_write(0, 0, path, ""));
    }
    EQ(fake_list(0, 0, "/d"), "!E2BIG");
    while (!last && parts < 100) {
        OK(fake_call(0, XS_DIRECTORY_PART, 0, request, sprintf(request, "/d%c%zu", 0, offset) + 1));
        head = strlen(fake_reply) + 1;
        last = !fake_reply[fake_reply_len - 2];
        for (size_t i = head; i < fake_reply_len - last; i++)
            total += !fake_reply[i];
        offset += fake_reply_len - head - last;
        parts++;
    }
    CU_ASSERT_EQUAL(total, 2000);
    CU_ASSERT(parts > 5 && last);
    end();
}

static void malformed_requests_are_refused(void)
{
    start();
    FAILS(fake_call(1, XS_READ, 0, "", 0), EINVAL);
    FAILS(fake_call(1, XS_READ, 0, "/a", 2), EINVAL); /* no NUL */
    FAILS(fake_call(1, XS_READ, 0, "/a\0/b", 6), EINVAL);
    FAILS(fake_call(1, XS_READ, 0, "/a//b", 6), EINVAL);
    FAILS(fake_call(1, XS_READ, 0, "@releaseDomain", 15), EINVAL);
    FAILS(fake_call(1, XS_WRITE, 0, "x", 1), EINVAL);
    FAILS(fake_call(1, XS_WATCH, 0, "x", 2), EINVAL);
    FAILS(fake_call(1, XS_TRANSACTION_END, 0, "T", 2), ENOENT);
    FAILS(fake_call(1, XS_TRANSACTION_END, 0, "maybe", 6), EINVAL);
    FAILS(fake_call(1, XS_GET_DOMAIN_PATH, 0, "x", 2), EINVAL);
    FAILS(fake_call(1, XS_GET_DOMAIN_PATH, 0, "40000", 6), EINVAL);
    FAILS(fake_call(1, XS_DIRECTORY_PART, 0, "/\0-1", 5), EINVAL);
    FAILS(fake_call(1, XS_ERROR, 0, "x", 2), ENOSYS);
    FAILS(fake_call(1, XS_WATCH_EVENT, 0, "x", 2), ENOSYS);
    FAILS(fake_call(1, XS_SET_TARGET, 0, "1\0002", 4), ENOSYS);
    FAILS(fake_call(1, 20, 0, "x", 2), ENOSYS);
    FAILS(fake_call(1, 4711, 0, "x", 2), ENOSYS);
    FAILS(fake_call(1, XS_READ, 99, "/a", 3), ENOENT); /* no such transaction */
    end();
}

static void only_dom0_may_manage_domains(void)
{
    start();
    FAILS(fake_call(1, XS_INTRODUCE, 0, "3\0001\0001", 6), EACCES);
    FAILS(fake_call(1, XS_RELEASE, 0, "2", 2), EACCES);
    FAILS(fake_call(1, XS_RESUME, 0, "2", 2), EACCES);
    FAILS(fake_call(1, XS_CONTROL, 0, "check", 6), EACCES);
    OK(fake_call(0, XS_CONTROL, 0, "check", 6));
    EQ(fake_reply, "OK");
    OK(fake_call(1, XS_IS_DOMAIN_INTRODUCED, 0, "2", 2));
    EQ(fake_reply, "T");
    OK(fake_call(1, XS_IS_DOMAIN_INTRODUCED, 0, "9", 2));
    EQ(fake_reply, "F");
    OK(fake_call(1, XS_GET_DOMAIN_PATH, 0, "32752", 6)); /* "self" */
    EQ(fake_reply, "/local/domain/1");
    FAILS(fake_call(0, XS_INTRODUCE, 0, "9\0001\0001", 6), ENOENT); /* no such domain */
    FAILS(fake_call(0, XS_RELEASE, 0, "9", 2), ENOENT);
    end();
}

static void guests_are_kept_to_their_permissions(void)
{
    start();
    OK(fake_write(0, 0, "/secret/x", "s"));
    EQ(fake_read(1, 0, "/secret/x"), "!EACCES");
    EQ(fake_read(1, 0, "/secret/none"), "!EACCES"); /* nor may it learn what exists */
    FAILS(fake_write(1, 0, "/secret/x", "1"), EACCES);
    FAILS(fake_write(1, 0, "/top", "1"), EACCES);
    FAILS(fake_path(1, XS_RM, 0, "/secret"), EACCES);
    EQ(fake_list(1, 0, "/"), "!EACCES");

    OK(fake_write(1, 0, "data/x", "mine")); /* relative to its home */
    EQ(fake_read(0, 0, "/local/domain/1/data/x"), "mine");
    EQ(fake_read(2, 0, "/local/domain/1/data/x"), "!EACCES");
    OK(fake_two(1, XS_SET_PERMS, 0, "data/x", "r1"));
    EQ(fake_read(2, 0, "/local/domain/1/data/x"), "mine");
    FAILS(fake_write(2, 0, "/local/domain/1/data/x", "2"), EACCES);
    FAILS(fake_two(2, XS_SET_PERMS, 0, "/local/domain/1/data/x", "b2"), EACCES);
    FAILS(fake_two(1, XS_SET_PERMS, 0, "data/x", "n2"), EPERM); /* cannot be given away */
    end();
}

static void new_nodes_inherit(void)
{
    start();
    OK(fake_path(0, XS_MKDIR, 0, "/shared"));
    OK(fake_call(0, XS_SET_PERMS, 0, TEXT("/shared\0n0\0b1\0r2")));
    OK(fake_write(0, 0, "/shared/by0", ""));
    OK(fake_path(0, XS_GET_PERMS, 0, "/shared/by0"));
    CU_ASSERT(fake_reply_len == 9 && !memcmp(fake_reply, "n0\0b1\0r2", 9));
    OK(fake_write(1, 0, "/shared/by1/deep", "")); /* what a guest makes is its own */
    OK(fake_path(0, XS_GET_PERMS, 0, "/shared/by1"));
    CU_ASSERT(fake_reply_len == 9 && !memcmp(fake_reply, "n1\0b1\0r2", 9));
    EQ(fake_read(2, 0, "/shared/by1/deep"), "");
    FAILS(fake_write(2, 0, "/shared/by2", ""), EACCES);
    end();
}

static void a_transaction_is_seen_by_itself_only(void)
{
    uint32_t tx;

    start();
    OK(fake_write(0, 0, "/t/old", "1"));
    tx = fake_begin(0);
    CU_ASSERT(tx);
    OK(fake_write(0, tx, "/t/new/deep", "2"));
    OK(fake_path(0, XS_RM, tx, "/t/old"));
    EQ(fake_read(0, tx, "/t/new/deep"), "2");
    EQ(fake_read(0, tx, "/t/old"), "!ENOENT");
    EQ(fake_list(0, tx, "/t"), "new");
    EQ(fake_list(0, 0, "/t"), "old");
    EQ(fake_read(0, 0, "/t/old"), "1");
    OK(fake_commit(0, tx));
    EQ(fake_list(0, 0, "/t"), "new");
    EQ(fake_read(0, 0, "/t/new/deep"), "2");
    FAILS(fake_commit(0, tx), ENOENT);

    tx = fake_begin(0);
    OK(fake_write(0, tx, "/t/never", "3"));
    OK(fake_call(0, XS_TRANSACTION_END, tx, "F", 2));
    EQ(fake_list(0, 0, "/t"), "new");
    FAILS(fake_call(0, XS_TRANSACTION_START, fake_begin(0), "", 1), EBUSY);
    end();
}

static void conflicting_transactions_fail(void)
{
    uint32_t a, b;

    start();
    OK(fake_write(0, 0, "/c/n", "0"));

    /* read by one, written by another */
    a = fake_begin(0);
    EQ(fake_read(0, a, "/c/n"), "0");
    OK(fake_write(0, 0, "/c/n", "1"));
    EQ(fake_read(0, a, "/c/n"), "0"); /* what was read stays as it was read */
    FAILS(fake_commit(0, a), EAGAIN);

    /* two increments: one must fail */
    a = fake_begin(0);
    b = fake_begin(0);
    EQ(fake_read(0, a, "/c/n"), "1");
    EQ(fake_read(0, b, "/c/n"), "1");
    OK(fake_write(0, a, "/c/n", "2"));
    OK(fake_write(0, b, "/c/n", "2"));
    OK(fake_commit(0, b));
    FAILS(fake_commit(0, a), EAGAIN);

    /* found absent, then made */
    a = fake_begin(0);
    EQ(fake_read(0, a, "/c/fresh"), "!ENOENT");
    OK(fake_write(0, 0, "/c/fresh", "x"));
    FAILS(fake_commit(0, a), EAGAIN);

    /* listed, then changed */
    a = fake_begin(0);
    fake_list(0, a, "/c");
    OK(fake_path(0, XS_RM, 0, "/c/fresh"));
    FAILS(fake_commit(0, a), EAGAIN);

    /* removed and made again: not the same node */
    a = fake_begin(0);
    EQ(fake_read(0, a, "/c/n"), "2");
    OK(fake_path(0, XS_RM, 0, "/c/n"));
    OK(fake_write(0, 0, "/c/n", "2"));
    FAILS(fake_commit(0, a), EAGAIN);

    /* the place where something was made is gone */
    a = fake_begin(0);
    OK(fake_write(0, a, "/c/n/below", "x"));
    OK(fake_path(0, XS_RM, 0, "/c"));
    FAILS(fake_commit(0, a), EAGAIN);
    end();
}

static void unrelated_transactions_both_succeed(void)
{
    uint32_t a, b;

    start();
    OK(fake_path(0, XS_MKDIR, 0, "/u"));
    a = fake_begin(0);
    b = fake_begin(0);
    OK(fake_write(0, a, "/u/a/x", "1"));
    OK(fake_write(0, b, "/u/b/x", "2"));
    OK(fake_write(0, 0, "/u/c", "3"));
    OK(fake_commit(0, a));
    OK(fake_commit(0, b));
    EQ(fake_list(0, 0, "/u"), "c,a,b");
    end();
}

static void removing_and_making_again_in_a_transaction(void)
{
    uint32_t tx;

    start();
    OK(fake_write(0, 0, "/r/a/old", "1"));
    OK(fake_write(0, 0, "/r/b", "1"));
    tx = fake_begin(0);
    OK(fake_path(0, XS_RM, tx, "/r/a"));
    EQ(fake_read(0, tx, "/r/a/old"), "!ENOENT");
    OK(fake_write(0, tx, "/r/a/new", "2"));
    EQ(fake_read(0, tx, "/r/a/old"), "!ENOENT");
    EQ(fake_list(0, tx, "/r/a"), "new");
    OK(fake_path(0, XS_MKDIR, tx, "/r/a/new/dir"));
    OK(fake_path(0, XS_RM, tx, "/r/a/new"));
    EQ(fake_list(0, tx, "/r/a"), "");
    OK(fake_write(0, tx, "/r/a/third", "3"));
    OK(fake_two(0, XS_SET_PERMS, tx, "/r/a", "b1"));
    OK(fake_write(0, tx, "/r/a/fourth", "4"));
    OK(fake_two(0, XS_SET_PERMS, tx, "/r/a", "b2"));
    EQ(fake_list(0, tx, "/r"), "b,a");
    OK(fake_commit(0, tx));
    EQ(fake_list(0, 0, "/r/a"), "third,fourth");
    OK(fake_path(0, XS_GET_PERMS, 0, "/r/a/fourth"));
    EQ(fake_reply, "b1"); /* inherited at the time it was made */
    OK(fake_path(0, XS_GET_PERMS, 0, "/r/a"));
    EQ(fake_reply, "b2");
    end();
}

static void a_watch_fires_at_once_and_below(void)
{
    start();
    OK(fake_two(0, XS_WATCH, 0, "/w", "tok"));
    EQ(fake_event(0), "/w tok");
    EQ(fake_event(0), "");
    OK(fake_write(0, 0, "/w/a/b", "1"));
    EQ(fake_event(0), "/w/a/b tok");
    OK(fake_path(0, XS_MKDIR, 0, "/w/dir"));
    EQ(fake_event(0), "/w/dir tok");
    OK(fake_path(0, XS_MKDIR, 0, "/w/dir")); /* nothing changes */
    EQ(fake_event(0), "");
    OK(fake_write(0, 0, "/wx", "not below"));
    EQ(fake_event(0), "");
    OK(fake_two(0, XS_SET_PERMS, 0, "/w/a", "b1"));
    EQ(fake_event(0), "/w/a tok");
    OK(fake_path(0, XS_RM, 0, "/w"));
    EQ(fake_event(0), "/w tok");
    EQ(fake_event(0), "");
    FAILS(fake_two(0, XS_WATCH, 0, "/w", "tok"), EEXIST);
    OK(fake_two(0, XS_UNWATCH, 0, "/w", "tok"));
    FAILS(fake_two(0, XS_UNWATCH, 0, "/w", "tok"), ENOENT);
    OK(fake_write(0, 0, "/w/a/b", "1"));
    EQ(fake_event(0), "");
    end();
}

static void watches_below_what_is_removed_fire(void)
{
    start();
    OK(fake_write(0, 0, "/w/a/b", "1"));
    OK(fake_two(0, XS_WATCH, 0, "/w/a/b", "deep"));
    OK(fake_two(0, XS_WATCH, 0, "/w/a/none", "none"));
    OK(fake_two(0, XS_WATCH, 0, "/", "root"));
    EQ(fake_event(0), "/w/a/b deep");
    EQ(fake_event(0), "/w/a/none none");
    EQ(fake_event(0), "/ root");
    OK(fake_path(0, XS_RM, 0, "/w"));
    EQ(fake_event(0), "/w root");
    EQ(fake_event(0), "/w/a/b deep");
    EQ(fake_event(0), "");
    end();
}

static void a_transactions_events_come_with_its_commit_in_order(void)
{
    uint32_t tx;

    start();
    OK(fake_two(0, XS_WATCH, 0, "/w", "t"));
    fake_event(0);
    tx = fake_begin(0);
    OK(fake_write(0, tx, "/w/1", ""));
    OK(fake_write(0, tx, "/w/2", ""));
    OK(fake_path(0, XS_RM, tx, "/w/1"));
    EQ(fake_event(0), "");
    OK(fake_commit(0, tx));
    EQ(fake_event(0), "/w/1 t");
    EQ(fake_event(0), "/w/2 t");
    EQ(fake_event(0), "/w/1 t");
    EQ(fake_event(0), "");
    tx = fake_begin(0);
    OK(fake_write(0, tx, "/w/3", ""));
    OK(fake_write(0, 0, "/w/3", ""));
    EQ(fake_event(0), "/w/3 t");
    FAILS(fake_commit(0, tx), EAGAIN);
    EQ(fake_event(0), "");
    end();
}

static void a_relative_watch_reports_relative_paths(void)
{
    start();
    OK(fake_two(1, XS_WATCH, 0, "device", "t"));
    EQ(fake_event(1), "device t");
    OK(fake_write(0, 0, "/local/domain/1/device/vbd/51712/state", "1"));
    EQ(fake_event(1), "device/vbd/51712/state t");
    end();
}

static void events_tell_nothing_a_guest_may_not_read(void)
{
    start();
    OK(fake_write(0, 0, "/secret/x", "1"));
    OK(fake_two(1, XS_WATCH, 0, "/secret", "t"));
    OK(fake_two(1, XS_WATCH, 0, "/", "root"));
    EQ(fake_event(1), "/secret t");
    EQ(fake_event(1), "/ root");
    OK(fake_write(0, 0, "/secret/x", "2"));
    OK(fake_path(0, XS_RM, 0, "/secret/x"));
    EQ(fake_event(1), "");
    OK(fake_write(0, 0, "/secret/y", "2"));
    OK(fake_call(0, XS_SET_PERMS, 0, TEXT("/secret/y\0n0\0r1")));
    EQ(fake_event(1), "/secret/y root");
    EQ(fake_event(1), "/secret/y t");
    OK(fake_two(0, XS_SET_PERMS, 0, "/secret/y", "n0")); /* what it loses it is told of, once */
    EQ(fake_event(1), "/secret/y root");
    EQ(fake_event(1), "/secret/y t");
    OK(fake_write(0, 0, "/secret/y", "3"));
    EQ(fake_event(1), "");
    end();
}

static void special_watches_tell_of_domains(void)
{
    start();
    OK(fake_two(0, XS_WATCH, 0, "@introduceDomain", "i"));
    OK(fake_two(0, XS_WATCH, 0, "@releaseDomain", "r"));
    OK(fake_two(1, XS_WATCH, 0, "@releaseDomain", "r"));
    EQ(fake_event(0), "@introduceDomain i");
    EQ(fake_event(0), "@releaseDomain r");
    EQ(fake_event(1), "@releaseDomain r"); /* every watch's first event */
    fake_introduce(3);
    EQ(fake_event(0), "@introduceDomain i");
    fake_shut_down(3);
    EQ(fake_event(0), "@releaseDomain r");
    fake_shut_down(3); /* known already */
    EQ(fake_event(0), "");
    OK(fake_call(0, XS_RESUME, 0, "3", 2));
    fake_shut_down(3);
    EQ(fake_event(0), "@releaseDomain r");
    fake_destroy(3);
    EQ(fake_event(0), "@releaseDomain r");
    EQ(fake_event(0), "");
    EQ(fake_event(1), ""); /* it may not know */
    OK(fake_call(0, XS_SET_PERMS, 0, TEXT("@releaseDomain\0n0\0r1")));
    OK(fake_path(0, XS_GET_PERMS, 0, "@releaseDomain"));
    fake_introduce(3);
    fake_destroy(3);
    EQ(fake_event(1), "@releaseDomain r");
    FAILS(fake_call(1, XS_SET_PERMS, 0, TEXT("@releaseDomain\0r1")), EACCES);
    end();
}

static void reset_watches_drops_watches_and_transactions(void)
{
    uint32_t tx;

    start();
    OK(fake_two(1, XS_WATCH, 0, "a", "t"));
    fake_event(1);
    tx = fake_begin(1);
    OK(fake_call(1, XS_RESET_WATCHES, 0, "", 1));
    OK(fake_write(1, 0, "a", "1"));
    EQ(fake_event(1), "");
    FAILS(fake_commit(1, tx), ENOENT);
    end();
}

static void a_dead_domain_leaves_nothing(void)
{
    start();
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
    end();
}

static void a_domain_that_was_never_introduced_leaves_nothing(void)
{
    start();
    FAILS(fake_call(0, XS_SET_PERMS, 0, TEXT("/tool\0b7")), ENOENT); /* there is no such domain */
    fake_introduce(7);
    OK(fake_call(0, XS_RELEASE, 0, "7", 2));
    OK(fake_path(0, XS_MKDIR, 0, "/local/domain/7"));
    OK(fake_two(0, XS_SET_PERMS, 0, "/local/domain/7", "b7"));
    fake_destroy(7);
    EQ(fake_read(0, 0, "/local/domain/7"), "!ENOENT");
    end();
}

static void quotas_bound_a_guest(void)
{
    char path[64], *big = malloc(4000);
    uint32_t tx[16], n = 0;
    int err = 0;

    start();
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
    end();
}

static void a_transaction_cannot_grow_without_end(void)
{
    char path[32];
    uint32_t tx, n;
    int err = 0;

    start();
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
    end();
}

static void quotas_hold_across_commits(void)
{
    char path[32];
    uint32_t a, b;

    start();
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
    end();
}

/* Guest 1 writes the node that dom0's transaction is about, each time before it ends. */
static void a_guest_cannot_make_dom0s_transactions_fail_forever(void)
{
    static const struct xsd_sockmsg head = { .type = XS_WRITE, .len = 3 };
    uint32_t tx;
    int tries = 0, err;

    start();
    OK(fake_write(1, 0, "n", ""));
    do {
        tx = fake_begin(0);
        fake_read(0, tx, "/local/domain/1/n");
        fake_push(1, &head, sizeof(head));
        fake_push(1, "n\0x", 3);
        fake_pull(1, fake_reply, sizeof(fake_reply));
        OK(fake_write(0, tx, "/local/domain/1/n", "dom0"));
        err = fake_commit(0, tx);
    } while (err == EAGAIN && ++tries < 100);
    OK(err);
    CU_ASSERT(tries > 2 && tries < 10);
    end();
}

const struct unit_test unit_tests[] = {
    { "values are written and read", values_are_written_and_read },
    { "directories list in order of making", directories_list_in_order_of_making },
    { "a long directory comes in parts", a_long_directory_comes_in_parts },
    { "malformed requests are refused", malformed_requests_are_refused },
    { "only dom0 may manage domains", only_dom0_may_manage_domains },
    { "guests are kept to their permissions", guests_are_kept_to_their_permissions },
    { "new nodes inherit", new_nodes_inherit },
    { "a transaction is seen by itself only", a_transaction_is_seen_by_itself_only },
    { "conflicting transactions fail", conflicting_transactions_fail },
    { "unrelated transactions both succeed", unrelated_transactions_both_succeed },
    { "removing and making again in a transaction", removing_and_making_again_in_a_transaction },
    { "a watch fires at once and below", a_watch_fires_at_once_and_below },
    { "watches below what is removed fire", watches_below_what_is_removed_fire },
    { "a transaction's events come with its commit in order",
      a_transactions_events_come_with_its_commit_in_order },
    { "a relative watch reports relative paths", a_relative_watch_reports_relative_paths },
    { "events tell nothing a guest may not read", events_tell_nothing_a_guest_may_not_read },
    { "special watches tell of domains", special_watches_tell_of_domains },
    { "reset_watches drops watches and transactions", reset_watches_drops_watches_and_transactions },
    { "a dead domain leaves nothing", a_dead_domain_leaves_nothing },
    { "a domain that was never introduced leaves nothing",
      a_domain_that_was_never_introduced_leaves_nothing },
    { "quotas bound a guest", quotas_bound_a_guest },
    { "a transaction cannot grow without end", a_transaction_cannot_grow_without_end },
    { "a guest cannot make dom0's transactions fail forever",
      a_guest_cannot_make_dom0s_transactions_fail_forever },
    { "quotas hold across commits", quotas_hold_across_commits },
    { 0 },
};
