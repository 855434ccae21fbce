/* SPDX-License-Identifier: GPL-2.0-only */
/* The store's data structures: tree, access lists, paths, journal file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acl.h"
#include "harness.h"
#include "journal.h"
#include "log.h"
#include "node.h"
#include "path.h"

static void children_are_found_and_kept_in_order(void)
{
    struct tree t;
    char name[16];
    int i = 0;

    tree_init(&t, sizeof(struct node), 7);
    for (i = 0; i < 10000; i++)
        node_add(&t, t.root, name, sprintf(name, "n%d", i));
    CU_ASSERT_EQUAL(t.root->children, 10000);
    for (i = 0; i < 10000; i += 2)
        node_remove(&t, node_child(&t, t.root, name, sprintf(name, "n%d", i)));
    i = 1;
    for (struct node *n = t.root->first; n; n = n->next, i += 2) {
        sprintf(name, "n%d", i);
        CU_ASSERT_STRING_EQUAL(n->name, name);
    }
    CU_ASSERT_EQUAL(i, 10001);
    CU_ASSERT_PTR_NULL(node_child(&t, t.root, "n2", 2));
    CU_ASSERT_PTR_NULL(node_child(&t, t.root, "n", 1));
    tree_free(&t);
}

static void a_deep_tree_is_walked_and_freed_without_recursion(void)
{
    struct tree t;
    struct node *n;
    size_t count = 0;

    tree_init(&t, sizeof(struct node), 7);
    n = t.root;
    for (int i = 0; i < 1000000; i++)
        n = node_add(&t, n, "d", 1);
    for (n = t.root; n; n = node_next(n, t.root))
        count++;
    CU_ASSERT_EQUAL(count, 1000001);
    CU_ASSERT_PTR_NULL(node_skip(t.root, t.root));
    tree_free(&t);
}

static void a_path_is_rebuilt_from_a_node(void)
{
    struct tree t;
    char path[PATH_BUFFER];
    struct node *a, *b;

    tree_init(&t, sizeof(struct node), 7);
    a = node_add(&t, t.root, "a", 1);
    b = node_add(&t, a, "long-name_0@", 12);
    CU_ASSERT_EQUAL(node_path(t.root, path), 1);
    CU_ASSERT_STRING_EQUAL(path, "/");
    node_path(b, path);
    CU_ASSERT_STRING_EQUAL(path, "/a/long-name_0@");
    tree_free(&t);
}

static void paths_are_checked(void)
{
    static const char *const good[] = { "/", "/a", "/a/b-c_d@0", "@releaseDomain", "device/vbd" };
    static const char *const bad[] = { "",     "//",        "/a/",  "a/",   "/a//b",
                                       "/a b", "/\xc3\xa4", "@a/b", "/a\n", "/a.b" };
    static char too_long[XENSTORE_ABS_PATH_MAX + 2], relative[XENSTORE_REL_PATH_MAX + 2];
    struct path p;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT(path_parse(&p, good[i], 5));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT(!path_parse(&p, bad[i], 5));

    CU_ASSERT(path_parse(&p, "device/vbd", 5));
    CU_ASSERT_STRING_EQUAL(p.text, "/local/domain/5/device/vbd");
    CU_ASSERT_STRING_EQUAL(p.text + p.home, "device/vbd");

    memset(too_long, 'x', sizeof(too_long) - 1);
    too_long[0] = '/';
    CU_ASSERT(!path_parse(&p, too_long, 0));
    too_long[XENSTORE_ABS_PATH_MAX] = '\0';
    CU_ASSERT(path_parse(&p, too_long, 0));
    CU_ASSERT_EQUAL(p.len, XENSTORE_ABS_PATH_MAX);
    memset(relative, 'x', sizeof(relative) - 1);
    CU_ASSERT(!path_parse(&p, relative, 65535));
    relative[XENSTORE_REL_PATH_MAX] = '\0';
    CU_ASSERT(path_parse(&p, relative, 65535));
}

static void access_lists_say_who_may_what(void)
{
    struct acl *a = acl_parse("n1\0r2\0b3", 9), *b;
    char text[3 * ACL_ENTRY_TEXT];

    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_EQUAL(acl_rights(a, 1), ACL_READ | ACL_WRITE | ACL_OWNER);
    CU_ASSERT_EQUAL(acl_rights(a, 2), ACL_READ);
    CU_ASSERT_EQUAL(acl_rights(a, 3), ACL_READ | ACL_WRITE);
    CU_ASSERT_EQUAL(acl_rights(a, 4), 0);
    CU_ASSERT_EQUAL(acl_format(a, text), 9);
    CU_ASSERT(!memcmp(text, "n1\0r2\0b3", 9));

    b = acl_without(a, 2);
    CU_ASSERT_EQUAL(b->count, 2);
    CU_ASSERT_EQUAL(acl_rights(b, 2), 0);
    CU_ASSERT_EQUAL(acl_rights(b, 3), ACL_READ | ACL_WRITE);
    acl_put(b);
    b = acl_with_owner(a, 9);
    CU_ASSERT_EQUAL(acl_owner(b), 9);
    CU_ASSERT_EQUAL(acl_rights(b, 1), 0);
    acl_put(b);
    acl_put(a);
}

static void malformed_access_lists_are_refused(void)
{
    CU_ASSERT_PTR_NULL(acl_parse("", 0));
    CU_ASSERT_PTR_NULL(acl_parse("", 1));
    CU_ASSERT_PTR_NULL(acl_parse("r", 2));
    CU_ASSERT_PTR_NULL(acl_parse("x1", 3));
    CU_ASSERT_PTR_NULL(acl_parse("r1", 2)); /* no NUL */
    CU_ASSERT_PTR_NULL(acl_parse("r70000", 7));
    CU_ASSERT_PTR_NULL(acl_parse("r1000000000000", 15));
    CU_ASSERT_PTR_NULL(acl_parse("r-1", 4));
    CU_ASSERT_PTR_NULL(acl_parse("r1\0", 4)); /* an empty entry */
}

static void add_record(struct journal *j, uint32_t type, const char *text)
{
    struct iovec part = { (void *)text, strlen(text) };

    journal_append(j, type, &part, 1);
}

static void remove_both(const char *path)
{
    char lock[64];

    snprintf(lock, sizeof(lock), "%s.lock", path);
    unlink(lock);
    unlink(path);
}

static void only_committed_records_survive(void)
{
    char path[] = "/tmp/hv-journal-XXXXXX";
    struct journal j, other;
    struct journal_record r;
    uint64_t epoch;
    size_t at = 0;

    log_open("/dev/null", false);
    close(mkstemp(path));
    CU_ASSERT_EQUAL_FATAL(journal_open(&j, path, &epoch), 0);
    CU_ASSERT_EQUAL(epoch, 1);
    CU_ASSERT_EQUAL(journal_open(&other, path, &epoch), -16); /* EBUSY: it is locked */
    add_record(&j, 1, "one");
    add_record(&j, 2, "");
    journal_commit(&j);
    add_record(&j, 3, "not committed");
    journal_close(&j);

    CU_ASSERT_EQUAL_FATAL(journal_open(&j, path, &epoch), 0);
    CU_ASSERT_EQUAL(epoch, 2);
    CU_ASSERT(journal_next(&j, &at, &r) && r.type == 1 && r.len == 3 && !memcmp(r.data, "one", 3));
    CU_ASSERT(journal_next(&j, &at, &r) && r.type == 2 && r.len == 0);
    CU_ASSERT(!journal_next(&j, &at, &r));
    CU_ASSERT_EQUAL(at, j.tail);
    journal_close(&j);
    remove_both(path);
}

static void a_rewrite_replaces_all_records_at_once(void)
{
    char path[] = "/tmp/hv-journal-XXXXXX";
    struct journal j;
    struct journal_record r;
    uint64_t epoch;
    size_t at = 0;
    static char big[100000];

    memset(big, 'b', sizeof(big) - 1);
    close(mkstemp(path));
    CU_ASSERT_EQUAL_FATAL(journal_open(&j, path, &epoch), 0);
    for (int i = 0; i < 20; i++)
        add_record(&j, 1, big);
    journal_commit(&j);
    CU_ASSERT(journal_is_long(&j));
    journal_rewrite_begin(&j);
    add_record(&j, 5, "short");
    journal_rewrite_end(&j);
    CU_ASSERT(!journal_is_long(&j));
    add_record(&j, 6, "after");
    journal_commit(&j);
    journal_close(&j);

    CU_ASSERT_EQUAL_FATAL(journal_open(&j, path, &epoch), 0);
    CU_ASSERT(journal_next(&j, &at, &r) && r.type == 5);
    CU_ASSERT(journal_next(&j, &at, &r) && r.type == 6);
    CU_ASSERT(!journal_next(&j, &at, &r));
    journal_close(&j);
    remove_both(path);
}

static void another_boots_journal_is_not_used(void)
{
    char path[] = "/tmp/hv-journal-XXXXXX";
    struct journal j;
    struct journal_record r;
    uint64_t epoch;
    size_t at = 0;

    close(mkstemp(path));
    CU_ASSERT_EQUAL_FATAL(journal_open(&j, path, &epoch), 0);
    add_record(&j, 1, "one");
    journal_commit(&j);
    j.map[8] ^= 1; /* the boot id */
    journal_close(&j);
    CU_ASSERT_EQUAL_FATAL(journal_open(&j, path, &epoch), 0);
    CU_ASSERT_EQUAL(epoch, 1);
    CU_ASSERT(!journal_next(&j, &at, &r));
    journal_close(&j);
    remove_both(path);
}

const struct unit_test unit_tests[] = {
    { "children are found and kept in order", children_are_found_and_kept_in_order },
    { "a deep tree is walked and freed without recursion",
      a_deep_tree_is_walked_and_freed_without_recursion },
    { "a path is rebuilt from a node", a_path_is_rebuilt_from_a_node },
    { "paths are checked", paths_are_checked },
    { "access lists say who may what", access_lists_say_who_may_what },
    { "malformed access lists are refused", malformed_access_lists_are_refused },
    { "only committed records survive", only_committed_records_survive },
    { "a rewrite replaces all records at once", a_rewrite_replaces_all_records_at_once },
    { "another boot's journal is not used", another_boots_journal_is_not_used },
    { 0 },
};
