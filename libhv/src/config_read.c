/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <domain>: a table of readers, one per part, each of which leaves the structure valid in that part or fails.
 *
 * The names were checked before (config_words.c), so an element that is not looked for here has no effect.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/device.h>

#include "config_devices.h"
#include "config_read.h"
#include "config_value.h"

#define WEIGHT_DEFAULT 256
#define QUOTA_PERIOD_DEFAULT 100000 /* microseconds, libvirt's */

static int read_type(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    char *type = reader_attribute(domain, "type");
    bool good = type && !strcmp(type, "xen");
    int ret = 0;

    (void)config;
    if (!good)
        ret = reader_error(r, domain, "write <domain type='xen'>", "domain type \"%s\" is not supported",
                           type ? type : "");
    free(type);
    return ret;
}

static int read_name(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    const xmlNode *node = reader_child(domain, "name");

    if (!node)
        return reader_error(r, domain, "add <name>", "the domain has no name");
    config->name = reader_text(node);
    config->name_line = reader_line(node);
    if (!config->name)
        return reader_no_memory(r);
    if (!hv_name_valid(config->name))
        return reader_error(r, node,
                            "use 1 to 63 letters, digits and _.+:@- (not digits alone, not . or - first)",
                            "\"%s\" cannot be a domain's name", config->name);
    return 0;
}

static int read_uuid(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    const xmlNode *node = reader_child(domain, "uuid");
    char *text;
    int ret;

    if (!node) {
        config->uuid_generated = true;
        return hv_uuid_generate(config->uuid) ?
               reader_error(r, domain, NULL, "cannot make a UUID: no random numbers") : 0;
    }
    text = reader_text(node);
    if (!text)
        return reader_no_memory(r);
    config->uuid_line = reader_line(node);
    ret = hv_uuid_parse(text, config->uuid) || hv_uuid_is_zero(config->uuid) ?
          reader_error(r, node, "leave it out to have one made", "\"%s\" is not a UUID", text) : 0;
    free(text);
    return ret;
}

/* Free text that is only kept. */
static int read_note(struct reader *r, const xmlNode *domain, const char *name, bool lines, char **to)
{
    const xmlNode *node = reader_child(domain, name);

    if (!node)
        return 0;
    reader_warn(r, node, "<%s> is kept but has no effect here", name);
    *to = reader_text(node);
    if (!*to)
        return reader_no_memory(r);
    if (!value_text_valid(*to, lines))
        return reader_error(r, node, NULL, "<%s> holds control characters", name);
    return 0;
}

static int read_notes(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    int ret = read_note(r, domain, "title", false, &config->title);

    return ret ? ret : read_note(r, domain, "description", true, &config->description);
}

static int read_size(struct reader *r, const xmlNode *node, uint64_t *kib)
{
    char *text = reader_text(node), *unit = reader_attribute(node, "unit");
    unsigned long long number;
    int ret;

    if (!text)
        ret = reader_no_memory(r);
    else if (!reader_number(text, 0, ~0ULL, &number))
        ret = reader_error(r, node, NULL, "\"%s\" is not a size in memory", text);
    else if ((ret = value_memory(number, unit, kib)) == -EINVAL)
        ret =
            reader_error(r, node, "use KiB, MiB or GiB", "\"%s\" is not a unit of memory", unit ? unit : "");
    else if (ret == -ERANGE)
        ret = reader_error(r, node, NULL, "%s %s of memory are more than a domain can have", text,
                           unit ? unit : "KiB");
    else if (*kib < 1024)
        ret = reader_error(r, node, "the unit is KiB if none is given", "%s %s of memory are too little",
                           text, unit ? unit : "KiB");
    free(text);
    free(unit);
    return ret;
}

static int read_memory(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    const xmlNode *memory = reader_child(domain, "memory"), *current = reader_child(domain, "currentMemory");
    int ret;

    if (!memory)
        return reader_error(r, domain, "add <memory unit='MiB'>", "the domain has no memory");
    config->memory_line = reader_line(memory);
    ret = read_size(r, memory, &config->max_kib);
    config->max_kib &= ~3ULL; /* whole pages */
    config->current_kib = config->max_kib;
    if (ret || !current)
        return ret;
    ret = read_size(r, current, &config->current_kib);
    config->current_kib &= ~3ULL;
    if (!ret && config->current_kib > config->max_kib)
        ret = reader_error(r, current, "raise <memory> or lower <currentMemory>",
                           "<currentMemory> is more than <memory>");
    return ret;
}

/* An attribute that is a number in a range; `value` is left alone if there is none. */
static int read_attribute_number(struct reader *r, const xmlNode *node, const char *name, unsigned low,
                                 unsigned high, unsigned *value)
{
    char *text = reader_attribute(node, name);
    unsigned long long number;
    int ret = 0;

    if (text && !reader_number(text, low, high, &number))
        ret = reader_error(r, node, NULL, "%s=\"%s\" of <%s> is not a number from %u to %u", name, text,
                           node->name, low, high);
    else if (text)
        *value = (unsigned)number;
    free(text);
    return ret;
}

static int read_text_number(struct reader *r, const xmlNode *node, unsigned long long low,
                            unsigned long long high, unsigned long long *value)
{
    char *text = reader_text(node);
    int ret = 0;

    if (!text)
        return reader_no_memory(r);
    if (!reader_number(text, low, high, value))
        ret = reader_error(r, node, NULL, "\"%s\" in <%s> is not a number from %llu to %llu", text,
                           node->name, low, high);
    free(text);
    return ret;
}

static int read_cpuset(struct reader *r, const xmlNode *node, const char *name, struct hv_cpuset *set)
{
    char *text = reader_attribute(node, name);
    int ret = 0;

    if (text && hv_cpuset_parse(text, set))
        ret = reader_error(r, node, "write it as 0-3,^2,5", "\"%s\" is not a set of CPUs", text);
    free(text);
    return ret;
}

static int read_vcpu(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    const xmlNode *node = reader_child(domain, "vcpu");
    unsigned long long number = 1;
    char *placement = reader_attribute(node, "placement");
    int ret = 0;

    hv_cpuset_fill(&config->cpus);
    config->max_vcpus = config->vcpus = 1;
    if (placement && strcmp(placement, "static"))
        reader_warn(r, node, "placement \"%s\" has no effect here", placement);
    free(placement);
    if (!node)
        return 0;
    config->vcpu_line = reader_line(node);
    ret = read_text_number(r, node, 1, HV_VCPUS_MAX, &number);
    config->max_vcpus = config->vcpus = (unsigned)number;
    if (!ret)
        ret = read_attribute_number(r, node, "current", 1, config->max_vcpus, &config->vcpus);
    if (!ret)
        ret = read_cpuset(r, node, "cpuset", &config->cpus);
    return ret;
}

static int read_pin(struct reader *r, const xmlNode *node, struct hv_config *config)
{
    struct hv_vcpupin pin = { .vcpu = HV_VCPUS_MAX }, *grown;
    int ret = read_attribute_number(r, node, "vcpu", 0, config->max_vcpus - 1, &pin.vcpu);

    if (ret)
        return ret;
    if (pin.vcpu == HV_VCPUS_MAX || !xmlHasProp((xmlNode *)node, (const xmlChar *)"cpuset"))
        return reader_error(r, node, NULL, "<vcpupin> needs vcpu='...' and cpuset='...'");
    for (size_t i = 0; i < config->pin_count; i++)
        if (config->pins[i].vcpu == pin.vcpu)
            return reader_error(r, node, "remove one of them", "vCPU %u is pinned twice", pin.vcpu);
    ret = read_cpuset(r, node, "cpuset", &pin.cpus);
    if (ret)
        return ret;
    grown = realloc(config->pins, (config->pin_count + 1) * sizeof(*grown));
    if (!grown)
        return reader_no_memory(r);
    config->pins = grown;
    config->pins[config->pin_count++] = pin;
    return 0;
}

/*
 * A cap is said for the domain, in percent of a CPU, by hv's own element; or as in libvirt for each vCPU, by
 * a quota of microseconds in each period.
 */
static int read_cap(struct reader *r, const xmlNode *tune, struct hv_config *config)
{
    const xmlNode *cap = reader_own_child(tune, "cap"), *quota = reader_child(tune, "quota");
    const xmlNode *period = reader_child(tune, "period");
    unsigned long long percent = 0, time = 0, of = QUOTA_PERIOD_DEFAULT;
    char *text = quota ? reader_text(quota) : NULL;
    bool unlimited = text && text[0] == '-';
    int ret = 0;

    free(text);
    if (cap && quota)
        return reader_error(r, quota, "remove one of them", "<quota> and <hv:cap> say the same");
    if (cap)
        ret = read_text_number(r, cap, 0, 100 * config->max_vcpus, &percent);
    else if (quota && !unlimited)
        ret = read_text_number(r, quota, 1000, 17592186044415ULL, &time);
    if (!ret && period)
        ret = read_text_number(r, period, 1000, 1000000, &of);
    if (!ret && time)
        percent = (time * 100 * config->max_vcpus + of - 1) / of;
    if (!ret && percent >= 100 * config->max_vcpus)
        percent = 0; /* no more than all vCPUs together could use anyway */
    config->cap = (unsigned)percent;
    return ret;
}

static int read_cputune(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    const xmlNode *tune = reader_child(domain, "cputune"), *shares = reader_child(tune, "shares"), *pin;
    unsigned long long weight = WEIGHT_DEFAULT;
    int ret = 0;

    if (shares)
        ret = read_text_number(r, shares, 1, 65535, &weight);
    config->weight = (unsigned)weight;
    if (!ret)
        ret = read_cap(r, tune, config);
    for (pin = reader_child(tune, "vcpupin"); pin && !ret; pin = reader_element(pin->next, "vcpupin"))
        ret = read_pin(r, pin, config);
    return ret;
}

static int read_os_type(struct reader *r, const xmlNode *os)
{
    const xmlNode *node = reader_child(os, "type");
    char *type, *arch;
    int ret = 0;

    if (!node)
        return reader_error(r, os, "add <type>linux</type>", "<os> has no <type>");
    type = reader_text(node);
    arch = reader_attribute(node, "arch");
    if (!type)
        ret = reader_no_memory(r);
    else if (strcmp(type, "linux") && strcmp(type, "xen"))
        ret = reader_error(r, node, "only paravirtualized guests run here: <type>linux</type>",
                           "guests of type \"%s\" are not supported", type);
    else if (arch && strcmp(arch, "x86_64"))
        ret = reader_error(r, node, "use arch='x86_64'", "guests for \"%s\" are not supported", arch);
    free(type);
    free(arch);
    return ret;
}

static int read_path(struct reader *r, const xmlNode *node, char **path, int *line)
{
    if (!node)
        return 0;
    *line = reader_line(node);
    *path = reader_text(node);
    if (!*path)
        return reader_no_memory(r);
    if (!value_path_valid(*path))
        return reader_error(r, node, "give the path from / on", "\"%s\" in <%s> is not an absolute path",
                            *path, node->name);
    return 0;
}

static int read_cmdline(struct reader *r, const xmlNode *os, struct hv_config *config)
{
    const xmlNode *node = reader_child(os, "cmdline");

    if (!node)
        return 0;
    config->cmdline = reader_text(node);
    if (!config->cmdline)
        return reader_no_memory(r);
    if (strlen(config->cmdline) > HV_CMDLINE_MAX)
        return reader_error(r, node, "shorten it", "<cmdline> is longer than %u characters", HV_CMDLINE_MAX);
    if (!value_text_valid(config->cmdline, false))
        return reader_error(r, node, "write it on one line", "<cmdline> holds control characters");
    return 0;
}

static int read_os(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    const xmlNode *os = reader_child(domain, "os");
    int ret;

    if (!os)
        return reader_error(r, domain, "add <os> with <type>linux</type> and <kernel>",
                            "the domain has no <os>");
    ret = read_os_type(r, os);
    if (!ret)
        ret = read_path(r, reader_child(os, "kernel"), &config->kernel, &config->kernel_line);
    if (!ret && !config->kernel)
        ret = reader_error(r, os, "add <kernel>: guests are booted from a kernel file here",
                           "<os> has no <kernel>");
    if (!ret)
        ret = read_path(r, reader_child(os, "initrd"), &config->initrd, &config->initrd_line);
    if (!ret)
        ret = read_cmdline(r, os, config);
    return ret;
}

static int read_action(struct reader *r, const xmlNode *domain, const char *name, enum hv_action *action)
{
    const xmlNode *node = reader_child(domain, name);
    char *text;
    int ret = 0;

    if (!node)
        return 0;
    text = reader_text(node);
    if (!text)
        return reader_no_memory(r);
    if (!value_action(text, !strcmp(name, "on_crash"), action))
        ret = reader_error(r, node, "use destroy, restart, preserve or rename-restart",
                           "<%s> cannot be \"%s\"", name, text);
    else if (*action >= HV_ACTION_COREDUMP_DESTROY)
        reader_warn(r, node, "no core is written: \"%s\" is taken for \"%s\"", text, strchr(text, '-') + 1);
    free(text);
    return ret;
}

static int read_actions(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    int ret;

    config->on_poweroff = HV_ACTION_DESTROY;
    config->on_reboot = HV_ACTION_RESTART;
    config->on_crash = HV_ACTION_DESTROY;
    ret = read_action(r, domain, "on_poweroff", &config->on_poweroff);
    if (!ret)
        ret = read_action(r, domain, "on_reboot", &config->on_reboot);
    return ret ? ret : read_action(r, domain, "on_crash", &config->on_crash);
}

static int add_disk(struct reader *r, const xmlNode *node, struct hv_config *config)
{
    struct hv_disk disk = { 0 };
    int ret;

    if (config_disk_is_empty_drive(node)) {
        reader_warn(r, node, "a drive without a medium is left out");
        return 0;
    }
    ret = config_read_disk(r, node, &disk);
    if (!ret)
        ret = hv_config_add_disk(config, &disk, r->err);
    if (ret)
        disk_clear(&disk);
    return ret;
}

static int add_nic(struct reader *r, const xmlNode *node, struct hv_config *config)
{
    struct hv_nic nic = { 0 };
    int ret = config_read_nic(r, node, &nic);

    if (!ret)
        ret = hv_config_add_nic(config, &nic, r->err);
    if (ret)
        nic_clear(&nic);
    return ret;
}

static int add_console(struct reader *r, const xmlNode *node, struct hv_config *config)
{
    char *type = reader_attribute(node, "type");
    int ret = 0;

    if (type && strcmp(type, "pty"))
        ret = reader_error(r, node, "use type='pty'; `hvctl console` attaches to it",
                           "console type \"%s\" is not supported", type);
    free(type);
    config->console = true;
    return ret;
}

static int read_devices(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    static const struct {
        const char *name;
        int (*add)(struct reader *r, const xmlNode *node, struct hv_config *config);
    } kinds[] = { { "disk", add_disk }, { "interface", add_nic }, { "console", add_console } };
    const xmlNode *devices = reader_child(domain, "devices"), *node;
    int ret = 0;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        for (node = reader_child(devices, kinds[i].name); node && !ret;
             node = reader_element(node->next, kinds[i].name))
            ret = kinds[i].add(r, node, config);
    return ret;
}

int config_read(struct reader *r, const xmlNode *domain, struct hv_config *config)
{
    static int (*const parts[])(struct reader * r, const xmlNode *domain, struct hv_config *config) = {
        read_type, read_name,    read_uuid, read_notes,   read_memory,
        read_vcpu, read_cputune, read_os,   read_actions, read_devices,
    };
    int ret = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !ret; i++)
        ret = parts[i](r, domain, config);
    return ret;
}
