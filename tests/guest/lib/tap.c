/* SPDX-License-Identifier: GPL-2.0-only */
/* See tap.h. One counter for all vCPUs, taken with an atomic add. */
#include "guest.h"
#include <public/sched.h>

#define LINE 480

static unsigned int checks, failures;

void print(const char *fmt, ...)
{
    char line[LINE];
    va_list args;

    va_start(args, fmt);
    console_write(line, format_list(line, sizeof(line), fmt, args));
    va_end(args);
}

static bool report(bool condition, const char *fmt, va_list args, const char *why)
{
    char name[LINE - 100];
    unsigned int n = __atomic_add_fetch(&checks, 1, __ATOMIC_SEQ_CST);

    format_list(name, sizeof(name), fmt, args);
    if (!condition)
        __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
    print("%sok %u - %s%s%s\n", condition ? "" : "not ", n, name, condition ? "" : ": ", condition ? "" : why);
    return condition;
}

bool ok(bool condition, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    report(condition, fmt, args, "no");
    va_end(args);
    return condition;
}

bool is_number(int64_t got, int64_t want, const char *fmt, ...)
{
    char why[96];
    va_list args;

    format(why, sizeof(why), "got %ld (0x%lx), want %ld (0x%lx)", (long)got, (long)got, (long)want, (long)want);
    va_start(args, fmt);
    report(got == want, fmt, args, why);
    va_end(args);
    return got == want;
}

bool is_either(int64_t got, int64_t one, int64_t other, const char *fmt, ...)
{
    bool good = got == one || got == other;
    char why[96];
    va_list args;

    format(why, sizeof(why), "got %ld (0x%lx), want %ld or %ld", (long)got, (long)got, (long)one, (long)other);
    va_start(args, fmt);
    report(good, fmt, args, why);
    va_end(args);
    return good;
}

static void comment(const char *before, const char *fmt, va_list args)
{
    char text[LINE - 40];

    format_list(text, sizeof(text), fmt, args);
    print("%s%s\n", before, text);
}

void note(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    comment("# ", fmt, args);
    va_end(args);
}

void skip(const char *fmt, ...)
{
    char before[40];
    va_list args;

    format(before, sizeof(before), "ok %u # SKIP ", __atomic_add_fetch(&checks, 1, __ATOMIC_SEQ_CST));
    va_start(args, fmt);
    comment(before, fmt, args);
    va_end(args);
}

static void shut_down(unsigned int reason) __attribute__((noreturn));
static void shut_down(unsigned int reason)
{
    struct sched_shutdown op = { .reason = reason };

    console_flush();
    hyp_sched_op(SCHEDOP_shutdown, &op);
    for (;;)
        asm volatile("pause");
}

void finish(void)
{
    print("1..%u\n", checks);
    if (failures) {
        print("verdict: fail (%u of %u)\n", failures, checks);
        shut_down(SHUTDOWN_crash);
    }
    print("verdict: pass\n");
    shut_down(SHUTDOWN_poweroff);
}

void skip_all(const char *fmt, ...)
{
    va_list args;

    if (failures)
        finish();
    va_start(args, fmt);
    comment("verdict: skip: ", fmt, args);
    va_end(args);
    shut_down(SHUTDOWN_poweroff);
}

void bail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    comment("Bail out! ", fmt, args);
    va_end(args);
    print("verdict: fail\n");
    shut_down(SHUTDOWN_crash);
}

void expect_crash(const char *fmt, ...)
{
    va_list args;

    if (failures)
        finish();
    va_start(args, fmt);
    comment("expect: crash: ", fmt, args);
    va_end(args);
    console_flush();
}
