/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-tuner-pages-private.h"
#include "server/forge-web.h"

#include <string.h>

/**
 * The page for people at /: hand-written files of data/web, compiled in. Only the first one is a
 * template: @NAME@, @BASE_URL@ and @CHANNELS@ stand in it, so that the addresses are there without
 * a script too.
 */

#define RESOURCE_PREFIX "/streamforge/web/"
/* Nothing from elsewhere, nothing inline: a name from a provider that got past the escaping would
 * still be only text. */
#define PAGE_POLICY                                                                               \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " \
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

typedef struct {
  const char *path, *file, *content_type;
} WebFile;

static const WebFile web_files[] = {
  { "/web/page.css", "page.css", "text/css; charset=utf-8" },
  { "/web/page.js", "page.js", "text/javascript; charset=utf-8" },
  { "/web/icon.svg", "icon.svg", "image/svg+xml" },
  { "/openapi.json", "openapi.json", FORGE_TYPE_JSON },
  { "/favicon.ico", "icon.svg", "image/svg+xml" },
};

static GBytes *
load_file (const char *file)
{
  g_autofree char *path = g_strconcat (RESOURCE_PREFIX, file, NULL);

  return g_resource_lookup_data (forge_web_get_resource (),
                                 path,
                                 G_RESOURCE_LOOKUP_FLAGS_NONE,
                                 NULL);
}

static ForgeReply *
make_reply (const char *content_type, GBytes *body)
{
  ForgeReply *reply = forge_reply_new (content_type, body);

  forge_reply_add_header (reply, "Cache-Control", "no-cache");
  forge_reply_add_header (reply, "Content-Security-Policy", PAGE_POLICY);
  forge_reply_add_header (reply, "X-Content-Type-Options", "nosniff");
  forge_reply_add_header (reply, "Referrer-Policy", "no-referrer");
  return reply;
}

static ForgeReply *
on_file (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (web_files); i++)
    if (strcmp (web_files[i].path, request->path) == 0)
      return make_reply (web_files[i].content_type, load_file (web_files[i].file));
  return forge_reply_new_status (404);
}

/* Replaces all of `mark` by `text`, escaped. */
static void
fill (GString *page, const char *mark, const char *text)
{
  g_autoptr (GString) escaped = g_string_new (NULL);

  forge_pages_append_text (escaped, text);
  g_string_replace (page, mark, escaped->str, 0);
}

static ForgeReply *
on_home (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_auto (ForgePagesSnapshot) now = { 0 };
  g_autoptr (GBytes) template = load_file ("index.html");
  GString *page =
      g_string_new_len (g_bytes_get_data (template, NULL), (gssize)g_bytes_get_size (template));
  g_autofree char *channels = NULL;

  forge_pages_snapshot (user_data, request->local_port, &now);
  channels = g_strdup_printf ("%u", now.lineup ? forge_lineup_size (now.lineup) : 0);
  fill (page, "@BASE_URL@", request->base_url);
  fill (page, "@CHANNELS@", channels);
  /* Last: a name may hold a mark. */
  fill (page, "@NAME@", forge_pages_name (&now));
  return make_reply (FORGE_TYPE_HTML, g_string_free_to_bytes (page));
}

void
forge_pages_add_web (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/", FORGE_RUN_CONTROL, on_home, pages);
  for (gsize i = 0; i < G_N_ELEMENTS (web_files); i++)
    forge_router_add (router, "GET", web_files[i].path, FORGE_RUN_CONTROL, on_file, NULL);
}
