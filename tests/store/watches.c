/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches: which events there are, in which order, and whom they tell what.
 */
#include <errno.h>

#include "story.h"

static void a_watch_fires_at_once_and_below(void)
{
    story_start(NULL);
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
    story_end();
}

static void watches_below_what_is_removed_fire(void)
{
    story_start(NULL);
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
    story_end();
}

static void a_transactions_events_come_with_its_commit_in_order(void)
{
    uint32_t tx;

    story_start(NULL);
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
    story_end();
}

static void a_relative_watch_reports_relative_paths(void)
{
    story_start(NULL);
    OK(fake_two(1, XS_WATCH, 0, "device", "t"));
    EQ(fake_event(1), "device t");
    OK(fake_write(0, 0, "/local/domain/1/device/vbd/51712/state", "1"));
    EQ(fake_event(1), "device/vbd/51712/state t");
    story_end();
}

static void events_tell_nothing_a_guest_may_not_read(void)
{
    story_start(NULL);
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
    story_end();
}

static void special_watches_tell_of_domains(void)
{
    story_start(NULL);
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
    story_end();
}

static void reset_watches_drops_watches_and_transactions(void)
{
    uint32_t tx;

    story_start(NULL);
    OK(fake_two(1, XS_WATCH, 0, "a", "t"));
    fake_event(1);
    tx = fake_begin(1);
    OK(fake_call(1, XS_RESET_WATCHES, 0, "", 1));
    OK(fake_write(1, 0, "a", "1"));
    EQ(fake_event(1), "");
    FAILS(fake_commit(1, tx), ENOENT);
    story_end();
}

const struct unit_test unit_tests[] = {
    { "a watch fires at once and below", a_watch_fires_at_once_and_below },
    { "watches below what is removed fire", watches_below_what_is_removed_fire },
    { "a transaction's events come with its commit in order",
      a_transactions_events_come_with_its_commit_in_order },
    { "a relative watch reports relative paths", a_relative_watch_reports_relative_paths },
    { "events tell nothing a guest may not read", events_tell_nothing_a_guest_may_not_read },
    { "special watches tell of domains", special_watches_tell_of_domains },
    { "reset_watches drops watches and transactions", reset_watches_drops_watches_and_transactions },
    { 0 },
};
