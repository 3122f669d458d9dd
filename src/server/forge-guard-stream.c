/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-guard-stream.h"

#include <string.h>

/* Parses as the end of a request line, of a header's name and of a header's value. libsoup answers
 * 400 by itself when Host is missing, and newer ones also when it comes twice. */
#define FAKE_END      "x: HTTP/1.0\r\n\r\n"
#define FAKE_END_HOST "x: HTTP/1.0\r\nHost: localhost\r\n\r\n"
#define HOST_LINE     "\nHost:"

/* The input half: a filter over the socket's input stream. */
#define FORGE_TYPE_GUARD_INPUT (forge_guard_input_get_type ())
G_DECLARE_FINAL_TYPE (ForgeGuardInput, forge_guard_input, FORGE, GUARD_INPUT, GFilterInputStream)

struct _ForgeGuardInput {
  GFilterInputStream parent;
  GSocket *socket;
  gsize max_head_bytes, head_bytes;
  const char *injected; /* what libsoup reads next instead of the socket; "" = nothing */
  gboolean is_in_head;
  gboolean is_kept_alive; /* one request was answered already */
  gboolean has_host;
  gboolean was_cut;
  gboolean is_over;
};

static void forge_guard_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ForgeGuardInput,
                               forge_guard_input,
                               G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      forge_guard_input_pollable_init))

static gssize
read_injected (ForgeGuardInput *self, void *buffer, gsize count)
{
  gsize length = MIN (strlen (self->injected), count);

  memcpy (buffer, self->injected, length);
  self->injected += length;
  return (gssize)length;
}

static gboolean
has_host_line (const char *data, gsize length)
{
  const gsize wanted = strlen (HOST_LINE);

  for (gsize at = 0; at + wanted <= length; at++)
    if (g_ascii_strncasecmp (data + at, HOST_LINE, wanted) == 0)
      return TRUE;
  return FALSE;
}

static void
count_head (ForgeGuardInput *self, const char *data, gsize length)
{
  if (!self->is_in_head || self->was_cut)
    return;
  self->has_host = self->has_host || has_host_line (data, length);
  self->head_bytes += length;
  if (self->head_bytes <= self->max_head_bytes)
    return;
  self->was_cut = TRUE;
  self->injected = self->has_host ? FAKE_END : FAKE_END_HOST;
}

/* The connection ended between two requests. */
static gssize
end_idle (ForgeGuardInput *self, void *buffer)
{
  self->is_over = TRUE;
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
  *(char *)buffer = '\n';
  return 1;
}

static gboolean
is_end_of_idle (const ForgeGuardInput *self, gssize got, const GError *error)
{
  if (!self->is_kept_alive || !self->is_in_head || self->head_bytes || self->is_over)
    return FALSE;
  return got == 0 || (got < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
}

static gssize
guard_read (ForgeGuardInput *self,
            void *buffer,
            gsize count,
            gboolean is_blocking,
            GCancellable *cancellable,
            GError **error)
{
  GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (self));
  g_autoptr (GError) failure = NULL;
  gssize got;

  if (*self->injected)
    return read_injected (self, buffer, count);
  got = g_pollable_stream_read (base, buffer, count, is_blocking, cancellable, &failure);
  if (count && is_end_of_idle (self, got, failure))
    return end_idle (self, buffer);
  if (got > 0)
    count_head (self, buffer, (gsize)got);
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return got;
}

static gssize
forge_guard_input_read (GInputStream *stream,
                        void *buffer,
                        gsize count,
                        GCancellable *cancellable,
                        GError **error)
{
  return guard_read (FORGE_GUARD_INPUT (stream), buffer, count, TRUE, cancellable, error);
}

static gssize
forge_guard_input_read_nonblocking (GPollableInputStream *stream,
                                    void *buffer,
                                    gsize count,
                                    GError **error)
{
  return guard_read (FORGE_GUARD_INPUT (stream), buffer, count, FALSE, NULL, error);
}

static GPollableInputStream *
base_of (GPollableInputStream *stream)
{
  return G_POLLABLE_INPUT_STREAM (
      g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream)));
}

static gboolean
forge_guard_input_is_readable (GPollableInputStream *stream)
{
  return *FORGE_GUARD_INPUT (stream)->injected ||
         g_pollable_input_stream_is_readable (base_of (stream));
}

static GSource *
forge_guard_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) base = *FORGE_GUARD_INPUT (stream)->injected
                                 ? g_timeout_source_new (0)
                                 : g_pollable_input_stream_create_source (base_of (stream), NULL);

  return g_pollable_source_new_full (stream, base, cancellable);
}

static void
forge_guard_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = forge_guard_input_is_readable;
  iface->create_source = forge_guard_input_create_source;
  iface->read_nonblocking = forge_guard_input_read_nonblocking;
}

static void
forge_guard_input_finalize (GObject *object)
{
  g_clear_object (&FORGE_GUARD_INPUT (object)->socket);
  G_OBJECT_CLASS (forge_guard_input_parent_class)->finalize (object);
}

static void
forge_guard_input_class_init (ForgeGuardInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_guard_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = forge_guard_input_read;
}

static void
forge_guard_input_init (ForgeGuardInput *self)
{
  self->injected = "";
  self->is_in_head = TRUE;
}

struct _ForgeGuardStream {
  GIOStream parent;
  GSocketConnection *base;
  ForgeGuardInput *input;
};

G_DEFINE_FINAL_TYPE (ForgeGuardStream, forge_guard_stream, G_TYPE_IO_STREAM)

static GInputStream *
forge_guard_stream_get_input (GIOStream *stream)
{
  return G_INPUT_STREAM (FORGE_GUARD_STREAM (stream)->input);
}

static GOutputStream *
forge_guard_stream_get_output (GIOStream *stream)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (FORGE_GUARD_STREAM (stream)->base));
}

static gboolean
forge_guard_stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_io_stream_close (G_IO_STREAM (FORGE_GUARD_STREAM (stream)->base), cancellable, error);
}

static void
forge_guard_stream_finalize (GObject *object)
{
  ForgeGuardStream *self = FORGE_GUARD_STREAM (object);

  g_clear_object (&self->input);
  g_clear_object (&self->base);
  G_OBJECT_CLASS (forge_guard_stream_parent_class)->finalize (object);
}

static void
forge_guard_stream_class_init (ForgeGuardStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_guard_stream_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = forge_guard_stream_get_input;
  G_IO_STREAM_CLASS (klass)->get_output_stream = forge_guard_stream_get_output;
  G_IO_STREAM_CLASS (klass)->close_fn = forge_guard_stream_close;
}

static void
forge_guard_stream_init (ForgeGuardStream *self)
{
}

ForgeGuardStream *
forge_guard_stream_new (GSocketConnection *base, gsize max_head_bytes)
{
  ForgeGuardStream *self = g_object_new (FORGE_TYPE_GUARD_STREAM, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_new (FORGE_TYPE_GUARD_INPUT,
                              "base-stream",
                              g_io_stream_get_input_stream (G_IO_STREAM (base)),
                              "close-base-stream",
                              FALSE,
                              NULL);
  self->input->socket = g_object_ref (g_socket_connection_get_socket (base));
  self->input->max_head_bytes = max_head_bytes;
  return self;
}

void
forge_guard_stream_end_head (ForgeGuardStream *self)
{
  self->input->is_in_head = FALSE;
}

void
forge_guard_stream_begin_head (ForgeGuardStream *self)
{
  self->input->is_in_head = TRUE;
  self->input->is_kept_alive = TRUE;
  self->input->head_bytes = 0;
  self->input->has_host = FALSE;
}

gboolean
forge_guard_stream_was_cut (ForgeGuardStream *self)
{
  return self->input->was_cut;
}
