/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of CPUs in libvirt's notation: "0-3,^2,5" is 0, 1, 3 and 5. A filled set stands for "all".
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/sched.h>

void hv_cpuset_fill(struct hv_cpuset *set)
{
    memset(set->bits, 0xff, sizeof(set->bits));
}

bool hv_cpuset_has(const struct hv_cpuset *set, unsigned cpu)
{
    return cpu < HV_CPUS_MAX && (set->bits[cpu / 64] >> (cpu % 64) & 1);
}

void hv_cpuset_add(struct hv_cpuset *set, unsigned cpu)
{
    if (cpu < HV_CPUS_MAX)
        set->bits[cpu / 64] |= 1ULL << (cpu % 64);
}

bool hv_cpuset_empty(const struct hv_cpuset *set)
{
    for (unsigned i = 0; i < HV_CPUS_MAX / 64; i++)
        if (set->bits[i])
            return false;
    return true;
}

/* Reads a CPU number and moves *text behind it. */
static int parse_cpu(const char **text, unsigned *cpu)
{
    unsigned long value = 0;

    if (!isdigit((unsigned char)**text))
        return -EINVAL;
    for (; isdigit((unsigned char)**text); ++*text) {
        value = value * 10 + (unsigned)(**text - '0');
        if (value >= HV_CPUS_MAX)
            return -EINVAL;
    }
    *cpu = (unsigned)value;
    return 0;
}

/* One part between commas: "3", "0-3" or "^2". */
static int parse_part(const char **text, struct hv_cpuset *set)
{
    bool remove = **text == '^';
    unsigned first, last;

    *text += remove;
    if (parse_cpu(text, &first))
        return -EINVAL;
    last = first;
    if (!remove && **text == '-') {
        ++*text;
        if (parse_cpu(text, &last) || last < first)
            return -EINVAL;
    }
    for (unsigned cpu = first; cpu <= last; cpu++) {
        if (remove)
            set->bits[cpu / 64] &= ~(1ULL << (cpu % 64));
        else
            hv_cpuset_add(set, cpu);
    }
    return 0;
}

int hv_cpuset_parse(const char *text, struct hv_cpuset *set)
{
    memset(set, 0, sizeof(*set));
    if (!strcmp(text, "all")) {
        hv_cpuset_fill(set);
        return 0;
    }
    for (;;) {
        if (parse_part(&text, set))
            return -EINVAL;
        if (!*text)
            return hv_cpuset_empty(set) ? -EINVAL : 0;
        if (*text++ != ',')
            return -EINVAL;
    }
}

char *hv_cpuset_text(const struct hv_cpuset *set, char *buf, size_t size)
{
    struct hv_cpuset all;
    size_t used = 0;

    hv_cpuset_fill(&all);
    if (size)
        buf[0] = 0;
    if (!memcmp(set, &all, sizeof(all))) {
        snprintf(buf, size, "all");
        return buf;
    }
    for (unsigned first = 0, last; first < HV_CPUS_MAX && used < size; first = last + 1) {
        last = first;
        if (!hv_cpuset_has(set, first))
            continue;
        while (hv_cpuset_has(set, last + 1))
            last++;
        used += (size_t)snprintf(buf + used, size - used, "%s%u", used ? "," : "", first);
        if (last > first && used < size)
            used += (size_t)snprintf(buf + used, size - used, "-%u", last);
    }
    return buf;
}
