/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl info, counters, dmesg and debug-keys: the machine and the hypervisor.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <domain/escape.h>

#include "command.h"
#include "json.h"

static void print_info(const struct hv_host_info *info, const struct utsname *os, const char *scheduler)
{
    printf("host                   : %s\n", os->nodename);
    printf("release                : %s\n", os->release);
    printf("hypervisor             : %s\n", info->is_hv ? "hv" : "Xen");
    printf("abi_version            : %u.%u%s\n", info->version_major, info->version_minor,
           info->extra_version);
    printf("capabilities           : %s\n", info->capabilities);
    printf("changeset              : %s\n", info->changeset);
    printf("command_line           : %s\n", info->command_line);
    printf("compiler               : %s\n", info->compiler);
    printf("compile_date           : %s\n", info->compile_date);
    printf("scheduler              : %s\n", scheduler);
    printf("nr_cpus                : %u\n", info->cpus);
    printf("nr_nodes               : %u\n", info->nodes);
    printf("cores_per_socket       : %u\n", info->cores_per_socket);
    printf("threads_per_core       : %u\n", info->threads_per_core);
    printf("cpu_mhz                : %.3f\n", info->cpu_khz / 1000.0);
    printf("total_memory           : %" PRIu64 " MiB\n", info->total_kib / 1024);
    printf("free_memory            : %" PRIu64 " MiB\n", info->free_kib / 1024);
}

static int print_json(const struct hv_host_info *info, const struct utsname *os, const char *scheduler)
{
    struct json *json = json_new();

    json_object(json, NULL);
    json_text(json, "host", os->nodename);
    json_text(json, "release", os->release);
    json_text(json, "hypervisor", info->is_hv ? "hv" : "Xen");
    json_number(json, "version_major", info->version_major);
    json_number(json, "version_minor", info->version_minor);
    json_text(json, "extra_version", info->extra_version);
    json_text(json, "capabilities", info->capabilities);
    json_text(json, "changeset", info->changeset);
    json_text(json, "command_line", info->command_line);
    json_text(json, "scheduler", scheduler);
    json_number(json, "cpus", info->cpus);
    json_number(json, "nodes", info->nodes);
    json_number(json, "cpu_khz", info->cpu_khz);
    json_number(json, "total_kib", info->total_kib);
    json_number(json, "free_kib", info->free_kib);
    json_end_object(json);
    return json_print(json);
}

int cmd_info(const struct command *self, int argc, char **argv)
{
    bool as_json = false;
    const struct option_row options[] = { { 0, "json", &as_json, NULL }, { 0 } };
    struct hv_error err = { 0 };
    struct hv_host_info info;
    const char *scheduler;
    struct utsname os;
    struct hv *hv;
    int status;

    if (options_parse(self, argc, argv, options, 0, 0) < 0)
        return 1;
    hv = hv_open(&err);
    if (!hv)
        return fail_error(&err);
    uname(&os);
    status = hv_host_info(hv, &info, &err) < 0 ? fail_error(&err) : 0;
    scheduler = hv_sched_name(hv, NULL);
    if (!status && as_json)
        status = print_json(&info, &os, scheduler ? scheduler : "unknown");
    else if (!status)
        print_info(&info, &os, scheduler ? scheduler : "unknown");
    hv_close(hv);
    return status;
}

static int print_counters(const struct hv_counter *counters, int n)
{
    for (int i = 0; i < n; i++) {
        printf("%-28s", counters[i].name);
        for (unsigned cpu = 0; cpu < counters[i].nr_values; cpu++)
            printf(" %10" PRIu32, counters[i].values[cpu]);
        putchar('\n');
    }
    return 0;
}

static int print_counters_json(const struct hv_counter *counters, int n)
{
    struct json *json = json_new();

    json_object(json, NULL);
    for (int i = 0; i < n; i++) {
        json_list(json, counters[i].name);
        for (unsigned cpu = 0; cpu < counters[i].nr_values; cpu++)
            json_number(json, NULL, counters[i].values[cpu]);
        json_end_list(json);
    }
    json_end_object(json);
    return json_print(json);
}

int cmd_counters(const struct command *self, int argc, char **argv)
{
    bool as_json = false, reset = false;
    const struct option_row options[] = { { 0, "json", &as_json, NULL }, { 'r', "reset", &reset, NULL }, { 0 } };
    struct hv_counter *counters = NULL;
    struct hv_error err = { 0 };
    struct hv *hv;
    int n, status;

    if (options_parse(self, argc, argv, options, 0, 0) < 0)
        return 1;
    hv = hv_open(&err);
    if (!hv)
        return fail_error(&err);
    n = hv_host_counters(hv, reset, &counters, &err);
    if (n < 0)
        status = fail_error(&err);
    else
        status = as_json ? print_counters_json(counters, n) : print_counters(counters, n);
    free(counters);
    hv_close(hv);
    return status;
}

/* The log may hold what guests made the hypervisor say. */
static int print_log(char *text, size_t size)
{
    char *shown = malloc(size * ESCAPE_MAX + 1);
    size_t written;

    if (!shown)
        return fail("out of memory");
    escape(text, size, 1, shown, &written);
    fwrite(shown, 1, written, stdout);
    free(shown);
    return 0;
}

int cmd_dmesg(const struct command *self, int argc, char **argv)
{
    bool clear = false;
    const struct option_row options[] = { { 'c', "clear", &clear, NULL }, { 0 } };
    struct hv_error err = { 0 };
    char *text = NULL;
    struct hv *hv;
    long size;
    int status;

    if (options_parse(self, argc, argv, options, 0, 0) < 0)
        return 1;
    hv = hv_open(&err);
    if (!hv)
        return fail_error(&err);
    size = hv_host_log(hv, clear, NULL, &text, &err);
    status = size < 0 ? fail_error(&err) : print_log(text, (size_t)size);
    if (size >= 0)
        free(text);
    hv_close(hv);
    return status;
}

int cmd_debug_keys(const struct command *self, int argc, char **argv)
{
    const struct option_row options[] = { { 0 } };
    struct hv_error err = { 0 };
    struct hv *hv;
    int status;

    if (options_parse(self, argc, argv, options, 1, 1) < 0)
        return 1;
    hv = hv_open(&err);
    if (!hv)
        return fail_error(&err);
    status = hv_host_debug_keys(hv, argv[1], &err) < 0 ? fail_error(&err) : 0;
    hv_close(hv);
    return status;
}
