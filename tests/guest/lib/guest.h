/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that a test includes. The runtime is one vCPU's struct cpu, found at the bottom of its stack (stacks are
 * 16 KiB, aligned): so it needs no segment register that a test may want to change.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <public/xen.h>
#include <public/errno.h>

#include "console.h"
#include "cpu.h"
#include "event.h"
#include "grant.h"
#include "hypercall.h"
#include "memory.h"
#include "tap.h"
#include "text.h"
#include "trap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE_SIZE 4096ul

/* Set before test_main() runs; both stay mapped. */
extern struct start_info *start_info;
extern struct shared_info *shared_info;

/* This domain is the first one, with the hardware. */
bool is_dom0(void);

/* True on hv, false on the ABI's other implementation: for what design leaves out, such as superpages. */
bool running_on_hv(void);

/* hv, with one of its extensions: HV_FEATURE_*. */
bool hv_offers(unsigned int feature);

/* The value of NAME=VALUE on the kernel command line, as a number, or FALLBACK. */
uint64_t option(const char *name, uint64_t fallback);

#endif
