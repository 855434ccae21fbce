/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What requests do to values and directories, and who may make them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "story.h"

static void values_are_written_and_read(void)
{
    story_start(NULL);
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
    story_end();
}

static void directories_list_in_order_of_making(void)
{
    story_start(NULL);
    OK(fake_write(0, 0, "/d/z", ""));
    OK(fake_write(0, 0, "/d/a", ""));
    OK(fake_write(0, 0, "/d/m", ""));
    EQ(fake_list(0, 0, "/d"), "z,a,m");
    OK(fake_path(0, XS_RM, 0, "/d/a"));
    EQ(fake_list(0, 0, "/d"), "z,m");
    EQ(fake_list(0, 0, "/d/z"), "");
    EQ(fake_list(0, 0, "/nowhere"), "!ENOENT");
    story_end();
}

static void a_long_directory_comes_in_parts(void)
{
    char path[32], request[64];
    unsigned int total = 0, parts = 0;
    size_t offset = 0, head;
    bool last = false;

    story_start(NULL);
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
    story_end();
}

static void malformed_requests_are_refused(void)
{
    story_start(NULL);
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
    story_end();
}

static void only_dom0_may_manage_domains(void)
{
    story_start(NULL);
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
    story_end();
}

static void guests_are_kept_to_their_permissions(void)
{
    story_start(NULL);
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
    story_end();
}

static void new_nodes_inherit(void)
{
    story_start(NULL);
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
    story_end();
}

const struct unit_test unit_tests[] = {
    { "values are written and read", values_are_written_and_read },
    { "directories list in order of making", directories_list_in_order_of_making },
    { "a long directory comes in parts", a_long_directory_comes_in_parts },
    { "malformed requests are refused", malformed_requests_are_refused },
    { "only dom0 may manage domains", only_dom0_may_manage_domains },
    { "guests are kept to their permissions", guests_are_kept_to_their_permissions },
    { "new nodes inherit", new_nodes_inherit },
    { 0 },
};
