/* SPDX-License-Identifier: GPL-2.0-only */
/* hv's command line against the table of options that the linker gathered. */
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/options.h>
#include <hv/string.h>

char saved_command_line[1024];

extern const struct option _hv_options_start[], _hv_options_end[];

static unsigned int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 255;
}

static bool parse_uint(const char *s, const char **end, uint64_t *v)
{
    unsigned int base = s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10;
    const char *start = s += base == 16 ? 2 : 0;

    for (*v = 0; digit(*s) < base; s++)
        if (__builtin_mul_overflow(*v, (uint64_t)base, v) ||
            __builtin_add_overflow(*v, (uint64_t)digit(*s), v))
            return false;
    *end = s;
    return s != start;
}

/* Decimal or 0x, then K, M, G, T, or none for KiB as in the ABI's tools. */
static bool parse_size(const char *s, const char **end, uint64_t *bytes)
{
    unsigned int shift = 10;

    if (!parse_uint(s, &s, bytes))
        return false;
    switch (*s | 0x20) {
    case 't': shift = 40; s++; break;
    case 'g': shift = 30; s++; break;
    case 'm': shift = 20; s++; break;
    case 'k': shift = 10; s++; break;
    case 'b': shift = 0; s++; break;
    }
    if (*bytes > ~0ull >> shift)
        return false;
    *bytes <<= shift;
    *end = s;
    return true;
}

static int parse_bool(const char *v, bool *result)
{
    static const char *const yes[] = { "", "1", "on", "yes", "true", "enable" };
    static const char *const no[] = { "0", "off", "no", "false", "disable" };

    for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++)
        if (!strcmp(v, yes[i]))
            return *result = true, 0;
    for (unsigned int i = 0; i < ARRAY_SIZE(no); i++)
        if (!strcmp(v, no[i]))
            return *result = false, 0;
    return -EINVAL;
}

static int apply(const struct option *o, const char *value, bool negated)
{
    const char *end = value;
    uint64_t number;
    bool on;
    int rc = 0;

    switch (o->kind) {
    case OPTION_FLAG:
        rc = parse_bool(value, o->value);
        if (!rc && negated)
            *(bool *)o->value = !*(bool *)o->value;
        return rc;
    case OPTION_SWITCH:
        rc = parse_bool(value, &on);
        if (!rc)
            *(enum option_switch *)o->value = on != negated ? SWITCH_ON : SWITCH_OFF;
        return rc;
    case OPTION_UINT:
        if (!parse_uint(value, &end, &number) || *end || number > UINT32_MAX)
            return -EINVAL;
        *(unsigned int *)o->value = number;
        return 0;
    case OPTION_SIZE:
        if (!parse_size(value, &end, &number) || *end)
            return -EINVAL;
        *(uint64_t *)o->value = number;
        return 0;
    case OPTION_STRING:
        return strlcpy(o->value, value, o->size) < o->size ? 0 : -EINVAL;
    case OPTION_CALL:
        return o->parse(negated ? "no" : value);
    }
    return -EINVAL;
}

static const struct option *find(const char *name)
{
    for (const struct option *o = _hv_options_start; o < _hv_options_end; o++)
        if (!strcmp(o->name, name))
            return o;
    return NULL;
}

static void parse_one(char *word)
{
    char *value = strchr(word, '=');
    const struct option *o;
    bool negated = false;

    if (value)
        *value++ = '\0';
    o = find(word);
    if (!o && !strncmp(word, "no-", 3)) {
        o = find(word + 3);
        negated = o && (o->kind == OPTION_FLAG || o->kind == OPTION_CALL);
        o = negated ? o : NULL;
    }
    if (!o)
        printk(LOG_WARN, "option %s is unknown, and ignored\n", word);
    else if (apply(o, value ? value : "", negated))
        printk(LOG_WARN, "option %s: cannot make sense of \"%s\", ignored\n", word, value ? value : "");
}

void options_parse(const char *command_line)
{
    static char line[sizeof(saved_command_line)];
    char *s = line;

    strlcpy(saved_command_line, command_line, sizeof(saved_command_line));
    strlcpy(line, command_line, sizeof(line));
    while (*s) {
        char *word;

        while (*s == ' ' || *s == '\t')
            s++;
        if (!*s)
            break;
        word = s;
        while (*s && *s != ' ' && *s != '\t')
            s++;
        if (*s)
            *s++ = '\0';
        parse_one(word);
    }
}
