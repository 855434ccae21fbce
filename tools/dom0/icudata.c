// SPDX-License-Identifier: GPL-2.0-only
//
// An empty libicudata. libxml2 reaches ICU for encodings other than UTF-8, UTF-16, Latin-1 and ASCII, which no
// domain definition uses; Debian's tables for them are 30 MiB, a memory dom0 can put to better use. ICU finds a
// valid table of contents here with nothing in it, and libxml2 then reports an unknown encoding.
//
// ICU_SYMBOL names the one symbol the library has: icudt and ICU's major version and _dat.

#include <stdint.h>

extern const struct icu_common_data ICU_SYMBOL;

const struct icu_common_data {
    uint16_t header_size;
    uint8_t magic[2];
    uint16_t info_size;
    uint16_t reserved;
    uint8_t big_endian, charset_family, char_size, reserved2;
    uint8_t format[4], format_version[4], data_version[4];
    uint8_t pad[8];
    uint32_t count, end;
} ICU_SYMBOL = {
    .header_size = 32,
    .magic = { 0xda, 0x27 },
    .info_size = 20,
    .char_size = 2,
    .format = { 'C', 'm', 'n', 'D' },
    .format_version = { 1 },
};
