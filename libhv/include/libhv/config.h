/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A domain's configuration: a plain structure, read from and written to libvirt's domain XML (see
 * hv-domain(5)).
 *
 * A structure that hv_config_parse*() returned is valid: required parts are there, names, sizes and numbers
 * are in range, and devices do not clash with each other. That files, bridges and memory exist is not checked
 * here. Strings are malloc'ed and owned by the structure; NULL means not given.
 */
#ifndef LIBHV_CONFIG_H
#define LIBHV_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libhv/error.h>
#include <libhv/sched.h>

#define HV_NAME_MAX 63       /* characters of a domain's name */
#define HV_CMDLINE_MAX 1023  /* start_info holds 1024 bytes */
#define HV_VCPUS_MAX 128

/* What to do when a domain has stopped. */
enum hv_action {
    HV_ACTION_DESTROY,
    HV_ACTION_RESTART,
    HV_ACTION_PRESERVE,         /* keep it for inspection until `hvctl destroy` */
    HV_ACTION_RENAME_RESTART,   /* keep it under another name, and start a new one */
    HV_ACTION_COREDUMP_DESTROY, /* on_crash only */
    HV_ACTION_COREDUMP_RESTART, /* on_crash only */
};

enum hv_disk_type { HV_DISK_FILE, HV_DISK_BLOCK, HV_DISK_NETWORK };
enum hv_disk_format { HV_DISK_RAW, HV_DISK_QCOW2 };

/* Kinds of limits of a disk, as <iotune> names them, with _sec behind. */
enum hv_iotune {
    HV_IOTUNE_TOTAL_BYTES,
    HV_IOTUNE_READ_BYTES,
    HV_IOTUNE_WRITE_BYTES,
    HV_IOTUNE_TOTAL_IOPS,
    HV_IOTUNE_READ_IOPS,
    HV_IOTUNE_WRITE_IOPS,
    HV_IOTUNE_COUNT
};

struct hv_limit {
    uint64_t rate;      /* a second; 0: none */
    uint64_t max;       /* so much at once, after a pause; 0: a tenth of a second's worth */
};

/* Limits of an interface in one direction; 0: none. */
struct hv_bandwidth {
    uint64_t average;   /* KiB a second */
    uint64_t peak;      /* KiB a second, also within a burst */
    uint64_t burst;     /* KiB at once, after a pause */
    uint64_t packets;   /* a second */
};

#define HV_LIMIT_MAX (1ULL << 40) /* the highest of these numbers */

struct hv_disk {
    enum hv_disk_type type;
    enum hv_disk_format format; /* of a file; others are raw */
    char *source;       /* absolute path of the file or block device; for HV_DISK_NETWORK as hv_nbd_text() writes it */
    char *driver;       /* <driver name=>, or NULL; hv_driver_choice() */
    char target[16];    /* "xvda" */
    unsigned number;    /* what the store calls it: 51712 for xvda */
    bool readonly;
    bool shareable;
    bool cdrom;         /* device='cdrom': read-only, announced as such */
    struct hv_limit iotune[HV_IOTUNE_COUNT];
    int line;           /* in the XML, 0: not from a file */
};

struct hv_nic {
    char *bridge;
    uint8_t mac[6];     /* generated if the XML gives none */
    char *target;       /* name of the interface in dom0, or NULL: vifDOMID.INDEX */
    char *driver;       /* <driver name=>, or NULL */
    struct hv_bandwidth inbound, outbound; /* as the guest sees it */
    int line;
};

struct hv_vcpupin {
    unsigned vcpu;
    struct hv_cpuset cpus;
};

struct hv_config {
    char *file;             /* where it was read from, NULL: memory */
    char *name;
    uint8_t uuid[16];       /* generated if the XML gives none */
    bool uuid_generated;
    char *title;            /* one line of free text, or NULL */
    char *description;      /* free text, or NULL */
    uint64_t max_kib;       /* <memory> */
    uint64_t current_kib;   /* <currentMemory>, <= max_kib; the same if not given */
    unsigned max_vcpus;     /* <vcpu> */
    unsigned vcpus;         /* <vcpu current=>, 1..max_vcpus */
    struct hv_cpuset cpus;  /* <vcpu cpuset=>, filled if not given: where vCPUs without a pin may run */
    unsigned weight;        /* <cputune><shares>, 256 if not given */
    unsigned cap;           /* <cputune><hv:cap>, percent of one CPU, 0: none */
    struct hv_vcpupin *pins;
    size_t pin_count;
    char *kernel, *initrd, *cmdline;
    enum hv_action on_poweroff, on_reboot, on_crash; /* destroy, restart, destroy if not given */
    struct hv_disk *disks;
    size_t disk_count;
    struct hv_nic *nics;
    size_t nic_count;
    bool console;           /* <console type='pty'>; the ring is there without it, too */
    /* lines for messages of later checks; 0 if not from a file */
    int name_line, uuid_line, memory_line, vcpu_line, kernel_line, initrd_line;
};

/*
 * Reads a file, or `size` bytes of memory (`name` is what messages call it). NULL on failure; err has file
 * and line. `warn` (may be NULL) is called for each libvirt element or value that has no meaning here.
 */
struct hv_config *hv_config_parse_file(const char *path, hv_warn_fn *warn, void *opaque,
                                       struct hv_error *err);
struct hv_config *hv_config_parse(const char *xml, size_t size, const char *name, hv_warn_fn *warn,
                                  void *opaque, struct hv_error *err);
void hv_config_free(struct hv_config *config);

/* A deep copy; NULL when memory is short. */
struct hv_config *hv_config_copy(const struct hv_config *config);

/*
 * Parts alone, for attach and detach: the XML of one <disk> or one <interface>. The result is malloc'ed; free
 * it with hv_disk_free() and hv_nic_free(), which free the structure too.
 */
struct hv_disk *hv_config_parse_disk(const char *xml, size_t size, const char *name, hv_warn_fn *warn,
                                     void *opaque, struct hv_error *err);
struct hv_nic *hv_config_parse_nic(const char *xml, size_t size, const char *name, hv_warn_fn *warn,
                                   void *opaque, struct hv_error *err);
void hv_disk_free(struct hv_disk *disk);
void hv_nic_free(struct hv_nic *nic);

/*
 * Adds a disk or a NIC to a configuration, which takes over what the structure points to (not the structure).
 * -EEXIST if its target or MAC is there already.
 */
int hv_config_add_disk(struct hv_config *config, const struct hv_disk *disk, struct hv_error *err);
int hv_config_add_nic(struct hv_config *config, const struct hv_nic *nic, struct hv_error *err);
/* Removes and frees entry `index`. */
void hv_config_remove_disk(struct hv_config *config, size_t index);
void hv_config_remove_nic(struct hv_config *config, size_t index);

/*
 * The configuration as XML that hv_config_parse() reads to an equal structure. malloc'ed and terminated; NULL
 * when memory is short. `domid` >= 0 adds id='N' to <domain>.
 */
char *hv_config_xml(const struct hv_config *config, int domid);

/*
 * The same as a JSON object (malloc'ed), with the names of the structure's fields. `pretty`: several lines.
 */
char *hv_config_json(const struct hv_config *config, bool pretty);

/*
 * May this be a domain's name? It becomes a file name and a store node: letters, digits and "_.+:@-" but not
 * first "." or "-", 1 to HV_NAME_MAX characters, and not digits alone (that would be a domain id).
 */
bool hv_name_valid(const char *name);

/*
 * Whose back-end and front-end a device is for, of a <driver name=>: "hv" or "stock", which go into the store as they are, or
 * NULL: the name says nothing about that, or there is none.
 */
const char *hv_driver_choice(const char *name);

const char *hv_iotune_name(enum hv_iotune kind); /* "total_bytes_sec", ... */

/*
 * What is wrong with limits that contradict each other, in words; NULL: nothing. A total excludes one for reading or writing
 * alone, and what may pass at once goes with a limit that it is above of.
 */
const char *hv_iotune_check(const struct hv_limit iotune[HV_IOTUNE_COUNT]);
const char *hv_bandwidth_check(const struct hv_bandwidth *bandwidth);
bool hv_disk_is_limited(const struct hv_disk *disk);
bool hv_nic_is_limited(const struct hv_nic *nic);

const char *hv_disk_type_name(enum hv_disk_type type);         /* "file", "block", "network" */
const char *hv_disk_format_name(enum hv_disk_format format);   /* "raw", "qcow2" */

const char *hv_action_name(enum hv_action action); /* "destroy", "rename-restart", ... */

/*
 * Memory size as hvctl takes it: "256M", "1G", "65536" or "65536K" (K is the default), to KiB. -EINVAL,
 * -ERANGE.
 */
int hv_size_parse(const char *text, uint64_t *kib);

#endif
