/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-guide-set.h"

#include "base/forge-error.h"
#include "engine/forge-ops-checks.h"
#include "engine/forge-shift-text.h"
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

/* A zone takes the place of a number and the other way round. */
static gboolean
set_shift (ForgeGuideSource *source, const char *text, GError **error)
{
  char *zone = NULL;

  if (!forge_shift_parse (text, &source->shift_minutes, &zone, error))
    return FALSE;
  g_free (source->zone);
  source->zone = zone;
  return TRUE;
}

/* What was read with another clock has to be read again, though it has not changed. */
static void
forget_content (ForgeGuideSource *source)
{
  g_clear_pointer (&source->etag, g_free);
  g_clear_pointer (&source->last_modified, g_free);
  g_clear_pointer (&source->content_hash, g_free);
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
    return set_shift (source, value, error);
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
  gboolean is_other_clock = g_strcmp0 (source->zone, stored->zone) != 0;
  if (is_other_clock)
    forget_content (source);
  if (!forge_store_update_guide_source (ops->store, source, error))
    return FALSE;
  /* A failure is an event and the guide's status; the next refresh makes up for it. */
  if (is_other_clock && !forge_ops_refresh_guides (ops, id, FALSE, NULL))
    g_debug ("guide %" G_GINT64_FORMAT " could not be read with its new zone", id);
  return TRUE;
}
