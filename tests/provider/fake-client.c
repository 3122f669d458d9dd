/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WHOLE_ANSWER_MS 20000u

int
fake_client_dial (ForgeFakeProvider *provider)
{
  const char *port = strrchr (forge_fake_provider_url (provider), ':') + 1;
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons ((guint16)g_ascii_strtoull (port, NULL, 10)),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  return fd;
}

FakeClient *
fake_client_open (ForgeFakeProvider *provider, const char *path, const char *headers)
{
  FakeClient *client = g_new0 (FakeClient, 1);
  gboolean is_head = g_str_has_prefix (path, "HEAD ");
  g_autofree char *request = g_strdup_printf ("%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n",
                                              is_head ? "HEAD" : "GET",
                                              path + (is_head ? 5 : 0),
                                              headers ? headers : "");

  client->fd = fake_client_dial (provider);
  client->body = g_byte_array_new ();
  g_assert_cmpint (send (client->fd, request, strlen (request), MSG_NOSIGNAL),
                   ==,
                   (int)strlen (request));
  return client;
}

void
fake_client_free (FakeClient *client)
{
  close (client->fd);
  g_byte_array_unref (client->body);
  g_free (client->head);
  g_free (client);
}

static void
take_head (FakeClient *client)
{
  const guint8 *end = NULL;

  if (!client->head && client->body->len > 0)
    end = memmem (client->body->data, client->body->len, "\r\n\r\n", 4);
  if (!end)
    return;
  gsize size = (gsize)(end - client->body->data);
  client->head = g_ascii_strdown ((const char *)client->body->data, (gssize)size);
  client->status = (guint)g_ascii_strtoull (client->head + strlen ("http/1.1 "), NULL, 10);
  g_byte_array_remove_range (client->body, 0, (guint)size + 4);
}

static gboolean
has_enough (FakeClient *client, gsize bytes)
{
  return client->head && client->body->len >= bytes;
}

gboolean
fake_client_read (FakeClient *client, gsize bytes, guint timeout_ms)
{
  gint64 until_us = g_get_monotonic_time () + timeout_ms * G_GINT64_CONSTANT (1000);
  guint8 buffer[65536];

  take_head (client);
  while (!has_enough (client, bytes) && !client->is_ended && !client->failure) {
    struct pollfd readable = { .fd = client->fd, .events = POLLIN };
    gint64 left_us = until_us - g_get_monotonic_time ();

    if (left_us <= 0 || poll (&readable, 1, (int)((left_us + 999) / 1000)) <= 0)
      break;
    ssize_t n = recv (client->fd, buffer, sizeof buffer, 0);
    if (n > 0)
      g_byte_array_append (client->body, buffer, (guint)n);
    else if (n == 0)
      client->is_ended = TRUE;
    else
      client->failure = errno;
    take_head (client);
  }
  return has_enough (client, bytes);
}

static void
dechunk (FakeClient *client)
{
  GByteArray *plain = g_byte_array_new ();
  const char *at = fake_client_text (client);
  const char *stop = at + client->body->len;

  while (at < stop) {
    char *digits_end = NULL;
    guint64 size = g_ascii_strtoull (at, &digits_end, 16);

    if (size == 0 || (guint64)(stop - digits_end) < size + 4)
      break;
    g_byte_array_append (plain, (const guint8 *)digits_end + 2, (guint)size);
    at = digits_end + 2 + size + 2;
  }
  g_byte_array_unref (client->body);
  client->body = plain;
}

FakeClient *
fake_client_fetch (ForgeFakeProvider *provider, const char *path, const char *headers)
{
  g_autofree char *all = g_strconcat (headers ? headers : "", "Connection: close\r\n", NULL);
  FakeClient *client = fake_client_open (provider, path, all);

  (void)fake_client_read (client, G_MAXSIZE, WHOLE_ANSWER_MS);
  if (client->head && strstr (client->head, "transfer-encoding: chunked"))
    dechunk (client);
  return client;
}

const char *
fake_client_text (FakeClient *client)
{
  g_byte_array_append (client->body, (const guint8 *)"", 1);
  g_byte_array_set_size (client->body, client->body->len - 1);
  return (const char *)client->body->data;
}

char *
fake_client_api (ForgeFakeProvider *provider, const char *script, const char *more)
{
  g_autofree char *user =
      g_uri_escape_string (forge_fake_provider_username (provider), NULL, FALSE);
  g_autofree char *password =
      g_uri_escape_string (forge_fake_provider_password (provider), NULL, FALSE);

  return g_strdup_printf ("/%s?username=%s&password=%s%s",
                          script,
                          user,
                          password,
                          more ? more : "");
}

char *
fake_client_media (ForgeFakeProvider *provider, const char *kind, const char *name)
{
  g_autofree char *user =
      g_uri_escape_string (forge_fake_provider_username (provider), NULL, FALSE);
  g_autofree char *password =
      g_uri_escape_string (forge_fake_provider_password (provider), NULL, FALSE);

  return g_strdup_printf ("%s%s/%s/%s/%s", *kind ? "/" : "", kind, user, password, name);
}

FakeClient *
fake_client_live (ForgeFakeProvider *provider, guint stream_id)
{
  g_autofree char *name = g_strdup_printf ("%u.ts", stream_id);
  g_autofree char *path = fake_client_media (provider, "live", name);

  return fake_client_open (provider, path, NULL);
}
