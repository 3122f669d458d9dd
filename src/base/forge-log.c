/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-log.h"

#include "base/forge-redact.h"

#include <string.h>
#include <unistd.h>

static const char *const level_names[] = { "error", "warning", "info", "debug" };

gboolean
forge_log_level_parse (const char *text, ForgeLogLevel *level)
{
  for (guint i = 0; text && i < G_N_ELEMENTS (level_names); i++)
    if (strcmp (text, level_names[i]) == 0) {
      *level = (ForgeLogLevel)i;
      return TRUE;
    }
  return FALSE;
}

const char *
forge_log_level_name (ForgeLogLevel level)
{
  return (guint)level < G_N_ELEMENTS (level_names) ? level_names[level] : "info";
}

static ForgeLogLevel
level_from_glib (GLogLevelFlags flags)
{
  if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return FORGE_LOG_ERROR;
  if (flags & G_LOG_LEVEL_WARNING)
    return FORGE_LOG_WARNING;
  if (flags & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO))
    return FORGE_LOG_INFO;
  return FORGE_LOG_DEBUG;
}

static const char *
field_value (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, key) == 0 && fields[i].length < 0)
      return fields[i].value;
  return "";
}

static void
write_to_stderr (ForgeLogLevel level, const char *domain, const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%H:%M:%S.%f");
  g_autofree char *line =
      g_strdup_printf ("%.12s %-7s %s: %s\n", stamp, forge_log_level_name (level), domain, text);

  /* One write per line, so that lines of several threads do not mix. */
  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    return;
}

static GLogWriterOutput
write_log (GLogLevelFlags flags, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  ForgeLogLevel level = level_from_glib (flags);
  const char *domain = field_value (fields, n_fields, "GLIB_DOMAIN");

  if (level > (ForgeLogLevel)GPOINTER_TO_INT (user_data))
    return G_LOG_WRITER_HANDLED;
  /* Libraries' debug chatter is not ours to show. */
  if (level == FORGE_LOG_DEBUG && !g_str_has_prefix (domain, "forge"))
    return G_LOG_WRITER_HANDLED;

  g_autofree char *safe = forge_redact_text (field_value (fields, n_fields, "MESSAGE"));
  if (g_log_writer_is_journald (STDERR_FILENO)) {
    const GLogField out[] = {
      { "MESSAGE", safe, -1 },
      { "PRIORITY",
        level == FORGE_LOG_ERROR     ? "3"
        : level == FORGE_LOG_WARNING ? "4"
        : level == FORGE_LOG_INFO    ? "6"
                                     : "7",
        -1 },
      { "GLIB_DOMAIN", domain, -1 },
    };
    return g_log_writer_journald (flags, out, G_N_ELEMENTS (out), NULL);
  }
  write_to_stderr (level, domain, safe);
  return G_LOG_WRITER_HANDLED;
}

void
forge_log_install (ForgeLogLevel level)
{
  g_log_set_writer_func (write_log, GINT_TO_POINTER (level), NULL);
}
