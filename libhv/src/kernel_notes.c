/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ELF notes of owner "Xen": one table row per note, giving where its value goes.
 *
 * Every length comes from the file: a name or descriptor that leaves the area ends the reading, a descriptor
 * that is shorter than its type is malformed. Numbers may be 4 or 8 bytes.
 */
#include <elf.h>
#include <string.h>

#include <public/elfnote.h>
#include <public/features.h>

#include "kernel_notes.h"

enum kind { KIND_NUMBER, KIND_TEXT, KIND_FEATURES, KIND_FEATURE_BITS, KIND_YES, KIND_MASK };

struct row {
    enum kind kind;
    size_t offset; /* of the field in struct hv_kernel */
    size_t size;   /* of a text's field */
};

#define NUMBER(field) { KIND_NUMBER, offsetof(struct hv_kernel, field), 8 }
#define TEXT(field)   { KIND_TEXT, offsetof(struct hv_kernel, field), sizeof(((struct hv_kernel *)0)->field) }

static const struct row rows[] = {
    [XEN_ELFNOTE_ENTRY] = NUMBER(entry),
    [XEN_ELFNOTE_HYPERCALL_PAGE] = NUMBER(hypercall_page),
    [XEN_ELFNOTE_VIRT_BASE] = NUMBER(virt_base),
    [XEN_ELFNOTE_PADDR_OFFSET] = NUMBER(paddr_offset),
    [XEN_ELFNOTE_XEN_VERSION] = TEXT(xen_version),
    [XEN_ELFNOTE_GUEST_OS] = TEXT(guest_os),
    [XEN_ELFNOTE_GUEST_VERSION] = TEXT(guest_version),
    [XEN_ELFNOTE_LOADER] = TEXT(loader),
    [XEN_ELFNOTE_PAE_MODE] = { KIND_YES, 0, 0 },
    [XEN_ELFNOTE_FEATURES] = { KIND_FEATURES, offsetof(struct hv_kernel, features), 128 },
    [XEN_ELFNOTE_HV_START_LOW] = NUMBER(hv_start_low),
    [XEN_ELFNOTE_L1_MFN_VALID] = { KIND_MASK, 0, 0 },
    [XEN_ELFNOTE_INIT_P2M] = NUMBER(init_p2m),
    [XEN_ELFNOTE_MOD_START_PFN] = { KIND_NUMBER, 0, 1 },
    [XEN_ELFNOTE_SUPPORTED_FEATURES] = { KIND_FEATURE_BITS, 0, 0 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *const feature_names[] = {
    [XENFEAT_writable_page_tables] = "writable_page_tables",
    [XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
    [XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
    [XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
    [XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
    [XENFEAT_mmu_pt_update_preserve_ad] = "mmu_pt_update_preserve_ad",
};

void kernel_notes_default(struct hv_kernel *kernel)
{
    kernel->virt_base = HV_IMAGE_UNSET;
    kernel->paddr_offset = HV_IMAGE_UNSET;
    kernel->entry = HV_IMAGE_UNSET;
    kernel->hypercall_page = HV_IMAGE_UNSET;
    kernel->init_p2m = HV_IMAGE_UNSET;
    kernel->hv_start_low = HV_IMAGE_UNSET;
    /* An absent L1_MFN_VALID means the processor's own present bit. */
    kernel->l1_mfn_valid_mask = 1;
    kernel->l1_mfn_valid_value = 1;
}

static bool read_number(const unsigned char *desc, size_t length, uint64_t *value)
{
    uint32_t small;

    if (length == sizeof(small)) {
        memcpy(&small, desc, sizeof(small));
        *value = small;
        return true;
    }
    if (length != sizeof(*value))
        return false;
    memcpy(value, desc, sizeof(*value));
    return true;
}

static void read_text(const unsigned char *desc, size_t length, char *text, size_t size)
{
    size_t count = strnlen((const char *)desc, length);

    if (count >= size)
        count = size - 1;
    memcpy(text, desc, count);
    text[count] = 0;
}

/*
 * "!writable_page_tables|pae_pgdir_above_4gb": "!" marks what the kernel cannot do without. Unknown names are
 * skipped.
 */
static void read_features(struct hv_kernel *kernel)
{
    const char *at = kernel->features;

    while (*at) {
        bool required = *at == '!';
        size_t length;

        at += required;
        length = strcspn(at, "|");
        for (unsigned bit = 0; bit < sizeof(feature_names) / sizeof(feature_names[0]); bit++) {
            if (strlen(feature_names[bit]) != length || memcmp(feature_names[bit], at, length))
                continue;
            kernel->supported_features |= 1U << bit;
            if (required)
                kernel->required_features |= 1U << bit;
        }
        at += length;
        at += *at == '|';
    }
}

static bool read_desc(unsigned type, const unsigned char *desc, size_t length, struct hv_kernel *kernel,
                      struct kernel_notes *notes)
{
    const struct row *row = &rows[type];
    char *field = (char *)kernel + row->offset, answer[8];
    uint64_t number;

    switch (row->kind) {
    case KIND_NUMBER:
        if (!read_number(desc, length, &number))
            return false;
        if (type == XEN_ELFNOTE_MOD_START_PFN)
            kernel->mod_start_pfn = number != 0;
        else
            memcpy(field, &number, sizeof(number));
        return true;
    case KIND_TEXT:
        read_text(desc, length, field, row->size);
        return true;
    case KIND_FEATURES:
        read_text(desc, length, field, row->size);
        read_features(kernel);
        return true;
    case KIND_FEATURE_BITS:
        if (!read_number(desc, length, &number))
            return false;
        kernel->supported_features |= (uint32_t)number;
        return true;
    case KIND_YES:
        /* "yes", "bimodal" and "yes,bimodal" are what a kernel for x86 says. */
        read_text(desc, length, answer, sizeof(answer));
        notes->bad_mode = !strcmp(answer, "no");
        return true;
    case KIND_MASK:
        if (length == 16) {
            memcpy(&kernel->l1_mfn_valid_mask, desc, 8);
            memcpy(&kernel->l1_mfn_valid_value, desc + 8, 8);
        }
        return length == 16 || length == 8;
    }
    return false;
}

bool kernel_notes_read(const unsigned char *area, size_t size, struct hv_kernel *kernel,
                       struct kernel_notes *notes)
{
    while (size >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note;
        uint64_t name_room, desc_room;

        memcpy(&note, area, sizeof(note));
        area += sizeof(note);
        size -= sizeof(note);
        /* Both lengths are 32 bits, so rounding them up in 64 bits cannot wrap. */
        name_room = ((uint64_t)note.n_namesz + 3) & ~3ULL;
        desc_room = ((uint64_t)note.n_descsz + 3) & ~3ULL;
        if (name_room > size || note.n_descsz > size - name_room)
            return false;
        if (note.n_namesz == 4 && !memcmp(area, "Xen", 4) && note.n_type < ROWS &&
            note.n_type != XEN_ELFNOTE_INFO) {
            const struct row *row = &rows[note.n_type];
            bool handled = row->size || row->kind != KIND_NUMBER;

            if (handled && !read_desc(note.n_type, area + name_room, note.n_descsz, kernel, notes))
                return false;
            notes->seen |= 1U << note.n_type;
        }
        if (desc_room > size - name_room)
            break;
        area += name_room + desc_room;
        size -= name_room + desc_room;
    }
    return true;
}
