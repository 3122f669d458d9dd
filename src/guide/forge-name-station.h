/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many ASCII letters, or digits, `text` starts with. */
gsize forge_station_count_letters (const char *text);
gsize forge_station_count_digits (const char *text);

/* TRUE for words that only look like stations: "king", "kids" (facts: "US locals"). */
gboolean forge_station_is_denied (const char *text);
/* Bytes of the call sign that `text` starts with; 0 = none. Folded text, as everywhere here. */
gsize forge_station_call_sign_length (const char *text);
/* TRUE for what follows a call sign: "dt2", "ld", "d1", "tv". Sets the sub-channel. */
gboolean forge_station_is_suffix (const char *text, int *sub_channel);

G_END_DECLS
