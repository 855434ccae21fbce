/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers in the store that the two ends of a device agree by: features, limits, sizes.
 *
 * A driver names its keys in one table, with what an absent key means and what is acceptable. All keys of a
 * table are read in one transaction, and so belong together. The other end is not trusted: a number outside
 * its bounds is brought inside them, or refused where only an exact number makes sense.
 */
#ifndef HV_PV_KEYS_H
#define HV_PV_KEYS_H

#include <xen/xenbus.h>

struct pv_key {
    const char *name;
    size_t offset;          /* of an unsigned long in the structure that the table describes */
    unsigned long absent;   /* what it means if the key is not there */
    unsigned long min, max; /* bounds */
    bool strict;            /* what is out of bounds is refused, not brought inside */
};

#define PV_KEY(type, member, key, if_absent, low, high) \
    { .name = (key), .offset = offsetof(type, member), .absent = (if_absent), .min = (low), .max = (high) }
#define PV_KEY_STRICT(type, member, key, if_absent, low, high) \
    { .name = (key), .offset = offsetof(type, member), .absent = (if_absent), .min = (low), .max = (high), \
      .strict = true }

/*
 * Reads a table's keys from folder into `values`. 0, -EINVAL with the reason in the store and the log, or
 * -errno.
 */
int pv_keys_read(struct xenbus_device *dev, const char *folder, const struct pv_key *keys, unsigned int count,
                 void *values);

/*
 * Writes to this device's folder, in one transaction that is begun again if the store asks for it. `write`
 * calls xenbus_printf() and the like with `transaction` and returns the first error; it may run several
 * times.
 */
typedef int pv_keys_writer(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data);
int pv_keys_write(struct xenbus_device *dev, pv_keys_writer *write, void *data);

/* For such a function: writes those keys of a table whose value is not what their absence means. */
int pv_keys_print(struct xenbus_device *dev, struct xenbus_transaction transaction, const struct pv_key *keys,
                  unsigned int count, const void *values);

#endif
