/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-hdhr.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US (10 * G_USEC_PER_SEC)

GByteArray *
test_unhex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const char *at = hex; *at;) {
    if (*at == ' ') {
      at++;
      continue;
    }
    guint8 byte = (guint8)(g_ascii_xdigit_value (at[0]) << 4 | g_ascii_xdigit_value (at[1]));
    g_byte_array_append (bytes, &byte, 1);
    at += 2;
  }
  return bytes;
}

char *
test_hex (gconstpointer bytes, gsize length)
{
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", ((const guint8 *)bytes)[i]);
  return g_string_free (hex, FALSE);
}

/* Bit by bit, so that the test does not trust what the code uses. */
static guint32
crc_of (const GByteArray *bytes)
{
  guint32 crc = 0xFFFFFFFFu;

  for (guint i = 0; i < bytes->len; i++) {
    crc ^= bytes->data[i];
    for (guint bit = 0; bit < 8; bit++)
      crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
  }
  return crc ^ 0xFFFFFFFFu;
}

GByteArray *
test_frame (guint type, const char *payload_hex)
{
  g_autoptr (GByteArray) payload = test_unhex (payload_hex);
  const guint8 head[] = { (guint8)(type >> 8),
                          (guint8)type,
                          (guint8)(payload->len >> 8),
                          (guint8)payload->len };
  GByteArray *frame = g_byte_array_new ();

  g_byte_array_append (frame, head, sizeof head);
  g_byte_array_append (frame, payload->data, payload->len);
  guint32 crc = GUINT32_TO_LE (crc_of (frame));
  g_byte_array_append (frame, (const guint8 *)&crc, sizeof crc);
  return frame;
}

void
test_await (GMainContext *context, TestCondition condition, gpointer data)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  while (!condition (data)) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    if (!g_main_context_iteration (context, FALSE))
      g_usleep (200);
  }
}

void
test_settle (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    continue;
}

static int
make_client (int type, guint port)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons ((guint16)port) };
  int fd = socket (AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  name.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (connect (fd, (struct sockaddr *)(void *)&name, sizeof name) < 0)
    g_assert_cmpint (errno, ==, EINPROGRESS);
  return fd;
}

int
test_udp_client (guint port)
{
  return make_client (SOCK_DGRAM, port);
}

int
test_tcp_client (GMainContext *context, guint port)
{
  int fd = make_client (SOCK_STREAM, port);

  test_settle (context);
  return fd;
}

void
test_put (int fd, gconstpointer bytes, gsize length)
{
  g_assert_cmpint (send (fd, bytes, length, MSG_NOSIGNAL), ==, (gssize)length);
}

typedef struct {
  int fd;
  guint8 bytes[65536];
  gsize got, wanted;
  gboolean is_closed;
} Taking;

static gboolean
take_datagram (gpointer data)
{
  Taking *taking = data;
  ssize_t got = recv (taking->fd, taking->bytes, sizeof taking->bytes, 0);

  if (got < 0)
    return FALSE;
  taking->got = (gsize)got;
  return TRUE;
}

static gboolean
take_bytes (gpointer data)
{
  Taking *taking = data;
  ssize_t got = recv (taking->fd, taking->bytes + taking->got, taking->wanted - taking->got, 0);

  g_assert_cmpint (got, !=, 0);
  if (got > 0)
    taking->got += (gsize)got;
  return taking->got == taking->wanted;
}

static gboolean
take_end (gpointer data)
{
  Taking *taking = data;
  ssize_t got = recv (taking->fd, taking->bytes, sizeof taking->bytes, 0);

  return got == 0 || (got < 0 && errno != EAGAIN);
}

char *
test_take_datagram (GMainContext *context, int fd)
{
  g_autofree Taking *taking = g_new0 (Taking, 1);

  taking->fd = fd;
  test_await (context, take_datagram, taking);
  return test_hex (taking->bytes, taking->got);
}

char *
test_take_bytes (GMainContext *context, int fd, gsize length)
{
  g_autofree Taking *taking = g_new0 (Taking, 1);

  g_assert_cmpuint (length, <=, sizeof taking->bytes);
  taking->fd = fd;
  taking->wanted = length;
  test_await (context, take_bytes, taking);
  return test_hex (taking->bytes, taking->got);
}

void
test_await_closed (GMainContext *context, int fd)
{
  g_autofree Taking *taking = g_new0 (Taking, 1);

  taking->fd = fd;
  test_await (context, take_end, taking);
}

ForgeSessionInfo *
test_add_session (FakeTuner *fake, int number, const char *channel)
{
  ForgeSessionInfo *session = forge_session_info_new ();

  if (!fake->sessions)
    fake->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_session_info_free);
  session->channel_number = number;
  session->channel = g_strdup (channel);
  session->health = FORGE_HEALTH_HEALTHY;
  session->bitrate_kbps = 8000;
  forge_session_info_add_viewer (session)->address = g_strdup ("10.0.0.9");
  g_ptr_array_add (fake->sessions, session);
  return session;
}
