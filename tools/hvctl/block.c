/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl block-list, block-attach, block-detach: a running domain's disks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <domain/backend.h>
#include <domain/hotplug.h>

#include "command.h"
#include "device.h"
#include "json.h"

static void show_disk(struct tools *tools, struct json *json, const struct device *device)
{
    char path[STORE_PATH_MAX], name[16] = "?", *source, *node, *mode;
    uint64_t state = 0;

    device_backend(device, path);
    hv_vbd_name(device->number, name, sizeof(name));
    store_read_number(tools->xs, &state, "%s/state", path);
    source = store_read(tools->xs, "%s/source", path);
    node = store_read(tools->xs, "%s/params", path);
    mode = store_read(tools->xs, "%s/mode", path);
    if (json) {
        json_object(json, NULL);
        json_text(json, "target", name);
        json_number(json, "number", device->number);
        json_text(json, "source", source);
        json_text(json, "node", node);
        json_bool(json, "readonly", mode && mode[0] == 'r');
        json_text(json, "state", device_state_name(state));
        json_end_object(json);
    } else {
        printf("%-8s %10u %-4s %-12s %-12s %s\n", name, device->number, mode && mode[0] == 'r' ? "ro" : "rw",
               device_state_name(state), node ? node : "-", source ? source : "-");
    }
    free(source);
    free(node);
    free(mode);
}

int cmd_block_list(const struct command *self, int argc, char **argv)
{
    bool as_json = false;
    const struct option_row options[] = { { 0, "json", &as_json, NULL }, { 0 } };
    struct json *json = NULL;
    struct domain domain;
    struct tools tools;
    unsigned *numbers, count;

    if (options_parse(self, argc, argv, options, 1, 1) < 0 || !open_tools_and_find(&tools, argv[1], &domain))
        return 1;
    count = device_list(tools.xs, "vbd", domain.domid, &numbers);
    if (as_json) {
        json = json_new();
        json_list(json, NULL);
    } else {
        printf("%-8s %10s %-4s %-12s %-12s %s\n", "Target", "Number", "Mode", "State", "Node", "Source");
    }
    for (unsigned i = 0; i < count; i++)
        show_disk(&tools, json, &(struct device){ "vbd", domain.domid, numbers[i] });
    if (json) {
        json_end_list(json);
        json_print(json);
    }
    free(numbers);
    tools_close(&tools);
    return 0;
}

static int attach(struct tools *tools, const struct domain *domain, void *arg, struct hv_error *err)
{
    return hotplug_disk(tools, domain, arg, err);
}

static int attach_xml(const char *domain, const char *path)
{
    struct hv_error err = { 0 };
    struct hv_disk *disk;
    size_t size;
    char *xml = device_read_xml(path, &size);
    int status;

    if (!xml)
        return 1;
    disk = hv_config_parse_disk(xml, size, path, warn_config, NULL, &err);
    free(xml);
    if (!disk)
        return fail_error(&err);
    status = device_change(domain, attach, disk);
    hv_disk_free(disk);
    return status;
}

int cmd_block_attach(const struct command *self, int argc, char **argv)
{
    struct hv_disk disk = { 0 };
    const struct option_row options[] = { { 'r', "readonly", &disk.readonly, NULL }, { 0 } };
    int count = options_parse(self, argc, argv, options, 2, 3), status;
    struct stat st;

    if (count < 0)
        return 1;
    if (count == 2)
        return device_is_xml(argv[2]) ? attach_xml(argv[1], argv[2])
                                      : fail("usage: hvctl %s %s", self->name, self->arguments);
    if (hv_vbd_number(argv[3], &disk.number) < 0 || strlen(argv[3]) >= sizeof(disk.target))
        return fail("%s is not the name of a disk, as xvdb is", argv[3]);
    snprintf(disk.target, sizeof(disk.target), "%s", argv[3]);
    disk.source = realpath(argv[2], NULL);
    if (!disk.source || stat(disk.source, &st) < 0)
        return fail("cannot find the disk %s: %s", argv[2], strerror(errno));
    disk.type = S_ISBLK(st.st_mode) ? HV_DISK_BLOCK : HV_DISK_FILE;
    status = device_change(argv[1], attach, &disk);
    free(disk.source);
    return status;
}

struct detaching {
    const char *target;
    bool force;
};

static int detach(struct tools *tools, const struct domain *domain, void *arg, struct hv_error *err)
{
    const struct detaching *d = arg;
    struct device device = { "vbd", domain->domid, 0 };
    char path[STORE_PATH_MAX];

    if (hv_vbd_number(d->target, &device.number) < 0 ||
        !store_exists(tools->xs, device_backend(&device, path)))
        return hv_error_set(err, ENOENT, "`hvctl block-list` shows its disks", "domain %s has no disk %s",
                            domain->name, d->target);
    return hotplug_remove(tools, domain, "vbd", device.number, d->force, err);
}

int cmd_block_detach(const struct command *self, int argc, char **argv)
{
    struct detaching d = { 0 };
    const struct option_row options[] = { { 0, "force", &d.force, NULL }, { 0 } };

    if (options_parse(self, argc, argv, options, 2, 2) < 0)
        return 1;
    d.target = argv[2];
    return device_change(argv[1], detach, &d);
}
