/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Validation against the schema: the last check, for what the others let pass (text between elements,
 * elements that lack a part). The first complaint is kept; later ones are mostly about the same place.
 */
#include <errno.h>
#include <string.h>

#include <libxml/relaxng.h>

#include "config_schema.h"

struct complaint {
    char message[256];
    int line;
};

static void keep_first(void *opaque, xmlErrorPtr error)
{
    struct complaint *first = opaque;
    size_t length;

    if (first->message[0] || !error || !error->message)
        return;
    length = strcspn(error->message, "\n");
    if (length >= sizeof(first->message))
        length = sizeof(first->message) - 1;
    memcpy(first->message, error->message, length);
    first->message[length] = 0;
    first->line = error->node ? (int)xmlGetLineNo(error->node) : error->line;
}

static xmlRelaxNG *load(void)
{
    struct complaint ignored = { 0 };
    xmlRelaxNGParserCtxt *parser =
        xmlRelaxNGNewMemParserCtxt(hv_schema_start, (int)(hv_schema_end - hv_schema_start));
    xmlRelaxNG *schema;

    if (!parser)
        return NULL;
    xmlRelaxNGSetParserStructuredErrors(parser, keep_first, &ignored);
    schema = xmlRelaxNGParse(parser);
    xmlRelaxNGFreeParserCtxt(parser);
    return schema;
}

int schema_check(struct reader *r, xmlDoc *doc)
{
    struct complaint first = { 0 };
    xmlRelaxNG *schema = load();
    xmlRelaxNGValidCtxt *valid = schema ? xmlRelaxNGNewValidCtxt(schema) : NULL;
    int ret = -1;

    if (valid) {
        xmlRelaxNGSetValidStructuredErrors(valid, keep_first, &first);
        ret = xmlRelaxNGValidateDoc(valid, doc);
        xmlRelaxNGFreeValidCtxt(valid);
    }
    xmlRelaxNGFree(schema);
    if (ret == 0)
        return 0;
    if (ret < 0)
        return hv_error_at(r->err, ENOMEM, r->file, 0, NULL,
                           "cannot check it against the schema: out of memory");
    return hv_error_at(r->err, EINVAL, r->file, first.line, "see hv-domain(5)",
                       "it is against the schema: %s", first.message[0] ? first.message : "no reason given");
}
