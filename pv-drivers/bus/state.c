// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose a device is, and whom a state is meant for: what both state machines of state.h ask.
 */
#include "state.h"

#include <linux/module.h>
#include <linux/slab.h>

unsigned int pv_generation_in(const char *folder)
{
    return xenbus_read_unsigned(folder, PV_GENERATION, 0);
}

unsigned int pv_generation(struct xenbus_device *dev)
{
    return pv_generation_in(dev->otherend);
}
EXPORT_SYMBOL_GPL(pv_generation);

void pv_generation_forget(struct xenbus_device *dev)
{
    xenbus_rm(XBT_NIL, dev->nodename, PV_GENERATION);
}
EXPORT_SYMBOL_GPL(pv_generation_forget);

bool pv_same_generation(struct xenbus_device *dev)
{
    unsigned int own = pv_generation_in(dev->nodename), other = pv_generation_in(dev->otherend);

    return !own || !other || own == other;
}

bool pv_is_ours(struct xenbus_device *dev, const char *backend_folder)
{
    char *driver = xenbus_read(XBT_NIL, backend_folder, "driver", NULL);
    bool ours;

    if (IS_ERR(driver))
        return true;
    ours = strcmp(driver, "stock") != 0;
    kfree(driver);
    if (!ours)
        dev_dbg(&dev->dev, "left to the stock driver\n");
    return ours;
}
EXPORT_SYMBOL_GPL(pv_is_ours);
