/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-dial.h"

#include "base/forge-error.h"
#include "net/forge-dial-sniff.h"
#include "net/forge-dial-wire.h"
#include "net/forge-http-head.h"
#include "net/forge-net-error.h"
#include "net/forge-net-poll.h"

#include <errno.h>
#include <string.h>

#define MAX_REDIRECTS  5
#define MAX_INTERIM    8     /* 1xx heads before the real one */
#define READ_SIZE      16384 /* one TLS record */
#define SNIFF_GRACE_MS 500   /* undecided bytes may settle for so long */
#define URI_FLAGS      (G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE | G_URI_FLAGS_PARSE_RELAXED)

/**
 * A dial in steps; each ends in the next one, or in an error with everything closed:
 *
 *   step     | ends when
 *   hop      | a head came that is no redirect (at most MAX_REDIRECTS + 1 connections)
 *   classify | the status is one that carries a body
 *   body     | the first (decoded) body byte came
 *   sniff    | packets or a playlist are seen, or it is clear that there are none
 */
typedef struct {
  const ForgeDialOptions *options;
  const ForgeDialWish *wish;
  ForgeDial *dial;
  GUri *uri; /* of the hop at hand */
  GUri *first_uri;
  ForgeDeadline deadline;
  GByteArray *input; /* read and not yet used */
  gboolean is_eof;
  char *read_error; /* why is_eof, NULL = closed in order */
  gint64 started_us, head_us;
} Attempt;

static void
attempt_clear (Attempt *attempt)
{
  g_clear_pointer (&attempt->uri, g_uri_unref);
  g_clear_pointer (&attempt->first_uri, g_uri_unref);
  g_clear_pointer (&attempt->input, g_byte_array_unref);
  g_clear_pointer (&attempt->read_error, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attempt, attempt_clear)

void
forge_dial_clear (ForgeDial *dial)
{
  forge_dial_wire_close (&dial->bytes);
  g_clear_pointer (&dial->leftover, g_free);
  g_clear_pointer (&dial->final_host, g_free);
  g_clear_pointer (&dial->final_url, g_free);
  dial->leftover_bytes = 0;
}

G_GNUC_PRINTF (4, 5)
static gboolean
fail (const Attempt *attempt, ForgeError code, GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FORGE_ERROR, (gint)code, "%s: %s", attempt->deadline.host, text);
  return FALSE;
}

static void
set_deadline (Attempt *attempt, const char *phase, guint budget_ms, gint64 from_us)
{
  attempt->deadline.phase = phase;
  attempt->deadline.budget_ms = budget_ms;
  attempt->deadline.at_us = from_us + (gint64)budget_ms * 1000;
}

/* A part of the way to the head, where it has a limit of its own. */
static void
set_part_deadline (Attempt *attempt, const char *phase, guint budget_ms)
{
  const ForgeDialOptions *options = attempt->options;
  guint total_ms = options->connect_timeout_ms + options->head_timeout_ms;
  gint64 now_us = g_get_monotonic_time ();

  if (options->head_timeout_ms == 0)
    return;
  if (now_us + (gint64)budget_ms * 1000 < attempt->started_us + (gint64)total_ms * 1000)
    set_deadline (attempt, phase, budget_ms, now_us);
  else
    set_deadline (attempt, "no answer", total_ms, attempt->started_us);
}

/* ---- reading ---- */

/* Adds what came to `input`, at the end of the connection sets is_eof. Waits for the deadline. */
static gboolean
read_more (Attempt *attempt, GError **error)
{
  guint8 buffer[READ_SIZE];

  for (;;) {
    ssize_t n = forge_dial_wire_read (&attempt->dial->bytes, buffer, sizeof buffer);
    if (n > 0) {
      g_byte_array_append (attempt->input, buffer, (guint)n);
      return !g_cancellable_set_error_if_cancelled (attempt->deadline.stop, error);
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      attempt->is_eof = TRUE;
      attempt->read_error = n < 0 ? g_strdup (g_strerror (errno)) : NULL;
      return TRUE;
    }
    if (errno == EAGAIN &&
        !forge_deadline_poll (&attempt->deadline, attempt->dial->bytes.fd, G_IO_IN, error))
      return FALSE;
  }
}

/* A peer that drips keeps the descriptor readable: the clock is asked before every read. */
static gboolean
read_before_deadline (Attempt *attempt, GError **error)
{
  if (forge_deadline_left_ms (&attempt->deadline) > 0)
    return read_more (attempt, error);
  forge_deadline_set_error (&attempt->deadline, error);
  return FALSE;
}

static gboolean
fail_at_eof (const Attempt *attempt, const char *when, GError **error)
{
  return fail (attempt,
               FORGE_ERROR_RETRY,
               error,
               "%s %s",
               attempt->read_error ? attempt->read_error : "closed the connection",
               when);
}

/* What is no HTTP at all is quoted; a head is not: its Location may hold the password. */
static gboolean
fail_bad_head (const Attempt *attempt, const char *why, GError **error)
{
  const GByteArray *input = attempt->input;
  gboolean is_http = input->len > 0 && (input->data[0] == 'H' || input->data[0] == 'I');
  g_autofree char *quote = is_http ? NULL : forge_net_quote (input->data, input->len);

  if (!quote)
    return fail (attempt, FORGE_ERROR_INVALID, error, "broken HTTP: %s", why);
  return fail (attempt, FORGE_ERROR_INVALID, error, "no HTTP, but \"%s\"", quote);
}

/* Reads one head and takes it off `input`. */
static gboolean
read_head (Attempt *attempt, ForgeHttpHead *head, GError **error)
{
  for (;;) {
    const char *why;
    ForgeHttpHeadResult result =
        forge_http_head_parse ((const char *)attempt->input->data, attempt->input->len, head, &why);
    if (result == FORGE_HTTP_HEAD_BAD)
      return fail_bad_head (attempt, why, error);
    if (result == FORGE_HTTP_HEAD_DONE) {
      g_byte_array_remove_range (attempt->input, 0, (guint)head->length);
      return TRUE;
    }
    if (attempt->is_eof)
      return fail_at_eof (attempt, "before its answer was complete", error);
    if (!read_before_deadline (attempt, error))
      return FALSE;
  }
}

/* Skips interim heads (RFC 9110 §15.2). */
static gboolean
read_final_head (Attempt *attempt, ForgeHttpHead *head, GError **error)
{
  for (guint i = 0; i < MAX_INTERIM; i++) {
    if (!read_head (attempt, head, error))
      return FALSE;
    attempt->dial->http_status = head->status;
    if (head->status >= 200)
      return TRUE;
    if (head->status == 101)
      break;
    forge_http_head_clear (head);
    *head = (ForgeHttpHead){ 0 };
  }
  return fail (attempt, FORGE_ERROR_INVALID, error, "HTTP %u and no answer", head->status);
}

/* ---- hops ---- */

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static gboolean
set_uri (Attempt *attempt, GUri *uri)
{
  g_clear_pointer (&attempt->uri, g_uri_unref);
  attempt->uri = uri;
  g_free (attempt->dial->final_host);
  attempt->dial->final_host = g_strdup (g_uri_get_host (uri));
  g_free (attempt->dial->final_url);
  attempt->dial->final_url = g_uri_to_string (uri);
  attempt->deadline.host = attempt->dial->final_host;
  return TRUE;
}

static gboolean
follow (Attempt *attempt, const ForgeHttpHead *head, GError **error)
{
  if (!head->location)
    return fail (attempt, FORGE_ERROR_INVALID, error, "HTTP %u without Location", head->status);
  GUri *uri = g_uri_parse_relative (attempt->uri, head->location, URI_FLAGS, NULL);
  const char *scheme = uri ? g_uri_get_scheme (uri) : "";

  if (uri && !g_str_equal (scheme, "http") && !g_str_equal (scheme, "https"))
    fail (attempt, FORGE_ERROR_UNSUPPORTED, error, "redirects to %.20s://", scheme);
  else if (!uri || !g_uri_get_host (uri) || !*g_uri_get_host (uri))
    fail (attempt, FORGE_ERROR_INVALID, error, "redirects to what is not a URL");
  else
    return set_uri (attempt, uri);
  g_clear_pointer (&uri, g_uri_unref);
  return FALSE;
}

/* Cookies and the like are not for whoever a host redirects to. */
static gboolean
is_own_host (const Attempt *attempt)
{
  const char *scheme = g_uri_get_scheme (attempt->uri);

  return g_ascii_strcasecmp (g_uri_get_host (attempt->uri), g_uri_get_host (attempt->first_uri)) ==
             0 &&
         (g_str_equal (scheme, "https") ||
          g_str_equal (scheme, g_uri_get_scheme (attempt->first_uri)));
}

static gboolean
dial_once (Attempt *attempt, ForgeHttpHead *head, GError **error)
{
  ForgeDialWish wish = *attempt->wish;

  if (!is_own_host (attempt))
    wish.own = NULL;
  g_byte_array_set_size (attempt->input, 0);
  attempt->is_eof = FALSE;
  attempt->dial->http_status = 0;
  g_clear_pointer (&attempt->read_error, g_free);
  if (attempt->options->guard &&
      !forge_guard_check_uri (attempt->options->guard, attempt->uri, error))
    return FALSE;
  set_part_deadline (attempt, "no connection", attempt->options->connect_timeout_ms);
  if (!forge_dial_wire_open (attempt->uri,
                             &wish,
                             attempt->options,
                             &attempt->deadline,
                             &attempt->dial->bytes,
                             error))
    return FALSE;
  set_part_deadline (attempt, "no answer", attempt->options->head_timeout_ms);
  return read_final_head (attempt, head, error);
}

/* Ends with the head of an answer that is no redirect. */
static gboolean
dial_hops (Attempt *attempt, ForgeHttpHead *head, GError **error)
{
  for (guint hop = 0; hop <= MAX_REDIRECTS; hop++) {
    if (!dial_once (attempt, head, error))
      return FALSE;
    if (!is_redirect (head->status)) {
      attempt->head_us = g_get_monotonic_time ();
      attempt->dial->connect_us = attempt->head_us - attempt->started_us;
      return TRUE;
    }
    forge_dial_wire_close (&attempt->dial->bytes);
    if (!follow (attempt, head, error))
      return FALSE;
    forge_http_head_clear (head);
    *head = (ForgeHttpHead){ 0 };
  }
  return fail (attempt, FORGE_ERROR_INVALID, error, "redirected more than %d times", MAX_REDIRECTS);
}

/* ---- the head ---- */

/* Facts §1.8; what is unknown is a refusal of this URL. */
ForgeError
forge_dial_code_of_status (guint status)
{
  switch (status) {
  case 401:
    return FORGE_ERROR_AUTH;
  case 403:
  case 429:
  case 458:
  case 509:
    return FORGE_ERROR_LIMIT;
  case 408:
    return FORGE_ERROR_RETRY;
  default:
    break;
  }
  if (status >= 400 && status <= 499)
    return FORGE_ERROR_NOT_FOUND;
  return status >= 500 && status <= 599 ? FORGE_ERROR_RETRY : FORGE_ERROR_INVALID;
}

static gboolean
classify (Attempt *attempt, const ForgeHttpHead *head, GError **error)
{
  ForgeDial *dial = attempt->dial;

  if (head->status != 200 && head->status != 203 && head->status != 206)
    return fail (attempt, forge_dial_code_of_status (head->status), error, "HTTP %u", head->status);
  if (head->content_encoding)
    return fail (attempt,
                 FORGE_ERROR_UNSUPPORTED,
                 error,
                 "sends the stream coded as %.20s",
                 head->content_encoding);
  dial->is_chunked = head->is_chunked;
  dial->content_length = head->content_length;
  return TRUE;
}

/* ---- the body ---- */

/* What came of the body, chunk coding undone, and whether that is all of it. */
static gboolean
peek_body (Attempt *attempt, GByteArray *body, gboolean *is_all, GError **error)
{
  const ForgeDial *dial = attempt->dial;
  const GByteArray *input = attempt->input;

  g_byte_array_set_size (body, 0);
  *is_all = attempt->is_eof;
  if (!dial->is_chunked) {
    g_byte_array_append (body, input->data, input->len);
    *is_all |= dial->content_length >= 0 && (gint64)input->len >= dial->content_length;
    return TRUE;
  }
  gboolean is_end;
  if (!forge_http_peek_chunked (input->data, input->len, body, &is_end))
    return fail (attempt, FORGE_ERROR_INVALID, error, "broken chunk coding");
  *is_all |= is_end;
  return TRUE;
}

static gboolean
read_first_byte (Attempt *attempt, GByteArray *body, gboolean *is_all, GError **error)
{
  if (!peek_body (attempt, body, is_all, error))
    return FALSE;
  while (body->len == 0) {
    if (attempt->is_eof)
      return fail_at_eof (attempt, "without sending a byte", error);
    if (*is_all)
      return fail (attempt, FORGE_ERROR_RETRY, error, "sent an empty answer");
    if (forge_deadline_left_ms (&attempt->deadline) == 0 || !read_more (attempt, error)) {
      if (error && *error && (*error)->domain != FORGE_ERROR)
        return FALSE; /* cancelled */
      g_clear_error (error);
      return fail (attempt,
                   FORGE_ERROR_RETRY,
                   error,
                   "sent nothing for %u ms",
                   attempt->options->first_byte_timeout_ms);
    }
    if (!peek_body (attempt, body, is_all, error))
      return FALSE;
  }
  attempt->dial->first_byte_us = g_get_monotonic_time () - attempt->head_us;
  return TRUE;
}

static gboolean
fail_text (const Attempt *attempt, const GByteArray *body, GError **error)
{
  g_autofree char *quote = forge_net_quote (body->data, body->len);

  return fail (attempt, FORGE_ERROR_INVALID, error, "sent text, not video: \"%s\"", quote);
}

/* The bytes stay undecided: `is_final` if no more will come. */
static gboolean
settle (Attempt *attempt,
        ForgeSniff sniff,
        const GByteArray *body,
        gboolean is_final,
        GError **error)
{
  if (sniff == FORGE_SNIFF_TEXT)
    return fail_text (attempt, body, error);
  if (is_final && body->data[0] != 'G')
    return fail (attempt,
                 FORGE_ERROR_INVALID,
                 error,
                 "no MPEG-TS packets in the first %u bytes",
                 body->len);
  attempt->dial->kind = FORGE_DIAL_TS;
  return TRUE;
}

/* Waits for more while it is undecided, but only for the grace time: a stream that begins slowly
 * is better tried than dropped. */
static gboolean
sniff_body (Attempt *attempt, GByteArray *body, gboolean is_all, GError **error)
{
  set_deadline (attempt, "undecided", SNIFF_GRACE_MS, g_get_monotonic_time ());
  for (;;) {
    g_autoptr (GError) waiting = NULL;
    ForgeSniff sniff = forge_sniff (body->data, body->len);
    if (sniff == FORGE_SNIFF_TS || sniff == FORGE_SNIFF_HLS) {
      attempt->dial->kind = sniff == FORGE_SNIFF_HLS ? FORGE_DIAL_HLS : FORGE_DIAL_TS;
      return TRUE;
    }
    if (is_all || body->len >= FORGE_SNIFF_MAX_BYTES)
      return settle (attempt, sniff, body, TRUE, error);
    if (!read_before_deadline (attempt, &waiting)) {
      if (waiting->domain == FORGE_ERROR)
        return settle (attempt, sniff, body, FALSE, error);
      g_propagate_error (error, g_steal_pointer (&waiting));
      return FALSE;
    }
    if (!peek_body (attempt, body, &is_all, error))
      return FALSE;
  }
}

static gboolean
read_body (Attempt *attempt, GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  guint budget_ms = attempt->options->first_byte_timeout_ms;
  gboolean is_all;

  set_deadline (attempt, "nothing", budget_ms, attempt->head_us);
  return read_first_byte (attempt, body, &is_all, error) &&
         sniff_body (attempt, body, is_all, error);
}

/* ---- all of it ---- */

static void
hand_over_input (Attempt *attempt)
{
  attempt->dial->leftover_bytes = attempt->input->len;
  attempt->dial->leftover = g_byte_array_free (g_steal_pointer (&attempt->input), FALSE);
}

static gboolean
run (Attempt *attempt, GError **error)
{
  g_auto (ForgeHttpHead) head = { 0 };

  if (!dial_hops (attempt, &head, error))
    return FALSE;
  if (!classify (attempt, &head, error) || !read_body (attempt, error))
    return FALSE;
  hand_over_input (attempt);
  return TRUE;
}

static GUri *
parse_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, URI_FLAGS, NULL);
  const char *scheme = uri ? g_uri_get_scheme (uri) : "";
  gboolean is_http = g_str_equal (scheme, "http") || g_str_equal (scheme, "https");

  if (is_http && g_uri_get_host (uri) && *g_uri_get_host (uri))
    return g_steal_pointer (&uri);
  if (!uri || is_http)
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "the stream's address is not a URL");
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_UNSUPPORTED,
                 "%.20s:// cannot be opened, only http:// and https://",
                 scheme);
  return NULL;
}

/* FALSE: nothing was opened. */
static gboolean
begin (Attempt *attempt, const char *url, GCancellable *cancellable, GError **error)
{
  const ForgeDialOptions *options = attempt->options;
  GUri *uri = forge_net_check_proxy (options->proxy, error) ? parse_url (url, error) : NULL;

  *attempt->dial = (ForgeDial){ .bytes.fd = -1, .content_length = -1 };
  if (!uri)
    return FALSE;
  attempt->input = g_byte_array_new ();
  attempt->started_us = g_get_monotonic_time ();
  attempt->deadline.stop = cancellable;
  attempt->first_uri = g_uri_ref (uri);
  set_uri (attempt, uri);
  set_deadline (attempt, "no answer", options->connect_timeout_ms, attempt->started_us);
  return TRUE;
}

gboolean
forge_dial_open (const char *url,
                 const ForgeDialOptions *options,
                 ForgeDial *dial,
                 GCancellable *cancellable,
                 GError **error)
{
  g_return_val_if_fail (url && options && options->user_agent && dial, FALSE);
  const ForgeDialWish wish = { .method = "GET", .headers = "" };
  g_auto (Attempt) attempt = { .options = options, .wish = &wish, .dial = dial };
  g_autoptr (GError) failure = NULL;

  if (!begin (&attempt, url, cancellable, error))
    return FALSE;
  if (run (&attempt, &failure))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  forge_dial_wire_close (&dial->bytes);
  return FALSE;
}

gboolean
forge_dial_wish (const char *url,
                 const ForgeDialWish *wish,
                 const ForgeDialOptions *options,
                 ForgeDial *dial,
                 ForgeHttpHead *head,
                 GCancellable *cancellable,
                 GError **error)
{
  g_return_val_if_fail (url && wish && options && options->user_agent && dial && head, FALSE);
  g_auto (Attempt) attempt = { .options = options, .wish = wish, .dial = dial };

  if (!begin (&attempt, url, cancellable, error))
    return FALSE;
  if (!dial_hops (&attempt, head, error)) {
    forge_dial_wire_close (&dial->bytes);
    return FALSE;
  }
  dial->is_chunked = head->is_chunked;
  dial->content_length = head->content_length;
  hand_over_input (&attempt);
  return TRUE;
}
