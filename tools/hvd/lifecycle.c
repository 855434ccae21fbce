/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life cycle's child processes.
 */
#include "lifecycle.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <domain/create.h>
#include <domain/definition.h>
#include <domain/hvd_client.h>
#include <domain/paths.h>
#include <domain/pending.h>
#include <domain/policy.h>
#include <domain/record.h>
#include <domain/rename.h>
#include <domain/store.h>

#include "say.h"

#define AUTOSTART_DONE "autostart-done"

struct job {
    unsigned domid, reason;
    uint8_t uuid[16];
    char name[HV_NAME_MAX + 1];
};

typedef int job_fn(struct tools *tools, const struct job *job, struct hv_error *err);

/* Lets go of what would outlive the daemon, if that were killed, and be in its successor's way. */
static void leave_daemon(struct daemon *d)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close(d->instance_lock);
    hv_event_close(d->events);
    hv_grant_map_close(d->grants);
    xs_daemon_destroy_postfork(d->tools.xs);
}

/* Runs a job in a child. */
static void run_job(struct daemon *d, job_fn *fn, const struct job *job, const char *what)
{
    struct hv_error err = { 0 };
    struct tools tools;
    pid_t pid = fork();
    int lock, ret;

    if (pid < 0)
        say("cannot fork to %s: %s", what, strerror(errno));
    if (pid)
        return;
    leave_daemon(d);
    ret = tools_open(&tools, &err);
    lock = ret < 0 ? ret : tools_lock(&err);
    ret = lock < 0 ? lock : fn(&tools, job, &err);
    if (ret < 0)
        say_error(&err, "cannot %s", what);
    _exit(ret < 0);
}

/* Is it still the domain the job is about, and still stopped? */
static bool still_stopped(struct tools *tools, const struct job *job, struct domain *domain)
{
    *domain = (struct domain){ .domid = job->domid, .exists = true };
    memcpy(domain->uuid, job->uuid, sizeof(domain->uuid));
    memcpy(domain->name, job->name, sizeof(domain->name));
    return !hv_domain_info(tools->hv, job->domid, &domain->info, NULL) && domain->info.shutdown &&
           !domain->info.dying && !memcmp(domain->info.uuid, job->uuid, sizeof(job->uuid));
}

/*
 * The daemon is asked to serve the console before the domain runs, as for any other that is made: whoever sees it run can
 * reach it, and its log is its own. If the daemon has gone meanwhile, its successor will find the domain.
 */
static int start_again(struct tools *tools, const struct hv_config *config, struct hv_error *err)
{
    unsigned domid;
    int ret = domain_create(tools, config, &domid, err);

    if (ret < 0)
        return ret;
    hvd_adopt(domid, NULL);
    return hv_domain_unpause(tools->hv, domid, err);
}

/* Starts what is noted, if the domain before it could be `replaced`; the note has done its duty either way. */
static int start_after(int replaced, struct tools *tools, const struct hv_config *config, struct hv_error *err)
{
    int ret = replaced < 0 ? replaced : start_again(tools, config, err);

    pending_done(config->uuid);
    return ret;
}

/* Seconds since its start; 0 if that is unknown. */
static uint64_t age_of(struct tools *tools, const struct job *job)
{
    char uuid[HV_UUID_TEXT];
    uint64_t start;

    if (!store_read_number(tools->xs, &start, "/vm/%s/start_time", hv_uuid_text(job->uuid, uuid)))
        return 0;
    return (uint64_t)time(NULL) - start;
}

static int restart(struct tools *tools, const struct job *job, const struct domain *domain,
                   const struct hv_config *config, struct hv_error *err)
{
    int ret;

    if (!policy_count_restart(job->uuid, age_of(tools, job))) {
        say("domain %s stops right after its start, again and again: it is not restarted", job->name);
        return domain_destroy(tools, domain, err);
    }
    ret = pending_note(config, err);
    if (!ret)
        ret = domain_destroy(tools, domain, err);
    return start_after(ret, tools, config, err);
}

/* Keeps the stopped domain under another name and UUID, without devices, and starts a new one. */
static int rename_restart(struct tools *tools, const struct job *job, const struct hv_config *config,
                          struct hv_error *err)
{
    struct hv_config *kept = hv_config_copy(config);
    int ret = kept ? 0 : hv_error_set(err, ENOMEM, NULL, "out of memory");

    if (!ret && !policy_count_restart(job->uuid, age_of(tools, job))) {
        say("domain %s stops right after its start, again and again: it is kept, and not restarted",
            job->name);
        hv_config_free(kept);
        return 0;
    }
    if (!ret)
        ret = pending_note(config, err);
    if (!ret)
        ret = domain_set_aside(tools, job->domid, kept, err);
    hv_config_free(kept);
    return start_after(ret, tools, config, err);
}

static int do_stopped(struct tools *tools, const struct job *job, struct hv_error *err)
{
    struct hv_config *config = record_read(job->uuid, NULL);
    enum policy policy = policy_for(config, job->reason);
    struct domain domain;
    int ret = 0;

    if (!still_stopped(tools, job, &domain))
        goto free_config;
    say("domain %s (%u) has stopped (%s): %s", job->name, job->domid, policy_reason_name(job->reason),
        policy_name(policy));
    if (policy != POLICY_RESTART && policy != POLICY_RENAME_RESTART)
        policy_forget_restarts(job->uuid);
    if (policy == POLICY_DESTROY)
        ret = domain_destroy(tools, &domain, err);
    else if (policy == POLICY_RESTART)
        ret = restart(tools, job, &domain, config, err);
    else if (policy == POLICY_RENAME_RESTART)
        ret = rename_restart(tools, job, config, err);
    if (ret < 0)
        policy_forget_restarts(job->uuid); /* nobody else would */
free_config:
    hv_config_free(config);
    return ret;
}

void lifecycle_stopped(struct daemon *d, const struct guest *g, unsigned reason)
{
    struct job job = { .domid = g->domid, .reason = reason };
    char what[128];

    memcpy(job.uuid, g->uuid, sizeof(job.uuid));
    memcpy(job.name, g->name, sizeof(job.name));
    snprintf(what, sizeof(what), "do what follows from the stop of domain %s", g->name);
    run_job(d, do_stopped, &job, what);
}

/* The domain with this UUID, if the hypervisor has one. */
static bool find_uuid(struct tools *tools, const uint8_t uuid[16], struct domain *domain)
{
    struct domain *list;
    int count = domain_list(tools, &list, NULL);
    bool found = false;

    for (int i = 0; i < count && !found; i++) {
        found = !memcmp(list[i].uuid, uuid, sizeof(list[i].uuid));
        *domain = list[i];
    }
    if (count >= 0)
        free(list);
    return found;
}

/*
 * Finishes one restart whose process was killed. A domain that stands there stopped has not been touched: it is a case for
 * do_stopped(). One that runs is the new one. All others are halves, of the old or of the new one.
 */
static int take_up(struct tools *tools, const uint8_t uuid[16], struct hv_error *err)
{
    struct hv_config *config = pending_read(uuid, err);
    struct domain domain;
    int ret = config ? 0 : -EIO;

    if (config && find_uuid(tools, uuid, &domain)) {
        if (!domain.info.dying && !domain.info.paused)
            goto done;
        ret = domain_destroy(tools, &domain, err);
    }
    if (config && !ret) {
        say("the restart of domain %s, which was interrupted, is taken up", config->name);
        domain_sweep(tools); /* what the old one may have left must not be in the way */
        ret = start_again(tools, config, err);
    }
done:
    pending_done(uuid);
    hv_config_free(config);
    return ret;
}

static int do_take_up(struct tools *tools, const struct job *job, struct hv_error *err)
{
    uint8_t (*list)[16];
    unsigned count = pending_list(&list);

    (void)job;
    for (unsigned i = 0; i < count; i++)
        if (take_up(tools, list[i], err) < 0)
            say_error(err, "cannot take up a restart that was interrupted");
    free(list);
    return 0;
}

void lifecycle_take_up(struct daemon *d)
{
    run_job(d, do_take_up, NULL, "take up restarts");
}

static int do_sweep(struct tools *tools, const struct job *job, struct hv_error *err)
{
    (void)job;
    (void)err;
    domain_sweep(tools);
    return 0;
}

void lifecycle_sweep(struct daemon *d)
{
    run_job(d, do_sweep, NULL, "clear up");
}

static int do_autostart(struct tools *tools, const struct job *job, struct hv_error *err)
{
    char path[PATH_MAX], **names;
    unsigned count = definition_autostart_list(&names);

    (void)job;
    for (unsigned i = 0; i < count; i++) {
        struct hv_config *config = definition_read(names[i], err);
        int ret = config ? start_again(tools, config, err) : -1;

        if (ret < 0 && err->code != EEXIST)
            say_error(err, "cannot start domain %s", names[i]);
        else if (!ret)
            say("domain %s is started", names[i]);
        hv_config_free(config);
        free(names[i]);
    }
    free(names);
    return path_write_whole(path_in(PATH_RUN, path, AUTOSTART_DONE), "", err);
}

void lifecycle_autostart(struct daemon *d)
{
    char path[PATH_MAX];

    if (access(path_in(PATH_RUN, path, AUTOSTART_DONE), F_OK))
        run_job(d, do_autostart, NULL, "start domains");
}

void lifecycle_reap(struct daemon *d)
{
    (void)d;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}
