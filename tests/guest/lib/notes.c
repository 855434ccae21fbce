/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The notes of a test kernel that asks for nothing special. A test that has its own notes.c is linked with
 * that instead of this file.
 */
#include "notes.h"

NOTE_STRING(GUEST_OS, "hv-test");
NOTE_STRING(GUEST_VERSION, "1");
NOTE_STRING(XEN_VERSION, "xen-3.0");
NOTE_STRING(LOADER, "generic");
NOTE_STRING(PAE_MODE, "yes");
NOTE_STRING(FEATURES, "!writable_page_tables|pae_pgdir_above_4gb");
NOTE_NUMBER(VIRT_BASE, VIRT_BASE);
NOTE_NUMBER(PADDR_OFFSET, 0);
NOTE_NUMBER(ENTRY, _start);
NOTE_NUMBER(HYPERCALL_PAGE, hypercall_page);
