/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-guide"

#include "config.h"

#include "guide/forge-guide-import.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "guide/forge-guide-fetch.h"
#include "guide/forge-guide-pipe.h"
#include "guide/forge-guide-reading.h"
#include "guide/forge-guide-verdict.h"
#include "store/forge-store-refresh.h"

#include <string.h>

/* Rows of one transaction: nobody else waits long for the database, and the journal stays small. */
#define ROWS_PER_TRANSACTION 5000

typedef struct {
  ForgeStore *store;
  gint64 source_id, generation;
  const ForgeGuideImportOptions *options;
  ForgeGuideSource *source; /* as it was when the import began */
  ForgeGuideDocument document;
  ForgeGuideReading *reading;
  ForgeGuideFound found;
  GArray *channel_ids; /* of gint64: by the channels' numbers in the guide, 0 = not seen yet */
  gint64 refresh_id;
  gboolean in_transaction;
  guint rows_in_transaction;
  GError *row_error; /* of the store */
} Import;

static void
import_clear (Import *import)
{
  if (import->in_transaction)
    forge_store_rollback (import->store);
  g_clear_pointer (&import->source, forge_guide_source_unref);
  g_clear_pointer (&import->reading, forge_guide_reading_free);
  g_clear_pointer (&import->channel_ids, g_array_unref);
  g_clear_error (&import->row_error);
  forge_guide_found_clear (&import->found);
  forge_guide_document_clear (&import->document);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Import, import_clear)

static gboolean
end_transaction (Import *import, GError **error)
{
  if (!import->in_transaction)
    return TRUE;
  import->in_transaction = FALSE;
  if (forge_store_commit (import->store, error))
    return TRUE;
  forge_store_rollback (import->store);
  return FALSE;
}

/* Before each row. */
static gboolean
count_row (Import *import)
{
  if (import->rows_in_transaction >= ROWS_PER_TRANSACTION &&
      !end_transaction (import, &import->row_error))
    return FALSE;
  if (!import->in_transaction) {
    if (!forge_store_begin (import->store, &import->row_error))
      return FALSE;
    import->in_transaction = TRUE;
    import->rows_in_transaction = 0;
  }
  import->rows_in_transaction++;
  return TRUE;
}

static gboolean
on_channel (guint number, const ForgeGuideChannelRow *row, gpointer user_data)
{
  Import *import = user_data;

  if (!count_row (import))
    return FALSE;
  gint64 id = forge_store_add_guide_channel (import->store,
                                             import->source_id,
                                             import->generation,
                                             row,
                                             &import->row_error);
  if (import->channel_ids->len <= number)
    g_array_set_size (import->channel_ids, number + 1);
  g_array_index (import->channel_ids, gint64, number) = id;
  return id > 0;
}

static gboolean
on_programme (guint channel, const ForgeProgrammeRow *row, gpointer user_data)
{
  Import *import = user_data;

  return count_row (import) &&
         forge_store_add_programme (import->store,
                                    g_array_index (import->channel_ids, gint64, channel),
                                    import->generation,
                                    row,
                                    &import->row_error);
}

static void
choose_window (const Import *import, gint64 *from, gint64 *to)
{
  const ForgeGuideImportOptions *options = import->options;
  /* The store's readers add the shift; the window is meant for what they give. */
  gint64 shift_s = import->source->shift_minutes * 60;

  *from = options->now_s - options->past_hours * G_GINT64_CONSTANT (3600) - shift_s;
  *to = options->now_s + options->days * G_GINT64_CONSTANT (86400) - shift_s;
}

/* Writes the new generation; nobody sees it yet. */
static gboolean
write_generation (Import *import, GCancellable *cancellable, GError **error)
{
  static const ForgeGuideRowsSink sink = { on_channel, on_programme };
  gint64 from, to;

  import->generation = forge_store_begin_guide (import->store, import->source_id, error);
  if (import->generation == 0)
    return FALSE;
  import->channel_ids = g_array_new (FALSE, TRUE, sizeof (gint64));
  choose_window (import, &from, &to);
  import->reading = forge_guide_reading_start (import->document.bytes,
                                               import->source->zone,
                                               from,
                                               to,
                                               cancellable,
                                               error);
  if (!import->reading)
    return FALSE;
  gboolean is_stored =
      forge_guide_pipe_drain (forge_guide_reading_pipe (import->reading), &sink, import);
  if (!is_stored)
    g_propagate_error (error, g_steal_pointer (&import->row_error));
  return forge_guide_reading_join (import->reading, &import->found, is_stored ? error : NULL) &&
         is_stored && end_transaction (import, error);
}

static gboolean
is_truncated (const Import *import)
{
  return import->found.xmltv.truncated || import->document.cut_off || import->found.damage;
}

static gboolean
judge (Import *import, GError **error)
{
  const ForgeGuideSource *source = import->source;
  g_autoptr (GError) verdict = NULL;
  ForgeGuideFindings findings = {
    .bytes = import->document.length,
    .head = import->found.xmltv.head,
    .is_xmltv = import->found.xmltv.saw_root,
    .is_truncated = is_truncated (import),
    .in_file = import->found.xmltv.programmes,
    .before = source->generation ? (guint64)MAX (source->programmes, 0) : 0,
    .after = import->found.counts.programmes,
    .hold_back_percent = import->options->hold_back_percent,
    .force = import->options->force,
  };

  if (forge_guide_verdict (&findings, &verdict))
    return TRUE;
  /* What broke the download or the packing says more than what is missing because of it. */
  if (import->document.cut_off)
    g_propagate_error (error, g_steal_pointer (&import->document.cut_off));
  else if (import->found.damage && !import->found.xmltv.saw_root)
    g_propagate_error (error, g_steal_pointer (&import->found.damage));
  else
    g_propagate_error (error, g_steal_pointer (&verdict));
  return FALSE;
}

static guint64
count_skipped (const Import *import)
{
  return import->found.xmltv.skipped + import->found.counts.bad_times +
         import->found.counts.without_place;
}

static void
append_count (GString *text, guint64 n, const char *what)
{
  if (n > 0)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s", text->len ? ", " : "", n, what);
}

/* "" if there is nothing to say. Returns: (transfer full). */
static char *
describe (const Import *import)
{
  GString *text = g_string_new (is_truncated (import) ? "the guide ends early" : NULL);

  append_count (text, import->found.xmltv.skipped, "items could not be read");
  append_count (text, import->found.counts.bad_times, "programmes have impossible times");
  append_count (text, import->found.counts.without_place, "programmes are of too many channels");
  append_count (text, import->found.counts.duplicates, "duplicates left out");
  append_count (text, import->found.xmltv.repaired, "items repaired");
  if (*import->found.xmltv.first_error)
    g_string_append_printf (text, " (%s)", import->found.xmltv.first_error);
  return g_string_free (text, FALSE);
}

/* The source as it is with the new generation. The user may have edited it meanwhile: only what the
 * import found out is set. Returns: (transfer full). */
static ForgeGuideSource *
describe_source (const Import *import, const char *warning, GError **error)
{
  g_autoptr (ForgeGuideSource) now =
      forge_store_get_guide_source (import->store, import->source_id, error);
  if (!now)
    return NULL;
  ForgeGuideSource *source = forge_guide_source_copy (now);
  gboolean is_complete = !is_truncated (import);
  const ForgeGuideRowsCounts *counts = &import->found.counts;

  /* A guide of which something is missing must be read again, though it may not have changed: it
   * ended early, or the window has not reached its last days yet. */
  gboolean is_all_in = is_complete && counts->beyond == 0;
  g_free (source->etag);
  source->etag = is_all_in ? g_strdup (import->document.etag) : NULL;
  g_free (source->last_modified);
  source->last_modified = is_all_in ? g_strdup (import->document.last_modified) : NULL;
  g_free (source->content_hash);
  source->content_hash = is_all_in ? g_strdup (import->document.hash) : NULL;
  g_free (source->status_text);
  source->status_text = is_complete ? NULL : g_strdup (warning);
  source->generation = import->generation;
  source->last_refresh = import->options->now_s;
  source->channels = (int)MIN (counts->channels, G_MAXINT);
  source->programmes = (int)MIN (counts->programmes, G_MAXINT);
  source->skipped = (int)MIN (count_skipped (import), G_MAXINT);
  source->first_start = counts->first_start;
  source->last_stop = counts->last_stop;
  return source;
}

static gboolean
record (Import *import,
        gboolean is_held,
        const ForgeGuideSource *source,
        const char *summary,
        GError **error)
{
  return forge_store_record_guide (import->store,
                                   import->options->now_s,
                                   is_held,
                                   source,
                                   import->generation,
                                   import->document.hash,
                                   summary,
                                   &import->refresh_id,
                                   error);
}

static gboolean
activate (Import *import, const char *warning, GError **error)
{
  g_autoptr (ForgeGuideSource) source = describe_source (import, warning, error);
  g_autofree char *summary = g_strdup_printf ("%" G_GUINT64_FORMAT
                                              " programmes of %" G_GUINT64_FORMAT " channels",
                                              import->found.counts.programmes,
                                              import->found.counts.channels);

  if (!source || !forge_store_begin (import->store, error))
    return FALSE;
  import->in_transaction = TRUE;
  return record (import, FALSE, source, summary, error) &&
         forge_store_activate_guide (import->store, source, import->generation, error) &&
         end_transaction (import, error);
}

/* So that the user can look at it and apply it all the same; the failure itself matters more than
 * that this fails. */
static void
hold_back (Import *import, const char *summary)
{
  g_autofree char *warning = describe (import);
  g_autoptr (GError) problem = NULL;
  g_autoptr (ForgeGuideSource) source = describe_source (import, warning, &problem);

  if (source && forge_store_begin (import->store, &problem)) {
    import->in_transaction = TRUE;
    if (record (import, TRUE, source, summary, &problem) && end_transaction (import, &problem))
      return;
  }
  g_message ("what was held back could not be stored: %s", problem->message);
}

/* Writes `status` (NULL = fine, and then the time too) and nothing else. */
static gboolean
note_status (ForgeStore *store, gint64 source_id, const char *status, gint64 now_s, GError **error)
{
  g_autoptr (ForgeGuideSource) now = forge_store_get_guide_source (store, source_id, error);
  if (!now)
    return FALSE;
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (now);

  g_free (source->status_text);
  source->status_text = g_strdup (status);
  if (!status)
    source->last_refresh = now_s;
  return forge_store_update_guide_source (store, source, error);
}

static gboolean
is_unchanged (const Import *import)
{
  return import->document.is_not_modified ||
         (!import->options->force && import->source->generation != 0 && !import->document.cut_off &&
          g_strcmp0 (import->document.hash, import->source->content_hash) == 0);
}

/* The very file that the user took back or did not want: it stays out until another one comes. */
static gboolean
is_refused (const Import *import)
{
  return !import->options->force &&
         forge_store_guide_was_refused (import->store, import->source_id, import->document.hash);
}

static gboolean
check (Import *import, ForgeGuideImportResult *result, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (judge (import, &problem))
    return TRUE;
  if (g_error_matches (problem, FORGE_ERROR, FORGE_ERROR_HELD_BACK))
    hold_back (import, problem->message);
  result->refresh_id = import->refresh_id;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
fetch (Import *import,
       ForgeHttp *http,
       const char *location,
       GCancellable *cancellable,
       GError **error)
{
  const ForgeGuideSource *source = import->source;
  gboolean is_conditional = source->generation != 0 && !import->options->force;

  return forge_guide_fetch (http,
                            location,
                            is_conditional ? source->etag : NULL,
                            is_conditional ? source->last_modified : NULL,
                            &import->document,
                            cancellable,
                            error);
}

static gboolean
run (Import *import,
     ForgeHttp *http,
     const char *location,
     ForgeGuideImportResult *result,
     GCancellable *cancellable,
     GError **error)
{
  import->source = forge_store_get_guide_source (import->store, import->source_id, error);
  if (!import->source || !fetch (import, http, location, cancellable, error))
    return FALSE;
  result->unchanged = is_unchanged (import) || is_refused (import);
  if (result->unchanged)
    return note_status (import->store, import->source_id, NULL, import->options->now_s, error);
  if (!write_generation (import, cancellable, error))
    return FALSE;
  if (!check (import, result, error))
    return FALSE;

  g_autofree char *warning = describe (import);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !activate (import, warning, error))
    return FALSE;
  result->refresh_id = import->refresh_id;
  result->channels = import->found.counts.channels;
  result->programmes = import->found.counts.programmes;
  result->out_of_range = import->found.counts.out_of_range;
  result->skipped = count_skipped (import);
  g_strlcpy (result->warning, warning, sizeof result->warning);
  return TRUE;
}

static gboolean
is_job_role (void)
{
  return forge_role_current () == FORGE_ROLE_ANY || forge_role_current () == FORGE_ROLE_JOB;
}

gboolean
forge_guide_import (ForgeStore *store,
                    ForgeHttp *http,
                    gint64 source_id,
                    const char *location,
                    const ForgeGuideImportOptions *options,
                    ForgeGuideImportResult *result,
                    GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (location && options && result, FALSE);
  g_return_val_if_fail (is_job_role (), FALSE);

  g_auto (Import) import = { .store = store, .source_id = source_id, .options = options };
  g_autoptr (GError) problem = NULL;
  *result = (ForgeGuideImportResult){ 0 };
  if (run (&import, http, location, result, cancellable, &problem)) {
    forge_store_release_memory (store);
    return TRUE;
  }
  if (import.in_transaction)
    forge_store_rollback (store);
  import.in_transaction = FALSE;
  /* A job that was called off says nothing about the source. */
  if (!g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
      !note_status (store, source_id, problem->message, options->now_s, NULL))
    g_debug ("the state of guide source %" G_GINT64_FORMAT " could not be noted", source_id);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}
