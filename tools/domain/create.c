/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making a domain.
 */
#include "create.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "nodes.h"
#include "record.h"
#include "vbd.h"
#include "vif.h"

struct creation {
    struct tools *tools;
    const struct hv_config *config;
    struct hv_built built;
    struct vbd *vbds;
    size_t vbds_open;
};

static int open_disks(struct creation *c, struct hv_error *err)
{
    const struct hv_config *config = c->config;

    c->vbds = calloc(config->disk_count + 1, sizeof(*c->vbds));
    if (!c->vbds)
        return hv_error_set(err, ENOMEM, NULL, "out of memory");
    for (; c->vbds_open < config->disk_count; c->vbds_open++) {
        int ret = vbd_prepare(&config->disks[c->vbds_open], c->built.domid, &c->vbds[c->vbds_open], err);

        if (ret < 0 && err && config->file && !err->file[0]) {
            snprintf(err->file, sizeof(err->file), "%s", config->file);
            err->line = config->disks[c->vbds_open].line;
        }
        if (ret < 0)
            return ret;
    }
    return 0;
}

static void close_disks(struct creation *c)
{
    while (c->vbds_open)
        vbd_release(&c->vbds[--c->vbds_open]);
    free(c->vbds);
}

static int write_nodes(struct creation *c, struct hv_error *err)
{
    struct store_batch batch = { 0 };

    nodes_of_domain(&batch, c->config, &c->built);
    for (size_t i = 0; i < c->config->disk_count; i++)
        vbd_nodes(&batch, &c->vbds[i], c->built.domid);
    for (size_t i = 0; i < c->config->nic_count; i++)
        vif_nodes(&batch, &c->config->nics[i], c->built.domid, (unsigned)i);
    return store_batch_commit(&batch, c->tools->xs, err);
}

static int introduce(struct creation *c, struct hv_error *err)
{
    const struct hv_built *b = &c->built;

    if (xs_introduce_domain(c->tools->xs, b->domid, b->store_mfn, b->store_port))
        return 0;
    return hv_error_set(err, errno, "see the store daemon's log", "the store refuses domain %u: %s", b->domid,
                        strerror(errno));
}

static int wait_devices(struct creation *c, struct hv_error *err)
{
    int ret = 0;

    for (size_t i = 0; i < c->config->disk_count && !ret; i++)
        ret = vbd_wait(c->tools, &c->vbds[i], c->built.domid, err);
    for (size_t i = 0; i < c->config->nic_count && !ret; i++)
        ret = vif_connect(c->tools, &c->config->nics[i], c->built.domid, (unsigned)i, err);
    return ret;
}

static bool is_full(const struct hv_cpuset *set)
{
    struct hv_cpuset full;

    hv_cpuset_fill(&full);
    return !memcmp(&full, set, sizeof(full));
}

static int set_scheduling(struct creation *c, struct hv_error *err)
{
    const struct hv_config *config = c->config;
    struct hv_sched_params params = { config->weight, config->cap };
    int ret = 0;

    if (config->weight != 256 || config->cap)
        ret = hv_sched_set(c->tools->hv, c->built.domid, &params, err);
    for (unsigned i = 0; i < config->max_vcpus && !ret && !is_full(&config->cpus); i++)
        ret = hv_vcpu_set_affinity(c->tools->hv, c->built.domid, i, &config->cpus, err);
    for (size_t i = 0; i < config->pin_count && !ret; i++)
        ret = hv_vcpu_set_affinity(c->tools->hv, c->built.domid, config->pins[i].vcpu, &config->pins[i].cpus,
                                   err);
    return ret;
}

static int build(struct creation *c, struct hv_error *err)
{
    struct hv_build wish = check_build_wish(c->config);
    int ret = hv_build_pv(c->tools->hv, &wish, &c->built, err);

    /* Everything else it may refuse has been checked: what is left is about the kernel. */
    if (ret < 0 && err && c->config->file && !err->file[0] && (ret == -ENOEXEC || ret == -ENOSPC)) {
        strncpy(err->file, c->config->file, sizeof(err->file) - 1);
        err->line = c->config->kernel_line;
    }
    return ret;
}

static void undo_domain(struct creation *c)
{
    struct domain domain = { .domid = c->built.domid, .exists = true };

    memcpy(domain.uuid, c->config->uuid, sizeof(domain.uuid));
    domain_destroy(c->tools, &domain, NULL);
}

int domain_create(struct tools *tools, const struct hv_config *config, unsigned *domid, struct hv_error *err)
{
    struct creation c = { .tools = tools, .config = config };
    int ret;

    domain_sweep(tools);
    ret = check_config(tools, config, 0, err);
    if (ret < 0)
        return ret;
    ret = record_write(config, err);
    if (ret < 0)
        return ret;
    ret = build(&c, err);
    if (ret < 0)
        goto remove_record;
    ret = set_scheduling(&c, err);
    if (!ret)
        ret = open_disks(&c, err);
    if (!ret)
        ret = write_nodes(&c, err);
    if (!ret)
        ret = introduce(&c, err);
    if (!ret)
        ret = wait_devices(&c, err);
    close_disks(&c);
    if (ret < 0)
        goto destroy;
    *domid = c.built.domid;
    return 0;

destroy:
    undo_domain(&c);
remove_record:
    record_remove(config->uuid);
    return ret;
}
