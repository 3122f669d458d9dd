/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-channels.h"

#include "base/forge-error.h"
#include "store/forge-store-channel-row.h"
#include "store/forge-store-keys.h"
#include "store/forge-store-private.h"

gboolean
forge_channel_row_next_number (ForgeStore *store, int *number, GError **error)
{
  gint64 next = 0;

  if (!forge_store_get_int (store,
                            "SELECT 1 + max ((SELECT highest FROM number_sequence),"
                            " (SELECT coalesce (max (number), 0) FROM channel),"
                            " (SELECT coalesce (max (number), 0) FROM pending_channel))",
                            0,
                            &next,
                            error))
    return FALSE;
  if (next > FORGE_MAX_CHANNEL_NUMBER &&
      !forge_store_get_int (
          store,
          "SELECT min (n.number + 1) FROM (SELECT 0 AS number UNION ALL SELECT number FROM channel"
          " WHERE number > 0 UNION ALL SELECT number FROM pending_channel) n"
          " WHERE NOT EXISTS (SELECT 1 FROM channel c WHERE c.number = n.number + 1)"
          " AND NOT EXISTS (SELECT 1 FROM pending_channel p WHERE p.number = n.number + 1)",
          0,
          &next,
          error))
    return FALSE;
  if (next > FORGE_MAX_CHANNEL_NUMBER) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_LIMIT,
                 "All channel numbers up to %d are in use",
                 FORGE_MAX_CHANNEL_NUMBER);
    return FALSE;
  }
  *number = (int)next;
  return TRUE;
}

gboolean
forge_channel_row_note_number (ForgeStore *store, int number, GError **error)
{
  return forge_store_run_id (store,
                             "UPDATE number_sequence SET highest = ?1 WHERE highest < ?1",
                             number,
                             NULL,
                             error);
}

static gboolean
update_channel (ForgeStore *store, gint64 id, const ForgeChannelRow *row, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "UPDATE channel SET guide_channel_id = ?2, name = ?3, group_name = ?4, logo = ?5,"
          " enabled = ?6, shift_minutes = ?7, audio_track = ?8, gone_at = NULL"
          " WHERE id = ?1 AND (gone_at IS NOT NULL OR"
          " (guide_channel_id, name, group_name, logo, enabled, shift_minutes, audio_track)"
          " IS NOT (?2, ?3, ?4, ?5, ?6, ?7, ?8))",
          error))
    return FALSE;
  forge_bind_int (&st, id);
  forge_bind_id (&st, row->guide_channel_id);
  forge_bind_text (&st, row->name ? row->name : "");
  forge_bind_text (&st, row->group);
  forge_bind_text (&st, row->logo);
  forge_bind_int (&st, row->enable != FALSE);
  forge_bind_int (&st, row->shift_minutes);
  forge_bind_text (&st, row->audio_track);
  return forge_statement_run (&st, error);
}

/* What an import left for this key: `number` 0 = nothing. */
typedef struct {
  int number, position;
  char *user_name, *user_group, *user_logo;
  gint64 user_enabled; /* -1 = not set */
  gboolean promoted;
} Pending;

static void
pending_clear (Pending *pending)
{
  g_clear_pointer (&pending->user_name, g_free);
  g_clear_pointer (&pending->user_group, g_free);
  g_clear_pointer (&pending->user_logo, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pending, pending_clear)

static gboolean
take_pending (ForgeStore *store, const char *key, Pending *pending, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  /* The number may have been given to another channel since. */
  if (!forge_statement_prepare (
          &st,
          store,
          "DELETE FROM pending_channel WHERE key = " FORGE_PORTABLE_KEY (
              "?1") " RETURNING iif (EXISTS (SELECT 1 FROM channel c"
                    " WHERE c.number = pending_channel.number), 0, number), position, user_name,"
                    " coalesce (user_enabled, -1), promoted, user_group, user_logo",
          error))
    return FALSE;
  forge_bind_text (&st, key);
  ForgeStep step = forge_statement_step (&st, error);
  if (step != FORGE_STEP_ROW)
    return step == FORGE_STEP_DONE;
  pending->number = (int)forge_column_int (&st, 0);
  pending->position = (int)forge_column_int (&st, 1);
  pending->user_name = forge_column_dup (&st, 2);
  pending->user_enabled = forge_column_int (&st, 3);
  pending->promoted = forge_column_int (&st, 4) != 0;
  pending->user_group = forge_column_dup (&st, 5);
  pending->user_logo = forge_column_dup (&st, 6);
  return forge_statement_run (&st, error);
}

static gint64
write_new_channel (ForgeStore *store,
                   const ForgeChannelRow *row,
                   const Pending *pending,
                   GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT INTO channel (key, guide_channel_id, name, group_name, logo, enabled, number,"
          " position, user_name, user_enabled, promoted, user_group, user_logo, shift_minutes,"
          " audio_track) VALUES (?, ?, ?, ?, ?, ?, ?,"
          " coalesce (?, 1 + max ((SELECT coalesce (max (position), -1) FROM channel),"
          " (SELECT coalesce (max (position), -1) FROM pending_channel))), ?, ?, ?, ?, ?, ?, ?)",
          error))
    return 0;
  forge_bind_text (&st, row->key);
  forge_bind_id (&st, row->guide_channel_id);
  forge_bind_text (&st, row->name ? row->name : "");
  forge_bind_text (&st, row->group);
  forge_bind_text (&st, row->logo);
  forge_bind_int (&st, row->enable != FALSE);
  forge_bind_int (&st, pending->number);
  if (pending->position >= 0)
    forge_bind_int (&st, pending->position);
  else
    forge_bind_id (&st, 0);
  forge_bind_text (&st, pending->user_name);
  if (pending->user_enabled >= 0)
    forge_bind_int (&st, pending->user_enabled);
  else
    forge_bind_id (&st, 0);
  forge_bind_int (&st, pending->promoted);
  forge_bind_text (&st, pending->user_group);
  forge_bind_text (&st, pending->user_logo);
  forge_bind_int (&st, row->shift_minutes);
  forge_bind_text (&st, row->audio_track);
  return forge_statement_run (&st, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

/* The number that the list gives, unless it is taken or waited for; else the next one. */
static gboolean
choose_number (ForgeStore *store, int listed, int *number, GError **error)
{
  gint64 taken = 1;

  if (listed > 0 && listed <= FORGE_MAX_CHANNEL_NUMBER &&
      !forge_store_get_int (store,
                            "SELECT EXISTS (SELECT 1 FROM channel WHERE number = ?1)"
                            " OR EXISTS (SELECT 1 FROM pending_channel WHERE number = ?1)",
                            listed,
                            &taken,
                            error))
    return FALSE;
  *number = listed;
  return !taken || forge_channel_row_next_number (store, number, error);
}

static gint64
insert_channel (ForgeStore *store, const ForgeChannelRow *row, GError **error)
{
  g_auto (Pending) pending = { .position = -1, .user_enabled = -1 };

  if (!take_pending (store, row->key, &pending, error) ||
      (pending.number == 0 && !choose_number (store, row->number, &pending.number, error)) ||
      !forge_channel_row_note_number (store, pending.number, error))
    return 0;
  return write_new_channel (store, row, &pending, error);
}

static gboolean
find_channel (ForgeStore *store, const char *key, gint64 *id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  *id = 0;
  if (!forge_statement_prepare (&st, store, "SELECT id FROM channel WHERE key = ?", error))
    return FALSE;
  forge_bind_text (&st, key);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_ROW)
    *id = forge_column_int (&st, 0);
  return step != FORGE_STEP_ERROR;
}

gint64
forge_channel_row_put (ForgeStore *store, const ForgeChannelRow *row, GError **error)
{
  gint64 id;

  if (!find_channel (store, row->key, &id, error))
    return 0;
  if (id == 0)
    return insert_channel (store, row, error);
  return update_channel (store, id, row, error) ? id : 0;
}
