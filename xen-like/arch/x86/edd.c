/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which disk is the one that the machine boots from? dom0 finds out by comparing what the BIOS says of its disks (the
 * Enhanced Disk Drive specification, INT 13h) with what its drivers see: sizes, buses, and a signature in the first
 * sector. Numbers of disks and of signatures are those of the ABI's other implementation and of Linux.
 */
#include <arch/bios.h>
#include <arch/edd.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/options.h>
#include <hv/string.h>

#define FIRST_DISK 0x80u
#define DISKS_MAX 6u
#define SIGNATURES_MAX 16u

static struct disk {
    uint8_t device, version;
    uint16_t interface_support, max_cylinder;
    uint8_t max_head, sectors_per_track;
    struct { /* EDD 3's structure */
        uint16_t size; /* in: room, out: how much of it is valid */
        uint8_t rest[72];
    } parameters;
} disk[DISKS_MAX];
static unsigned int nr_disks;
static struct { uint8_t device; uint32_t signature; } mbr[SIGNATURES_MAX];
static unsigned int nr_signatures;

static struct bios_buffer buffer;
static bool edd = true;
OPTION_BOOL(edd, "edd");

static bool disk_call(struct bios_registers *r, uint16_t ax, uint8_t device)
{
    r->eax = ax;
    r->edx = device;
    return bios_call(0x13, r);
}

static bool ask_disk(struct disk *d, uint8_t device)
{
    struct bios_registers r = { .ebx = 0x55aa };

    if (!disk_call(&r, 0x4100, device) || (uint16_t)r.ebx != 0xaa55)
        return false;
    *d = (struct disk){ .device = device, .version = r.eax >> 8, .interface_support = r.ecx };

    d->parameters.size = sizeof(d->parameters);
    memcpy(buffer.data, &d->parameters, sizeof(d->parameters));
    r = (struct bios_registers){ .ds = buffer.segment };
    disk_call(&r, 0x4800, device);
    memcpy(&d->parameters, buffer.data, sizeof(d->parameters));
    d->parameters.size = min(d->parameters.size, (uint16_t)sizeof(d->parameters));

    r = (struct bios_registers){ 0 };
    if (disk_call(&r, 0x0800, device)) {
        d->max_cylinder = (r.ecx >> 8 & 0xff) | (r.ecx & 0xc0) << 2;
        d->max_head = r.edx >> 8;
        d->sectors_per_track = r.ecx & 0x3f;
    }
    return true;
}

/* Cylinder 0, head 0, sector 1. */
static bool read_signature(uint8_t device, uint32_t *signature)
{
    struct bios_registers r = { .ecx = 1, .es = buffer.segment };
    const uint8_t *sector = buffer.data;

    if (!disk_call(&r, 0x0201, device) || sector[510] != 0x55 || sector[511] != 0xaa)
        return false;
    memcpy(signature, sector + 0x1b8, sizeof(*signature));
    return true;
}

void edd_init(void)
{
    if (!edd || !bios_open(&buffer))
        return;
    for (unsigned int i = 0; i < SIGNATURES_MAX; i++) {
        if (nr_disks < DISKS_MAX && ask_disk(&disk[nr_disks], FIRST_DISK + i))
            nr_disks++;
        if (read_signature(FIRST_DISK + i, &mbr[nr_signatures].signature))
            mbr[nr_signatures++].device = FIRST_DISK + i;
    }
}

long edd_disk_info(struct xenpf_firmware_info *info)
{
    const struct disk *d = disk + info->index;
    void *to = info->u.disk_info.edd_params.p;
    uint16_t room;

    if (info->index >= nr_disks)
        return -ESRCH;
    if (arch_copy_from_guest(&room, to, sizeof(room)))
        return -EFAULT;
    room = min(room, d->parameters.size);
    if (arch_copy_to_guest(to, &d->parameters, room) || arch_copy_to_guest(to, &room, sizeof(room)))
        return -EFAULT;
    info->u.disk_info.device = d->device;
    info->u.disk_info.version = d->version;
    info->u.disk_info.interface_support = d->interface_support;
    info->u.disk_info.legacy_max_cylinder = d->max_cylinder;
    info->u.disk_info.legacy_max_head = d->max_head;
    info->u.disk_info.legacy_sectors_per_track = d->sectors_per_track;
    return 0;
}

long edd_mbr_signature(struct xenpf_firmware_info *info)
{
    if (info->index >= nr_signatures)
        return -ESRCH;
    info->u.disk_mbr_signature.device = mbr[info->index].device;
    info->u.disk_mbr_signature.mbr_signature = mbr[info->index].signature;
    return 0;
}
