/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Escaping, one character at a time.
 */
#include "escape.h"

#include <stdbool.h>

/* Bytes of the UTF-8 character that begins here; 0: none does. */
static size_t utf8_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first < 0xe0)
        return 2;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* A printable character of `length` bytes: well-formed, shortest form, no surrogate, no C1 control. */
static bool is_printable(const unsigned char *c, size_t length)
{
    if (length == 1)
        return (c[0] >= 0x20 && c[0] < 0x7f) || c[0] == '\n' || c[0] == '\t';
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return false;
    if (length == 2)
        return c[0] != 0xc2 || c[1] >= 0xa0;
    if (length == 3)
        return !(c[0] == 0xe0 && c[1] < 0xa0) && !(c[0] == 0xed && c[1] >= 0xa0);
    return !(c[0] == 0xf0 && c[1] < 0x90) && !(c[0] == 0xf4 && c[1] >= 0x90);
}

size_t escape(const char *in, size_t size, int last, char *out, size_t *written)
{
    const unsigned char *c = (const unsigned char *)in;
    size_t at = 0, made = 0;

    while (at < size) {
        size_t length = utf8_length(c[at]);

        if (!last && (at + (length ? length : 1) > size || (c[at] == '\r' && at + 1 == size)))
            break;
        if (c[at] == '\r' && at + 1 < size && c[at + 1] == '\n') {
            at++;
        } else if (c[at] == '\\') {
            out[made++] = '\\';
            out[made++] = '\\';
            at++;
        } else if (length && at + length <= size && is_printable(c + at, length)) {
            while (length--)
                out[made++] = in[at++];
        } else {
            static const char digits[] = "0123456789abcdef";

            out[made++] = '\\';
            out[made++] = 'x';
            out[made++] = digits[c[at] >> 4];
            out[made++] = digits[c[at] & 15];
            at++;
        }
    }
    *written = made;
    return at;
}
