/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-channel-row.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-keys.h"
#include "store/forge-store-private.h"

/* An export of 100,000 channels has about 15 MiB. */
#define MAX_IMPORT_BYTES (64 * 1024 * 1024)

/* A channel's key holds a guide's channel id or an account's name. */
#define MAX_KEY_BYTES  2048
#define MAX_NAME_BYTES 256

#define STRINGIFY_(x) #x
#define STRINGIFY(x)  STRINGIFY_ (x)

#define BOOLEAN(column) "json (iif (" column ", 'true', 'false'))"

/* The user's word on the pairs of channel `x`, stored or still waiting. */
#define MATCHES_OF_X                                                                                                \
  "(SELECT json_group_array (json_object ('account', d.account, 'remote_id', d.remote_id,"                          \
  " 'primary', " BOOLEAN ("d.is_primary") ", 'rejected', " BOOLEAN (                                                \
      "d.rejected") "))"                                                                                            \
                    " FROM (SELECT a.name AS account, t.remote_id AS remote_id, m.is_primary AS is_primary,"        \
                    " m.rejected AS rejected FROM stream_match m JOIN stream t ON t.id = m.stream_id"               \
                    " JOIN account a ON a.id = t.account_id WHERE m.channel_id = x.id AND (m.manual OR m.rejected)" \
                    " UNION ALL SELECT p.account, p.remote_id, p.is_primary, p.rejected FROM pending_match p"       \
                    " WHERE p.channel_key = x.key ORDER BY 1, 2) d)"

/* json_patch () drops the keys that are null. */
#define EXPORT                                                                                      \
  "SELECT json_patch ('{}', json_object ('key', x.key, 'number', x.number, 'position',"             \
  " x.position, 'name', x.user_name, 'group', x.user_group, 'logo', x.user_logo, 'enabled',"        \
  " json (CASE x.user_enabled WHEN 1 THEN 'true' WHEN 0 THEN 'false' END),"                         \
  " 'promoted', json (iif (x.promoted, 'true', NULL)),"                                             \
  " 'favorite', json (iif (x.favorite, 'true', NULL)), 'matches', json (" MATCHES_OF_X ")))"        \
  " FROM (SELECT c.id AS id, " FORGE_PORTABLE_KEY (                                                 \
      "c.key") " AS key, c.number AS number,"                                                       \
               " c.position AS position, c.user_name AS user_name, c.user_enabled AS user_enabled," \
               " c.user_group AS user_group, c.user_logo AS user_logo,"                             \
               " c.promoted AS promoted, f.channel_id IS NOT NULL AS favorite"                      \
               " FROM channel c LEFT JOIN favorite f ON f.channel_id = c.id"                        \
               " UNION ALL SELECT 0, p.key, p.number, p.position, p.user_name, p.user_enabled,"     \
               " p.user_group, p.user_logo,"                                                        \
               " p.promoted, f.channel_key IS NOT NULL FROM pending_channel p"                      \
               " LEFT JOIN pending_favorite f ON f.channel_key = p.key)"                            \
               " x ORDER BY x.position, x.number"

char *
forge_store_export_channels (ForgeStore *store, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  g_autoptr (GString) json = g_string_new ("[");
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, EXPORT, error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    g_string_append (json, json->len > 1 ? ",\n" : "\n");
    g_string_append (json, forge_column_text (&st, 0));
  }
  g_string_append (json, "\n]\n");
  return step == FORGE_STEP_DONE ? g_string_free (g_steal_pointer (&json), FALSE) : NULL;
}

/* Index of the first element that is not as it should be. CASE because its branches are not
 * evaluated ahead: json_type () fails on a value that is no JSON. */
#define FIND_BAD_CHANNEL                                                                                                                                                   \
  "SELECT key FROM json_each (?1) WHERE CASE WHEN type <> 'object' THEN 1"                                                                                                 \
  " WHEN json_type (value, '$.key') IS NOT 'text' THEN 1"                                                                                                                  \
  " WHEN json_type (value, '$.number') IS NOT 'integer' THEN 1"                                                                                                            \
  " WHEN json_extract (value, '$.number') NOT BETWEEN 1 AND 99999 THEN 1"                                                                                                  \
  " WHEN json_type (value, '$.position') IS NOT 'integer' THEN 1"                                                                                                          \
  " WHEN coalesce (json_type (value, '$.name'), 'text') <> 'text' THEN 1"                                                                                                  \
  " WHEN coalesce (json_type (value, '$.group'), 'text') <> 'text' THEN 1"                                                                                                 \
  " WHEN coalesce (json_type (value, '$.logo'), 'text') <> 'text' THEN 1"                                                                                                  \
  " WHEN length (CAST (json_extract (value, '$.group') AS BLOB)) > " STRINGIFY (                                                                                           \
      MAX_NAME_BYTES) " THEN 1"                                                                                                                                            \
                      " WHEN length (CAST (json_extract (value, '$.logo') AS BLOB)) > " STRINGIFY (                                                                        \
                          MAX_KEY_BYTES) " THEN 1"                                                                                                                         \
                                         " WHEN length (CAST (json_extract (value, '$.key') AS BLOB)) > " STRINGIFY (                                                      \
                                             MAX_KEY_BYTES) " THEN 1"                                                                                                      \
                                                            " WHEN length (CAST (json_extract (value, '$.name') AS BLOB)) > " STRINGIFY (                                  \
                                                                MAX_NAME_BYTES) " THEN 1"                                                                                  \
                                                                                " WHEN coalesce (json_type (value, '$.enabled'), 'true') NOT IN ('true', 'false') THEN 1"  \
                                                                                " WHEN coalesce (json_type (value, '$.favorite'), 'true') NOT IN ('true', 'false') THEN 1" \
                                                                                " WHEN coalesce (json_type (value, '$.matches'), 'array') <> 'array' THEN 1"               \
                                                                                " ELSE 0 END LIMIT 1"
#define FIND_BAD_MATCH                                                       \
  "SELECT e.key FROM json_each (?1) e, json_each (e.value, '$.matches') m"   \
  " WHERE CASE WHEN m.type <> 'object' THEN 1"                               \
  " WHEN json_type (m.value, '$.account') IS NOT 'text' THEN 1"              \
  " WHEN json_type (m.value, '$.remote_id') IS NOT 'integer' THEN 1"         \
  " WHEN typeof (json_extract (m.value, '$.remote_id')) <> 'integer' THEN 1" \
  " ELSE 0 END LIMIT 1"

static gboolean
check_entries (ForgeStore *store,
               const char *sql,
               const char *json,
               const char *complaint,
               GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_text (&st, json);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_ROW)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Entry %" G_GINT64_FORMAT " of the import %s",
                 forge_column_int (&st, 0) + 1,
                 complaint);
  return step == FORGE_STEP_DONE;
}

static gboolean
check_is_array (ForgeStore *store, const char *json, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (strlen (json) > MAX_IMPORT_BYTES) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_TOO_LARGE,
                 "The import has %" G_GSIZE_FORMAT " bytes; at most %d are read",
                 strlen (json),
                 MAX_IMPORT_BYTES);
    return FALSE;
  }
  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT CASE WHEN json_valid (?1) THEN json_type (?1) = 'array' ELSE 0 END",
          error))
    return FALSE;
  forge_bind_text (&st, json);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  if (forge_column_int (&st, 0))
    return TRUE;
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_INVALID,
                       "The import is no JSON array of channels");
  return FALSE;
}

static gboolean
check_import (ForgeStore *store, const char *json, GError **error)
{
  return check_is_array (store, json, error) &&
         check_entries (store,
                        FIND_BAD_CHANNEL,
                        json,
                        "has no key, no number from 1 to 99999, no position, or a value that is "
                        "too long or of the wrong type",
                        error) &&
         check_entries (store,
                        FIND_BAD_MATCH,
                        json,
                        "has a match without account or remote_id",
                        error);
}

static gboolean
run_with_json (ForgeStore *store, const char *sql, const char *json, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_text (&st, json);
  return forge_statement_run (&st, error);
}

/* Positions become places from 0, whatever the file says. */
#define READ_CHANNELS                                                                  \
  "INSERT OR IGNORE INTO pending_channel"                                              \
  " (key, number, position, user_name, user_enabled, promoted, user_group, user_logo)" \
  " SELECT json_extract (value, '$.key'), json_extract (value, '$.number'),"           \
  " row_number () OVER (ORDER BY json_extract (value, '$.position'), key) - 1,"        \
  " json_extract (value, '$.name'), json_extract (value, '$.enabled'),"                \
  " json_type (value, '$.promoted') IS 'true', json_extract (value, '$.group'),"       \
  " json_extract (value, '$.logo') FROM json_each (?1)"
#define READ_MATCHES                                                                             \
  "INSERT OR REPLACE INTO pending_match (channel_key, account, remote_id, is_primary, rejected)" \
  " SELECT json_extract (e.value, '$.key'), json_extract (m.value, '$.account'),"                \
  " json_extract (m.value, '$.remote_id'), json_type (m.value, '$.primary') IS 'true',"          \
  " json_type (m.value, '$.rejected') IS 'true'"                                                 \
  " FROM json_each (?1) e, json_each (e.value, '$.matches') m"

#define READ_FAVORITES                                        \
  "INSERT OR IGNORE INTO pending_favorite (channel_key)"      \
  " SELECT json_extract (value, '$.key') FROM json_each (?1)" \
  " WHERE json_type (value, '$.favorite') IS 'true'"

/* What was waiting from an earlier import gives way. */
static gboolean
read_import (ForgeStore *store, const char *json, GError **error)
{
  return forge_store_run (store, "DELETE FROM pending_channel", error) &&
         forge_store_run (store, "DELETE FROM pending_favorite", error) &&
         run_with_json (store, READ_CHANNELS, json, error) &&
         run_with_json (store, READ_FAVORITES, json, error) &&
         run_with_json (store, READ_MATCHES, json, error);
}

/* The imported channels that are here already, by their local id. */
#define FIND_PRESENT                                                                    \
  "INSERT OR IGNORE INTO temp.present"                                                  \
  " SELECT c.id, p.key, p.number, p.position, p.user_name, p.user_enabled, p.promoted," \
  " p.user_group, p.user_logo"                                                          \
  " FROM pending_channel p JOIN channel c ON c.key = " FORGE_LOCAL_KEY ("p.key")

/* Out of the way: whoever is named in the import, and whoever has a number that it claims. */
#define FREE_NUMBERS                                                          \
  "UPDATE channel SET number = -id WHERE id IN (SELECT id FROM temp.present)" \
  " OR number IN (SELECT number FROM pending_channel)"
#define PLACE_OTHERS_BEHIND                                                                   \
  "UPDATE channel SET position = o.place FROM (SELECT id,"                                    \
  " (SELECT count (*) FROM pending_channel) + row_number () OVER (ORDER BY position, id) - 1" \
  " AS place FROM channel WHERE id NOT IN (SELECT id FROM temp.present)) o"                   \
  " WHERE o.id = channel.id"
/* The import adds to what the user decided here; only where both speak, it wins. */
#define WRITE_DECISIONS                                              \
  "UPDATE channel SET position = i.position,"                        \
  " user_name = coalesce (i.user_name, channel.user_name),"          \
  " user_enabled = coalesce (i.user_enabled, channel.user_enabled)," \
  " user_group = coalesce (i.user_group, channel.user_group),"       \
  " user_logo = coalesce (i.user_logo, channel.user_logo),"          \
  " promoted = max (channel.promoted, i.promoted)"                   \
  " FROM temp.present i WHERE i.id = channel.id"
/* A number that the file gives twice goes to one of the two. */
#define WRITE_NUMBERS \
  "UPDATE OR IGNORE channel SET number = i.number FROM temp.present i WHERE i.id = channel.id"

static gboolean
number_the_rest (ForgeStore *store, GError **error)
{
  for (;;) {
    g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
    gint64 id = 0;
    int number;

    if (!forge_store_get_int (store,
                              "SELECT id FROM channel WHERE number < 0 ORDER BY position LIMIT 1",
                              0,
                              &id,
                              error))
      return FALSE;
    if (id == 0)
      return TRUE;
    if (!forge_channel_row_next_number (store, &number, error) ||
        !forge_channel_row_note_number (store, number, error) ||
        !forge_statement_prepare (&st, store, "UPDATE channel SET number = ? WHERE id = ?", error))
      return FALSE;
    forge_bind_int (&st, number);
    forge_bind_int (&st, id);
    if (!forge_statement_run (&st, error))
      return FALSE;
  }
}

static gboolean
apply_to_present (ForgeStore *store, GError **error)
{
  return forge_store_run (store,
                          "CREATE TEMP TABLE IF NOT EXISTS present (id INTEGER PRIMARY KEY, key,"
                          " number, position, user_name, user_enabled, promoted, user_group,"
                          " user_logo)",
                          error) &&
         forge_store_run (store, "DELETE FROM temp.present", error) &&
         forge_store_run (store, FIND_PRESENT, error) &&
         forge_store_run (store, FREE_NUMBERS, error) &&
         forge_store_run (store, PLACE_OTHERS_BEHIND, error) &&
         forge_store_run (store, WRITE_DECISIONS, error) &&
         forge_store_run (store, WRITE_NUMBERS, error) && number_the_rest (store, error) &&
         forge_store_run (store,
                          "DELETE FROM pending_channel WHERE key IN (SELECT key FROM temp.present)",
                          error) &&
         forge_store_run (store, "DELETE FROM temp.present", error);
}

gboolean
forge_store_import_channels (ForgeStore *store, const char *json, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!check_import (store, json, error) || !forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = read_import (store, json, error) && apply_to_present (store, error) &&
                forge_channel_row_apply_pending (store, error);
  return forge_store_leave (store, transaction, ok, error);
}

/* Promoted channels whose stream is here and whose channel is not. */
#define NEXT_PROMOTION                                                                           \
  "SELECT t.id FROM pending_channel p"                                                           \
  " CROSS JOIN account a ON substr (p.key, 1, 8 + length (a.name)) = 'stream:' || a.name || ':'" \
  " CROSS JOIN stream t ON t.account_id = a.id AND t.gone_at IS NULL"                            \
  " AND t.remote_id = CAST (substr (p.key, 9 + length (a.name)) AS INTEGER)"                     \
  " WHERE p.promoted AND NOT EXISTS (SELECT 1 FROM channel c"                                    \
  " WHERE c.key = 'stream:' || t.account_id || ':' || t.remote_id)"                              \
  " AND " FORGE_LOCAL_KEY ("p.key") " = 'stream:' || t.account_id || ':' || t.remote_id LIMIT 1"

static gboolean
promote_pending (ForgeStore *store, GError **error)
{
  for (;;) {
    gint64 stream_id = 0;

    if (!forge_store_get_int (store, NEXT_PROMOTION, 0, &stream_id, error))
      return FALSE;
    if (stream_id == 0)
      return TRUE;
    if (forge_channel_row_promote (store, stream_id, error) == 0)
      return FALSE;
  }
}

/* A promoted channel is a tombstone only while its account is removed. */
#define REVIVE_PROMOTED                                                              \
  "UPDATE channel SET gone_at = NULL WHERE promoted AND gone_at IS NOT NULL"         \
  " AND EXISTS (SELECT 1 FROM stream t WHERE t.account_id = " FORGE_KEY_ACCOUNT_ID ( \
      "channel.key") " AND t.remote_id = " FORGE_KEY_REMOTE_ID ("channel.key") " AND t.gone_at IS NULL)"

#define KNOWN_PAIRS                                                           \
  " FROM pending_match p CROSS JOIN account a ON a.name = p.account"          \
  " CROSS JOIN stream t ON t.account_id = a.id AND t.remote_id = p.remote_id" \
  " CROSS JOIN channel c ON c.key = " FORGE_LOCAL_KEY ("p.channel_key")

#define UNSET_OTHER_PRIMARIES                               \
  "UPDATE stream_match SET is_primary = 0 WHERE is_primary" \
  " AND channel_id IN (SELECT c.id" KNOWN_PAIRS " WHERE p.is_primary AND NOT p.rejected)"
#define WRITE_MATCHES                                                                        \
  "INSERT INTO stream_match"                                                                 \
  " (channel_id, stream_id, confidence, rank, reasons, manual, is_primary, rejected)"        \
  " SELECT c.id, t.id, iif (p.rejected, 0.0, 1.0), 0,"                                       \
  " iif (p.rejected, '[\"Removed by you\"]', '[\"Chosen by you\"]'),"                        \
  " NOT p.rejected, p.is_primary AND NOT p.rejected, p.rejected" KNOWN_PAIRS                 \
  " WHERE true ON CONFLICT (channel_id, stream_id) DO UPDATE SET gone_at = NULL,"            \
  " confidence = excluded.confidence, reasons = excluded.reasons, manual = excluded.manual," \
  " is_primary = excluded.is_primary, rejected = excluded.rejected"
#define FORGET_WRITTEN_MATCHES                                           \
  "DELETE FROM pending_match WHERE (channel_key, account, remote_id) IN" \
  " (SELECT p.channel_key, p.account, p.remote_id" KNOWN_PAIRS ")"

#define STARRED \
  " FROM pending_favorite p CROSS JOIN channel c ON c.key = " FORGE_LOCAL_KEY ("p.channel_key")

gboolean
forge_channel_row_apply_pending (ForgeStore *store, GError **error)
{
  return promote_pending (store, error) && forge_store_run (store, REVIVE_PROMOTED, error) &&
         forge_store_run (store, UNSET_OTHER_PRIMARIES, error) &&
         forge_store_run (store, WRITE_MATCHES, error) &&
         forge_store_run (store, FORGET_WRITTEN_MATCHES, error) &&
         forge_store_run (store, "INSERT OR IGNORE INTO favorite SELECT c.id" STARRED, error) &&
         forge_store_run (store,
                          "DELETE FROM pending_favorite WHERE channel_key IN"
                          " (SELECT p.channel_key" STARRED ")",
                          error);
}
