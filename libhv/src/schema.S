/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tools/schema/domain.rng as it is, so that a library and its schema are never of different versions.
 */
        .section .rodata
        .globl  hv_schema_start, hv_schema_end
        .hidden hv_schema_start, hv_schema_end
hv_schema_start:
        .incbin "tools/schema/domain.rng"
hv_schema_end:
        .byte 0
        .section .note.GNU-stack, "", @progbits
