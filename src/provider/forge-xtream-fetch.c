/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"
#include "formats/forge-unpack.h"
#include "net/forge-url.h"
#include "provider/forge-xtream-private.h"

#include <string.h>

#define READ_BYTES     (64 * 1024)
#define MAX_BODY_BYTES (G_GUINT64_CONSTANT (512) << 20) /* facts §1.7 */
/* All episodes of a series are one member: 20,000 with their details. */
#define MAX_DETAIL_BYTES  (32 * 1024 * 1024)
#define QUOTE_CHARACTERS  60
#define MIN_MASKED_LENGTH 3 /* a password of one letter would mask half the text */

static char *
api_url (const ForgeXtreamLogin *login, const char *action)
{
  g_autofree char *username = forge_url_escape (login->username);
  g_autofree char *password = forge_url_escape (login->password);

  return g_strdup_printf ("%s/player_api.php?username=%s&password=%s%s%s",
                          login->server,
                          username,
                          password,
                          action ? "&action=" : "",
                          action ? action : "");
}

/* Body → unpacked (some send gzip without saying so) → items. */
static gboolean
feed (GInputStream *body, ForgeJsonItems *items, GCancellable *cancellable, GError **error)
{
  ForgeUnpackLimits limits = { .max_out_bytes = MAX_BODY_BYTES };
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (body, &limits);
  g_autofree char *buffer = g_malloc (READ_BYTES);
  gssize n;

  while ((n = forge_unpack_read (unpack, buffer, READ_BYTES, cancellable, error)) > 0)
    if (!forge_json_items_push (items, buffer, (gsize)n))
      return TRUE;
  return n == 0;
}

static void
add_context (const char *what, GError **error)
{
  if (error && *error && (*error)->domain == FORGE_ERROR)
    g_prefix_error (error, "%s: ", what);
}

static gboolean
fetch_into (ForgeHttp *http,
            const ForgeXtreamLogin *login,
            const char *action,
            const char *what,
            ForgeJsonItems *items,
            ForgeJsonEnd *end,
            ForgeJsonCounts *counts,
            GCancellable *cancellable,
            GError **error)
{
  g_autofree char *url = api_url (login, action);
  g_autoptr (ForgeHttpReply) reply = forge_http_get (http, url, NULL, NULL, cancellable, error);
  gboolean is_read = reply && reply->body && feed (reply->body, items, cancellable, error);

  *end = forge_json_items_end (items, counts);
  if (reply && !reply->body) /* a 304 that nobody asked for */
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "HTTP %u without a body", reply->status);
  if (!is_read)
    add_context (what, error);
  return is_read;
}

gboolean
forge_xtream_fetch (ForgeHttp *http,
                    const ForgeXtreamLogin *login,
                    const char *action,
                    const char *what,
                    ForgeJsonItemFunc each,
                    gpointer user_data,
                    ForgeJsonEnd *end,
                    ForgeJsonCounts *counts,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (each, user_data);

  return fetch_into (http, login, action, what, items, end, counts, cancellable, error);
}

gboolean
forge_xtream_fetch_one (ForgeHttp *http,
                        const ForgeXtreamLogin *login,
                        const char *action,
                        gint64 remote_id,
                        const char *what,
                        ForgeJsonItemFunc each,
                        gpointer user_data,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *query = g_strdup_printf ("%s=%" G_GINT64_FORMAT, action, remote_id);
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (each, user_data);
  ForgeJsonCounts counts = { 0 };
  ForgeJsonEnd end;

  forge_json_items_set_max_item (items, MAX_DETAIL_BYTES);
  if (!fetch_into (http, login, query, what, items, &end, &counts, cancellable, error))
    return FALSE;
  if (end == FORGE_JSON_COMPLETE)
    return TRUE;
  if (end == FORGE_JSON_NOT_JSON)
    forge_xtream_set_not_json (login, what, &counts, error);
  else
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_RETRY, "%s: the answer ends in the middle", what);
  return FALSE;
}

static char *
mask (char *text, const char *secret)
{
  if (!secret || strlen (secret) < MIN_MASKED_LENGTH)
    return text;
  g_auto (GStrv) parts = g_strsplit (text, secret, -1);
  g_free (text);
  return g_strjoinv ("***", parts);
}

char *
forge_xtream_quote (const char *text, const ForgeXtreamLogin *login)
{
  char *valid = g_utf8_make_valid (text, -1);

  valid = mask (valid, login->password);
  valid = mask (valid, login->username);
  g_autofree char *redacted = forge_redact_text (valid);
  g_free (valid);
  char *clean = forge_xtream_clean (g_steal_pointer (&redacted), G_MAXSIZE);
  if (!clean)
    return g_strdup ("");
  if (g_utf8_strlen (clean, -1) > QUOTE_CHARACTERS)
    *g_utf8_offset_to_pointer (clean, QUOTE_CHARACTERS) = '\0';
  return clean;
}

gboolean
forge_xtream_is_refusal (const char *text)
{
  static const char *const words[] = { "blocked",      "forbidden",      "access denied",
                                       "unauthorized", "not authorized", "invalid credentials",
                                       "invalid user", "wrong password" };
  g_autofree char *lower = g_ascii_strdown (text, -1);

  if (*lower == '<') /* pages speak of many things */
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i]))
      return TRUE;
  return FALSE;
}

void
forge_xtream_set_not_json (const ForgeXtreamLogin *login,
                           const char *what,
                           const ForgeJsonCounts *counts,
                           GError **error)
{
  g_autofree char *host = forge_url_host (login->server);
  g_autofree char *quote = forge_xtream_quote (counts->head, login);

  if (forge_xtream_is_refusal (counts->head))
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_AUTH, "%s: %s refuses: \"%s\"", what, host, quote);
  else if (!*quote)
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "%s: %s sent nothing", what, host);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s: %s sent no JSON, but \"%s\"",
                 what,
                 host,
                 quote);
}

static void
append_clean (GString *out, gunichar c)
{
  if (c == '\t' || c == '\n' || c == '\r')
    g_string_append_c (out, ' ');
  else if (!g_unichar_iscntrl (c))
    g_string_append_unichar (out, c);
}

static void
trim_end (GString *text)
{
  while (text->len > 0) {
    const char *last = g_utf8_prev_char (text->str + text->len);
    if (!g_unichar_isspace (g_utf8_get_char (last)))
      return;
    g_string_truncate (text, (gsize)(last - text->str));
  }
}

char *
forge_xtream_clean (char *text, gsize max_bytes)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  g_free (text);
  for (const char *p = valid; p && *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    gsize before = out->len;
    if (out->len == 0 && g_unichar_isspace (c))
      continue;
    append_clean (out, c);
    if (out->len > max_bytes) {
      g_string_truncate (out, before);
      break;
    }
  }
  trim_end (out);
  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}
