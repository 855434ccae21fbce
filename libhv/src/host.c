/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine and the hypervisor: version strings, sizes, the log.
 */
#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <public/xen.h>
#include <public/hv.h>
#include <public/sysctl.h>
#include <public/version.h>

#include <libhv/host.h>

#include "handle.h"

/*
 * The forced-emulation prefix: in front of CPUID it asks the hypervisor, not the processor (a fact of the PV
 * ABI).
 */
#define FORCED_EMULATION ".byte 0x0f,0x0b,0x78,0x65,0x6e;"

static int failed(struct hv_error *err, long ret, const char *what)
{
    return hv_error_set(err, (int)-ret, call_hint((int)-ret), "cannot %s: %s", what, strerror((int)-ret));
}

static bool running_on_hv(void)
{
    uint32_t a = HV_CPUID_LEAF(0), b = 0, c = 0, d = 0;

    __asm__ volatile(FORCED_EMULATION "cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return b == HV_CPUID_SIGNATURE_EBX && c == HV_CPUID_SIGNATURE_ECX && d == HV_CPUID_SIGNATURE_EDX;
}

/* A text that xen_version returns, terminated whatever the hypervisor wrote. */
static void version_text(struct hv *hv, unsigned cmd, char *text, size_t size)
{
    memset(text, 0, size);
    if (call_with(hv, __HYPERVISOR_xen_version, cmd, 0, text, size, 1) < 0)
        text[0] = 0;
    text[size - 1] = 0;
}

static void compile_texts(struct hv *hv, struct hv_host_info *info)
{
    struct xen_compile_info build = { 0 };

    if (call_with(hv, __HYPERVISOR_xen_version, XENVER_compile_info, 0, &build, sizeof(build), 1) < 0)
        return;
    memcpy(info->compiler, build.compiler, sizeof(build.compiler));
    memcpy(info->compile_by, build.compile_by, sizeof(build.compile_by));
    memcpy(info->compile_domain, build.compile_domain, sizeof(build.compile_domain));
    memcpy(info->compile_date, build.compile_date, sizeof(build.compile_date));
    info->compiler[sizeof(info->compiler) - 1] = 0;
    info->compile_by[sizeof(info->compile_by) - 1] = 0;
    info->compile_domain[sizeof(info->compile_domain) - 1] = 0;
    info->compile_date[sizeof(info->compile_date) - 1] = 0;
}

int hv_host_info(struct hv *hv, struct hv_host_info *info, struct hv_error *err)
{
    struct xen_platform_parameters params = { 0 };
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };
    const struct xen_sysctl_physinfo *phys = &op.u.physinfo;
    long ret = hv_hypercall(hv, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);

    memset(info, 0, sizeof(*info));
    if (ret < 0)
        return failed(err, ret, "read the hypervisor's version");
    info->version_major = (unsigned)ret >> 16;
    info->version_minor = (unsigned)ret & 0xffff;
    version_text(hv, XENVER_extraversion, info->extra_version, sizeof(info->extra_version));
    version_text(hv, XENVER_capabilities, info->capabilities, sizeof(info->capabilities));
    version_text(hv, XENVER_changeset, info->changeset, sizeof(info->changeset));
    version_text(hv, XENVER_commandline, info->command_line, sizeof(info->command_line));
    compile_texts(hv, info);
    if (call_with(hv, __HYPERVISOR_xen_version, XENVER_platform_parameters, 0, &params, sizeof(params),
                     1) >= 0)
        info->virt_start = params.virt_start;
    info->is_hv = running_on_hv();

    ret = hv_sysctl(hv, &op);
    if (ret < 0)
        return failed(err, ret, "read the machine's sizes");
    info->threads_per_core = phys->threads_per_core;
    info->cores_per_socket = phys->cores_per_socket;
    info->cpus = phys->nr_cpus;
    info->max_cpu_id = phys->max_cpu_id;
    info->nodes = phys->nr_nodes;
    info->cpu_khz = phys->cpu_khz;
    info->total_kib = HV_PAGES_TO_KIB(phys->total_pages);
    info->free_kib = HV_PAGES_TO_KIB(phys->free_pages);
    info->scrub_kib = HV_PAGES_TO_KIB(phys->scrub_pages);
    info->outstanding_kib = HV_PAGES_TO_KIB(phys->outstanding_pages);
    return 0;
}

int hv_host_free_kib(struct hv *hv, uint64_t *free_kib, struct hv_error *err)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };
    int ret = hv_sysctl(hv, &op);

    if (ret < 0)
        return failed(err, ret, "read how much memory is free");
    *free_kib = HV_PAGES_TO_KIB(op.u.physinfo.free_pages);
    return 0;
}

#define LOG_CHUNK (4 * HV_PAGE_SIZE)
#define LOG_MAX   (16UL << 20) /* no ring is larger; ends the loop if the log grows as fast as it is read */

/* Reads what is there from *index on into `buffer`. Returns the number of bytes. */
static long log_chunk(struct hv *hv, bool clear, uint32_t *index, char *buffer)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
    int ret;

    op.u.readconsole.clear = clear;
    op.u.readconsole.incremental = 1;
    op.u.readconsole.index = *index;
    op.u.readconsole.buffer.p = buffer;
    op.u.readconsole.count = LOG_CHUNK;
    ret = hv_sysctl(hv, &op);
    if (ret < 0)
        return ret;
    *index = op.u.readconsole.index;
    return op.u.readconsole.count < LOG_CHUNK ? op.u.readconsole.count : LOG_CHUNK;
}

long hv_host_log(struct hv *hv, bool clear, uint32_t *index, char **text, struct hv_error *err)
{
    char *buffer = hv_buffer_alloc(hv, LOG_CHUNK), *all = NULL, *grown;
    uint32_t from = index ? *index : 0;
    size_t length = 0;
    long got;

    if (!buffer)
        return hv_error_set(err, errno, NULL, "cannot read the hypervisor's log: %s", strerror(errno));
    do {
        got = log_chunk(hv, false, &from, buffer);
        if (got < 0) {
            failed(err, got, "read the hypervisor's log");
            goto free_text;
        }
        grown = realloc(all, length + (size_t)got + 1);
        if (!grown) {
            got = hv_error_set(err, ENOMEM, NULL, "cannot read the hypervisor's log: out of memory");
            goto free_text;
        }
        all = grown;
        memcpy(all + length, buffer, (size_t)got);
        length += (size_t)got;
    } while (got > 0 && length < LOG_MAX);
    all[length] = 0;
    if (clear)
        log_chunk(hv, true, &from, buffer);
    hv_buffer_free(hv, buffer, LOG_CHUNK);
    if (index)
        *index = from;
    *text = all;
    return (long)length;

free_text:
    free(all);
    hv_buffer_free(hv, buffer, LOG_CHUNK);
    return got;
}

/* From the hypervisor's two arrays into one block: the rows, and all values behind them. */
static struct hv_counter *rows_of(const struct xen_sysctl_perfc_op *perfc)
{
    struct hv_counter *rows = calloc(1, perfc->nr_counters * sizeof(*rows) + perfc->nr_vals * sizeof(uint32_t));
    uint32_t *values, left = perfc->nr_vals;

    if (!rows)
        return NULL;
    values = (uint32_t *)(rows + perfc->nr_counters);
    memcpy(values, perfc->val.p, left * sizeof(uint32_t));
    for (uint32_t i = 0; i < perfc->nr_counters; i++) {
        uint32_t n = perfc->desc.p[i].nr_vals < left ? perfc->desc.p[i].nr_vals : left;

        memcpy(rows[i].name, perfc->desc.p[i].name, sizeof(rows[i].name) - 1);
        rows[i].nr_values = n;
        rows[i].values = values;
        values += n;
        left -= n;
    }
    return rows;
}

#define COUNTERS_MAX 4096u

int hv_host_counters(struct hv *hv, bool reset, struct hv_counter **counters, struct hv_error *err)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_perfc_op };
    struct xen_sysctl_perfc_op *perfc = &op.u.perfc_op;
    size_t desc_size, size;
    char *buffer;
    int ret;

    perfc->cmd = reset ? XEN_SYSCTL_PERFCOP_reset : XEN_SYSCTL_PERFCOP_query;
    ret = hv_sysctl(hv, &op);
    if (ret >= 0 && (perfc->nr_counters > COUNTERS_MAX || perfc->nr_vals > COUNTERS_MAX))
        ret = -E2BIG;
    if (ret < 0)
        return failed(err, ret, "read the hypervisor's counters");
    desc_size = perfc->nr_counters * sizeof(*perfc->desc.p);
    size = desc_size + perfc->nr_vals * sizeof(*perfc->val.p) + 1;
    buffer = hv_buffer_alloc(hv, size);
    if (!buffer)
        return hv_error_set(err, errno, NULL, "cannot read the hypervisor's counters: %s", strerror(errno));
    perfc->cmd = XEN_SYSCTL_PERFCOP_query;
    perfc->desc.p = (void *)buffer;
    perfc->val.p = (void *)(buffer + desc_size);
    ret = hv_sysctl(hv, &op);
    if (ret < 0) {
        failed(err, ret, "read the hypervisor's counters");
    } else {
        *counters = rows_of(perfc);
        ret = *counters ? (int)perfc->nr_counters
                        : hv_error_set(err, ENOMEM, NULL, "cannot read the hypervisor's counters: out of memory");
    }
    hv_buffer_free(hv, buffer, size);
    return ret;
}

int hv_host_debug_keys(struct hv *hv, const char *keys, struct hv_error *err)
{
    size_t count = strlen(keys);
    char *buffer = hv_buffer_alloc(hv, count + 1);
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_debug_keys };
    int ret;

    if (!buffer)
        return hv_error_set(err, errno, NULL, "cannot send debug keys: %s", strerror(errno));
    memcpy(buffer, keys, count);
    op.u.debug_keys.keys.p = buffer;
    op.u.debug_keys.nr_keys = (uint32_t)count;
    ret = hv_sysctl(hv, &op);
    hv_buffer_free(hv, buffer, count + 1);
    return ret < 0 ? failed(err, ret, "send debug keys") : 0;
}
