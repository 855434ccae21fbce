// SPDX-License-Identifier: GPL-2.0-only
//
// Fuzzes domain XML: whatever is accepted can be written, read back, copied and freed, and is the same then.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libhv.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void warn(void *opaque, const struct hv_error *warning)
{
    char text[1200];

    (void)opaque;
    hv_error_text(warning, text, sizeof(text));
}

static void must(int good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hv_error err = { 0 };
    struct hv_config *config = hv_config_parse((const char *)data, size, "fuzz", warn, NULL, &err), *again,
                     *copy;
    char *xml, *xml_again, *json;

    if (!config) {
        must(err.code && err.message[0]);
        return 0;
    }
    must(hv_name_valid(config->name));
    xml = hv_config_xml(config, 1);
    json = hv_config_json(config, false);
    must(xml && json && json[0] == '{');
    again = hv_config_parse(xml, strlen(xml), "again", NULL, NULL, &err);
    must(again != NULL);
    copy = hv_config_copy(again);
    xml_again = hv_config_xml(copy, 1);
    must(!strcmp(xml, xml_again));
    free(xml);
    free(xml_again);
    free(json);
    hv_config_free(config);
    hv_config_free(again);
    hv_config_free(copy);
    return 0;
}
