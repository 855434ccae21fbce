/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of hv-store share. */
#ifndef STORE_H
#define STORE_H

struct xs_handle;

/* Says why `what` failed, by errno. Returns the exit status. */
int store_failed(const char *what);

/* Shows how a command is used. Returns the exit status. */
int store_usage(const char *name);

/* The command `ls`. */
int store_ls(struct xs_handle *h, int argc, char **argv);

#endif
