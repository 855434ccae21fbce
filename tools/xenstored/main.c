/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-xenstored: the store daemon. Start, restart and end.
 *
 * Ending by a signal is like being killed: rings are let go without a word, and the next start goes on from
 * the journal.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "domain.h"
#include "log.h"
#include "persist.h"
#include "server.h"
#include "socket.h"
#include "store.h"
#include "xen.h"

#define DEFAULT_RUNDIR "/run/xenstored"
#define EPOCH_SHIFT_GENERATION 40
#define EPOCH_SHIFT_TRANSACTION 16

static const char help[] =
    "usage: hv-xenstored [OPTION]...\n"
    "Keeps the store: a tree of small values shared by domains and tools.\n"
    "\n"
    "  -F, --foreground     do not become a daemon\n"
    "  -p, --pid-file FILE  write the process id to FILE\n"
    "  -l, --log FILE       append messages to FILE (default: stderr; syslog for a daemon started at a "
    "terminal)\n"
    "  -v, --verbose        log each request (also --trace)\n"
    "  -D, --no-domains     serve only sockets; needs no hypervisor\n"
    "      --no-journal     keep nothing for a restart\n"
    "  -h, --help           this text\n"
    "\n"
    "The socket is $XENSTORED_PATH, or the file `socket` in $XENSTORED_RUNDIR, or in /run/xenstored. The "
    "file\n"
    "`journal` in the same folder ($XENSTORED_RUNDIR) is what a restart goes on from.\n";

struct options {
    bool foreground, verbose, no_domains, no_journal;
    const char *pid_file, *log_file;
};

static const struct option long_options[] = {
    { "foreground", no_argument, NULL, 'F' },
    { "pid-file", required_argument, NULL, 'p' },
    { "log", required_argument, NULL, 'l' },
    { "verbose", no_argument, NULL, 'v' },
    { "trace", no_argument, NULL, 'v' },
    { "no-domains", no_argument, NULL, 'D' },
    { "no-journal", no_argument, NULL, 'J' },
    { "help", no_argument, NULL, 'h' },
    { 0 },
};

static void parse_options(int argc, char **argv, struct options *o)
{
    int c;

    while ((c = getopt_long(argc, argv, "Fp:l:vDh", long_options, NULL)) != -1) {
        switch (c) {
        case 'F': o->foreground = true; break;
        case 'p': o->pid_file = optarg; break;
        case 'l': o->log_file = optarg; break;
        case 'v': o->verbose = true; break;
        case 'D': o->no_domains = true; break;
        case 'J': o->no_journal = true; break;
        case 'h': fputs(help, stdout); exit(0);
        default: exit(1);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "hv-xenstored: unexpected argument '%s'; see --help\n", argv[optind]);
        exit(1);
    }
}

/*
 * Continues in the background. The parent waits until the child says that it serves, or ends. Returns the
 * descriptor on which to say so, -1 on failure.
 */
static int become_daemon(void)
{
    int ready[2];
    char ok;
    pid_t pid;

    if (pipe2(ready, O_CLOEXEC))
        return -1;
    pid = fork();
    if (pid < 0)
        return -1;
    if (pid > 0) {
        close(ready[1]);
        _exit(read(ready[0], &ok, 1) == 1 ? 0 : 1);
    }
    close(ready[0]);
    setsid();
    return ready[1];
}

/* Lets the parent of a daemon go, and its terminal. */
static void say_ready(int ready_fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    char ok = 1;

    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    if (isatty(STDERR_FILENO))
        dup2(null, STDERR_FILENO);
    if (write(ready_fd, &ok, 1) != 1)
        log_message("whoever started this is gone");
    close(ready_fd);
}

static int write_pid_file(const char *path)
{
    FILE *f = fopen(path, "we");

    if (!f)
        return -errno;
    fprintf(f, "%d\n", (int)getpid());
    return fclose(f) ? -errno : 0;
}

static int block_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void seed_store(struct store *s)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        log_message("no random numbers: names that collide could be chosen");
    store_init(s, seed);
}

/* Opens the journal and makes the store what it was. */
static int restore(struct store *s, struct journal *j, const char *path)
{
    uint64_t epoch;
    int err = journal_open(j, path, &epoch);

    if (err) {
        log_message("cannot open %s: %s", path,
                    err == -EBUSY ? "another store daemon is running" : strerror(-err));
        return err;
    }
    /* Numbers of an earlier run never come again. */
    s->generation = epoch << EPOCH_SHIFT_GENERATION;
    s->next_transaction = (epoch << EPOCH_SHIFT_TRANSACTION) + 1;
    if (!persist_load(s, j))
        log_message("%s is damaged: going on with what precedes the damage", path);
    s->journal = j;
    return 0;
}

/* Connects the domains: first what the journal knows, then dom0's kernel if that is new. */
static int connect_domains(struct store *s, int *event_fd)
{
    int err = 0;

    s->xen = xen_open(event_fd);
    if (!s->xen)
        return -ENODEV;
    domain_reattach_all(s);
    if (!domain_get(s, 0)->ring)
        err = domain_introduce_self(s);
    if (err)
        log_message("dom0's kernel has no store: %s", strerror(-err));
    domain_check_all(s);
    return 0;
}

/* The first nodes of every store. */
static void make_first_nodes(struct store *s)
{
    static const char *const names[] = { "tool", "local" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!node_child(&s->tree, s->tree.root, names[i], strlen(names[i])))
            store_create(s, s->tree.root, names[i], strlen(names[i]), s->tree.root->acl, s->tree.root->value);
}

static int serve(struct store *s, const struct options *o, const char *socket_path, int ready_fd)
{
    int event_fd = -1, signal_fd = block_signals(), listen_fd, err;

    if (!o->no_domains) {
        err = connect_domains(s, &event_fd);
        if (err)
            return err;
    }
    if (s->journal)
        persist_rewrite(s);
    listen_fd = socket_listen(socket_path);
    if (listen_fd < 0) {
        log_message("cannot listen at %s: %s", socket_path, strerror(-listen_fd));
        return listen_fd;
    }
    err = o->pid_file ? write_pid_file(o->pid_file) : 0;
    if (err) {
        log_message("cannot write %s: %s", o->pid_file, strerror(-err));
        return err;
    }
    if (ready_fd >= 0)
        say_ready(ready_fd);
    err = server_run(s, listen_fd, event_fd, signal_fd);
    unlink(socket_path);
    socket_close_all(s);
    return err;
}

int main(int argc, char **argv)
{
    const char *rundir = getenv("XENSTORED_RUNDIR") ?: DEFAULT_RUNDIR;
    const char *socket_path = getenv("XENSTORED_PATH");
    char *default_socket = NULL, *journal_path = NULL;
    static struct store store;
    struct options o = { 0 };
    struct journal journal;
    int ready_fd = -1, err = 0;

    parse_options(argc, argv, &o);
    if (!log_open(o.log_file, !o.foreground && isatty(STDERR_FILENO))) {
        fprintf(stderr, "hv-xenstored: cannot open %s: %s\n", o.log_file, strerror(errno));
        return 1;
    }
    if (asprintf(&default_socket, "%s/socket", rundir) < 0 ||
        asprintf(&journal_path, "%s/journal", rundir) < 0)
        return 1;
    if (mkdir(rundir, 0755) && errno != EEXIST) {
        log_message("cannot make %s: %s", rundir, strerror(errno));
        return 1;
    }
    if (!o.foreground) {
        ready_fd = become_daemon();
        if (ready_fd < 0) {
            log_message("cannot become a daemon: %s", strerror(errno));
            return 1;
        }
    }
    seed_store(&store);
    store.trace = o.verbose;
    if (!o.no_journal)
        err = restore(&store, &journal, journal_path);
    if (!err) {
        make_first_nodes(&store);
        err = serve(&store, &o, socket_path ?: default_socket, ready_fd);
    }
    if (store.journal) {
        journal_commit(store.journal);
        journal_close(store.journal);
        store.journal = NULL;
    }
    domain_detach_all(&store);
    store_free(&store);
    free(default_socket);
    free(journal_path);
    return err ? 1 : 0;
}
