/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-download-run.h"

#include "base/forge-error.h"
#include "formats/forge-byte-range.h"
#include "library/forge-download-file.h"
#include "net/forge-net-poll.h"
#include "store/forge-store-library.h"

#include <string.h>

#define PIECE_BYTES  (128 * 1024)
#define MAX_FAILURES 6 /* in a row without a byte; 1 + 2 + 4 + 8 + 16 s lie between */

/* How one source answered, from what ends the run to what another source may do better. */
typedef enum {
  ATTEMPT_DONE,
  ATTEMPT_STOPPED,
  ATTEMPT_STORAGE, /* our own disk: no source can help */
  ATTEMPT_YIELDED, /* live TV took the slot */
  ATTEMPT_BROKEN,  /* passing trouble */
  ATTEMPT_BUSY,    /* no slot */
  ATTEMPT_OTHER,   /* it has another file than the one that was begun */
  ATTEMPT_REFUSED,
} Attempt;

typedef struct {
  const ForgeDownloadRun *run;
  ForgeDownloadFile *file;
  const ForgeAccount *account;
  const ForgeMediaSource *source;
  /* the slot; control role */
  ForgeMediaSlot *slot;
  gint64 wait_us;
  GError *refusal;
  GCancellable *cancellable; /* of this connection: the run's, or live TV wants the slot */
  gboolean has_yielded;      /* atomic */
  gboolean was_connected;
} Connection;

/* ---- the slot ---- */

/* Control role. The connection ends within moments and releases the slot itself. */
static void
on_yield (ForgeMediaSlot *slot, gpointer user_data)
{
  Connection *connection = user_data;

  g_atomic_int_set (&connection->has_yielded, TRUE);
  g_cancellable_cancel (connection->cancellable);
}

static void
acquire_slot (ForgeEngine *engine, gpointer data)
{
  Connection *connection = data;
  const ForgeMediaHolder holder = { .yield = on_yield,
                                    .user_data = connection,
                                    .is_background = TRUE };

  connection->slot = forge_tuner_acquire_media (engine->tuner,
                                                connection->account->id,
                                                &holder,
                                                &connection->wait_us,
                                                &connection->refusal);
}

static void
release_slot (ForgeEngine *engine, gpointer data)
{
  Connection *connection = data;

  forge_media_slot_release (&connection->slot, connection->was_connected);
}

/* ---- one connection ---- */

static Attempt
attempt_of_error (Connection *connection, const GError *error)
{
  if (g_cancellable_is_cancelled (connection->run->cancellable))
    return ATTEMPT_STOPPED;
  if (g_atomic_int_get (&connection->has_yielded))
    return ATTEMPT_YIELDED;
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_STORAGE))
    return ATTEMPT_STORAGE;
  return forge_error_is_retryable (error) ? ATTEMPT_BROKEN : ATTEMPT_REFUSED;
}

/* INVALID here is said of bytes or sizes that do not fit those on the disk. */
static Attempt
attempt_of_file_error (Connection *connection, const GError *error)
{
  return g_error_matches (error, FORGE_ERROR, FORGE_ERROR_INVALID)
             ? ATTEMPT_OTHER
             : attempt_of_error (connection, error);
}

static Attempt
read_body (Connection *connection, ForgeFetch *fetch, gint64 total, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  const ForgeDownloadRun *run = connection->run;
  gssize n;

  while ((n = forge_fetch_read (fetch,
                                piece,
                                PIECE_BYTES,
                                FORGE_MEDIA_SOURCE_IDLE_MS,
                                connection->cancellable,
                                error)) > 0) {
    if (!forge_download_file_write (connection->file, piece, (gsize)n, error))
      return attempt_of_file_error (connection, *error);
    run->on_progress (forge_download_file_size (connection->file), total, run->user_data);
  }
  if (n < 0 || !forge_download_file_finish (connection->file, error))
    return attempt_of_error (connection, *error);
  return ATTEMPT_DONE;
}

static Attempt
refuse (const Connection *connection, const char *why, GError **error)
{
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "“%s” %s", connection->account->name, why);
  return ATTEMPT_REFUSED;
}

/* Where in the file the body begins, and how long the file is. FALSE: it is none. */
static gboolean
read_place (const ForgeFetch *fetch, gint64 *start, gint64 *total)
{
  gint64 last;

  *start = 0;
  *total = fetch->head.content_length;
  return fetch->head.status == 200 ||
         (fetch->head.status == 206 &&
          forge_content_range_parse (fetch->head.content_range, start, &last, total) &&
          *start >= 0);
}

/* Seen: lists that are sent as text. */
static gboolean
is_playlist (const Connection *connection, const char *type)
{
  g_autofree char *lower = g_ascii_strdown (type ? type : "", -1);

  return strstr (lower, "mpegurl") || g_strcmp0 (connection->source->extension, "m3u8") == 0;
}

static Attempt
take_body (Connection *connection, ForgeFetch *fetch, GError **error)
{
  const char *type = fetch->head.content_type;
  gint64 start, total;

  /* Nothing there where ours goes on: theirs is shorter. */
  if (fetch->head.status == 416)
    return ATTEMPT_OTHER;
  if (fetch->head.status != 200 && fetch->head.status != 206) {
    forge_fetch_set_status_error (fetch, error);
    return attempt_of_error (connection, *error);
  }
  if (is_playlist (connection, type))
    return refuse (connection, "has it as a playlist only: that plays, but is no file", error);
  if (type && g_ascii_strncasecmp (type, "text/", 5) == 0)
    return refuse (connection, "answered with a page instead of the film", error);
  if (fetch->head.content_encoding || !read_place (fetch, &start, &total))
    return refuse (connection, "sends the film in a way that was not asked for", error);
  if (!forge_download_file_begin (connection->file, start, total, error))
    return attempt_of_file_error (connection, *error);
  return read_body (connection, fetch, total, error);
}

/* URL, secret, mirrors and where all that may lead are the engine's, as for players. */
static Attempt
fetch_source (Connection *connection, GError **error)
{
  const ForgeMediaSource *source = connection->source;
  const ForgeMediaAddress address = { .account_id = source->account_id,
                                      .kind = source->kind,
                                      .remote_id = source->remote_id,
                                      .extension = source->extension };
  gint64 from = forge_download_file_resume_at (connection->file);
  ForgeFetchRange range = FORGE_FETCH_ALL;
  g_auto (ForgeFetch) fetch = { 0 };

  range.first = from > 0 ? from : -1;
  if (!forge_engine_open_media (&address,
                                &range,
                                &fetch,
                                connection->cancellable,
                                connection->run->engine,
                                error))
    return attempt_of_error (connection, *error);
  connection->was_connected = TRUE;
  return take_body (connection, &fetch, error);
}

static void
on_run_cancelled (GCancellable *run, gpointer connection)
{
  g_cancellable_cancel (connection);
}

static Attempt
connect_source (Connection *connection, GError **error)
{
  ForgeEngine *engine = connection->run->engine;

  forge_engine_on_control (engine, acquire_slot, connection);
  if (!connection->slot) {
    g_propagate_error (error, g_steal_pointer (&connection->refusal));
    return g_error_matches (*error, FORGE_ERROR, FORGE_ERROR_LIMIT) ? ATTEMPT_BUSY
                                                                    : ATTEMPT_REFUSED;
  }
  Attempt attempt = forge_net_pause (connection->wait_us, connection->cancellable)
                        ? fetch_source (connection, error)
                        : attempt_of_error (connection, NULL);
  forge_engine_on_control (engine, release_slot, connection);
  return attempt;
}

static Attempt
try_source (const ForgeDownloadRun *run,
            ForgeDownloadFile *file,
            const ForgeMediaSource *source,
            GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (run->engine);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Connection connection = { .run = run,
                            .file = file,
                            .source = source,
                            .cancellable = cancellable };

  connection.account = forge_snapshot_account (snapshot, source->account_id);
  if (!connection.account) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, "Its account is gone");
    return ATTEMPT_REFUSED;
  }
  gulong handler = g_cancellable_connect (run->cancellable,
                                          G_CALLBACK (on_run_cancelled),
                                          g_object_ref (cancellable),
                                          g_object_unref);
  Attempt attempt = connect_source (&connection, error);
  g_cancellable_disconnect (run->cancellable, handler);
  return attempt;
}

/* ---- all sources ---- */

/* The best that any of them did, in the order of the enumeration; `error` is that one's. */
static Attempt
try_sources (const ForgeDownloadRun *run,
             ForgeDownloadFile *file,
             GPtrArray *sources,
             GError **error)
{
  Attempt best = ATTEMPT_REFUSED;
  gint64 before = forge_download_file_size (file);

  for (guint i = 0; i < sources->len; i++) {
    g_autoptr (GError) failure = NULL;
    Attempt attempt = try_source (run, file, g_ptr_array_index (sources, i), &failure);
    if (attempt <= best || !*error) {
      g_clear_error (error);
      *error = g_steal_pointer (&failure);
      best = attempt;
    }
    if (best <= ATTEMPT_YIELDED || forge_download_file_size (file) > before)
      break;
  }
  return best;
}

static ForgeDownloadEnd
fail (const char *text, GError **error)
{
  if (error && !*error)
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, text);
  return FORGE_DOWNLOAD_ENDED_FAILED;
}

/* 1, 2, 4 … s after the n-th failure in a row. */
static gboolean
back_off (const ForgeDownloadRun *run, guint failures)
{
  return forge_net_pause ((gint64)G_USEC_PER_SEC << (failures - 1), run->cancellable);
}

static ForgeDownloadEnd
run_sources (const ForgeDownloadRun *run,
             ForgeDownloadFile *file,
             GPtrArray *sources,
             GError **error)
{
  gboolean was_reset = FALSE;
  guint failures = 0;

  for (;;) {
    gint64 before = forge_download_file_size (file);
    g_autoptr (GError) failure = NULL;
    Attempt attempt = try_sources (run, file, sources, &failure);
    failures = forge_download_file_size (file) > before ? 0 : failures;
    if (attempt == ATTEMPT_DONE)
      return FORGE_DOWNLOAD_ENDED_DONE;
    if (attempt == ATTEMPT_STOPPED)
      return FORGE_DOWNLOAD_ENDED_STOPPED;
    /* Nobody has the file that was begun: then it is another one from the start, once. */
    if (attempt == ATTEMPT_OTHER && !was_reset && forge_download_file_reset (file, NULL)) {
      was_reset = TRUE;
      continue;
    }
    if (attempt == ATTEMPT_BROKEN && ++failures < MAX_FAILURES) {
      if (back_off (run, failures))
        continue;
      return FORGE_DOWNLOAD_ENDED_STOPPED;
    }
    if (failure)
      g_propagate_error (error, g_steal_pointer (&failure));
    if (attempt == ATTEMPT_YIELDED || attempt == ATTEMPT_BUSY)
      return FORGE_DOWNLOAD_ENDED_WAITS;
    return fail ("No account has it any more", error);
  }
}

ForgeDownloadEnd
forge_download_run (const ForgeDownloadRun *run, const ForgeDownload *download, GError **error)
{
  g_autoptr (GPtrArray) sources =
      forge_store_media_sources (run->store, download->kind, download->media_id, error);
  g_autoptr (ForgeDownloadFile) file = NULL;

  if (!sources)
    return FORGE_DOWNLOAD_ENDED_FAILED;
  if (sources->len == 0)
    return fail ("No account has it any more", error);
  file = forge_download_file_open (download->path, download->bytes > 0, error);
  return file ? run_sources (run, file, sources, error) : FORGE_DOWNLOAD_ENDED_FAILED;
}
