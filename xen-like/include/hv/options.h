/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's command line. Each option is declared beside what it configures and gathered by the linker into one
 * table (section .hv_options); an option that no row names is warned about and ignored.
 */
#ifndef HV_OPTIONS_H
#define HV_OPTIONS_H

#include <hv/types.h>

enum option_kind { OPTION_FLAG, OPTION_SWITCH, OPTION_UINT, OPTION_SIZE, OPTION_STRING, OPTION_CALL };

/* A flag that means something else when nobody gives it. */
enum option_switch { SWITCH_AUTO, SWITCH_OFF, SWITCH_ON };

struct option {
    const char *name;       /* as written before '=' */
    enum option_kind kind;
    void *value;            /* bool *, enum option_switch *, unsigned int *, uint64_t * (bytes, K/M/G suffix), char[size] */
    size_t size;            /* of a string's buffer */
    int (*parse)(const char *value); /* OPTION_CALL: 0 or -EINVAL */
};

#define OPTION(id, ...)                                                                                      \
    static const struct option option_##id                                                                   \
        __attribute__((used, section(".hv_options"), aligned(8))) = { __VA_ARGS__ }
#define OPTION_BOOL(var, text) OPTION(var, .name = text, .kind = OPTION_FLAG, .value = &(var))
#define OPTION_AUTO(var, text) OPTION(var, .name = text, .kind = OPTION_SWITCH, .value = &(var))
#define OPTION_NUMBER(var, text) OPTION(var, .name = text, .kind = OPTION_UINT, .value = &(var))
#define OPTION_BYTES(var, text) OPTION(var, .name = text, .kind = OPTION_SIZE, .value = &(var))
#define OPTION_TEXT(var, text) OPTION(var, .name = text, .kind = OPTION_STRING, .value = (var), .size = sizeof(var))
#define OPTION_FN(fn, text) OPTION(fn, .name = text, .kind = OPTION_CALL, .parse = (fn))

extern char saved_command_line[1024]; /* as the boot loader gave it, bounded */

void options_parse(const char *command_line); /* a flag "foo" sets, "no-foo" or "foo=0" clears */

#endif
