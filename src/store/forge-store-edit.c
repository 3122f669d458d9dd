/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-channel-row.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-private.h"
#include "store/forge-store-streams.h"

#define MAX_NAME_BYTES 256
#define MAX_LOGO_BYTES 2048

/* After a statement that names one channel that is no tombstone. */
static gboolean
check_changed (ForgeStore *store, gint64 id, GError **error)
{
  return sqlite3_changes (store->db) > 0 || forge_store_not_found ("channel", id, error);
}

gboolean
forge_store_set_channel_enabled (ForgeStore *store, gint64 id, gboolean enabled, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "UPDATE channel SET user_enabled = ?"
                                " WHERE id = ? AND gone_at IS NULL",
                                error))
    return FALSE;
  forge_bind_int (&st, enabled != FALSE);
  forge_bind_int (&st, id);
  return forge_statement_run (&st, error) && check_changed (store, id, error);
}

/* `text` without blanks around it, NULL if nothing is left: back to the provider's. FALSE if it is
 * too long. */
static gboolean
tidy_text (const char *what, const char *text, gsize max_bytes, char **tidy, GError **error)
{
  g_autofree char *trimmed = text ? g_strstrip (g_strdup (text)) : NULL;

  if (trimmed && (strlen (trimmed) > max_bytes || !g_utf8_validate (trimmed, -1, NULL))) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "A %s has at most %" G_GSIZE_FORMAT
                 " bytes of UTF-8; this one has %" G_GSIZE_FORMAT,
                 what,
                 max_bytes,
                 strlen (trimmed));
    return FALSE;
  }
  *tidy = trimmed && *trimmed ? g_steal_pointer (&trimmed) : NULL;
  return TRUE;
}

static gboolean
set_text (ForgeStore *store, const char *sql, gint64 id, const char *text, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_text (&st, text);
  forge_bind_int (&st, id);
  return forge_statement_run (&st, error) && check_changed (store, id, error);
}

#define SET_TEXT(column) "UPDATE channel SET " column " = ? WHERE id = ? AND gone_at IS NULL"

gboolean
forge_store_rename_channel (ForgeStore *store, gint64 id, const char *name, GError **error)
{
  g_autofree char *tidy = NULL;

  return tidy_text ("channel name", name, MAX_NAME_BYTES, &tidy, error) &&
         set_text (store, SET_TEXT ("user_name"), id, tidy, error);
}

gboolean
forge_store_set_channel_group (ForgeStore *store, gint64 id, const char *group, GError **error)
{
  g_autofree char *tidy = NULL;

  return tidy_text ("group name", group, MAX_NAME_BYTES, &tidy, error) &&
         set_text (store, SET_TEXT ("user_group"), id, tidy, error);
}

gboolean
forge_store_set_channel_logo (ForgeStore *store, gint64 id, const char *url, GError **error)
{
  g_autofree char *tidy = NULL;

  if (!tidy_text ("logo's address", url, MAX_LOGO_BYTES, &tidy, error))
    return FALSE;
  if (tidy && !g_str_has_prefix (tidy, "http://") && !g_str_has_prefix (tidy, "https://")) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "A logo is an http:// or https:// address");
    return FALSE;
  }
  return set_text (store, SET_TEXT ("user_logo"), id, tidy, error);
}

gboolean
forge_store_reset_channel (ForgeStore *store, gint64 id, GError **error)
{
  return forge_store_run_id (store,
                             "UPDATE channel SET user_name = NULL, user_group = NULL,"
                             " user_logo = NULL, user_enabled = NULL"
                             " WHERE id = ? AND gone_at IS NULL",
                             id,
                             NULL,
                             error) &&
         check_changed (store, id, error);
}

typedef struct {
  gint64 id;
  gint64 position;
} Place;

/* The enabled channels in order, with rising positions that only they have among themselves. */
static gboolean
read_places (ForgeStore *store, GArray *places, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT id, position FROM channel"
          " WHERE gone_at IS NULL AND coalesce (user_enabled, enabled) = 1 ORDER BY position, id",
          error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    Place place = { forge_column_int (&st, 0), forge_column_int (&st, 1) };
    g_array_append_val (places, place);
  }
  return step == FORGE_STEP_DONE;
}

static gboolean
write_position (ForgeStore *store, gint64 id, gint64 position, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "UPDATE channel SET position = ?2 WHERE id = ?1 AND position <> ?2",
                                error))
    return FALSE;
  forge_bind_int (&st, id);
  forge_bind_int (&st, position);
  return forge_statement_run (&st, error);
}

static gboolean
find_place (GArray *places, gint64 id, guint *index)
{
  for (guint i = 0; i < places->len; i++)
    if (g_array_index (places, Place, i).id == id) {
      *index = i;
      return TRUE;
    }
  return FALSE;
}

/* The enabled channels share out the positions that they have, so that disabled ones between them
 * stay where they are. */
static gboolean
write_order (ForgeStore *store, GArray *places, guint from, guint to, GError **error)
{
  gint64 last = G_MININT64;

  for (guint i = 0; i < places->len; i++) {
    guint source = i;
    if (i == to)
      source = from;
    else if (from < to && i >= from && i < to)
      source = i + 1;
    else if (from > to && i > to && i <= from)
      source = i - 1;
    gint64 position = g_array_index (places, Place, i).position;
    last = position > last ? position : last + 1;
    if (!write_position (store, g_array_index (places, Place, source).id, last, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
move_channel (ForgeStore *store, gint64 id, int to, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (store, id, error);
  guint from;

  if (!channel || !read_places (store, places, error))
    return FALSE;
  if (!find_place (places, id, &from)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Channel %" G_GINT64_FORMAT " is switched off and has no place in the lineup",
                 id);
    return FALSE;
  }
  guint place = (guint)CLAMP (to, 1, (int)places->len) - 1;
  return write_order (store, places, from, place, error) &&
         forge_store_run_id (store,
                             "UPDATE channel SET user_placed = 1 WHERE id = ?",
                             id,
                             NULL,
                             error);
}

gboolean
forge_store_move_channel (ForgeStore *store, gint64 id, int to, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = move_channel (store, id, to, error);
  return forge_store_leave (store, transaction, ok, error);
}

gboolean
forge_store_number_channel (ForgeStore *store, gint64 id, int number, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  g_autoptr (GError) local = NULL;

  if (number < 1 || number > FORGE_MAX_CHANNEL_NUMBER) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%d is no channel number; they go from 1 to %d",
                 number,
                 FORGE_MAX_CHANNEL_NUMBER);
    return FALSE;
  }
  if (!forge_statement_prepare (&st,
                                store,
                                "UPDATE channel SET number = ?, user_placed = 1"
                                " WHERE id = ? AND gone_at IS NULL",
                                error))
    return FALSE;
  forge_bind_int (&st, number);
  forge_bind_int (&st, id);
  if (forge_statement_run (&st, &local))
    return check_changed (store, id, error);
  if (local->code == FORGE_ERROR_INVALID)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Number %d belongs to another channel (vanished ones keep theirs)",
                 number);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gint64
forge_channel_row_promote (ForgeStore *store, gint64 stream_id, GError **error)
{
  g_autoptr (ForgeStream) stream = forge_store_get_stream (store, stream_id, error);

  if (!stream)
    return 0;
  g_autofree char *key = g_strdup_printf ("stream:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT,
                                          stream->account_id,
                                          stream->remote_id);
  ForgeChannelRow row = { .key = key,
                          .name = stream->name,
                          .group = stream->group,
                          .logo = stream->icon,
                          .enable = TRUE };
  gint64 id = forge_channel_row_put (store, &row, error);
  if (id == 0 ||
      !forge_store_run_id (store,
                           "UPDATE channel SET promoted = 1 WHERE id = ?",
                           id,
                           NULL,
                           error) ||
      !forge_store_set_match (store, id, stream_id, TRUE, error))
    return 0;
  return id;
}

gint64
forge_store_promote_stream (ForgeStore *store, gint64 stream_id, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return 0;
  gint64 id = forge_channel_row_promote (store, stream_id, error);
  gboolean ok = id > 0 && forge_store_set_channel_enabled (store, id, TRUE, error);
  return forge_store_leave (store, transaction, ok, error) ? id : 0;
}

/* Writes the user's word on a pair. The WHERE makes sure of both ends. */
static gboolean
decide (ForgeStore *store, const char *sql, gint64 channel_id, gint64 stream_id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  g_autoptr (ForgeStream) stream = NULL;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_int (&st, channel_id);
  forge_bind_int (&st, stream_id);
  if (!forge_statement_run (&st, error))
    return FALSE;
  if (sqlite3_changes (store->db) > 0)
    return TRUE;
  stream = forge_store_get_stream (store, stream_id, error);
  return stream && forge_store_not_found ("channel", channel_id, error);
}

/* What the matcher thought of the pair stays beneath the user's word, for the day that it is taken
 * back. */
#define BOTH_ENDS                                                                                \
  " FROM channel c, stream t WHERE c.id = ?1 AND c.gone_at IS NULL AND t.id = ?2"                \
  " ON CONFLICT (channel_id, stream_id) DO UPDATE SET gone_at = NULL, manual = excluded.manual," \
  " is_primary = excluded.is_primary, rejected = excluded.rejected"
#define CHOOSE(primary)                                                               \
  "INSERT INTO stream_match"                                                          \
  " (channel_id, stream_id, confidence, rank, reasons, manual, is_primary, rejected)" \
  " SELECT c.id, t.id, 1.0, 0, '[\"Chosen by you\"]', 1, " primary ", 0" BOTH_ENDS
#define REJECT                                                                        \
  "INSERT INTO stream_match"                                                          \
  " (channel_id, stream_id, confidence, rank, reasons, manual, is_primary, rejected)" \
  " SELECT c.id, t.id, 0.0, 0, '[\"Removed by you\"]', 0, 0, 1" BOTH_ENDS

static gboolean
set_primary (ForgeStore *store, gint64 channel_id, gint64 stream_id, GError **error)
{
  return forge_store_run_id (
             store,
             "UPDATE stream_match SET is_primary = 0 WHERE channel_id = ? AND is_primary",
             channel_id,
             NULL,
             error) &&
         decide (store, CHOOSE ("1"), channel_id, stream_id, error);
}

gboolean
forge_store_set_match (ForgeStore *store,
                       gint64 channel_id,
                       gint64 stream_id,
                       gboolean primary,
                       GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!primary)
    return decide (store, CHOOSE ("0"), channel_id, stream_id, error);
  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = set_primary (store, channel_id, stream_id, error);
  return forge_store_leave (store, transaction, ok, error);
}

gboolean
forge_store_unset_match (ForgeStore *store, gint64 channel_id, gint64 stream_id, GError **error)
{
  return decide (store, REJECT, channel_id, stream_id, error);
}

/* A pair that the user alone made goes altogether. */
gboolean
forge_store_withdraw_match (ForgeStore *store, gint64 channel_id, gint64 stream_id, GError **error)
{
  static const char *const steps[] = {
    "DELETE FROM stream_match WHERE channel_id = ?1 AND stream_id = ?2 AND (manual OR rejected)"
    " AND reasons IN ('[\"Chosen by you\"]', '[\"Removed by you\"]')",
    "UPDATE stream_match SET manual = 0, rejected = 0, is_primary = 0"
    " WHERE channel_id = ?1 AND stream_id = ?2",
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
    if (!forge_statement_prepare (&st, store, steps[i], error))
      return FALSE;
    forge_bind_int (&st, channel_id);
    forge_bind_int (&st, stream_id);
    if (!forge_statement_run (&st, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
forge_store_each_match (ForgeStore *store,
                        gint64 channel_id,
                        ForgeMatchFunc each,
                        gpointer user_data,
                        GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT t.id, t.name, iif (m.manual, 1.0, m.confidence), m.reasons, m.manual, m.rejected"
          " FROM stream_match m JOIN stream t ON t.id = m.stream_id"
          " WHERE m.channel_id = ? AND m.gone_at IS NULL"
          " ORDER BY m.rejected, m.is_primary DESC, m.manual DESC, t.quality DESC, m.rank,"
          " t.account_id, t.position, t.id",
          error))
    return FALSE;
  forge_bind_int (&st, channel_id);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    each (forge_column_int (&st, 0),
          forge_column_text (&st, 1),
          sqlite3_column_double (st.handle, 2),
          forge_column_text (&st, 3),
          forge_column_int (&st, 4) != 0,
          forge_column_int (&st, 5) != 0,
          user_data);
  return step == FORGE_STEP_DONE;
}
