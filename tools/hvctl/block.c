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

const struct device_kind device_disks = {
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
    return device_cmd_list(self, argc, argv, &device_disks);
}

/* An export of a server, or a file or block device by whatever path. */
static bool find_source(struct hv_disk *disk, const char *text)
{
    char uri[HV_NBD_TEXT];
    struct hv_nbd nbd;
    struct stat st;

    if (hv_nbd_is_uri(text)) {
        if (hv_nbd_parse(text, &nbd) < 0)
            return !fail("%s does not name an export, as nbd://HOST[:PORT]/EXPORT does", text);
        disk->type = HV_DISK_NETWORK;
        disk->source = strdup(hv_nbd_text(&nbd, uri));
        return disk->source || !fail("out of memory");
    }
    disk->source = realpath(text, NULL);
    if (!disk->source || stat(disk->source, &st) < 0)
        return !fail("cannot find the disk %s: %s", text, strerror(errno));
    disk->type = S_ISBLK(st.st_mode) ? HV_DISK_BLOCK : HV_DISK_FILE;
    return true;
}

static bool find_format(struct hv_disk *disk, const char *text)
{
    if (text && !strcmp(text, hv_disk_format_name(HV_DISK_QCOW2)))
        disk->format = HV_DISK_QCOW2;
    else if (text && strcmp(text, hv_disk_format_name(HV_DISK_RAW)))
        return !fail("%s is not a format of disks: raw or qcow2 is", text);
    if (disk->format != HV_DISK_RAW && disk->type != HV_DISK_FILE)
        return !fail("only an image file may be %s", text);
    return true;
}

int cmd_block_attach(const struct command *self, int argc, char **argv)
{
    struct hv_disk disk = { 0 };
    const char *driver = NULL, *format = NULL;
    const struct option_row options[] = {
        { 'r', "readonly", &disk.readonly, NULL },
        { 0, "driver", NULL, &driver },
        { 0, "format", NULL, &format },
        { 0 },
    };
    int count = options_parse(self, argc, argv, options, 2, 3), status;

    if (count < 0 || !device_driver(driver, &disk.driver))
        return 1;
    if (count == 2 && device_is_xml(argv[2]) && (driver || format || disk.readonly))
        return fail("options are for a SOURCE: what is in %s says all", argv[2]);
    if (count == 2)
        return device_is_xml(argv[2]) ? device_attach_xml(&device_disks, argv[1], argv[2])
                                      : fail("usage: hvctl %s %s", self->name, self->arguments);
    if (hv_vbd_number(argv[3], &disk.number) < 0 || strlen(argv[3]) >= sizeof(disk.target))
        return fail("%s is not the name of a disk, as xvdb is", argv[3]);
    snprintf(disk.target, sizeof(disk.target), "%s", argv[3]);
    if (!find_source(&disk, argv[2]) || !find_format(&disk, format))
        return 1;
    status = device_attach(&device_disks, argv[1], &disk);
    free(disk.source);
    return status;
}

int cmd_block_detach(const struct command *self, int argc, char **argv)
{
    return device_cmd_detach(self, argc, argv, &device_disks);
}
