/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-guide-set.h"

#include "base/forge-error.h"
#include "engine/forge-ops-checks.h"
#include "guide/forge-guide-shift.h"
#include "store/forge-store-guide.h"

#include <string.h>

#define MAX_PRIORITY 1000

void
forge_ops_suggest_shifts (ForgeOps *ops)
{
  g_autoptr (GError) error = NULL;

  if (!forge_guide_shift_find (ops->store, forge_clock_wall_s (ops->engine->clock), &error))
    forge_ops_report (ops,
                      FORGE_LOG_WARNING,
                      FORGE_EVENT_GUIDE,
                      "The guides could not be compared: %s",
                      error->message);
}

static gboolean
set_number (int *slot, const char *key, const char *text, int limit, GError **error)
{
  gint64 number;

  if (g_ascii_string_to_signed (text, 10, -limit, limit, &number, NULL)) {
    *slot = (int)number;
    return TRUE;
  }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: “%s” is not a whole number from %d to %d",
               key,
               text,
               -limit,
               limit);
  return FALSE;
}

static gboolean
set_name (ForgeGuideSource *source, const char *name, GError **error)
{
  if (!forge_check_name (name, error))
    return FALSE;
  g_free (source->name);
  source->name = g_strdup (name);
  return TRUE;
}

static gboolean
set_key (ForgeGuideSource *source, const char *key, const char *value, GError **error)
{
  if (strcmp (key, "name") == 0)
    return set_name (source, value, error);
  if (strcmp (key, "shift") == 0 && strcmp (value, "suggested") == 0) {
    source->shift_minutes = source->suggested_shift_minutes;
    return TRUE;
  }
  if (strcmp (key, "shift") == 0)
    return set_number (&source->shift_minutes, key, value, FORGE_MAX_SHIFT_MINUTES, error);
  if (strcmp (key, "priority") == 0)
    return set_number (&source->priority, key, value, MAX_PRIORITY, error);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "“%s” is none of name, shift, priority",
               key);
  return FALSE;
}

gboolean
forge_ops_set_guide (ForgeOps *ops, gint64 id, GHashTable *values, GError **error)
{
  g_autoptr (ForgeGuideSource) stored = forge_store_get_guide_source (ops->store, id, error);
  GHashTableIter iter;
  gpointer key, value;

  if (!stored)
    return FALSE;
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (stored);
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!set_key (source, key, value, error))
      return FALSE;
  return forge_store_update_guide_source (ops->store, source, error);
}
