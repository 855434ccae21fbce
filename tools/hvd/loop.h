/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemon's event loop: descriptors with what to do when they are ready, and a time to wake up at.
 *
 * A source may be removed by any callback, its own included: it is freed only when the round is over.
 */
#ifndef HVD_LOOP_H
#define HVD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct source;

/* `events`: EPOLLIN, EPOLLOUT, ... that are pending. */
typedef void source_fn(void *arg, uint32_t events);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* NULL when memory is short or the descriptor cannot be polled. */
struct source *loop_add(struct loop *loop, int fd, uint32_t events, source_fn *fn, void *arg);
void loop_change(struct source *source, uint32_t events);
void loop_remove(struct source *source);

/*
 * Wakes loop_run_once() at this time (loop_now()) at the latest. The earliest of several wins; it holds for
 * one round.
 */
void loop_wake_at(struct loop *loop, uint64_t ms);
uint64_t loop_now(void); /* milliseconds, monotonic */

/* Waits for events and handles them. False if epoll failed. */
bool loop_run_once(struct loop *loop);

#endif
