// SPDX-License-Identifier: GPL-2.0-only
//
// A console's way from a guest's ring to log and screen: what the guest writes arrives whole, and whatever it
// writes into the ring's indices or onto the screen, nothing else happens.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <domain/escape.h>
#include <domain/paths.h>

#include "console_log.h"
#include "harness.h"
#include "loop.h"
#include "ring.h"
#include "viewer.h"

static struct xencons_interface page;
static struct ring ring;

static void begin(void)
{
    memset(&page, 0, sizeof(page));
    ring_init(&ring, &page);
}

/* The guest's side. */
static void guest_writes(const char *text)
{
    for (; *text; text++)
        page.out[MASK_XENCONS_IDX(page.out_prod++, page.out)] = *text;
}

static void in_order(void)
{
    char buf[4096], expect[32];

    begin();
    page.out_prod = page.out_cons = 0xfffffff0; /* indices wrap around after a while */
    ring_init(&ring, &page);
    for (int i = 0; i < 1000; i++) {
        size_t n;

        snprintf(expect, sizeof(expect), "line %d\n", i);
        guest_writes(expect);
        CU_ASSERT(ring_pending(&ring));
        n = ring_read(&ring, buf, sizeof(buf));
        CU_ASSERT_EQUAL(n, strlen(expect));
        CU_ASSERT_EQUAL(memcmp(buf, expect, n), 0);
        CU_ASSERT_EQUAL(page.out_cons, page.out_prod);
    }
}

static void full_ring(void)
{
    char buf[100];
    size_t total = 0, n;

    begin();
    page.out_prod = sizeof(page.out);
    while ((n = ring_read(&ring, buf, sizeof(buf))))
        total += n;
    CU_ASSERT_EQUAL(total, sizeof(page.out));
}

static void hostile_out_index(void)
{
    char *buf = malloc(sizeof(page.out)); /* ASan watches its ends */

    begin();
    for (uint32_t offset = sizeof(page.out) + 1; offset; offset = offset << 1 | 1) {
        page.out_prod = ring.out_cons + offset;
        CU_ASSERT_EQUAL(ring_read(&ring, buf, sizeof(page.out)), 0);
        if (offset == 0xffffffff)
            break;
    }
    /* It moves our index behind our back: that is not even looked at. */
    page.out_cons = 12345;
    guest_writes("still here");
    CU_ASSERT_EQUAL(ring_read(&ring, buf, sizeof(page.out)), 10);
    free(buf);
}

static void input(void)
{
    char big[4096];

    begin();
    memset(big, 'x', sizeof(big));
    CU_ASSERT_EQUAL(ring_write(&ring, "ls\n", 3), 3);
    CU_ASSERT_EQUAL(page.in_prod, 3);
    CU_ASSERT_EQUAL(memcmp(page.in, "ls\n", 3), 0);
    CU_ASSERT_EQUAL(ring_write(&ring, big, sizeof(big)), sizeof(page.in) - 3);
    CU_ASSERT_EQUAL(ring_write(&ring, big, sizeof(big)), 0);
    page.in_cons = 100;
    CU_ASSERT_EQUAL(ring_write(&ring, big, sizeof(big)), 100);
    page.in_cons = page.in_prod + 1000; /* nonsense */
    CU_ASSERT_EQUAL(ring_write(&ring, big, sizeof(big)), 0);
}

static const char *shown(const char *text, size_t size)
{
    static char out[1024];
    size_t written;

    CU_ASSERT_EQUAL(escape(text, size, 1, out, &written), size);
    out[written] = '\0';
    return out;
}

static void escapes(void)
{
    CU_ASSERT_STRING_EQUAL(shown("plain\ttext\n", 11), "plain\ttext\n");
    CU_ASSERT_STRING_EQUAL(shown("line\r\n", 6), "line\n");
    CU_ASSERT_STRING_EQUAL(shown("over\rwritten", 12), "over\\x0dwritten");
    CU_ASSERT_STRING_EQUAL(shown("\033]0;title\007", 10), "\\x1b]0;title\\x07");
    CU_ASSERT_STRING_EQUAL(shown("a\\x1b", 5), "a\\\\x1b");
    CU_ASSERT_STRING_EQUAL(shown("\0\177", 2), "\\x00\\x7f");
    CU_ASSERT_STRING_EQUAL(shown("gr\xc3\xbc\xc3\x9f"
                                 "e \xe2\x82\xac",
                                 11),
                           "gr\xc3\xbc\xc3\x9f"
                           "e \xe2\x82\xac");
    CU_ASSERT_STRING_EQUAL(shown("\xc2\x9b" "2J", 4), "\\xc2\\x9b2J");   /* C1: another way to say ESC [ */
    CU_ASSERT_STRING_EQUAL(shown("\xc0\x9b\xff", 3), "\\xc0\\x9b\\xff"); /* not UTF-8 */
    CU_ASSERT_STRING_EQUAL(shown("\xe2\x82", 2), "\\xe2\\x82");          /* cut off */
}

static void escape_in_pieces(void)
{
    char out[64];
    size_t written;

    /* A character that is not complete yet waits for its rest. */
    CU_ASSERT_EQUAL(escape("a\xe2\x82", 3, 0, out, &written), 1);
    CU_ASSERT_EQUAL(written, 1);
    CU_ASSERT_EQUAL(escape("a\r", 2, 0, out, &written), 1);
}

static size_t file_size(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 ? 0 : (size_t)st.st_size;
}

static void log_is_bounded(void)
{
    char folder[] = "/tmp/hvd-test-XXXXXX", chunk[1000], older[PATH_MAX + 8];
    struct console_log log;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    setenv("HV_LOG_DIR", folder, 1);
    memset(chunk, 'x', sizeof(chunk));
    console_log_open(&log, "guest", true);
    for (size_t total = 0; total < 5 * CONSOLE_LOG_MAX; total += sizeof(chunk))
        console_log_write(&log, chunk, sizeof(chunk));
    snprintf(older, sizeof(older), "%s.1", log.path);
    CU_ASSERT(file_size(log.path) <= CONSOLE_LOG_MAX);
    CU_ASSERT(file_size(older) <= CONSOLE_LOG_MAX && file_size(older) > CONSOLE_LOG_MAX / 2);
    console_log_close(&log);

    /* The daemon was restarted: it goes on. Another boot: a new log, the old one is kept once. */
    console_log_open(&log, "guest", false);
    CU_ASSERT(log.size > 0);
    console_log_close(&log);
    console_log_open(&log, "guest", true);
    CU_ASSERT_EQUAL(log.size, 0);
    CU_ASSERT_EQUAL(file_size(older), 0);
    console_log_close(&log);
    unlink(log.path);
    snprintf(older, sizeof(older), "%s.old", log.path);
    CU_ASSERT(file_size(older) > 0);
    unlink(older);
    rmdir(folder);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    return connect(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

static void typed(void *arg)
{
    ++*(int *)arg;
}

static void run(struct loop *loop)
{
    for (int i = 0; i < 4; i++) {
        loop_wake_at(loop, loop_now());
        CU_ASSERT(loop_run_once(loop));
    }
}

static void several_viewers(void)
{
    char path[] = "/tmp/hvd-test-XXXXXX", buf[64];
    struct loop *loop = loop_new();
    struct viewers *viewers;
    int calls = 0, a, b;
    size_t size;

    close(mkstemp(path)); /* a file left over is replaced */
    viewers = viewers_new(loop, path, typed, &calls);
    CU_ASSERT_PTR_NOT_NULL_FATAL(viewers);
    a = connect_to(path);
    b = connect_to(path);
    run(loop);
    CU_ASSERT_EQUAL(viewers_count(viewers), 2);
    viewers_show(viewers, "hello", 5);
    CU_ASSERT_EQUAL(read(a, buf, sizeof(buf)), 5);
    CU_ASSERT_EQUAL(read(b, buf, sizeof(buf)), 5);

    CU_ASSERT_EQUAL(write(b, "ls", 2), 2);
    run(loop);
    CU_ASSERT_EQUAL(calls, 1);
    CU_ASSERT_EQUAL(memcmp(viewers_input(viewers, &size), "ls", 2), 0);
    CU_ASSERT_EQUAL(size, 2);
    viewers_take(viewers, 2);

    close(a);
    run(loop);
    CU_ASSERT_EQUAL(viewers_count(viewers), 1);
    viewers_free(viewers);
    CU_ASSERT_EQUAL(read(b, buf, sizeof(buf)), 0);
    CU_ASSERT(access(path, F_OK));
    close(b);
    loop_run_once((loop_wake_at(loop, loop_now()), loop));
    loop_free(loop);
}

/*
 * `echo command | hvctl console` types and hangs up. While the guest wrote without end, hvd noticed the second first, as
 * its output could not be sent, and forgot what had been typed. And a guest that does not read its input must not keep those
 * who have hung up.
 */
static void viewer_who_types_and_goes(void)
{
    char path[] = "/tmp/hvd-test-XXXXXX", much[VIEWER_IN_MAX + 1] = "much";
    struct loop *loop = loop_new();
    struct viewers *viewers;
    int calls = 0, fd;
    size_t size;

    close(mkstemp(path));
    viewers = viewers_new(loop, path, typed, &calls);
    CU_ASSERT_PTR_NOT_NULL_FATAL(viewers);
    fd = connect_to(path);
    run(loop);
    viewers_show(viewers, "output", 6);
    CU_ASSERT_EQUAL(write(fd, "command", 7), 7);
    close(fd);
    viewers_show(viewers, "more output", 11);
    viewers_show(viewers, "and more", 8);
    run(loop);
    CU_ASSERT_EQUAL(memcmp(viewers_input(viewers, &size), "command", 7), 0);
    CU_ASSERT_EQUAL(size, 7);
    CU_ASSERT_EQUAL(viewers_count(viewers), 0);

    fd = connect_to(path);
    CU_ASSERT_EQUAL(write(fd, much, sizeof(much)), sizeof(much));
    close(fd);
    run(loop);
    run(loop);
    viewers_input(viewers, &size);
    CU_ASSERT_EQUAL(size, VIEWER_IN_MAX);
    CU_ASSERT_EQUAL(viewers_count(viewers), 0);
    viewers_free(viewers);
    loop_run_once((loop_wake_at(loop, loop_now()), loop));
    loop_free(loop);
}

/* One viewer has gone to lunch: memory stays bounded, the other one sees all, and the sleeper is told. */
static void viewer_who_does_not_read(void)
{
    char path[] = "/tmp/hvd-test-XXXXXX", buf[8192], seen[64] = "";
    struct loop *loop = loop_new();
    struct viewers *viewers;
    int calls = 0, sleeper, reader;
    size_t received = 0;
    ssize_t n;

    close(mkstemp(path));
    viewers = viewers_new(loop, path, typed, &calls);
    CU_ASSERT_PTR_NOT_NULL_FATAL(viewers);
    sleeper = connect_to(path);
    reader = connect_to(path);
    run(loop);
    memset(buf, 'x', sizeof(buf));
    for (int i = 0; i < 256; i++) {
        viewers_show(viewers, buf, sizeof(buf));
        for (size_t got = 0; got < sizeof(buf); got += (size_t)n) {
            n = read(reader, buf, sizeof(buf));
            CU_ASSERT_FATAL(n > 0);
            received += (size_t)n;
        }
    }
    CU_ASSERT_EQUAL(received, 256 * sizeof(buf));
    fcntl(sleeper, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 200; i++) {
        while ((n = read(sleeper, buf, sizeof(buf))) > 0)
            if (memmem(buf, (size_t)n, "output lost", 11))
                strcpy(seen, "told");
        run(loop);
    }
    CU_ASSERT_STRING_EQUAL(seen, "told");
    viewers_free(viewers);
    close(sleeper);
    close(reader);
    loop_run_once((loop_wake_at(loop, loop_now()), loop));
    loop_free(loop);
}

const struct unit_test unit_tests[] = {
    { "what a guest writes arrives in order, also when indices wrap", in_order },
    { "a full ring is read whole, in pieces", full_ring },
    { "hostile indices read nothing outside the ring", hostile_out_index },
    { "input goes in as far as there is room", input },
    { "control characters are escaped, text is not", escapes },
    { "characters in two pieces are put together", escape_in_pieces },
    { "a log is bounded, and begins anew with each boot", log_is_bounded },
    { "several viewers see and type", several_viewers },
    { "what a viewer types counts, even if it hangs up at once", viewer_who_types_and_goes },
    { "a viewer who does not read loses output, and alone", viewer_who_does_not_read },
    { NULL, NULL },
};
