/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl network-list, network-attach, network-detach: a running domain's network interfaces.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/backend.h>
#include <domain/hotplug.h>

#include "command.h"
#include "device.h"
#include "json.h"

static void show_nic(struct tools *tools, struct json *json, const struct device *device)
{
    char path[STORE_PATH_MAX], *mac, *bridge, *target, fallback[32];
    uint64_t state = 0;

    device_backend(device, path);
    store_read_number(tools->xs, &state, "%s/state", path);
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
        json_text(json, "state", device_state_name(state));
        json_end_object(json);
    } else {
        printf("%5u %-17s %-15s %-15s %s\n", device->number, mac ? mac : "-", bridge ? bridge : "-",
               target ? target : fallback, device_state_name(state));
    }
    free(mac);
    free(bridge);
    free(target);
}

int cmd_network_list(const struct command *self, int argc, char **argv)
{
    bool as_json = false;
    const struct option_row options[] = { { 0, "json", &as_json, NULL }, { 0 } };
    struct json *json = NULL;
    struct domain domain;
    struct tools tools;
    unsigned *numbers, count;

    if (options_parse(self, argc, argv, options, 1, 1) < 0 || !open_tools_and_find(&tools, argv[1], &domain))
        return 1;
    count = device_list(tools.xs, "vif", domain.domid, &numbers);
    if (as_json) {
        json = json_new();
        json_list(json, NULL);
    } else {
        printf("%5s %-17s %-15s %-15s %s\n", "Index", "MAC", "Bridge", "Interface", "State");
    }
    for (unsigned i = 0; i < count; i++)
        show_nic(&tools, json, &(struct device){ "vif", domain.domid, numbers[i] });
    if (json) {
        json_end_list(json);
        json_print(json);
    }
    free(numbers);
    tools_close(&tools);
    return 0;
}

static int attach(struct tools *tools, const struct domain *domain, void *arg, struct hv_error *err)
{
    return hotplug_nic(tools, domain, arg, err);
}

static int attach_xml(const char *domain, const char *path)
{
    struct hv_error err = { 0 };
    struct hv_nic *nic;
    size_t size;
    char *xml = device_read_xml(path, &size);
    int status;

    if (!xml)
        return 1;
    nic = hv_config_parse_nic(xml, size, path, warn_config, NULL, &err);
    free(xml);
    if (!nic)
        return fail_error(&err);
    status = device_change(domain, attach, nic);
    hv_nic_free(nic);
    return status;
}

int cmd_network_attach(const struct command *self, int argc, char **argv)
{
    const char *mac = NULL;
    const struct option_row options[] = { { 0, "mac", NULL, &mac }, { 0 } };
    struct hv_nic nic = { 0 };

    if (options_parse(self, argc, argv, options, 2, 2) < 0)
        return 1;
    if (device_is_xml(argv[2]))
        return mac ? fail("the MAC address is in the XML") : attach_xml(argv[1], argv[2]);
    if (mac ? hv_mac_parse(mac, nic.mac) < 0 : hv_mac_generate(nic.mac) < 0)
        return fail("%s is not a MAC address, as 00:16:3e:01:02:03 is", mac ? mac : "a random number");
    nic.bridge = argv[2];
    return device_change(argv[1], attach, &nic);
}

struct detaching {
    const char *which;
    bool force;
};

static bool is_meant(struct tools *tools, const struct device *device, const char *which)
{
    char path[STORE_PATH_MAX], number[16], *mac;
    bool result;

    snprintf(number, sizeof(number), "%u", device->number);
    mac = store_read(tools->xs, "%s/mac", device_backend(device, path));
    result = !strcmp(number, which) || (mac && !strcasecmp(mac, which));
    free(mac);
    return result;
}

static int detach(struct tools *tools, const struct domain *domain, void *arg, struct hv_error *err)
{
    const struct detaching *d = arg;
    struct device device = { "vif", domain->domid, 0 };
    unsigned *numbers, count = device_list(tools->xs, "vif", domain->domid, &numbers);
    bool found = false;

    for (unsigned i = 0; i < count && !found; i++) {
        device.number = numbers[i];
        found = is_meant(tools, &device, d->which);
    }
    free(numbers);
    if (!found)
        return hv_error_set(err, ENOENT, "`hvctl network-list` shows them",
                            "domain %s has no network interface %s", domain->name, d->which);
    return hotplug_remove(tools, domain, "vif", device.number, d->force, err);
}

int cmd_network_detach(const struct command *self, int argc, char **argv)
{
    struct detaching d = { 0 };
    const struct option_row options[] = { { 0, "force", &d.force, NULL }, { 0 } };

    if (options_parse(self, argc, argv, options, 2, 2) < 0)
        return 1;
    d.which = argv[2];
    return device_change(argv[1], detach, &d);
}
