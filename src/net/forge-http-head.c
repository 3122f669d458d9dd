/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-http-head.h"

#include <string.h>

#define MAX_CHUNK_LINE_BYTES 1024
#define MAX_CHUNK_BYTES      (G_GUINT64_CONSTANT (1) << 40)

void
forge_http_head_clear (ForgeHttpHead *head)
{
  g_clear_pointer (&head->location, g_free);
  g_clear_pointer (&head->content_encoding, g_free);
  g_clear_pointer (&head->content_type, g_free);
  g_clear_pointer (&head->content_range, g_free);
  g_clear_pointer (&head->etag, g_free);
  g_clear_pointer (&head->last_modified, g_free);
  g_clear_pointer (&head->retry_after, g_free);
}

/* Offset behind the empty line that ends the head, 0 = not there yet. */
static gsize
find_end (const char *data, gsize length)
{
  for (gsize i = 0; i + 1 < length; i++) {
    if (data[i] != '\n')
      continue;
    if (data[i + 1] == '\n')
      return i + 2;
    if (data[i + 1] == '\r' && i + 2 < length && data[i + 2] == '\n')
      return i + 3;
  }
  return 0;
}

/* As far as it came, is this the start of a status line? */
static gboolean
may_be_http (const char *data, gsize length)
{
  return length == 0 || memcmp (data, "HTTP/", MIN (length, 5)) == 0 ||
         memcmp (data, "ICY ", MIN (length, 4)) == 0;
}

/* "HTTP/1.1 200 OK" → 200; 0 if it is none. Seen: status codes up to 999 (facts §1.8). */
static guint
read_status (const char *line)
{
  const char *p = line;

  if (g_str_has_prefix (p, "HTTP/1.") && g_ascii_isdigit (p[7]))
    p += 8;
  else if (g_str_has_prefix (p, "ICY"))
    p += 3;
  else
    return 0;
  if (*p != ' ')
    return 0;
  p += strspn (p, " ");
  for (guint i = 0; i < 3; i++)
    if (!g_ascii_isdigit (p[i]))
      return 0;
  if (p[3] != '\0' && p[3] != ' ')
    return 0;
  guint status = (guint)(p[0] - '0') * 100 + (guint)(p[1] - '0') * 10 + (guint)(p[2] - '0');
  return status >= 100 ? status : 0;
}

static gboolean
has_control (const char *text)
{
  for (; *text; text++)
    if ((guchar)*text < ' ' || *text == 0x7F)
      return TRUE;
  return FALSE;
}

static const char *
take_length (ForgeHttpHead *head, const char *value)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &number, NULL))
    return NULL; /* seen: "-1" on live streams; as good as none */
  if (head->content_length >= 0 && head->content_length != (gint64)number)
    return "two different Content-Length";
  head->content_length = (gint64)number;
  return NULL;
}

/* What describes the body: the first of each name counts. */
static void
take_description (ForgeHttpHead *head, const char *name, const char *value)
{
  const struct {
    const char *name;
    char **value;
  } fields[] = {
    { "Content-Type", &head->content_type },
    { "Content-Range", &head->content_range },
    { "ETag", &head->etag },
    { "Last-Modified", &head->last_modified },
    { "Retry-After", &head->retry_after },
  };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (g_ascii_strcasecmp (name, fields[i].name) == 0 && !*fields[i].value && *value &&
        !has_control (value))
      *fields[i].value = g_strdup (value);
}

/* Returns what is wrong with it, or NULL. */
static const char *
take_header (ForgeHttpHead *head, const char *name, const char *value)
{
  if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    return take_length (head, value);
  if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0) {
    head->is_chunked = g_ascii_strcasecmp (value, "chunked") == 0;
    return head->is_chunked || g_ascii_strcasecmp (value, "identity") == 0
               ? NULL
               : "unknown Transfer-Encoding";
  }
  if (g_ascii_strcasecmp (name, "Location") == 0 && !head->location) {
    if (has_control (value))
      return "control characters in Location";
    head->location = g_strdup (value);
  } else if (g_ascii_strcasecmp (name, "Content-Encoding") == 0 && !head->content_encoding &&
             *value && g_ascii_strcasecmp (value, "identity") != 0) {
    head->content_encoding = g_strdup (value);
  } else {
    take_description (head, name, value);
  }
  return NULL;
}

/* Lines without a colon and folded lines say nothing that we need: passed over. */
static const char *
take_line (ForgeHttpHead *head, char *line)
{
  char *colon = strchr (line, ':');

  if (!colon || *line == ' ' || *line == '\t')
    return NULL;
  *colon = '\0';
  return take_header (head, g_strchomp (line), g_strstrip (colon + 1));
}

static const char *
read_lines (ForgeHttpHead *head, char **lines)
{
  const char *wrong = NULL;

  for (char **line = lines; *line && !wrong; line++) {
    gsize length = strlen (*line);
    if (length > 0 && (*line)[length - 1] == '\r')
      (*line)[length - 1] = '\0';
    if (line == lines) {
      head->status = read_status (*line);
      wrong = head->status ? NULL : "no HTTP status line";
    } else {
      wrong = take_line (head, *line);
    }
  }
  return wrong;
}

ForgeHttpHeadResult
forge_http_head_parse (const char *data, gsize length, ForgeHttpHead *head, const char **why)
{
  gsize end = find_end (data, MIN (length, FORGE_HTTP_HEAD_MAX_BYTES));

  *why = NULL;
  if (!may_be_http (data, length))
    *why = "no HTTP answer";
  else if (end == 0 && length >= FORGE_HTTP_HEAD_MAX_BYTES)
    *why = "a response head above 32 KiB";
  else if (end > 0 && memchr (data, '\0', end))
    *why = "a NUL byte in the response head";
  if (*why)
    return FORGE_HTTP_HEAD_BAD;
  if (end == 0)
    return FORGE_HTTP_HEAD_MORE;

  g_autofree char *text = g_strndup (data, end);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  head->length = end;
  head->content_length = -1;
  *why = read_lines (head, lines);
  if (head->is_chunked) /* RFC 9112 §6.3: it overrides the length */
    head->content_length = -1;
  return *why ? FORGE_HTTP_HEAD_BAD : FORGE_HTTP_HEAD_DONE;
}

/* Reads "1f4;ext\r\n" at `data`. Returns the line's bytes, 0 = incomplete, -1 = broken. */
static gssize
read_chunk_line (const guint8 *data, gsize length, guint64 *size)
{
  const guint8 *newline = memchr (data, '\n', MIN (length, MAX_CHUNK_LINE_BYTES));
  gsize digits = 0;

  *size = 0;
  while (digits < length && g_ascii_isxdigit (data[digits]) && *size <= MAX_CHUNK_BYTES)
    *size = *size * 16 + (guint64)g_ascii_xdigit_value ((char)data[digits++]);
  if (digits == 0 && length > 0)
    return -1;
  if (*size > MAX_CHUNK_BYTES || (!newline && length >= MAX_CHUNK_LINE_BYTES))
    return -1;
  if (digits < length && !memchr ("\r\n; \t", data[digits], 5))
    return -1;
  return newline ? newline - data + 1 : 0;
}

/* The line end behind a chunk's data. As above. */
static gssize
read_chunk_end (const guint8 *data, gsize length)
{
  if (length > 0 && data[0] == '\n')
    return 1;
  if (length > 0 && data[0] != '\r')
    return -1;
  if (length < 2)
    return 0;
  return data[1] == '\n' ? 2 : -1;
}

gboolean
forge_http_peek_chunked (const guint8 *data, gsize length, GByteArray *out, gboolean *is_end)
{
  *is_end = FALSE;
  while (length > 0) {
    guint64 size;
    gssize line = read_chunk_line (data, length, &size);
    if (line <= 0)
      return line == 0;
    data += line;
    length -= (gsize)line;
    if (size == 0) {
      *is_end = TRUE;
      return TRUE;
    }
    gsize here = (gsize)MIN (size, length);
    g_byte_array_append (out, data, (guint)here);
    data += here;
    length -= here;
    if (here < size || length == 0)
      return TRUE;
    gssize end = read_chunk_end (data, length);
    if (end <= 0)
      return end == 0;
    data += end;
    length -= (gsize)end;
  }
  return TRUE;
}
