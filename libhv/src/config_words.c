/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The vocabulary as tables: a row for each element that is used, with lists of names that libvirt has
 * besides.
 *
 * A name is used, or is libvirt's and without effect here (a warning), or would change what the guest is and
 * cannot be honoured (an error), or is unknown (an error). tools/schema/domain.rng says the same for other
 * programs; a test holds both together.
 */
#include <stdio.h>
#include <string.h>

#include "config_words.h"

struct word {
    const char *name;
    bool many;                  /* may be there more than once */
    const char *attributes;     /* lists of names, each with a space on both sides */
    const char *idle_attributes;
    const struct word *children;
    const char *idle_children;
    const char *refused_children;
};

#define END { NULL, false, NULL, NULL, NULL, NULL, NULL }

static const struct word os_words[] = {
    { .name = "type", .attributes = " arch machine " },
    { .name = "kernel" },
    { .name = "initrd" },
    { .name = "cmdline" },
    END,
};

static const struct word cputune_words[] = {
    { .name = "shares" },
    { .name = "period" },
    { .name = "quota" },
    { .name = "vcpupin", .many = true, .attributes = " vcpu cpuset " },
    { .name = "hv:cap" },
    END,
};

static const struct word disk_source_words[] = {
    { .name = "host", .attributes = " name port transport " },
    END,
};

static const struct word iotune_words[] = {
    { .name = "total_bytes_sec" },
    { .name = "read_bytes_sec" },
    { .name = "write_bytes_sec" },
    { .name = "total_iops_sec" },
    { .name = "read_iops_sec" },
    { .name = "write_iops_sec" },
    { .name = "total_bytes_sec_max" },
    { .name = "read_bytes_sec_max" },
    { .name = "write_bytes_sec_max" },
    { .name = "total_iops_sec_max" },
    { .name = "read_iops_sec_max" },
    { .name = "write_iops_sec_max" },
    END,
};

static const struct word disk_words[] = {
    { .name = "source",
      .attributes = " file dev protocol name tls ",
      .idle_attributes = " startupPolicy index tlsHostname query ",
      .children = disk_source_words,
      .idle_children = " seclabel address privateData reservations reconnect " ,
      .refused_children = " auth encryption slices snapshot config initiator ssl cookies " },
    { .name = "driver",
      .attributes = " name type ",
      .idle_attributes =
          " cache error_policy rerror_policy io ioeventfd event_idx copy_on_read discard "
          "discard_no_unref iothread detect_zeroes queues queue_size iommu ats packed page_per_vq "
          "metadata_cache ",
      .idle_children = " metadata_cache iothreads " },
    { .name = "target", .attributes = " dev bus ", .idle_attributes = " tray removable rotation_rate " },
    { .name = "readonly" },
    { .name = "shareable" },
    { .name = "iotune",
      .children = iotune_words,
      .idle_children =
          " size_iops_sec group_name total_bytes_sec_max_length read_bytes_sec_max_length "
          "write_bytes_sec_max_length total_iops_sec_max_length read_iops_sec_max_length "
          "write_iops_sec_max_length " },
    END,
};

static const struct word bandwidth_words[] = {
    { .name = "inbound", .attributes = " average peak burst ", .idle_attributes = " floor " },
    { .name = "outbound", .attributes = " average peak burst " },
    { .name = "hv:packets", .attributes = " inbound outbound " },
    END,
};

static const struct word interface_words[] = {
    { .name = "mac", .attributes = " address ", .idle_attributes = " type check currentAddress " },
    { .name = "source", .attributes = " bridge ", .idle_attributes = " portid " },
    { .name = "target", .attributes = " dev ", .idle_attributes = " managed " },
    { .name = "model", .attributes = " type " },
    { .name = "script", .attributes = " path " },
    { .name = "driver",
      .attributes = " name ",
      .idle_attributes = " txmode ioeventfd event_idx queues rx_queue_size tx_queue_size rss rss_hash_report iommu ats "
                         "packed page_per_vq ",
      .idle_children = " host guest " },
    { .name = "bandwidth", .children = bandwidth_words },
    END,
};

static const struct word console_words[] = {
    { .name = "source", .attributes = " path ", .idle_attributes = " append mode host service tls " },
    { .name = "target", .attributes = " type port ", .idle_children = " model " },
    END,
};

static const struct word device_words[] = {
    { .name = "disk",
      .many = true,
      .attributes = " type device ",
      .idle_attributes = " snapshot model rawio sgio ",
      .children = disk_words,
      .idle_children =
          " address alias boot serial wwn vendor product geometry blockio backingStore mirror "
          "privateData acpi ",
      .refused_children = " auth encryption transient " },
    { .name = "interface",
      .many = true,
      .attributes = " type ",
      .idle_attributes = " managed trustGuestRxFilters ",
      .children = interface_words,
      .idle_children =
          " address alias boot link mtu tune guest ip route backend rom coalesce acpi port "
          "teaming portForward downscript ",
      .refused_children = " vlan virtualport filterref " },
    { .name = "console",
      .many = true,
      .attributes = " type tty ",
      .children = console_words,
      .idle_children = " alias address protocol log acpi " },
    END,
};

const struct word *const word_disk = &device_words[0], *const word_interface = &device_words[1];

static const struct word domain_words[] = {
    { .name = "name" },
    { .name = "uuid" },
    { .name = "title" },
    { .name = "description" },
    { .name = "memory", .attributes = " unit ", .idle_attributes = " dumpCore " },
    { .name = "currentMemory", .attributes = " unit ", .idle_attributes = " dumpCore " },
    { .name = "vcpu", .attributes = " current cpuset placement " },
    { .name = "cputune",
      .children = cputune_words,
      .idle_children =
          " global_period global_quota emulator_period emulator_quota iothread_period iothread_quota "
          "emulatorpin iothreadpin vcpusched emulatorsched iothreadsched cachetune memorytune " },
    { .name = "os",
      .idle_attributes = " firmware ",
      .children = os_words,
      .idle_children =
          " loader nvram boot bootmenu smbios bios acpi dtb firmware init initarg initenv initdir "
          "inituser initgroup idmap shim " },
    { .name = "on_poweroff" },
    { .name = "on_reboot" },
    { .name = "on_crash" },
    { .name = "devices",
      .children = device_words,
      .idle_children =
          " emulator serial parallel channel controller input graphics video sound audio watchdog "
          "memballoon rng panic hub lease memory smartcard redirdev redirfilter shmem vsock nvram iommu "
          "crypto pstore tpm ",
      .refused_children = " hostdev filesystem " },
    END,
};

static const struct word domain = {
    .name = "domain",
    .attributes = " type id ",
    .children = domain_words,
    .idle_children =
        " metadata genid maxMemory memoryBacking memtune numatune blkiotune vcpus iothreads iothreadids "
        "defaultiothread throttlegroups resource sysinfo bootloader bootloader_args features cpu clock "
        "on_lockfailure perf pm seclabel idmap keywrap launchSecurity ",
};

const struct word *const word_domain = &domain;

/* True if the list, with spaces around each name, has this one. */
static bool in_list(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = list; at && (at = strstr(at, name)); at++)
        if (at > list && at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

static int check_attributes(struct reader *r, const xmlNode *node, const struct word *word)
{
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        const char *name = (const char *)a->name;

        if (a->ns)
            reader_warn(r, node, "attribute %s:%s of <%s> has no effect here", a->ns->prefix, name,
                        node->name);
        else if (in_list(word->idle_attributes, name))
            reader_warn(r, node, "attribute %s of <%s> has no effect here", name, node->name);
        else if (!in_list(word->attributes, name))
            return reader_error(r, node, "correct the name or remove the attribute",
                                "<%s> has no attribute \"%s\"", node->name, name);
    }
    return 0;
}

static const struct word *find_word(const struct word *words, const char *name)
{
    for (; words && words->name; words++)
        if (!strcmp(words->name, name))
            return words;
    return NULL;
}

/* The row for a child element, NULL if there is nothing to check in it, or an error. */
static int find_child(struct reader *r, const xmlNode *child, const struct word *word,
                      const struct word **row)
{
    const char *name = (const char *)child->name;
    char own[64];

    *row = NULL;
    if (child->ns && strcmp((const char *)child->ns->href, HV_XMLNS)) {
        reader_warn(r, child, "<%s> of the namespace %s has no effect here", name, child->ns->href);
        return 0;
    }
    snprintf(own, sizeof(own), "%s%s", child->ns ? "hv:" : "", name);
    *row = find_word(word->children, own);
    if (*row)
        return 0;
    if (in_list(word->idle_children, own)) {
        reader_warn(r, child, "<%s> has no effect here", own);
        return 0;
    }
    if (in_list(word->refused_children, own))
        return reader_error(r, child, "remove it", "<%s> is not supported for PV guests here", own);
    return reader_error(r, child, "correct the name or remove the element", "<%s> is not known in <%s>", own,
                        word->name);
}

static const xmlNode *earlier_sibling(const xmlNode *node)
{
    for (const xmlNode *other = node->prev; other; other = other->prev)
        if (other->type == XML_ELEMENT_NODE && !strcmp((const char *)other->name, (const char *)node->name) &&
            !other->ns == !node->ns)
            return other;
    return NULL;
}

/* An element that has a place for others has none for text. */
static int check_text(struct reader *r, const xmlNode *parent, const xmlNode *text, const struct word *word)
{
    if (!word->children || text->type != XML_TEXT_NODE || xmlIsBlankNode((xmlNode *)text))
        return 0;
    return reader_error(r, parent, "remove it", "there is text in <%s> that belongs to no element",
                        word->name);
}

int words_check(struct reader *r, const xmlNode *node, const struct word *word)
{
    int ret = check_attributes(r, node, word);

    for (const xmlNode *child = node->children; child && !ret; child = child->next) {
        const struct word *row;

        if (child->type != XML_ELEMENT_NODE) {
            ret = check_text(r, node, child, word);
            continue;
        }
        ret = find_child(r, child, word, &row);
        if (ret || !row)
            continue;
        if (!row->many && earlier_sibling(child))
            return reader_error(r, child, "remove one of them", "<%s> is there twice, first on line %d",
                                row->name, reader_line(earlier_sibling(child)));
        ret = words_check(r, child, row);
    }
    return ret;
}
