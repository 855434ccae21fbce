// SPDX-License-Identifier: GPL-2.0-only
//
// ports: prints how many event ports dom0 has of each kind, as the hypervisor counts them: what dom0's kernel has forgotten to
// close shows up here and nowhere else.

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <public/event_channel.h>
#include <public/xen.h>

#define PORTS 4096

// Linux's /dev/xen/privcmd: a hypercall with up to five arguments.
struct privcmd_hypercall {
    uint64_t op, arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

static const char *const kinds[] = {
    [EVTCHNSTAT_closed] = "closed", [EVTCHNSTAT_unbound] = "unbound", [EVTCHNSTAT_interdomain] = "interdomain",
    [EVTCHNSTAT_pirq] = "pirq",     [EVTCHNSTAT_virq] = "virq",       [EVTCHNSTAT_ipi] = "ipi",
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int main(void)
{
    // The hypervisor writes to it, so it has to be in memory.
    struct evtchn_status *status = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
    unsigned count[KINDS] = { 0 };
    int fd = open("/dev/xen/privcmd", O_RDWR);

    if (fd < 0 || status == MAP_FAILED) {
        perror("ports");
        return 1;
    }
    for (unsigned port = 1; port < PORTS; port++) {
        struct privcmd_hypercall call = { __HYPERVISOR_event_channel_op, { EVTCHNOP_status, (uintptr_t)status } };

        *status = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
        if (!ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &call) && status->status < KINDS)
            count[status->status]++;
    }
    for (unsigned kind = EVTCHNSTAT_unbound; kind < KINDS; kind++)
        printf("%s %u\n", kinds[kind], count[kind]);
    return 0;
}
