/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "provider/forge-m3u-list.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"
#include "formats/forge-catchup.h"
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
#define MAX_LOGO_BYTES   2048
#define MAX_HEADER_BYTES 512
/* Of a channel. */
#define MAX_NUMBER 99999
/* Of the addresses, for the list to be a panel's. */
#define PANEL_SHARE_PERCENT 90

typedef struct {
  ForgeM3uFindings *findings;
  guint of_panel; /* addresses with the panel and login of the first such */
  /* staging only */
  ForgeStore *store;    /* NULL while probing */
  ForgeM3uSlots *slots; /* NULL = addresses are not kept */
  GError *error;        /* of the store */
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
  stream->position = (int)position;
  stream->remote_id = forge_m3u_url_remote_id (url, stream->name, stream->epg_id);
  return g_steal_pointer (&stream);
}

/* ---- catch-up ---- */

/* Days without a mode are an archive if the address is one that is known to have some. */
static char *
make_catchup (const ForgeM3uEntry *entry)
{
  ForgeCatchupMode mode = entry->catchup;

  if (entry->catchup_days == 0)
    return NULL;
  return forge_catchup_template (mode == FORGE_CATCHUP_NONE ? FORGE_CATCHUP_XC : mode,
                                 entry->catchup_source,
                                 entry->url);
}

/* The template with references in place of its credentials. "{catchup-id}" alone is the guide's
 * address, and there is nothing to hide. NULL for one that cannot be played. */
static char *
close_catchup (Reader *reader, const char *pattern)
{
  g_auto (ForgeM3uUrl) url = { 0 };

  if (*pattern == '{')
    return g_strdup (pattern);
  return forge_m3u_url_split (pattern, &url)
             ? forge_m3u_slots_close (reader->slots, url.open, url.secrets)
             : NULL;
}

/* Without its header-like tail ("|User-Agent=…"). */
static char *
find_catchup (const ForgeM3uEntry *entry)
{
  char *pattern = make_catchup (entry);

  if (pattern)
    pattern[strcspn (pattern, "|")] = '\0';
  return pattern;
}

/* ---- staging ---- */

static const char *
header (const char *value)
{
  return value && strlen (value) <= MAX_HEADER_BYTES ? value : NULL;
}

/* "5"; "5.1" is a number of another kind of list. 0 = none. */
static int
read_number (const char *text)
{
  guint64 number = 0;

  return text && g_ascii_string_to_unsigned (text, 10, 1, MAX_NUMBER, &number, NULL) ? (int)number
                                                                                     : 0;
}

static int
to_minutes (double hours)
{
  return (int)(hours * 60 + (hours < 0 ? -0.5 : 0.5));
}

/* FALSE: no room for its credentials, or reader->error. */
static gboolean
stage_entry (Reader *reader,
             const ForgeM3uEntry *entry,
             const ForgeM3uUrl *url,
             const char *pattern,
             ForgeStream *stream)
{
  if (!reader->slots)
    return forge_store_stage_stream (reader->store, stream, &reader->error);
  g_autofree char *stored = forge_m3u_slots_close (reader->slots, url->open, url->secrets);
  g_autofree char *catchup = pattern && stored ? close_catchup (reader, pattern) : NULL;

  if (!stored) {
    reader->findings->no_room++;
    return FALSE;
  }
  const ForgeStreamUrl row = { .url = stored,
                               .user_agent = (char *)header (entry->user_agent),
                               .referrer = (char *)header (entry->referrer),
                               .catchup = catchup,
                               .catchup_correction = to_minutes (entry->correction_hours),
                               .shift_minutes = to_minutes (entry->shift_hours),
                               .number = read_number (entry->number),
                               .audio_track = (char *)header (entry->audio_track),
                               .is_locked = entry->is_locked };
  stream->archive_days = catchup ? entry->catchup_days : 0;
  return forge_store_stage_stream (reader->store, stream, &reader->error) &&
         forge_store_stage_url (reader->store, stream->remote_id, &row, &reader->error);
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
  if (!reader->store)
    return TRUE;
  g_autofree char *pattern = find_catchup (entry);
  return stage_entry (reader, entry, &url, pattern, stream);
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

static gboolean
stage_with_addresses (Reader *reader,
                      ForgeSecrets *secrets,
                      ForgeHttp *http,
                      gint64 account_id,
                      const char *location,
                      GCancellable *cancellable,
                      GError **error)
{
  ForgeStore *store = reader->store;
  g_autoptr (ForgeM3uSlots) slots = forge_m3u_slots_load (secrets, account_id, cancellable, error);

  reader->slots = slots;
  return slots && forge_store_each_url (store, account_id, spare, slots, error) &&
         forge_store_begin_stage (store, account_id, error) &&
         forge_store_begin_urls (store, error) &&
         read_list (reader, http, location, cancellable, error) &&
         forge_m3u_slots_save (slots, cancellable, error);
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
  Reader reader = { .findings = findings, .store = store };
  gboolean ok =
      secrets
          ? stage_with_addresses (&reader, secrets, http, account_id, location, cancellable, error)
          : forge_store_begin_stage (store, account_id, error) &&
                read_list (&reader, http, location, cancellable, error);

  g_clear_error (&reader.error);
  return ok;
}

/* ---- addresses ---- */

void
forge_stream_address_clear (ForgeStreamAddress *address)
{
  g_clear_pointer (&address->live, forge_secret_free);
  g_clear_pointer (&address->catchup, forge_secret_free);
  g_clear_pointer (&address->user_agent, g_free);
  g_clear_pointer (&address->referrer, g_free);
}

gboolean
forge_provider_stream_address (ForgeStore *store,
                               ForgeSecrets *secrets,
                               const ForgeStream *stream,
                               ForgeStreamAddress *address,
                               GCancellable *cancellable,
                               GError **error)
{
  g_auto (ForgeStreamUrl) row = { 0 };
  gint64 account_id = stream->account_id;

  if (!forge_store_get_url (store, account_id, stream->remote_id, &row, error))
    return FALSE;
  address->live = forge_m3u_slots_resolve (secrets, account_id, row.url, cancellable, error);
  if (!address->live)
    return FALSE;
  if (row.catchup) {
    address->catchup =
        forge_m3u_slots_resolve (secrets, account_id, row.catchup, cancellable, error);
    if (!address->catchup)
      return FALSE;
  }
  address->user_agent = g_steal_pointer (&row.user_agent);
  address->referrer = g_steal_pointer (&row.referrer);
  address->catchup_offset = row.catchup_correction - row.shift_minutes;
  return TRUE;
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
