/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds a PV domain from a test kernel's ELF file, the way a tool stack does it, with nothing but hypercalls. */
#ifndef BUILD_H
#define BUILD_H

#include <stddef.h>
#include <stdint.h>
#include <public/domctl.h>

struct child {
    unsigned int domain;
    uint32_t console_port;      /* ours, bound to the child's console */
    volatile void *console;     /* its ring, mapped here */
};

/* A domctl for DOMAIN; the caller has filled u. Returns the error. */
long domctl(struct xen_domctl *op, unsigned int cmd, unsigned int domain);

/* Free pages of the whole machine. */
uint64_t machine_free_pages(void);

/* Creates the domain, paused, with memory and nothing in it; then puts a kernel there. Both bail out with the step that failed.
 * The first returns how many pages it has. */
unsigned long child_create(struct child *child, unsigned int vcpus);
void child_load(struct child *child, const void *elf, size_t size, const char *command_line);

/* A page of the child's memory, mapped writable here until the next call. */
void *child_page(const struct child *child, unsigned long pfn);

/* What getdomaininfo says, or -ESRCH. */
long child_info(const struct child *child, struct xen_domctl_getdomaininfo *info);

void child_unpause(const struct child *child);

/* Lets go of what the functions above have mapped here, destroys it, and waits until it is gone: false after some seconds. */
bool child_destroy(struct child *child);

#endif
