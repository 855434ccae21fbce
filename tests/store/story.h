/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stories about the daemon's core begin and end with, and the words they are told in.
 */
#ifndef STORY_H
#define STORY_H

#include "fake.h"
#include "harness.h"

#define EQ(got, want)      CU_ASSERT_STRING_EQUAL(got, want)
#define OK(call)           CU_ASSERT_EQUAL(call, 0)
#define FAILS(call, error) CU_ASSERT_EQUAL(call, error)
/* A payload and its size, the last NUL included. */
#define TEXT(text)         text, sizeof(text)

/* A store with two guests, each with a home it may use. `journal` as for fake_start(). */
void story_start(const char *journal);

/* Checks the store's counts, and ends it. */
void story_end(void);

#endif
