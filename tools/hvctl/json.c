/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON by libyajl.
 */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

struct json {
    yajl_gen gen;
};

struct json *json_new(void)
{
    struct json *json = calloc(1, sizeof(*json));

    if (json)
        json->gen = yajl_gen_alloc(NULL);
    if (!json || !json->gen) {
        fprintf(stderr, "hvctl: out of memory\n");
        exit(1);
    }
    yajl_gen_config(json->gen, yajl_gen_beautify, 1);
    yajl_gen_config(json->gen, yajl_gen_indent_string, "  ");
    yajl_gen_config(json->gen, yajl_gen_validate_utf8, 1);
    return json;
}

int json_print(struct json *json)
{
    const unsigned char *text;
    size_t size;

    yajl_gen_get_buf(json->gen, &text, &size);
    fwrite(text, 1, size, stdout);
    yajl_gen_free(json->gen);
    free(json);
    return 0;
}

static void add_string(struct json *json, const char *text)
{
    char *plain;

    if (yajl_gen_string(json->gen, (const unsigned char *)text, strlen(text)) != yajl_gen_invalid_string)
        return;
    plain = strdup(text);
    for (char *c = plain; c && *c; c++)
        if (*c & 0x80)
            *c = '?';
    if (plain)
        yajl_gen_string(json->gen, (const unsigned char *)plain, strlen(plain));
    free(plain);
}

static void add_key(struct json *json, const char *key)
{
    if (key)
        add_string(json, key);
}

void json_object(struct json *json, const char *key)
{
    add_key(json, key);
    yajl_gen_map_open(json->gen);
}

void json_list(struct json *json, const char *key)
{
    add_key(json, key);
    yajl_gen_array_open(json->gen);
}

void json_end_object(struct json *json)
{
    yajl_gen_map_close(json->gen);
}

void json_end_list(struct json *json)
{
    yajl_gen_array_close(json->gen);
}

void json_text(struct json *json, const char *key, const char *value)
{
    add_key(json, key);
    if (value)
        add_string(json, value);
    else
        yajl_gen_null(json->gen);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
    char text[24];
    int length = snprintf(text, sizeof(text), "%" PRIu64, value);

    add_key(json, key);
    yajl_gen_number(json->gen, text, (size_t)length);
}

void json_decimal(struct json *json, const char *key, double value)
{
    char text[64];
    int length = snprintf(text, sizeof(text), "%.3f", value);

    add_key(json, key);
    yajl_gen_number(json->gen, text, (size_t)length);
}

void json_bool(struct json *json, const char *key, bool value)
{
    add_key(json, key);
    yajl_gen_bool(json->gen, value);
}
