/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvd: keeps guests' consoles, and does what their configurations want when they stop.
 *
 * All it knows it can find again: domains in the hypervisor, their nodes in the store, their configurations
 * under /run/hv. So it may be stopped, killed and started again at any time, the guests running on; what they
 * write meanwhile waits in their rings.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <domain/paths.h>
#include <domain/store.h>

#include "control.h"
#include "guest.h"
#include "lifecycle.h"
#include "say.h"

static const char usage[] =
    "usage: hvd [-f]\n"
    "Serves consoles of domains and their life cycle. -f, --foreground: does not go to the background.\n";

/* One daemon at a time: the lock lasts as long as the process. Returns a descriptor. */
static int lock_instance(struct hv_error *err)
{
    char path[PATH_MAX];
    int fd, ret;

    path_in(PATH_RUN, path, "hvd.lock");
    ret = path_make_parent(path, err);
    if (ret < 0)
        return ret;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return hv_error_set(err, errno, "be root", "cannot open %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return hv_error_set(err, EEXIST, NULL, "another hvd is running already");
    }
    return fd;
}

/* What `hvctl list` and guests expect of dom0 in the store, if nobody else has written it. */
static void name_dom0(struct daemon *d)
{
    if (!store_exists(d->tools.xs, "/local/domain/0/name"))
        store_write(d->tools.xs, "/local/domain/0/name", "Domain-0", NULL);
    if (!store_exists(d->tools.xs, "/local/domain/0/domid"))
        store_write(d->tools.xs, "/local/domain/0/domid", "0", NULL);
}

static void signal_ready(void *arg, uint32_t events)
{
    struct signalfd_siginfo info;
    struct daemon *d = arg;

    (void)events;
    while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            lifecycle_reap(d);
        else
            d->stop = true;
    }
}

static void store_ready(void *arg, uint32_t events)
{
    struct daemon *d = arg;
    char **event;
    bool any = false;

    (void)events;
    while ((event = xs_check_watch(d->tools.xs))) {
        free(event);
        any = true;
    }
    if (any)
        guests_scan(d);
}

static void events_ready(void *arg, uint32_t events)
{
    (void)events;
    guests_events(arg);
}

static int open_signals(struct daemon *d)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return d->signals;
}

static int open_daemon(struct daemon *d, struct hv_error *err)
{
    int ret = tools_open(&d->tools, err);

    if (ret < 0)
        return ret;
    d->events = hv_event_open(err);
    d->grants = d->events ? hv_grant_map_open(err) : NULL;
    if (!d->grants)
        return -EIO;
    d->loop = loop_new();
    if (!d->loop || open_signals(d) < 0 ||
        !loop_add(d->loop, d->signals, EPOLLIN, signal_ready, d) ||
        !loop_add(d->loop, hv_event_fd(d->events), EPOLLIN, events_ready, d) ||
        !loop_add(d->loop, xs_fileno(d->tools.xs), EPOLLIN, store_ready, d))
        return hv_error_set(err, errno, NULL, "cannot set up the event loop: %s", strerror(errno));
    if (!xs_watch(d->tools.xs, "@introduceDomain", "hvd") || !xs_watch(d->tools.xs, "@releaseDomain", "hvd"))
        return hv_error_set(err, errno, NULL, "cannot watch the store: %s", strerror(errno));
    return 0;
}

/* Goes to the background. The parent stays until the daemon serves, and exits with its verdict. */
static int detach(void)
{
    int ends[2], null;
    char verdict = 1;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        perror("hvd");
        exit(1);
    }
    if (pid) {
        close(ends[1]);
        if (read(ends[0], &verdict, 1) != 1)
            verdict = 1;
        _exit(verdict);
    }
    close(ends[0]);
    setsid();
    if (chdir("/") < 0)
        say("cannot change to /: %s", strerror(errno));
    /* Standard error stays: it is the log. */
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        say("cannot open /dev/null: %s", strerror(errno));
    return ends[1];
}

static void tell_parent(int pipe_end, char verdict)
{
    if (pipe_end < 0)
        return;
    if (write(pipe_end, &verdict, 1) != 1)
        say("my parent has gone");
    close(pipe_end);
}

static int serve(int pipe_end)
{
    struct daemon d = { .signals = -1 };
    struct hv_error err = { 0 };
    struct control *control = NULL;
    int ret;

    ret = d.instance_lock = lock_instance(&err);
    if (ret >= 0)
        ret = open_daemon(&d, &err);
    if (!ret)
        control = control_open(&d, &err);
    if (!control) {
        say_error(&err, "cannot start");
        tell_parent(pipe_end, 1);
        return 1;
    }
    name_dom0(&d);
    guests_scan(&d);
    tell_parent(pipe_end, 0);
    say("hvd serves");
    lifecycle_take_up(&d);
    lifecycle_sweep(&d);
    lifecycle_autostart(&d);
    while (!d.stop && loop_run_once(d.loop))
        guests_time(&d);
    say("hvd stops");
    guests_forget(&d);
    control_close(control);
    loop_free(d.loop);
    hv_grant_map_close(d.grants);
    hv_event_close(d.events);
    tools_close(&d.tools);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "foreground", no_argument, NULL, 'f' },
                                             { "help", no_argument, NULL, 'h' },
                                             { NULL, 0, NULL, 0 } };
    bool foreground = false;
    int c;

    while ((c = getopt_long(argc, argv, "fh", options, NULL)) >= 0) {
        if (c == 'h') {
            fputs(usage, stdout);
            return 0;
        }
        if (c != 'f') {
            fputs(usage, stderr);
            return 1;
        }
        foreground = true;
    }
    return serve(foreground ? -1 : detach());
}
