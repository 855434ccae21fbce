/* SPDX-License-Identifier: GPL-2.0-only */
/* hv's console: the ring that tools read, what guests may write, and how much of it. */
#include <stdio.h>
#include <string.h>

#include <hv/console.h>
#include <hv/errno.h>
#include <hv/options.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <public/sysctl.h>

#include "harness.h"
#include "host.h"

#define RING 65536u

static struct domain control = { .id = 0, .privileged = true }, guest = { .id = 3 }, other = { .id = 4 };
static struct vcpu control_vcpu = { .domain = &control }, guest_vcpu = { .domain = &guest },
                   other_vcpu = { .domain = &other };

static char shown[4 * RING]; /* what came out of the serial line */
static size_t nr_shown;
static bool talk_back;

static void serial_write(const char *text, size_t n)
{
    if (n > sizeof(shown) - 1 - nr_shown)
        n = sizeof(shown) - 1 - nr_shown;
    memcpy(shown + nr_shown, text, n);
    nr_shown += n;
    shown[nr_shown] = '\0';
    if (talk_back) {
        talk_back = false;
        printk(LOG_ERR, "from inside a message\n");
    }
}

static struct console_sink serial = { .name = "com1", .write = serial_write };

/* Nothing in the ring, nothing shown, all buckets full, the guest's text let through. */
static void begin(void)
{
    static bool added;
    static s_time_t later;

    host_reset(64);
    later += SECONDS(1000);
    host_now = later;
    if (!added) {
        console_add_sink(&serial);
        console_init();
        added = true;
    }
    options_parse("loglvl=info guest_loglvl=all");
    console_ring_clear();
    nr_shown = 0;
    shown[0] = '\0';
    host_current = &guest_vcpu;
}

static bool was_shown(const char *text) { return strstr(shown, text) != NULL; }

static char text[2 * RING];

/* All that is in the ring from *index on, read by size bytes at a time. */
static uint32_t read_all(uint32_t *index, uint32_t size)
{
    uint32_t n, all = 0;

    while ((n = console_ring_read(text + all, size, index)))
        all += n;
    text[all] = '\0';
    return all;
}

static void fill(unsigned int lines)
{
    for (unsigned int i = 0; i < lines; i++)
        printk(LOG_INFO, "line %06u of many, each with forty bytes\n", i);
}

static void messages(void)
{
    uint32_t index = 0;

    begin();
    host_now = SECONDS(5000) + MICROSECONDS(42);
    printk(LOG_INFO, "hello %d\n", 7);
    printk(LOG_DEBUG, "nobody wants to know\n");
    printk(LOG_INFO, "in two ");
    printk(LOG_INFO, "parts\n");
    read_all(&index, 100);
    CU_ASSERT_STRING_EQUAL(text, "(hv) [ 5000.000042] hello 7\n(hv) [ 5000.000042] in two parts\n");
    CU_ASSERT_STRING_EQUAL(shown, text);
}

static void wrapping(void)
{
    uint32_t index = 0, n;

    begin();
    fill(3000);
    n = read_all(&index, 1000);
    CU_ASSERT_EQUAL(n, RING);
    CU_ASSERT(strstr(text, "line 002999 of many") != NULL);
    CU_ASSERT(strstr(text, "line 000000 of many") == NULL);
    CU_ASSERT_EQUAL(text[n - 1], '\n');
    for (const char *s = strchr(text, '\n') + 1, *next; (next = strchr(s, '\n')); s = next + 1) { /* whole, in order */
        static unsigned int last;
        unsigned int seen = 0;

        CU_ASSERT_EQUAL(sscanf(strstr(s, "line"), "line %u of many, each with forty bytes", &seen), 1);
        CU_ASSERT(!last || seen == last + 1);
        last = seen;
    }
}

static void reading_on(void)
{
    uint32_t index = 0, from;

    begin();
    printk(LOG_INFO, "first\n");
    read_all(&index, 3);
    CU_ASSERT(strstr(text, "first\n") != NULL);
    CU_ASSERT_EQUAL(read_all(&index, 100), 0);
    from = index;
    printk(LOG_INFO, "second\n");
    read_all(&index, 100);
    CU_ASSERT(strstr(text, "first") == NULL);
    CU_ASSERT(strstr(text, "second\n") != NULL);
    fill(3000); /* who reads too late misses what is lost, and goes on with the oldest there is */
    index = from;
    CU_ASSERT_EQUAL(read_all(&index, 999), RING);
    index += 1000; /* a position that was never written */
    CU_ASSERT_EQUAL(read_all(&index, 999), RING);
}

static void clearing(void)
{
    uint32_t index = 0, old;

    begin();
    printk(LOG_INFO, "before\n");
    read_all(&index, 100);
    old = index - 3;
    console_ring_clear();
    index = 0;
    CU_ASSERT_EQUAL(read_all(&index, 100), 0);
    CU_ASSERT_EQUAL(index, old + 3);
    printk(LOG_INFO, "after\n");
    CU_ASSERT(read_all(&old, 100) > 0);
    CU_ASSERT(strstr(text, "fore") == NULL && strstr(text, "after\n") != NULL);
}

static void no_message_within_a_message(void)
{
    begin();
    talk_back = true;
    printk(LOG_INFO, "outer\n");
    CU_ASSERT(was_shown("outer\n"));
    CU_ASSERT(!was_shown("inside"));
    printk(LOG_INFO, "and on\n");
    CU_ASSERT(was_shown("and on\n"));
}

static long say(struct vcpu *v, const char *what, size_t n)
{
    host_current = v;
    return do_console_io(CONSOLEIO_write, n, (unsigned long)what, 0, 0, 0);
}

static void a_guests_text(void)
{
    static const char nasty[] = "a\033[2Jb\rc\td\x7f\xc3\xa9\b%s%n\0e";
    uint32_t index = 0;

    begin();
    CU_ASSERT_EQUAL(say(&guest_vcpu, nasty, sizeof(nasty) - 1), 0);
    CU_ASSERT(was_shown("d3: a.[2Jb.c d....%s%n.e\n"));
    for (size_t i = 0; i < nr_shown; i++)
        CU_ASSERT(shown[i] == '\n' || (shown[i] >= ' ' && shown[i] <= '~'));
    read_all(&index, 100);
    CU_ASSERT_STRING_EQUAL(text, shown);
    CU_ASSERT_EQUAL(say(&guest_vcpu, "\n\ntwo\nlines\n\n", 13), 0); /* each is marked as the guest's; empty ones are left out */
    CU_ASSERT(was_shown("d3: two\n"));
    CU_ASSERT(was_shown("d3: lines\n"));
    CU_ASSERT(!was_shown("d3: \n"));
    begin();
    options_parse("guest_loglvl=warning");
    CU_ASSERT_EQUAL(say(&guest_vcpu, "chatter\n", 8), 0);
    CU_ASSERT_EQUAL(nr_shown, 0);
}

/* It cannot pass for hv, nor for dom0, by a line that looks like theirs. */
static void no_false_names(void)
{
    begin();
    say(&guest_vcpu, "(hv) [    1.000000] all is well\n", 32);
    CU_ASSERT(was_shown("d3: (hv) [    1.000000] all is well\n"));
}

static void the_control_domains_text(void)
{
    uint32_t index = 0;

    begin();
    CU_ASSERT_EQUAL(say(&control_vcpu, "raw \033[1m\n", 9), 0);
    CU_ASSERT_STRING_EQUAL(shown, "raw \033[1m\n");
    CU_ASSERT_EQUAL(read_all(&index, 100), 0); /* it keeps its own log */
    for (unsigned int i = 0; i < 100; i++)
        say(&control_vcpu, "much\n", 5);
    CU_ASSERT_EQUAL(nr_shown, 9 + 500);
}

static unsigned int lines_shown(const char *what)
{
    unsigned int n = 0;

    for (const char *s = shown; (s = strstr(s, what)); s++)
        n++;
    return n;
}

static void a_rate(void)
{
    begin();
    for (unsigned int i = 0; i < 1000; i++)
        say(&guest_vcpu, "flood\n", 6);
    CU_ASSERT_EQUAL(lines_shown("flood\n"), 10);
    say(&other_vcpu, "me too\n", 7); /* one guest's flood does not drown another */
    CU_ASSERT_EQUAL(lines_shown("d4: me too\n"), 1);
    host_now += MILLISECONDS(499);
    say(&guest_vcpu, "flood\n", 6);
    CU_ASSERT_EQUAL(lines_shown("flood\n"), 10);
    host_now += MILLISECONDS(1);
    say(&guest_vcpu, "flood\n", 6);
    CU_ASSERT_EQUAL(lines_shown("flood\n"), 11);
    CU_ASSERT_EQUAL(lines_shown("d3: 991 messages left out\n"), 1);
    host_now += SECONDS(100); /* rest does not buy more than the burst */
    for (unsigned int i = 0; i < 1000; i++)
        say(&guest_vcpu, "flood\n", 6);
    CU_ASSERT_EQUAL(lines_shown("flood\n"), 21);
}

static void bad_writes(void)
{
    static char lots[1000];

    begin();
    memset(lots, 'x', sizeof(lots));
    CU_ASSERT_EQUAL(do_console_io(CONSOLEIO_write, 0x80000000u, (unsigned long)lots, 0, 0, 0), -EINVAL);
    CU_ASSERT_EQUAL(do_console_io(7, 1, (unsigned long)lots, 0, 0, 0), -ENOSYS);
    CU_ASSERT_EQUAL(say(&control_vcpu, NULL, 1), -EFAULT);
    CU_ASSERT_EQUAL(say(&control_vcpu, NULL, 0), 0);
    CU_ASSERT_EQUAL(nr_shown, 0);
    host_copy_limit = 300;
    CU_ASSERT_EQUAL(say(&control_vcpu, lots, sizeof(lots)), -EFAULT);
    CU_ASSERT(nr_shown <= 300);
    host_copy_limit = SIZE_MAX;
    nr_shown = 0;
    host_preempt_after = 2; /* long texts take breaks, and nothing is said twice */
    CU_ASSERT_EQUAL(say(&control_vcpu, lots, sizeof(lots)), -ERESTART);
    host_preempt_after = -1;
    CU_ASSERT_EQUAL(do_console_io(CONSOLEIO_write, host_hypercall_arg[2], host_hypercall_arg[3], 0, 0, 0), 0);
    CU_ASSERT_EQUAL(nr_shown, sizeof(lots));
}

static void keys(void)
{
    char buf[2000];

    begin();
    for (unsigned int i = 0; i < 1500; i++)
        console_input('a' + i % 26); /* nobody reads: what is too much is dropped */
    CU_ASSERT_EQUAL(do_console_io(CONSOLEIO_read, sizeof(buf), (unsigned long)buf, 0, 0, 0), -EPERM);
    host_current = &control_vcpu;
    CU_ASSERT_EQUAL(do_console_io(CONSOLEIO_read, 3, (unsigned long)buf, 0, 0, 0), 3);
    CU_ASSERT(!memcmp(buf, "abc", 3));
    CU_ASSERT_EQUAL(do_console_io(CONSOLEIO_read, 3, 0, 0, 0, 0), -EFAULT);
    CU_ASSERT_EQUAL(console_read(buf, sizeof(buf)), 1024 - 6);
    CU_ASSERT_EQUAL(do_console_io(CONSOLEIO_read, sizeof(buf), (unsigned long)buf, 0, 0, 0), 0);
}

static struct xen_sysctl readconsole(char *buf, uint32_t count, bool clear, bool incremental, uint32_t index)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

    op.u.readconsole.buffer.p = buf;
    op.u.readconsole.count = count;
    op.u.readconsole.clear = clear;
    op.u.readconsole.incremental = incremental;
    op.u.readconsole.index = index;
    return op;
}

static void tools_read_it(void)
{
    char buf[400] = "";
    struct xen_sysctl op;

    begin();
    for (unsigned int i = 0; i < 20; i++)
        printk(LOG_INFO, "a message, number %02u\n", i);
    op = readconsole(buf, 300, false, false, 12345); /* more than the pieces that hv copies at a time */
    CU_ASSERT_EQUAL(do_sysctl((unsigned long)&op, 0, 0, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(op.u.readconsole.count, 300);
    CU_ASSERT(strstr(buf, "number 00") && !strstr(buf, "number 19"));
    CU_ASSERT_EQUAL(buf[300], 0);
    for (unsigned int i = 0; i < 3; i++) {
        op = readconsole(buf, 300, false, true, op.u.readconsole.index);
        CU_ASSERT_EQUAL(do_sysctl((unsigned long)&op, 0, 0, 0, 0, 0), 0);
    }
    CU_ASSERT(strstr(buf, "number 19\n") != NULL);
    op = readconsole(buf, 0, true, false, 0);
    CU_ASSERT_EQUAL(do_sysctl((unsigned long)&op, 0, 0, 0, 0, 0), 0);
    op = readconsole(buf, 300, false, false, 0);
    CU_ASSERT_EQUAL(do_sysctl((unsigned long)&op, 0, 0, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(op.u.readconsole.count, 0);
    printk(LOG_INFO, "again\n");
    op = readconsole(NULL, 300, true, false, 0); /* nothing is cleared that could not be handed over */
    CU_ASSERT_EQUAL(do_sysctl((unsigned long)&op, 0, 0, 0, 0, 0), -EFAULT);
    op = readconsole(buf, 300, false, false, 0);
    CU_ASSERT_EQUAL(do_sysctl((unsigned long)&op, 0, 0, 0, 0, 0), 0);
    CU_ASSERT(op.u.readconsole.count > 0);
}

const struct unit_test unit_tests[] = {
    { "messages have a time, a level, and parts", messages },
    { "the ring keeps the latest", wrapping },
    { "reading goes on where it was", reading_on },
    { "clearing hides what was before", clearing },
    { "a message from within a message is dropped", no_message_within_a_message },
    { "a guest's text is escaped and marked", a_guests_text },
    { "a guest's line cannot pass for another's", no_false_names },
    { "dom0's text goes out as it is", the_control_domains_text },
    { "a guest's messages are limited in number", a_rate },
    { "writes that make no sense, and long ones", bad_writes },
    { "keys are kept for dom0, up to a bound", keys },
    { "tools read the ring", tools_read_it },
    { NULL, NULL },
};
