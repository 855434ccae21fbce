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

static const char *const disk_types[] = {
    [HV_DISK_FILE] = "file",
    [HV_DISK_BLOCK] = "block",
    [HV_DISK_NETWORK] = "network",
};
#define DISK_TYPES (sizeof(disk_types) / sizeof(disk_types[0]))

static const char *const disk_formats[] = { [HV_DISK_RAW] = "raw", [HV_DISK_QCOW2] = "qcow2" };
#define DISK_FORMATS (sizeof(disk_formats) / sizeof(disk_formats[0]))

const char *hv_disk_type_name(enum hv_disk_type type)
{
    return (size_t)type < DISK_TYPES ? disk_types[type] : "unknown";
}

const char *hv_disk_format_name(enum hv_disk_format format)
{
    return (size_t)format < DISK_FORMATS ? disk_formats[format] : "unknown";
}

static bool find_name(const char *name, const char *const names[], size_t count, unsigned *index)
{
    for (*index = 0; *index < count; ++*index)
        if (!strcmp(names[*index], name))
            return true;
    return false;
}

static int read_disk_type(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    char *type = reader_attribute(node, "type"), *device = reader_attribute(node, "device");
    unsigned found;
    int ret = 0;

    disk->type = HV_DISK_FILE;
    if (type && !find_name(type, disk_types, DISK_TYPES, &found))
        ret = reader_error(r, node, "use type='file', type='block' or type='network'",
                           "disk type \"%s\" is not supported", type);
    else if (type)
        disk->type = (enum hv_disk_type)found;
    disk->cdrom = device && !strcmp(device, "cdrom");
    disk->readonly = disk->cdrom;
    if (!ret && device && !disk->cdrom && strcmp(device, "disk"))
        ret = reader_error(r, node, "use device='disk' or device='cdrom'",
                           "disk device \"%s\" is not supported", device);
    free(type);
    free(device);
    return ret;
}

/* What of a <host> would be another server, or another way to it. */
static int check_nbd_host(struct reader *r, const xmlNode *source, const xmlNode *host)
{
    char *transport = reader_attribute(host, "transport"), *tls = reader_attribute(source, "tls");
    int ret = 0;

    if (transport && strcmp(transport, "tcp"))
        ret = reader_error(r, host, "use transport='tcp'", "transport \"%s\" is not supported", transport);
    else if (tls && strcmp(tls, "no"))
        ret = reader_error(r, source, "leave tls out, and use a network that is safe", "TLS is not supported");
    free(transport);
    free(tls);
    return ret;
}

static int read_nbd_parts(struct reader *r, const xmlNode *source, const xmlNode *host, struct hv_nbd *nbd)
{
    char *name = reader_attribute(source, "name"), *address = reader_attribute(host, "name");
    char *port = reader_attribute(host, "port");
    int ret = 0;

    if (!address || hv_nbd_set(nbd, address, port, name ? name : ""))
        ret = reader_error(r, host ? host : source, "write <host name='HOST' port='10809'/> in <source>",
                           "this is not an export of a server: host \"%s\", port \"%s\", name \"%s\"",
                           address ? address : "", port ? port : "", name ? name : "");
    free(name);
    free(address);
    free(port);
    return ret;
}

static int read_nbd_source(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    const xmlNode *source = reader_child(node, "source"), *host = reader_child(source, "host");
    char *protocol = reader_attribute(source, "protocol"), text[HV_NBD_TEXT];
    struct hv_nbd nbd;
    int ret = 0;

    if (!protocol)
        ret = reader_error(r, source ? source : node, NULL,
                           "a disk of type \"network\" needs <source protocol='nbd' name='...'>");
    else if (strcmp(protocol, "nbd"))
        ret = reader_error(r, source, "use <source protocol='nbd'>",
                           "disks over the protocol \"%s\" are not supported", protocol);
    free(protocol);
    if (!ret)
        ret = check_nbd_host(r, source, host);
    if (!ret)
        ret = read_nbd_parts(r, source, host, &nbd);
    if (ret)
        return ret;
    disk->source = strdup(hv_nbd_text(&nbd, text));
    return disk->source ? 0 : reader_no_memory(r);
}

static int read_disk_source(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    const char *attribute = disk->type == HV_DISK_FILE ? "file" : "dev";
    const xmlNode *source = reader_child(node, "source");

    if (disk->type == HV_DISK_NETWORK)
        return read_nbd_source(r, node, disk);
    disk->source = reader_attribute(source, attribute);
    if (!disk->source)
        return reader_error(r, source ? source : node, NULL, "a disk of type \"%s\" needs <source %s='...'/>",
                            disk_types[disk->type], attribute);
    if (!value_path_valid(disk->source))
        return reader_error(r, source, "give the path from / on",
                            "the disk's source \"%s\" is not an absolute path", disk->source);
    return 0;
}

/* Only files are in a format: on a block device or a server it would be the same, but nobody looks there. */
static int read_disk_format(struct reader *r, const xmlNode *driver, struct hv_disk *disk)
{
    char *format = reader_attribute(driver, "type");
    unsigned found = HV_DISK_RAW;
    int ret = 0;

    if (format && strcmp(format, "aio") && !find_name(format, disk_formats, DISK_FORMATS, &found))
        ret = reader_error(r, driver, "convert the image: qemu-img convert -O qcow2",
                           "disk images of format \"%s\" are not supported", format);
    else if (format && found != HV_DISK_RAW && disk->type != HV_DISK_FILE)
        ret = reader_error(r, driver, "use type='raw'", "only a disk of type \"file\" may have the format \"%s\"",
                           format);
    else if (format && found == HV_DISK_QCOW2 && disk->shareable && !disk->readonly)
        ret = reader_error(r, driver, "remove <shareable/>, or add <readonly/>",
                           "a %s image cannot be written by several domains", format);
    else if (format)
        disk->format = (enum hv_disk_format)(strcmp(format, "aio") ? found : HV_DISK_RAW);
    free(format);
    return ret;
}

static int read_disk_driver(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    const xmlNode *driver = reader_child(node, "driver");

    disk->driver = reader_attribute(driver, "name");
    if (disk->driver && !is_one_of(disk->driver, disk_drivers))
        return reader_error(r, driver, "use name='hv' or name='stock', or leave <driver> out",
                            "disk driver \"%s\" is not known", disk->driver);
    return read_disk_format(r, driver, disk);
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
    if (!ret)
        ret = config_read_iotune(r, node, disk);
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
    if (!ret)
        ret = config_read_bandwidth(r, node, nic);
    return ret;
}
