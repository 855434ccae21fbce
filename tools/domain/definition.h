/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Definitions: domains that are known whether they run or not. Each is a file, /var/lib/hv/domains/NAME.xml;
 * those to be started when the machine starts have a link to it in /var/lib/hv/autostart.
 *
 * Definitions are changed under the tools' lock. A running domain keeps the configuration it was made from.
 */
#ifndef TOOLS_DOMAIN_DEFINITION_H
#define TOOLS_DOMAIN_DEFINITION_H

#include <libhv.h>

/* Writes or replaces a definition. -EEXIST if another one has this UUID. */
int definition_write(const struct hv_config *config, struct hv_error *err);

/* NULL and a message if there is none of this name, or it is damaged. */
struct hv_config *definition_read(const char *name, struct hv_error *err);

/* The name of the definition that `text`, a name or a UUID, means. False if there is none. */
bool definition_find(const char *text, char name[HV_NAME_MAX + 1]);

/* Removes it with its mark. */
int definition_remove(const char *name, struct hv_error *err);

/* Names of all, sorted: a malloc'ed array of malloc'ed strings. Returns how many. */
unsigned definition_list(char ***names);
unsigned definition_autostart_list(char ***names);
void definition_list_free(char **names, unsigned count);

bool definition_is_autostart(const char *name);
int definition_set_autostart(const char *name, bool on, struct hv_error *err);

#endif
