/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "library/forge-extraction.h"

G_BEGIN_DECLS

/* An extraction as a text of our own, to be kept; pairs are left out. Holds tokens and cookies.
 * (transfer full) */
char *forge_extraction_format (const ForgeExtraction *extraction) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: it is no such text. (transfer full) */
ForgeExtraction *forge_extraction_unformat (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* When the first of its addresses says that it ends (expire=, x-expires=, Expires= of UTC seconds);
 * G_MAXINT64: none does. */
gint64 forge_extraction_end_s (const ForgeExtraction *extraction);

G_END_DECLS
