/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Options and arguments of commands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static int usage(const struct command *self)
{
    fprintf(stderr, "usage: hvctl %s %s\n", self->name, self->arguments);
    return -1;
}

static const struct option_row *find_long(const struct option_row *rows, const char *name, size_t length)
{
    for (; rows->flag || rows->text; rows++)
        if (rows->name && strlen(rows->name) == length && !strncmp(rows->name, name, length))
            return rows;
    return NULL;
}

static const struct option_row *find_letter(const struct option_row *rows, char letter)
{
    for (; rows->flag || rows->text; rows++)
        if (rows->letter && rows->letter == letter)
            return rows;
    return NULL;
}

/* "--name", "--name=text" or "--name text". Returns how many of argv it took, or -1. */
static int take_long(const struct command *self, const struct option_row *rows, int argc, char **argv)
{
    size_t length = strcspn(argv[0] + 2, "=");
    const struct option_row *row = find_long(rows, argv[0] + 2, length);
    bool joined = argv[0][2 + length] == '=';

    if (!row || (row->flag && joined) || (row->text && !joined && argc < 2)) {
        fail(row ? "the option %s is used wrongly" : "unknown option %s", argv[0]);
        return usage(self);
    }
    if (row->flag)
        *row->flag = true;
    else
        *row->text = joined ? argv[0] + 3 + length : argv[1];
    return row->text && !joined ? 2 : 1;
}

/* "-ab", "-xTEXT" or "-x TEXT". */
static int take_letters(const struct command *self, const struct option_row *rows, int argc, char **argv)
{
    for (const char *c = argv[0] + 1; *c; c++) {
        const struct option_row *row = find_letter(rows, *c);

        if (!row || (row->text && !c[1] && argc < 2)) {
            fail(row ? "the option -%c needs a value" : "unknown option -%c", *c);
            return usage(self);
        }
        if (row->text) {
            *row->text = c[1] ? c + 1 : argv[1];
            return c[1] ? 1 : 2;
        }
        *row->flag = true;
    }
    return 1;
}

int options_parse(const struct command *self, int argc, char **argv, const struct option_row *rows, int least,
                  int most)
{
    int left = 0, i = 1;

    while (i < argc) {
        int taken;

        if (!strcmp(argv[i], "--")) {
            i++;
            break;
        }
        if (argv[i][0] != '-' || !argv[i][1]) {
            argv[++left] = argv[i++];
            continue;
        }
        taken = argv[i][1] == '-' ? take_long(self, rows, argc - i, argv + i)
                                  : take_letters(self, rows, argc - i, argv + i);
        if (taken < 0)
            return -1;
        i += taken;
    }
    while (i < argc)
        argv[++left] = argv[i++];
    return left < least || left > most ? usage(self) : left;
}

int arguments_check(const struct command *self, int argc, char **argv, int least, int most)
{
    static const struct option_row none[] = { { 0 } };

    return options_parse(self, argc, argv, none, least, most);
}

bool parse_number(const char *text, unsigned most, const char *what, unsigned *value)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || number > most) {
        fail("%s is not a %s: a number from 0 to %u is", text, what, most);
        return false;
    }
    *value = (unsigned)number;
    return true;
}
