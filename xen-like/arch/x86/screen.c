/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages on the screen, while dom0 does not drive it: VGA text at 0xb8000, 80 by 25, or a frame buffer of
 * 24 or 32 bits a pixel with a small font. Reading a frame buffer is slow, so its full screen is cleared
 * instead of scrolled.
 */
#include <arch/boot.h>
#include <arch/console.h>
#include <arch/font.h>
#include <arch/paging.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

#define GREY 0x0700u
#define FRAME_BUFFER_MAX (64ul << 20)
#define CELL_WIDTH (FONT_COLUMNS + 1)
#define CELL_HEIGHT (FONT_ROWS + 2)

static char vga_option[16];
OPTION_TEXT(vga_option, "vga"); /* keep: go on writing after dom0 has started */

static volatile uint16_t *cells;  /* VGA text, or */
static volatile uint8_t *pixels;  /* a frame buffer */
static unsigned int pitch, pixel_bytes;
static unsigned int columns, rows, column, row;

/* --- text --- */

static void text_new_line(void)
{
    if (row < rows - 1) {
        row++;
        return;
    }
    for (unsigned int i = 0; i < (rows - 1) * columns; i++)
        cells[i] = cells[i + columns];
    for (unsigned int i = (rows - 1) * columns; i < rows * columns; i++)
        cells[i] = GREY | ' ';
}

static void text_put(uint8_t c) { cells[row * columns + column] = GREY | c; }

/* --- frame buffer --- */

static void pixels_clear(void)
{
    for (unsigned int y = 0; y < rows * CELL_HEIGHT; y++)
        for (unsigned int x = 0; x < columns * CELL_WIDTH * pixel_bytes; x++)
            pixels[y * pitch + x] = 0;
}

static void pixels_new_line(void)
{
    if (++row < rows)
        return;
    row = 0;
    pixels_clear();
}

static void pixels_put(uint8_t c)
{
    volatile uint8_t *corner = pixels + row * CELL_HEIGHT * pitch + column * CELL_WIDTH * pixel_bytes;

    if (c < FONT_FIRST || c > FONT_LAST)
        c = '?';
    for (unsigned int y = 0; y < FONT_ROWS; y++)
        for (unsigned int x = 0; x < FONT_COLUMNS * pixel_bytes; x++) /* grey is the same in each byte */
            corner[y * pitch + x] = font_5x7[c - FONT_FIRST][x / pixel_bytes] >> y & 1 ? 0xaa : 0;
}

/* --- both --- */

static void screen_write(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n' || column == columns) {
            column = 0;
            if (cells)
                text_new_line();
            else
                pixels_new_line();
        }
        if (text[i] == '\n' || text[i] == '\r')
            continue;
        if (cells)
            text_put(text[i]);
        else
            pixels_put(text[i]);
        column++;
    }
}

static struct console_sink screen_sink = { .name = "vga", .write = screen_write };

static void text_init(void)
{
    columns = 80;
    rows = 25;
    cells = vmap(MADDR(0xb8000), rows * columns * 2, PTE_UC | PTE_RW);
    if (!cells)
        return;
    for (unsigned int i = 0; i < rows * columns; i++)
        cells[i] = GREY | ' ';
    console_add_sink(&screen_sink);
}

static void pixels_init(void)
{
    const struct dom0_vga_console_info *v = &boot_info.video;
    uint64_t base = v->u.vesa_lfb.lfb_base | (uint64_t)v->u.vesa_lfb.ext_lfb_base << 32;
    uint64_t size = (uint64_t)v->u.vesa_lfb.bytes_per_line * v->u.vesa_lfb.height;

    columns = v->u.vesa_lfb.width / CELL_WIDTH;
    rows = v->u.vesa_lfb.height / CELL_HEIGHT;
    pixel_bytes = v->u.vesa_lfb.bits_per_pixel / 8;
    if (pixel_bytes < 3 || pixel_bytes > 4 || size > FRAME_BUFFER_MAX || columns < 40 || rows < 10)
        return;
    pixels = vmap(MADDR(base), size, PTE_PAT | PTE_RW); /* entry 4 of the PAT: writes are combined */
    if (!pixels)
        return;
    pitch = v->u.vesa_lfb.bytes_per_line;
    pixels_clear();
    console_add_sink(&screen_sink);
}

void screen_init(void)
{
    if (boot_info.video.video_type == XEN_VGATYPE_TEXT_MODE_3)
        text_init();
    else if (boot_info.video.video_type)
        pixels_init();
}

void screen_release(void)
{
    if (strcmp(vga_option, "keep"))
        screen_sink.enabled = false;
}
