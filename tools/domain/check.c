/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The checks in front of a creation, each with the line of the XML it is about.
 */
#include "check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain.h"
#include "vbd.h"
#include "vif.h"

struct hv_build check_build_wish(const struct hv_config *config)
{
    struct hv_build wish = {
        .name = config->name,
        .kernel = config->kernel,
        .initrd = config->initrd,
        .cmdline = config->cmdline,
        .max_kib = config->max_kib,
        .current_kib = config->current_kib,
        .max_vcpus = config->max_vcpus,
    };

    memcpy(wish.uuid, config->uuid, sizeof(wish.uuid));
    return wish;
}

static int check_file(const struct hv_config *config, const char *path, int line, const char *what,
                      const char *element, struct hv_error *err)
{
    char hint[64];
    struct stat st;
    int error = 0;

    snprintf(hint, sizeof(hint), "check <%s> in <os>", element);
    if (stat(path, &st) < 0 || access(path, R_OK))
        error = errno;
    else if (!S_ISREG(st.st_mode))
        error = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    if (error)
        return hv_error_at(err, error, config->file, line, hint, "cannot read the %s %s: %s", what, path,
                           strerror(error));
    return 0;
}

/* Adds file and line to an error that was found by someone who knows just the structure. */
static int at_line(const struct hv_config *config, int line, int ret, struct hv_error *err)
{
    if (ret < 0 && err && !err->file[0] && config->file) {
        snprintf(err->file, sizeof(err->file), "%s", config->file);
        err->line = line;
    }
    return ret;
}

static int check_kernel(const struct hv_config *config, unsigned how, struct hv_error *err)
{
    struct hv_build wish = check_build_wish(config);
    int ret = check_file(config, config->kernel, config->kernel_line, "kernel", "kernel", err);

    if (!ret && config->initrd)
        ret = check_file(config, config->initrd, config->initrd_line, "initramfs", "initrd", err);
    if (!ret && how & CHECK_KERNEL)
        ret = at_line(config, config->kernel_line, hv_build_check(&wish, err), err);
    return ret;
}

static int check_unique(struct tools *tools, const struct hv_config *config, struct hv_error *err)
{
    struct domain *list;
    int count, ret = 0;

    if (!tools->hv || !tools->xs)
        return 0;
    count = domain_list(tools, &list, err);
    for (int i = 0; i < count && !ret; i++) {
        if (!strcmp(list[i].name, config->name))
            ret = hv_error_at(err, EEXIST, config->file, config->name_line,
                              "choose another <name>, or `hvctl destroy` it",
                              "there is a domain %s already, with id %u", config->name, list[i].domid);
        else if (!memcmp(list[i].uuid, config->uuid, 16))
            ret =
                hv_error_at(err, EEXIST, config->file, config->uuid_line, "leave out <uuid> to get a new one",
                            "domain %s (id %u) has this UUID already", list[i].name, list[i].domid);
    }
    free(list);
    return count < 0 ? count : ret;
}

static int check_memory(struct tools *tools, const struct hv_config *config, struct hv_error *err)
{
    uint64_t free_kib;
    int ret;

    if (!tools->hv)
        return 0;
    ret = hv_host_free_kib(tools->hv, &free_kib, err);
    if (!ret && free_kib < config->current_kib)
        ret = hv_error_at(err, ENOMEM, config->file, config->memory_line,
                          "lower <memory>, or stop another domain",
                          "not enough memory: %" PRIu64 " KiB are wanted, %" PRIu64 " KiB are free",
                          config->current_kib, free_kib);
    return ret;
}

int check_config(struct tools *tools, const struct hv_config *config, unsigned how, struct hv_error *err)
{
    int ret = check_kernel(config, how, err);

    if (!ret)
        ret = check_unique(tools, config, err);
    for (size_t i = 0; i < config->disk_count && !ret; i++)
        ret = vbd_check(tools, &config->disks[i], config->file, err);
    for (size_t i = 0; i < config->nic_count && !ret; i++)
        ret = vif_check(&config->nics[i], config->file, err);
    if (!ret)
        ret = check_memory(tools, config, err);
    return ret;
}
