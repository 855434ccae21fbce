/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions of 64-bit code that write to memory once, read or not: what they are, and what they do to an
 * operand. Pure functions: bytes and registers in, a description or a new value out. So whoever uses them
 * fetches the bytes once, and decides in between whether the operand is where it should be.
 */
#ifndef ARCH_DECODE_H
#define ARCH_DECODE_H

#include <hv/types.h>
#include <public/xen.h>

#define DECODE_MAX_BYTES 15u

enum write_op {
    WRITE_MOV, WRITE_XCHG, WRITE_CMPXCHG, WRITE_XADD, WRITE_ADD, WRITE_ADC, WRITE_SBB, WRITE_SUB, WRITE_OR,
    WRITE_AND, WRITE_XOR, WRITE_NOT, WRITE_NEG, WRITE_INC, WRITE_DEC, WRITE_BTS, WRITE_BTR, WRITE_BTC
};

struct write_insn {
    enum write_op op;
    uint8_t length;      /* of the instruction */
    uint8_t bytes;       /* of the operand: 1, 2, 4, 8 */
    int8_t reg;          /* the register operand's number, or -1: immediate */
    bool high_byte;      /* it is bits 8 to 15 of register `reg` (AH to BH) */
    uint64_t value;      /* what the source operand holds; for bit operations the bit within the operand */
    uint64_t address;    /* where the memory operand is */
};

/* Decode up to n bytes. False: not such an instruction, or not whole, or one with a segment base. */
bool decode_write(const uint8_t *code, unsigned int n, const struct cpu_user_regs *regs,
                  struct write_insn *insn);

/* What memory holds after it, if it held old; false: it is not written. */
bool decode_result(const struct write_insn *insn, uint64_t old, const struct cpu_user_regs *regs,
                   uint64_t *new);

/*
 * Carry it out on an operand that holds old: *new is what memory holds then, and *regs gets its result, flags
 * and the next rip. False: memory is not changed (a CMPXCHG that found something else), *regs is.
 */
bool decode_apply(const struct write_insn *insn, uint64_t old, uint64_t *new, struct cpu_user_regs *regs);

#endif
