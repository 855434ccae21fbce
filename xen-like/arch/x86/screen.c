/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages on the screen, while dom0 does not drive it: VGA text at 0xb8000, 80 by 25. A frame buffer is left to dom0,
 * to which it is described (boot_info.video).
 */
#include <arch/boot.h>
#include <arch/console.h>
#include <arch/paging.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

#define COLUMNS 80u
#define ROWS 25u
#define GREY 0x0700u

static char vga_option[16];
OPTION_TEXT(vga_option, "vga"); /* keep: go on writing after dom0 has started */

static volatile uint16_t *cells;
static unsigned int column, row;

static void scroll(void)
{
    for (unsigned int i = 0; i < (ROWS - 1) * COLUMNS; i++)
        cells[i] = cells[i + COLUMNS];
    for (unsigned int i = (ROWS - 1) * COLUMNS; i < ROWS * COLUMNS; i++)
        cells[i] = GREY | ' ';
}

static void text_write(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n' || column == COLUMNS) {
            column = 0;
            if (row == ROWS - 1)
                scroll();
            else
                row++;
        }
        if (text[i] != '\n' && text[i] != '\r')
            cells[row * COLUMNS + column++] = GREY | (uint8_t)text[i];
    }
}

static struct console_sink text_sink = { .name = "vga", .write = text_write };

void screen_init(void)
{
    if (boot_info.efi_system_table || (boot_info.video.video_type && boot_info.video.video_type != XEN_VGATYPE_TEXT_MODE_3))
        return;
    cells = vmap(MADDR(0xb8000), ROWS * COLUMNS * 2, PTE_UC | PTE_RW);
    if (!cells)
        return;
    for (unsigned int i = 0; i < ROWS * COLUMNS; i++)
        cells[i] = GREY | ' ';
    console_add_sink(&text_sink);
}

void screen_release(void)
{
    if (strcmp(vga_option, "keep"))
        text_sink.enabled = false;
}
