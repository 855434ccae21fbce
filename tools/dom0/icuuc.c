// SPDX-License-Identifier: GPL-2.0-only
//
// A libicuuc that knows no encoding. libxml2 reaches ICU for encodings other than UTF-8, UTF-16, Latin-1 and ASCII, which no
// domain definition uses. Debian's brings 30 MiB of tables, which are memory that dom0 can put to better use, and
// libstdc++: relocating the two was most of what starting hvctl cost. Here every encoding is one that cannot be opened, and
// libxml2 says that it does not know it.
//
// These are the functions libxml2 refers to. ICU's names end in its major version, ICU_VERSION.

#include <stddef.h>

#define PASTE(name, version) name##_##version
#define EXPAND(name, version) PASTE(name, version)
#define ICU(name) EXPAND(name, ICU_VERSION)

#define U_FILE_ACCESS_ERROR 4

void *ICU(ucnv_open)(const char *name, int *status);
void *ICU(ucnv_open)(const char *name, int *status)
{
    (void)name;
    *status = U_FILE_ACCESS_ERROR;
    return NULL;
}

// The others are about converters, of which there are none.
#define NEVER_CALLED(name)  \
    void ICU(name)(void);   \
    void ICU(name)(void)    \
    {                       \
        __builtin_trap();   \
    }

NEVER_CALLED(ucnv_close)
NEVER_CALLED(ucnv_convertEx)
NEVER_CALLED(ucnv_setFromUCallBack)
NEVER_CALLED(ucnv_setToUCallBack)
NEVER_CALLED(UCNV_FROM_U_CALLBACK_STOP)
NEVER_CALLED(UCNV_TO_U_CALLBACK_STOP)
