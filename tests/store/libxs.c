/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libxs against a store daemon over its socket. The daemon, $STORE_DAEMON, is started here in a folder of its
 * own, as an ordinary user, and killed and started again in between. Without $STORE_DAEMON the machine's own
 * daemon is used, whoever made it, and the tests that kill it are left out.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <public/io/xs_wire.h>
#include <xs.h>

static unsigned int number, failed;
static const char *fault;
static struct xs_handle *h;
static char folder[] = "/tmp/hv-libxs-XXXXXX";
static pid_t daemon_pid;

/* The first thing that is not as it must be ends a test. */
#define MUST(what)                  \
    do {                            \
        if (!(what)) {              \
            fault = #what;          \
            fault_line = __LINE__;  \
            return;                 \
        }                           \
    } while (0)
#define FAILS(call, error) MUST(!(call) && errno == (error))

static int fault_line;

static void start_daemon(void)
{
    struct xs_handle *probe;

    daemon_pid = fork();
    if (!daemon_pid) {
        execl(getenv("STORE_DAEMON"), "hv-xenstored", "-F", "-D", "--log", "/dev/null", NULL);
        _exit(127);
    }
    while (!(probe = xs_open(0)))
        if (waitpid(daemon_pid, NULL, WNOHANG) == daemon_pid)
            exit(printf("Bail out! the daemon does not start\n"));
    xs_close(probe);
}

static void kill_daemon(void)
{
    kill(daemon_pid, SIGKILL);
    waitpid(daemon_pid, NULL, 0);
}

static char *text(const char *path)
{
    static char value[4097];
    char *v = xs_read(h, XBT_NULL, path, NULL);

    snprintf(value, sizeof(value), "%s", v ? v : "(none)");
    free(v);
    return value;
}

static void values(void)
{
    unsigned int len, num;
    char *v, **names, big[4200];

    MUST(xs_write(h, 0, "/test/a", "hello", 5));
    v = xs_read(h, 0, "/test/a", &len);
    MUST(v && len == 5 && !strcmp(v, "hello"));
    free(v);
    MUST(xs_write(h, 0, "/test/bin", "a\0b", 3));
    v = xs_read(h, 0, "/test/bin", &len);
    MUST(v && len == 3 && !memcmp(v, "a\0b", 4));
    free(v);
    MUST(xs_mkdir(h, 0, "/test/dir/deep"));
    names = xs_directory(h, 0, "/test", &num);
    MUST(names && num == 3 && !strcmp(names[0], "a") && !strcmp(names[2], "dir"));
    free(names);
    FAILS(xs_read(h, 0, "/test/none", NULL), ENOENT);
    FAILS(xs_directory(h, 0, "/test/none", &num), ENOENT);
    FAILS(xs_write(h, 0, "/bad//path", "x", 1), EINVAL);
    memset(big, 'x', sizeof(big));
    FAILS(xs_write(h, 0, "/test/big", big, sizeof(big)), E2BIG);
    MUST(xs_rm(h, 0, "/test/a") && xs_rm(h, 0, "/test/a"));
    FAILS(xs_rm(h, 0, "/test/none/none"), ENOENT);
    names = xs_directory(h, 0, "/test/dir/deep", &num);
    MUST(names && num == 0);
    free(names);
    MUST(xs_rm(h, 0, "/test"));
}

static void permissions(void)
{
    struct xs_permissions set[2] = { { 0, XS_PERM_NONE }, { 0, XS_PERM_READ } }, *got;
    unsigned int num;

    MUST(xs_mkdir(h, 0, "/test/p"));
    MUST(xs_set_permissions(h, 0, "/test/p", set, 2));
    got = xs_get_permissions(h, 0, "/test/p", &num);
    MUST(got && num == 2 && got[0].id == 0 && got[1].id == 0 && got[1].perms == XS_PERM_READ);
    free(got);
    FAILS(xs_get_permissions(h, 0, "/test/q", &num), ENOENT);
    MUST(xs_rm(h, 0, "/test"));
}

static void domains(void)
{
    char *path = xs_get_domain_path(h, 17);

    MUST(path && !strcmp(path, "/local/domain/17"));
    free(path);
    MUST(!xs_is_domain_introduced(h, 4242));
    MUST(xs_path_is_subpath("/a", "/a") && xs_path_is_subpath("/a", "/a/b") && xs_path_is_subpath("/", "/a"));
    MUST(!xs_path_is_subpath("/a", "/ab") && !xs_path_is_subpath("/a/b", "/a"));
}

static void transactions(void)
{
    xs_transaction_t t = xs_transaction_start(h);

    MUST(t);
    MUST(xs_write(h, t, "/test/t", "1", 1));
    MUST(!strcmp(text("/test/t"), "(none)"));
    MUST(xs_transaction_end(h, t, false));
    MUST(!strcmp(text("/test/t"), "1"));
    t = xs_transaction_start(h);
    MUST(xs_write(h, t, "/test/t", "2", 1));
    MUST(xs_transaction_end(h, t, true));
    MUST(!strcmp(text("/test/t"), "1"));
    t = xs_transaction_start(h);
    free(xs_read(h, t, "/test/t", NULL));
    MUST(xs_write(h, 0, "/test/t", "3", 1));
    MUST(xs_write(h, t, "/test/t", "4", 1));
    FAILS(xs_transaction_end(h, t, false), EAGAIN);
    FAILS(xs_transaction_end(h, t, false), ENOENT);
    MUST(!strcmp(text("/test/t"), "3"));
    MUST(xs_rm(h, 0, "/test"));
}

/* Threads add to a counter, each by its own handle. */
static void *add_hundred(void *arg)
{
    struct xs_handle *own = xs_open(0);

    for (int i = 0; i < 100; ) {
        xs_transaction_t t = xs_transaction_start(own);
        char *v = xs_read(own, t, "/test/n", NULL), next[16];
        int len = sprintf(next, "%d", atoi(v ? v : "0") + 1);

        free(v);
        if (!xs_write(own, t, "/test/n", next, len))
            break;
        if (xs_transaction_end(own, t, false))
            i++;
        else if (errno != EAGAIN)
            break;
    }
    xs_close(own);
    return arg;
}

static void concurrent_transactions_count_right(void)
{
    pthread_t thread[3];

    for (int i = 0; i < 3; i++)
        pthread_create(&thread[i], NULL, add_hundred, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    MUST(!strcmp(text("/test/n"), "300"));
    MUST(xs_rm(h, 0, "/test"));
}

static bool readable(void)
{
    struct pollfd p = { .fd = xs_fileno(h), .events = POLLIN };

    return poll(&p, 1, 5000) == 1;
}

/* The next event as "path token". */
static const char *event(void)
{
    static char line[256];
    unsigned int num;
    char **e = xs_read_watch(h, &num);

    snprintf(line, sizeof(line), "%s %s", e ? e[XS_WATCH_PATH] : "-", e ? e[XS_WATCH_TOKEN] : "-");
    free(e);
    return line;
}

static bool quiet(void)
{
    char **e = xs_check_watch(h);
    int err = errno;

    free(e);
    return !e && err == EAGAIN;
}

static void watches(void)
{
    MUST(quiet());
    MUST(xs_watch(h, "/test", "tok"));
    MUST(readable());
    MUST(!strcmp(event(), "/test tok"));
    MUST(xs_write(h, 0, "/test/x", "1", 1) && xs_write(h, 0, "/test/y", "1", 1));
    free(xs_read(h, 0, "/test/x", NULL)); /* events come along with replies, and still make it readable */
    MUST(readable());
    MUST(!strcmp(event(), "/test/x tok"));
    MUST(readable());
    MUST(!strcmp(event(), "/test/y tok"));
    MUST(quiet());
    FAILS(xs_watch(h, "/test", "tok"), EEXIST);
    MUST(xs_write(h, 0, "/test/z", "1", 1));
    MUST(xs_unwatch(h, "/test", "tok"));
    MUST(!strcmp(event(), "/test/z tok")); /* without XS_UNWATCH_FILTER it may still come */
    FAILS(xs_unwatch(h, "/test", "tok"), ENOENT);
    MUST(xs_write(h, 0, "/test/x", "1", 1));
    MUST(quiet());
    MUST(xs_rm(h, 0, "/test"));
}

static void unwatch_filters_if_asked_to(void)
{
    struct xs_handle *f = xs_open(XS_UNWATCH_FILTER);
    char **e;

    MUST(xs_watch(f, "/test/a", "t") && xs_watch(f, "/test/b", "t"));
    MUST(xs_unwatch(f, "/test/a", "t"));
    e = xs_check_watch(f);
    MUST(e && !strcmp(e[XS_WATCH_PATH], "/test/b"));
    free(e);
    MUST(!xs_check_watch(f));
    xs_close(f);
}

static void *wait_for_event(void *arg)
{
    unsigned int num;

    (void)arg;
    return xs_read_watch(h, &num);
}

static void a_thread_may_wait_while_another_asks(void)
{
    pthread_t waiter;
    void *got;
    char **e;

    MUST(xs_watch(h, "/test/w", "t"));
    MUST(!strcmp(event(), "/test/w t"));
    pthread_create(&waiter, NULL, wait_for_event, NULL);
    for (int i = 0; i < 100; i++)
        MUST(xs_write(h, 0, "/test/other", "1", 1));
    MUST(xs_write(h, 0, "/test/w", "1", 1));
    pthread_join(waiter, &got);
    e = got;
    MUST(e && !strcmp(e[XS_WATCH_PATH], "/test/w"));
    free(e);
    MUST(xs_unwatch(h, "/test/w", "t"));
    MUST(xs_rm(h, 0, "/test"));
}

/* Of another daemon less is asked: Debian's copies the parent's list for each new child. */
static void thousands_of_nodes(void)
{
    int many = getenv("STORE_DAEMON") ? 10000 : 500;
    struct xs_change *c = calloc(many, sizeof(*c));
    char (*path)[40] = calloc(many, sizeof(*path)), **names;
    unsigned int num, bad = 0;

    for (int i = 0; i < many; i++) {
        sprintf(path[i], "/test/many/child-with-a-name-%d", i);
        c[i] = (struct xs_change){ .kind = XS_CHANGE_WRITE, .path = path[i], .data = "v", .len = 1 };
    }
    MUST(xs_change_all(h, 0, c, many, NULL));
    names = xs_directory(h, 0, "/test/many", &num);
    MUST(names && num == (unsigned int)many);
    for (int i = 0; i < many; i++)
        bad += strcmp(names[i], path[i] + strlen("/test/many/")) != 0;
    free(names);
    MUST(!bad);
    MUST(xs_rm(h, 0, "/test"));
    free(path);
    free(c);
}

static void many_changes_are_all_made_or_none(void)
{
    struct xs_permissions perms[] = { { 0, XS_PERM_NONE } };
    struct xs_change c[] = {
        { .kind = XS_CHANGE_WRITE, .path = "/test/a", .data = "1", .len = 1 },
        { .kind = XS_CHANGE_MKDIR, .path = "/test/b" },
        { .kind = XS_CHANGE_PERMS, .path = "/test/b", .perms = perms, .num_perms = 1 },
        { .kind = XS_CHANGE_RM, .path = "/test/none/none" },
    };
    unsigned int failed_at;

    FAILS(xs_change_all(h, 0, c, 4, &failed_at), ENOENT);
    MUST(failed_at == 3);
    MUST(!strcmp(text("/test/a"), "(none)"));
    MUST(xs_change_all(h, 0, c, 3, &failed_at));
    MUST(!strcmp(text("/test/a"), "1"));
    MUST(xs_rm(h, 0, "/test"));
}

static void json_comes_back_as_it_went(void)
{
    static const char doc[] =
        "{ \"$value\": \"top\", \"leaf\": \"v\\u00e4 \\\"q\\\"\", \"empty\": \"\",\n"
        "  \"bin\": { \"$hex\": \"00ff7f\" }, \"deep\": { \"er\": { \"est\": \"x\" } } }";
    unsigned int len;
    char *v, *first, *again, *error = NULL;

    MUST(xs_json_load(h, "/test/j", doc, strlen(doc), &error));
    MUST(!strcmp(text("/test/j"), "top") && !strcmp(text("/test/j/leaf"), "v\xc3\xa4 \"q\""));
    MUST(!strcmp(text("/test/j/deep/er/est"), "x"));
    v = xs_read(h, 0, "/test/j/bin", &len);
    MUST(v && len == 3 && !memcmp(v, "\0\xff\x7f", 3));
    free(v);
    first = xs_json_dump(h, 0, "/test/j", XS_JSON_PERMS);
    MUST(first && strstr(first, "\"$hex\": \"00ff7f\"") && strstr(first, "\"n0\""));
    MUST(xs_rm(h, 0, "/test"));
    MUST(xs_json_load(h, "/test/j", first, strlen(first), &error));
    again = xs_json_dump(h, 0, "/test/j", XS_JSON_PERMS);
    MUST(again && !strcmp(first, again));
    free(first);
    free(again);
    first = xs_json_dump(h, 0, "/test/j/deep", 0);
    MUST(first && !strcmp(first, "{\n  \"er\": {\n    \"est\": \"x\"\n  }\n}\n"));
    free(first);
    FAILS(xs_json_dump(h, 0, "/test/none", 0), ENOENT);
    MUST(xs_rm(h, 0, "/test"));
}

static void bad_json_changes_nothing_and_says_why(void)
{
    static const struct {
        const char *doc, *says;
    } bad[] = {
        { "{\n \"a\": \"1\",\n \"b\": }", "line 3: this is not JSON" },
        { "{ \"a\": 1 }", "put it in quotes" },
        { "{ \"a/b\": \"1\" }", "no name of a node" },
        { "{ \"$other\": \"1\" }", "no name of a node" },
        { "{ \"a\": [\"1\"] }", "a list where" },
        { "{ \"$value\": {} }", "an object where" },
        { "{ \"$hex\": \"0g\" }", "not hexadecimal" },
        { "{ \"$perms\": [\"x0\"] }", "no permission" },
        { "{ \"$perms\": [] }", "empty" },
        { "{ \"x\": \"1\", \"a b\": \"1\" }", "/test/j/a b: Invalid argument" },
        { "{ \"a\": \"1\"", "not JSON" },
        { "", "not JSON" },
    };
    char *deep = malloc(200001), *error;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error = NULL;
        FAILS(xs_json_load(h, "/test/j", bad[i].doc, strlen(bad[i].doc), &error), EINVAL);
        MUST(error && strstr(error, bad[i].says));
        free(error);
    }
    memset(deep, '[', 200000);
    for (int i = 0; i + 5 < 200000; i += 5)
        memcpy(deep + i, "{\"a\":", 5);
    FAILS(xs_json_load(h, "/test/j", deep, 200000, NULL), EINVAL);
    free(deep);
    MUST(!strcmp(text("/test/j"), "(none)"));
}

static int raw_connection(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval patience = { .tv_sec = 10 };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return connect(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

static void hostile_clients_are_dropped_alone(void)
{
    static const uint32_t lengths[] = { 4097, 65536, 0x7fffffff, 0xffffffff };
    struct xsd_sockmsg head = { .type = XS_READ };
    int idle[100];
    char c, half[200] = { 0 };

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        int fd = raw_connection();

        head.len = lengths[i];
        MUST(fd >= 0 && send(fd, &head, sizeof(head), MSG_NOSIGNAL) == sizeof(head));
        MUST(recv(fd, &c, 1, 0) == 0); /* closed */
        close(fd);
        MUST(xs_write(h, 0, "/test/alive", "1", 1));
    }
    head.len = 4096;
    memcpy(half, &head, sizeof(head));
    for (int i = 0; i < 100; i++) { /* half a request each */
        idle[i] = raw_connection();
        MUST(idle[i] >= 0 && send(idle[i], half, 10 + i, MSG_NOSIGNAL) == 10 + i);
    }
    MUST(!strcmp(text("/test/alive"), "1"));
    for (int i = 0; i < 100; i++)
        close(idle[i]);
    MUST(xs_rm(h, 0, "/test"));
}

/* One that only ever asks, and never reads an answer, does not keep others waiting. */
static void a_client_that_does_not_read_is_not_served(void)
{
    struct xsd_sockmsg head = { .type = XS_READ, .len = 6 };
    char request[sizeof(head) + 6], big[4000];
    int fd = raw_connection(), sent = 0;

    memset(big, 'b', sizeof(big));
    MUST(xs_write(h, 0, "/test", big, sizeof(big)));
    memcpy(request, &head, sizeof(head));
    memcpy(request + sizeof(head), "/test", 6);
    while (sent < 1000000 &&
           send(fd, request, sizeof(request), MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(request))
        sent++;
    MUST(sent < 1000000);
    MUST(xs_write(h, 0, "/test/alive", "1", 1));
    close(fd);
    MUST(xs_rm(h, 0, "/test"));
}

static void a_handle_survives_a_restart(void)
{
    xs_transaction_t t;

    MUST(xs_write(h, 0, "/test/kept", "1", 1));
    MUST(xs_watch(h, "/test/kept", "k"));
    MUST(!strcmp(event(), "/test/kept k"));
    t = xs_transaction_start(h);
    MUST(t && xs_write(h, t, "/test/tx", "1", 1));
    kill_daemon();
    start_daemon();
    FAILS(xs_write(h, t, "/test/tx", "2", 1), EAGAIN);
    FAILS(xs_transaction_end(h, t, false), EAGAIN);
    MUST(!strcmp(text("/test/kept"), "1"));
    MUST(!strcmp(text("/test/tx"), "(none)"));
    MUST(!strcmp(event(), "/test/kept k")); /* registered anew */
    MUST(xs_write(h, 0, "/test/kept", "2", 1));
    MUST(!strcmp(event(), "/test/kept k"));
    MUST(xs_unwatch(h, "/test/kept", "k"));
    MUST(xs_rm(h, 0, "/test"));
}

static void *write_after_restart(void *arg)
{
    struct xs_handle *own;

    kill_daemon();
    start_daemon();
    own = xs_open(0);
    xs_write(own, 0, "/test/w", "1", 1);
    xs_close(own);
    return arg;
}

static void who_waits_for_an_event_survives_a_restart(void)
{
    pthread_t other;

    MUST(xs_watch(h, "/test/w", "w"));
    MUST(!strcmp(event(), "/test/w w"));
    pthread_create(&other, NULL, write_after_restart, NULL);
    MUST(!strcmp(event(), "/test/w w"));
    pthread_join(other, NULL);
    MUST(!strcmp(text("/test/w"), "1"));
    MUST(xs_unwatch(h, "/test/w", "w"));
    while (!quiet())
        ;
    MUST(xs_rm(h, 0, "/test"));
}

static void *kill_repeatedly(void *stop)
{
    while (!*(volatile int *)stop) {
        usleep(20000);
        kill_daemon();
        start_daemon();
    }
    return NULL;
}

#define ACKNOWLEDGED 10000

/* What was acknowledged is there, however often the daemon is killed meanwhile. */
static void nothing_acknowledged_is_lost(void)
{
    int stop = 0, i;
    char path[32], value[16];
    pthread_t killer;

    pthread_create(&killer, NULL, kill_repeatedly, &stop);
    for (i = 0; i < ACKNOWLEDGED; i++) {
        sprintf(path, "/test/k%d", i);
        sprintf(value, "%d", i);
        if (!xs_write(h, 0, path, value, strlen(value)))
            break;
    }
    stop = 1;
    pthread_join(killer, NULL);
    MUST(i == ACKNOWLEDGED);
    for (i = 0; i < ACKNOWLEDGED; i++) {
        sprintf(path, "/test/k%d", i);
        sprintf(value, "%d", i);
        MUST(!strcmp(text(path), value));
    }
    MUST(xs_rm(h, 0, "/test"));
}

static const struct {
    const char *name;
    void (*run)(void);
    bool own; /* needs a daemon of its own */
} tests[] = {
    { "values are written, listed and removed", values, false },
    { "permissions are set and read", permissions, false },
    { "domains have paths", domains, false },
    { "transactions isolate and clash", transactions, false },
    { "concurrent transactions count right", concurrent_transactions_count_right, false },
    { "watches fire, and make the descriptor readable", watches, false },
    { "unwatch filters if asked to", unwatch_filters_if_asked_to, false },
    { "a thread may wait for events while another asks", a_thread_may_wait_while_another_asks, false },
    { "thousands of nodes", thousands_of_nodes, false },
    { "many changes are all made or none", many_changes_are_all_made_or_none, false },
    { "JSON comes back as it went", json_comes_back_as_it_went, false },
    { "bad JSON changes nothing, and it is said why", bad_json_changes_nothing_and_says_why, false },
    { "hostile clients are dropped, alone", hostile_clients_are_dropped_alone, true },
    { "a client that does not read is not served", a_client_that_does_not_read_is_not_served, true },
    { "a handle survives a restart", a_handle_survives_a_restart, true },
    { "who waits for an event survives a restart", who_waits_for_an_event_survives_a_restart, true },
    { "nothing acknowledged is lost when the daemon is killed", nothing_acknowledged_is_lost, true },
};

int main(void)
{
    bool own = getenv("STORE_DAEMON") != NULL;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (own) {
        if ((!getuid() && setuid(65534)) || !mkdtemp(folder))
            return 1;
        setenv("XENSTORED_RUNDIR", folder, 1);
        unsetenv("XENSTORED_PATH");
        start_daemon();
    }
    h = xs_open(0);
    if (!h) {
        printf("Bail out! cannot connect: %s\n", strerror(errno));
        return 1;
    }
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (tests[i].own && !own)
            continue;
        fault = NULL;
        tests[i].run();
        failed += fault != NULL;
        if (fault)
            printf("not ok %u - %s: line %d: %s (%s)\n", ++number, tests[i].name, fault_line, fault,
                   strerror(errno));
        else
            printf("ok %u - %s\n", ++number, tests[i].name);
    }
    xs_close(h);
    if (own) {
        char command[64];

        kill_daemon();
        snprintf(command, sizeof(command), "rm -r %s", folder);
        if (system(command))
            failed++;
    }
    return failed != 0;
}
