/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Small steps of reading XML, on top of libxml2's tree.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_reader.h"
#include "config_words.h"

int reader_line(const xmlNode *node)
{
    return (int)xmlGetLineNo(node);
}

int reader_error(struct reader *r, const xmlNode *node, const char *hint, const char *fmt, ...)
{
    char message[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    return hv_error_at(r->err, EINVAL, r->file, reader_line(node), hint, "%s", message);
}

void reader_warn(struct reader *r, const xmlNode *node, const char *fmt, ...)
{
    struct hv_error warning;
    char message[512];
    va_list args;

    if (!r->warn)
        return;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    hv_error_at(&warning, 0, r->file, reader_line(node), NULL, "%s", message);
    r->warn(r->opaque, &warning);
}

int reader_no_memory(struct reader *r)
{
    return hv_error_at(r->err, ENOMEM, r->file, 0, NULL, "cannot read it: out of memory");
}

const xmlNode *reader_element(const xmlNode *node, const char *name)
{
    for (; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && !node->ns && !strcmp((const char *)node->name, name))
            return node;
    return NULL;
}

const xmlNode *reader_child(const xmlNode *parent, const char *name)
{
    return parent ? reader_element(parent->children, name) : NULL;
}

const xmlNode *reader_own_child(const xmlNode *parent, const char *name)
{
    for (const xmlNode *node = parent ? parent->children : NULL; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && node->ns && !strcmp((const char *)node->ns->href, HV_XMLNS) &&
            !strcmp((const char *)node->name, name))
            return node;
    return NULL;
}

/* libxml2's memory comes from its own allocator, so it is copied to the caller's. */
static char *take(xmlChar *text)
{
    char *copy = text ? strdup((const char *)text) : NULL;

    xmlFree(text);
    return copy;
}

char *reader_attribute(const xmlNode *node, const char *name)
{
    return node ? take(xmlGetNoNsProp(node, (const xmlChar *)name)) : NULL;
}

char *reader_text(const xmlNode *node)
{
    char *text = take(xmlNodeGetContent(node));
    size_t skip = 0, length;

    if (!text)
        return NULL;
    while (isspace((unsigned char)text[skip]))
        skip++;
    length = strlen(text + skip);
    while (length && isspace((unsigned char)text[skip + length - 1]))
        length--;
    memmove(text, text + skip, length);
    text[length] = 0;
    return text;
}

bool reader_number(const char *text, unsigned long long low, unsigned long long high,
                   unsigned long long *value)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return !errno && !*end && *value >= low && *value <= high;
}
