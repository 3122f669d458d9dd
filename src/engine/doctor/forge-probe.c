/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-probe.h"

#include "base/forge-error.h"
#include "server/discovery/forge-hdhr-messages.h"

#include <stdio.h>
#include <string.h>

#define MAX_HEAD_BYTES 16384
#define READ_BYTES     16384
/* After the first answer: the other devices of this machine are as quick. */
#define MORE_ANSWERS_MS 60

void
forge_probe_reply_clear (ForgeProbeReply *reply)
{
  g_clear_pointer (&reply->head, g_free);
  g_clear_pointer (&reply->body, g_byte_array_unref);
}

static GSocketConnection *
connect_to (const char *address,
            guint port,
            guint timeout_s,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) to = g_inet_socket_address_new_from_string (address, port);
  g_autoptr (GSocketAddress) from = g_inet_socket_address_new_from_string (address, 0);

  if (!to || !from) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "“%s” is no address", address);
    return NULL;
  }
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, timeout_s);
  g_socket_client_set_local_address (client, from);
  return g_socket_client_connect (client, G_SOCKET_CONNECTABLE (to), cancellable, error);
}

static gboolean
send_request (GSocketConnection *connection,
              const ForgeProbeAsk *ask,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *request =
      g_strdup_printf ("%s %s HTTP/1.0\r\nHost: %s:%u\r\nUser-Agent: %s\r\nAccept: */*\r\n"
                       "Content-Length: 0\r\nConnection: close\r\n\r\n",
                       ask->method,
                       ask->path,
                       ask->address,
                       ask->port,
                       ask->user_agent ? ask->user_agent : "StreamForge doctor");
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  return g_output_stream_write_all (output, request, strlen (request), NULL, cancellable, error);
}

/* Where the head ends in `bytes`, 0 = not yet. */
static gsize
find_head_end (const GByteArray *bytes)
{
  /* An empty array has no data at all. */
  const guint8 *end = bytes->len ? memmem (bytes->data, bytes->len, "\r\n\r\n", 4) : NULL;

  return end ? (gsize)(end - bytes->data) + 4 : 0;
}

/* Takes the head off what was read. */
static gboolean
split_head (ForgeProbeReply *reply, GError **error)
{
  gsize end = find_head_end (reply->body);
  guint minor;

  if (end) {
    reply->head = g_strndup ((const char *)reply->body->data, end);
    g_byte_array_remove_range (reply->body, 0, (guint)end);
    if (sscanf (reply->head, "HTTP/1.%u %u", &minor, &reply->status) == 2)
      return TRUE;
  }
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_INVALID,
                       "What answers there speaks no HTTP");
  return FALSE;
}

/* Until the end, `max_bytes` beyond the head, or the time is over; a stream has no end. */
static gboolean
read_reply (GInputStream *input,
            const ForgeProbeAsk *ask,
            ForgeProbeReply *reply,
            gint64 begun_us,
            GCancellable *cancellable,
            GError **error)
{
  guint seconds = ask->max_time_s ? ask->max_time_s : FORGE_PROBE_TIMEOUT_S;
  gint64 until_us = begun_us + seconds * G_USEC_PER_SEC;
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);

  for (;;) {
    g_autoptr (GError) cause = NULL;
    gssize n = g_input_stream_read (input, buffer, READ_BYTES, cancellable, &cause);
    gint64 now_us = g_get_monotonic_time ();
    if (n < 0 && reply->body->len == 0) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
    if (n <= 0)
      return TRUE;
    if (reply->body->len == 0)
      reply->first_us = now_us - begun_us;
    reply->total_us = now_us - begun_us;
    g_byte_array_append (reply->body, buffer, (guint)n);
    if (reply->body->len > ask->max_bytes + MAX_HEAD_BYTES || now_us > until_us ||
        (find_head_end (reply->body) &&
         reply->body->len - find_head_end (reply->body) >= ask->max_bytes))
      return TRUE;
  }
}

gboolean
forge_probe_http (const ForgeProbeAsk *ask,
                  ForgeProbeReply *reply,
                  GCancellable *cancellable,
                  GError **error)
{
  guint seconds = ask->max_time_s ? ask->max_time_s : FORGE_PROBE_TIMEOUT_S;
  gint64 begun_us = g_get_monotonic_time ();
  g_autoptr (GSocketConnection) connection =
      connect_to (ask->address, ask->port, seconds, cancellable, error);

  *reply = (ForgeProbeReply){ .body = g_byte_array_new () };
  if (!connection || !send_request (connection, ask, cancellable, error))
    return FALSE;
  return read_reply (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                     ask,
                     reply,
                     begun_us,
                     cancellable,
                     error) &&
         split_head (reply, error);
}

char *
forge_probe_header (const ForgeProbeReply *reply, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (reply->head ? reply->head : "", "\r\n", -1);
  gsize length = strlen (name);

  for (char **line = lines; *line; line++)
    if (g_ascii_strncasecmp (*line, name, length) == 0 && (*line)[length] == ':')
      return g_strstrip (g_strdup (*line + length + 1));
  return NULL;
}

static void
answer_clear (gpointer data)
{
  ForgeProbeAnswer *answer = data;

  g_free (answer->base_url);
  g_free (answer->sender);
}

static void
read_tags (const ForgeHdhrFrame *frame, ForgeProbeAnswer *answer)
{
  ForgeHdhrReader reader;
  ForgeHdhrTag tag;

  forge_hdhr_reader_init (&reader, frame);
  while (forge_hdhr_reader_next (&reader, &tag)) {
    if (tag.name == FORGE_HDHR_TAG_DEVICE_ID)
      forge_hdhr_tag_u32 (&tag, &answer->device_id);
    else if (tag.name == FORGE_HDHR_TAG_BASE_URL && !answer->base_url)
      answer->base_url = g_strndup ((const char *)tag.value, tag.value_bytes);
  }
}

static void
take_answer (GSocket *socket, GArray *answers, gint64 begun_us)
{
  g_autoptr (GSocketAddress) sender = NULL;
  guint8 bytes[FORGE_HDHR_MAX_FRAME_BYTES];
  ForgeHdhrFrame frame;
  gssize n = g_socket_receive_from (socket, &sender, (char *)bytes, sizeof bytes, NULL, NULL);
  ForgeProbeAnswer answer = { .took_us = g_get_monotonic_time () - begun_us };

  if (n <= 0 || !G_IS_INET_SOCKET_ADDRESS (sender) || answers->len >= FORGE_PROBE_MAX_ANSWERS ||
      forge_hdhr_frame_parse (bytes, (gsize)n, &frame) != FORGE_HDHR_FRAME_COMPLETE ||
      frame.type != FORGE_HDHR_DISCOVER_REPLY)
    return;
  read_tags (&frame, &answer);
  answer.sender =
      g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (sender)));
  g_array_append_val (answers, answer);
}

static GArray *
collect_answers (GSocket *socket, GCancellable *cancellable)
{
  GArray *answers = g_array_new (FALSE, FALSE, sizeof (ForgeProbeAnswer));
  gint64 begun_us = g_get_monotonic_time ();
  gint64 until_us = begun_us + FORGE_PROBE_DISCOVERY_MS * 1000;

  g_array_set_clear_func (answers, answer_clear);
  for (gint64 now_us = begun_us; now_us < until_us; now_us = g_get_monotonic_time ()) {
    guint before = answers->len;
    if (!g_socket_condition_timed_wait (socket, G_IO_IN, until_us - now_us, cancellable, NULL))
      break;
    take_answer (socket, answers, begun_us);
    if (before == 0 && answers->len == 1)
      until_us = MIN (until_us, g_get_monotonic_time () + MORE_ANSWERS_MS * 1000);
  }
  return answers;
}

GArray *
forge_probe_discover (const char *from,
                      const char *to,
                      guint port,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GSocketAddress) own = g_inet_socket_address_new_from_string (from, 0);
  g_autoptr (GSocketAddress) target =
      g_inet_socket_address_new_from_string (to ? to : "255.255.255.255", port);
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  ForgeHdhrWriter writer;

  if (!socket)
    return NULL;
  g_return_val_if_fail (own && target, NULL);
  forge_hdhr_writer_begin (&writer, FORGE_HDHR_DISCOVER_REQUEST);
  forge_hdhr_writer_add_u32 (&writer, FORGE_HDHR_TAG_DEVICE_TYPE, 1);
  forge_hdhr_writer_add_u32 (&writer, FORGE_HDHR_TAG_DEVICE_ID, 0xFFFFFFFF);
  gsize length = forge_hdhr_writer_end (&writer);
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_broadcast (socket, TRUE);
  if (!g_socket_bind (socket, own, FALSE, error) ||
      g_socket_send_to (socket, target, (const char *)writer.bytes, length, cancellable, error) < 0)
    return NULL;
  return collect_answers (socket, cancellable);
}

static char *
read_value (const ForgeHdhrFrame *frame, GError **error)
{
  ForgeHdhrReader reader;
  ForgeHdhrTag tag;

  forge_hdhr_reader_init (&reader, frame);
  while (forge_hdhr_reader_next (&reader, &tag))
    if (tag.name == FORGE_HDHR_TAG_VALUE)
      return g_strndup ((const char *)tag.value, tag.value_bytes);
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, "The answer holds no value");
  return NULL;
}

static char *
read_control_reply (GInputStream *input, GCancellable *cancellable, GError **error)
{
  guint8 bytes[FORGE_HDHR_MAX_FRAME_BYTES];
  ForgeHdhrFrame frame;
  gsize length = 0;

  while (length < sizeof bytes) {
    gssize n =
        g_input_stream_read (input, bytes + length, sizeof bytes - length, cancellable, error);
    if (n < 0)
      return NULL;
    if (n == 0)
      break;
    length += (gsize)n;
    switch (forge_hdhr_frame_parse (bytes, length, &frame)) {
    case FORGE_HDHR_FRAME_COMPLETE:
      return read_value (&frame, error);
    case FORGE_HDHR_FRAME_PARTIAL:
      break;
    case FORGE_HDHR_FRAME_BROKEN:
    default:
      length = sizeof bytes;
    }
  }
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_INVALID,
                       "What answers there speaks another protocol");
  return NULL;
}

char *
forge_probe_control (const char *address,
                     guint port,
                     const char *name,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (GSocketConnection) connection = connect_to (address, port, 3, cancellable, error);
  ForgeHdhrWriter writer;

  if (!connection)
    return NULL;
  forge_hdhr_writer_begin (&writer, FORGE_HDHR_GETSET_REQUEST);
  forge_hdhr_writer_add_string (&writer, FORGE_HDHR_TAG_NAME, name);
  gsize length = forge_hdhr_writer_end (&writer);
  if (!g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                                  writer.bytes,
                                  length,
                                  NULL,
                                  cancellable,
                                  error))
    return NULL;
  return read_control_reply (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                             cancellable,
                             error);
}
