/* SPDX-License-Identifier: GPL-2.0-only */
/* The questions and their answers: a table of letters. */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/debug_keys.h>
#include <hv/grant_table.h>
#include <hv/page_alloc.h>
#include <hv/time.h>

static void help(void);

static void domains(void)
{
    struct domain *d;
    struct vcpu *v;

    for (domid_t from = 0; (d = domain_next(from)); from = d->id + 1, domain_put(d)) {
        printk(LOG_INFO, "d%d: references %u, pauses %u, pages %u of %u, hv's %lu, ports open %u%s%s\n", d->id,
               d->refcount, d->pause_count, d->tot_pages, d->max_pages, d->xenheap_list.count, d->evtchn.open,
               d->is_shut_down ? ", shut down" : "", d->dying ? ", dying" : "");
        for_each_vcpu(d, v)
            printk(LOG_INFO, "  v%u: on CPU %u, %s, pause flags %x, pauses %u, event pending %u masked %u, ran %lu ms\n",
                   v->id, v->cpu, v->running ? "runs" : v->sched.queued ? "waits" : "rests", v->pause_flags,
                   v->pause_count, v->info->evtchn_upcall_pending, v->info->evtchn_upcall_mask,
                   v->sched.run_ns / 1000000);
    }
}

static void grants(void)
{
    struct grant_counts counts;
    struct domain *d;

    for (domid_t from = 0; (d = domain_next(from)); from = d->id + 1, domain_put(d)) {
        grant_table_count(d, &counts);
        printk(LOG_INFO, "d%d: grants %u, used %lu times, maps %u of others\n", d->id, counts.granted, counts.used,
               counts.mapped);
    }
}

static void memory(void)
{
    printk(LOG_INFO, "memory: %lu pages, %lu free\n", page_alloc_total_pages(), page_alloc_free_pages());
}

static void processors(void)
{
    unsigned int cpu;

    cpumask_for_each(cpu, arch_online_cpus())
        printk(LOG_INFO, "CPU %u: idle for %lu ms of %lu\n", cpu, sched_cpu_idle_ns(cpu) / 1000000,
               (uint64_t)now() / 1000000);
}

static const struct {
    char key;
    const char *what;
    void (*answer)(void);
} keys[] = {
    { 'g', "grant tables", grants },
    { 'h', "this list", help },
    { 'm', "memory", memory },
    { 'q', "domains and their vCPUs", domains },
    { 'r', "processors", processors },
};

static void help(void)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
        printk(LOG_INFO, "key %c: %s\n", keys[i].key, keys[i].what);
}

void debug_key(char key)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
        if (keys[i].key == key) {
            keys[i].answer();
            return;
        }
    }
    printk(LOG_INFO, "no such debug key; h lists them\n");
}
