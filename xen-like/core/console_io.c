/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console_io: the privileged domain writes to and reads from the machine's console as it likes; any other domain's
 * lines go to the log, marked with its id, stripped of control characters and rate-limited: debug output of early boot.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <public/xen.h>

#define CHUNK 128u

/* A domU's text: whole lines as far as they go; what is not printable becomes a dot. */
static void log_line(const struct domain *d, char *text, size_t n)
{
    size_t start = 0;

    for (size_t i = 0; i <= n; i++) {
        if (i < n && text[i] != '\n') {
            if ((uint8_t)text[i] < ' ' || (uint8_t)text[i] > '~')
                text[i] = text[i] == '\t' ? ' ' : '.';
            continue;
        }
        text[i] = '\0';
        if (i > start)
            guest_printk(d, LOG_INFO, "%s\n", text + start);
        start = i + 1;
    }
}

static long console_out(unsigned long count, unsigned long buffer)
{
    const struct domain *d = current->domain;
    char chunk[CHUNK + 1];
    unsigned long done = 0;

    while (done < count) {
        size_t n = min(count - done, (unsigned long)CHUNK);

        if (preempt_check()) {
            hypercall_set_arg(2, count - done);
            hypercall_set_arg(3, buffer + done);
            return -ERESTART;
        }
        if (arch_copy_from_guest(chunk, (void *)(buffer + done), n))
            return -EFAULT;
        if (d->privileged)
            console_write(chunk, n);
        else
            log_line(d, chunk, n);
        done += n;
    }
    return 0;
}

static long console_in(unsigned long count, unsigned long buffer)
{
    char chunk[CHUNK];
    size_t n;

    if (!current->domain->privileged)
        return -EPERM;
    n = console_read(chunk, min(count, sizeof(chunk)));
    return arch_copy_to_guest((void *)buffer, chunk, n) ? -EFAULT : (long)n;
}

HYPERCALL(do_console_io)
{
    HYPERCALL_UNUSED(a4, a5, a6);
    if ((int32_t)a2 < 0) /* the ABI's count is a signed int */
        return -EINVAL;
    switch (a1) {
    case CONSOLEIO_write:
        return console_out((uint32_t)a2, a3);
    case CONSOLEIO_read:
        return console_in((uint32_t)a2, a3);
    default:
        return -ENOSYS;
    }
}
