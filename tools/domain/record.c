/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files with the configurations of running domains.
 */
#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

#define SUFFIX ".xml"

static void record_path(const struct record_id *id, char path[PATH_MAX])
{
    char uuid[HV_UUID_TEXT];

    path_in(PATH_RUN, path, "domains/%s,%s" SUFFIX, hv_uuid_text(id->uuid, uuid), id->name);
}

static bool parse_file_name(const char *file, struct record_id *id)
{
    const size_t uuid_length = HV_UUID_TEXT - 1;
    char uuid[HV_UUID_TEXT] = "";
    size_t length = strlen(file), name_length;

    if (length < uuid_length + 1 + strlen(SUFFIX) || file[uuid_length] != ',' ||
        strcmp(file + length - strlen(SUFFIX), SUFFIX))
        return false;
    name_length = length - uuid_length - 1 - strlen(SUFFIX);
    if (name_length > HV_NAME_MAX)
        return false;
    memcpy(uuid, file, uuid_length);
    memcpy(id->name, file + uuid_length + 1, name_length);
    id->name[name_length] = '\0';
    return !hv_uuid_parse(uuid, id->uuid) && hv_name_valid(id->name);
}

unsigned record_list(struct record_id **list)
{
    struct record_id id, *more;
    char path[PATH_MAX];
    struct dirent *entry;
    unsigned count = 0;
    DIR *dir;

    *list = NULL;
    dir = opendir(path_in(PATH_RUN, path, "domains"));
    if (!dir)
        return 0;
    while ((entry = readdir(dir))) {
        if (!parse_file_name(entry->d_name, &id))
            continue;
        more = realloc(*list, (count + 1) * sizeof(id));
        if (!more)
            break;
        *list = more;
        more[count++] = id;
    }
    closedir(dir);
    return count;
}

bool record_by_name(const char *name, struct record_id *id)
{
    struct record_id *list;
    unsigned count = record_list(&list);
    bool found = false;

    for (unsigned i = 0; i < count && !found; i++) {
        found = !strcmp(list[i].name, name);
        *id = list[i];
    }
    free(list);
    return found;
}

bool record_by_uuid(const uint8_t uuid[16], struct record_id *id)
{
    struct record_id *list;
    unsigned count = record_list(&list);
    bool found = false;

    for (unsigned i = 0; i < count && !found; i++) {
        found = !memcmp(list[i].uuid, uuid, 16);
        *id = list[i];
    }
    free(list);
    return found;
}

int record_write(const struct hv_config *config, struct hv_error *err)
{
    char path[PATH_MAX], old_path[PATH_MAX], *xml;
    struct record_id id, old;
    bool replaces;
    int ret;

    memcpy(id.uuid, config->uuid, sizeof(id.uuid));
    snprintf(id.name, sizeof(id.name), "%s", config->name);
    replaces = record_by_uuid(config->uuid, &old) && strcmp(old.name, id.name);
    xml = hv_config_xml(config, -1);
    if (!xml)
        return hv_error_set(err, ENOMEM, NULL, "out of memory");
    record_path(&id, path);
    ret = path_write_whole(path, xml, err);
    free(xml);
    if (!ret && replaces) {
        record_path(&old, old_path);
        unlink(old_path);
    }
    return ret;
}

struct hv_config *record_read(const uint8_t uuid[16], struct hv_error *err)
{
    char path[PATH_MAX], text[HV_UUID_TEXT];
    struct record_id id;

    if (!record_by_uuid(uuid, &id)) {
        hv_error_set(err, ENOENT, "it was not made by hvctl, or the record was removed",
                     "no record of the domain with UUID %s", hv_uuid_text(uuid, text));
        return NULL;
    }
    record_path(&id, path);
    return hv_config_parse_file(path, NULL, NULL, err);
}

void record_remove(const uint8_t uuid[16])
{
    struct record_id id;
    char path[PATH_MAX];

    if (!record_by_uuid(uuid, &id))
        return;
    record_path(&id, path);
    unlink(path);
}
