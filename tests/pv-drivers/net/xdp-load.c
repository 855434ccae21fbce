/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xdp-load INTERFACE pass|drop|echo|off: gives an interface's driver a program that sees each packet first, or takes it away.
 *
 * What the programs are about are datagrams over IPv4 to net-talk's port: `drop` drops them, `echo` sends them back with all
 * addresses and ports swapped (which leaves their sums right), everything else is passed.
 */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PORT 7000
#define MOST 64

static struct bpf_insn program[MOST];
static unsigned int length;

static void put(uint8_t code, uint8_t to, uint8_t from, int16_t offset, int32_t value)
{
    program[length++] = (struct bpf_insn){ .code = code, .dst_reg = to & 15, .src_reg = from & 15, .off = offset, .imm = value };
}

static void load(uint8_t size, uint8_t to, uint8_t from, int16_t offset)
{
    put((uint8_t)(BPF_LDX | BPF_MEM | size), to, from, offset, 0);
}

static void store(uint8_t size, int16_t offset, uint8_t from)
{
    put((uint8_t)(BPF_STX | BPF_MEM | size), BPF_REG_2, from, offset, 0);
}

static void leave(int32_t verdict)
{
    put(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, verdict);
    put(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Passes the packet unless the field is `value`; a jump over the two instructions that do so. */
static void require(uint8_t size, int16_t offset, int32_t value)
{
    load(size, BPF_REG_5, BPF_REG_2, offset);
    put(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_5, 0, 2, value);
    leave(XDP_PASS);
}

static void swap(uint8_t size, int16_t one, int16_t other)
{
    load(size, BPF_REG_4, BPF_REG_2, one);
    load(size, BPF_REG_5, BPF_REG_2, other);
    store(size, one, BPF_REG_5);
    store(size, other, BPF_REG_4);
}

static void make_program(const char *what)
{
    if (!strcmp(what, "drop") || !strcmp(what, "echo")) {
        load(BPF_W, BPF_REG_2, BPF_REG_1, offsetof(struct xdp_md, data));
        load(BPF_W, BPF_REG_3, BPF_REG_1, offsetof(struct xdp_md, data_end));
        put(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_4, BPF_REG_2, 0, 0);
        put(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, 42);
        put(BPF_JMP | BPF_JLE | BPF_X, BPF_REG_4, BPF_REG_3, 2, 0);
        leave(XDP_PASS);
        require(BPF_H, 12, htons(0x0800));
        require(BPF_B, 23, IPPROTO_UDP);
        require(BPF_H, 36, htons(PORT));
    }
    if (!strcmp(what, "drop")) {
        leave(XDP_DROP);
    } else if (!strcmp(what, "echo")) {
        for (int16_t i = 0; i < 6; i += 2)
            swap(BPF_H, i, i + 6);
        swap(BPF_W, 26, 30);
        swap(BPF_H, 34, 36);
        leave(XDP_TX);
    } else {
        leave(XDP_PASS);
    }
}

static int load_program(void)
{
    static char log[65536];
    union bpf_attr attr;
    int fd;

    memset(&attr, 0, sizeof(attr));
    attr.prog_type = BPF_PROG_TYPE_XDP;
    attr.insns = (uint64_t)(uintptr_t)program;
    attr.insn_cnt = length;
    attr.license = (uint64_t)(uintptr_t)"GPL";
    attr.log_buf = (uint64_t)(uintptr_t)log;
    attr.log_size = sizeof(log);
    attr.log_level = 1;
    fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
    if (fd < 0) {
        perror("xdp-load: program");
        fputs(log, stderr);
        exit(1);
    }
    return fd;
}

/* The driver's own way is asked for; if it has none that is an error. */
static int attach(unsigned int interface, int fd)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
        struct rtattr nest, fd;
        int fd_value;
        struct rtattr flags;
        uint32_t flags_value;
    } request = {
        .header = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_SETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
        .info = { .ifi_index = (int)interface },
        .nest = { sizeof(request) - offsetof(__typeof__(request), nest), IFLA_XDP | NLA_F_NESTED },
        .fd = { RTA_LENGTH(4), IFLA_XDP_FD },
        .fd_value = fd,
        .flags = { RTA_LENGTH(4), IFLA_XDP_FLAGS },
        .flags_value = XDP_FLAGS_DRV_MODE,
    };
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[1024];
    } answer;
    int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

    if (netlink < 0 || send(netlink, &request, sizeof(request), 0) < 0 || recv(netlink, &answer, sizeof(answer), 0) < 0) {
        perror("xdp-load: netlink");
        return 1;
    }
    if (answer.error.error)
        fprintf(stderr, "xdp-load: %s\n", strerror(-answer.error.error));
    return answer.error.error != 0;
}

int main(int argc, char **argv)
{
    int fd = -1;

    if (argc != 3) {
        fprintf(stderr, "usage: xdp-load INTERFACE pass|drop|echo|off\n");
        return 2;
    }
    if (strcmp(argv[2], "off")) {
        make_program(argv[2]);
        fd = load_program();
    }
    return attach(if_nametoindex(argv[1]), fd);
}
