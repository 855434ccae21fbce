/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatting for messages: %d %i %u %x %X %c %s %p %%, with width, 0, -, precision of a string, and l, ll, z
 * in front of a number. Always terminates the buffer; returns the length that the whole text would have had.
 */
#include <hv/console.h>

struct out {
    char *buf;
    size_t size, len;
};

struct spec {
    bool left, zero;
    int width, precision; /* -1 = none */
    unsigned int longs;
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size)
        o->buf[o->len] = c;
    o->len++;
}

static void put_padded(struct out *o, const char *text, int len, const struct spec *s, char pad)
{
    for (int i = len; !s->left && i < s->width; i++)
        put(o, pad);
    for (int i = 0; i < len; i++)
        put(o, text[i]);
    for (int i = len; s->left && i < s->width; i++)
        put(o, ' ');
}

static void put_number(struct out *o, uint64_t v, unsigned int base, bool negative, const struct spec *s)
{
    char text[24];
    int at = sizeof(text);

    do
        text[--at] = "0123456789abcdef"[v % base];
    while ((v /= base));
    if (negative && s->zero && !s->left) {
        struct spec rest = *s;

        put(o, '-');
        rest.width--;
        put_padded(o, text + at, (int)sizeof(text) - at, &rest, '0');
        return;
    }
    if (negative)
        text[--at] = '-';
    put_padded(o, text + at, (int)sizeof(text) - at, s, s->zero ? '0' : ' ');
}

static void put_string(struct out *o, const char *text, const struct spec *s)
{
    int len = 0;

    if (!text)
        text = "(null)";
    while ((s->precision < 0 || len < s->precision) && text[len])
        len++;
    put_padded(o, text, len, s, ' ');
}

static const char *parse_number(const char *f, int *n)
{
    for (*n = 0; *f >= '0' && *f <= '9'; f++)
        *n = *n * 10 + (*f - '0');
    return f;
}

static const char *parse_spec(const char *f, struct spec *s)
{
    *s = (struct spec){ .precision = -1 };
    for (; *f == '-' || *f == '0' || *f == '#'; f++) {
        s->left |= *f == '-';
        s->zero |= *f == '0';
    }
    f = parse_number(f, &s->width);
    if (*f == '.')
        f = parse_number(f + 1, &s->precision);
    for (; *f == 'l' || *f == 'z'; f++)
        s->longs++;
    return f;
}

int vsnprintf(char *buf, size_t size, const char *f, va_list args)
{
    struct out o = { buf, size, 0 };

    for (; *f; f++) {
        struct spec s;

        if (*f != '%') {
            put(&o, *f);
            continue;
        }
        f = parse_spec(f + 1, &s);
        switch (*f) {
        case 'd':
        case 'i': {
            int64_t v = s.longs ? va_arg(args, long) : va_arg(args, int);

            put_number(&o, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0, &s);
            break;
        }
        case 'u':
        case 'x':
        case 'X':
            put_number(&o, s.longs ? va_arg(args, unsigned long) : va_arg(args, unsigned int),
                       *f == 'u' ? 10 : 16, false,
                       &s);
            break;
        case 'p':
            s.zero = true;
            s.width = 16;
            put_number(&o, (uintptr_t)va_arg(args, void *), 16, false, &s);
            break;
        case 'c':
            put(&o, (char)va_arg(args, int));
            break;
        case 's':
            put_string(&o, va_arg(args, const char *), &s);
            break;
        case '\0':
            f--;
            break;
        default:
            put(&o, *f);
        }
    }
    if (size)
        buf[min(o.len, size - 1)] = '\0';
    return o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(buf, size, fmt, args);
    va_end(args);
    return n;
}
