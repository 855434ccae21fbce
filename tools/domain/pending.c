/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that note restarts.
 */
#include "pending.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

#define SUFFIX ".xml"

static char *file_of(const uint8_t uuid[16], char path[PATH_MAX])
{
    char text[HV_UUID_TEXT];

    return path_in(PATH_RUN, path, "restarting/%s" SUFFIX, hv_uuid_text(uuid, text));
}

int pending_note(const struct hv_config *config, struct hv_error *err)
{
    char path[PATH_MAX], *xml = hv_config_xml(config, -1);
    int ret;

    if (!xml)
        return hv_error_set(err, ENOMEM, NULL, "out of memory");
    ret = path_write_whole(file_of(config->uuid, path), xml, err);
    free(xml);
    return ret;
}

void pending_done(const uint8_t uuid[16])
{
    char path[PATH_MAX];

    unlink(file_of(uuid, path));
}

unsigned pending_list(uint8_t (**list)[16])
{
    char path[PATH_MAX];
    struct dirent *entry;
    unsigned count = 0;
    uint8_t (*more)[16];
    DIR *dir;

    *list = NULL;
    dir = opendir(path_in(PATH_RUN, path, "restarting"));
    if (!dir)
        return 0;
    path_remove_unfinished(path);
    while ((entry = readdir(dir))) {
        char *end = strstr(entry->d_name, SUFFIX);

        if (!end || strcmp(end, SUFFIX))
            continue;
        *end = '\0';
        more = realloc(*list, (count + 1) * sizeof(*more));
        if (!more)
            break;
        *list = more;
        count += !hv_uuid_parse(entry->d_name, more[count]);
    }
    closedir(dir);
    return count;
}

struct hv_config *pending_read(const uint8_t uuid[16], struct hv_error *err)
{
    char path[PATH_MAX];

    return hv_config_parse_file(file_of(uuid, path), NULL, NULL, err);
}
