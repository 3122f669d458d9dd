/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FORGE_LOG_ERROR,
  FORGE_LOG_WARNING,
  FORGE_LOG_INFO,
  FORGE_LOG_DEBUG,
} ForgeLogLevel;

/* "error", "warning", "info" or "debug". FALSE for any other word. Thread: any. */
gboolean forge_log_level_parse (const char *text, ForgeLogLevel *level);
const char *forge_log_level_name (ForgeLogLevel level);

/* Sends g_debug (), g_message () … to standard error as "time level domain: text", or to the
 * journal when standard error is one; drops what is below `level`. Every text passes
 * forge_redact_text () first. Call once, before other threads start. */
void forge_log_install (ForgeLogLevel level);

G_END_DECLS
