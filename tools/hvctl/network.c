/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl network-list, network-attach, network-detach: a running domain's network interfaces.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/hotplug.h>

#include "device.h"

static void show_nic(struct tools *tools, struct json *json, const struct device *device, const char *state)
{
    char path[STORE_PATH_MAX], *mac, *bridge, *target, fallback[32];

    device_backend(device, path);
    mac = store_read(tools->xs, "%s/mac", path);
    bridge = store_read(tools->xs, "%s/bridge", path);
    target = store_read(tools->xs, "%s/vifname", path);
    snprintf(fallback, sizeof(fallback), "vif%u.%u", device->domid, device->number);
    if (json) {
        json_object(json, NULL);
        json_number(json, "index", device->number);
        json_text(json, "mac", mac);
        json_text(json, "bridge", bridge);
        json_text(json, "interface", target ? target : fallback);
        json_text(json, "state", state);
        json_end_object(json);
    } else {
        printf("%5u %-17s %-15s %-15s %s\n", device->number, mac ? mac : "-", bridge ? bridge : "-",
               target ? target : fallback, state);
    }
    free(mac);
    free(bridge);
    free(target);
}

static bool is_meant(struct tools *tools, const struct device *device, const char *which)
{
    char path[STORE_PATH_MAX], number[16], name[32], *mac, *target;
    bool result;

    snprintf(number, sizeof(number), "%u", device->number);
    snprintf(name, sizeof(name), "vif%u.%u", device->domid, device->number);
    mac = store_read(tools->xs, "%s/mac", device_backend(device, path));
    target = store_read(tools->xs, "%s/vifname", path);
    result = !strcmp(number, which) || !strcmp(target ? target : name, which) || (mac && !strcasecmp(mac, which));
    free(mac);
    free(target);
    return result;
}

static int find_nic(struct tools *tools, const struct domain *domain, const char *which, struct device *device,
                    struct hv_error *err)
{
    unsigned *numbers, count = device_list(tools->xs, "vif", domain->domid, &numbers);
    bool found = false;

    for (unsigned i = 0; i < count && !found; i++) {
        device->number = numbers[i];
        found = is_meant(tools, device, which);
    }
    free(numbers);
    if (found)
        return 0;
    return hv_error_set(err, ENOENT, "`hvctl network-list` shows them",
                        "domain %s has no network interface %s", domain->name, which);
}

static void *parse_nic(const char *xml, size_t size, const char *path, struct hv_error *err)
{
    return hv_config_parse_nic(xml, size, path, warn_config, NULL, err);
}

static void free_nic(void *nic)
{
    hv_nic_free(nic);
}

static int attach_nic(struct tools *tools, const struct domain *domain, const void *nic, struct hv_error *err)
{
    return hotplug_nic(tools, domain, nic, err);
}

const struct device_kind device_interfaces = {
    .name = "vif",
    .title = "Index MAC               Bridge          Interface       State",
    .show = show_nic,
    .find = find_nic,
    .parse = parse_nic,
    .free = free_nic,
    .attach = attach_nic,
};

int cmd_network_list(const struct command *self, int argc, char **argv)
{
    return device_cmd_list(self, argc, argv, &device_interfaces);
}

int cmd_network_attach(const struct command *self, int argc, char **argv)
{
    const char *mac = NULL, *driver = NULL;
    const struct option_row options[] = { { 0, "mac", NULL, &mac }, { 0, "driver", NULL, &driver }, { 0 } };
    struct hv_nic nic = { 0 };

    if (options_parse(self, argc, argv, options, 2, 2) < 0 || !device_driver(driver, &nic.driver))
        return 1;
    if (device_is_xml(argv[2]))
        return mac || driver ? fail("options are for a BRIDGE: what is in %s says all", argv[2])
                             : device_attach_xml(&device_interfaces, argv[1], argv[2]);
    if (mac ? hv_mac_parse(mac, nic.mac) < 0 : hv_mac_generate(nic.mac) < 0)
        return fail("%s is not a MAC address, as 00:16:3e:01:02:03 is", mac ? mac : "a random number");
    nic.bridge = argv[2];
    return device_attach(&device_interfaces, argv[1], &nic);
}

int cmd_network_detach(const struct command *self, int argc, char **argv)
{
    return device_cmd_detach(self, argc, argv, &device_interfaces);
}
