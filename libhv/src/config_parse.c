/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From text to a configuration: parse, check the names, read the values, check against the schema.
 *
 * The text is not trusted: no network, no document type (so no entities but XML's own five, and no expansion
 * bombs), at most 1 MiB, and libxml2's own limits on depth and length stay on. Nothing is printed, no global
 * of libxml2 is set.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/parser.h>

#include <libhv/config.h>

#include "config_devices.h"
#include "config_read.h"
#include "config_schema.h"
#include "config_words.h"

#define XML_MAX (1UL << 20)
#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA | \
                       XML_PARSE_BIG_LINES)

/* Called at "<!DOCTYPE", before anything in it is looked at. The line is kept for the message. */
static void refuse_doctype(void *opaque, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    xmlParserCtxt *parser = opaque;

    (void)name;
    (void)external;
    (void)system;
    *(int *)parser->_private = xmlSAX2GetLineNumber(parser);
    xmlStopParser(parser);
}

static int parse_error(struct reader *r, xmlParserCtxt *parser)
{
    xmlError *error = xmlCtxtGetLastError(parser);
    char message[256] = "";

    if (error && error->message) {
        size_t length = strcspn(error->message, "\n");

        if (length >= sizeof(message))
            length = sizeof(message) - 1;
        memcpy(message, error->message, length);
    }
    return hv_error_at(r->err, EINVAL, r->file, error ? error->line : 0, NULL,
                       "it is not well-formed XML: %s", message[0] ? message : "it is empty");
}

static xmlDoc *parse(struct reader *r, const char *xml, size_t size)
{
    xmlParserCtxt *parser;
    int doctype_line = 0;
    xmlDoc *doc = NULL;

    if (size > XML_MAX) {
        hv_error_at(r->err, EFBIG, r->file, 0, NULL, "it is larger than %lu KiB", XML_MAX >> 10);
        return NULL;
    }
    parser = xmlNewParserCtxt();
    if (!parser) {
        reader_no_memory(r);
        return NULL;
    }
    parser->_private = &doctype_line;
    parser->sax->internalSubset = refuse_doctype;
    doc = xmlCtxtReadMemory(parser, xml, (int)size, NULL, NULL, PARSE_OPTIONS);
    if (doctype_line)
        hv_error_at(r->err, EINVAL, r->file, doctype_line, "remove the <!DOCTYPE>",
                    "document types and entities are not allowed");
    else if (!doc)
        parse_error(r, parser);
    if (doctype_line && doc) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(parser);
    return doc;
}

/* Parses, and checks that the root is this element and that all names are known. NULL on failure. */
static xmlDoc *open_document(struct reader *r, const char *xml, size_t size, const char *root,
                             const struct word *word)
{
    xmlDoc *doc = parse(r, xml, size);
    const xmlNode *node = doc ? xmlDocGetRootElement(doc) : NULL;

    if (!doc)
        return NULL;
    if (node && !node->ns && !strcmp((const char *)node->name, root)) {
        if (!words_check(r, node, word))
            return doc;
    } else if (node) {
        reader_error(r, node, NULL, "the outermost element is <%s>, not <%s>", node->name, root);
    } else {
        hv_error_at(r->err, EINVAL, r->file, 0, NULL, "it has no <%s>", root);
    }
    xmlFreeDoc(doc);
    return NULL;
}

struct hv_config *hv_config_parse(const char *xml, size_t size, const char *name, hv_warn_fn *warn,
                                  void *opaque, struct hv_error *err)
{
    struct reader r = { .file = name, .warn = warn, .opaque = opaque, .err = err };
    xmlDoc *doc = open_document(&r, xml, size, "domain", word_domain);
    struct hv_config *config;

    if (!doc)
        return NULL;
    config = calloc(1, sizeof(*config));
    if (!config) {
        reader_no_memory(&r);
        goto free_doc;
    }
    config->file = name ? strdup(name) : NULL;
    if (config_read(&r, xmlDocGetRootElement(doc), config) || schema_check(&r, doc))
        goto free_config;
    xmlFreeDoc(doc);
    return config;

free_config:
    hv_config_free(config);
free_doc:
    xmlFreeDoc(doc);
    return NULL;
}

/* Reads a file of at most XML_MAX bytes and one more, by which a longer one is recognized. */
static char *read_file(const char *path, size_t *size, struct hv_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    char *text = NULL;
    ssize_t got;

    if (fd < 0 || fstat(fd, &st) < 0)
        goto report;
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        goto report;
    }
    text = malloc(XML_MAX + 1);
    if (!text)
        goto report;
    for (*size = 0; *size < XML_MAX + 1; *size += (size_t)got) {
        got = read(fd, text + *size, XML_MAX + 1 - *size);
        if (got < 0)
            goto report;
        if (got == 0)
            break;
    }
    close(fd);
    return text;

report:
    hv_error_at(err, errno, path, 0, NULL, "cannot read it: %s", strerror(errno));
    free(text);
    if (fd >= 0)
        close(fd);
    return NULL;
}

struct hv_config *hv_config_parse_file(const char *path, hv_warn_fn *warn, void *opaque, struct hv_error *err)
{
    struct hv_config *config;
    size_t size;
    char *text = read_file(path, &size, err);

    if (!text)
        return NULL;
    config = hv_config_parse(text, size, path, warn, opaque, err);
    free(text);
    return config;
}

struct hv_disk *hv_config_parse_disk(const char *xml, size_t size, const char *name, hv_warn_fn *warn,
                                     void *opaque, struct hv_error *err)
{
    struct reader r = { .file = name, .warn = warn, .opaque = opaque, .err = err };
    xmlDoc *doc = open_document(&r, xml, size, "disk", word_disk);
    struct hv_disk *disk = doc ? calloc(1, sizeof(*disk)) : NULL;

    if (disk && config_read_disk(&r, xmlDocGetRootElement(doc), disk)) {
        hv_disk_free(disk);
        disk = NULL;
    }
    xmlFreeDoc(doc);
    return disk;
}

struct hv_nic *hv_config_parse_nic(const char *xml, size_t size, const char *name, hv_warn_fn *warn,
                                   void *opaque, struct hv_error *err)
{
    struct reader r = { .file = name, .warn = warn, .opaque = opaque, .err = err };
    xmlDoc *doc = open_document(&r, xml, size, "interface", word_interface);
    struct hv_nic *nic = doc ? calloc(1, sizeof(*nic)) : NULL;

    if (nic && config_read_nic(&r, xmlDocGetRootElement(doc), nic)) {
        hv_nic_free(nic);
        nic = NULL;
    }
    xmlFreeDoc(doc);
    return nic;
}
