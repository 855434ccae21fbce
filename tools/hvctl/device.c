/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listing and changing the devices of a running domain, whatever their kind.
 */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/hotplug.h>

#define XML_MAX (64UL << 10)

static const char *state_name(uint64_t state)
{
    static const char *const names[] = { "unknown",   "initialising", "waiting", "initialised",   "connected",
                                         "closing", "closed",       "reconfiguring", "reconfigured" };

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

static void show(struct tools *tools, struct json *json, const struct device_kind *kind,
                 const struct device *device)
{
    char path[STORE_PATH_MAX];
    uint64_t state = 0;

    store_read_number(tools->xs, &state, "%s/state", device_backend(device, path));
    kind->show(tools, json, device, state_name(state));
}

int device_cmd_list(const struct command *self, int argc, char **argv, const struct device_kind *kind)
{
    bool as_json = false;
    const struct option_row options[] = { { 0, "json", &as_json, NULL }, { 0 } };
    struct json *json = NULL;
    struct domain domain;
    struct tools tools;
    unsigned *numbers, count;

    if (options_parse(self, argc, argv, options, 1, 1) < 0 || !open_tools_and_find(&tools, argv[1], &domain))
        return 1;
    count = device_list(tools.xs, kind->name, domain.domid, &numbers);
    if (as_json) {
        json = json_new();
        json_list(json, NULL);
    } else {
        puts(kind->title);
    }
    for (unsigned i = 0; i < count; i++)
        show(&tools, json, kind,
             &(struct device){ .kind = kind->name, .domid = domain.domid, .number = numbers[i] });
    if (json) {
        json_end_list(json);
        json_print(json);
    }
    free(numbers);
    tools_close(&tools);
    return 0;
}

/* A change of a running domain's devices, made under the lock. */
struct change {
    const struct device_kind *kind;
    const void *description; /* attach */
    const char *which;       /* detach */
    bool force;
};

typedef int change_fn(struct tools *tools, const struct domain *domain, const struct change *change,
                      struct hv_error *err);

static int run_change(const char *text, change_fn *fn, const struct change *change)
{
    struct hv_error err = { 0 };
    struct domain domain;
    struct tools tools;
    int lock, ret;

    if (!open_tools_and_find(&tools, text, &domain))
        return 1;
    lock = tools_lock(&err);
    ret = lock < 0 ? lock : fn(&tools, &domain, change, &err);
    tools_unlock(lock);
    tools_close(&tools);
    return ret < 0 ? fail_error(&err) : 0;
}

static int attach(struct tools *tools, const struct domain *domain, const struct change *change,
                  struct hv_error *err)
{
    return change->kind->attach(tools, domain, change->description, err);
}

int device_attach(const struct device_kind *kind, const char *domain, const void *description)
{
    return run_change(domain, attach, &(struct change){ .kind = kind, .description = description });
}

bool device_driver(const char *text, char **driver)
{
    *driver = (char *)text;
    if (text && !hv_driver_choice(text))
        fail("%s is not a driver: hv or stock is", text);
    return !text || hv_driver_choice(text);
}

bool device_is_xml(const char *argument)
{
    size_t length = strlen(argument);

    return length > 4 && !strcmp(argument + length - 4, ".xml");
}

/* A file of at most 64 KiB with one element; malloc'ed, NULL after saying what is wrong. */
static char *read_xml(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(XML_MAX);

    if (!file || !text) {
        fail("cannot read %s: %s", path, strerror(errno));
        free(text);
        text = NULL;
    } else {
        *size = fread(text, 1, XML_MAX, file);
    }
    if (file)
        fclose(file);
    return text;
}

int device_attach_xml(const struct device_kind *kind, const char *domain, const char *path)
{
    struct hv_error err = { 0 };
    size_t size;
    char *xml = read_xml(path, &size);
    void *description;
    int status;

    if (!xml)
        return 1;
    description = kind->parse(xml, size, path, &err);
    free(xml);
    if (!description)
        return fail_error(&err);
    status = device_attach(kind, domain, description);
    kind->free(description);
    return status;
}

static int detach(struct tools *tools, const struct domain *domain, const struct change *change,
                  struct hv_error *err)
{
    struct device device = { .kind = change->kind->name, .domid = domain->domid };
    int ret = change->kind->find(tools, domain, change->which, &device, err);

    return ret < 0 ? ret : hotplug_remove(tools, domain, device.kind, device.number, change->force, err);
}

int device_cmd_detach(const struct command *self, int argc, char **argv, const struct device_kind *kind)
{
    struct change change = { .kind = kind };
    const struct option_row options[] = { { 0, "force", &change.force, NULL }, { 0 } };

    if (options_parse(self, argc, argv, options, 2, 2) < 0)
        return 1;
    change.which = argv[2];
    return run_change(argv[1], detach, &change);
}
