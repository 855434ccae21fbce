/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The nodes a PV guest and the tools expect of a domain.
 */
#include "nodes.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static void number(struct store_batch *batch, uint64_t value, unsigned domid, const char *name)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    store_batch_write(batch, text, "/local/domain/%u/%s", domid, name);
}

static void identity(struct store_batch *batch, const struct hv_config *config, unsigned domid)
{
    char uuid[HV_UUID_TEXT], vm[64], text[24];

    hv_uuid_text(config->uuid, uuid);
    snprintf(vm, sizeof(vm), "/vm/%s", uuid);
    store_batch_node(batch, domid, STORE_GUEST_READ, "/local/domain/%u", domid);
    store_batch_write(batch, config->name, "/local/domain/%u/name", domid);
    store_batch_write(batch, vm, "/local/domain/%u/vm", domid);
    number(batch, domid, domid, "domid");

    store_batch_node(batch, domid, STORE_GUEST_READ, "%s", vm);
    store_batch_write(batch, config->name, "%s/name", vm);
    store_batch_write(batch, uuid, "%s/uuid", vm);
    store_batch_write(batch, "linux", "%s/image/ostype", vm);
    store_batch_write(batch, config->kernel, "%s/image/kernel", vm);
    snprintf(text, sizeof(text), "%lld", (long long)time(NULL));
    store_batch_write(batch, text, "%s/start_time", vm);
}

static void guest_writes(struct store_batch *batch, unsigned domid)
{
    static const char *const own[] = {
        "control/shutdown", "control/feature-poweroff", "control/feature-reboot", "control/feature-suspend",
        "control/sysrq", "device/suspend/event-channel", "data", "drivers", "feature", "attr", "error",
    };

    store_batch_node(batch, domid, STORE_GUEST_READ, "/local/domain/%u/control", domid);
    store_batch_write(batch, "1", "/local/domain/%u/control/platform-feature-multiprocessor-suspend", domid);
    store_batch_write(batch, "1", "/local/domain/%u/control/platform-feature-xs_reset_watches", domid);
    store_batch_node(batch, domid, STORE_GUEST_READ, "/local/domain/%u/device", domid);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        store_batch_node(batch, domid, STORE_GUEST_OWN, "/local/domain/%u/%s", domid, own[i]);
}

void nodes_of_domain(struct store_batch *batch, const struct hv_config *config, const struct hv_built *built)
{
    unsigned domid = built->domid;
    char name[64];

    identity(batch, config, domid);
    guest_writes(batch, domid);
    number(batch, config->max_kib, domid, "memory/static-max");
    number(batch, config->current_kib, domid, "memory/target");
    for (unsigned i = 0; i < config->max_vcpus; i++)
        store_batch_write(batch, i < config->vcpus ? "online" : "offline",
                          "/local/domain/%u/cpu/%u/availability", domid, i);
    number(batch, built->store_mfn, domid, "store/ring-ref");
    number(batch, built->store_port, domid, "store/port");
    store_batch_node(batch, domid, STORE_GUEST_READ, "/local/domain/%u/console", domid);
    number(batch, built->console_mfn, domid, "console/ring-ref");
    number(batch, built->console_port, domid, "console/port");
    number(batch, 0, domid, "console/backend-id");
    snprintf(name, sizeof(name), "/local/domain/%u/console/type", domid);
    store_batch_write(batch, "xenconsoled", "%s", name);
}

int nodes_remove(struct xs_handle *xs, unsigned domid, const uint8_t uuid[16], struct hv_error *err)
{
    char text[HV_UUID_TEXT];
    int ret = store_remove(xs, err, "/local/domain/0/backend/vbd/%u", domid);

    if (!ret)
        ret = store_remove(xs, err, "/local/domain/0/backend/vif/%u", domid);
    if (!ret && !hv_uuid_is_zero(uuid))
        ret = store_remove(xs, err, "/vm/%s", hv_uuid_text(uuid, text));
    /* Last, as it is what the rest is found by. */
    return ret ? ret : store_remove(xs, err, "/local/domain/%u", domid);
}
