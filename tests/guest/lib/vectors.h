/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers shared by C and assembly: how an entry into the test kernel is told apart. 0 to 255 are the
 * trap table's vectors; what has no vector is given a number above them.
 */
#ifndef VECTORS_H
#define VECTORS_H

#define VECTOR_EVENT     0x100
#define VECTOR_SYSCALL   0x101
#define VECTOR_FAILSAFE  0x102
#define VECTOR_SYSENTER  0x103
#define VECTOR_SYSCALL32 0x104
#define VECTOR_NMI       0x105

#define TRAP_STUB_SIZE   16

#define VECTOR_DE 0
#define VECTOR_DB 1
#define VECTOR_BP 3
#define VECTOR_OF 4
#define VECTOR_BR 5
#define VECTOR_UD 6
#define VECTOR_NM 7
#define VECTOR_DF 8
#define VECTOR_TS 10
#define VECTOR_NP 11
#define VECTOR_SS 12
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_MF 16
#define VECTOR_AC 17
#define VECTOR_XM 19

#endif
