/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"
#include "server/forge-gzip.h"
#include "server/forge-reply-private.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include <string.h>

/* Below this gzip saves no packet. */
#define GZIP_MIN_BYTES 1024
#define ETAG_DIGITS    20
#define GZIP_TAG       "-gzip"

static void
header_clear (gpointer data)
{
  ForgeHeader *header = data;

  g_free (header->name);
  g_free (header->value);
}

ForgeReply *
forge_reply_new_status (guint status)
{
  ForgeReply *reply = g_new0 (ForgeReply, 1);

  reply->status = status;
  reply->headers = g_array_new (FALSE, FALSE, sizeof (ForgeHeader));
  g_array_set_clear_func (reply->headers, header_clear);
  return reply;
}

ForgeReply *
forge_reply_new (const char *content_type, GBytes *body)
{
  ForgeReply *reply = forge_reply_new_status (SOUP_STATUS_OK);

  reply->content_type = g_strdup (content_type);
  reply->body = body;
  return reply;
}

ForgeReply *
forge_reply_new_text (const char *content_type, char *text)
{
  return forge_reply_new (content_type, g_bytes_new_take (text, strlen (text)));
}

ForgeReply *
forge_reply_new_stream (const char *content_type,
                        ForgeBodyFunc write,
                        gpointer user_data,
                        GDestroyNotify destroy)
{
  ForgeReply *reply = forge_reply_new (content_type, NULL);

  reply->write = write;
  reply->write_data = user_data;
  reply->write_destroy = destroy;
  return reply;
}

ForgeReply *
forge_reply_new_endless (const char *content_type)
{
  ForgeReply *reply = forge_reply_new (content_type, NULL);

  reply->is_endless = TRUE;
  return reply;
}

ForgeReply *
forge_reply_new_file (const char *content_type,
                      gint64 length,
                      ForgeReplyTake take,
                      gpointer user_data,
                      GDestroyNotify destroy)
{
  ForgeReply *reply = forge_reply_new (content_type, NULL);

  reply->is_file = TRUE;
  reply->file_bytes = length;
  reply->take = take;
  reply->take_data = user_data;
  reply->take_destroy = destroy;
  return reply;
}

void
forge_reply_set_status (ForgeReply *reply, guint status)
{
  reply->status = status;
}

static guint
status_of_error (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return SOUP_STATUS_SERVICE_UNAVAILABLE;
  if (error->domain != FORGE_ERROR)
    return SOUP_STATUS_INTERNAL_SERVER_ERROR;
  switch ((ForgeError)error->code) {
  case FORGE_ERROR_RETRY:
  case FORGE_ERROR_LIMIT:
    return SOUP_STATUS_SERVICE_UNAVAILABLE;
  case FORGE_ERROR_AUTH:
    return SOUP_STATUS_FORBIDDEN;
  case FORGE_ERROR_NOT_FOUND:
    return SOUP_STATUS_NOT_FOUND;
  case FORGE_ERROR_INVALID:
    return SOUP_STATUS_BAD_REQUEST;
  case FORGE_ERROR_TOO_LARGE:
    return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
  case FORGE_ERROR_UNSUPPORTED:
    return SOUP_STATUS_NOT_IMPLEMENTED;
  case FORGE_ERROR_HELD_BACK:
    return SOUP_STATUS_CONFLICT;
  case FORGE_ERROR_STORAGE:
  case FORGE_ERROR_INTERNAL:
  default:
    return SOUP_STATUS_INTERNAL_SERVER_ERROR;
  }
}

ForgeReply *
forge_reply_new_error (guint status, const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *message = forge_redact_text (error->message);
  ForgeReply *reply;
  gboolean is_ours = error->domain == FORGE_ERROR;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder,
                                 is_ours ? forge_error_code_name (error->code) : "internal");
  json_builder_set_member_name (builder, "message");
  json_builder_add_string_value (builder, message);
  json_builder_set_member_name (builder, "retryable");
  json_builder_add_boolean_value (builder, forge_error_is_retryable (error));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  reply = forge_reply_new_text ("application/json; charset=utf-8", json_to_string (root, FALSE));
  reply->status = status ? status : status_of_error (error);
  return reply;
}

ForgeReply *
forge_reply_new_tuner_error (guint status, const char *text)
{
  ForgeReply *reply = forge_reply_new_status (status);

  forge_reply_add_header (reply, "X-HDHomeRun-Error", text);
  return reply;
}

static void
clear_stream (ForgeReply *reply)
{
  if (reply->write && reply->write_destroy)
    reply->write_destroy (reply->write_data);
  reply->write = NULL;
}

void
forge_reply_free (ForgeReply *reply)
{
  clear_stream (reply);
  if (reply->take_data && reply->take_destroy)
    reply->take_destroy (reply->take_data);
  g_clear_pointer (&reply->body, g_bytes_unref);
  g_array_unref (reply->headers);
  g_free (reply->content_type);
  g_free (reply->etag);
  g_free (reply);
}

void
forge_reply_set_etag (ForgeReply *reply, const char *tag)
{
  g_free (reply->etag);
  reply->etag = g_strdup (tag);
}

void
forge_reply_add_header (ForgeReply *reply, const char *name, const char *value)
{
  ForgeHeader header = { g_strdup (name), g_strdup (value) };

  g_return_if_fail (!strpbrk (name, "\r\n:") && !strpbrk (value, "\r\n"));

  g_array_append_val (reply->headers, header);
}

guint
forge_reply_status (const ForgeReply *reply)
{
  return reply->status;
}

GBytes *
forge_reply_body (const ForgeReply *reply)
{
  return reply->body;
}

gboolean
forge_reply_is_compressible (const char *content_type)
{
  static const char *const types[] = {
    "text/", "application/json", "application/xml", "audio/x-mpegurl", "image/svg+xml",
  };

  if (g_str_has_prefix (content_type, "text/event-stream"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_has_prefix (content_type, types[i]))
      return TRUE;
  return FALSE;
}

static void
tag_body (ForgeReply *reply)
{
  if (reply->etag || !reply->body)
    return;
  reply->etag = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, reply->body);
  reply->etag[ETAG_DIGITS] = '\0';
}

/* Weak comparison (RFC 9110 §8.8.3.2). Our compressed variants share the tag but for its end. */
static gboolean
is_same_tag (char *candidate, const char *etag)
{
  char *tag = g_strstrip (candidate);
  gsize length;

  if (strcmp (tag, "*") == 0)
    return TRUE;
  if (g_str_has_prefix (tag, "W/"))
    tag += 2;
  length = strlen (tag);
  if (length < 2 || tag[0] != '"' || tag[length - 1] != '"')
    return FALSE;
  tag[length - 1] = '\0';
  tag++;
  if (g_str_has_suffix (tag, GZIP_TAG))
    tag[strlen (tag) - strlen (GZIP_TAG)] = '\0';
  return strcmp (tag, etag) == 0;
}

static gboolean
client_has_it (const ForgeReply *reply, const char *if_none_match)
{
  g_auto (GStrv) tags = NULL;

  if (!reply->etag || !if_none_match)
    return FALSE;
  tags = g_strsplit (if_none_match, ",", -1);
  for (char **tag = tags; *tag; tag++)
    if (is_same_tag (*tag, reply->etag))
      return TRUE;
  return FALSE;
}

static void
make_not_modified (ForgeReply *reply)
{
  reply->status = SOUP_STATUS_NOT_MODIFIED;
  clear_stream (reply);
  g_clear_pointer (&reply->body, g_bytes_unref);
}

static void
compress (ForgeReply *reply)
{
  GBytes *compressed;

  if (reply->write) {
    reply->is_gzipped = TRUE;
    return;
  }
  if (!reply->body || g_bytes_get_size (reply->body) < GZIP_MIN_BYTES)
    return;
  compressed = forge_gzip_bytes (reply->body);
  if (!compressed)
    return;
  g_bytes_unref (reply->body);
  reply->body = compressed;
  reply->is_gzipped = TRUE;
}

static void
add_etag_header (ForgeReply *reply)
{
  g_autofree char *value = NULL;

  if (!reply->etag)
    return;
  value = g_strdup_printf ("\"%s%s\"", reply->etag, reply->is_gzipped ? GZIP_TAG : "");
  forge_reply_add_header (reply, "ETag", value);
}

void
forge_reply_finish (ForgeReply *reply, const ForgeReplyTerms *terms)
{
  gboolean can_shrink = reply->content_type && (reply->body || reply->write) &&
                        forge_reply_is_compressible (reply->content_type);

  if (reply->status == SOUP_STATUS_OK && terms->is_get) {
    tag_body (reply);
    if (client_has_it (reply, terms->if_none_match))
      make_not_modified (reply);
  }
  if (can_shrink)
    forge_reply_add_header (reply, "Vary", "Accept-Encoding");
  if (can_shrink && terms->accepts_gzip && reply->status != SOUP_STATUS_NOT_MODIFIED)
    compress (reply);
  if (reply->is_gzipped)
    forge_reply_add_header (reply, "Content-Encoding", "gzip");
  add_etag_header (reply);
}
