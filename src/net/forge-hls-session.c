/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-net"

#include "config.h"

#include "net/forge-hls-session.h"

#include "base/forge-error.h"
#include "net/forge-hls-line.h"
#include "net/forge-http-private.h"
#include "net/forge-remux.h"
#include "net/forge-url.h"

#include <glib-unix.h>

#include <fcntl.h>
#include <unistd.h>

#define FIRST_BYTE_TIMEOUT_S 8
#define IDLE_TIMEOUT_S       8
#define FIRST_FD             3
/* A list with an end that is shorter is no channel. */
#define SLATE_US (60 * G_USEC_PER_SEC)
/* Media that goes out at once at the start: enough for players, not more than two segments. */
#define MIN_LEAD_US (3 * G_USEC_PER_SEC)

#define RENEWAL_PAUSE_US      (5 * G_USEC_PER_SEC)
#define MAX_VAIN_RENEWALS     3 /* without a segment after them */
#define MAX_ATTEMPTS          2 /* with one segment */
#define MAX_SKIPPED           3 /* segments in a row */
#define MAX_PLAYLIST_FAILURES 3 /* in a row, before the canonical address is asked */
#define RETRY_PAUSE_US        (G_USEC_PER_SEC / 4)
#define IDLE_US               (G_USEC_PER_SEC / 4)

/**
 * What run () does, again and again:
 *
 *   what           | when                            | failing
 *   renew          | 5 s after the last, if an       | three times in vain: over
 *                  | address was refused             |
 *   reload         | forge_hls_track_reload_us ()    | again; three times: renew
 *   take a segment | there is one and room for it    | again; twice: skip; three skips: over
 *   wait           | else                            |
 *   end            | an end; nothing for 3 targets   |
 */
struct _ForgeHlsSession {
  char *url, *user_agent, *referrer, *proxy;
  gboolean verify_tls;
  guint connect_timeout_s, start_timeout_ms;
  int fd;
  GCancellable *stop;
  GMainContext *context; /* the fetch's */
  ForgeHlsFetch fetch;
  GSource *hangup, *deadline; /* NULL = none */
  ForgeHlsPlaylist *first;    /* NULL = none, or it was used */
  char *first_base;

  ForgeHlsLine lines[FORGE_REMUX_MAX_INPUTS];
  guint n_lines; /* 0 = not known yet */
  ForgeRemux *remux;
  gboolean has_started, is_late;
  ForgeHlsStartFunc started;
  gpointer started_data;

  GError *failure; /* the last one; when it is over: why */
  gboolean is_over, is_slate, wants_renewal;
  gint64 renewed_us; /* 0 = never */
  guint vain_renewals, skipped, playlist_failures;
};

/* ---- life ---- */

static gboolean
on_hangup (int fd, GIOCondition condition, gpointer user_data)
{
  ForgeHlsSession *session = user_data;

  g_cancellable_cancel (session->stop);
  return G_SOURCE_REMOVE;
}

static gboolean
on_deadline (gpointer user_data)
{
  ForgeHlsSession *session = user_data;

  session->is_late = TRUE;
  g_cancellable_cancel (session->stop);
  return G_SOURCE_REMOVE;
}

static void
drop_source (GSource **source)
{
  if (*source) {
    g_source_destroy (*source);
    g_source_unref (*source);
  }
  *source = NULL;
}

ForgeHlsSession *
forge_hls_session_new (const ForgeHlsSessionConfig *config)
{
  const ForgeDialOptions *options = config->options;
  ForgeHlsSession *session = g_new0 (ForgeHlsSession, 1);

  session->url = g_strdup (config->url);
  session->user_agent = g_strdup (options->user_agent);
  session->referrer = g_strdup (options->referrer);
  session->proxy = g_strdup (options->proxy);
  session->verify_tls = options->verify_tls;
  session->connect_timeout_s = (options->connect_timeout_ms + 999) / 1000;
  session->start_timeout_ms = options->connect_timeout_ms + options->first_byte_timeout_ms;
  session->fd = config->fd;
  session->stop = g_object_ref (config->stop);
  return session;
}

void
forge_hls_session_free (ForgeHlsSession *session)
{
  if (!session)
    return;
  drop_source (&session->hangup);
  drop_source (&session->deadline);
  for (guint i = 0; i < session->n_lines; i++)
    forge_hls_line_clear (&session->lines[i]);
  g_clear_pointer (&session->remux, forge_remux_free);
  g_clear_pointer (&session->first, forge_hls_playlist_free);
  forge_hls_fetch_clear (&session->fetch);
  close (session->fd);
  g_clear_error (&session->failure);
  g_object_unref (session->stop);
  g_free (session->first_base);
  g_free (session->url);
  g_free (session->user_agent);
  g_free (session->referrer);
  g_free (session->proxy);
  g_free (session);
}

void
forge_hls_session_set_first (ForgeHlsSession *session, ForgeHlsPlaylist *playlist, const char *base)
{
  session->first = playlist;
  session->first_base = g_strdup (base);
}

/* Ends it; takes `failure`, NULL = it ended in order. */
static void
end (ForgeHlsSession *session, GError *failure)
{
  session->is_over = TRUE;
  g_clear_error (&session->failure);
  session->failure = failure;
}

static void
end_with (ForgeHlsSession *session, ForgeError code, const char *text)
{
  g_autofree char *host = forge_url_host (session->url);

  end (session, g_error_new (FORGE_ERROR, (gint)code, "%s: %s", host, text));
}

static void
tell_start (ForgeHlsSession *session, ForgeHlsStart start, GError *failure)
{
  session->has_started = TRUE;
  drop_source (&session->deadline);
  session->started (start, failure, session->started_data);
}

static gboolean
is_stopped (const ForgeHlsSession *session)
{
  return session->is_over || g_cancellable_is_cancelled (session->stop);
}

static gboolean
on_awake (gpointer user_data)
{
  gboolean *is_awake = user_data;

  *is_awake = TRUE;
  return G_SOURCE_CONTINUE;
}

/* On whatever thread cancels. */
static void
on_stop (GCancellable *stop, gpointer context)
{
  g_main_context_wakeup (context);
}

/* Meanwhile pacers send and the reader is watched. No GCancellableSource: who cancels on another
 * thread drops his reference to it when he is done, and our context, whose lock that takes, may be
 * gone by then (seen: GLib 2.74; it corrupts the heap or waits for ever). Disconnecting waits for
 * him. */
static void
wait_for (ForgeHlsSession *session, gint64 wait_us)
{
  g_autoptr (GSource) timer = g_timeout_source_new ((guint)(MAX (wait_us, 0) / 1000));
  gboolean is_awake = FALSE;

  if (is_stopped (session))
    return;
  gulong handler =
      g_cancellable_connect (session->stop, G_CALLBACK (on_stop), session->context, NULL);
  g_source_set_callback (timer, on_awake, &is_awake, NULL);
  g_source_attach (timer, session->context);
  while (!is_awake && !g_cancellable_is_cancelled (session->stop))
    g_main_context_iteration (session->context, TRUE);
  g_source_destroy (timer);
  g_cancellable_disconnect (session->stop, handler);
}

/* ---- where the bytes go ---- */

static void
on_first_sent (gpointer user_data)
{
  tell_start (user_data, FORGE_HLS_FLOWING, NULL);
}

/* A transport stream needs no ffmpeg: it flows from its first bytes on. */
static void
on_kind (ForgeHlsLine *line, gpointer user_data)
{
  ForgeHlsSession *session = user_data;

  if (session->n_lines > 1 || !line->is_packets)
    return;
  forge_hls_pacer_on_first (line->pacer, on_first_sent, session);
  forge_hls_pacer_attach (line->pacer, fcntl (session->fd, F_DUPFD_CLOEXEC, FIRST_FD));
}

static gboolean
needs_remux (const ForgeHlsSession *session)
{
  const ForgeHlsLine *line = &session->lines[0];

  return !session->remux && (session->n_lines > 1 || (line->is_kind_known && !line->is_packets));
}

static const char *
remux_reason (const ForgeHlsSession *session)
{
  const char *format = session->lines[0].format;

  if (session->n_lines > 1)
    return "separate sound";
  return g_strcmp0 (format, "mp4") == 0 ? "fMP4" : "sound without a container";
}

static void
start_remux (ForgeHlsSession *session, const char *program)
{
  ForgeRemuxInput inputs[FORGE_REMUX_MAX_INPUTS];
  int fds[FORGE_REMUX_MAX_INPUTS];
  GError *failure = NULL;

  for (guint i = 0; i < session->n_lines; i++) {
    const ForgeHlsLine *line = &session->lines[i];
    inputs[i] = (ForgeRemuxInput){ .format = line->format, .offset_s = line->offset_s };
    if (!line->format) {
      end_with (session, FORGE_ERROR_UNSUPPORTED, "this HLS stream is of a kind that is not known");
      return;
    }
  }
  session->remux = forge_remux_new (program,
                                    FORGE_REMUX_STREAM,
                                    inputs,
                                    session->n_lines,
                                    session->fd,
                                    fds,
                                    &failure);
  if (!session->remux) {
    end (session, failure);
    return;
  }
  for (guint i = 0; i < session->n_lines; i++)
    forge_hls_pacer_attach (session->lines[i].pacer, fds[i]);
  tell_start (session, FORGE_HLS_FLOWING, NULL);
}

/* Once each line has a segment, so that it is known what they are. */
static void
consider_remux (ForgeHlsSession *session)
{
  if (!needs_remux (session))
    return;
  g_autofree char *program = forge_remux_find ();
  if (!program) {
    g_autofree char *text =
        g_strdup_printf ("this HLS stream needs ffmpeg (%s), which is not installed",
                         remux_reason (session));
    end_with (session, FORGE_ERROR_UNSUPPORTED, text);
    return;
  }
  for (guint i = 0; i < session->n_lines; i++)
    if (session->lines[i].segments == 0)
      return;
  start_remux (session, program);
}

/* ---- playlists ---- */

static ForgeHlsPace
pace_of (const ForgeHlsPlaylist *playlist)
{
  gint64 longest_us = 0, back_us = forge_hls_start_back_us (playlist);

  for (guint i = 0; i < playlist->segments->len; i++)
    longest_us = MAX (longest_us, forge_hls_segment (playlist, i)->duration_us);
  longest_us = MIN (longest_us > 0 ? longest_us : playlist->target_us, playlist->target_us);
  return (ForgeHlsPace){ .lead_us = MIN (MAX (longest_us, MIN_LEAD_US), 2 * longest_us),
                         .plenty_us = back_us + 2 * playlist->target_us };
}

/* Takes `url` and `playlist`, the media playlist of line `n`. */
static gboolean
set_list (ForgeHlsSession *session,
          guint n,
          char *url,
          ForgeHlsPlaylist *playlist,
          const char *base)
{
  ForgeHlsLine *line = &session->lines[n];

  if (n >= session->n_lines) {
    const ForgeHlsPace pace = pace_of (playlist);
    forge_hls_line_init (line, &session->fetch);
    line->pacer = forge_hls_pacer_new (session->context, &pace);
    line->on_kind = on_kind;
    line->on_kind_data = session;
    session->n_lines = n + 1;
  }
  g_free (line->url);
  line->url = url;
  forge_hls_track_update (&line->track, playlist, base, g_get_monotonic_time ());
  return TRUE;
}

static gboolean
load_list (ForgeHlsSession *session, guint n, const char *url, GError **error)
{
  g_autofree char *base = NULL;
  ForgeHlsPlaylist *playlist = forge_hls_fetch_playlist (&session->fetch, url, &base, error);

  if (playlist && !playlist->is_master)
    return set_list (session, n, g_strdup (url), playlist, base);
  if (playlist) {
    g_autofree char *host = forge_url_host (url);
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s: a master playlist names another one",
                 host);
    forge_hls_playlist_free (playlist);
  }
  return FALSE;
}

static gboolean
load_uri (ForgeHlsSession *session, guint n, const char *base, const char *uri, GError **error)
{
  g_autofree char *url = forge_hls_resolve (base, uri, error);

  return url && load_list (session, n, url, error);
}

static gboolean
open_master (ForgeHlsSession *session,
             const ForgeHlsPlaylist *master,
             const char *base,
             GError **error)
{
  const ForgeHlsVariant *variant = forge_hls_choose_variant (master);
  const ForgeHlsRendition *audio = variant ? forge_hls_separate_audio (master, variant) : NULL;
  gboolean is_new = session->n_lines == 0;

  if (!variant || (!is_new && session->n_lines != (audio ? 2 : 1))) {
    g_autofree char *host = forge_url_host (base);
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s: its master playlist %s",
                 host,
                 variant ? "is another one now" : "names no stream");
    return FALSE;
  }
  if (!load_uri (session, 0, base, variant->uri, error) ||
      (audio && !load_uri (session, 1, base, audio->uri, error)))
    return FALSE;
  if (is_new && audio)
    forge_hls_track_start_at (&session->lines[1].track, session->lines[0].track.next_sequence);
  return TRUE;
}

static ForgeHlsPlaylist *
canonical_list (ForgeHlsSession *session, char **base, GError **error)
{
  if (!session->first)
    return forge_hls_fetch_playlist (&session->fetch, session->url, base, error);
  *base = g_steal_pointer (&session->first_base);
  return g_steal_pointer (&session->first);
}

static gboolean
open_lists (ForgeHlsSession *session, GError **error)
{
  g_autofree char *base = NULL;
  g_autoptr (ForgeHlsPlaylist) playlist = canonical_list (session, &base, error);

  if (!playlist)
    return FALSE;
  if (playlist->is_master)
    return open_master (session, playlist, base, error);
  /* It is read again where it was found: the canonical address makes a new token each time. */
  return set_list (session, 0, g_strdup (base), g_steal_pointer (&playlist), base);
}

/* What ends so soon is no channel but a message. */
static void
look_for_slate (ForgeHlsSession *session)
{
  const ForgeHlsPlaylist *playlist = session->lines[0].track.playlist;

  if (!playlist->has_end || forge_hls_total_us (playlist) >= SLATE_US)
    return;
  session->is_slate = TRUE;
  end_with (session, FORGE_ERROR_INVALID, "sent a short clip instead of the channel");
}

/* ---- failures ---- */

static gboolean
is_token_status (guint status)
{
  return status == 401 || status == 403 || status == 404 || status == 410;
}

/* Keeps `failure` (taken). TRUE if it is the end. */
static gboolean
note_failure (ForgeHlsSession *session, GError *failure)
{
  gboolean is_final = g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED) ||
                      g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_debug ("HLS: %s", failure->message);
  g_clear_error (&session->failure);
  session->failure = failure;
  session->is_over |= is_final;
  if (!is_final && is_token_status (forge_http_last_status (session->fetch.http)))
    session->wants_renewal = TRUE;
  return is_final;
}

/* It is over with what was noted last. */
static void
give_up (ForgeHlsSession *session)
{
  session->is_over = TRUE;
}

static gint64
renewal_us (const ForgeHlsSession *session)
{
  return session->renewed_us == 0 ? 0 : session->renewed_us + RENEWAL_PAUSE_US;
}

/* Who waits for the first picture does not wait for a second renewal. */
static void
renew (ForgeHlsSession *session, gint64 now_us)
{
  GError *failure = NULL;

  if (session->vain_renewals >= MAX_VAIN_RENEWALS ||
      (!session->has_started && session->renewed_us > 0)) {
    give_up (session);
    return;
  }
  if (now_us < renewal_us (session)) {
    wait_for (session, MIN (renewal_us (session) - now_us, IDLE_US));
    return;
  }
  session->renewed_us = now_us;
  session->vain_renewals++;
  if (open_lists (session, &failure)) {
    session->wants_renewal = FALSE;
    session->playlist_failures = 0;
    look_for_slate (session);
    return;
  }
  note_failure (session, failure);
  session->wants_renewal = TRUE;
}

static void
reload (ForgeHlsSession *session, guint n)
{
  ForgeHlsLine *line = &session->lines[n];
  g_autofree char *url = g_strdup (line->url);
  GError *failure = NULL;

  if (load_list (session, n, url, &failure)) {
    session->playlist_failures = 0;
    return;
  }
  if (note_failure (session, failure))
    return;
  if (++session->playlist_failures >= MAX_PLAYLIST_FAILURES)
    session->wants_renewal = TRUE;
  if (!session->wants_renewal)
    wait_for (session, RETRY_PAUSE_US);
}

static void
skip_segment (ForgeHlsSession *session, ForgeHlsLine *line)
{
  forge_hls_line_skip (line);
  if (++session->skipped >= MAX_SKIPPED || !session->has_started)
    give_up (session);
}

static void
take (ForgeHlsSession *session, ForgeHlsLine *line)
{
  GError *failure = NULL;

  if (forge_hls_line_take (line, &failure)) {
    session->skipped = session->vain_renewals = 0;
    g_clear_error (&session->failure);
    consider_remux (session);
    return;
  }
  if (note_failure (session, failure))
    return;
  if (line->attempts >= MAX_ATTEMPTS)
    skip_segment (session, line);
  else if (!session->wants_renewal)
    wait_for (session, RETRY_PAUSE_US);
}

/* ---- the loop ---- */

/* A list with an end could be fetched whole: it waits for its turn. */
static gboolean
has_room (const ForgeHlsLine *line)
{
  const ForgeHlsPlaylist *playlist = line->track.playlist;

  return line->segments == 0 || !playlist->has_end ||
         forge_hls_pacer_stored_us (line->pacer) < forge_hls_start_back_us (playlist);
}

/* The line whose turn it is to take a segment: the one that has less in store. */
static ForgeHlsLine *
line_to_take (ForgeHlsSession *session)
{
  ForgeHlsLine *chosen = NULL;

  for (guint i = 0; i < session->n_lines; i++) {
    ForgeHlsLine *line = &session->lines[i];
    if (!forge_hls_track_peek (&line->track) || !has_room (line))
      continue;
    if (!chosen ||
        forge_hls_pacer_stored_us (line->pacer) < forge_hls_pacer_stored_us (chosen->pacer))
      chosen = line;
  }
  return chosen;
}

/* The line whose list is to be read again first. */
static guint
line_to_reload (const ForgeHlsSession *session)
{
  guint chosen = 0;

  for (guint i = 1; i < session->n_lines; i++)
    if (forge_hls_track_reload_us (&session->lines[i].track) <
        forge_hls_track_reload_us (&session->lines[chosen].track))
      chosen = i;
  return chosen;
}

static gboolean
has_ended (ForgeHlsSession *session, gint64 now_us)
{
  for (guint i = 0; i < session->n_lines; i++) {
    const ForgeHlsLine *line = &session->lines[i];
    if (forge_hls_pacer_is_broken (line->pacer) || forge_hls_track_is_over (&line->track))
      return TRUE;
    if (!forge_hls_track_peek (&session->lines[i].track) &&
        forge_hls_track_is_stale (&line->track, now_us)) {
      end_with (session, FORGE_ERROR_RETRY, "its playlist stands still");
      return TRUE;
    }
  }
  return FALSE;
}

static void
step (ForgeHlsSession *session)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n = line_to_reload (session);
  gint64 reload_us = forge_hls_track_reload_us (&session->lines[n].track);
  ForgeHlsLine *line = line_to_take (session);

  if (session->wants_renewal)
    renew (session, now_us);
  else if (reload_us <= now_us)
    reload (session, n);
  else if (line)
    take (session, line);
  else if (has_ended (session, now_us))
    give_up (session);
  else
    wait_for (session, MIN (reload_us - now_us, IDLE_US));
}

/* Viewers get what is in store, even if nothing follows. */
static void
drain (ForgeHlsSession *session)
{
  gboolean is_empty = FALSE;

  session->is_over = FALSE;
  while (!is_empty && !is_stopped (session)) {
    is_empty = TRUE;
    for (guint i = 0; i < session->n_lines; i++)
      is_empty &= forge_hls_pacer_is_broken (session->lines[i].pacer) ||
                  forge_hls_pacer_stored_bytes (session->lines[i].pacer) == 0;
    if (!is_empty)
      wait_for (session, IDLE_US / 4);
  }
}

static GError *
start_failure (ForgeHlsSession *session)
{
  g_autofree char *host = forge_url_host (session->url);

  if (session->is_late)
    return g_error_new (FORGE_ERROR,
                        FORGE_ERROR_RETRY,
                        "%s: no HLS segment within %u ms",
                        host,
                        session->start_timeout_ms);
  if (g_cancellable_is_cancelled (session->stop))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  if (session->failure)
    return g_steal_pointer (&session->failure);
  return g_error_new (FORGE_ERROR, FORGE_ERROR_RETRY, "%s: its playlist holds nothing", host);
}

/* A ForgeHttp belongs to the thread that made it. */
static void
make_fetch (ForgeHlsSession *session)
{
  const ForgeHttpOptions options = { .user_agent = session->user_agent,
                                     .referrer = session->referrer,
                                     .proxy = session->proxy,
                                     .verify_tls = session->verify_tls,
                                     .keeps_cookies = TRUE,
                                     .connect_timeout_s = session->connect_timeout_s,
                                     .first_byte_timeout_s = FIRST_BYTE_TIMEOUT_S,
                                     .idle_timeout_s = IDLE_TIMEOUT_S };

  session->fetch = (ForgeHlsFetch){ .http = forge_http_new (&options), .stop = session->stop };
  session->context = forge_http_context (session->fetch.http);
}

static void
watch (ForgeHlsSession *session)
{
  session->hangup = g_unix_fd_source_new (session->fd, G_IO_HUP | G_IO_ERR);
  g_source_set_callback (session->hangup, G_SOURCE_FUNC (on_hangup), session, NULL);
  g_source_attach (session->hangup, session->context);
  session->deadline = g_timeout_source_new (session->start_timeout_ms);
  g_source_set_callback (session->deadline, on_deadline, session, NULL);
  g_source_attach (session->deadline, session->context);
}

void
forge_hls_session_run (ForgeHlsSession *session, ForgeHlsStartFunc started, gpointer user_data)
{
  GError *failure = NULL;

  session->started = started;
  session->started_data = user_data;
  make_fetch (session);
  watch (session);
  if (open_lists (session, &failure))
    look_for_slate (session);
  else
    end (session, failure);
  while (!is_stopped (session))
    step (session);
  if (session->has_started && session->failure)
    g_debug ("HLS ends: %s", session->failure->message);
  if (session->has_started)
    drain (session);
  else if (session->is_slate)
    tell_start (session, FORGE_HLS_SLATE, NULL);
  else
    tell_start (session, FORGE_HLS_FAILED, start_failure (session));
}
