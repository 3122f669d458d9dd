/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-byte-range.h"
#include "net/forge-remux.h"
#include "server/media/forge-media-playlist.h"
#include "server/media/forge-media-private.h"

#include <string.h>

#define RETRY_AFTER_S "2"
#define TYPE_UNKNOWN  "application/octet-stream"

/* ---- refusals ---- */

static guint
status_of (const GError *error)
{
  if (error->domain != FORGE_ERROR)
    return 503;
  switch ((ForgeError)error->code) {
  case FORGE_ERROR_NOT_FOUND:
    return 404;
  case FORGE_ERROR_LIMIT:
    return 503;
  case FORGE_ERROR_RETRY:
    return strstr (error->message, " within ") ? 504 : 502;
  case FORGE_ERROR_STORAGE:
  case FORGE_ERROR_INTERNAL:
    return 500;
  case FORGE_ERROR_AUTH:
  case FORGE_ERROR_INVALID:
  case FORGE_ERROR_TOO_LARGE:
  case FORGE_ERROR_UNSUPPORTED:
  case FORGE_ERROR_HELD_BACK:
  default:
    return 502;
  }
}

ForgeReply *
forge_media_error_reply (const GError *error)
{
  guint status = status_of (error);
  ForgeReply *reply = forge_reply_new_error (status, error);

  forge_reply_add_header (reply, "Cache-Control", "no-store");
  if (status == 503)
    forge_reply_add_header (reply, "Retry-After", RETRY_AFTER_S);
  return reply;
}

static ForgeReply *
busy_reply (void)
{
  g_autoptr (GError) error = g_error_new (FORGE_ERROR,
                                          FORGE_ERROR_LIMIT,
                                          "Too many files are being sent (at most %d, and %d to "
                                          "one device); try again when one is finished",
                                          FORGE_MEDIA_MAX_BODIES,
                                          FORGE_MEDIA_MAX_BODIES_PER_CLIENT);

  return forge_media_error_reply (error);
}

/* ---- one answer ---- */

typedef struct {
  ForgeMediaService *service;
  ForgeMediaWish *wish;
  const ForgeMediaAnswer *answer;
  const ForgeRequest *request;
  GCancellable *cancellable;
  ForgeFacts facts;
  gboolean is_known;
  ForgeByteRange range;
  gboolean has_range;
  gint64 first, last; /* of what is sent; last -1 = to the end */
} Answer;

/* The same for every account and mirror that has the same file, as far as one can tell. */
static char *
format_etag (const Answer *answer)
{
  const char *key = answer->wish->key; /* without language and account */
  g_autofree char *text = g_strdup_printf ("%.*s %" G_GINT64_FORMAT,
                                           (int)strcspn (key, " "),
                                           key,
                                           answer->facts.length);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strdup_printf ("\"%.20s\"", hash);
}

static void
add_headers (const Answer *answer, ForgeReply *reply)
{
  forge_reply_add_header (reply, "X-Cache", answer->answer->cache_state);
  forge_reply_add_header (reply, "Cache-Control", "private, no-cache");
  if (answer->facts.length >= 0) {
    g_autofree char *etag = format_etag (answer);
    forge_reply_add_header (reply, "Accept-Ranges", "bytes");
    forge_reply_add_header (reply, "ETag", etag);
  }
  if (answer->answer->disposition)
    forge_reply_add_header (reply, "Content-Disposition", answer->answer->disposition);
}

static ForgeReply *
unsatisfiable_reply (const Answer *answer)
{
  g_autoptr (GError) error = g_error_new (FORGE_ERROR,
                                          FORGE_ERROR_INVALID,
                                          "The file has %" G_GINT64_FORMAT
                                          " bytes; the part that was asked for lies behind them",
                                          answer->facts.length);
  ForgeReply *reply = forge_reply_new_error (416, error);
  g_autofree char *range = g_strdup_printf ("bytes */%" G_GINT64_FORMAT, answer->facts.length);

  forge_reply_add_header (reply, "Content-Range", range);
  forge_reply_add_header (reply, "Accept-Ranges", "bytes");
  return reply;
}

/* The head of 200 or 206; `body` NULL for HEAD. */
static ForgeReply *
file_reply (const Answer *answer, ForgeMediaBody *body)
{
  gint64 total = answer->facts.length;
  gboolean is_part = answer->has_range && total >= 0;
  gint64 length = is_part ? answer->last - answer->first + 1 : total;
  ForgeReply *reply = forge_reply_new_file (answer->facts.content_type,
                                            length,
                                            forge_media_body_take,
                                            body,
                                            forge_media_body_discard);

  add_headers (answer, reply);
  if (!is_part)
    return reply;
  g_autofree char *range = g_strdup_printf ("bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT
                                            "/%" G_GINT64_FORMAT,
                                            answer->first,
                                            answer->last,
                                            total);
  forge_reply_set_status (reply, 206);
  forge_reply_add_header (reply, "Content-Range", range);
  return reply;
}

/* ---- learning ---- */

static const char *
type_of_extension (const char *url)
{
  static const struct {
    const char *extension, *type;
  } types[] = {
    { ".mp4", "video/mp4" },       { ".m4v", "video/mp4" },         { ".mkv", "video/x-matroska" },
    { ".webm", "video/webm" },     { ".avi", "video/x-msvideo" },   { ".ts", "video/mp2t" },
    { ".mov", "video/quicktime" }, { ".mp3", "audio/mpeg" },        { ".m4a", "audio/mp4" },
    { ".flv", "video/x-flv" },     { ".m4s", "video/iso.segment" }, { ".aac", "audio/aac" },
    { ".vtt", "text/vtt" },        { ".mpg", "video/mpeg" },        { ".wmv", "video/x-ms-wmv" },
  };
  g_autofree char *path = g_strndup (url, strcspn (url, "?#"));
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_has_suffix (lower, types[i].extension))
      return types[i].type;
  return TYPE_UNKNOWN;
}

/* What a provider says counts if it is a type at all, and not one that a browser would run. */
static char *
choose_type (const ForgeFetch *fetch)
{
  const char *said = fetch->head.content_type;
  gboolean is_media = said && (g_ascii_strncasecmp (said, "video/", 6) == 0 ||
                               g_ascii_strncasecmp (said, "audio/", 6) == 0 ||
                               g_ascii_strncasecmp (said, "image/", 6) == 0 ||
                               g_ascii_strncasecmp (said, "text/vtt", 8) == 0);

  if (is_media && g_ascii_strncasecmp (said, "image/svg", 9) != 0)
    return g_strdup (said);
  return g_strdup (type_of_extension (fetch->dial.final_url));
}

static void
learn (Answer *answer, const ForgeMediaOpened *opened)
{
  forge_facts_clear (&answer->facts);
  answer->facts = (ForgeFacts){ .length = opened->is_playlist ? -1 : opened->length,
                                .source_id = opened->source_id,
                                .content_type = choose_type (&opened->fetch),
                                .is_playlist = opened->is_playlist };
  answer->is_known = TRUE;
  if (opened->length >= 0 || opened->is_playlist)
    forge_resolver_learn (answer->service->resolver, answer->wish->key, &answer->facts);
}

/* Asks a source for one byte, to know the rest. */
static gboolean
probe (Answer *answer, GError **error)
{
  ForgeMediaPlace place = { .last = 0, .length = -1, .is_probe = TRUE };
  g_auto (ForgeMediaOpened) opened = { 0 };

  if (!forge_media_open (answer->service,
                         answer->wish,
                         &place,
                         &opened,
                         answer->cancellable,
                         error)) {
    if (!g_error_matches (*error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE))
      return FALSE;
    g_clear_error (error); /* an empty file has no first byte */
    opened.length = MAX (opened.length, 0);
    answer->facts.length = opened.length;
    answer->facts.content_type = g_strdup (TYPE_UNKNOWN);
    answer->is_known = TRUE;
    return TRUE;
  }
  learn (answer, &opened);
  return TRUE;
}

/* ---- deciding ---- */

/* After this, first and last are what to ask for, or the reply says why not. */
static ForgeReply *
place_range (Answer *answer)
{
  answer->first = 0;
  answer->last = -1;
  if (answer->has_range && answer->is_known && answer->request->if_range) {
    g_autofree char *etag = answer->facts.length >= 0 ? format_etag (answer) : NULL;
    answer->has_range = forge_if_range_matches (answer->request->if_range, etag, NULL);
  }
  if (!answer->has_range)
    return NULL;
  if (!answer->is_known) {
    answer->first = answer->range.first;
    answer->last = answer->range.last;
    return NULL;
  }
  if (answer->facts.is_playlist || answer->facts.length < 0) {
    answer->has_range = FALSE;
    return NULL;
  }
  if (forge_byte_range_place (&answer->range, answer->facts.length, &answer->first, &answer->last))
    return NULL;
  return unsatisfiable_reply (answer);
}

static gboolean
needs_probe (const Answer *answer)
{
  if (answer->is_known)
    return FALSE;
  return answer->request->is_head ||
         (answer->has_range && (answer->range.suffix >= 0 || answer->request->if_range));
}

static ForgeReply *
not_modified_reply (const Answer *answer)
{
  if (!answer->is_known || answer->facts.length < 0 || !answer->request->if_none_match)
    return NULL;
  g_autofree char *etag = format_etag (answer);
  if (!forge_if_none_match (answer->request->if_none_match, etag))
    return NULL;
  ForgeReply *reply = forge_reply_new_status (304);
  forge_reply_add_header (reply, "ETag", etag);
  return reply;
}

/* The source is open, with a length perhaps: what of it is sent? NULL or the refusal. */
static ForgeReply *
settle_range (Answer *answer, const ForgeMediaOpened *opened)
{
  gint64 wanted_first = answer->first;
  ForgeReply *reply = place_range (answer);

  if (reply)
    return reply;
  if (!answer->has_range) {
    answer->first = 0;
    answer->last = -1;
  }
  /* A range that moved, because the file is another one by now, or one that cannot be reached. */
  if (answer->first < opened->first || (answer->has_range && answer->first != wanted_first)) {
    g_autoptr (GError) error = g_error_new_literal (FORGE_ERROR,
                                                    FORGE_ERROR_RETRY,
                                                    "The file has just been replaced by another "
                                                    "one; ask again");
    return forge_media_error_reply (error);
  }
  return NULL;
}

static ForgeReply *open_and_send (Answer *answer);

static ForgeReply *
send_opened (Answer *answer, ForgeMediaOpened *opened)
{
  learn (answer, opened);
  if (opened->is_playlist && answer->last >= 0) { /* a part of it is of no use */
    forge_media_release (answer->service, answer->wish->client);
    forge_media_opened_clear (opened);
    answer->has_range = FALSE;
    answer->last = -1;
    return open_and_send (answer);
  }
  if (opened->is_playlist) {
    forge_media_release (answer->service, answer->wish->client);
    return forge_media_playlist_reply (answer->service,
                                       answer->wish,
                                       answer->answer,
                                       opened,
                                       answer->request,
                                       answer->cancellable);
  }
  ForgeReply *refusal = settle_range (answer, opened);
  if (refusal) {
    forge_media_release (answer->service, answer->wish->client);
    return refusal;
  }
  gint64 length = answer->has_range ? answer->last - answer->first + 1 : answer->facts.length;
  ForgeMediaBody *body =
      forge_media_body_new (answer->service, answer->wish, opened, answer->first, length);
  answer->wish->key = g_strdup (forge_media_body_key (body));
  return file_reply (answer, body);
}

static ForgeReply *
open_and_send (Answer *answer)
{
  ForgeMediaPlace place = { .first = answer->first,
                            .last = answer->last,
                            .length = -1,
                            /* a part is looked for in a new playlist at once */
                            .is_patient = !answer->wish->is_part };
  g_auto (ForgeMediaOpened) opened = { 0 };
  g_autoptr (GError) error = NULL;

  if (!forge_media_reserve (answer->service, answer->wish->client))
    return busy_reply ();
  if (forge_media_open (answer->service,
                        answer->wish,
                        &place,
                        &opened,
                        answer->cancellable,
                        &error))
    return send_opened (answer, &opened);
  forge_media_release (answer->service, answer->wish->client);
  if (!g_error_matches (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE))
    return forge_media_error_reply (error);
  answer->facts.length = MAX (opened.length, 0);
  return unsatisfiable_reply (answer);
}

static ForgeReply *
run (Answer *answer)
{
  g_autoptr (GError) error = NULL;

  answer->is_known =
      forge_resolver_recall (answer->service->resolver, answer->wish->key, &answer->facts);
  answer->has_range = forge_byte_range_parse (answer->request->range, &answer->range);
  if (needs_probe (answer) && !probe (answer, &error))
    return forge_media_error_reply (error);
  ForgeReply *reply = not_modified_reply (answer);
  if (!reply)
    reply = place_range (answer);
  if (reply)
    return reply;
  if (!answer->request->is_head)
    return open_and_send (answer);
  if (answer->facts.is_playlist)
    return forge_reply_new_endless (FORGE_MEDIA_PLAYLIST_TYPE);
  return file_reply (answer, NULL);
}

static void
on_client_left (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

ForgeReply *
forge_media_answer (ForgeMediaService *service,
                    ForgeMediaWish *wish,
                    const ForgeMediaAnswer *answer,
                    const ForgeRequest *request,
                    GCancellable *cancellable)
{
  Answer self = { .service = service,
                  .wish = wish,
                  .answer = answer,
                  .request = request,
                  .cancellable = cancellable,
                  .facts.length = -1 };
  g_autoptr (GCancellable) stop = wish->stop ? g_object_ref (wish->stop) : NULL;
  gulong handler = 0;

  if (stop) {
    self.cancellable = stop;
    if (cancellable)
      handler = g_cancellable_connect (cancellable, G_CALLBACK (on_client_left), stop, NULL);
  }
  ForgeReply *reply = run (&self);
  if (handler)
    g_cancellable_disconnect (cancellable, handler);
  forge_facts_clear (&self.facts);
  return reply;
}

/* ---- picture and sound apart ---- */

static ForgeReply *
merged_reply (const char *content_type, const char *disposition, ForgeMediaBody *body)
{
  ForgeReply *reply = forge_reply_new_file (content_type,
                                            -1,
                                            forge_media_body_take,
                                            body,
                                            forge_media_body_discard);

  forge_reply_add_header (reply, "X-Cache", "BYPASS");
  forge_reply_add_header (reply, "Cache-Control", "private, no-cache");
  forge_reply_add_header (reply, "Accept-Ranges", "none");
  forge_reply_add_header (reply, "Content-Disposition", disposition);
  return reply;
}

static ForgeReply *
absent_reply (void)
{
  g_autoptr (GError) error =
      g_error_new_literal (FORGE_ERROR,
                           FORGE_ERROR_UNSUPPORTED,
                           "Picture and sound can be joined when ffmpeg is installed on this "
                           "computer");

  return forge_reply_new_error (501, error);
}

ForgeReply *
forge_media_answer_merged (ForgeMediaService *service,
                           const ForgeMediaMergeWish *wish,
                           const char *content_type,
                           const char *disposition,
                           const ForgeRequest *request,
                           GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *client = g_strdup (wish->whole->client);
  g_autofree char *program = forge_remux_find ();

  if (request->is_head)
    return merged_reply (content_type, disposition, NULL);
  if (!program)
    return absent_reply ();
  if (!forge_media_reserve (service, client))
    return busy_reply ();
  ForgeMediaBody *body = forge_media_merge_open (service, wish, cancellable, &error);
  if (body)
    return merged_reply (content_type, disposition, body);
  forge_media_release (service, client);
  return forge_media_error_reply (error);
}
