/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-http-body.h"
#include "net/forge-http-private.h"
#include "net/forge-net-error.h"
#include "net/forge-net-wait.h"
#include "net/forge-tls.h"

#include <libsoup/soup.h>

#include <string.h>

#define CONNECT_TIMEOUT_S    10
#define FIRST_BYTE_TIMEOUT_S 90
#define IDLE_TIMEOUT_S       60
#define IDLE_CONNECTION_S    5 /* panels count pooled sockets, facts §1.8 */
#define MAX_CONNECTIONS      8 /* replies that are held unread must not block the next request */
#define MAX_TIMEOUT_S        86400
#define MAX_REDIRECTS        5
#define MAX_BODY_BYTES       (G_GUINT64_CONSTANT (1) << 30)
#define MAX_RETRY_AFTER_S    86400
#define MAX_VALIDATOR_BYTES  1024
#define URI_FLAGS            (SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED)

/**
 * libsoup does the protocol; what its one "timeout" property cannot tell apart – connecting,
 * waiting for the head, silence in the body – is timed here, per phase, by ForgeNetWait:
 *
 *   phase       | starts at             | limit
 *   connect     | the call, a restart   | connect_timeout (look-up, TCP, proxy, TLS)
 *   first byte  | "starting"            | first_byte_timeout (request sent, head read)
 *   body        | each read             | idle_timeout (forge-http-body)
 */
struct _ForgeHttp {
  GMainContext *context;
  SoupSession *session;
  char *user_agent, *referrer, *proxy;
  gboolean verify_tls;
  guint connect_timeout_ms, first_byte_timeout_ms, idle_timeout_ms;
  guint64 max_body_bytes;
  guint last_status;
};

static guint
limit_ms (guint seconds, guint fallback)
{
  return MIN (seconds ? seconds : fallback, MAX_TIMEOUT_S) * 1000;
}

static SoupSession *
session_new (const char *proxy)
{
  /* No limit of libsoup's own; no proxy but the account's, whatever the desktop says. */
  SoupSession *session = soup_session_new_with_options ("timeout",
                                                        0,
                                                        "idle-timeout",
                                                        IDLE_CONNECTION_S,
                                                        "max-conns-per-host",
                                                        MAX_CONNECTIONS,
                                                        NULL);
  g_autoptr (GProxyResolver) resolver = proxy ? g_simple_proxy_resolver_new (proxy, NULL) : NULL;

  soup_session_set_proxy_resolver (session, resolver);
  return session;
}

/* A file that cannot be read trusts nobody: it says so in the log, and every certificate fails. */
static void
set_trust (SoupSession *session)
{
  const char *path = forge_tls_trust_file ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsDatabase) database = path ? g_tls_file_database_new (path, &error) : NULL;

  if (database)
    soup_session_set_tls_database (session, database);
  else if (error)
    g_message ("SSL_CERT_FILE: %s", error->message);
}

ForgeHttp *
forge_http_new (const ForgeHttpOptions *options)
{
  g_return_val_if_fail (options && options->user_agent, NULL);
  ForgeHttp *http = g_new0 (ForgeHttp, 1);

  http->context = g_main_context_new ();
  http->user_agent = forge_net_header_value (options->user_agent);
  http->referrer = g_strdup (options->referrer);
  http->proxy = g_strdup (options->proxy);
  http->verify_tls = options->verify_tls;
  http->connect_timeout_ms = limit_ms (options->connect_timeout_s, CONNECT_TIMEOUT_S);
  http->first_byte_timeout_ms = limit_ms (options->first_byte_timeout_s, FIRST_BYTE_TIMEOUT_S);
  http->idle_timeout_ms = limit_ms (options->idle_timeout_s, IDLE_TIMEOUT_S);
  http->max_body_bytes = MAX_BODY_BYTES;
  g_main_context_push_thread_default (http->context);
  http->session = session_new (http->proxy);
  set_trust (http->session);
  if (options->keeps_cookies)
    soup_session_add_feature_by_type (http->session, SOUP_TYPE_COOKIE_JAR);
  g_main_context_pop_thread_default (http->context);
  return http;
}

void
forge_http_free (ForgeHttp *http)
{
  if (!http)
    return;
  g_main_context_push_thread_default (http->context);
  soup_session_abort (http->session);
  g_object_unref (http->session);
  while (g_main_context_pending (http->context))
    g_main_context_iteration (http->context, FALSE);
  g_main_context_pop_thread_default (http->context);
  g_main_context_unref (http->context);
  g_free (http->user_agent);
  g_free (http->referrer);
  g_free (http->proxy);
  g_free (http);
}

void
forge_http_set_max_body (ForgeHttp *http, guint64 max_bytes)
{
  http->max_body_bytes = max_bytes;
}

GMainContext *
forge_http_context (ForgeHttp *http)
{
  return http->context;
}

void
forge_http_reply_free (ForgeHttpReply *reply)
{
  if (!reply)
    return;
  g_free (reply->content_type);
  g_free (reply->etag);
  g_free (reply->last_modified);
  g_free (reply->final_url);
  g_clear_object (&reply->body);
  g_free (reply);
}

/* ---- one request ---- */

typedef struct {
  const char *etag, *last_modified; /* NULL = unconditional */
  gboolean is_media;
  gint64 offset, length; /* length -1 = all of it */
} Want;

static gboolean
is_range (const Want *want)
{
  return want->length > 0;
}

typedef struct {
  ForgeHttp *http;
  ForgeNetWait wait;
  gboolean is_connected;
} Exchange;

static void
on_starting (SoupMessage *message, gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->is_connected = TRUE;
  forge_net_wait_arm (&exchange->wait, exchange->http->first_byte_timeout_ms);
}

/* libsoup tries again by itself when a kept connection turns out to be closed. */
static void
on_restarted (SoupMessage *message, gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->is_connected = FALSE;
  forge_net_wait_arm (&exchange->wait, exchange->http->connect_timeout_ms);
}

static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       gpointer user_data)
{
  Exchange *exchange = user_data;

  return !exchange->http->verify_tls;
}

static void
set_send_error (const Exchange *exchange, const char *host, GError *cause, GError **error)
{
  const ForgeHttp *http = exchange->http;

  if (!exchange->wait.timed_out) {
    forge_net_set_cause (error, host, cause);
    return;
  }
  g_error_free (cause);
  if (exchange->is_connected)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_RETRY,
                 "%s: sent no answer within %u s",
                 host,
                 http->first_byte_timeout_ms / 1000);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_RETRY,
                 "%s: no connection within %u s",
                 host,
                 http->connect_timeout_ms / 1000);
}

static GInputStream *
send_message (ForgeHttp *http,
              SoupMessage *message,
              const char *host,
              GCancellable *cancellable,
              GError **error)
{
  Exchange exchange = { .http = http };
  g_autoptr (GError) cause = NULL;

  g_signal_connect (message, "starting", G_CALLBACK (on_starting), &exchange);
  g_signal_connect (message, "restarted", G_CALLBACK (on_restarted), &exchange);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (on_accept_certificate), &exchange);
  forge_net_wait_begin (&exchange.wait, http->context, cancellable);
  forge_net_wait_arm (&exchange.wait, http->connect_timeout_ms);
  soup_session_send_async (http->session,
                           message,
                           G_PRIORITY_DEFAULT,
                           exchange.wait.cancellable,
                           forge_net_wait_done,
                           &exchange.wait);
  GInputStream *body =
      soup_session_send_finish (http->session, forge_net_wait_result (&exchange.wait), &cause);
  if (!body)
    set_send_error (&exchange, host, g_steal_pointer (&cause), error);
  forge_net_wait_end (&exchange.wait);
  g_signal_handlers_disconnect_by_data (message, &exchange);
  return body;
}

static void
set_header (SoupMessage *message, const char *name, const char *value)
{
  g_autofree char *clean = value ? forge_net_header_value (value) : NULL;

  if (clean && *clean && strlen (clean) <= MAX_VALIDATOR_BYTES)
    soup_message_headers_replace (soup_message_get_request_headers (message), name, clean);
}

static SoupMessage *
message_new (ForgeHttp *http, GUri *uri, const Want *want)
{
  SoupMessage *message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  set_header (message, "User-Agent", http->user_agent);
  set_header (message, "Referer", http->referrer);
  set_header (message, "Accept-Encoding", want->is_media ? "identity" : "gzip");
  /* Seen with libsoup 3.2.3: after a list that took long to read, the next request on the same
   * connection is never answered, or crashes. Documents are few: each has its own. */
  if (!want->is_media)
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  set_header (message, "If-None-Match", want->etag);
  set_header (message, "If-Modified-Since", want->last_modified);
  if (want->length > 0)
    soup_message_headers_set_range (soup_message_get_request_headers (message),
                                    want->offset,
                                    want->offset + want->length - 1);
  return message;
}

/* ---- redirects ---- */

static gboolean
check_uri (GUri *uri, const char *what, GError **error)
{
  const char *scheme = uri ? g_uri_get_scheme (uri) : "";
  const char *host = uri ? g_uri_get_host (uri) : NULL;
  gboolean is_http = g_str_equal (scheme, "http") || g_str_equal (scheme, "https");

  if (is_http && host && *host)
    return TRUE;
  if (!uri || is_http)
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "%s is not a valid URL", what);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_UNSUPPORTED,
                 "%s is %.20s://, only http:// and https:// are followed",
                 what,
                 scheme);
  return FALSE;
}

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static GUri *
redirect_target (SoupMessage *message, const char *host, GError **error)
{
  const char *location =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  g_autofree char *what = g_strdup_printf ("the redirect of %s", host);
  g_autoptr (GUri) uri =
      location ? g_uri_parse_relative (soup_message_get_uri (message), location, URI_FLAGS, NULL)
               : NULL;

  return check_uri (uri, what, error) ? g_steal_pointer (&uri) : NULL;
}

/* ---- the answer ---- */

static guint
retry_after_s (SoupMessage *message)
{
  const char *text =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  guint64 seconds;

  if (!text)
    return 0;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seconds, NULL))
    return (guint)MIN (seconds, MAX_RETRY_AFTER_S);
  g_autoptr (GDateTime) when = soup_date_time_new_from_http_string (text);
  gint64 from_now = when ? g_date_time_to_unix (when) - g_get_real_time () / G_USEC_PER_SEC : 0;
  return (guint)CLAMP (from_now, 0, MAX_RETRY_AFTER_S);
}

static ForgeError
code_of_status (guint status)
{
  switch (status) {
  case 401:
    return FORGE_ERROR_AUTH;
  case 403:
  case 429:
  case 458:
  case 509:
    return FORGE_ERROR_LIMIT;
  case 404:
  case 410:
    return FORGE_ERROR_NOT_FOUND;
  case 408:
    return FORGE_ERROR_RETRY;
  default:
    return status >= 500 && status <= 599 ? FORGE_ERROR_RETRY : FORGE_ERROR_INVALID;
  }
}

static void
set_status_error (SoupMessage *message, const char *host, GError **error)
{
  guint status = soup_message_get_status (message);
  guint wait_s = retry_after_s (message);

  if (wait_s > 0)
    g_set_error (error,
                 FORGE_ERROR,
                 (gint)code_of_status (status),
                 "%s: HTTP %u, asks to wait %u s",
                 host,
                 status,
                 wait_s);
  else
    g_set_error (error, FORGE_ERROR, (gint)code_of_status (status), "%s: HTTP %u", host, status);
}

static gint64
sent_length (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "Content-Length");
  guint64 length;

  if (text && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &length, NULL))
    return (gint64)length;
  return -1;
}

/* -1 unless it is a 206. One without Content-Range, or with several parts, starts nowhere. */
static gint64
sent_range_start (SoupMessage *message)
{
  goffset start = 0, end = 0, total = 0;

  if (soup_message_get_status (message) != SOUP_STATUS_PARTIAL_CONTENT)
    return -1;
  return soup_message_headers_get_content_range (soup_message_get_response_headers (message),
                                                 &start,
                                                 &end,
                                                 &total)
             ? start
             : G_MAXINT64;
}

static ForgeHttpReply *
reply_new (ForgeHttp *http,
           SoupMessage *message,
           const Want *want,
           GInputStream *body,
           const char *host)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  ForgeHttpReply *reply = g_new0 (ForgeHttpReply, 1);

  reply->status = soup_message_get_status (message);
  reply->content_type = g_strdup (soup_message_headers_get_one (headers, "Content-Type"));
  reply->etag = g_strdup (soup_message_headers_get_one (headers, "ETag"));
  reply->last_modified = g_strdup (soup_message_headers_get_one (headers, "Last-Modified"));
  reply->length = sent_length (headers);
  reply->retry_after_s = retry_after_s (message);
  reply->final_url = g_uri_to_string (soup_message_get_uri (message));
  reply->range_start = sent_range_start (message);
  if (reply->status != SOUP_STATUS_NOT_MODIFIED)
    reply->body = forge_http_body_new (body,
                                       http->context,
                                       host,
                                       http->idle_timeout_ms,
                                       http->max_body_bytes);
  return reply;
}

/* One hop. Returns the reply, or NULL with `*next` set for a redirect, or NULL with an error. */
static ForgeHttpReply *
get_once (ForgeHttp *http,
          SoupMessage *message,
          const Want *want,
          GUri **next,
          GCancellable *cancellable,
          GError **error)
{
  const char *host = g_uri_get_host (soup_message_get_uri (message));
  g_autoptr (GInputStream) body = send_message (http, message, host, cancellable, error);
  guint status = soup_message_get_status (message);
  ForgeHttpReply *reply = NULL;

  if (!body)
    return NULL;
  http->last_status = status;
  if (is_redirect (status))
    *next = redirect_target (message, host, error);
  else if (status == SOUP_STATUS_OK || status == SOUP_STATUS_NOT_MODIFIED ||
           (status == SOUP_STATUS_PARTIAL_CONTENT && is_range (want)))
    reply = reply_new (http, message, want, body, host);
  else
    set_status_error (message, host, error);

  g_main_context_push_thread_default (http->context);
  g_clear_object (&body);
  g_main_context_pop_thread_default (http->context);
  return reply;
}

static ForgeHttpReply *
get (ForgeHttp *http, const char *url, const Want *want, GCancellable *cancellable, GError **error)
{
  http->last_status = 0;
  g_autoptr (GUri) uri = g_uri_parse (url, URI_FLAGS, NULL);

  if (!check_uri (uri, "the address", error) || !forge_net_check_proxy (http->proxy, error))
    return NULL;
  for (guint hop = 0; hop <= MAX_REDIRECTS; hop++) {
    http->last_status = 0;
    g_autoptr (SoupMessage) message = message_new (http, uri, want);
    GUri *next = NULL;
    ForgeHttpReply *reply = get_once (http, message, want, &next, cancellable, error);
    if (!next)
      return reply;
    g_uri_unref (uri);
    uri = next;
  }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: redirected more than %d times",
               g_uri_get_host (uri),
               MAX_REDIRECTS);
  return NULL;
}

ForgeHttpReply *
forge_http_get (ForgeHttp *http,
                const char *url,
                const char *etag,
                const char *last_modified,
                GCancellable *cancellable,
                GError **error)
{
  const Want want = { .etag = etag, .last_modified = last_modified, .length = -1 };

  g_return_val_if_fail (http && url, NULL);
  return get (http, url, &want, cancellable, error);
}

ForgeHttpReply *
forge_http_get_range (ForgeHttp *http,
                      const char *url,
                      gint64 offset,
                      gint64 length,
                      GCancellable *cancellable,
                      GError **error)
{
  const Want want = { .is_media = TRUE, .offset = offset, .length = length };

  g_return_val_if_fail (http && url && offset >= 0, NULL);
  return get (http, url, &want, cancellable, error);
}

guint
forge_http_last_status (const ForgeHttp *http)
{
  return http->last_status;
}
