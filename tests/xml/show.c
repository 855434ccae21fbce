// SPDX-License-Identifier: GPL-2.0-only
//
// show FILE: what libhv makes of a domain's XML: warnings or the error, then the configuration as XML and as
// JSON. It also proves that what is written is read back to the same, by a copy.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libhv.h>

static void print(const char *kind, const struct hv_error *err)
{
    char text[1200];

    printf("%s: %s\n", kind, hv_error_text(err, text, sizeof(text)));
}

static void warn(void *opaque, const struct hv_error *warning)
{
    (void)opaque;
    print("warning", warning);
}

int main(int argc, char **argv)
{
    struct hv_config *config, *again, *copy;
    struct hv_error err = { 0 };
    char *xml, *json, *xml_again, *json_again;
    int differ;

    if (argc != 2)
        return 2;
    config = hv_config_parse_file(argv[1], warn, NULL, &err);
    if (!config) {
        print("error", &err);
        return 1;
    }
    xml = hv_config_xml(config, -1);
    json = hv_config_json(config, true);
    printf("%s%s", xml, json);
    again = hv_config_parse(xml, strlen(xml), "again", NULL, NULL, &err);
    if (!again) {
        print("error in what was written", &err);
        return 1;
    }
    copy = hv_config_copy(again);
    xml_again = hv_config_xml(copy, -1);
    json_again = hv_config_json(copy, true);
    differ = strcmp(xml, xml_again) || strcmp(json, json_again);
    if (differ)
        printf("error: read back it is\n%s", xml_again);
    free(xml);
    free(json);
    free(xml_again);
    free(json_again);
    hv_config_free(config);
    hv_config_free(again);
    hv_config_free(copy);
    return differ;
}
