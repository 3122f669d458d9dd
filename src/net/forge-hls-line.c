/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-line.h"

#include "base/forge-error.h"
#include "net/forge-hls-sample.h"
#include "net/forge-remux.h"
#include "net/forge-url.h"

#include <string.h>

/* What may wait in memory, whatever the segments' size. */
#define MAX_STORED_BYTES (64 * 1024 * 1024)
/* An initialisation has some hundred bytes; a TS one a few packets. */
#define MAX_MAP_BYTES (1024 * 1024)

void
forge_hls_line_init (ForgeHlsLine *line, ForgeHlsFetch *fetch)
{
  *line = (ForgeHlsLine){ .fetch = fetch };
  line->plain = g_byte_array_new ();
  line->packets = g_byte_array_new ();
  line->held = g_byte_array_new ();
  forge_hls_cut_init (&line->cut);
}

void
forge_hls_line_clear (ForgeHlsLine *line)
{
  g_clear_pointer (&line->pacer, forge_hls_pacer_free);
  g_clear_pointer (&line->crypt, forge_hls_crypt_free);
  g_clear_pointer (&line->url, g_free);
  g_clear_pointer (&line->map_uri, g_free);
  g_clear_pointer (&line->map, g_byte_array_unref);
  g_clear_pointer (&line->plain, g_byte_array_unref);
  g_clear_pointer (&line->packets, g_byte_array_unref);
  g_clear_pointer (&line->held, g_byte_array_unref);
  forge_hls_track_clear (&line->track);
  forge_hls_cut_clear (&line->cut);
}

static gboolean
fail (const ForgeHlsLine *line, ForgeError code, GError **error, const char *text)
{
  g_autofree char *host = forge_url_host (line->track.base);

  g_set_error (error, FORGE_ERROR, (gint)code, "%s: %s", host, text);
  return FALSE;
}

static void
restart_segment (ForgeHlsLine *line)
{
  line->done_bytes = 0;
  line->is_sampled = FALSE;
  g_byte_array_set_size (line->held, 0);
  g_clear_pointer (&line->crypt, forge_hls_crypt_free);
  forge_hls_cut_clear (&line->cut);
  forge_hls_cut_init (&line->cut);
}

static void
close_segment (ForgeHlsLine *line)
{
  if (line->is_open)
    forge_hls_pacer_finish (line->pacer);
  line->is_open = FALSE;
  line->attempts = 0;
  line->has_new_key = FALSE;
  restart_segment (line);
}

/* ---- bytes ---- */

static void
learn_kind (ForgeHlsLine *line, const guint8 *data, gsize length)
{
  double offset_s;

  if (!line->format) {
    line->format = forge_remux_sniff (data, length, &offset_s);
    line->offset_s = offset_s;
  }
  if (line->is_kind_known)
    return;
  line->is_kind_known = TRUE;
  line->is_packets = !line->format || strcmp (line->format, "mpegts") == 0;
  line->on_kind (line, line->on_kind_data);
}

/* FALSE: it holds no packets. */
static gboolean
deliver (ForgeHlsLine *line, const guint8 *data, gsize length)
{
  if (length == 0)
    return TRUE;
  learn_kind (line, data, length);
  if (!line->is_packets) {
    forge_hls_pacer_append (line->pacer, data, length);
    return TRUE;
  }
  g_byte_array_set_size (line->packets, 0);
  gboolean is_media = forge_hls_cut_push (&line->cut, data, length, line->packets);
  forge_hls_pacer_append (line->pacer, line->packets->data, line->packets->len);
  return is_media;
}

static gboolean
on_begin (gint64 expected_bytes, gpointer user_data)
{
  ForgeHlsLine *line = user_data;

  if (!line->is_open)
    forge_hls_pacer_begin (line->pacer, line->duration_us, expected_bytes);
  line->is_open = TRUE;
  return TRUE;
}

/* The pacer sends on the same thread, in the context that the fetch waits in, too. */
static gboolean
wait_for_room (ForgeHlsLine *line)
{
  GMainContext *context = forge_hls_pacer_context (line->pacer);

  while (forge_hls_pacer_stored_bytes (line->pacer) > MAX_STORED_BYTES &&
         !forge_hls_pacer_is_broken (line->pacer) &&
         !g_cancellable_is_cancelled (line->fetch->stop))
    g_main_context_iteration (context, TRUE);
  return !forge_hls_pacer_is_broken (line->pacer);
}

static gboolean
on_push (const guint8 *data, gsize length, gpointer user_data)
{
  ForgeHlsLine *line = user_data;

  line->done_bytes += (gint64)length;
  if (line->is_sampled) {
    g_byte_array_append (line->held, data, (guint)length);
    return line->held->len <= MAX_STORED_BYTES && wait_for_room (line);
  }
  if (line->crypt) {
    g_byte_array_set_size (line->plain, 0);
    forge_hls_crypt_push (line->crypt, data, length, line->plain);
    data = line->plain->data;
    length = line->plain->len;
  }
  return deliver (line, data, length) && wait_for_room (line);
}

/* A whole segment whose samples are encrypted. FALSE: it is none that can be read. */
static gboolean
deliver_samples (ForgeHlsLine *line)
{
  GByteArray *bytes = line->held;

  if (bytes->len == 0)
    return FALSE;
  learn_kind (line, bytes->data, bytes->len);
  if (line->is_packets) {
    bytes = line->packets;
    g_byte_array_set_size (bytes, 0);
    forge_hls_cut_push (&line->cut, line->held->data, line->held->len, bytes);
    forge_hls_cut_end (&line->cut, bytes);
  }
  gboolean is_done =
      line->map && !line->is_packets
          ? forge_hls_fragments_decrypt (&line->fragments, line->key, bytes->data, bytes->len)
          : forge_hls_sample_decrypt (line->key, line->iv, line->format, bytes->data, bytes->len);
  if (!is_done)
    return FALSE;
  forge_hls_pacer_append (line->pacer, bytes->data, bytes->len);
  return TRUE;
}

/* The end of the segment's bytes. FALSE: there was no media in them. */
static gboolean
flush (ForgeHlsLine *line)
{
  gboolean is_media = TRUE;

  if (line->is_sampled)
    return deliver_samples (line);
  g_byte_array_set_size (line->plain, 0);
  if (line->crypt)
    forge_hls_crypt_end (line->crypt, line->plain);
  is_media = deliver (line, line->plain->data, line->plain->len);
  if (!line->is_kind_known)
    return FALSE; /* not one byte */
  if (!line->is_packets)
    return is_media;
  g_byte_array_set_size (line->packets, 0);
  is_media = forge_hls_cut_end (&line->cut, line->packets);
  forge_hls_pacer_append (line->pacer, line->packets->data, line->packets->len);
  return is_media;
}

/* ---- keys and maps ---- */

/* The key of `key` and the IV of the segment with this number. */
static gboolean
fetch_key (ForgeHlsLine *line,
           const ForgeHlsKey *key,
           guint64 sequence,
           guint8 bytes[FORGE_HLS_KEY_BYTES],
           guint8 iv[FORGE_HLS_KEY_BYTES],
           GError **error)
{
  g_autofree char *url = forge_hls_resolve (line->track.base, key->uri, error);

  if (key->has_iv)
    memcpy (iv, key->iv, FORGE_HLS_KEY_BYTES);
  else
    forge_hls_crypt_default_iv (sequence, iv);
  return url && forge_hls_fetch_key (line->fetch, url, bytes, error);
}

static gboolean
fail_encrypted (ForgeHlsLine *line, const ForgeHlsKey *key, const char *what, GError **error)
{
  g_autofree char *text =
      g_strdup_printf ("this HLS stream is encrypted with %.40s%s, which cannot "
                       "be played",
                       key->method_name,
                       what);

  return fail (line, FORGE_ERROR_UNSUPPORTED, error, text);
}

static gboolean
make_crypt (ForgeHlsLine *line,
            const ForgeHlsKey *key,
            guint64 sequence,
            ForgeHlsCrypt **crypt,
            GError **error)
{
  guint8 bytes[FORGE_HLS_KEY_BYTES], iv[FORGE_HLS_KEY_BYTES];

  *crypt = NULL;
  if (!key || key->method == FORGE_HLS_METHOD_SAMPLE_AES)
    return TRUE;
  if (key->method != FORGE_HLS_METHOD_AES_128)
    return fail_encrypted (line, key, "", error);
  if (!fetch_key (line, key, sequence, bytes, iv, error))
    return FALSE;
  *crypt = forge_hls_crypt_new (bytes, iv);
  return *crypt || fail (line, FORGE_ERROR_UNSUPPORTED, error, "AES-128 is not to be had here");
}

static gboolean
prepare_key (ForgeHlsLine *line, const ForgeHlsSegment *segment, GError **error)
{
  const ForgeHlsKey *key = segment->key;

  line->is_sampled = key && key->method == FORGE_HLS_METHOD_SAMPLE_AES;
  if (!line->is_sampled)
    return make_crypt (line, key, segment->sequence, &line->crypt, error);
  return fetch_key (line, key, segment->sequence, line->key, line->iv, error);
}

static gboolean
on_map_begin (gint64 expected_bytes, gpointer user_data)
{
  return TRUE;
}

static gboolean
on_map_push (const guint8 *data, gsize length, gpointer user_data)
{
  GByteArray *map = user_data;

  g_byte_array_append (map, data, (guint)length);
  return map->len <= MAX_MAP_BYTES;
}

static GByteArray *
decrypt_map (ForgeHlsCrypt *crypt, GByteArray *map)
{
  GByteArray *plain = g_byte_array_new ();

  forge_hls_crypt_push (crypt, map->data, map->len, plain);
  forge_hls_crypt_end (crypt, plain);
  g_byte_array_unref (map);
  return plain;
}

static GByteArray *
fetch_map (ForgeHlsLine *line, const ForgeHlsMap *map, guint64 sequence, GError **error)
{
  static const ForgeHlsSink sink = { on_map_begin, on_map_push };
  g_autofree char *url = forge_hls_resolve (line->track.base, map->uri, error);
  const ForgeHlsResource resource = { .url = url, .offset = map->offset, .length = map->length };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (ForgeHlsCrypt) crypt = NULL;
  g_autoptr (GError) failure = NULL;

  if (!url || !make_crypt (line, map->key, sequence, &crypt, error))
    return NULL;
  if (!forge_hls_fetch_media (line->fetch, &resource, &sink, bytes, &failure)) {
    if (failure)
      g_propagate_error (error, g_steal_pointer (&failure));
    else
      fail (line, FORGE_ERROR_TOO_LARGE, error, "sent an initialisation above 1 MiB");
    return NULL;
  }
  return crypt ? decrypt_map (crypt, g_steal_pointer (&bytes)) : g_steal_pointer (&bytes);
}

/* Whether or not it is encrypted already. FALSE: fragments that could not be decrypted. */
static gboolean
open_fragments (ForgeHlsLine *line, GByteArray *map)
{
  double offset_s;

  return g_strcmp0 (forge_remux_sniff (map->data, map->len, &offset_s), "mp4") != 0 ||
         forge_hls_fragments_open (&line->fragments, map->data, map->len);
}

/* Sends the initialisation when it is another one. ffmpeg takes one only: then it is over, and who
 * dials again begins with the new one. */
static gboolean
send_map (ForgeHlsLine *line, const ForgeHlsSegment *segment, GError **error)
{
  if (!segment->map || (line->map_uri && strcmp (line->map_uri, segment->map->uri) == 0))
    return TRUE;
  g_autoptr (GByteArray) map = fetch_map (line, segment->map, segment->sequence, error);
  if (!map)
    return FALSE;
  gboolean is_known = open_fragments (line, map);
  if (segment->key && segment->key->method == FORGE_HLS_METHOD_SAMPLE_AES && !is_known)
    return fail_encrypted (line, segment->key, " in fragments of a kind that is not known", error);
  gboolean is_same = line->map && line->map->len == map->len &&
                     memcmp (line->map->data, map->data, map->len) == 0;
  if (line->map && !is_same && !line->is_packets)
    return fail (line, FORGE_ERROR_UNSUPPORTED, error, "the initialisation of the stream changed");
  g_free (line->map_uri);
  line->map_uri = g_strdup (segment->map->uri);
  if (is_same)
    return TRUE;
  g_clear_pointer (&line->map, g_byte_array_unref);
  line->map = g_byte_array_ref (map);
  close_segment (line);
  forge_hls_pacer_begin (line->pacer, 0, map->len);
  deliver (line, map->data, map->len);
  forge_hls_pacer_finish (line->pacer);
  return TRUE;
}

/* ---- segments ---- */

/* A wrong key shows as noise: it is fetched again, once. */
static gboolean
retry_with_new_key (ForgeHlsLine *line)
{
  if (!line->crypt || line->has_new_key || !forge_hls_fetch_forget_key (line->fetch))
    return FALSE;
  line->has_new_key = TRUE;
  restart_segment (line);
  return TRUE;
}

static gboolean
fetch_segment (ForgeHlsLine *line, const ForgeHlsSegment *segment, GError **error)
{
  static const ForgeHlsSink sink = { on_begin, on_push };
  g_autofree char *url = forge_hls_resolve (line->track.base, segment->uri, error);
  g_autoptr (GError) failure = NULL;

  if (!url || !send_map (line, segment, error))
    return FALSE;
  if (line->done_bytes == 0) {
    restart_segment (line);
    if (!prepare_key (line, segment, error))
      return FALSE;
  }
  const ForgeHlsResource resource = { .url = url,
                                      .offset = segment->offset,
                                      .length = segment->length,
                                      .skip = line->done_bytes };
  gboolean is_whole = forge_hls_fetch_media (line->fetch, &resource, &sink, line, &failure);
  if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (is_whole && flush (line))
    return TRUE;
  if (retry_with_new_key (line))
    return fetch_segment (line, segment, error);
  restart_segment (line);
  return fail (line, FORGE_ERROR_INVALID, error, "a segment holds no media");
}

gboolean
forge_hls_line_take (ForgeHlsLine *line, GError **error)
{
  const ForgeHlsSegment *segment = forge_hls_track_peek (&line->track);

  g_return_val_if_fail (segment, FALSE);
  if (line->attempts > 0 && line->sequence != segment->sequence)
    close_segment (line);
  line->sequence = segment->sequence;
  line->duration_us = segment->duration_us;
  line->attempts++;
  if (!fetch_segment (line, segment, error))
    return FALSE;
  close_segment (line);
  forge_hls_track_advance (&line->track);
  line->segments++;
  return TRUE;
}

void
forge_hls_line_skip (ForgeHlsLine *line)
{
  close_segment (line);
  if (forge_hls_track_peek (&line->track))
    forge_hls_track_advance (&line->track);
}
