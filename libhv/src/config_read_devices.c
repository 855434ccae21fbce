/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <disk> and <interface>.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/device.h>

#include "config_devices.h"
#include "config_read.h"
#include "config_value.h"

/*
 * What a disk's driver may be called: whose drivers it is for, or one of libvirt's names for Xen, which leave that open.
 */
static const char *const disk_drivers[] = { "hv",   "stock", "file", "phy",     "tap",
                                            "tap2", "qemu",  "loop", "blkback", NULL };
/* The same for an interface; of libvirt's names none means anything here. */
static const char *const nic_drivers[] = { "hv", "stock", "qemu", "vhost", NULL };

static bool is_one_of(const char *name, const char *const names[])
{
    for (; *names; names++)
        if (!strcmp(*names, name))
            return true;
    return false;
}

const char *hv_driver_choice(const char *name)
{
    return name && (!strcmp(name, "hv") || !strcmp(name, "stock")) ? name : NULL;
}

static int read_disk_type(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    char *type = reader_attribute(node, "type"), *device = reader_attribute(node, "device");
    int ret = 0;

    if (!type || !strcmp(type, "file"))
        disk->type = HV_DISK_FILE;
    else if (!strcmp(type, "block"))
        disk->type = HV_DISK_BLOCK;
    else
        ret = reader_error(r, node, "use type='file' or type='block'", "disk type \"%s\" is not supported",
                           type);
    disk->cdrom = device && !strcmp(device, "cdrom");
    disk->readonly = disk->cdrom;
    if (!ret && device && !disk->cdrom && strcmp(device, "disk"))
        ret = reader_error(r, node, "use device='disk' or device='cdrom'",
                           "disk device \"%s\" is not supported", device);
    free(type);
    free(device);
    return ret;
}

static int read_disk_source(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    const char *attribute = disk->type == HV_DISK_FILE ? "file" : "dev";
    const xmlNode *source = reader_child(node, "source");

    disk->source = reader_attribute(source, attribute);
    if (!disk->source)
        return reader_error(r, source ? source : node, NULL, "a disk of type \"%s\" needs <source %s='...'/>",
                            disk->type == HV_DISK_FILE ? "file" : "block", attribute);
    if (!value_path_valid(disk->source))
        return reader_error(r, source, "give the path from / on",
                            "the disk's source \"%s\" is not an absolute path", disk->source);
    return 0;
}

static int read_disk_driver(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    const xmlNode *driver = reader_child(node, "driver");
    char *format = reader_attribute(driver, "type");
    int ret = 0;

    disk->driver = reader_attribute(driver, "name");
    if (disk->driver && !is_one_of(disk->driver, disk_drivers))
        ret = reader_error(r, driver, "use name='hv' or name='stock', or leave <driver> out", "disk driver \"%s\" is not known", disk->driver);
    else if (format && strcmp(format, "raw") && strcmp(format, "aio"))
        ret = reader_error(r, driver, "convert the image: qemu-img convert -O raw",
                           "disk images of format \"%s\" are not supported", format);
    free(format);
    return ret;
}

static int read_disk_target(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    const xmlNode *target = reader_child(node, "target");
    char *dev = reader_attribute(target, "dev"), *bus = reader_attribute(target, "bus");
    int ret = 0;

    if (!dev)
        ret = reader_error(r, target ? target : node, NULL, "a disk needs <target dev='xvda'/>");
    else if (strlen(dev) >= sizeof(disk->target) || hv_vbd_number(dev, &disk->number))
        ret = reader_error(r, target, "PV disks are xvda, xvdb, ...",
                           "\"%s\" is not the name of a virtual disk", dev);
    else
        strcpy(disk->target, dev);
    if (!ret && bus && strcmp(bus, "xen"))
        reader_warn(r, target, "bus \"%s\" is taken for \"xen\", the only one of a PV guest", bus);
    free(dev);
    free(bus);
    return ret;
}

bool config_disk_is_empty_drive(const xmlNode *node)
{
    char *device = reader_attribute(node, "device");
    bool empty = device && !strcmp(device, "cdrom") && !reader_child(node, "source");

    free(device);
    return empty;
}

int config_read_disk(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    int ret = read_disk_type(r, node, disk);

    disk->line = reader_line(node);
    disk->readonly |= reader_child(node, "readonly") != NULL;
    disk->shareable = reader_child(node, "shareable") != NULL;
    if (!ret)
        ret = read_disk_source(r, node, disk);
    if (!ret)
        ret = read_disk_driver(r, node, disk);
    if (!ret)
        ret = read_disk_target(r, node, disk);
    return ret;
}

static int read_nic_mac(struct reader *r, const xmlNode *node, struct hv_nic *nic)
{
    const xmlNode *mac = reader_child(node, "mac");
    char *address = reader_attribute(mac, "address");
    int ret = 0;

    if (!mac)
        ret = hv_mac_generate(nic->mac)
                  ? reader_error(r, node, NULL, "cannot make an address: no random numbers")
                  : 0;
    else if (!address)
        ret = reader_error(r, mac, NULL, "<mac> needs address='...'");
    else if (hv_mac_parse(address, nic->mac))
        ret = reader_error(r, mac, "write it as 00:16:3e:01:02:03",
                           "\"%s\" is not the address of one network interface", address);
    free(address);
    return ret;
}

/*
 * Interfaces that libvirt saw on a running guest have the names that were generated for it: not to be kept.
 */
static bool generated(const char *target)
{
    return !strncmp(target, "vif", 3);
}

static int read_nic_target(struct reader *r, const xmlNode *node, struct hv_nic *nic)
{
    const xmlNode *target = reader_child(node, "target"), *model = reader_child(node, "model");
    char *type = reader_attribute(model, "type");

    if (type && strcmp(type, "netfront"))
        reader_warn(r, model, "model \"%s\" is taken for \"netfront\", the only one of a PV guest", type);
    free(type);
    nic->target = reader_attribute(target, "dev");
    if (nic->target && generated(nic->target)) {
        free(nic->target);
        nic->target = NULL;
    }
    if (nic->target && !value_interface_valid(nic->target))
        return reader_error(r, target, NULL, "\"%s\" is not the name of a network interface", nic->target);
    return 0;
}

static int read_nic_driver(struct reader *r, const xmlNode *node, struct hv_nic *nic)
{
    const xmlNode *driver = reader_child(node, "driver");

    nic->driver = reader_attribute(driver, "name");
    if (nic->driver && !is_one_of(nic->driver, nic_drivers))
        return reader_error(r, driver, "use name='hv' or name='stock', or leave <driver> out",
                            "interface driver \"%s\" is not known", nic->driver);
    if (nic->driver && !hv_driver_choice(nic->driver))
        reader_warn(r, driver, "driver \"%s\" has no effect here: \"hv\" and \"stock\" have", nic->driver);
    return 0;
}

int config_read_nic(struct reader *r, const xmlNode *node, struct hv_nic *nic)
{
    const xmlNode *source = reader_child(node, "source"), *script = reader_child(node, "script");
    char *type = reader_attribute(node, "type");
    bool is_bridge = type && !strcmp(type, "bridge");
    int ret = 0;

    nic->line = reader_line(node);
    nic->bridge = reader_attribute(source, "bridge");
    if (!is_bridge)
        ret = reader_error(r, node, "use type='bridge'", "interface type \"%s\" is not supported",
                           type ? type : "");
    else if (!nic->bridge)
        ret = reader_error(r, source ? source : node, NULL, "an interface needs <source bridge='...'/>");
    else if (!value_interface_valid(nic->bridge))
        ret = reader_error(r, source, NULL, "\"%s\" is not the name of a bridge", nic->bridge);
    free(type);
    if (script)
        reader_warn(r, script, "<script> has no effect here: the interface is put on its bridge without one");
    if (!ret)
        ret = read_nic_mac(r, node, nic);
    if (!ret)
        ret = read_nic_target(r, node, nic);
    if (!ret)
        ret = read_nic_driver(r, node, nic);
    return ret;
}
