/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-request.h"

#include <string.h>

/* Panels keep idle connections this long (facts: short keep-alive). */
#define IDLE_US          (10 * G_USEC_PER_SEC)
#define MAX_BODY_BYTES   65536u
#define END_OF_HEAD      "\r\n\r\n"
#define END_OF_HEAD_SIZE 4u

void
forge_fake_request_free (ForgeFakeRequest *request)
{
  g_strfreev (request->parts);
  g_clear_pointer (&request->query, g_hash_table_unref);
  g_free (request->range);
  g_free (request->if_none_match);
  g_free (request->if_range);
  g_free (request);
}

const char *
forge_fake_request_query (const ForgeFakeRequest *request, const char *key)
{
  const char *value = g_hash_table_lookup (request->query, key);

  return value ? value : "";
}

static void
take_bytes (ForgeFakeConnection *connection, gsize size)
{
  connection->buffered -= size;
  memmove (connection->buffer, connection->buffer + size, connection->buffered);
}

/* The head up to and without the blank line; NULL when none comes. */
static char *
read_head (ForgeFakeConnection *connection)
{
  gint64 until_us = g_get_monotonic_time () + IDLE_US;

  for (;;) {
    const char *end =
        memmem (connection->buffer, connection->buffered, END_OF_HEAD, END_OF_HEAD_SIZE);
    if (end) {
      gsize size = (gsize)(end - connection->buffer);
      char *head = g_strndup (connection->buffer, size);
      take_bytes (connection, size + END_OF_HEAD_SIZE);
      return head;
    }
    if (!forge_fake_receive (connection, until_us))
      return NULL;
  }
}

static gboolean
skip_body (ForgeFakeConnection *connection, guint64 size)
{
  gint64 until_us = g_get_monotonic_time () + IDLE_US;

  while (size > 0) {
    if (connection->buffered == 0 && !forge_fake_receive (connection, until_us))
      return FALSE;
    gsize part = MIN (size, connection->buffered);
    take_bytes (connection, part);
    size -= part;
  }
  return TRUE;
}

static gboolean
parse_path (ForgeFakeRequest *request, const char *path)
{
  g_auto (GStrv) raw = g_strsplit (*path == '/' ? path + 1 : path, "/", 16);

  request->parts = g_new0 (char *, g_strv_length (raw) + 1);
  for (guint i = 0; raw[i]; i++)
    if (!(request->parts[i] = g_uri_unescape_string (raw[i], NULL)))
      return FALSE;
  return TRUE;
}

static gboolean
parse_target (ForgeFakeRequest *request, const char *target)
{
  /* Clients behind a proxy send the whole URL. */
  const char *path = g_str_has_prefix (target, "http://") ? strchr (target + 7, '/') : target;
  if (!path)
    return FALSE;

  const char *mark = strchr (path, '?');
  g_autofree char *path_only = mark ? g_strndup (path, (gsize)(mark - path)) : g_strdup (path);

  request->query = g_uri_parse_params (mark ? mark + 1 : "", -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
  return request->query && parse_path (request, path_only);
}

static void
set_string (char **field, const char *value)
{
  g_free (*field);
  *field = g_strdup (value);
}

static void
parse_header (ForgeFakeConnection *connection,
              ForgeFakeRequest *request,
              const char *name,
              const char *value,
              guint64 *body_bytes)
{
  if (g_ascii_strcasecmp (name, "range") == 0)
    set_string (&request->range, value);
  else if (g_ascii_strcasecmp (name, "if-range") == 0)
    set_string (&request->if_range, value);
  else if (g_ascii_strcasecmp (name, "if-none-match") == 0)
    set_string (&request->if_none_match, value);
  else if (g_ascii_strcasecmp (name, "accept-encoding") == 0)
    request->accepts_gzip = strstr (value, "gzip") != NULL;
  else if (g_ascii_strcasecmp (name, "content-length") == 0)
    *body_bytes = g_ascii_strtoull (value, NULL, 10);
  else if (g_ascii_strcasecmp (name, "connection") == 0 && g_ascii_strcasecmp (value, "close") == 0)
    connection->must_close = TRUE;
  request->is_conditional = request->is_conditional ||
                            g_ascii_strcasecmp (name, "if-none-match") == 0 ||
                            g_ascii_strcasecmp (name, "if-modified-since") == 0;
}

static gboolean
parse_request_line (ForgeFakeConnection *connection, ForgeFakeRequest *request, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);

  if (g_strv_length (words) != 3 || !g_str_has_prefix (words[2], "HTTP/1."))
    return FALSE;
  request->is_head = strcmp (words[0], "HEAD") == 0;
  request->has_http11 = strcmp (words[2], "HTTP/1.0") != 0;
  connection->must_close = !request->has_http11;
  return (request->is_head || strcmp (words[0], "GET") == 0 || strcmp (words[0], "POST") == 0) &&
         parse_target (request, words[1]);
}

static gboolean
parse_head (ForgeFakeConnection *connection, ForgeFakeRequest *request, const char *head)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  guint64 body_bytes = 0;

  if (!lines[0] || !parse_request_line (connection, request, lines[0]))
    return FALSE;
  for (guint i = 1; lines[i]; i++) {
    char *colon = strchr (lines[i], ':');
    if (!colon)
      return FALSE;
    *colon = '\0';
    parse_header (connection, request, g_strstrip (lines[i]), g_strstrip (colon + 1), &body_bytes);
  }
  return body_bytes <= MAX_BODY_BYTES && skip_body (connection, body_bytes);
}

ForgeFakeRequest *
forge_fake_request_read (ForgeFakeConnection *connection)
{
  g_autoptr (ForgeFakeRequest) request = g_new0 (ForgeFakeRequest, 1);
  g_autofree char *head = read_head (connection);

  if (!head)
    return NULL;
  if (!parse_head (connection, request, head)) {
    connection->must_close = TRUE;
    (void)forge_fake_reply_head (connection, 400, "text/html", 0, NULL);
    return NULL;
  }
  return g_steal_pointer (&request);
}

static const char *
reason (guint status)
{
  static const struct {
    guint status;
    const char *phrase;
  } table[] = {
    { 200, "OK" },           { 206, "Partial Content" }, { 302, "Found" },
    { 304, "Not Modified" }, { 400, "Bad Request" },     { 401, "Unauthorized" },
    { 403, "Forbidden" },    { 404, "Not Found" },       { 416, "Range Not Satisfiable" },
    { 503, "Unavailable" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].status == status)
      return table[i].phrase;
  return "X";
}

gboolean
forge_fake_reply_head (ForgeFakeConnection *connection,
                       guint status,
                       const char *content_type,
                       gint64 length,
                       const char *more)
{
  g_autoptr (GString) head = g_string_new (NULL);

  g_string_printf (head, "HTTP/1.1 %u %s\r\nServer: nginx\r\n", status, reason (status));
  if (content_type)
    g_string_append_printf (head, "Content-Type: %s\r\n", content_type);
  if (length >= 0)
    g_string_append_printf (head, "Content-Length: %" G_GINT64_FORMAT "\r\n", length);
  g_string_append (head, connection->must_close ? "Connection: close\r\n" : "");
  g_string_append (head, more ? more : "");
  g_string_append (head, "\r\n");
  return forge_fake_send (connection, head->str, head->len);
}

gboolean
forge_fake_reply (ForgeFakeConnection *connection,
                  const ForgeFakeRequest *request,
                  guint status,
                  const char *content_type,
                  const char *more,
                  const char *body)
{
  gsize size = strlen (body);

  return forge_fake_reply_head (connection, status, content_type, (gint64)size, more) &&
         (request->is_head || forge_fake_send (connection, body, size));
}
