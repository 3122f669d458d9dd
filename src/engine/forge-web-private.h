/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-call-limit.h"
#include "engine/forge-web-stats.h"
#include "engine/forge-web.h"
#include "library/forge-extractor.h"
#include "model/forge-media-link.h"
#include "model/forge-media.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

struct ForgeWeb {
  ForgeEngine *engine;
  ForgeExtractor *extractor;
  ForgePageShelf *shelf;
  ForgeWebStats *stats;
  ForgeCallLimit *extract_limit, *stream_limit, *batch_limit;
  GMutex lock;         /* guards the next */
  GHashTable *batches; /* client address → how many lists it has open */
};

/* One request on a job thread: its own connection to the store, keys, and a time by which it ends.
 */
typedef struct {
  ForgeWeb *web;
  const ForgeRequest *request;
  ForgeSnapshot *snapshot;
  ForgeStore *store;
  ForgeLinkKeys *keys;
  GCancellable *cancellable; /* when the client goes, or after the setting extract_timeout_ms */
  GSource *deadline;
  gulong parent_handler;
  GCancellable *parent;
  gint is_late; /* atomic */
  gint64 begun_us, now_s;
} ForgeWebCall;

/* FALSE: `error`; forge_web_call_clear () all the same. */
gboolean forge_web_call_init (ForgeWebCall *call,
                              ForgeWeb *web,
                              const ForgeRequest *request,
                              GCancellable *cancellable,
                              GError **error);
void forge_web_call_clear (ForgeWebCall *call);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeWebCall, forge_web_call_clear)

/* {"error", "message", "retryable"} with the status that fits; `call` may be NULL. A failure of a
 * call that took too long is 504. Adds Retry-After to 503. */
ForgeReply *forge_web_error (const ForgeWebCall *call, const GError *error);
/* The same with a status and words of the caller's. */
ForgeReply *forge_web_refuse (guint status, const char *message);
/* 429 with Retry-After and the X-RateLimit-* headers. */
ForgeReply *forge_web_too_many (const ForgeCallState *state);
/* X-RateLimit-Limit, -Remaining, -Reset (milliseconds since 1970, as clients of the parent expect).
 */
void forge_web_add_rate (ForgeReply *reply, const ForgeCallState *state);
/* X-Response-Time. */
void forge_web_add_time (ForgeReply *reply, gint64 begun_us);
ForgeReply *forge_web_json (JsonObject *object /* taken over */);

/* NULL: absent. */
void forge_web_set_text (JsonObject *object, const char *name, const char *text);

/* When a link to something of that length may end: seconds since 1970. */
gint64 forge_web_link_end (gint64 now_s, int duration_s);
/* What a person calls it: "Film (1999)", "Series S01E02 Title". Returns: (transfer full). */
char *forge_web_title (const ForgeMedia *media);
/* A signed address of ours for the download of one source. Returns: (transfer full). */
char *forge_web_download_url (const ForgeWebCall *call,
                              const ForgeMedia *media,
                              const ForgeMediaSource *source);
/* Tells yt-dlp's place from the settings; the sites that may be asked. (transfer none) */
const char *forge_web_sites (ForgeWebCall *call);

/* Handlers. */
ForgeReply *forge_web_on_extract (const ForgeRequest *, GCancellable *, gpointer web);
ForgeReply *forge_web_on_stream_extract (const ForgeRequest *, GCancellable *, gpointer web);
ForgeReply *forge_web_on_batch (const ForgeRequest *, GCancellable *, gpointer web);

G_END_DECLS
