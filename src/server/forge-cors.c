/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-cors.h"

#include <libsoup/soup.h>

#include <string.h>

/* Neither PURGE nor DELETE: those are for this machine's own programs. */
#define METHODS       "GET, HEAD, POST"
#define ASKED_HEADERS "Range, If-Range, If-None-Match, Content-Type, Last-Event-ID, X-Request-Id"
#define SHOWN_HEADERS \
  "Content-Range, Content-Length, Content-Disposition, X-Cache, X-Request-Id, Retry-After"
/* So long the browser need not ask again. */
#define MAX_AGE_S "600"

GStrv
forge_cors_parse (const char *setting)
{
  g_autoptr (GStrvBuilder) origins = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (setting, ",| ", -1);
  gboolean is_empty = TRUE;

  for (char **part = parts; *part; part++)
    if (**part) {
      g_strv_builder_add (origins, *part);
      is_empty = FALSE;
    }
  return is_empty ? NULL : g_strv_builder_end (origins);
}

static gboolean
is_media_path (const char *path)
{
  return path && (g_str_has_prefix (path, "/api/") || g_str_has_prefix (path, "/strm/"));
}

static gboolean
may_read (const ForgeCorsRequest *request, const char *const *origins)
{
  return origins && request->origin && is_media_path (request->path) &&
         g_strv_contains (origins, request->origin);
}

void
forge_cors_add_headers (ForgeReply *reply,
                        const ForgeCorsRequest *request,
                        const char *const *origins)
{
  if (!origins || !is_media_path (request->path))
    return;
  /* For others too: a cache must not keep for the page what was answered without its origin. */
  forge_reply_add_header (reply, "Vary", "Origin");
  if (!may_read (request, origins))
    return;
  forge_reply_add_header (reply, "Access-Control-Allow-Origin", request->origin);
  forge_reply_add_header (reply, "Access-Control-Expose-Headers", SHOWN_HEADERS);
}

ForgeReply *
forge_cors_preflight (const ForgeCorsRequest *request, const char *const *origins)
{
  if (!request->asks_first || strcmp (request->method, "OPTIONS") != 0 ||
      !may_read (request, origins))
    return NULL;

  ForgeReply *reply = forge_reply_new_status (SOUP_STATUS_NO_CONTENT);
  forge_reply_add_header (reply, "Access-Control-Allow-Methods", METHODS);
  forge_reply_add_header (reply, "Access-Control-Allow-Headers", ASKED_HEADERS);
  forge_reply_add_header (reply, "Access-Control-Max-Age", MAX_AGE_S);
  return reply;
}
