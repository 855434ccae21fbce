/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the commands for disks and those for network interfaces share: a table for each kind says what differs.
 */
#ifndef HVCTL_DEVICE_H
#define HVCTL_DEVICE_H

#include <domain/backend.h>

#include "command.h"
#include "json.h"

struct device_kind {
    const char *name;  /* as in the store: "vbd" */
    const char *title; /* above a list */

    /* Prints one, as a line, or adds it as an object if `json` is not NULL. `state` is in words. */
    void (*show)(struct tools *tools, struct json *json, const struct device *device, const char *state);

    /* Which of the domain's devices a user means: sets device->number, or fails with a message. */
    int (*find)(struct tools *tools, const struct domain *domain, const char *which, struct device *device,
                struct hv_error *err);

    /* A description of one from XML (hv_config_parse_disk() and so on), what frees it, and what attaches it. */
    void *(*parse)(const char *xml, size_t size, const char *path, struct hv_error *err);
    void (*free)(void *description);
    int (*attach)(struct tools *tools, const struct domain *domain, const void *description,
                  struct hv_error *err);
};

extern const struct device_kind device_disks, device_interfaces; /* block.c, network.c */

/* The whole of the commands that list and detach. */
int device_cmd_list(const struct command *self, int argc, char **argv, const struct device_kind *kind);
int device_cmd_detach(const struct command *self, int argc, char **argv, const struct device_kind *kind);

/* Does this argument name a file with XML? Attaches what such a file, or the description, says; the exit status. */
bool device_is_xml(const char *argument);
int device_attach_xml(const struct device_kind *kind, const char *domain, const char *path);
int device_attach(const struct device_kind *kind, const char *domain, const void *description);

/* The text of --driver, which may be NULL, to what a description holds. False: it is none (said). */
bool device_driver(const char *text, char **driver);

#endif
