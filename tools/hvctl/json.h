/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON on standard output: values are added one after the other, the text is printed at the end.
 */
#ifndef HVCTL_JSON_H
#define HVCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct json;

/* Never NULL: without memory nothing can be printed, and the program ends. */
struct json *json_new(void);
/* Prints the text and a newline, frees all, returns exit status 0. */
int json_print(struct json *json);

/* In each: `key` is the name in the object that is open, NULL in a list or at the top. */
void json_object(struct json *json, const char *key);
void json_list(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_end_list(struct json *json);
/* `value` NULL gives null; bytes that are not UTF-8 become question marks. */
void json_text(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_decimal(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);

#endif
