/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checking and taking apart of paths; see path.h.
 */
#include "path.h"

#include <stdio.h>
#include <string.h>

static bool char_is_valid(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '/' || c == '_' || c == '@';
}

static bool text_is_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!char_is_valid(text[i]))
            return false;
        if (text[i] == '/' && i + 1 < len && text[i + 1] == '/')
            return false;
    }
    return len == 1 || text[len - 1] != '/';
}

bool path_parse(struct path *p, const char *sent, uint16_t domid)
{
    size_t len = strlen(sent);
    bool relative = sent[0] != '/' && sent[0] != '@';

    if (!len || len > (relative ? XENSTORE_REL_PATH_MAX : XENSTORE_ABS_PATH_MAX) || !text_is_valid(sent, len))
        return false;
    if (sent[0] == '@' && strchr(sent, '/'))
        return false;
    p->home = relative ? sprintf(p->text, "/local/domain/%u/", domid) : 0;
    memcpy(p->text + p->home, sent, len + 1);
    p->len = p->home + len;
    return true;
}

const char *path_component(const char **at, size_t *len)
{
    const char *start = *at + (**at == '/');
    const char *end = strchrnul(start, '/');

    if (end == start)
        return NULL;
    *len = end - start;
    *at = end;
    return start;
}
