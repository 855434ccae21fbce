/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages: formatted on the caller's stack, then under the console lock into the ring and to the sinks. The
 * lock is the innermost one. A message from inside a message (a fault in a sink) goes nowhere instead of into
 * a deadlock.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/options.h>
#include <hv/softirq.h>
#include <hv/string.h>
#include <hv/time.h>
#include <public/xen.h>

#define RING_SIZE 65536u
#define INPUT_SIZE 1024u
#define LINE_MAX 512u

static char ring[RING_SIZE];
static uint32_t ring_head, ring_cleared; /* running counts of bytes */
static char input[INPUT_SIZE];
static uint32_t input_head, input_tail;
static bool at_line_start = true, softirq_ready;
static struct console_sink *sinks;
static spinlock_t console_lock = SPINLOCK(LOCK_CONSOLE);
static uint32_t lock_owner = ~0u;
static char wanted_sinks[64] = "com1,vga";
static enum loglevel log_threshold = LOG_INFO, guest_threshold = LOG_WARN;
static uint32_t news; /* softirq: 1 ring, 2 input */

OPTION_TEXT(wanted_sinks, "console");

static int parse_level(const char *s, enum loglevel *level)
{
    static const struct { const char *name; enum loglevel level; } names[] = {
        { "none", LOG_ERR }, { "error", LOG_ERR }, { "warning", LOG_WARN }, { "info", LOG_INFO },
        { "debug", LOG_DEBUG }, { "all", LOG_DEBUG },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
        if (!strncmp(s, names[i].name, strlen(names[i].name))) {
            *level = names[i].level;
            return 0;
        }
    return -EINVAL;
}

static int parse_loglvl(const char *s) { return parse_level(s, &log_threshold); }
static int parse_guest_loglvl(const char *s) { return parse_level(s, &guest_threshold); }
OPTION_FN(parse_loglvl, "loglvl");
OPTION_FN(parse_guest_loglvl, "guest_loglvl");

static bool lock_console(void)
{
    if (__atomic_load_n(&lock_owner, __ATOMIC_RELAXED) == arch_cpu_id())
        return false;
    spin_lock(&console_lock);
    __atomic_store_n(&lock_owner, arch_cpu_id(), __ATOMIC_RELAXED);
    return true;
}

static void unlock_console(void)
{
    __atomic_store_n(&lock_owner, ~0u, __ATOMIC_RELAXED);
    spin_unlock(&console_lock);
}

void console_force_unlock(void)
{
    lock_owner = ~0u;
    spin_lock_init(&console_lock, LOCK_CONSOLE);
}

static void tell(uint32_t what)
{
    if (!softirq_ready)
        return;
    __atomic_fetch_or(&news, what, __ATOMIC_RELAXED);
    softirq_raise(SOFTIRQ_CONSOLE);
}

/* Under the lock. */
static void to_sinks(const char *text, size_t n)
{
    for (struct console_sink *s = sinks; s; s = s->next)
        if (s->enabled)
            s->write(text, n);
    if (n)
        at_line_start = text[n - 1] == '\n';
}

static void vprintk(const char *prefix, const char *fmt, va_list args)
{
    char line[LINE_MAX];
    s_time_t t = now();
    int n = 0;

    if (at_line_start)
        n = snprintf(line, sizeof(line), "(hv) [%5lu.%06lu] %s", t / SECONDS(1), t % SECONDS(1) / 1000,
                     prefix);
    vsnprintf(line + n, sizeof(line) - n, fmt, args);
    if (!lock_console())
        return;
    for (n = 0; line[n]; n++)
        ring[ring_head++ % RING_SIZE] = line[n];
    to_sinks(line, n);
    unlock_console();
    tell(1);
}

void printk(enum loglevel level, const char *fmt, ...)
{
    va_list args;

    if (level > log_threshold)
        return;
    va_start(args, fmt);
    vprintk("", fmt, args);
    va_end(args);
}

/* --- what guests may trigger: so many at once, then so many per second, counted by domain --- */

#define BURST 10u
#define REFILL MILLISECONDS(500)

static struct bucket { s_time_t full_at; uint32_t dropped; } buckets[16];

static bool bucket_take(struct bucket *b, uint32_t *dropped)
{
    s_time_t t = now(), full_at = READ_ONCE(b->full_at);

    /* full_at: when the bucket will be full again; each message puts it off by one refill. */
    full_at = max(full_at, t) + REFILL;
    if (full_at > t + BURST * REFILL) {
        __atomic_fetch_add(&b->dropped, 1, __ATOMIC_RELAXED);
        return false;
    }
    WRITE_ONCE(b->full_at, full_at);
    *dropped = __atomic_exchange_n(&b->dropped, 0, __ATOMIC_RELAXED);
    return true;
}

void guest_printk(const struct domain *d, enum loglevel level, const char *fmt, ...)
{
    char prefix[16] = "";
    uint32_t dropped = 0;
    va_list args;

    if (level > guest_threshold || !bucket_take(&buckets[d ? d->id % ARRAY_SIZE(buckets) : 0], &dropped))
        return;
    if (d)
        snprintf(prefix, sizeof(prefix), "d%u: ", d->id);
    if (dropped)
        printk(LOG_WARN, "%s%u messages left out\n", prefix, dropped);
    va_start(args, fmt);
    vprintk(prefix, fmt, args);
    va_end(args);
}

void console_write(const char *text, size_t n)
{
    if (!lock_console())
        return;
    to_sinks(text, n);
    unlock_console();
}

/* --- sinks --- */

static bool listed(const char *name)
{
    size_t n = strlen(name);

    for (const char *s = wanted_sinks; s; s = strchr(s, ',')) {
        s += *s == ',';
        if (!strncmp(s, name, n) && (s[n] == ',' || !s[n]))
            return true;
    }
    return false;
}

void console_add_sink(struct console_sink *sink)
{
    sink->enabled = listed(sink->name);
    sink->next = sinks;
    sinks = sink;
    if (sink->enabled && ring_head <= RING_SIZE) /* what was said before it came */
        sink->write(ring, ring_head);
}

/* --- input and readers --- */

void console_input(char c)
{
    if (input_head - input_tail < INPUT_SIZE)
        input[input_head++ % INPUT_SIZE] = c;
    tell(2);
}

size_t console_read(char *buf, size_t size)
{
    size_t n = 0;

    if (!lock_console())
        return 0;
    while (n < size && input_tail != input_head)
        buf[n++] = input[input_tail++ % INPUT_SIZE];
    unlock_console();
    return n;
}

static void announce(void)
{
    uint32_t what = __atomic_exchange_n(&news, 0, __ATOMIC_RELAXED);

    if (!dom0)
        return;
    if (what & 1)
        evtchn_send_global_virq(VIRQ_CON_RING);
    if (what & 2)
        evtchn_send_global_virq(VIRQ_CONSOLE);
}

void console_init(void)
{
    softirq_register(SOFTIRQ_CONSOLE, announce);
    softirq_ready = true;
}

uint32_t console_ring_read(char *buf, uint32_t size, uint32_t *index)
{
    uint32_t oldest, n = 0;

    if (!lock_console())
        return 0;
    oldest = ring_head - ring_cleared > RING_SIZE ? ring_head - RING_SIZE : ring_cleared;
    if ((int32_t)(*index - oldest) < 0 || (int32_t)(ring_head - *index) < 0)
        *index = oldest;
    while (n < size && *index != ring_head)
        buf[n++] = ring[(*index)++ % RING_SIZE];
    unlock_console();
    return n;
}

void console_ring_clear(void)
{
    if (!lock_console())
        return;
    ring_cleared = ring_head;
    unlock_console();
}

/* Sinks write at once, so nothing is ever left behind. */
void console_flush_sync(void) { }
