/* SPDX-License-Identifier: GPL-2.0-only */
/* What hv/string.h has and the C library does not. */
#include <hv/string.h>
#include <hv/types.h>

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t n = strlen(from);

    if (size) {
        memcpy(to, from, min(n, size - 1));
        to[min(n, size - 1)] = '\0';
    }
    return n;
}
