/* SPDX-License-Identifier: GPL-2.0-only */
/* See text.h. Nothing here may use the FPU: some tests watch its registers. */
#include "text.h"

void *memcpy(void *to, const void *from, size_t size)
{
    void *start = to;

    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return start;
}

void *memmove(void *to, const void *from, size_t size)
{
    char *d = to;
    const char *s = from;

    if (d <= s || d >= s + size)
        return memcpy(to, from, size);
    while (size--)
        d[size] = s[size];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    void *start = to;

    asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(byte) : "memory");
    return start;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;

    for (; size; size--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

int strncmp(const char *a, const char *b, size_t size)
{
    for (; size; size--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, (size_t)-1);
}

struct output {
    char *to;
    size_t size, length;
};

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->size)
        out->to[out->length++] = c;
}

static void put_number(struct output *out, uint64_t value, unsigned int base, unsigned int width, char pad)
{
    char digits[24];
    unsigned int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (; width > n; width--)
        put(out, pad);
    while (n)
        put(out, digits[--n]);
}

static void put_signed(struct output *out, int64_t value, unsigned int width, char pad)
{
    if (value < 0) {
        put(out, '-');
        value = -(uint64_t)value;
    }
    put_number(out, value, 10, width, pad);
}

static void put_string(struct output *out, const char *s, unsigned int width)
{
    size_t n = 0;

    for (; s[n]; n++)
        put(out, s[n]);
    for (; n < width; n++)
        put(out, ' ');
}

size_t format_list(char *to, size_t size, const char *fmt, va_list args)
{
    struct output out = { to, size, 0 };

    for (; *fmt; fmt++) {
        unsigned int width = 0;
        bool is_long = false;
        char pad = ' ';

        if (*fmt != '%') {
            put(&out, *fmt);
            continue;
        }
        if (*++fmt == '0')
            pad = '0';
        for (; *fmt >= '0' && *fmt <= '9'; fmt++)
            width = width * 10 + (*fmt - '0');
        for (; *fmt == 'l' || *fmt == 'z'; fmt++)
            is_long = true;
        switch (*fmt) {
        case 'd': put_signed(&out, is_long ? va_arg(args, long) : va_arg(args, int), width, pad); break;
        case 'u': put_number(&out, is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned), 10, width, pad); break;
        case 'x': put_number(&out, is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned), 16, width, pad); break;
        case 'p': put_number(&out, va_arg(args, unsigned long), 16, 16, '0'); break;
        case 's': put_string(&out, va_arg(args, const char *), width); break;
        case 'c': put(&out, va_arg(args, int)); break;
        default: put(&out, *fmt); break;
        }
    }
    if (size)
        to[out.length] = 0;
    return out.length;
}

size_t format(char *to, size_t size, const char *fmt, ...)
{
    va_list args;
    size_t n;

    va_start(args, fmt);
    n = format_list(to, size, fmt, args);
    va_end(args);
    return n;
}

uint64_t parse_number(const char *s)
{
    uint64_t value = 0;
    unsigned int base = 10, digit;

    if (s[0] == '0' && s[1] == 'x') {
        base = 16;
        s += 2;
    }
    for (;; s++) {
        if (*s >= '0' && *s <= '9')
            digit = *s - '0';
        else if ((*s | 32) >= 'a' && (*s | 32) <= 'f')
            digit = (*s | 32) - 'a' + 10;
        else
            return value;
        if (digit >= base)
            return value;
        value = value * base + digit;
    }
}
