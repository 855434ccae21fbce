/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few C library functions a test kernel needs, and formatted text.
 *
 * Formats: %d %u %x %lx %ld %lu %p %s %c %%, with an optional width (zero-padded when it begins with 0).
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);

/* Both truncate to SIZE, always terminate, and return the length written without the terminator. */
size_t format_list(char *to, size_t size, const char *fmt, va_list args);
size_t format(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Decimal, or hexadecimal after 0x; stops at the first other character. */
uint64_t parse_number(const char *s);

#endif
