/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-body.h"

#include <string.h>

#define FLUSH_BYTES 32768u
/* What a document with a wrong length lacks at its end. */
#define MISSING_BYTES G_GINT64_CONSTANT (10000000)

void
forge_fake_body_begin (ForgeFakeBody *body,
                       ForgeFakeConnection *connection,
                       const ForgeFakeRequest *request,
                       const ForgeFakeFaults *faults,
                       const char *content_type,
                       const char *more)
{
  gboolean has_wrong_length = forge_fake_has (faults, FORGE_FAKE_WRONG_LENGTH);
  gboolean is_cut = forge_fake_has (faults, FORGE_FAKE_TRUNCATED_GZIP);
  gboolean is_gzipped = is_cut || (request->accepts_gzip && !has_wrong_length);
  gboolean is_chunked = request->has_http11 && !has_wrong_length;
  g_autofree char *head = g_strconcat (more ? more : "",
                                       is_gzipped ? "Content-Encoding: gzip\r\n" : "",
                                       is_chunked ? "Transfer-Encoding: chunked\r\n" : "",
                                       NULL);

  *body = (ForgeFakeBody){ .text = g_string_sized_new (FLUSH_BYTES * 2) };
  forge_fake_gate_init (&body->gate, connection, faults);
  body->is_head = request->is_head;
  body->is_chunked = is_chunked;
  body->is_cut = is_cut;
  if (is_gzipped)
    body->gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 1);
  connection->must_close = connection->must_close || !is_chunked;
  body->has_failed = !forge_fake_reply_head (connection,
                                             200,
                                             content_type,
                                             has_wrong_length ? MISSING_BYTES : -1,
                                             head);
}

static void
send_chunk (ForgeFakeBody *body, const void *data, gsize size)
{
  char head[24];
  int head_size = g_snprintf (head, sizeof head, "%" G_GSIZE_MODIFIER "x\r\n", size);

  if (size == 0 || body->is_head || body->has_failed)
    return;
  if (body->is_chunked && !forge_fake_send (body->gate.connection, head, (gsize)head_size))
    body->has_failed = TRUE;
  else if (!forge_fake_gate_send (&body->gate, data, size))
    body->has_failed = TRUE;
  else if (body->is_chunked && !forge_fake_send (body->gate.connection, "\r\n", 2))
    body->has_failed = TRUE;
}

/* Runs the gathered text through the compressor; G_CONVERTER_INPUT_AT_END finishes it. */
static void
send_compressed (ForgeFakeBody *body, GConverterFlags flags)
{
  char out[16384];
  const char *in = body->text->str;
  gsize left = body->text->len;
  GConverterResult result = G_CONVERTER_CONVERTED;

  /* Ends with FINISHED or FLUSHED; with ERROR where the compressor has nothing to do. */
  while (!body->has_failed && (left > 0 || flags) && result == G_CONVERTER_CONVERTED) {
    gsize taken = 0, made = 0;

    result = g_converter_convert (G_CONVERTER (body->gzip),
                                  in,
                                  left,
                                  out,
                                  sizeof out,
                                  flags,
                                  &taken,
                                  &made,
                                  NULL);
    in += taken;
    left -= taken;
    send_chunk (body, out, made);
  }
}

static void
flush (ForgeFakeBody *body, GConverterFlags flags)
{
  if (body->gzip)
    send_compressed (body, flags);
  else
    send_chunk (body, body->text->str, body->text->len);
  g_string_truncate (body->text, 0);
}

void
forge_fake_body_push (ForgeFakeBody *body)
{
  if (body->text->len >= FLUSH_BYTES)
    flush (body, G_CONVERTER_NO_FLAGS);
}

gboolean
forge_fake_body_end (ForgeFakeBody *body)
{
  ForgeFakeConnection *connection = body->gate.connection;

  if (body->is_cut) {
    /* Enough of it to be recognised as gzip, but not its end. */
    g_string_truncate (body->text, body->text->len / 2);
    flush (body, G_CONVERTER_FLUSH);
  } else {
    flush (body, G_CONVERTER_INPUT_AT_END);
  }
  if (body->is_chunked && !body->is_head && !body->has_failed)
    body->has_failed = !forge_fake_send (connection, "0\r\n\r\n", 5);
  g_clear_object (&body->gzip);
  g_string_free (body->text, TRUE);
  body->text = NULL;
  return !body->has_failed && !connection->must_close;
}

void
forge_fake_append_json (GString *out, const char *text)
{
  if (!text) {
    g_string_append (out, "null");
    return;
  }
  g_string_append_c (out, '"');
  for (const char *p = text; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (out, '\\');
    if ((guchar)*p < 0x20)
      g_string_append_printf (out, "\\u%04x", *p);
    else
      g_string_append_c (out, *p);
  }
  g_string_append_c (out, '"');
}

void
forge_fake_append_xml (GString *out, const char *text)
{
  for (const char *p = text; *p; p++) {
    switch (*p) {
    case '&':
      g_string_append (out, "&amp;");
      break;
    case '<':
      g_string_append (out, "&lt;");
      break;
    case '>':
      g_string_append (out, "&gt;");
      break;
    case '"':
      g_string_append (out, "&quot;");
      break;
    case '\'':
      g_string_append (out, "&apos;");
      break;
    default:
      g_string_append_c (out, *p);
    }
  }
}
