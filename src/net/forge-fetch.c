/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-fetch.h"

#include "base/forge-error.h"
#include "net/forge-dial-text.h"
#include "net/forge-dial-wire.h"
#include "net/forge-net-error.h"

void
forge_fetch_clear (ForgeFetch *fetch)
{
  forge_dial_clear (&fetch->dial);
  forge_http_head_clear (&fetch->head);
}

/* Coded bodies could not be cut by bytes: identity only. */
static char *
format_headers (const ForgeFetchRange *range)
{
  GString *out = g_string_new ("Accept-Encoding: identity\r\n");

  if (range->first >= 0 && range->last >= 0)
    g_string_append_printf (out,
                            "Range: bytes=%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "\r\n",
                            range->first,
                            range->last);
  else if (range->first >= 0)
    g_string_append_printf (out, "Range: bytes=%" G_GINT64_FORMAT "-\r\n", range->first);
  if (range->first >= 0 && range->if_range) {
    g_autofree char *validator = forge_net_header_value (range->if_range);
    g_string_append_printf (out, "If-Range: %s\r\n", validator);
  }
  return g_string_free (out, FALSE);
}

gboolean
forge_fetch_open (const char *url,
                  const ForgeFetchRange *range,
                  const ForgeDialOptions *options,
                  ForgeFetch *fetch,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *headers = format_headers (range);
  const ForgeDialWish wish = { range->is_head ? "HEAD" : "GET", headers };

  return forge_dial_wish (url, &wish, options, &fetch->dial, &fetch->head, cancellable, error);
}

void
forge_fetch_set_status_error (const ForgeFetch *fetch, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               (gint)forge_dial_code_of_status (fetch->head.status),
               "%s: HTTP %u",
               fetch->dial.final_host,
               fetch->head.status);
}

GBytes *
forge_fetch_read_all (ForgeFetch *fetch,
                      gsize max_bytes,
                      guint timeout_ms,
                      GCancellable *cancellable,
                      GError **error)
{
  GByteArray *body = forge_dial_read_text (&fetch->dial, max_bytes, timeout_ms, cancellable, error);

  return body ? g_byte_array_free_to_bytes (body) : NULL;
}

GBytes *
forge_fetch_document (const char *url,
                      const ForgeDialOptions *options,
                      gsize max_bytes,
                      char **content_type,
                      GCancellable *cancellable,
                      GError **error)
{
  g_auto (ForgeFetch) fetch = { 0 };

  if (!forge_fetch_open (url, &FORGE_FETCH_ALL, options, &fetch, cancellable, error))
    return NULL;
  if (fetch.head.status != 200) {
    forge_fetch_set_status_error (&fetch, error);
    return NULL;
  }
  if (content_type)
    *content_type = g_strdup (fetch.head.content_type);
  return forge_fetch_read_all (&fetch,
                               max_bytes,
                               options->first_byte_timeout_ms,
                               cancellable,
                               error);
}
