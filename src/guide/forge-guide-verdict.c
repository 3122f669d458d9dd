/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-verdict.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"

static gboolean
refuse_format (const ForgeGuideFindings *findings, GError **error)
{
  g_autofree char *head = forge_redact_text (findings->head);

  if (findings->bytes == 0)
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, "the guide has no content");
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "this is no XMLTV guide; it begins with “%s”",
                 head);
  return FALSE;
}

static gboolean hold_back (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
hold_back (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error,
                     g_error_new_valist (FORGE_ERROR, FORGE_ERROR_HELD_BACK, format, arguments));
  va_end (arguments);
  return FALSE;
}

gboolean
forge_guide_verdict (const ForgeGuideFindings *findings, GError **error)
{
  guint64 before = findings->before, after = findings->after;
  guint64 kept_percent = (guint64)(100 - CLAMP (findings->hold_back_percent, 0, 100));

  if (!findings->is_xmltv)
    return refuse_format (findings, error);
  if (findings->force)
    return TRUE;
  if (findings->in_file == 0)
    return hold_back (error, "held back: the guide has no programmes");
  if (after == 0)
    return hold_back (error,
                      "held back: none of the guide's %" G_GUINT64_FORMAT
                      " programmes is of these days",
                      findings->in_file);
  if (findings->is_truncated && after < before)
    return hold_back (error,
                      "held back: the guide ends early, after %" G_GUINT64_FORMAT
                      " of %" G_GUINT64_FORMAT " programmes",
                      after,
                      before);
  if (after * 100 < before * kept_percent)
    return hold_back (error,
                      "held back: %" G_GUINT64_FORMAT " programmes instead of %" G_GUINT64_FORMAT
                      ", a loss of more than %d %%",
                      after,
                      before,
                      findings->hold_back_percent);
  return TRUE;
}
