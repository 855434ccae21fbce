/* SPDX-License-Identifier: GPL-2.0-only */
/* The notes by which Linux asks for its own places: the list of frames at an address of its choice, the module unmapped. */
#include <notes.h>

NOTE_STRING(GUEST_OS, "linux");
NOTE_STRING(XEN_VERSION, "xen-3.0");
NOTE_STRING(LOADER, "generic");
NOTE_STRING(FEATURES, "!writable_page_tables");
NOTE_NUMBER(VIRT_BASE, VIRT_BASE);
NOTE_NUMBER(ENTRY, _start);
NOTE_NUMBER(HYPERCALL_PAGE, hypercall_page);
NOTE_NUMBER(INIT_P2M, 0x8000000000);
NOTE_NUMBER(MOD_START_PFN, 1);
NOTE_NUMBER(SUSPEND_CANCEL, 1);
