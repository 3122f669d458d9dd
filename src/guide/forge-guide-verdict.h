/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of a guide when it was read to its end. */
typedef struct {
  guint64 bytes;
  const char *head; /* its first characters */
  gboolean is_xmltv, is_truncated;
  guint64 in_file; /* programmes read */
  guint64 before;  /* programmes of the generation in use, 0 = none */
  guint64 after;   /* programmes that would replace them */
  int hold_back_percent;
  gboolean force;
} ForgeGuideFindings;

/* Whether the guide may replace the one in use. Errors: INVALID (not XMLTV), HELD_BACK. */
gboolean forge_guide_verdict (const ForgeGuideFindings *findings, GError **error);

G_END_DECLS
