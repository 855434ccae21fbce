/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of running domains: the configuration each was made from, as XML in /run/hv/domains/UUID,NAME.xml.
 *
 * A record is written before the domain is made and removed after it is gone, so a creation that was killed
 * half-way can be found by name, and hvd knows what to do with a domain whose creator is long gone. The
 * file's name tells UUID and domain name apart by the comma, which no name holds.
 */
#ifndef TOOLS_DOMAIN_RECORD_H
#define TOOLS_DOMAIN_RECORD_H

#include <libhv.h>

struct record_id {
    uint8_t uuid[16];
    char name[HV_NAME_MAX + 1];
};

/* Writes or replaces a domain's record, also when its name has changed. */
int record_write(const struct hv_config *config, struct hv_error *err);

/*
 * The configuration of the domain with this UUID; NULL and a message if there is no record or it is damaged.
 */
struct hv_config *record_read(const uint8_t uuid[16], struct hv_error *err);

/* Removes it, if it is there. */
void record_remove(const uint8_t uuid[16]);

/* All records: a malloc'ed array in *list (NULL if there are none). Returns how many. */
unsigned record_list(struct record_id **list);

/* Finds one by the domain's name, or by UUID. False if there is none. */
bool record_by_name(const char *name, struct record_id *id);
bool record_by_uuid(const uint8_t uuid[16], struct record_id *id);

#endif
