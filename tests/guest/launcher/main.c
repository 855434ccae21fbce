/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs another test kernel, given as the module, as an ordinary domain: unprivileged, with a console ring. So each test also
 * proves what a domU sees, and whatever the child does to itself, its parent must live to tell and clean up: all of
 * the child's memory comes back. `tests/guest/run --domu` is the way to use it.
 *
 * The child's words are passed on, but its verdict is not the last one. The command line goes to the child; vcpus=N is
 * how many it gets, seconds=N how long it may take.
 */
#include <guest.h>
#include <build.h>
#include <public/io/console.h>
#include <public/sched.h>

static char line[512];
static size_t line_length;
static bool crash_expected, passed, skipped;

static bool has(const char *what)
{
    size_t n = strlen(what), i;

    for (i = 0; line[i]; i++)
        if (!strncmp(line + i, what, n))
            return true;
    return false;
}

static void end_of_line(void)
{
    line[line_length] = 0;
    if (has("verdict: ")) {
        passed = has("verdict: pass");
        skipped = has("verdict: skip");
        line[0] = 'V';      /* the runner waits for our own */
        print("# the child's %s\n", line);
    } else if (has("expect: crash")) {
        crash_expected = true;
        line[0] = 'E';
        print("# the child's %s\n", line);
    } else if (line[0] == '1' && line[1] == '.') {
        print("# plan of the child: %s\n", line);
    } else {
        print("%s\n", line);
    }
    line_length = 0;
}

/* Whatever the child wrote into its ring: indices are its own to spoil, so only as much as fits is taken. */
static void relay(const struct child *child)
{
    volatile struct xencons_interface *ring = child->console;
    uint32_t cons = ring->out_cons, prod = __atomic_load_n(&ring->out_prod, __ATOMIC_ACQUIRE);

    if (prod - cons > sizeof(ring->out))
        cons = prod - sizeof(ring->out);
    for (; cons != prod; cons++) {
        char c = ring->out[cons % sizeof(ring->out)];

        if (c == '\n' || line_length == sizeof(line) - 1)
            end_of_line();
        else
            line[line_length++] = c;
    }
    __atomic_store_n(&ring->out_cons, cons, __ATOMIC_RELEASE);
}

static unsigned int run(const struct child *child, uint64_t seconds)
{
    struct xen_domctl_getdomaininfo info;
    uint64_t end = time_now() + seconds * 1000000000ull;

    child_unpause(child);
    while (!child_info(child, &info)) {
        relay(child);
        if (info.flags & XEN_DOMINF_shutdown) {
            relay(child);
            return info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
        }
        if (time_now() > end)
            return 0xff;
        hyp_sched_op(SCHEDOP_yield, NULL);
    }
    return 0xfe;
}

static bool memory_is_back(uint64_t before)
{
    uint64_t end = time_now() + 5000000000ull, now;

    do {
        now = machine_free_pages();
        if (now >= before)
            return true;
        hyp_sched_op(SCHEDOP_yield, NULL);
    } while (time_now() < end);
    note("%lu pages were free, %lu are now", (unsigned long)before, (unsigned long)now);
    return false;
}

static void build(struct child *child)
{
    child_create(child, option("vcpus", 1));
    child_load(child, (const void *)start_info->mod_start, start_info->mod_len, (const char *)start_info->cmd_line);
}

void test_main(void)
{
    struct child child = { 0 };
    uint64_t before;
    unsigned int reason;

    if (!start_info->mod_len)
        skip_all("no kernel was given as a module");
    build(&child);
    child_destroy(&child);
    before = machine_free_pages();      /* now that all tables of ours have grown as they will */
    build(&child);
    note("domain %u starts", child.domain);
    reason = run(&child, option("seconds", 60));
    if (crash_expected)
        is(reason, SHUTDOWN_crash, "the child crashed, as it announced");
    else
        ok(passed || skipped, "the child passed (it ended with %u)", reason);
    ok(child_destroy(&child), "it is destroyed");
    ok(memory_is_back(before), "and all its memory is back");
}
