/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The nbd driver's generic netlink interface, through libnl.
 */
#include "nbd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nbd-netlink.h>
#include <linux/nbd.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libhv/error.h>

#include "spawn.h"

struct channel {
    struct nl_sock *sock;
    int family;
};

/* What came back for a message. */
struct answer {
    bool done;
    int error, index;
};

/*
 * Loaded this way the driver has devices only as they are asked for, and dom0 does not look for partitions on a guest's
 * disk, which would be reading what the guest wrote.
 */
static bool load_driver(void)
{
    char *argv[] = { "modprobe", "nbd", "nbds_max=0", "max_part=0", NULL }, said[256];

    return !spawn_wait(argv, said, sizeof(said));
}

static int channel_open(struct channel *c, struct hv_error *err)
{
    c->sock = nl_socket_alloc();
    c->family = c->sock && !genl_connect(c->sock) ? genl_ctrl_resolve(c->sock, NBD_GENL_FAMILY_NAME) : -1;
    if (c->family < 0 && c->sock && load_driver())
        c->family = genl_ctrl_resolve(c->sock, NBD_GENL_FAMILY_NAME);
    if (c->family >= 0)
        return 0;
    nl_socket_free(c->sock);
    return hv_error_set(err, ENODEV, "modprobe nbd", "dom0's kernel has no driver for network block devices");
}

static void channel_close(struct channel *c)
{
    nl_socket_free(c->sock);
}

static int take_reply(struct nl_msg *message, void *opaque)
{
    struct nlattr *attributes[NBD_ATTR_MAX + 1];
    struct answer *answer = opaque;

    if (!genlmsg_parse(nlmsg_hdr(message), 0, attributes, NBD_ATTR_MAX, NULL) && attributes[NBD_ATTR_INDEX])
        answer->index = (int)nla_get_u32(attributes[NBD_ATTR_INDEX]);
    return NL_OK;
}

static int take_ack(struct nl_msg *message, void *opaque)
{
    (void)message;
    ((struct answer *)opaque)->done = true;
    return NL_STOP;
}

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *opaque)
{
    struct answer *answer = opaque;

    (void)from;
    answer->done = true;
    answer->error = error->error;
    return NL_STOP;
}

static struct nl_msg *new_message(const struct channel *c, int command)
{
    struct nl_msg *message = nlmsg_alloc();

    if (message && !genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, c->family, 0, 0, (uint8_t)command, 0)) {
        nlmsg_free(message);
        return NULL;
    }
    return message;
}

/* Sends a message, frees it, and waits for what comes of it: the device's number if it was told, or 0; -errno. */
static int exchange(const struct channel *c, struct nl_msg *message)
{
    struct answer answer = { 0 };
    struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
    int ret = cb ? nl_send_auto(c->sock, message) : -NLE_NOMEM;

    nlmsg_free(message);
    if (cb) {
        nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, take_reply, &answer);
        nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, take_ack, &answer);
        nl_cb_err(cb, NL_CB_CUSTOM, take_error, &answer);
    }
    while (ret >= 0 && !answer.done)
        ret = nl_recvmsgs(c->sock, cb);
    nl_cb_put(cb);
    if (answer.done)
        return answer.error ? answer.error : answer.index;
    return -EIO;
}

static bool put_socket(struct nl_msg *message, int sock)
{
    struct nlattr *list = nla_nest_start(message, NBD_ATTR_SOCKETS), *item;

    if (!list)
        return false;
    item = nla_nest_start(message, NBD_SOCK_ITEM);
    if (!item || nla_put_u32(message, NBD_SOCK_FD, (uint32_t)sock))
        return false;
    nla_nest_end(message, item);
    nla_nest_end(message, list);
    return true;
}

static int do_connect(const struct channel *c, int sock, const struct nbd_export *export, bool readonly, const char *mark)
{
    struct nl_msg *message = new_message(c, NBD_CMD_CONNECT);
    uint64_t flags = export->flags | (readonly ? NBD_FLAG_READ_ONLY : 0), size = export->size & -(uint64_t)export->block;

    if (!message)
        return -ENOMEM;
    if (!nla_put_u64(message, NBD_ATTR_SIZE_BYTES, size) &&
        !nla_put_u64(message, NBD_ATTR_BLOCK_SIZE_BYTES, export->block) &&
        !nla_put_u64(message, NBD_ATTR_SERVER_FLAGS, flags) && !nla_put_u64(message, NBD_ATTR_TIMEOUT, NBD_SECONDS) &&
        !nla_put_string(message, NBD_ATTR_BACKEND_IDENTIFIER, mark) && put_socket(message, sock))
        return exchange(c, message);
    nlmsg_free(message);
    return -ENOMEM;
}

static int do_disconnect(const struct channel *c, unsigned index)
{
    struct nl_msg *message = new_message(c, NBD_CMD_DISCONNECT);

    if (message && !nla_put_u32(message, NBD_ATTR_INDEX, index))
        return exchange(c, message);
    nlmsg_free(message);
    return -ENOMEM;
}

static int end_with_last_user(const struct channel *c, unsigned index, const char *mark)
{
    struct nl_msg *message = new_message(c, NBD_CMD_RECONFIGURE);

    if (message && !nla_put_u32(message, NBD_ATTR_INDEX, index) &&
        !nla_put_u64(message, NBD_ATTR_CLIENT_FLAGS, NBD_CFLAG_DISCONNECT_ON_CLOSE) &&
        !nla_put_string(message, NBD_ATTR_BACKEND_IDENTIFIER, mark))
        return exchange(c, message);
    nlmsg_free(message);
    return -ENOMEM;
}

static int open_connected(const struct channel *c, unsigned index, bool readonly, const char *mark, const char *node,
                          struct hv_error *err)
{
    int fd = open(node, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC), ret;

    if (fd < 0)
        return hv_error_set(err, errno, NULL, "cannot open %s: %s", node, strerror(errno));
    ret = end_with_last_user(c, index, mark);
    if (ret >= 0)
        return fd;
    close(fd);
    return hv_error_set(err, -ret, NULL, "cannot set up %s: %s", node, strerror(-ret));
}

int nbd_attach(int sock, const struct nbd_export *export, bool readonly, const char *mark, char *node,
               struct hv_error *err)
{
    struct channel c;
    int ret = channel_open(&c, err), index;

    if (ret < 0)
        return ret;
    if (export->flags & NBD_FLAG_READ_ONLY && !readonly) {
        ret = hv_error_set(err, EROFS, "add <readonly/>", "the server lets nobody write to it");
        goto close;
    }
    index = do_connect(&c, sock, export, readonly, mark);
    if (index < 0) {
        ret = hv_error_set(err, -index, NULL, "dom0's kernel makes no network block device: %s", strerror(-index));
        goto close;
    }
    snprintf(node, 32, "/dev/nbd%d", index);
    ret = open_connected(&c, (unsigned)index, readonly, mark, node, err);
    if (ret < 0)
        do_disconnect(&c, (unsigned)index);
close:
    channel_close(&c);
    return ret;
}

/* The number of the device with this mark, -1 if there is none. */
static int find(const char *mark)
{
    DIR *dir = opendir("/sys/block");
    struct dirent *entry;
    int index = -1;

    while (dir && index < 0 && (entry = readdir(dir))) {
        char path[64], text[NBD_MARK_MAX + 2] = "";
        FILE *file;

        if (strncmp(entry->d_name, "nbd", 3) || strlen(entry->d_name) > 16)
            continue;
        snprintf(path, sizeof(path), "/sys/block/%.16s/backend", entry->d_name);
        file = fopen(path, "re");
        if (!file)
            continue;
        if (fgets(text, sizeof(text), file)) {
            text[strcspn(text, "\n")] = '\0';
            if (!strcmp(text, mark))
                index = atoi(entry->d_name + 3);
        }
        fclose(file);
    }
    if (dir)
        closedir(dir);
    return index;
}

bool nbd_is_attached(const char *mark)
{
    return find(mark) >= 0;
}

void nbd_detach(const char *mark)
{
    struct channel c;
    int index = find(mark);

    if (index < 0 || channel_open(&c, NULL) < 0)
        return;
    do_disconnect(&c, (unsigned)index);
    channel_close(&c);
}
