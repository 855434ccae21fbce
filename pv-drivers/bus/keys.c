// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of keys in the store; see keys.h.
 */
#include "keys.h"

#include <linux/module.h>

#include "state.h"

static unsigned long *value_of(const struct pv_key *key, const void *values)
{
    return (unsigned long *)((char *)values + key->offset);
}

static int read_one(struct xenbus_device *dev, struct xenbus_transaction transaction, const char *folder,
                    const struct pv_key *key, void *values)
{
    unsigned long value;

    if (xenbus_scanf(transaction, folder, key->name, "%lu", &value) != 1)
        value = key->absent;
    if (value < key->min || value > key->max) {
        if (key->strict) {
            pv_dev_error(dev, -EINVAL, "%s/%s is %lu, must be %lu to %lu", folder, key->name, value,
                         key->min, key->max);
            return -EINVAL;
        }
        value = clamp(value, key->min, key->max);
    }
    *value_of(key, values) = value;
    return 0;
}

int pv_keys_write(struct xenbus_device *dev, pv_keys_writer *write, void *data)
{
    struct xenbus_transaction transaction;
    int err;

    do {
        err = xenbus_transaction_start(&transaction);
        if (err)
            return err;
        err = write(dev, transaction, data);
        if (err) {
            xenbus_transaction_end(transaction, 1);
            return err;
        }
        err = xenbus_transaction_end(transaction, 0);
    } while (err == -EAGAIN);
    return err;
}
EXPORT_SYMBOL_GPL(pv_keys_write);

struct table {
    const char *folder;
    const struct pv_key *keys;
    unsigned int count;
    void *values;
};

static int read_table(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data)
{
    const struct table *table = data;
    unsigned int i;
    int err = 0;

    for (i = 0; i < table->count && !err; i++)
        err = read_one(dev, transaction, table->folder, &table->keys[i], table->values);
    return err;
}

/* A transaction that only reads is as much one as one that writes. */
int pv_keys_read(struct xenbus_device *dev, const char *folder, const struct pv_key *keys, unsigned int count,
                 void *values)
{
    struct table table = { folder, keys, count, values };

    return pv_keys_write(dev, read_table, &table);
}
EXPORT_SYMBOL_GPL(pv_keys_read);

int pv_keys_print(struct xenbus_device *dev, struct xenbus_transaction transaction, const struct pv_key *keys,
                  unsigned int count, const void *values)
{
    unsigned int i;

    for (i = 0; i < count; i++) {
        unsigned long value = *value_of(&keys[i], values);
        int err = 0;

        if (value != keys[i].absent)
            err = xenbus_printf(transaction, dev->nodename, keys[i].name, "%lu", value);
        if (err)
            return err;
    }
    return 0;
}
EXPORT_SYMBOL_GPL(pv_keys_print);
