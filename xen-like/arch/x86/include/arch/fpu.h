/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FPU's state, all that XCR0 names, saved and loaded as a whole whenever another vCPU comes to a CPU.
 * Never lazily: CR0.TS is the guest's own affair (fpu_taskswitch), and some machines ignore it.
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include <hv/types.h>

struct vcpu;

int fpu_init_vcpu(struct vcpu *v);      /* 0 or -ENOMEM; the state after reset */
void fpu_destroy_vcpu(struct vcpu *v);
void fpu_reset_vcpu(struct vcpu *v);
void fpu_save(struct vcpu *v);
void fpu_load(struct vcpu *v);          /* also CR0.TS as v asked for */
/* v is unloaded. An FXSAVE image of 512 bytes; what the CPU would refuse in it is cleaned. */
void fpu_import(struct vcpu *v, const void *fxsave);
void fpu_export(const struct vcpu *v, void *fxsave);
/* May a guest set XCR0 to that? */
bool xcr0_valid(uint64_t xcr0);

#endif
