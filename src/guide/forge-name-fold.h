/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest UTF-8 text that one character folds to (a ligature such as U+FDFA). */
#define FORGE_FOLD_MAX_BYTES 112

/* Writes what `c` is for comparing names, NUL-terminated: compatibility forms resolved (ᴴ → h),
 * lower case, accents stripped, Cyrillic and Greek in Latin letters, Arabic letter variants united.
 * Returns its length in bytes; 0 for marks and invisible characters. Punctuation stays as it is. */
guint forge_fold_char (gunichar c, char out[FORGE_FOLD_MAX_BYTES]);

/* TRUE for combining marks, joiners, direction marks, variation selectors and ™®©. */
gboolean forge_fold_is_invisible (gunichar c);

G_END_DECLS
