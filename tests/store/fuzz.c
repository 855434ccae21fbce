/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer on a domain's ring. The input is what a hostile guest does: bytes it pushes, indices and words it
 * sets, and turns and restarts of the daemon in between, beside a second guest and dom0 that behave. Whatever happens, the
 * store stays consistent, the others are served, and quotas hold.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t next(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

static void must(bool what)
{
    if (!what)
        abort();
}

static const char *const paths[] = {
    "a",         "a/b",     "a/b/c",     "/local/domain/1", "/local/domain/1/a",    "/",
    "/secret/x", "/shared", "/shared/y", "@releaseDomain",  "/local/domain/2/home", "",
    "bad path",  "/a//b",
};

static const uint8_t types[] = {
    XS_DIRECTORY,
    XS_READ,
    XS_GET_PERMS,
    XS_WATCH,
    XS_UNWATCH,
    XS_TRANSACTION_START,
    XS_TRANSACTION_END,
    XS_WRITE,
    XS_MKDIR,
    XS_RM,
    XS_SET_PERMS,
    XS_RESET_WATCHES,
    XS_DIRECTORY_PART,
    XS_INTRODUCE,
    XS_CONTROL,
    XS_GET_DOMAIN_PATH,
    XS_IS_DOMAIN_INTRODUCED,
};

static const char *const second[] = { "", "b1", "n1", "token", "T", "F", "0", "17", "r2" };

/* A request that is nearly right, which random bytes would hardly ever be. */
static void push_request(struct input *in, uint32_t tx)
{
    const char *a = paths[next(in) % (sizeof(paths) / sizeof(paths[0]))];
    const char *b = second[next(in) % (sizeof(second) / sizeof(second[0]))];
    struct xsd_sockmsg head = { .type = types[next(in) % sizeof(types)], .tx_id = tx };
    char payload[64];

    if (head.type == XS_TRANSACTION_END)
        a = b;
    head.len = strlen(a) + 1;
    memcpy(payload, a, head.len);
    if (next(in) & 1) {
        memcpy(payload + head.len, b, strlen(b) + 1);
        head.len += strlen(b) + (next(in) & 1);
    }
    fake_push(1, &head, sizeof(head));
    fake_push(1, payload, head.len);
}

static void push_bytes(struct input *in)
{
    size_t len = next(in);

    if (len > in->left)
        len = in->left;
    fake_push(1, in->at, len);
    in->at += len;
    in->left -= len;
}

static const struct quota quota = {
    .nodes = 30,
    .node_size = 64,
    .acl_entries = 3,
    .watches = 8,
    .transactions = 3,
    .changes = 20,
    .backlog = 2048,
};

static void act(struct input *in)
{
    struct xenstore_domain_interface *page = fake_page(1);
    char sink[256];

    switch (next(in) % 13) {
    case 0: push_bytes(in); break;
    case 1: page->req_prod += next(in) << (next(in) % 24); break;
    case 2: page->rsp_cons += next(in) << (next(in) % 24); break;
    case 3: page->connection = next(in) & 1; break;
    case 4: page->req_cons = page->rsp_prod = next(in); break;
    case 5: memset(page->req, next(in), sizeof(page->req)); break;
    case 6: page->rsp_cons = page->rsp_prod; break;
    case 7: fake_pull(1, sink, next(in)); break;
    case 8:
        if (fake.journal) {
            fake_restart();
            fake.quota = quota;
        }
        break;
    default: push_request(in, next(in) % 4); break;
    }
    fake_run();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    char journal[64];

    snprintf(journal, sizeof(journal), "/dev/shm/hv-store-fuzz-%d", (int)getpid());
    fake_start(next(&in) % 8 ? NULL : journal); /* with a file it is slower */
    fake.quota = quota;
    fake_introduce(1);
    fake_introduce(2);
    must(!fake_write(0, 0, "/secret/x", "s"));
    must(!fake_path(0, XS_MKDIR, 0, "/local/domain/1") &&
         !fake_two(0, XS_SET_PERMS, 0, "/local/domain/1", "n1"));
    must(!fake_path(0, XS_MKDIR, 0, "/local/domain/2") &&
         !fake_two(0, XS_SET_PERMS, 0, "/local/domain/2", "n2"));
    must(!fake_path(0, XS_MKDIR, 0, "/shared") && !fake_two(0, XS_SET_PERMS, 0, "/shared", "b0"));

    while (in.left)
        act(&in);

    must(!store_check(&fake));
    must(domain_get(&fake, 1)->nodes <= fake.quota.nodes + 1);
    must(!strcmp(fake_read(0, 0, "/secret/x"), "s"));
    must(!fake_write(2, 0, "home", "h"));
    must(!strcmp(fake_read(2, 0, "home"), "h"));
    fake_destroy(1);
    must(!store_check(&fake));
    must(domain_get(&fake, 1)->nodes == 0);
    fake_end();
    return 0;
}
