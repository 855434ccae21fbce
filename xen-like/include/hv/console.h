/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own messages: printk to the console ring (SYSCTL_readconsole reads it) and to the consoles chosen by
 * console=. A message that a guest can trigger goes through guest_printk, which is rate-limited and names
 * the domain; what a guest wrote is escaped by the caller of console_write_guest.
 */
#ifndef HV_CONSOLE_H
#define HV_CONSOLE_H

#include <stdarg.h>
#include <hv/types.h>

enum loglevel { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct domain;

/* printf subset: %d %i %u %x %lx %llx %lu %s %c %p %% with width, 0 and - flags. Any context, no lock needed. */
void printk(enum loglevel level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void guest_printk(const struct domain *d, enum loglevel level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * The console ring, for SYSCTL_readconsole: copies at most size bytes from position *index (moved up to the oldest byte
 * kept, if that is later) and advances *index. Returns the bytes copied. Positions count all bytes ever written.
 */
uint32_t console_ring_read(char *buf, uint32_t size, uint32_t *index);
void console_ring_clear(void);
/* Bytes of a guest to the machine's consoles (not to the ring): dom0's console_io. */
void console_write(const char *text, size_t n);
/* Bytes that arrived on the serial line for the privileged domain; never waits. VIRQ_CONSOLE says that there are some. */
size_t console_read(char *buf, size_t size);

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Where text goes besides the ring. Registered by the machine; console= picks by name. */
struct console_sink {
    const char *name;
    void (*write)(const char *text, size_t n); /* as it is, with \n alone at line ends; under the console lock */
    bool enabled;
    struct console_sink *next;
};
void console_add_sink(struct console_sink *sink);
void console_init(void);                             /* registers the softirq; before that, nobody is told of news */
void console_input(char c);                          /* driver: a key; drops it when nobody reads */
void console_force_unlock(void);                     /* a panic may have come in the middle of a message */

/* Our own bug: print where, registers and a stack with symbols, stop every CPU, reboot unless noreboot. */
void panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define BUG_ON(cond)                                                                                         \
    do {                                                                                                     \
        if (unlikely(cond))                                                                                  \
            panic("%s:%d: BUG_ON(%s)", __FILE__, __LINE__, #cond);                                           \
    } while (0)
#define ASSERT(cond) BUG_ON(!(cond))

#endif
