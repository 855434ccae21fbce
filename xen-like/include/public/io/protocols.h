/* SPDX-License-Identifier: MIT */
/*
 * Store key "protocol" of a front end: the layout of its ring. Layouts differ between 32 and 64 bits for
 * blkif.
 */
#ifndef __XEN_PROTOCOLS_H__
#define __XEN_PROTOCOLS_H__

#define XEN_IO_PROTO_ABI_X86_32 "x86_32-abi"
#define XEN_IO_PROTO_ABI_X86_64 "x86_64-abi"
#define XEN_IO_PROTO_ABI_NATIVE XEN_IO_PROTO_ABI_X86_64

#endif
