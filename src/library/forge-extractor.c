/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-extractor.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"
#include "base/forge-role.h"
#include "formats/forge-json-items.h"
#include "formats/forge-json-text.h"
#include "library/forge-child.h"
#include "library/forge-extraction-keep.h"
#include "library/forge-site.h"
#include "net/forge-remux.h"

#include <string.h>

#define MAX_DOCUMENT_BYTES (32u << 20)
#define MAX_ENTRY_BYTES    (1u << 20)
#define MAX_LIST_BYTES     (256u << 20)
#define MAX_LIST_S         600u
#define MAX_MESSAGE_CHARS  200
#define WAIT_TICK_US       (200 * G_TIME_SPAN_MILLISECOND)
#define RENEWALS           2   /* pages that are read anew at a time */
#define MIN_LEFT_S         120 /* an address that ends sooner is as good as ended */
#define POOR_HEIGHT        360

/* One question to a site, and who waits for its answer. Ref-counted; guarded by the lock. */
typedef struct {
  gboolean is_over;
  ForgeExtraction *found;
  GError *error; /* one of the two, when it is over */
} Run;

/* What is known of one page, or a run that goes on, or both while it is read anew. */
typedef struct {
  ForgeExtraction *found; /* NULL while the first run goes on */
  gint64 read_s;          /* when the site was asked, UTC */
  gint64 end_s;           /* of its first address */
  Run *run;               /* NULL = none */
} Page;

struct _ForgeExtractor {
  char *program;
  ForgeClock *clock;
  ForgePageShelf *shelf;
  GThreadPool *renewals; /* of canonical URLs */
  GCancellable *stopping;
  GMutex lock; /* guards the program and what follows */
  GCond changed;
  guint running;
  GHashTable *pages; /* canonical URL → Page */
};

static void
run_clear (gpointer data)
{
  Run *run = data;

  g_clear_pointer (&run->found, forge_extraction_unref);
  g_clear_error (&run->error);
}

static void
run_unref (Run *run)
{
  g_atomic_rc_box_release_full (run, run_clear);
}

static void
page_free (gpointer data)
{
  Page *page = data;

  g_clear_pointer (&page->run, run_unref);
  g_clear_pointer (&page->found, forge_extraction_unref);
  g_free (page);
}

static void run_renewal (gpointer key, gpointer extractor);

ForgeExtractor *
forge_extractor_new (const char *program, ForgeClock *clock, ForgePageShelf *shelf)
{
  ForgeExtractor *extractor = g_new0 (ForgeExtractor, 1);

  extractor->program = g_strdup (program);
  extractor->clock = forge_clock_ref (clock);
  extractor->shelf = shelf;
  extractor->stopping = g_cancellable_new ();
  extractor->renewals = g_thread_pool_new (run_renewal, extractor, RENEWALS, FALSE, NULL);
  g_mutex_init (&extractor->lock);
  g_cond_init (&extractor->changed);
  extractor->pages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, page_free);
  return extractor;
}

void
forge_extractor_free (ForgeExtractor *extractor)
{
  if (!extractor)
    return;
  g_cancellable_cancel (extractor->stopping);
  g_thread_pool_free (extractor->renewals, FALSE, TRUE);
  g_object_unref (extractor->stopping);
  g_hash_table_unref (extractor->pages);
  g_cond_clear (&extractor->changed);
  g_mutex_clear (&extractor->lock);
  forge_clock_unref (extractor->clock);
  g_free (extractor->program);
  g_free (extractor);
}

void
forge_extractor_set_program (ForgeExtractor *extractor, const char *program)
{
  g_mutex_lock (&extractor->lock);
  if (g_strcmp0 (extractor->program, program) != 0) {
    g_free (extractor->program);
    extractor->program = g_strdup (program);
  }
  g_mutex_unlock (&extractor->lock);
}

/* (transfer full) */
static char *
get_program (ForgeExtractor *extractor)
{
  g_mutex_lock (&extractor->lock);
  char *program = g_strdup (extractor->program);
  g_mutex_unlock (&extractor->lock);
  return program;
}

/* ---- what went wrong ---- */

/* Words of yt-dlp's messages and what they mean for the caller; the first that fits. */
static const struct {
  const char *words;
  ForgeError code;
} meanings[] = {
  { "Unsupported URL", FORGE_ERROR_INVALID },
  { "is not a valid URL", FORGE_ERROR_INVALID },
  { "HTTP Error 429", FORGE_ERROR_LIMIT },
  { "Too Many Requests", FORGE_ERROR_LIMIT },
  { "Sign in to confirm", FORGE_ERROR_LIMIT },
  { "rate-limit", FORGE_ERROR_LIMIT },
  { "HTTP Error 404", FORGE_ERROR_NOT_FOUND },
  { "unavailable", FORGE_ERROR_NOT_FOUND },
  { "not available", FORGE_ERROR_NOT_FOUND },
  { "Private video", FORGE_ERROR_NOT_FOUND },
  { "has been removed", FORGE_ERROR_NOT_FOUND },
  { "does not exist", FORGE_ERROR_NOT_FOUND },
  { "DRM", FORGE_ERROR_UNSUPPORTED },
};

/* The last "ERROR:" line, fit for a person. (transfer full) */
static char *
last_complaint (const char *complaints)
{
  const char *at = g_strrstr (complaints, "ERROR:");
  const char *start = at ? at + strlen ("ERROR:") : complaints;
  g_autofree char *line = g_strndup (start, strcspn (start, "\r\n"));
  char *shown = forge_redact_text (g_strstrip (line));

  if (g_utf8_strlen (shown, -1) > MAX_MESSAGE_CHARS)
    *g_utf8_offset_to_pointer (shown, MAX_MESSAGE_CHARS) = '\0';
  return shown;
}

static void
set_failure (const ForgeChildResult *result, GError **error)
{
  g_autofree char *complaint = last_complaint (result->complaints);
  ForgeError code = FORGE_ERROR_RETRY;

  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (strstr (result->complaints, meanings[i].words)) {
      code = meanings[i].code;
      break;
    }
  g_set_error (error,
               FORGE_ERROR,
               code,
               "The site does not give it: %s",
               *complaint ? complaint : "yt-dlp says nothing more");
}

static gboolean
set_absent (GError **error)
{
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_UNSUPPORTED,
                       "Pages can be downloaded when yt-dlp is installed on this computer");
  return FALSE;
}

static void
explain_absence (GError **error)
{
  if (!g_error_matches (*error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED))
    return;
  g_clear_error (error);
  set_absent (error);
}

gboolean
forge_extractor_is_there (ForgeExtractor *extractor, GError **error)
{
  g_autofree char *program = get_program (extractor);
  g_autofree char *path = g_find_program_in_path (program);

  return path || set_absent (error);
}

/* ---- runs ---- */

/* Waits for one of the few places. `lock` is held. */
static gboolean
take_place (ForgeExtractor *extractor, GCancellable *cancellable, GError **error)
{
  while (extractor->running >= FORGE_EXTRACTOR_MAX_RUNS) {
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    g_cond_wait_until (&extractor->changed,
                       &extractor->lock,
                       g_get_monotonic_time () + WAIT_TICK_US);
  }
  extractor->running++;
  return TRUE;
}

static void
give_place (ForgeExtractor *extractor)
{
  extractor->running--;
  g_cond_broadcast (&extractor->changed);
}

static gboolean
collect (const char *line, gsize length, gpointer user_data, GError **error)
{
  GString *document = user_data;

  g_string_append_len (document, line, (gssize)length);
  g_string_append_c (document, '\n');
  return TRUE;
}

/* Without `lock`. */
static ForgeExtraction *
run (ForgeExtractor *extractor, const char *url, GCancellable *cancellable, GError **error)
{
  g_autofree char *program = get_program (extractor);
  const char *const argv[] = { program,
                               "--ignore-config",
                               "--no-warnings",
                               "--no-progress",
                               "--no-cache-dir",
                               "--no-playlist",
                               "--socket-timeout",
                               "5",
                               "--dump-single-json",
                               "--",
                               url,
                               NULL };
  const ForgeChildLimits limits = { .argv = argv,
                                    .total_s = FORGE_EXTRACTOR_RUN_S,
                                    .max_line_bytes = MAX_DOCUMENT_BYTES,
                                    .max_bytes = MAX_DOCUMENT_BYTES };
  g_autoptr (GString) document = g_string_new (NULL);
  g_auto (ForgeChildResult) result = { 0 };
  g_autoptr (GError) failure = NULL;

  if (!forge_child_run (&limits, collect, NULL, document, &result, cancellable, &failure)) {
    explain_absence (&failure);
    g_propagate_error (error, g_steal_pointer (&failure));
    return NULL;
  }
  if (result.exit_status != 0) {
    set_failure (&result, error);
    return NULL;
  }
  ForgeExtraction *found = forge_extraction_parse (document->str, (gssize)document->len, &failure);
  if (g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_INVALID))
    failure->code = FORGE_ERROR_RETRY; /* its fault, not that of who asked */
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return found;
}

/* What is kept knows no pairs: ffmpeg comes and goes. */
static ForgeExtraction *
add_pairs (ForgeExtraction *found)
{
  g_autofree char *ffmpeg = found ? forge_remux_find () : NULL;

  if (ffmpeg)
    forge_extraction_add_pairs (found);
  return found;
}

/* ---- pages ---- */

static gint64
now_s (ForgeExtractor *extractor)
{
  return forge_clock_wall_s (extractor->clock);
}

/* What was asked before this is of no use. */
static gint64
since_s (ForgeExtractor *extractor)
{
  return now_s (extractor) - FORGE_EXTRACTOR_FRESH_S - FORGE_EXTRACTOR_STALE_S;
}

/* Not either when the clock was turned back behind it. */
static gboolean
is_usable (ForgeExtractor *extractor, gint64 read_s, gint64 end_s)
{
  gint64 now = now_s (extractor);

  return read_s >= since_s (extractor) && read_s <= now + MIN_LEFT_S && end_s > now + MIN_LEFT_S;
}

static gboolean
is_fresh (ForgeExtractor *extractor, const Page *page)
{
  return now_s (extractor) - page->read_s <= FORGE_EXTRACTOR_FRESH_S;
}

/* With the lock: room for one more. */
static void
forget_old (ForgeExtractor *extractor)
{
  GHashTableIter iter;
  gpointer url, value, oldest_url = NULL;
  gint64 oldest_s = G_MAXINT64;

  g_hash_table_iter_init (&iter, extractor->pages);
  while (g_hash_table_iter_next (&iter, &url, &value)) {
    const Page *page = value;
    if (page->run)
      continue;
    if (!is_usable (extractor, page->read_s, page->end_s)) {
      g_hash_table_iter_remove (&iter);
    } else if (page->read_s < oldest_s) {
      oldest_s = page->read_s;
      oldest_url = url;
    }
  }
  if (oldest_url && g_hash_table_size (extractor->pages) >= FORGE_EXTRACTOR_KEPT)
    g_hash_table_remove (extractor->pages, oldest_url);
}

/* With the lock. */
static void
renew (ForgeExtractor *extractor, const char *key, Page *page)
{
  if (page->run || is_fresh (extractor, page))
    return;
  page->run = g_atomic_rc_box_new0 (Run);
  g_thread_pool_push (extractor->renewals, g_strdup (key), NULL);
}

/* With the lock, which is let go meanwhile. What the run of somebody else finds, or its failure;
 * neither if it was given up with who had asked for it. */
static ForgeExtraction *
await_run (ForgeExtractor *extractor, Run *shared, GCancellable *cancellable, GError **error)
{
  Run *run = g_atomic_rc_box_acquire (shared);
  ForgeExtraction *found = NULL;

  while (!run->is_over && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&extractor->changed,
                       &extractor->lock,
                       g_get_monotonic_time () + WAIT_TICK_US);
  if (run->found)
    found = forge_extraction_ref (run->found);
  else if (!g_cancellable_set_error_if_cancelled (cancellable, error) &&
           !g_error_matches (run->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_error_copy (run->error));
  run_unref (run);
  return found;
}

/* With the lock. One that is known, or comes from a run that goes on; NULL without an error: run
 * it, the page is marked. */
static ForgeExtraction *
await_page (ForgeExtractor *extractor, const char *key, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  Page *page;

  while ((page = g_hash_table_lookup (extractor->pages, key))) {
    if (page->found && is_usable (extractor, page->read_s, page->end_s)) {
      renew (extractor, key, page);
      return forge_extraction_ref (page->found);
    }
    if (!page->run)
      break;
    ForgeExtraction *found = await_run (extractor, page->run, cancellable, &failure);
    if (failure)
      g_propagate_error (error, g_steal_pointer (&failure));
    if (found || *error)
      return found;
  }
  forget_old (extractor);
  page = g_new0 (Page, 1);
  page->run = g_atomic_rc_box_new0 (Run);
  g_hash_table_replace (extractor->pages, g_strdup (key), page);
  return NULL;
}

/* With the lock: the run is over. Without `is_kept`, what was known before stays. */
static void
end_run (ForgeExtractor *extractor,
         const char *key,
         ForgeExtraction *found,
         gint64 read_s,
         gboolean is_kept,
         const GError *error)
{
  Page *page = g_hash_table_lookup (extractor->pages, key);

  page->run->is_over = TRUE;
  page->run->found = found ? forge_extraction_ref (found) : NULL;
  page->run->error = found ? NULL : g_error_copy (error);
  g_clear_pointer (&page->run, run_unref);
  if (is_kept) {
    g_clear_pointer (&page->found, forge_extraction_unref);
    page->found = forge_extraction_ref (found);
    page->read_s = read_s;
    page->end_s = forge_extraction_end_s (found);
  } else if (!page->found) {
    g_hash_table_remove (extractor->pages, key);
  }
  g_cond_broadcast (&extractor->changed);
}

/* Seen: a site that takes us for a robot gives one small format and keeps the rest. */
static gboolean
is_poor (const ForgeExtraction *found)
{
  const ForgeSiteFormat *first = g_ptr_array_index (found->formats, 0);

  return found->formats->len == 1 && first->height > 0 && first->height <= POOR_HEIGHT;
}

/* Asks the site. With the lock, which is let go meanwhile. */
static ForgeExtraction *
run_and_keep (ForgeExtractor *extractor, const char *key, GCancellable *cancellable, GError **error)
{
  ForgeExtraction *found = NULL;
  gint64 read_s = now_s (extractor);
  gboolean is_kept = FALSE;

  if (take_place (extractor, cancellable, error)) {
    g_mutex_unlock (&extractor->lock);
    found = run (extractor, key, cancellable, error);
    is_kept = found && !is_poor (found);
    if (is_kept && extractor->shelf)
      forge_page_shelf_put (extractor->shelf, key, found, read_s, since_s (extractor));
    add_pairs (found);
    g_mutex_lock (&extractor->lock);
    give_place (extractor);
  }
  end_run (extractor, key, found, read_s, is_kept, *error);
  return found;
}

/* Without the lock. */
static ForgeExtraction *
look_on_shelf (ForgeExtractor *extractor, const char *key, gint64 *read_s)
{
  ForgeExtraction *found =
      extractor->shelf ? forge_page_shelf_get (extractor->shelf, key, since_s (extractor), read_s)
                       : NULL;

  if (found && !is_usable (extractor, *read_s, forge_extraction_end_s (found)))
    g_clear_pointer (&found, forge_extraction_unref);
  return add_pairs (found);
}

/* With the lock, which is let go meanwhile. The page is marked as running. */
static ForgeExtraction *
find_page (ForgeExtractor *extractor, const char *key, GCancellable *cancellable, GError **error)
{
  gint64 read_s = 0;

  g_mutex_unlock (&extractor->lock);
  ForgeExtraction *found = look_on_shelf (extractor, key, &read_s);
  g_mutex_lock (&extractor->lock);
  if (!found)
    return run_and_keep (extractor, key, cancellable, error);
  end_run (extractor, key, found, read_s, TRUE, NULL);
  renew (extractor, key, g_hash_table_lookup (extractor->pages, key));
  return found;
}

static void
run_renewal (gpointer data, gpointer user_data)
{
  g_autofree char *key = data;
  ForgeExtractor *extractor = user_data;
  g_autoptr (GError) error = NULL;

  forge_role_enter (FORGE_ROLE_JOB);
  g_mutex_lock (&extractor->lock);
  ForgeExtraction *found = run_and_keep (extractor, key, extractor->stopping, &error);
  g_mutex_unlock (&extractor->lock);
  g_clear_pointer (&found, forge_extraction_unref);
  if (error)
    g_debug ("A page could not be read anew: %s", error->message);
}

ForgeExtraction *
forge_extractor_get (ForgeExtractor *extractor,
                     const char *url,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree char *key = forge_site_canonical (url);
  g_autoptr (GError) failure = NULL;

  g_mutex_lock (&extractor->lock);
  ForgeExtraction *found = await_page (extractor, key, cancellable, &failure);
  if (!found && !failure)
    found = find_page (extractor, key, cancellable, &failure);
  g_mutex_unlock (&extractor->lock);
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return found;
}

ForgeExtraction *
forge_extractor_recall (ForgeExtractor *extractor, const char *url)
{
  g_autofree char *key = forge_site_canonical (url);
  ForgeExtraction *found = NULL;
  gint64 read_s;

  g_mutex_lock (&extractor->lock);
  const Page *page = g_hash_table_lookup (extractor->pages, key);
  if (page && page->found && is_usable (extractor, page->read_s, page->end_s))
    found = forge_extraction_ref (page->found);
  g_mutex_unlock (&extractor->lock);
  return found ? found : look_on_shelf (extractor, key, &read_s);
}

void
forge_extractor_forget (ForgeExtractor *extractor, const char *url)
{
  g_autofree char *key = forge_site_canonical (url);

  g_mutex_lock (&extractor->lock);
  Page *page = g_hash_table_lookup (extractor->pages, key);
  if (page && page->run)
    g_clear_pointer (&page->found, forge_extraction_unref);
  else if (page)
    g_hash_table_remove (extractor->pages, key);
  g_mutex_unlock (&extractor->lock);
  if (extractor->shelf)
    forge_page_shelf_forget (extractor->shelf, key);
}

/* ---- lists ---- */

typedef struct {
  ForgeSiteEntryFunc each;
  gboolean (*tick) (gpointer user_data);
  gpointer user_data;
  guint next;
} List;

static char *
entry_url (JsonObject *object)
{
  static const char *const names[] = { "webpage_url", "url", "original_url" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    char *url = forge_json_text (object, names[i]);
    if (url && (g_str_has_prefix (url, "https://") || g_str_has_prefix (url, "http://")))
      return url;
    g_free (url);
  }
  return NULL;
}

static char *
entry_thumbnail (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "thumbnails");
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  JsonNode *first = array && json_array_get_length (array) > 0 ? json_array_get_element (array, 0)
                                                               : NULL;

  if (first && JSON_NODE_HOLDS_OBJECT (first))
    return forge_json_text (json_node_get_object (first), "url");
  return forge_json_text (object, "thumbnail");
}

/* A line that is no entry is passed over: the list goes on. */
static gboolean
on_entry (const char *line, gsize length, gpointer user_data, GError **error)
{
  List *list = user_data;
  g_autoptr (JsonNode) node = length ? forge_json_parse (line, (gssize)length, NULL) : NULL;
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *url = object ? entry_url (object) : NULL;

  if (!url)
    return TRUE;
  g_autofree char *title = forge_json_text (object, "title");
  g_autofree char *thumbnail = entry_thumbnail (object);
  gint64 total = forge_json_int (object, "n_entries", 0);
  if (total <= 0)
    total = forge_json_int (object, "playlist_count", 0);
  const ForgeSiteEntry entry = { .url = url,
                                 .title = title ? title : url,
                                 .thumbnail = thumbnail,
                                 .index = list->next++,
                                 .total = (guint)CLAMP (total, 0, G_MAXINT) };
  return list->each (&entry, list->user_data);
}

static gboolean
on_tick (gpointer user_data)
{
  List *list = user_data;

  return !list->tick || list->tick (list->user_data);
}

static gboolean
run_list (ForgeExtractor *extractor,
          const char *url,
          guint first,
          List *list,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree char *start = g_strdup_printf ("%u", first);
  g_autofree char *program = get_program (extractor);
  const char *const argv[] = { program,
                               "--ignore-config",
                               "--no-warnings",
                               "--no-progress",
                               "--no-cache-dir",
                               "--flat-playlist",
                               "--yes-playlist",
                               "--lazy-playlist",
                               "--playlist-start",
                               start,
                               "--socket-timeout",
                               "5",
                               "--dump-json",
                               "--",
                               url,
                               NULL };
  const ForgeChildLimits limits = { .argv = argv,
                                    .quiet_s = FORGE_EXTRACTOR_RUN_S,
                                    .total_s = MAX_LIST_S,
                                    .max_line_bytes = MAX_ENTRY_BYTES,
                                    .max_bytes = MAX_LIST_BYTES };
  g_auto (ForgeChildResult) result = { 0 };
  g_autoptr (GError) failure = NULL;

  if (!forge_child_run (&limits, on_entry, on_tick, list, &result, cancellable, &failure)) {
    explain_absence (&failure);
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (result.exit_status == 0 || list->next > first)
    return TRUE; /* some entries of many may be private: that is no failure of the list */
  set_failure (&result, error);
  return FALSE;
}

gboolean
forge_extractor_list (ForgeExtractor *extractor,
                      const char *url,
                      guint first,
                      ForgeSiteEntryFunc each,
                      gboolean (*tick) (gpointer user_data),
                      gpointer user_data,
                      GCancellable *cancellable,
                      GError **error)
{
  List list = { each, tick, user_data, first };
  gboolean ok;

  g_mutex_lock (&extractor->lock);
  ok = take_place (extractor, cancellable, error);
  g_mutex_unlock (&extractor->lock);
  if (!ok)
    return FALSE;
  ok = run_list (extractor, url, first, &list, cancellable, error);
  g_mutex_lock (&extractor->lock);
  give_place (extractor);
  g_mutex_unlock (&extractor->lock);
  return ok;
}
