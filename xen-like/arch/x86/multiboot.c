/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads what the boot loader left in memory, in either Multiboot format, into boot_info. Everything is copied
 * with bounds and nothing is written, so all of the loader's memory may be used again afterwards; only the
 * modules stay where they are. Formats: the Multiboot Specification 0.6.96 and the Multiboot2 Specification
 * 2.0.
 */
#include <arch/boot.h>
#include <arch/layout.h>
#include <hv/console.h>
#include <hv/string.h>

#define MB1_BOOT_MAGIC 0x2badb002u
#define MB2_BOOT_MAGIC 0x36d76289u

struct boot_info boot_info;
static uint8_t efi_map_copy[32768] __attribute__((aligned(16)));

static const void *loader_ptr(uint64_t maddr) { return (const void *)(DIRECT_MAP_VIRT + maddr); }

static void copy_text(char *to, size_t size, const char *from)
{
    size_t n = 0;

    while (n + 1 < size && from[n]) {
        to[n] = from[n];
        n++;
    }
    to[n] = '\0';
}

static const char *skip_word(const char *s)
{
    while (*s && *s != ' ')
        s++;
    while (*s == ' ')
        s++;
    return s;
}

/*
 * GRUB 2 passes arguments alone, other loaders the file's name first. "placeholder" is what GRUB's scripts
 * put in its place.
 */
static void copy_arguments(char *to, size_t size, const char *from)
{
    while (*from == ' ')
        from++;
    if (strncmp(boot_info.loader, "GRUB ", 5) || boot_info.loader[5] == '0')
        from = skip_word(from);
    if (!strncmp(from, "placeholder", 11) && (from[11] == ' ' || !from[11]))
        from = skip_word(from);
    copy_text(to, size, from);
}

static void add_memory(uint64_t start, uint64_t length, uint32_t type)
{
    struct boot_memory *m = &boot_info.memory[boot_info.nr_memory];

    if (!length || start + length < start || boot_info.nr_memory == BOOT_MEMORY_MAX)
        return;
    if (type < BOOT_RAM || type > BOOT_UNUSABLE)
        type = BOOT_RESERVED;
    *m = (struct boot_memory){ start, start + length, type };
    boot_info.nr_memory++;
}

static void add_module(uint64_t start, uint64_t end, const char *cmdline)
{
    struct boot_module *m = &boot_info.module[boot_info.nr_modules];

    if (end <= start || boot_info.nr_modules == BOOT_MODULES_MAX)
        return;
    m->start = start;
    m->size = end - start;
    copy_arguments(m->cmdline, sizeof(m->cmdline), cmdline);
    boot_info.nr_modules++;
}

/* --- the screen --- */

struct framebuffer { /* the same in both protocols */
    uint64_t address;
    uint32_t pitch, width, height;
    uint8_t bpp, type;
} __attribute__((packed));

static void set_video(const struct framebuffer *fb, const uint8_t *colour)
{
    struct dom0_vga_console_info *v = &boot_info.video;

    if (fb->type == 2) {
        v->video_type = XEN_VGATYPE_TEXT_MODE_3;
        v->u.text_mode_3.rows = fb->height;
        v->u.text_mode_3.columns = fb->width;
        v->u.text_mode_3.font_height = 16;
        return;
    }
    if (fb->type != 1 || fb->width > 16384 || fb->height > 16384 || fb->pitch > 65535)
        return;
    v->video_type = boot_info.efi_system_table ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
    v->u.vesa_lfb.width = fb->width;
    v->u.vesa_lfb.height = fb->height;
    v->u.vesa_lfb.bytes_per_line = fb->pitch;
    v->u.vesa_lfb.bits_per_pixel = fb->bpp;
    v->u.vesa_lfb.lfb_base = (uint32_t)fb->address;
    v->u.vesa_lfb.ext_lfb_base = fb->address >> 32;
    v->u.vesa_lfb.lfb_size = ((uint64_t)fb->pitch * fb->height + 0xffff) >> 16;
    v->u.vesa_lfb.red_pos = colour[0];
    v->u.vesa_lfb.red_size = colour[1];
    v->u.vesa_lfb.green_pos = colour[2];
    v->u.vesa_lfb.green_size = colour[3];
    v->u.vesa_lfb.blue_pos = colour[4];
    v->u.vesa_lfb.blue_size = colour[5];
}

/* --- Multiboot 1 --- */

struct mb1_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4], mmap_length,
        mmap_addr, drives_length, drives_addr, config_table, loader_name, apm_table, vbe[4];
    struct framebuffer framebuffer;
    uint8_t colour[6];
} __attribute__((packed));

struct mb1_module { uint32_t start, end, string, reserved; };
struct mb1_memory { uint32_t size; uint64_t start, length; uint32_t type; } __attribute__((packed));

enum { MB1_CMDLINE = 1u << 2, MB1_MODULES = 1u << 3, MB1_MMAP = 1u << 6, MB1_LOADER = 1u << 9,
       MB1_FRAMEBUFFER = 1u << 12 };

static void read_mb1(const struct mb1_info *mb)
{
    if (mb->flags & MB1_LOADER)
        copy_text(boot_info.loader, sizeof(boot_info.loader), loader_ptr(mb->loader_name));
    if (mb->flags & MB1_CMDLINE)
        copy_arguments(boot_info.cmdline, sizeof(boot_info.cmdline), loader_ptr(mb->cmdline));
    if (mb->flags & MB1_MODULES) {
        const struct mb1_module *m = loader_ptr(mb->mods_addr);

        for (uint32_t i = 0; i < mb->mods_count; i++)
            add_module(m[i].start, m[i].end, m[i].string ? loader_ptr(m[i].string) : "");
    }
    if (mb->flags & MB1_MMAP)
        for (uint32_t at = 0; at + sizeof(struct mb1_memory) <= mb->mmap_length;) {
            const struct mb1_memory *m = loader_ptr(mb->mmap_addr + at);

            add_memory(m->start, m->length, m->type);
            at += m->size + sizeof(m->size);
        }
    if (mb->flags & MB1_FRAMEBUFFER)
        set_video(&mb->framebuffer, mb->colour);
}

/* --- Multiboot 2 --- */

enum mb2_type {
    MB2_END = 0, MB2_CMDLINE = 1, MB2_LOADER = 2, MB2_MODULE = 3, MB2_MMAP = 6, MB2_FRAMEBUFFER = 8,
    MB2_EFI64 = 12, MB2_ACPI_OLD = 14, MB2_ACPI_NEW = 15, MB2_EFI_MMAP = 17
};

struct mb2_tag { uint32_t type, size; };
struct mb2_module { struct mb2_tag tag; uint32_t start, end; char string[]; };
struct mb2_memory { uint64_t start, length; uint32_t type, reserved; };
struct mb2_mmap { struct mb2_tag tag; uint32_t entry_size, entry_version; uint8_t entries[]; };
struct mb2_framebuffer {
    struct mb2_tag tag;
    struct framebuffer fb;
    uint16_t reserved;
    uint8_t colour[6];
} __attribute__((packed));
struct mb2_efi64 { struct mb2_tag tag; uint64_t system_table; };
struct mb2_efi_mmap { struct mb2_tag tag; uint32_t descriptor_size, descriptor_version; uint8_t map[]; };
_Static_assert(offsetof(struct mb2_framebuffer, fb.bpp) == 28 &&
               offsetof(struct mb2_framebuffer, colour) == 32,
               "as the specification has it");

static void read_mb2_mmap(const struct mb2_mmap *tag)
{
    if (tag->entry_size < sizeof(struct mb2_memory))
        return;
    for (uint32_t at = sizeof(*tag); at + tag->entry_size <= tag->tag.size; at += tag->entry_size) {
        const struct mb2_memory *m = (const void *)((const uint8_t *)tag + at);

        add_memory(m->start, m->length, m->type);
    }
}

static void read_mb2_rsdp(const struct mb2_tag *tag)
{
    size_t size = min(tag->size - sizeof(*tag), sizeof(boot_info.rsdp_copy));

    if (boot_info.has_rsdp_copy && tag->type == MB2_ACPI_OLD)
        return;
    memset(boot_info.rsdp_copy, 0, sizeof(boot_info.rsdp_copy));
    memcpy(boot_info.rsdp_copy, tag + 1, size);
    boot_info.has_rsdp_copy = true;
}

static void read_mb2_efi_mmap(const struct mb2_efi_mmap *tag)
{
    uint32_t size = tag->tag.size - sizeof(*tag);

    if (size > sizeof(efi_map_copy))
        size = sizeof(efi_map_copy) / tag->descriptor_size * tag->descriptor_size;
    memcpy(efi_map_copy, tag->map, size);
    boot_info.efi_memory_map = efi_map_copy;
    boot_info.efi_memory_map_size = size;
    boot_info.efi_descriptor_size = tag->descriptor_size;
    boot_info.efi_descriptor_version = tag->descriptor_version;
}

static void read_mb2_tag(const struct mb2_tag *tag)
{
    switch (tag->type) {
    case MB2_CMDLINE:
        copy_arguments(boot_info.cmdline, sizeof(boot_info.cmdline), (const char *)(tag + 1));
        break;
    case MB2_MODULE: {
        const struct mb2_module *m = (const void *)tag;

        add_module(m->start, m->end, m->string);
        break;
    }
    case MB2_MMAP:
        read_mb2_mmap((const void *)tag);
        break;
    case MB2_FRAMEBUFFER: {
        const struct mb2_framebuffer *f = (const void *)tag;

        set_video(&f->fb, f->colour);
        break;
    }
    case MB2_ACPI_OLD:
    case MB2_ACPI_NEW:
        read_mb2_rsdp(tag);
        break;
    case MB2_EFI_MMAP:
        read_mb2_efi_mmap((const void *)tag);
        break;
    }
}

/* Those that decide how the others are read come first, wherever they stand. */
static void read_mb2_early_tag(const struct mb2_tag *tag)
{
    if (tag->type == MB2_LOADER)
        copy_text(boot_info.loader, sizeof(boot_info.loader), (const char *)(tag + 1));
    if (tag->type == MB2_EFI64)
        boot_info.efi_system_table = ((const struct mb2_efi64 *)tag)->system_table;
}

static void read_mb2(const uint32_t *info, void (*read)(const struct mb2_tag *))
{
    uint32_t total = info[0];

    for (uint32_t at = 8; at + sizeof(struct mb2_tag) <= total;) {
        const struct mb2_tag *tag = (const void *)((const uint8_t *)info + at);

        if (tag->type == MB2_END || tag->size < sizeof(*tag) || tag->size > total - at)
            break;
        read(tag);
        at += ALIGN_UP(tag->size, 8u);
    }
}

/* Sort by start, and where entries overlap let the less usable type win. */
static void sort_memory(void)
{
    struct boot_memory *m = boot_info.memory;

    for (unsigned int i = 1; i < boot_info.nr_memory; i++)
        for (unsigned int j = i; j > 0 && m[j - 1].start > m[j].start; j--) {
            struct boot_memory t = m[j];

            m[j] = m[j - 1];
            m[j - 1] = t;
        }
    for (unsigned int i = 1; i < boot_info.nr_memory; i++) {
        if (m[i - 1].end <= m[i].start)
            continue;
        if (m[i - 1].type == BOOT_RAM)
            m[i - 1].end = m[i].start;
        else if (m[i].end > m[i - 1].end)
            m[i].start = m[i - 1].end;
        else
            m[i].start = m[i].end = m[i - 1].end;
    }
}

void boot_info_read(uint32_t magic, uint32_t info)
{
    if (magic == MB1_BOOT_MAGIC) {
        read_mb1(loader_ptr(info));
    } else if (magic == MB2_BOOT_MAGIC) {
        read_mb2(loader_ptr(info), read_mb2_early_tag);
        read_mb2(loader_ptr(info), read_mb2_tag);
    }
    if (!boot_info.efi_system_table && !boot_info.video.video_type) /* as every BIOS leaves a screen */
        set_video(&(struct framebuffer){ .type = 2, .width = 80, .height = 25 }, NULL);
    sort_memory();
}

enum boot_memory_type boot_memory_type(uint64_t maddr)
{
    for (unsigned int i = 0; i < boot_info.nr_memory; i++)
        if (maddr >= boot_info.memory[i].start && maddr < boot_info.memory[i].end)
            return boot_info.memory[i].type;
    return BOOT_RESERVED;
}
