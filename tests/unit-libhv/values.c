// SPDX-License-Identifier: GPL-2.0-only
//
// Names, numbers and sizes: both directions agree, and what is out of range is refused.

#include <errno.h>
#include <string.h>

#include <libhv.h>

#include "config_value.h"
#include "harness.h"

static void disks(void)
{
    static const struct {
        const char *name;
        unsigned number;
    } known[] = {
        { "xvda", 51712 }, { "xvda1", 51713 }, { "xvdb", 51728 }, { "xvdp15", 51967 },
        { "xvdq", 1U << 28 | 16 << 8 }, { "xvda16", 1U << 28 | 16 }, { "xvdaa", 1U << 28 | 26 << 8 },
        { "sda", 2048 }, { "sdb3", 2067 }, { "hda", 768 }, { "hdb", 832 }, { "hdc", 5632 }, { "hdd63", 5759 },
    };
    static const char *const wrong[] = {
        "",        "xvd",    "xvdA",      "xvda0",       "xvda01",
        "xvda256", "xvda1x", "vda",       "sdq",         "sda16",
        "hde",     "hda64",  "/dev/xvda", "xvdzzzzzzzz", "xvda99999999999999999999",
    };
    unsigned number;
    char name[16];

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        CU_ASSERT_EQUAL(hv_vbd_number(known[i].name, &number), 0);
        CU_ASSERT_EQUAL(number, known[i].number);
        CU_ASSERT_EQUAL(hv_vbd_name(number, name, sizeof(name)), 0);
        CU_ASSERT_STRING_EQUAL(name, known[i].name);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(hv_vbd_number(wrong[i], &number), -EINVAL);
    CU_ASSERT_EQUAL(hv_vbd_name(1, name, sizeof(name)), -EINVAL);
    CU_ASSERT_EQUAL(hv_vbd_name(51712, name, 4), -EINVAL);
}

static void macs(void)
{
    static const char *const wrong[] = {
        "",
        "00:16:3e:00:00",
        "00:16:3e:00:00:0",
        "00:16:3e:00:00:001",
        "00-16-3e-00-00-01",
        "01:00:00:00:00:00",
        "00:00:00:00:00:00",
        "g0:16:3e:00:00:01",
        "00:16:3e:00:00:01 ",
    };
    uint8_t mac[6];
    char text[HV_MAC_TEXT];

    CU_ASSERT_EQUAL(hv_mac_parse("00:16:3E:0a:bc:de", mac), 0);
    CU_ASSERT_STRING_EQUAL(hv_mac_text(mac, text), "00:16:3e:0a:bc:de");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(hv_mac_parse(wrong[i], mac), -EINVAL);
    CU_ASSERT_EQUAL(hv_mac_generate(mac), 0);
    CU_ASSERT(mac[0] == 0 && mac[1] == 0x16 && mac[2] == 0x3e);
}

static void exports(void)
{
    static const struct {
        const char *uri, *text;
    } right[] = {
        { "nbd://server/volume", "nbd://server:10809/volume" },
        { "nbd://server:0077/a/b c", "nbd://server:77/a/b c" },
        { "nbd://10.0.0.1", "nbd://10.0.0.1:10809/" },
        { "nbd://[fe80::1]:5/x", "nbd://[fe80::1]:5/x" },
    };
    static const char *const wrong[] = {
        "", "nbd:", "nbd://", "nbd:///x", "nbd://a:/x", "nbd://a:0/x", "nbd://a:65536/x", "nbd://a:1x/x", "nbd://[::1/x",
        "nbd://[::1]5/x", "nbd://a b/x", "nbd://-a/x", "nbd://a/x\n", "http://a/x", "nbd://a:000001/x",
    };
    char text[HV_NBD_TEXT], uri[2 * HV_NBD_TEXT];
    struct hv_nbd nbd, again;

    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        CU_ASSERT_EQUAL(hv_nbd_parse(right[i].uri, &nbd), 0);
        CU_ASSERT_STRING_EQUAL(hv_nbd_text(&nbd, text), right[i].text);
        CU_ASSERT_EQUAL(hv_nbd_parse(text, &again), 0);
        CU_ASSERT_STRING_EQUAL(again.host, nbd.host);
        CU_ASSERT_STRING_EQUAL(again.name, nbd.name);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(hv_nbd_parse(wrong[i], &nbd), -EINVAL);
    /* As long as may be, and longer. */
    for (int length = 250; length < 260; length++) {
        snprintf(uri, sizeof(uri), "nbd://a/%0*d", length, 1);
        CU_ASSERT_EQUAL(hv_nbd_parse(uri, &nbd), length < HV_NBD_EXPORT_MAX ? 0 : -EINVAL);
        snprintf(uri, sizeof(uri), "nbd://%0*d:1/a", length, 1);
        CU_ASSERT_EQUAL(hv_nbd_parse(uri, &nbd), length < HV_NBD_HOST_MAX ? 0 : -EINVAL);
    }
}

static void uuids(void)
{
    uint8_t a[16], b[16];
    char text[HV_UUID_TEXT];

    CU_ASSERT_EQUAL(hv_uuid_generate(a), 0);
    CU_ASSERT_EQUAL(a[6] >> 4, 4);
    CU_ASSERT_EQUAL(a[8] >> 6, 2);
    hv_uuid_text(a, text);
    CU_ASSERT_EQUAL(strlen(text), 36);
    CU_ASSERT_EQUAL(hv_uuid_parse(text, b), 0);
    CU_ASSERT_EQUAL(memcmp(a, b, 16), 0);
    CU_ASSERT_EQUAL(hv_uuid_parse("6ba7b8109dad11d180b400c04fd430c8", a), 0);
    CU_ASSERT_EQUAL(hv_uuid_parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8", b), 0);
    CU_ASSERT_EQUAL(memcmp(a, b, 16), 0);
    CU_ASSERT_EQUAL(hv_uuid_parse("6ba7b810-9dad-11d1-80b4-00c04fd430c", a), -EINVAL);
    CU_ASSERT_EQUAL(hv_uuid_parse("6ba7b810x9dad-11d1-80b4-00c04fd430c8", a), -EINVAL);
    CU_ASSERT_EQUAL(hv_uuid_parse("", a), -EINVAL);
}

static void cpusets(void)
{
    static const char *const wrong[] = { "",    ",", "0-",   "-1", "3-1", "0,",
                                         "512", "^", "0,^0", "a",  "0 1", "0-511,512" };
    struct hv_cpuset set;
    char text[2048];

    CU_ASSERT_EQUAL(hv_cpuset_parse("0-3,^2,5,7-8", &set), 0);
    CU_ASSERT_STRING_EQUAL(hv_cpuset_text(&set, text, sizeof(text)), "0-1,3,5,7-8");
    CU_ASSERT_EQUAL(hv_cpuset_parse("all", &set), 0);
    CU_ASSERT_STRING_EQUAL(hv_cpuset_text(&set, text, sizeof(text)), "all");
    CU_ASSERT_EQUAL(hv_cpuset_parse("511", &set), 0);
    CU_ASSERT_STRING_EQUAL(hv_cpuset_text(&set, text, sizeof(text)), "511");
    CU_ASSERT_STRING_EQUAL(hv_cpuset_text(&set, text, 3), "51");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_EQUAL(hv_cpuset_parse(wrong[i], &set), -EINVAL);
    /* The longest text there is must fit in what the writers reserve. */
    memset(&set, 0x55, sizeof(set));
    CU_ASSERT(strlen(hv_cpuset_text(&set, text, sizeof(text))) < HV_CPUS_MAX * 4);
}

static void memory_sizes(void)
{
    uint64_t kib;

    CU_ASSERT(!hv_size_parse("256M", &kib) && kib == 256 << 10);
    CU_ASSERT(!hv_size_parse("1g", &kib) && kib == 1 << 20);
    CU_ASSERT(!hv_size_parse("65536", &kib) && kib == 65536);
    CU_ASSERT(!hv_size_parse("65536K", &kib) && kib == 65536);
    CU_ASSERT_EQUAL(hv_size_parse("", &kib), -EINVAL);
    CU_ASSERT_EQUAL(hv_size_parse("M", &kib), -EINVAL);
    CU_ASSERT_EQUAL(hv_size_parse("-1", &kib), -EINVAL);
    CU_ASSERT_EQUAL(hv_size_parse("1MB", &kib), -EINVAL);
    CU_ASSERT_EQUAL(hv_size_parse("99999999999999999999", &kib), -ERANGE);
    CU_ASSERT_EQUAL(hv_size_parse("18014398509481984G", &kib), -ERANGE);
    CU_ASSERT(!value_memory(1, NULL, &kib) && kib == 1);
    CU_ASSERT(!value_memory(1000, "MB", &kib) && kib == 976563);
    CU_ASSERT(!value_memory(1, "bytes", &kib) && kib == 1);
    CU_ASSERT_EQUAL(value_memory(1, "kib", &kib), -EINVAL);
    CU_ASSERT_EQUAL(value_memory(UINT64_MAX, "TiB", &kib), -ERANGE);
}

static void names(void)
{
    static const char *const good[] = { "a", "web-1", "_x", "db.example.org", "a+b@c:d", "1a" };
    static const char *const wrong[] = { "",    "0",   "17",  ".",        "..",  ".a", "-a",
                                         "a b", "a/b", "a\n", "\xc3\xa4", "a;b", "$a" };
    char longest[HV_NAME_MAX + 2];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT(hv_name_valid(good[i]));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT(!hv_name_valid(wrong[i]));
    memset(longest, 'a', sizeof(longest));
    longest[HV_NAME_MAX + 1] = 0;
    CU_ASSERT(!hv_name_valid(longest));
    longest[HV_NAME_MAX] = 0;
    CU_ASSERT(hv_name_valid(longest));
}

static void errors(void)
{
    struct hv_error err = { 0 };
    char text[1200];

    CU_ASSERT_EQUAL(hv_error_set(&err, ENOENT, "look again", "cannot find %s", "it"), -ENOENT);
    CU_ASSERT_STRING_EQUAL(hv_error_text(&err, text, sizeof(text)), "cannot find it; look again");
    CU_ASSERT_EQUAL(hv_error_at(&err, EINVAL, "a.xml", 7, NULL, "bad\x1b[31m"), -EINVAL);
    CU_ASSERT_STRING_EQUAL(hv_error_text(&err, text, sizeof(text)), "a.xml:7: bad?[31m");
    CU_ASSERT_EQUAL(hv_error_prefix(&err, "domain %s: ", "web"), -EINVAL);
    CU_ASSERT_STRING_EQUAL(err.message, "domain web: bad\x1b[31m");
    CU_ASSERT_EQUAL(hv_error_set(NULL, ENOENT, NULL, "nobody listens"), -ENOENT);
    memset(text, 'x', 1000);
    text[1000] = 0;
    hv_error_set(&err, EINVAL, text, "%s", text);
    hv_error_prefix(&err, "%s", text);
    CU_ASSERT_EQUAL(strlen(err.message), sizeof(err.message) - 1);
    CU_ASSERT_EQUAL(strlen(hv_error_text(&err, text, 10)), 9);
}

const struct unit_test unit_tests[] = {
    { "virtual disks have their numbers", disks },
    { "MAC addresses", macs },
    { "exports of network block devices", exports },
    { "UUIDs", uuids },
    { "sets of CPUs", cpusets },
    { "sizes of memory", memory_sizes },
    { "names of domains", names },
    { "errors are one line, cut but never lost", errors },
    { NULL, NULL },
};
