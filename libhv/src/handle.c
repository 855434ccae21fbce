/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hypercalls through Linux's privcmd, and the memory they point to.
 *
 * The hypervisor reads and writes arguments by their virtual address while dom0's kernel waits; a page that
 * is not present at that moment makes the call fail with -EFAULT. Memory from /dev/xen/hypercall is always
 * present. Where that device is missing, memory is populated and locked, which leaves a small window during
 * page migration.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <public/xen.h>
#include <public/domctl.h>
#include <public/memory.h>
#include <public/sysctl.h>

#include "handle.h"
#include "linux_abi.h"

static size_t round_up(size_t size)
{
    return HV_PAGES(size) * HV_PAGE_SIZE;
}

struct hv *hv_open(struct hv_error *err)
{
    struct hv *hv = calloc(1, sizeof(*hv));

    if (!hv) {
        hv_error_set(err, ENOMEM, NULL, "cannot open the hypervisor: out of memory");
        return NULL;
    }
    hv->privcmd = open(DEV_PRIVCMD, O_RDWR | O_CLOEXEC);
    if (hv->privcmd < 0) {
        const char *hint = errno == EACCES ? "run this as root" :
                           errno == ENOENT ? "this works in dom0 only, with the xen-privcmd module loaded" :
                                             "this works in dom0 only";

        hv_error_set(err, errno, hint, "cannot open the hypervisor's device %s: %s", DEV_PRIVCMD,
                     strerror(errno));
        goto free_handle;
    }
    hv->hypercall = open(DEV_HYPERCALL, O_RDWR | O_CLOEXEC);
    hv->scratch = hv_buffer_alloc(hv, HV_SCRATCH_SIZE);
    if (!hv->scratch) {
        hv_error_set(err, errno, NULL, "cannot get memory for hypercalls: %s", strerror(errno));
        goto close_devices;
    }
    return hv;

close_devices:
    if (hv->hypercall >= 0)
        close(hv->hypercall);
    close(hv->privcmd);
free_handle:
    free(hv);
    return NULL;
}

void hv_close(struct hv *hv)
{
    if (!hv)
        return;
    hv_buffer_free(hv, hv->scratch, HV_SCRATCH_SIZE);
    if (hv->hypercall >= 0)
        close(hv->hypercall);
    close(hv->privcmd);
    free(hv);
}

void *hv_buffer_alloc(struct hv *hv, size_t size)
{
    bool device = hv->hypercall >= 0;
    size_t length = round_up(size);
    void *buffer = mmap(NULL, length, PROT_READ | PROT_WRITE,
                        device ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE,
                        device ? hv->hypercall : -1, 0);

    if (buffer == MAP_FAILED)
        return NULL;
    /* A child of fork() would make these pages copy-on-write: not present for writing any more. */
    if (!device)
        madvise(buffer, length, MADV_DONTFORK);
    return buffer;
}

void hv_buffer_free(struct hv *hv, void *buffer, size_t size)
{
    (void)hv;
    if (buffer)
        munmap(buffer, round_up(size));
}

long hv_hypercall(struct hv *hv, unsigned op, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
    struct privcmd_call call = { .op = op, .arg = { a1, a2, a3, a4, a5 } };
    long ret = ioctl(hv->privcmd, PRIVCMD_CALL, &call);

    return ret < 0 ? -errno : ret;
}

long call_with(struct hv *hv, unsigned op, uint64_t a1, uint64_t a2, void *arg, size_t size, unsigned index)
{
    uint64_t a[5] = { a1, a2 };
    long ret;

    if (size > HV_SCRATCH_SIZE || index >= 5)
        return -EINVAL;
    memcpy(hv->scratch, arg, size);
    a[index] = (uintptr_t)hv->scratch;
    ret = hv_hypercall(hv, op, a[0], a[1], a[2], a[3], a[4]);
    memcpy(arg, hv->scratch, size);
    return ret;
}

int hv_domctl(struct hv *hv, struct xen_domctl *op)
{
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    return (int)call_with(hv, __HYPERVISOR_domctl, 0, 0, op, sizeof(*op), 0);
}

int hv_sysctl(struct hv *hv, struct xen_sysctl *op)
{
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return (int)call_with(hv, __HYPERVISOR_sysctl, 0, 0, op, sizeof(*op), 0);
}

long hv_memory_op(struct hv *hv, unsigned cmd, void *arg, size_t size)
{
    return call_with(hv, __HYPERVISOR_memory_op, cmd, 0, arg, size, 1);
}

const char *call_hint(int code)
{
    switch (code) {
    case EPERM:
        return "only dom0 may do this";
    case EACCES:
        return "the hypervisor's interface version is not 4.17's";
    case ENOSYS:
    case EOPNOTSUPP:
        return "the hypervisor does not offer this operation";
    case ESRCH:
        return "there is no such domain";
    case ENOMEM:
        return "the hypervisor is out of memory; see `hvctl info`";
    default:
        return NULL;
    }
}
