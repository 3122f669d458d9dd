/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-source.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "net/forge-dial-text.h"
#include "net/forge-hls-fetch.h"
#include "net/forge-hls-session.h"
#include "net/forge-url.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* TLS and name look-ups need some ten KiB; sanitizers want several times that. */
#define STACK_BYTES (512 * 1024)
#define FIRST_FD    3

/* One stream and its thread. The pool's lock guards what two threads use. */
typedef struct {
  ForgeHlsPool *pool;
  pthread_t thread;
  ForgeHlsSession *session; /* the thread's */
  GCancellable *stop;
  gboolean is_done; /* the thread may be joined … */
  /* the outcome of the start, for who waits in forge_hls_open (): … once nobody does any more */
  gboolean is_awaited;
  gboolean has_started;
  ForgeHlsStart start;
  GError *failure;
} Stream;

struct _ForgeHlsPool {
  pthread_mutex_t lock; /* not a GMutex, which thread sanitizers cannot see */
  pthread_cond_t changed;
  GPtrArray *streams;
};

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_clear_error (&stream->failure);
  g_object_unref (stream->stop);
  g_free (stream);
}

ForgeHlsPool *
forge_hls_pool_new (void)
{
  ForgeHlsPool *pool = g_new0 (ForgeHlsPool, 1);

  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->changed, NULL);
  pool->streams = g_ptr_array_new_with_free_func (stream_free);
  return pool;
}

/* Takes one off the list, NULL = there is none (of those whose thread has ended, if `is_done`). */
static Stream *
take_stream (ForgeHlsPool *pool, gboolean is_done)
{
  Stream *taken = NULL;

  pthread_mutex_lock (&pool->lock);
  for (guint i = 0; i < pool->streams->len && !taken; i++) {
    const Stream *stream = g_ptr_array_index (pool->streams, i);
    if (!is_done || (stream->is_done && !stream->is_awaited))
      taken = g_ptr_array_steal_index_fast (pool->streams, i);
  }
  pthread_mutex_unlock (&pool->lock);
  return taken;
}

static void
join_stream (Stream *stream)
{
  pthread_join (stream->thread, NULL);
  stream_free (stream);
}

/* Threads that have ended are at their very end: this waits for nothing. */
static void
join_done (ForgeHlsPool *pool)
{
  Stream *stream;

  while ((stream = take_stream (pool, TRUE)))
    join_stream (stream);
}

void
forge_hls_pool_free (ForgeHlsPool *pool)
{
  Stream *stream;

  if (!pool)
    return;
  while ((stream = take_stream (pool, FALSE))) {
    g_cancellable_cancel (stream->stop);
    join_stream (stream);
  }
  g_ptr_array_unref (pool->streams);
  pthread_cond_destroy (&pool->changed);
  pthread_mutex_destroy (&pool->lock);
  g_free (pool);
}

guint
forge_hls_pool_running (ForgeHlsPool *pool)
{
  guint n = 0;

  pthread_mutex_lock (&pool->lock);
  for (guint i = 0; i < pool->streams->len; i++)
    n += !((Stream *)g_ptr_array_index (pool->streams, i))->is_done;
  pthread_mutex_unlock (&pool->lock);
  return n;
}

/* ---- the thread ---- */

static void
on_started (ForgeHlsStart start, GError *failure, gpointer user_data)
{
  Stream *stream = user_data;

  pthread_mutex_lock (&stream->pool->lock);
  stream->has_started = TRUE;
  stream->start = start;
  stream->failure = failure;
  pthread_cond_broadcast (&stream->pool->changed);
  pthread_mutex_unlock (&stream->pool->lock);
}

static void *
run_stream (void *data)
{
  Stream *stream = data;

  forge_role_enter (FORGE_ROLE_JOB);
  forge_hls_session_run (stream->session, on_started, stream);
  g_clear_pointer (&stream->session, forge_hls_session_free);
  pthread_mutex_lock (&stream->pool->lock);
  stream->is_done = TRUE;
  pthread_mutex_unlock (&stream->pool->lock);
  return NULL;
}

static gboolean
start_thread (Stream *stream)
{
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_BYTES);
  pthread_mutex_lock (&stream->pool->lock);
  gboolean is_started = pthread_create (&stream->thread, &attributes, run_stream, stream) == 0;
  if (is_started)
    g_ptr_array_add (stream->pool->streams, stream);
  pthread_mutex_unlock (&stream->pool->lock);
  pthread_attr_destroy (&attributes);
  return is_started;
}

/* ---- opening ---- */

static gboolean
fail_no_socket (const char *url, int error_number, GError **error)
{
  g_autofree char *host = forge_url_host (url);

  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_RETRY,
               "%s: no thread or descriptor left for HLS: %s",
               host,
               g_strerror (error_number));
  return FALSE;
}

/* Descriptors above 2; the reader's end does not block. */
static gboolean
make_pair (int *reader, int *writer)
{
  int pair[2];

  *reader = *writer = -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return FALSE;
  *reader = fcntl (pair[0], F_DUPFD_CLOEXEC, FIRST_FD);
  *writer = fcntl (pair[1], F_DUPFD_CLOEXEC, FIRST_FD);
  close (pair[0]);
  close (pair[1]);
  if (*reader >= 0 && *writer >= 0 && fcntl (*reader, F_SETFL, O_NONBLOCK) == 0)
    return TRUE;
  int error_number = errno;
  if (*reader >= 0)
    close (*reader);
  if (*writer >= 0)
    close (*writer);
  errno = error_number;
  return FALSE;
}

/* The playlist that the dial has begun to read. Closes the dial's connection. */
static ForgeHlsPlaylist *
read_first (const ForgeDialOptions *options,
            ForgeDial *dial,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GByteArray) text = forge_dial_read_text (dial,
                                                      FORGE_HLS_MAX_PLAYLIST_BYTES,
                                                      options->first_byte_timeout_ms,
                                                      cancellable,
                                                      error);
  ForgeHlsPlaylist *playlist = text ? forge_hls_parse ((const char *)text->data, text->len, error)
                                    : NULL;

  if (text && !playlist)
    g_prefix_error (error, "%s: ", dial->final_host);
  return playlist;
}

static void
on_cancelled (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

/* Until the thread says how it began: it does so in time, and soon when it is cancelled. */
static ForgeHlsStart
await_start (Stream *stream, GCancellable *cancellable, GError **error)
{
  ForgeHlsPool *pool = stream->pool;
  gulong handler =
      cancellable
          ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), stream->stop, NULL)
          : 0;

  pthread_mutex_lock (&pool->lock);
  while (!stream->has_started)
    pthread_cond_wait (&pool->changed, &pool->lock);
  pthread_mutex_unlock (&pool->lock);
  if (handler)
    g_cancellable_disconnect (cancellable, handler);
  ForgeHlsStart start = stream->start;
  if (stream->failure)
    g_propagate_error (error, g_steal_pointer (&stream->failure));
  /* Another one that opens may join and free it from here on. */
  pthread_mutex_lock (&pool->lock);
  stream->is_awaited = FALSE;
  pthread_mutex_unlock (&pool->lock);
  return start;
}

/* Takes `playlist` and `writer`. */
static Stream *
stream_new (ForgeHlsPool *pool,
            const char *url,
            const ForgeDialOptions *options,
            ForgeHlsPlaylist *playlist,
            const char *base,
            int writer)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->pool = pool;
  stream->is_awaited = TRUE;
  stream->stop = g_cancellable_new ();
  stream->session = forge_hls_session_new (&(
      ForgeHlsSessionConfig){ .url = url, .options = options, .fd = writer, .stop = stream->stop });
  if (playlist)
    forge_hls_session_set_first (stream->session, playlist, base);
  return stream;
}

static void
set_outcome (ForgeDial *dial, ForgeHlsStart start, int reader, gint64 begun_us)
{
  dial->kind = FORGE_DIAL_TS;
  dial->is_chunked = FALSE;
  g_clear_pointer (&dial->leftover, g_free);
  dial->leftover_bytes = 0;
  dial->content_length = start == FORGE_HLS_SLATE ? 0 : -1;
  dial->first_byte_us += g_get_monotonic_time () - begun_us;
  dial->bytes = (ForgeByteSource){ .fd = reader };
  dial->is_playlist = TRUE;
}

/* Takes `playlist`. */
static gboolean
open_stream (ForgeHlsPool *pool,
             const char *url,
             const ForgeDialOptions *options,
             ForgeHlsPlaylist *playlist,
             ForgeDial *dial,
             GCancellable *cancellable,
             GError **error)
{
  gint64 begun_us = g_get_monotonic_time ();
  int reader, writer;

  if (!make_pair (&reader, &writer)) {
    forge_hls_playlist_free (playlist);
    return fail_no_socket (url, errno, error);
  }
  Stream *stream = stream_new (pool, url, options, playlist, dial->final_url, writer);
  if (!start_thread (stream)) {
    forge_hls_session_free (stream->session);
    stream_free (stream);
    close (reader);
    return fail_no_socket (url, EAGAIN, error);
  }
  ForgeHlsStart start = await_start (stream, cancellable, error);
  if (start != FORGE_HLS_FLOWING) {
    close (reader);
    reader = -1;
  }
  if (start != FORGE_HLS_FAILED)
    set_outcome (dial, start, reader, begun_us);
  return start != FORGE_HLS_FAILED;
}

gboolean
forge_hls_open (ForgeHlsPool *pool,
                const char *url,
                const ForgeDialOptions *options,
                ForgeDial *dial,
                GCancellable *cancellable,
                GError **error)
{
  g_return_val_if_fail (pool && url && options && options->user_agent && dial, FALSE);
  ForgeHlsPlaylist *playlist = NULL;

  join_done (pool);
  if (dial->kind == FORGE_DIAL_HLS && dial->final_url) {
    playlist = read_first (options, dial, cancellable, error);
    if (!playlist)
      return FALSE;
  } else {
    *dial = (ForgeDial){ .bytes.fd = -1, .content_length = -1, .final_host = forge_url_host (url) };
  }
  return open_stream (pool, url, options, playlist, dial, cancellable, error);
}
