/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libvirt's vocabulary for a domain: which names there are, and which of them mean something here.
 */
#ifndef LIBHV_SRC_CONFIG_WORDS_H
#define LIBHV_SRC_CONFIG_WORDS_H

#include <libxml/tree.h>

#include "config_reader.h"

/* hv's own elements live in this namespace. */
#define HV_XMLNS "urn:hv:domain:1.0"

struct word;
extern const struct word *const word_domain, *const word_disk, *const word_interface;

/*
 * Checks the names of an element's attributes and of all below it. A name of libvirt's that has no effect
 * here is a warning, one outside libvirt's vocabulary an error, and so is one given twice that can be there
 * once.
 */
int words_check(struct reader *r, const xmlNode *node, const struct word *word);

#endif
