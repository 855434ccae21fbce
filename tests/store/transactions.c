/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transactions: what they see, when they conflict, and that they end.
 */
#include <errno.h>

#include "story.h"

static void a_transaction_is_seen_by_itself_only(void)
{
    uint32_t tx;

    story_start(NULL);
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
    story_end();
}

static void conflicting_transactions_fail(void)
{
    uint32_t a, b;

    story_start(NULL);
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
    story_end();
}

static void unrelated_transactions_both_succeed(void)
{
    uint32_t a, b;

    story_start(NULL);
    OK(fake_path(0, XS_MKDIR, 0, "/u"));
    a = fake_begin(0);
    b = fake_begin(0);
    OK(fake_write(0, a, "/u/a/x", "1"));
    OK(fake_write(0, b, "/u/b/x", "2"));
    OK(fake_write(0, 0, "/u/c", "3"));
    OK(fake_commit(0, a));
    OK(fake_commit(0, b));
    EQ(fake_list(0, 0, "/u"), "c,a,b");
    story_end();
}

static void removing_and_making_again_in_a_transaction(void)
{
    uint32_t tx;

    story_start(NULL);
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
    story_end();
}

/* Guest 1 writes the node that dom0's transaction is about, each time before it ends. */
static void a_guest_cannot_make_dom0s_transactions_fail_forever(void)
{
    static const struct xsd_sockmsg head = { .type = XS_WRITE, .len = 3 };
    uint32_t tx;
    int tries = 0, err;

    story_start(NULL);
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
    story_end();
}

const struct unit_test unit_tests[] = {
    { "a transaction is seen by itself only", a_transaction_is_seen_by_itself_only },
    { "conflicting transactions fail", conflicting_transactions_fail },
    { "unrelated transactions both succeed", unrelated_transactions_both_succeed },
    { "removing and making again in a transaction", removing_and_making_again_in_a_transaction },
    { "a guest cannot make dom0's transactions fail forever",
      a_guest_cannot_make_dom0s_transactions_fail_forever },
    { 0 },
};
