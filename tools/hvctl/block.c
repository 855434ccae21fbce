/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl block-list, block-attach, block-detach: a running domain's disks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <domain/hotplug.h>

#include "device.h"

static void show_disk(struct tools *tools, struct json *json, const struct device *device, const char *state)
{
    char path[STORE_PATH_MAX], name[16] = "?", *source, *node, *mode;
    bool readonly;

    device_backend(device, path);
    hv_vbd_name(device->number, name, sizeof(name));
    source = store_read(tools->xs, "%s/source", path);
    node = store_read(tools->xs, "%s/params", path);
    mode = store_read(tools->xs, "%s/mode", path);
    readonly = mode && mode[0] == 'r';
    if (json) {
        json_object(json, NULL);
        json_text(json, "target", name);
        json_number(json, "number", device->number);
        json_text(json, "source", source);
        json_text(json, "node", node);
        json_bool(json, "readonly", readonly);
        json_text(json, "state", state);
        json_end_object(json);
    } else {
        printf("%-8s %10u %-4s %-12s %-12s %s\n", name, device->number, readonly ? "ro" : "rw", state,
               node ? node : "-", source ? source : "-");
    }
    free(source);
    free(node);
    free(mode);
}

static int find_disk(struct tools *tools, const struct domain *domain, const char *which,
                     struct device *device, struct hv_error *err)
{
    char path[STORE_PATH_MAX];

    if (!hv_vbd_number(which, &device->number) && store_exists(tools->xs, device_backend(device, path)))
        return 0;
    return hv_error_set(err, ENOENT, "`hvctl block-list` shows its disks", "domain %s has no disk %s",
                        domain->name, which);
}

static void *parse_disk(const char *xml, size_t size, const char *path, struct hv_error *err)
{
    return hv_config_parse_disk(xml, size, path, warn_config, NULL, err);
}

static void free_disk(void *disk)
{
    hv_disk_free(disk);
}

static int attach_disk(struct tools *tools, const struct domain *domain, const void *disk, struct hv_error *err)
{
    return hotplug_disk(tools, domain, disk, err);
}

static const struct device_kind disks = {
    .name = "vbd",
    .title = "Target       Number Mode State        Node         Source",
    .show = show_disk,
    .find = find_disk,
    .parse = parse_disk,
    .free = free_disk,
    .attach = attach_disk,
};

int cmd_block_list(const struct command *self, int argc, char **argv)
{
    return device_cmd_list(self, argc, argv, &disks);
}

int cmd_block_attach(const struct command *self, int argc, char **argv)
{
    struct hv_disk disk = { 0 };
    const char *driver = NULL;
    const struct option_row options[] = {
        { 'r', "readonly", &disk.readonly, NULL },
        { 0, "driver", NULL, &driver },
        { 0 },
    };
    int count = options_parse(self, argc, argv, options, 2, 3), status;
    struct stat st;

    if (count < 0 || !device_driver(driver, &disk.driver))
        return 1;
    if (count == 2 && device_is_xml(argv[2]) && (driver || disk.readonly))
        return fail("options are for a SOURCE: what is in %s says all", argv[2]);
    if (count == 2)
        return device_is_xml(argv[2]) ? device_attach_xml(&disks, argv[1], argv[2])
                                      : fail("usage: hvctl %s %s", self->name, self->arguments);
    if (hv_vbd_number(argv[3], &disk.number) < 0 || strlen(argv[3]) >= sizeof(disk.target))
        return fail("%s is not the name of a disk, as xvdb is", argv[3]);
    snprintf(disk.target, sizeof(disk.target), "%s", argv[3]);
    disk.source = realpath(argv[2], NULL);
    if (!disk.source || stat(disk.source, &st) < 0)
        return fail("cannot find the disk %s: %s", argv[2], strerror(errno));
    disk.type = S_ISBLK(st.st_mode) ? HV_DISK_BLOCK : HV_DISK_FILE;
    status = device_attach(&disks, argv[1], &disk);
    free(disk.source);
    return status;
}

int cmd_block_detach(const struct command *self, int argc, char **argv)
{
    return device_cmd_detach(self, argc, argv, &disks);
}
