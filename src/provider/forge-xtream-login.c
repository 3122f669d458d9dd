/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-url.h"
#include "provider/forge-xtream-private.h"

#include <stdio.h>
#include <string.h>

#define MAX_LOOSE_MEMBERS  64
#define MAX_STATUS_BYTES   64
#define MAX_TIMEZONE_BYTES 64
#define MAX_CONNECTIONS    10000
#define LAST_SECOND        G_GINT64_CONSTANT (253402300799) /* 9999-12-31 */
#define FIRST_MILLISECOND  G_GINT64_CONSTANT (100000000000) /* as seconds: the year 5138 */
#define OFFSET_STEP_S      (15 * 60)
#define MAX_OFFSET_S       (14 * 3600)

static const char what_login[] = "login";

/* ---- the answer's parts ---- */

void
forge_xtream_answer_clear (ForgeXtreamAnswer *answer)
{
  g_clear_pointer (&answer->user_info, json_object_unref);
  g_clear_pointer (&answer->server_info, json_object_unref);
  g_clear_pointer (&answer->loose, json_object_unref);
}

static void
keep_object (JsonObject **slot, JsonObject *object)
{
  if (!*slot && object)
    *slot = json_object_ref (object);
}

static void
keep_loose (ForgeXtreamAnswer *answer, const char *key, JsonNode *item)
{
  if (!answer->loose)
    answer->loose = json_object_new ();
  if (json_object_get_size (answer->loose) < MAX_LOOSE_MEMBERS)
    json_object_set_member (answer->loose, key, json_node_copy (item));
}

gboolean
forge_xtream_answer_collect (JsonNode *item, const char *key, gpointer user_data)
{
  ForgeXtreamAnswer *answer = user_data;
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (item) ? json_node_get_object (item) : NULL;

  if (object && !key) { /* wrapped into an array */
    keep_object (&answer->user_info, forge_json_object (object, "user_info"));
    keep_object (&answer->server_info, forge_json_object (object, "server_info"));
  } else if (object && g_str_equal (key, "user_info")) {
    keep_object (&answer->user_info, object);
  } else if (object && g_str_equal (key, "server_info")) {
    keep_object (&answer->server_info, object);
  } else if (key && JSON_NODE_HOLDS_VALUE (item)) {
    keep_loose (answer, key, item);
  }
  return TRUE;
}

/* An answer that lists the account's values at the top must look like one: {"status":"error"} is
 * none. */
JsonObject *
forge_xtream_answer_user (const ForgeXtreamAnswer *answer)
{
  if (answer->user_info && json_object_get_size (answer->user_info) > 0)
    return answer->user_info;
  if (answer->loose && (json_object_has_member (answer->loose, "auth") ||
                        json_object_has_member (answer->loose, "max_connections")))
    return answer->loose;
  return NULL;
}

/* The text of {"error": …} and its kind. Returns: (transfer full). */
static char *
complaint_of (const ForgeXtreamAnswer *answer)
{
  static const char *const keys[] = { "error", "message", "msg", "reason" };
  char *text = NULL;

  for (gsize i = 0; answer->loose && !text && i < G_N_ELEMENTS (keys); i++)
    text = forge_json_text (answer->loose, keys[i]);
  return text;
}

/* ---- single values ---- */

/* Seen: "", null, negative numbers and 0 for "never"; milliseconds; dates in words. */
static gint64
seconds_from_number (gint64 number)
{
  if (number >= FIRST_MILLISECOND)
    number /= 1000;
  return number > 0 && number <= LAST_SECOND ? number : 0;
}

static gint64
seconds_from_date (const char *text, GTimeZone *zone)
{
  int year, month, day, hour = 0, minute = 0, second = 0;

  if (sscanf (text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) <
      3)
    return 0;
  g_autoptr (GDateTime) date = g_date_time_new (zone, year, month, day, hour, minute, second);
  gint64 seconds = date ? g_date_time_to_unix (date) : 0;
  return MAX (seconds, 0);
}

static gint64
read_time (JsonObject *object, const char *member, GTimeZone *zone)
{
  g_autofree char *text = forge_json_text (object, member);

  if (!text)
    return 0;
  if (strchr (text + 1, '-'))
    return seconds_from_date (text, zone);
  return seconds_from_number (forge_json_int (object, member, 0));
}

/* The panel tells its wall clock beside UTC: the difference is the zone, whatever its name.
 * Returns: (transfer full), "+02:00", or NULL. */
static char *
derive_timezone (JsonObject *server)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  gint64 local = read_time (server, "time_now", utc);
  gint64 now = seconds_from_number (forge_json_int (server, "timestamp_now", 0));
  gint64 offset = local - now;

  if (local == 0 || now == 0 || ABS (offset) > MAX_OFFSET_S)
    return NULL;
  gint64 steps = (ABS (offset) + OFFSET_STEP_S / 2) / OFFSET_STEP_S;
  guint minutes = (guint)(steps * OFFSET_STEP_S / 60);
  return g_strdup_printf ("%c%02u:%02u", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* Seen: "UTC+3" for three hours ahead. POSIX reads that sign the other way round, and GLib with it:
 * only what is behind the letters is taken. */
static const char *
without_prefix (const char *name)
{
  gboolean has_prefix = g_str_has_prefix (name, "UTC") || g_str_has_prefix (name, "GMT");

  return has_prefix && (name[3] == '+' || name[3] == '-') ? name + 3 : name;
}

/* NULL if there is no such zone here. */
static GTimeZone *
zone_by_name (const char *name)
{
  return name ? g_time_zone_new_identifier (without_prefix (name)) : NULL;
}

static char *
read_timezone (JsonObject *server)
{
  g_autofree char *name =
      server ? forge_xtream_clean (forge_json_text (server, "timezone"), MAX_TIMEZONE_BYTES) : NULL;
  g_autoptr (GTimeZone) zone = zone_by_name (name);

  if (zone)
    return g_strdup (without_prefix (name));
  char *derived = server ? derive_timezone (server) : NULL;
  return derived ? derived : g_steal_pointer (&name); /* unknown here may be known elsewhere */
}

static GTimeZone *
zone_or_utc (const char *name)
{
  GTimeZone *zone = zone_by_name (name);

  return zone ? zone : g_time_zone_new_utc ();
}

static int
read_count (JsonObject *object, const char *member)
{
  return (int)CLAMP (forge_json_int (object, member, 0), 0, MAX_CONNECTIONS);
}

/* `*is_known` tells whether the panel used one of the words that we know. */
static ForgeAccountStatus
read_status (const char *text, gboolean *is_known)
{
  static const struct {
    const char *word;
    ForgeAccountStatus status;
  } table[] = { { "active", FORGE_ACCOUNT_ACTIVE },     { "expired", FORGE_ACCOUNT_EXPIRED },
                { "banned", FORGE_ACCOUNT_BANNED },     { "disabled", FORGE_ACCOUNT_DISABLED },
                { "inactive", FORGE_ACCOUNT_DISABLED }, { "blocked", FORGE_ACCOUNT_BANNED } };

  *is_known = TRUE;
  for (gsize i = 0; text && i < G_N_ELEMENTS (table); i++)
    if (g_ascii_strcasecmp (text, table[i].word) == 0)
      return table[i].status;
  *is_known = text == NULL;
  return FORGE_ACCOUNT_ACTIVE;
}

/* ---- the account ---- */

static gboolean
check_auth (JsonObject *user, const char *status, const char *host, GError **error)
{
  g_autofree char *auth = forge_json_text (user, "auth");
  gboolean is_known;
  gboolean is_refused = auth && !forge_json_bool (user, "auth", TRUE);

  if (!auth && !status) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "login: %s tells neither auth nor status of the account",
                 host);
    return FALSE;
  }
  /* An expired account may come with auth 0: why says more than that. */
  if (!is_refused || (status && read_status (status, &is_known) != FORGE_ACCOUNT_ACTIVE))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_AUTH,
               "login: %s refuses the user name or the password",
               host);
  return FALSE;
}

static void
set_text (char **slot, char *value)
{
  g_free (*slot);
  *slot = value;
}

gboolean
forge_xtream_answer_apply (const ForgeXtreamAnswer *answer,
                           const char *host,
                           ForgeAccount *account,
                           GError **error)
{
  JsonObject *user = forge_xtream_answer_user (answer);
  g_autofree char *status = forge_xtream_clean (forge_json_text (user, "status"), MAX_STATUS_BYTES);
  gboolean is_known;

  if (!check_auth (user, status, host, error))
    return FALSE;
  account->status = read_status (status, &is_known);
  set_text (&account->status_text,
            account->status == FORGE_ACCOUNT_ACTIVE && is_known
                ? NULL
                : g_strdup_printf ("the panel says \"%s\"", status));
  set_text (&account->timezone, read_timezone (answer->server_info));
  g_autoptr (GTimeZone) zone = zone_or_utc (account->timezone);
  account->expires_at = read_time (user, "exp_date", zone);
  account->panel_max_connections = read_count (user, "max_connections");
  account->active_connections = read_count (user, "active_cons");
  return TRUE;
}

/* ---- logging in ---- */

/* 401, 403 and 404 are how panels refuse (facts §1.2), whatever they mean elsewhere. */
static void
explain_http_error (ForgeHttp *http, GError *error)
{
  guint status = forge_http_last_status (http);

  if (error->domain != FORGE_ERROR || (status != 401 && status != 403 && status != 404))
    return;
  error->code = FORGE_ERROR_AUTH;
  char *text = g_strdup_printf ("%s: the panel refuses this user name and password, or the address "
                                "is wrong",
                                error->message);
  g_free (error->message);
  error->message = text;
}

static gboolean
ask (ForgeHttp *http,
     const ForgeXtreamLogin *login,
     const char *action,
     ForgeXtreamAnswer *answer,
     GCancellable *cancellable,
     GError **error)
{
  return forge_xtream_fetch (http,
                             login,
                             action,
                             what_login,
                             forge_xtream_answer_collect,
                             answer,
                             &answer->end,
                             &answer->counts,
                             cancellable,
                             error);
}

/* Sets the error and returns TRUE if this answer without a user is a refusal in words. */
static gboolean
is_refused_in_words (const ForgeXtreamAnswer *answer, const ForgeXtreamLogin *login, GError **error)
{
  g_autofree char *complaint = complaint_of (answer);
  gboolean is_text = answer->end == FORGE_JSON_NOT_JSON;

  if (is_text ? !forge_xtream_is_refusal (answer->counts.head) : !complaint)
    return FALSE;
  g_autofree char *host = forge_url_host (login->server);
  g_autofree char *quote =
      forge_xtream_quote (complaint && !is_text ? complaint : answer->counts.head, login);
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_AUTH, "login: %s refuses: \"%s\"", host, quote);
  return TRUE;
}

static void
set_no_panel (const ForgeXtreamAnswer *answer, const ForgeXtreamLogin *login, GError **error)
{
  g_autofree char *host = forge_url_host (login->server);

  if (answer->end == FORGE_JSON_NOT_JSON && !*answer->counts.head)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_AUTH,
                 "login: %s sent an empty answer, as panels do when they refuse a login",
                 host);
  else if (answer->end == FORGE_JSON_NOT_JSON)
    forge_xtream_set_not_json (login, what_login, &answer->counts, error);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "login: %s is no Xtream panel: JSON without user_info%s",
                 host,
                 answer->end == FORGE_JSON_TRUNCATED ? ", cut off" : "");
}

/* The other two ways of asking (facts §1.2), for panels that answer the first without a user. */
static gboolean
ask_otherwise (ForgeHttp *http,
               const ForgeXtreamLogin *login,
               ForgeXtreamAnswer *answer,
               GCancellable *cancellable)
{
  static const char *const actions[] = { "get_account_info", "get_profile" };

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++) {
    forge_xtream_answer_clear (answer);
    if (!ask (http, login, actions[i], answer, cancellable, NULL))
      return FALSE;
    if (forge_xtream_answer_user (answer))
      return TRUE;
  }
  return FALSE;
}

gboolean
forge_xtream_login (ForgeHttp *http,
                    const ForgeXtreamLogin *login,
                    ForgeAccount *account,
                    GCancellable *cancellable,
                    GError **error)
{
  g_auto (ForgeXtreamAnswer) first = { 0 }, other = { 0 };
  g_autoptr (GError) failure = NULL;
  g_autofree char *host = forge_url_host (login->server);

  if (!ask (http, login, NULL, &first, cancellable, &failure)) {
    explain_http_error (http, failure);
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (forge_xtream_answer_user (&first))
    return forge_xtream_answer_apply (&first, host, account, error);
  if (is_refused_in_words (&first, login, error)) /* asking again is how one gets blocked */
    return FALSE;
  if (ask_otherwise (http, login, &other, cancellable))
    return forge_xtream_answer_apply (&other, host, account, error);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    set_no_panel (&first, login, error);
  return FALSE;
}
