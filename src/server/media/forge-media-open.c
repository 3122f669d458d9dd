/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-byte-range.h"
#include "net/forge-net-poll.h"
#include "server/media/forge-media-private.h"

#include <string.h>

/* A source that knows no ranges: so much is read for nothing rather than giving up. */
#define MAX_SKIP_BYTES (64 * 1024 * 1024)
#define PEEK_MS        10000
#define HOLD_SLEEP_US  (100 * 1000)
#define RETRY_FIRST_US G_USEC_PER_SEC
#define RETRIES        3
#define RETRY_UNTIL_US                                                       \
  (20 * G_USEC_PER_SEC) /* since the first attempt; with the last it is 30 s \
                         */
#define MAX_RANK 7      /* of a source: see rank_of () */

void
forge_media_wish_clear (ForgeMediaWish *wish)
{
  forge_media_wish_unwatch (wish);
  forge_seat_leave (&wish->seat);
  g_clear_pointer (&wish->client, g_free);
  g_clear_pointer (&wish->request_id, g_free);
  g_clear_pointer (&wish->key, g_free);
  g_clear_pointer (&wish->url, g_free);
  g_clear_pointer (&wish->page, g_free);
  g_clear_pointer (&wish->format_id, g_free);
  g_clear_pointer (&wish->progress_name, g_free);
  g_clear_pointer (&wish->language, g_free);
}

char *
forge_media_wish_key (const char *handle, const char *language)
{
  return language ? g_strdup_printf ("%s %s", handle, language) : g_strdup (handle);
}

void
forge_media_opened_clear (ForgeMediaOpened *opened)
{
  gboolean was_connected = opened->fetch.head.status != 0;

  forge_fetch_clear (&opened->fetch);
  forge_media_lease_give (g_steal_pointer (&opened->lease), was_connected);
}

void
forge_media_version_clear (ForgeMediaVersion *version)
{
  g_clear_pointer (&version->host, g_free);
  g_clear_pointer (&version->text, g_free);
}

static const char *
version_text (const ForgeHttpHead *head)
{
  gboolean is_strong = head->etag && !g_str_has_prefix (head->etag, "W/");

  return is_strong ? head->etag : head->last_modified;
}

ForgeMediaVersion
forge_media_version_of (const ForgeMediaOpened *opened)
{
  return (ForgeMediaVersion){ .source_id = opened->source_id,
                              .host = g_strdup (opened->fetch.dial.final_host),
                              .text = g_strdup (version_text (&opened->fetch.head)) };
}

/* Where to look, in order. */
typedef struct {
  ForgeMediaAddress address;
  gint64 source_id;
} Candidate;

typedef struct {
  ForgeMediaService *service;
  const ForgeMediaWish *wish;
  ForgeMediaPlace *place;
  ForgeMediaOpened *opened;
  GCancellable *cancellable;
  gboolean is_limited; /* a source was only busy */
  GError *best;        /* of the sources tried: the first that says something of the title */
} Run;

static gboolean
fail (const ForgeFetch *fetch, GError **error, ForgeError code, const char *text)
{
  g_set_error (error, FORGE_ERROR, (gint)code, "%s %s", fetch->dial.final_host, text);
  return FALSE;
}

/* ---- what is asked for in parts ---- */

/* Seen: addresses of googlevideo that state their length ("clen") are sent at the speed at which
 * one watches, unless they are asked for in parts of less than 10 MiB. The body asks for the next
 * one as if it had lost its source. */
#define PART_BYTES 9500000

static gboolean
is_throttled (const ForgeMediaWish *wish)
{
  const char *query = wish->url && wish->account_id == 0 ? strchr (wish->url, '?') : NULL;
  const char *word = query ? strstr (query, "clen=") : NULL;

  return word && (word[-1] == '?' || word[-1] == '&') && g_ascii_isdigit (word[5]);
}

/* ---- judging an answer ---- */

static gboolean
is_page (const char *content_type)
{
  return content_type && (g_ascii_strncasecmp (content_type, "text/html", 9) == 0 ||
                          g_ascii_strncasecmp (content_type, "application/json", 16) == 0);
}

static gboolean
accept_whole (Run *run, GError **error)
{
  ForgeFetch *fetch = &run->opened->fetch;

  run->opened->first = 0;
  run->opened->length = fetch->head.content_length;
  if (is_page (fetch->head.content_type))
    return fail (fetch, error, FORGE_ERROR_INVALID, "sent a page, not a film");
  if (run->place->length >= 0 && run->place->first > MAX_SKIP_BYTES)
    return fail (fetch, error, FORGE_ERROR_UNSUPPORTED, "cannot send the file from the middle on");
  return TRUE;
}

static gboolean
accept_part (Run *run, GError **error)
{
  ForgeFetch *fetch = &run->opened->fetch;
  gint64 last;

  if (!forge_content_range_parse (fetch->head.content_range,
                                  &run->opened->first,
                                  &last,
                                  &run->opened->length) ||
      run->opened->first < 0 || run->opened->first > run->place->first)
    return fail (fetch, error, FORGE_ERROR_INVALID, "sent another part than it was asked for");
  if (is_page (fetch->head.content_type))
    return fail (fetch, error, FORGE_ERROR_INVALID, "sent a page, not a film");
  /* a part would pass for the whole */
  if (run->opened->length < 0 && is_throttled (run->wish))
    return fail (fetch, error, FORGE_ERROR_INVALID, "does not say how long the file is");
  return TRUE;
}

static gboolean
refuse_range (Run *run, GError **error)
{
  gint64 first, last;

  if (!forge_content_range_parse (run->opened->fetch.head.content_range,
                                  &first,
                                  &last,
                                  &run->opened->length))
    run->opened->length = -1;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_TOO_LARGE,
               "The file ends before byte %" G_GINT64_FORMAT,
               run->place->first);
  return FALSE;
}

/* LIMIT is kept for our own slots, which are waited for; a provider's refusal is tried elsewhere.
 */
static gboolean
refuse_status (const ForgeFetch *fetch, GError **error)
{
  forge_fetch_set_status_error (fetch, error);
  if (g_error_matches (*error, FORGE_ERROR, FORGE_ERROR_LIMIT))
    (*error)->code = FORGE_ERROR_RETRY;
  return FALSE;
}

static gboolean
is_other_version (const Run *run)
{
  const ForgeMediaVersion *known = run->place->version;
  const ForgeFetch *fetch = &run->opened->fetch;
  const char *text = version_text (&fetch->head);

  return known && known->text && text && known->source_id == run->opened->source_id &&
         g_strcmp0 (known->host, fetch->dial.final_host) == 0 && !g_str_equal (known->text, text);
}

static gboolean
judge (Run *run, GError **error)
{
  ForgeFetch *fetch = &run->opened->fetch;
  gint64 known = run->place->length;
  gboolean is_fine;

  if (fetch->head.status == 416)
    return refuse_range (run, error);
  if (fetch->head.status == 206)
    is_fine = accept_part (run, error);
  else if (fetch->head.status == 200 || fetch->head.status == 203)
    is_fine = accept_whole (run, error);
  else
    return refuse_status (fetch, error);
  if (is_fine && fetch->head.content_encoding)
    return fail (fetch, error, FORGE_ERROR_UNSUPPORTED, "sends the file in a coding");
  if (is_fine && ((known >= 0 && run->opened->length >= 0 && known != run->opened->length) ||
                  is_other_version (run)))
    return fail (fetch, error, FORGE_ERROR_INVALID, "has another file by now");
  return is_fine;
}

static gboolean
names_playlist (const char *content_type, const char *url)
{
  g_autofree char *type = g_ascii_strdown (content_type ? content_type : "", -1);
  g_autofree char *path = g_strndup (url, strcspn (url, "?#"));

  return strstr (type, "mpegurl") || g_str_has_suffix (path, ".m3u8") ||
         g_str_has_suffix (path, ".m3u");
}

/* Types lie both ways: the first bytes decide, where they may be a playlist's. Facts §5.1. */
static gboolean
looks_like_playlist (Run *run)
{
  ForgeFetch *fetch = &run->opened->fetch;
  const char *type = fetch->head.content_type;
  gboolean is_video = type && g_ascii_strncasecmp (type, "video/m", 7) == 0 &&
                      g_ascii_strncasecmp (type, "video/mp2t", 10) != 0;

  if (run->opened->first != 0 || (is_video && !names_playlist (type, fetch->dial.final_url)))
    return FALSE;
  return forge_fetch_begins_with (fetch, "#EXTM3U", PEEK_MS, run->cancellable) ||
         forge_fetch_begins_with (fetch, "\xef\xbb\xbf#EXTM3U", PEEK_MS, run->cancellable);
}

/* ---- one source ---- */

static gboolean
open_range (Run *run, const Candidate *candidate, GError **error)
{
  const ForgeMediaServiceConfig *config = &run->service->config;
  ForgeFetchRange range = FORGE_FETCH_ALL;

  if (run->place->is_probe) {
    range.first = range.last = 0;
  } else if (run->place->first > 0 || run->place->last >= 0) {
    range.first = run->place->first;
    range.last = run->place->last;
  }
  if (!run->place->is_probe && is_throttled (run->wish)) {
    gint64 first = MAX (range.first, 0), last = first + PART_BYTES - 1;
    range.first = first;
    range.last = range.last < 0 ? last : MIN (range.last, last);
  }
  return config->open (&candidate->address,
                       &range,
                       &run->opened->fetch,
                       run->cancellable,
                       config->open_data,
                       error);
}

/* A lease that the caller brought is used for its account, and given back before any other. */
static ForgeMediaLease *
lease_for (Run *run, gint64 account_id, GError **error)
{
  ForgeMediaLease *brought = g_steal_pointer (&run->place->lease);

  if (brought && forge_media_lease_account (brought) == account_id)
    return brought;
  forge_media_lease_give (brought, FALSE);
  return forge_media_lease_take (run->service, account_id, run->wish, run->cancellable, error);
}

static gboolean
try_candidate (Run *run, const Candidate *candidate, GError **error)
{
  ForgeMediaOpened *opened = run->opened;

  *opened = (ForgeMediaOpened){ .fetch.dial.bytes.fd = -1, .length = -1 };
  opened->source_id = candidate->source_id;
  opened->lease = lease_for (run, candidate->address.account_id, error);
  if (!opened->lease)
    return FALSE;
  opened->account_id = candidate->address.account_id;
  if (open_range (run, candidate, error) && judge (run, error)) {
    opened->is_playlist = run->place->is_probe ? names_playlist (opened->fetch.head.content_type,
                                                                 opened->fetch.dial.final_url)
                                               : looks_like_playlist (run);
    return TRUE;
  }
  gint64 length = opened->length;
  forge_media_opened_clear (opened);
  opened->length = length;
  return FALSE;
}

/* ---- all of them ---- */

static void
note_failure (Run *run, GError *error)
{
  g_debug ("Request %s: %s", run->wish->request_id, error->message);
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT))
    run->is_limited = TRUE;
  if (!run->best || g_error_matches (run->best, FORGE_ERROR, FORGE_ERROR_LIMIT)) {
    g_clear_error (&run->best);
    run->best = error;
  } else {
    g_error_free (error);
  }
}

static gboolean
is_final (const GError *error)
{
  return error->domain != FORGE_ERROR ||
         g_error_matches (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
}

/* FALSE with run->best set. `*is_over`: there is no use in going on. */
static gboolean
try_all (Run *run, const GArray *candidates, gboolean *is_over)
{
  run->is_limited = FALSE;
  *is_over = FALSE;
  for (guint i = 0; i < candidates->len && !*is_over; i++) {
    GError *error = NULL;
    if (try_candidate (run, &g_array_index (candidates, Candidate, i), &error))
      return TRUE;
    *is_over = is_final (error);
    if (*is_over)
      g_clear_error (&run->best);
    note_failure (run, error);
  }
  return FALSE;
}

/* Who begins to watch gets the account and the language that were asked for; who goes on, the file
 * that was begun.
 */
static guint
rank_of (const Run *run, const ForgeMediaSource *source, gint64 preferred)
{
  const char *language = run->wish->language;
  guint speaks = language && g_strcmp0 (source->language, language) == 0;
  guint is_known = source->id == preferred;
  guint is_wanted = run->wish->prefers > 0 && source->account_id == run->wish->prefers;

  return run->place->first > 0 ? 4 * is_known + 2 * is_wanted + speaks
                               : 4 * is_wanted + 2 * speaks + is_known;
}

static void
append_ranked (GArray *out, const Run *run, const GPtrArray *sources, gint64 preferred, guint rank)
{
  for (guint i = 0; i < sources->len; i++) {
    const ForgeMediaSource *source = g_ptr_array_index (sources, i);
    const Candidate candidate = { .address = { .account_id = source->account_id,
                                               .kind = source->kind,
                                               .remote_id = source->remote_id,
                                               .extension = source->extension },
                                  .source_id = source->id };
    if (rank_of (run, source, preferred) == rank)
      g_array_append_val (out, candidate);
  }
}

static GArray *
list_sources (const Run *run, const GPtrArray *sources, gint64 preferred)
{
  GArray *out = g_array_new (FALSE, TRUE, sizeof (Candidate));

  for (guint rank = MAX_RANK + 1; rank-- > 0;)
    append_ranked (out, run, sources, preferred, rank);
  return out;
}

/* Holds the request while sources are only busy. */
static gboolean
try_until_free (Run *run, const GArray *candidates, gboolean *is_over)
{
  gint64 deadline_us = g_get_monotonic_time () + forge_media_hold_us (run->service);

  for (;;) {
    if (try_all (run, candidates, is_over))
      return TRUE;
    if (*is_over || !run->is_limited || g_get_monotonic_time () >= deadline_us)
      return FALSE;
    *is_over = !forge_net_pause (HOLD_SLEEP_US, run->cancellable);
    if (*is_over)
      return FALSE;
  }
}

static gboolean
run_title (Run *run, gboolean *is_over)
{
  g_auto (ForgeFacts) facts = { 0 };
  gboolean is_known = forge_resolver_recall (run->service->resolver, run->wish->key, &facts);
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeResolved) resolved = forge_resolver_get (run->service->resolver,
                                                           run->wish->kind,
                                                           run->wish->id,
                                                           run->cancellable,
                                                           &error);

  *is_over = !resolved;
  if (!resolved) {
    note_failure (run, g_steal_pointer (&error));
    return FALSE;
  }
  g_autoptr (GArray) candidates =
      list_sources (run, resolved->sources, is_known ? facts.source_id : 0);
  return try_until_free (run, candidates, is_over);
}

static gboolean
run_url (Run *run, gboolean *is_over)
{
  const ForgeMediaWish *wish = run->wish;
  const Candidate only = { .address = { .account_id = wish->account_id,
                                        .url = wish->url,
                                        .format = { wish->page, wish->format_id } } };
  g_autoptr (GArray) candidates = g_array_new (FALSE, TRUE, sizeof (Candidate));

  g_array_append_val (candidates, only);
  return try_until_free (run, candidates, is_over);
}

/* What the second pass may mend: what the contract lists, and trouble on the way. */
static gboolean
is_worth_refreshing (const GError *error)
{
  return error->domain == FORGE_ERROR && error->code != FORGE_ERROR_TOO_LARGE &&
         error->code != FORGE_ERROR_STORAGE;
}

/* So that a second pass is of use. FALSE: it is not. */
static gboolean
refresh (ForgeMediaService *service, ForgeMediaWish *wish, GCancellable *cancellable)
{
  const ForgeMediaServiceConfig *config = &service->config;
  g_autoptr (GError) error = NULL;

  if (!wish->url)
    return forge_resolver_refresh (service->resolver, wish->kind, wish->id);
  if (!wish->page || wish->is_part || !forge_resolver_refresh_key (service->resolver, wish->key))
    return FALSE;
  const ForgeMediaFormat format = { wish->page, wish->format_id };
  char *url = config->find_again (&format, wish->url, cancellable, config->open_data, &error);
  if (!url) {
    g_debug ("Request %s: the page gives no other address: %s", wish->request_id, error->message);
    return FALSE;
  }
  g_free (wish->url);
  wish->url = url;
  return TRUE;
}

static gboolean
run_once (Run *run, gboolean *is_over)
{
  return run->wish->url ? run_url (run, is_over) : run_title (run, is_over);
}

/* After `failures` passes in vain: what was resolved is resolved anew, once; trouble on the way may
 * pass. */
static gboolean
may_try_again (Run *run, ForgeMediaWish *wish, guint failures, gint64 begun_us)
{
  gboolean is_passing = g_error_matches (run->best, FORGE_ERROR, FORGE_ERROR_RETRY);
  gboolean is_new = failures == 1 && is_worth_refreshing (run->best) &&
                    refresh (run->service, wish, run->cancellable);
  guint retries = run->place->is_patient ? RETRIES : 1;

  if (!is_passing)
    return is_new;
  if (failures > retries || (!is_new && !run->place->is_patient) ||
      g_get_monotonic_time () - begun_us > RETRY_UNTIL_US)
    return FALSE;
  return forge_net_pause (RETRY_FIRST_US << (failures - 1), run->cancellable);
}

gboolean
forge_media_open (ForgeMediaService *service,
                  ForgeMediaWish *wish,
                  ForgeMediaPlace *place,
                  ForgeMediaOpened *opened,
                  GCancellable *cancellable,
                  GError **error)
{
  Run run = { .service = service,
              .wish = wish,
              .place = place,
              .opened = opened,
              .cancellable = cancellable };
  gint64 begun_us = g_get_monotonic_time ();
  gboolean is_over;
  gboolean is_open = run_once (&run, &is_over);

  for (guint failures = 1;
       !is_open && !is_over && run.best && may_try_again (&run, wish, failures, begun_us);
       failures++) {
    g_clear_error (&run.best);
    is_open = run_once (&run, &is_over);
  }
  forge_media_lease_give (g_steal_pointer (&place->lease), FALSE);
  if (is_open)
    g_clear_error (&run.best);
  else if (!run.best)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The request was given up");
  else
    g_propagate_error (error, run.best);
  return is_open;
}
