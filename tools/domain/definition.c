/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of definitions.
 */
#include "definition.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

#define SUFFIX ".xml"

static char *file_of(const char *name, char path[PATH_MAX])
{
    return path_in(PATH_STATE, path, "domains/%s" SUFFIX, name);
}

static char *mark_of(const char *name, char path[PATH_MAX])
{
    return path_in(PATH_STATE, path, "autostart/%s" SUFFIX, name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static unsigned list_folder(const char *folder, char ***names)
{
    char path[PATH_MAX], **more;
    struct dirent *entry;
    unsigned count = 0;
    DIR *dir;

    *names = NULL;
    dir = opendir(path_in(PATH_STATE, path, "%s", folder));
    if (!dir)
        return 0;
    while ((entry = readdir(dir))) {
        size_t length = strlen(entry->d_name);

        if (length <= strlen(SUFFIX) || strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX))
            continue;
        entry->d_name[length - strlen(SUFFIX)] = '\0';
        more = hv_name_valid(entry->d_name) ? realloc(*names, (count + 1) * sizeof(**names)) : NULL;
        if (!more)
            continue;
        *names = more;
        more[count] = strdup(entry->d_name);
        count += more[count] != NULL;
    }
    closedir(dir);
    if (count)
        qsort(*names, count, sizeof(**names), by_name);
    return count;
}

unsigned definition_list(char ***names)
{
    return list_folder("domains", names);
}

unsigned definition_autostart_list(char ***names)
{
    return list_folder("autostart", names);
}

void definition_list_free(char **names, unsigned count)
{
    while (count)
        free(names[--count]);
    free(names);
}

struct hv_config *definition_read(const char *name, struct hv_error *err)
{
    char path[PATH_MAX];

    if (!hv_name_valid(name) || access(file_of(name, path), F_OK)) {
        hv_error_set(err, ENOENT, "`hvctl list --all` shows all", "there is no definition of a domain %s",
                     name);
        return NULL;
    }
    return hv_config_parse_file(path, NULL, NULL, err);
}

/* The name of the definition with this UUID. */
static bool find_uuid(const uint8_t uuid[16], char name[HV_NAME_MAX + 1])
{
    char **names;
    unsigned count = definition_list(&names);
    bool found = false;

    for (unsigned i = 0; i < count && !found; i++) {
        struct hv_config *config = definition_read(names[i], NULL);

        found = config && !memcmp(config->uuid, uuid, sizeof(config->uuid));
        if (found)
            snprintf(name, HV_NAME_MAX + 1, "%s", names[i]);
        hv_config_free(config);
    }
    definition_list_free(names, count);
    return found;
}

bool definition_find(const char *text, char name[HV_NAME_MAX + 1])
{
    char path[PATH_MAX];
    uint8_t uuid[16];

    if (hv_name_valid(text) && !access(file_of(text, path), F_OK)) {
        snprintf(name, HV_NAME_MAX + 1, "%s", text);
        return true;
    }
    return !hv_uuid_parse(text, uuid) && find_uuid(uuid, name);
}

int definition_write(const struct hv_config *config, struct hv_error *err)
{
    char path[PATH_MAX], other[HV_NAME_MAX + 1], *xml;
    int ret;

    if (find_uuid(config->uuid, other) && strcmp(other, config->name))
        return hv_error_at(err, EEXIST, config->file, config->uuid_line, "leave out <uuid> to get a new one",
                           "the definition of domain %s has this UUID already", other);
    xml = hv_config_xml(config, -1);
    if (!xml)
        return hv_error_set(err, ENOMEM, NULL, "out of memory");
    path_remove_unfinished(path_in(PATH_STATE, path, "domains"));
    ret = path_write_whole(file_of(config->name, path), xml, err);
    free(xml);
    return ret;
}

int definition_remove(const char *name, struct hv_error *err)
{
    char path[PATH_MAX];

    unlink(mark_of(name, path));
    if (unlink(file_of(name, path)) < 0)
        return hv_error_set(err, errno, NULL, "cannot remove %s: %s", path, strerror(errno));
    return 0;
}

bool definition_is_autostart(const char *name)
{
    char path[PATH_MAX];

    return !access(mark_of(name, path), F_OK);
}

int definition_set_autostart(const char *name, bool on, struct hv_error *err)
{
    char path[PATH_MAX], target[PATH_MAX];
    int ret = path_make_parent(mark_of(name, path), err);

    if (ret < 0)
        return ret;
    if (unlink(path) < 0 && errno != ENOENT)
        return hv_error_set(err, errno, NULL, "cannot remove %s: %s", path, strerror(errno));
    snprintf(target, sizeof(target), "../domains/%s" SUFFIX, name);
    if (on && symlink(target, path) < 0)
        return hv_error_set(err, errno, NULL, "cannot make the link %s: %s", path, strerror(errno));
    return 0;
}
