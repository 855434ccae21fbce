/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Filling a new domain's memory, in a child process.
 *
 * Tens of thousands of pages are mapped for this, and unmapping each costs a PV dom0 a trap to the
 * hypervisor, unless the whole address space goes away at once: an exiting process gives up its page tables
 * first. So a child maps, copies and exits, at about half the cost. It allocates no memory, since other
 * threads of the parent may have held locks when it was made, and it makes no SIGCHLD, so that a program's
 * own handling of children does not notice it.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build_domain.h"
#include "handle.h"

/*
 * Segments in order of address, which need not be their order in the file; they do not overlap. Gaps,
 * uninitialised data and the rest of the last page are cleared.
 */
static void load_kernel(struct building *b)
{
    const struct hv_kernel *kernel = b->kernel;
    unsigned char *base = window_page(&b->window, b->layout.kernel.pfn);
    uint64_t at = kernel->virt_low, end = kernel->virt_low + b->layout.kernel.pages * HV_PAGE_SIZE;

    while (at < end) {
        const struct hv_segment *next = NULL;
        uint64_t data_end;

        for (unsigned i = 0; i < kernel->segments; i++) {
            const struct hv_segment *segment = &kernel->segment[i];

            if (segment->vaddr >= at && (!next || segment->vaddr < next->vaddr))
                next = segment;
        }
        if (!next)
            break;
        window_zero(base + (at - kernel->virt_low), next->vaddr - at);
        file_populate(kernel->data + next->offset, next->filesz);
        window_copy(base + (next->vaddr - kernel->virt_low), kernel->data + next->offset, next->filesz);
        data_end = next->vaddr + next->filesz;
        window_zero(base + (data_end - kernel->virt_low), next->memsz - next->filesz);
        at = next->vaddr + next->memsz;
    }
    window_zero(base + (at - kernel->virt_low), end - at);
}

static void load_initrd(struct building *b)
{
    unsigned char *to;

    if (!b->layout.initrd.pages)
        return;
    to = window_page(&b->window, b->layout.initrd.pfn);
    file_populate(b->initrd.data, b->initrd.size);
    window_copy(to, b->initrd.data, b->initrd.size);
    window_zero(to + b->initrd.size, b->layout.initrd.pages * HV_PAGE_SIZE - b->initrd.size);
}

static void load_p2m(struct building *b)
{
    unsigned char *to = window_page(&b->window, b->layout.p2m.pfn);
    size_t size = b->layout.pages * sizeof(b->p2m[0]);

    window_copy(to, b->p2m, size);
    /* Entries behind the last page: no frame. */
    memset(to + size, 0xff, b->layout.p2m.pages * HV_PAGE_SIZE - size);
}

/* What the child reports. Until it has, it must have been killed. */
struct report {
    int ret;
    struct hv_error err;
};

static int load(struct building *b, struct hv_error *err)
{
    int ret = window_map(&b->window, b->hv, b->domid, err);

    if (ret < 0)
        return ret;
    load_kernel(b);
    load_initrd(b);
    load_p2m(b);
    tables_write(b);
    start_write(b);
    return 0;
}

static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, __WCLONE) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

int load_in_child(struct building *b, struct hv_error *err)
{
    struct report *report =
        mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child;
    int ret;

    if (report == MAP_FAILED)
        return hv_error_set(err, errno, NULL, "cannot share memory with a child process: %s",
                            strerror(errno));
    report->ret = -ECHILD;
    child = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
    if (child == 0) {
        report->ret = load(b, &report->err);
        _exit(0);
    }
    ret = child < 0 ? -errno : wait_for(child);
    if (ret < 0) {
        hv_error_set(err, -ret, NULL, "cannot run a child process to load the kernel: %s", strerror(-ret));
    } else if (report->ret == -ECHILD) {
        ret = hv_error_set(err, EIO, "did the kernel file or the initramfs change meanwhile?",
                           "the child process that loads the kernel died");
    } else {
        ret = report->ret;
        if (ret < 0 && err)
            *err = report->err;
    }
    munmap(report, sizeof(*report));
    return ret;
}
