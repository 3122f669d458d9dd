/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-name.h"

G_BEGIN_DECLS

/* Skeletons shorter than this fit too many names. */
#define FORGE_SKELETON_MIN_BYTES 3

/* TRUE if a token is in Arabic script. */
gboolean forge_name_is_arabic (const ForgeName *name);

/* Writes the consonants and digits of the name, the same for "القاهرة والناس" and "Al Kahera Wal
 * Nas": Arabic is written without short vowels and its romanisation has no rule. */
void forge_name_skeleton (const ForgeName *name, char *out, gsize size);

G_END_DECLS
