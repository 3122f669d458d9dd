/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-substitute.h"
#include "guide/forge-guide-write.h"
#include "server/forge-gzip.h"
#include "server/forge-tuner-pages-private.h"

/* What one guide document is written from. */
typedef struct {
  ForgeStorePool *stores;
  ForgeLineup *lineup;
  char *base_url;
  int days;
  gboolean is_gzip_file;
} GuideBody;

static void
guide_body_free (gpointer data)
{
  GuideBody *body = data;

  forge_lineup_unref (body->lineup);
  g_free (body->base_url);
  g_free (body);
}

static gboolean
write_document (GuideBody *body,
                ForgeSink sink,
                gpointer sink_data,
                GCancellable *cancellable,
                GError **error)
{
  ForgeStore *store = forge_store_pool_take (body->stores, error);
  ForgeGuideWriteOptions options = {
    .base_url = body->base_url,
    .now_s = g_get_real_time () / G_USEC_PER_SEC,
    .past_hours = FORGE_GUIDE_PAST_HOURS,
    .days = body->days,
  };
  gboolean is_done;

  if (!store)
    return FALSE;
  is_done = forge_guide_write (store, body->lineup, &options, sink, sink_data, cancellable, error);
  forge_store_pool_give (body->stores, store);
  return is_done;
}

static gboolean
write_guide (ForgeSink sink,
             gpointer sink_data,
             GCancellable *cancellable,
             gpointer user_data,
             GError **error)
{
  GuideBody *body = user_data;
  g_autoptr (ForgeGzip) gzip = NULL;

  if (!body->is_gzip_file)
    return write_document (body, sink, sink_data, cancellable, error);
  gzip = forge_gzip_new (sink, sink_data);
  return write_document (body, forge_gzip_write, gzip, cancellable, error) &&
         forge_gzip_finish (gzip, error);
}

/* The document changes with the lineup, the guide, the addresses in it, and as time passes. */
static char *
make_etag (const ForgePagesSnapshot *now, const char *base_url)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                                           " %s %" G_GINT64_FORMAT,
                                           forge_lineup_revision (now->lineup),
                                           now->guide_revision,
                                           base_url,
                                           g_get_real_time () / G_TIME_SPAN_HOUR);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strndup (digest, 20);
}

ForgeReply *
forge_pages_guide_reply (ForgeTunerPages *pages,
                         const ForgePagesSnapshot *now,
                         const char *base_url,
                         gboolean is_gzip_file)
{
  g_autofree char *etag = NULL;
  GuideBody *body;
  ForgeReply *reply;

  if (!now->lineup)
    return forge_reply_new_tuner_error (503, "803 System Busy");
  body = g_new0 (GuideBody, 1);
  body->stores = pages->stores;
  body->lineup = forge_lineup_ref (now->lineup);
  body->base_url = g_strdup (base_url);
  body->days = (int)forge_settings_int (now->settings, "guide_days");
  body->is_gzip_file = is_gzip_file;
  reply = forge_reply_new_stream (is_gzip_file ? "application/gzip" : FORGE_TYPE_XML,
                                  write_guide,
                                  body,
                                  guide_body_free);
  etag = make_etag (now, base_url);
  forge_reply_set_etag (reply, etag);
  forge_reply_add_header (reply, "Cache-Control", "no-cache");
  return reply;
}

static ForgeReply *
build_guide (ForgeTunerPages *pages, const ForgeRequest *request, gboolean is_gzip_file)
{
  g_auto (ForgePagesSnapshot) now = { 0 };

  forge_pages_snapshot (pages, request->local_port, &now);
  return forge_pages_guide_reply (pages, &now, request->base_url, is_gzip_file);
}

static ForgeReply *
on_guide (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return build_guide (user_data, request, FALSE);
}

static ForgeReply *
on_guide_file (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return build_guide (user_data, request, TRUE);
}

void
forge_pages_add_guide (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/epg.xml", FORGE_RUN_CONTROL, on_guide, pages);
  forge_router_add (router, "GET", "/epg.xml.gz", FORGE_RUN_CONTROL, on_guide_file, pages);
}
