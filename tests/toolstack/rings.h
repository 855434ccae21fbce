/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemons' ends of a guest's two rings, as small as a test can do with: the console's text is collected,
 * and each question to the store is answered with "there is no such node".
 */
#ifndef TESTS_TOOLSTACK_RINGS_H
#define TESTS_TOOLSTACK_RINGS_H

#include <stddef.h>

struct xencons_interface;
struct xenstore_domain_interface;

struct console_log {
    char text[1 << 20];
    size_t length;
};

/* Takes what is there. True if there was something, so that the guest wants to be told. */
int console_drain(struct xencons_interface *ring, struct console_log *log);

/* Answers complete requests. True if it wrote or read anything. */
int store_answer(struct xenstore_domain_interface *ring);

#endif
