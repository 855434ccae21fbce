/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test says: TAP lines, then one verdict, then it shuts the domain down.
 *
 * A folder's test_main() calls ok(), is(), note() and returns; the verdict is "pass" unless something failed.
 * bail() ends the test at once. Each text becomes one console write, so that lines of two vCPUs do not mix.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdint.h>

/* The test. Defined by each folder. */
void test_main(void);

/* Reports one check and returns its condition. The format names the check. */
bool ok(bool condition, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Two numbers are equal; a failure shows both, in decimal and hexadecimal. */
bool is_number(int64_t got, int64_t want, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define is(got, want, ...) is_number((int64_t)(got), (int64_t)(want), __VA_ARGS__)

/* GOT is one of two acceptable numbers: used where hv leaves something out on purpose. */
bool is_either(int64_t got, int64_t one, int64_t other, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A line for the reader, not counted. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A check that cannot be made here, and why. */
void skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The rest of the test makes no sense: print the verdict "skip" (nothing failed so far) and stop. */
void skip_all(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Something the test relies on is broken: verdict "fail", with the reason. */
void bail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Prints the verdict and shuts down: power off when all passed, crash otherwise. */
void finish(void) __attribute__((noreturn));

/* Prints as it is: the caller gives whole lines. */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Announces that this domain dies in the next step, and that this is the verdict the runner shall wait for. */
void expect_crash(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
