/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "provider/forge-m3u-list.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"
#include "formats/forge-unpack.h"
#include "provider/forge-m3u-slots.h"
#include "provider/forge-m3u-url.h"
#include "provider/forge-xtream-private.h"
#include "store/forge-store-streams.h"
#include "store/forge-store-urls.h"

#include <string.h>

#define PIECE_BYTES    (64 * 1024)
#define MAX_LIST_BYTES (G_GUINT64_CONSTANT (512) << 20)
#define MAX_CHANNELS   200000
#define MAX_NAME_BYTES 512
/* "data:" logos and the like are not worth their place. */
#define MAX_LOGO_BYTES       2048
#define MAX_USER_AGENT_BYTES 512
/* Of the addresses, for the list to be a panel's. */
#define PANEL_SHARE_PERCENT 90

typedef struct {
  ForgeM3uFindings *findings;
  guint of_panel; /* addresses with the panel and login of the first such */
  /* staging only */
  ForgeStore *store; /* NULL while probing */
  ForgeM3uSlots *slots;
  GError *error; /* of the store */
} Reader;

void
forge_m3u_findings_clear (ForgeM3uFindings *findings)
{
  g_clear_pointer (&findings->guide_url, g_free);
  g_clear_pointer (&findings->server, g_free);
  g_clear_pointer (&findings->username, g_free);
  g_clear_pointer (&findings->password, forge_secret_free);
}

/* ---- entries ---- */

static void
note_panel (Reader *reader, const ForgeM3uUrl *url)
{
  ForgeM3uFindings *findings = reader->findings;

  if (url->kind != FORGE_M3U_LIVE)
    return;
  if (!findings->server) {
    findings->server = g_strdup (url->server);
    findings->username = g_strdup (url->username);
    findings->password = g_strdup (url->password);
  }
  reader->of_panel += strcmp (findings->server, url->server) == 0 &&
                      strcmp (findings->username, url->username) == 0 &&
                      strcmp (findings->password, url->password) == 0;
}

static ForgeStream *
make_stream (const ForgeM3uEntry *entry, const ForgeM3uUrl *url, guint position)
{
  g_autoptr (ForgeStream) stream = forge_stream_new ();

  stream->name = forge_xtream_clean (g_strdup (entry->name), MAX_NAME_BYTES);
  if (!stream->name)
    return NULL;
  stream->epg_id = forge_xtream_clean (g_strdup (entry->tvg_id), MAX_NAME_BYTES);
  stream->group = forge_xtream_clean (g_strdup (entry->group), MAX_NAME_BYTES);
  if (entry->logo && strlen (entry->logo) <= MAX_LOGO_BYTES &&
      g_str_has_prefix (entry->logo, "http"))
    stream->icon = g_strdup (entry->logo);
  stream->quality = forge_quality_from_name (stream->name);
  stream->archive_days = entry->catchup_days;
  stream->position = (int)position;
  stream->remote_id = forge_m3u_url_remote_id (url, stream->name, stream->epg_id);
  return g_steal_pointer (&stream);
}

/* FALSE: no room for its credentials, or reader->error. */
static gboolean
stage_entry (Reader *reader,
             const ForgeM3uEntry *entry,
             const ForgeM3uUrl *url,
             const ForgeStream *stream)
{
  g_autofree char *stored = forge_m3u_slots_close (reader->slots, url->open, url->secrets);
  const char *agent = entry->user_agent && strlen (entry->user_agent) <= MAX_USER_AGENT_BYTES
                          ? entry->user_agent
                          : NULL;

  if (!stored) {
    reader->findings->no_room++;
    return FALSE;
  }
  return forge_store_stage_stream (reader->store, stream, &reader->error) &&
         forge_store_stage_url (reader->store, stream->remote_id, stored, agent, &reader->error);
}

static gboolean
take_entry (Reader *reader, const ForgeM3uEntry *entry)
{
  g_auto (ForgeM3uUrl) url = { 0 };

  if (reader->findings->channels >= MAX_CHANNELS || !forge_m3u_url_split (entry->url, &url) ||
      url.kind == FORGE_M3U_VIDEO)
    return FALSE;
  g_autoptr (ForgeStream) stream = make_stream (entry, &url, reader->findings->channels);
  if (!stream)
    return FALSE;
  note_panel (reader, &url);
  return !reader->store || stage_entry (reader, entry, &url, stream);
}

static void
on_entry (const ForgeM3uEntry *entry, gpointer user_data)
{
  Reader *reader = user_data;

  if (reader->error)
    return;
  if (take_entry (reader, entry))
    reader->findings->channels++;
  else
    reader->findings->skipped++;
}

/* ---- the list ---- */

static GInputStream *
open_file (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) failure = NULL;
  GFileInputStream *stream = g_file_read (file, cancellable, &failure);

  if (stream)
    return G_INPUT_STREAM (stream);
  if (failure->domain == G_IO_ERROR && failure->code == G_IO_ERROR_CANCELLED)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "the list cannot be read: %s",
                 failure->message);
  return NULL;
}

static GInputStream *
open_location (ForgeHttp *http, const char *location, GCancellable *cancellable, GError **error)
{
  if (g_path_is_absolute (location))
    return open_file (location, cancellable, error);
  g_autoptr (ForgeHttpReply) reply =
      forge_http_get (http, location, NULL, NULL, cancellable, error);
  if (!reply)
    return NULL;
  if (reply->body)
    return g_object_ref (reply->body);
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "HTTP %u without a list", reply->status);
  return NULL;
}

static gboolean
read_all (Reader *reader,
          ForgeM3u *m3u,
          GInputStream *source,
          GCancellable *cancellable,
          GError **error)
{
  const ForgeUnpackLimits limits = { .max_out_bytes = MAX_LIST_BYTES };
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (source, &limits);
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  gssize n;

  while ((n = forge_unpack_read (unpack, piece, PIECE_BYTES, cancellable, error)) > 0) {
    forge_m3u_push (m3u, piece, (gsize)n);
    if (reader->error) {
      g_propagate_error (error, g_steal_pointer (&reader->error));
      return FALSE;
    }
  }
  return n == 0;
}

/* A panel's list only if nearly all of it is. */
static void
judge_panel (Reader *reader)
{
  ForgeM3uFindings *findings = reader->findings;

  if ((guint64)reader->of_panel * 100 >= (guint64)findings->channels * PANEL_SHARE_PERCENT &&
      findings->channels > 0)
    return;
  g_clear_pointer (&findings->server, g_free);
  g_clear_pointer (&findings->username, g_free);
  g_clear_pointer (&findings->password, forge_secret_free);
}

static gboolean
check_list (const ForgeM3uFindings *findings, const ForgeM3uCounts *counts, GError **error)
{
  if (counts->is_media_playlist)
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "this is a single HLS stream, not a list of channels");
  else if (counts->entries == 0)
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, "this is no M3U list");
  else if (findings->channels == 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "none of the list's %u entries is a live channel at an http address",
                 counts->entries);
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_list (Reader *reader,
           ForgeHttp *http,
           const char *location,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GInputStream) source = open_location (http, location, cancellable, error);
  g_autoptr (ForgeM3u) m3u = forge_m3u_new (on_entry, reader);
  ForgeM3uCounts counts;

  if (!source || !read_all (reader, m3u, source, cancellable, error))
    return FALSE;
  forge_m3u_end (m3u, &counts);
  reader->findings->guide_url = counts.guide_url;
  reader->findings->skipped += counts.skipped;
  if (reader->error) {
    g_propagate_error (error, g_steal_pointer (&reader->error));
    return FALSE;
  }
  judge_panel (reader);
  return check_list (reader->findings, &counts, error);
}

gboolean
forge_m3u_probe (ForgeHttp *http,
                 const char *location,
                 ForgeM3uFindings *findings,
                 GCancellable *cancellable,
                 GError **error)
{
  Reader reader = { .findings = findings };

  return read_list (&reader, http, location, cancellable, error);
}

static void
spare (const char *url, gpointer slots)
{
  forge_m3u_slots_spare (slots, url);
}

gboolean
forge_m3u_stage (ForgeStore *store,
                 ForgeSecrets *secrets,
                 ForgeHttp *http,
                 gint64 account_id,
                 const char *location,
                 ForgeM3uFindings *findings,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (ForgeM3uSlots) slots = forge_m3u_slots_load (secrets, account_id, cancellable, error);
  Reader reader = { .findings = findings, .store = store, .slots = slots };
  gboolean ok = slots && forge_store_each_url (store, account_id, spare, slots, error) &&
                forge_store_begin_stage (store, account_id, error) &&
                forge_store_begin_urls (store, error) &&
                read_list (&reader, http, location, cancellable, error);

  g_clear_error (&reader.error);
  return ok && forge_m3u_slots_save (slots, cancellable, error);
}

/* ---- addresses ---- */

char *
forge_provider_stream_url (ForgeStore *store,
                           ForgeSecrets *secrets,
                           const ForgeStream *stream,
                           char **user_agent,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *stored = NULL;
  g_autofree char *agent = NULL;

  if (!forge_store_get_url (store, stream->account_id, stream->remote_id, &stored, &agent, error))
    return NULL;
  char *url = forge_m3u_slots_resolve (secrets, stream->account_id, stored, cancellable, error);
  *user_agent = url ? g_steal_pointer (&agent) : NULL;
  return url;
}

char *
forge_m3u_show_location (const char *location)
{
  return g_path_is_absolute (location) ? g_strdup (location) : forge_redact_url (location);
}

char *
forge_m3u_account_key (const char *location)
{
  g_auto (ForgeM3uUrl) url = { 0 };
  const char *open = forge_m3u_url_split (location, &url) ? url.open : location;
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, open, -1);

  return g_strdup_printf ("m3u-%.16s", hash);
}
