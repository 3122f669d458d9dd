/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-trouble.h"

#include <stdio.h>
#include <string.h>

/* More than this is claimed by a film with a wrong length. */
#define WRONG_LENGTH_BYTES 1000000u
#define MAX_SIZE_DIGITS    15

/* A clip shown a fixed number of times: a file of known length that takes no space. */
typedef struct {
  ForgeFakeFeed feed;
  guint64 size;
} Film;

typedef struct {
  guint64 first, last; /* both inclusive */
  gboolean is_partial, is_satisfiable;
} Range;

static gboolean
find_film (const ForgeFakeProvider *provider, gboolean is_series, guint id, Film *film)
{
  const ForgeFakeFilm *found = is_series ? NULL : forge_fake_film_find (id);
  guint tier = found ? found->tier : FORGE_FAKE_EPISODE_TIER;
  guint loops = found ? found->loops : FORGE_FAKE_EPISODE_LOOPS;

  if (!found && !(is_series && forge_fake_episode_find (id)))
    return FALSE;
  film->feed = forge_fake_feed (&provider->clips[tier], FALSE);
  film->size = forge_fake_feed_loop_bytes (&film->feed) * loops;
  return TRUE;
}

/* Spec: RFC 9110 §14.1.2, one range only; whatever else is sent counts as none. */
static Range
parse_range (const char *header, guint64 size)
{
  Range range = { 0, size - 1, FALSE, TRUE };
  const char *spec = header && g_str_has_prefix (header, "bytes=") ? header + 6 : "";
  const char *dash = strchr (spec, '-');

  if (!dash || strlen (spec) > 2 * MAX_SIZE_DIGITS || strchr (spec, ','))
    return range;

  guint64 first = g_ascii_strtoull (spec, NULL, 10);
  guint64 last = g_ascii_strtoull (dash + 1, NULL, 10);
  range.is_partial = TRUE;
  if (dash == spec) {
    range.is_satisfiable = last > 0;
    range.first = size - MIN (last, size);
    return range;
  }
  range.first = first;
  if (g_ascii_isdigit (dash[1]))
    range.last = MIN (last, size - 1);
  range.is_satisfiable = first < size && first <= range.last;
  return range;
}

static gboolean
send_film (ForgeFakeGate *gate, const Film *film, guint64 offset, guint64 size)
{
  guint8 buffer[128 * FORGE_TS_PACKET_BYTES];

  while (size > 0) {
    gsize part = MIN (size, sizeof buffer);

    forge_fake_feed_read (&film->feed, offset, buffer, part);
    if (!forge_fake_gate_send (gate, buffer, part))
      return FALSE;
    offset += part;
    size -= part;
  }
  return TRUE;
}

static gboolean
film_reply (ForgeFakeConnection *connection,
            const ForgeFakeRequest *request,
            const ForgeFakeFaults *faults,
            const Film *film,
            guint id)
{
  g_autofree char *etag = g_strdup_printf ("\"%u-%" G_GINT64_MODIFIER "x\"", id, film->size);
  gboolean is_same = !request->if_range || strcmp (request->if_range, etag) == 0;
  Range range = parse_range (is_same ? request->range : NULL, film->size);
  g_autofree char *more = NULL;
  ForgeFakeGate gate;

  if (!range.is_satisfiable) {
    more = g_strdup_printf ("Content-Range: bytes */%" G_GUINT64_FORMAT "\r\n", film->size);
    return forge_fake_reply (connection, request, 416, "text/plain", more, "");
  }
  more = g_strdup_printf ("Accept-Ranges: bytes\r\nETag: %s\r\n", etag);
  if (range.is_partial) {
    g_autofree char *plain = g_steal_pointer (&more);
    more = g_strdup_printf ("%sContent-Range: bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT
                            "/%" G_GUINT64_FORMAT "\r\n",
                            plain,
                            range.first,
                            range.last,
                            film->size);
  }

  gboolean has_wrong_length = forge_fake_has (faults, FORGE_FAKE_WRONG_LENGTH);
  guint64 size = range.last - range.first + 1;
  connection->must_close = connection->must_close || has_wrong_length;
  forge_fake_gate_init (&gate, connection, faults);
  return forge_fake_reply_head (connection,
                                range.is_partial ? 206 : 200,
                                "video/mp2t",
                                (gint64)(size + (has_wrong_length ? WRONG_LENGTH_BYTES : 0)),
                                more) &&
         (request->is_head || send_film (&gate, film, range.first, size));
}

gboolean
forge_fake_vod_reply (ForgeFakeConnection *connection,
                      const ForgeFakeRequest *request,
                      ForgeFakeKind kind,
                      guint id)
{
  const guint64 verbs = FORGE_FAKE_ALL_VERBS & ~(FORGE_FAKE_BIT (FORGE_FAKE_REDIRECT));
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeFaults faults;
  Film film;

  if (!find_film (provider, kind == FORGE_FAKE_SERIES, id, &film))
    return forge_fake_reply (connection, request, 404, "text/html", NULL, "");
  forge_fake_stream_faults (connection, id, verbs, &faults);
  if (!forge_fake_trouble (connection, request, &faults) ||
      !forge_fake_trouble_mute (connection, &faults, "video/mp2t"))
    return !connection->must_close;
  pthread_mutex_lock (&provider->lock);
  forge_fake_slots_note_request (provider->slots, id);
  pthread_mutex_unlock (&provider->lock);
  return film_reply (connection, request, &faults, &film, id);
}
