/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A 16550 serial port (com1=BAUD[,8n1[,PORT[,IRQ]]]). Output waits for the transmitter: it is bounded by the
 * line's speed, and a message is out when printk returns, which is when it matters most. Input comes by
 * interrupt; without a line for it (IRQ 0) it is polled.
 */
#include <arch/console.h>
#include <arch/device_irq.h>
#include <arch/io.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/options.h>
#include <hv/string.h>
#include <hv/time.h>
#include <hv/timer.h>

enum { UART_DATA = 0, UART_IER = 1, UART_FCR = 2, UART_LCR = 3, UART_MCR = 4, UART_LSR = 5,
       UART_SCRATCH = 7 };
#define IER_RECEIVE 0x01u
#define LSR_DATA_READY 0x01u
#define LSR_TX_EMPTY 0x20u
#define FIFO_DEPTH 16u
#define INPUT_PERIOD MILLISECONDS(10)

static uint16_t port = 0x3f8;
static unsigned int baud = 115200, line = 4;
static bool present;
static bool sync_console;
static struct timer input_timer;

OPTION_BOOL(sync_console, "sync_console"); /* what output is anyway; accepted for the habit */

static const char *number(const char *s, unsigned int base, unsigned int *v)
{
    for (*v = 0;; s++) {
        unsigned int d = *s >= '0' && *s <= '9' ? (unsigned int)(*s - '0') : (*s | 0x20) - 'a' + 10u;

        if (d >= base)
            return s;
        *v = *v * base + d;
    }
}

static int parse_com1(const char *s)
{
    unsigned int v;

    if (strncmp(s, "auto", 4)) {
        s = number(s, 10, &v);
        if (v && v <= 115200)
            baud = v;
    }
    while (*s && *s != ',')
        s++;
    if (!strncmp(s, ",8n1", 4))
        s += 4;
    if (!strncmp(s, ",0x", 3)) {
        s = number(s + 3, 16, &v);
        port = v;
        if (*s == ',')
            s = number(s + 1, 10, &line);
    }
    return *s ? -EINVAL : 0;
}
OPTION_FN(parse_com1, "com1");

static void write_byte(char c)
{
    /* Bounded, for a port that vanished must not hang hv: the slowest line needs 10 ms for a byte. */
    for (unsigned int i = 0; i < 100000 && !(inb(port + UART_LSR) & LSR_TX_EMPTY); i++)
        __asm__ volatile("pause");
    outb(port + UART_DATA, c);
}

static void serial_write(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n')
            write_byte('\r');
        write_byte(text[i]);
    }
}

static struct console_sink serial_sink = { .name = "com1", .write = serial_write };

void serial_init(void)
{
    unsigned int divisor = 115200 / baud;

    outb(port + UART_SCRATCH, 0x5a);
    if (inb(port + UART_SCRATCH) != 0x5a)
        return;
    present = true;
    outb(port + UART_IER, 0);
    outb(port + UART_LCR, 0x83); /* 8n1, divisor latch */
    outb(port + UART_DATA, divisor & 0xff);
    outb(port + UART_IER, divisor >> 8);
    outb(port + UART_LCR, 0x03);
    outb(port + UART_FCR, 0x07); /* FIFOs on and cleared */
    outb(port + UART_MCR, 0x0b); /* DTR, RTS, interrupts let through */
    console_add_sink(&serial_sink);
}

/*
 * All there is: the line makes no new edge before the last byte is read. A port that is gone reads as all
 * ones for ever.
 */
static void take_input(void)
{
    uint8_t status;

    while (((status = inb(port + UART_LSR)) & LSR_DATA_READY) && status != 0xff)
        console_input(inb(port + UART_DATA));
}

static void poll_input(void *data)
{
    (void)data;
    take_input();
    timer_set(&input_timer, now() + INPUT_PERIOD);
}

void serial_start_input(void)
{
    if (!present || !serial_sink.enabled)
        return;
    if (line && !irq_line_own(line, take_input)) {
        outb(port + UART_IER, IER_RECEIVE);
        take_input();
        return;
    }
    timer_init(&input_timer, poll_input, NULL, 0);
    timer_set(&input_timer, now() + INPUT_PERIOD);
}

bool serial_owns_port(uint16_t p) { return present && serial_sink.enabled && p >= port && p < port + 8; }
