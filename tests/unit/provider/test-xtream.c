/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "provider/forge-xtream-private.h"
#include "script-server.h"

#include <string.h>

#define NEVER 0

static ForgeHttp *
http_new (void)
{
  ForgeHttpOptions options = { .user_agent = "VLC/3.0.20 LibVLC/3.0.20",
                               .connect_timeout_s = 5,
                               .first_byte_timeout_s = 5,
                               .idle_timeout_s = 5 };

  return forge_http_new (&options);
}

/* ---- reading a login answer ---- */

static gboolean
apply (const char *json, ForgeAccount *account, GError **error)
{
  g_auto (ForgeXtreamAnswer) answer = { 0 };
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (forge_xtream_answer_collect, &answer);

  forge_json_items_push (items, json, strlen (json));
  answer.end = forge_json_items_end (items, &answer.counts);
  g_assert_nonnull (forge_xtream_answer_user (&answer));
  return forge_xtream_answer_apply (&answer, "panel.example", account, error);
}

typedef struct {
  const char *json;
  ForgeAccountStatus status;
  const char *status_text;
  gint64 expires_at;
  int max, active;
  const char *timezone;
} Good;

#define USER(members) "{\"user_info\":{" members "}}"

static void
test_login_values_of_every_type (void)
{
  static const Good table[] = {
    { USER (
          "\"auth\":1,\"status\":\"Active\",\"exp_date\":\"1746833038\",\"max_connections\":\"2\","
          "\"active_cons\":\"1\""),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      1746833038,
      2,
      1,
      NULL },
    { USER ("\"auth\":\"1\",\"status\":\"ACTIVE\",\"exp_date\":1746833038,\"max_connections\":3,"
            "\"active_cons\":0"),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      1746833038,
      3,
      0,
      NULL },
    { USER ("\"auth\":true,\"exp_date\":null,\"max_connections\":null"),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"status\":\"active\",\"exp_date\":\"\",\"max_connections\":\"0\""),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"auth\":\"\",\"status\":\"Active\",\"exp_date\":-1,\"max_connections\":-5"),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"exp_date\":\"2099-12-31 23:59:59\""),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      4102444799,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"exp_date\":\"2099-12-31\""),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      4102358400,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"exp_date\":\"2099-13-31 25:00:00\""),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"exp_date\":\"unlimited\""),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"exp_date\":1746833038000"),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      1746833038,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"exp_date\":9223372036854775807"),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"max_connections\":99999999999"),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      10000,
      0,
      NULL },
    { USER ("\"auth\":1,\"status\":\"Expired\",\"exp_date\":\"1500000000\""),
      FORGE_ACCOUNT_EXPIRED,
      "the panel says \"Expired\"",
      1500000000,
      0,
      0,
      NULL },
    { USER ("\"auth\":0,\"status\":\"banned\""),
      FORGE_ACCOUNT_BANNED,
      "the panel says \"banned\"",
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"status\":\"Inactive\""),
      FORGE_ACCOUNT_DISABLED,
      "the panel says \"Inactive\"",
      NEVER,
      0,
      0,
      NULL },
    { USER ("\"auth\":1,\"status\":\"Trial\\n\""),
      FORGE_ACCOUNT_ACTIVE,
      "the panel says \"Trial\"",
      NEVER,
      0,
      0,
      NULL },
    { "[{\"user_info\":{\"auth\":1}}]", FORGE_ACCOUNT_ACTIVE, NULL, NEVER, 0, 0, NULL },
    { "{\"auth\":1,\"status\":\"Active\",\"max_connections\":\"4\"}",
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      4,
      0,
      NULL },
    { "\xEF\xBB\xBF<br>Notice: x</br>\n" USER ("\"auth\":1"),
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
    { "{\"user_info\":{\"auth\":1,\"exp_date\":\"2030-01-01 00:00:00\"},"
      "\"server_info\":{\"timezone\":\"UTC+3\"}}",
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      1893456000 - 3 * 3600,
      0,
      0,
      "+3" },
    { "{\"user_info\":{\"auth\":1},\"server_info\":{\"timezone\":\"UTC\"}}",
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      "UTC" },
    { "{\"user_info\":{\"auth\":1},\"server_info\":{\"timezone\":\"\",\"timestamp_now\":\"1700000000\","
      "\"time_now\":\"2023-11-15 00:13:25\"}}",
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      "+02:00" },
    { "{\"user_info\":{\"auth\":1},\"server_info\":{\"timezone\":\"Mars/X\",\"timestamp_now\":"
      "1700000000,\"time_now\":\"2023-11-14 17:43:20\"}}",
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      "-04:30" },
    { "{\"user_info\":{\"auth\":1},\"server_info\":{\"timezone\":\"Mars/X\"}}",
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      "Mars/X" },
    { "{\"user_info\":{\"auth\":1},\"server_info\":[]}",
      FORGE_ACCOUNT_ACTIVE,
      NULL,
      NEVER,
      0,
      0,
      NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (ForgeAccount) account = forge_account_new ();
    g_autoptr (GError) error = NULL;
    g_test_message ("%s", table[i].json);
    g_assert_true (apply (table[i].json, account, &error));
    g_assert_no_error (error);
    g_assert_cmpint (account->status, ==, table[i].status);
    g_assert_cmpstr (account->status_text, ==, table[i].status_text);
    g_assert_cmpint (account->expires_at, ==, table[i].expires_at);
    g_assert_cmpint (account->panel_max_connections, ==, table[i].max);
    g_assert_cmpint (account->active_connections, ==, table[i].active);
    g_assert_cmpstr (account->timezone, ==, table[i].timezone);
  }
}

static void
test_refused_login_leaves_the_account_alone (void)
{
  static const struct {
    const char *json;
    ForgeError code;
  } table[] = { { USER ("\"auth\":0"), FORGE_ERROR_AUTH },
                { USER ("\"auth\":\"0\",\"status\":\"Active\""), FORGE_ERROR_AUTH },
                { USER ("\"auth\":false,\"status\":null"), FORGE_ERROR_AUTH },
                { USER ("\"username\":\"x\""), FORGE_ERROR_INVALID } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (ForgeAccount) account = forge_account_new ();
    g_autoptr (GError) error = NULL;
    account->status = FORGE_ACCOUNT_BANNED;
    g_assert_false (apply (table[i].json, account, &error));
    g_assert_error (error, FORGE_ERROR, (gint)table[i].code);
    g_assert_nonnull (strstr (error->message, "panel.example"));
    g_assert_cmpint (account->status, ==, FORGE_ACCOUNT_BANNED);
  }
}

/* ---- one stream ---- */

typedef struct {
  const char *json;
  gint64 remote_id; /* 0 = no stream */
  const char *name, *epg_id, *group, *icon;
  int archive_days;
} Item;

static GHashTable *
some_categories (void)
{
  GHashTable *categories = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (categories, (char *)"12", (char *)"News");
  g_hash_table_insert (categories, (char *)"15", (char *)"Sport");
  return categories;
}

static void
test_stream_values_of_every_type (void)
{
  static const Item table[] = {
    { "{\"num\":1,\"name\":\"UK| Sky FHD\",\"stream_id\":42,\"stream_icon\":\"http://i/x.png\","
      "\"epg_channel_id\":\"sky.uk\",\"category_id\":\"12\",\"tv_archive\":1,"
      "\"tv_archive_duration\":\"7\"}",
      42,
      "UK| Sky FHD",
      "sky.uk",
      "News",
      "http://i/x.png",
      7 },
    { "{\"name\":\" A\\u0001B\\n \",\"stream_id\":\"43\",\"stream_icon\":null,\"epg_channel_id\":"
      "null,\"category_id\":12,\"tv_archive\":\"0\",\"tv_archive_duration\":5}",
      43,
      "AB",
      NULL,
      "News",
      NULL,
      0 },
    { "{\"name\":123,\"stream_id\":44.0,\"stream_icon\":\"data:image/png;base64,x\","
      "\"epg_channel_id\":\"0\",\"category_id\":null,\"category_ids\":[99,15],\"tv_archive\":true,"
      "\"tv_archive_duration\":null}",
      44,
      "123",
      NULL,
      "Sport",
      NULL,
      1 },
    { "{\"name\":\"x\",\"stream_id\":45,\"stream_icon\":\"/logo.png\",\"epg_channel_id\":"
      "\"(no tvg-id)\",\"category_id\":\"\",\"category_ids\":[\"12\"],\"stream_type\":"
      "\"radio_streams\"}",
      45,
      "x",
      NULL,
      "News",
      NULL,
      0 },
    { "{\"name\":\"x\",\"stream_id\":46,\"epg_channel_id\":\" UNDEFINED \",\"category_id\":\"77\","
      "\"category_ids\":{},\"tv_archive\":1,\"tv_archive_duration\":99999}",
      46,
      "x",
      NULL,
      NULL,
      NULL,
      365 },
    { "{\"name\":\"x\",\"stream_id\":47,\"epg_channel_id\":17,\"category_id\":[],\"stream_icon\":"
      "\" HTTPS://i/y \"}",
      47,
      "x",
      "17",
      NULL,
      "HTTPS://i/y",
      0 },
    { "{\"name\":\"\",\"stream_id\":1}", 0, NULL, NULL, NULL, NULL, 0 },
    { "{\"name\":null,\"stream_id\":1}", 0, NULL, NULL, NULL, NULL, 0 },
    { "{\"name\":\"x\",\"stream_id\":null}", 0, NULL, NULL, NULL, NULL, 0 },
    { "{\"name\":\"x\",\"stream_id\":0}", 0, NULL, NULL, NULL, NULL, 0 },
    { "{\"name\":\"x\",\"stream_id\":-3}", 0, NULL, NULL, NULL, NULL, 0 },
    { "{\"name\":\"x\",\"stream_id\":\"abc\"}", 0, NULL, NULL, NULL, NULL, 0 },
    { "{\"name\":[\"x\"],\"stream_id\":{\"a\":1}}", 0, NULL, NULL, NULL, NULL, 0 },
    { "{}", 0, NULL, NULL, NULL, NULL, 0 },
  };
  g_autoptr (GHashTable) categories = some_categories ();

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (JsonNode) node = json_from_string (table[i].json, NULL);
    g_test_message ("%s", table[i].json);
    g_autoptr (ForgeStream) stream =
        forge_xtream_parse_stream (json_node_get_object (node), categories);
    g_assert_cmpint (stream ? stream->remote_id : 0, ==, table[i].remote_id);
    if (!stream)
      continue;
    g_assert_cmpstr (stream->name, ==, table[i].name);
    g_assert_cmpstr (stream->epg_id, ==, table[i].epg_id);
    g_assert_cmpstr (stream->group, ==, table[i].group);
    g_assert_cmpstr (stream->icon, ==, table[i].icon);
    g_assert_cmpint (stream->archive_days, ==, table[i].archive_days);
    g_assert_true (stream->available);
    g_assert_cmpint (stream->quality, ==, forge_quality_from_name (stream->name));
  }
}

static void
test_long_names_are_cut_between_characters (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GString) name = g_string_new ("x");

  for (guint i = 0; i < 400; i++)
    g_string_append (name, "ü");
  json_object_set_int_member (object, "stream_id", 1);
  json_object_set_string_member (object, "name", name->str);
  g_autoptr (ForgeStream) stream = forge_xtream_parse_stream (object, NULL);
  g_assert_cmpuint (strlen (stream->name), ==, 511);
  g_assert_true (g_utf8_validate (stream->name, -1, NULL));
  g_assert_null (stream->group);
}

static void
test_addresses_escape_credentials (void)
{
  ForgeXtreamLogin login = { "http://e.com:8080/sub", "a@b.de", "p@ss/w:rd&1%" };
  g_autofree char *live = forge_xtream_live_url (&login, 7);
  g_autofree char *guide = forge_xtream_guide_url (&login);

  g_assert_cmpstr (live, ==, "http://e.com:8080/sub/live/a%40b.de/p%40ss%2Fw%3Ard%261%25/7.ts");
  g_assert_cmpstr (
      guide,
      ==,
      "http://e.com:8080/sub/xmltv.php?username=a%40b.de&password=p%40ss%2Fw%3Ard%261%25");
}

static void
test_catchup_addresses_in_the_panels_time (void)
{
  /* 2026-01-31T20:15:30Z; Berlin is an hour ahead, New York five hours behind. */
  const gint64 start_s = 1769890530;
  static const struct {
    const char *timezone;
    guint shape;
    const char *url;
  } cases[] = {
    { NULL, 0, "http://e.com/timeshift/a%40b/p%2Fw/90/2026-01-31:20-15/7.ts" },
    { "Europe/Berlin", 0, "http://e.com/timeshift/a%40b/p%2Fw/90/2026-01-31:21-15/7.ts" },
    { "America/New_York", 1, "http://e.com/timeshift/a%40b/p%2Fw/90/2026-01-31_15-15/7.ts" },
    { "Europe/Berlin", 2, "http://e.com/timeshift/a%40b/p%2Fw/90/2026-01-31:21:15:30/7.ts" },
    { "Nowhere/At all", 0, "http://e.com/timeshift/a%40b/p%2Fw/90/2026-01-31:20-15/7.ts" },
    { "Europe/Berlin",
      3,
      "http://e.com/streaming/timeshift.php?username=a%40b&password=p%2Fw&stream=7"
      "&start=2026-01-31:21-15&duration=90" },
  };
  ForgeXtreamLogin login = { "http://e.com", "a@b", "p/w" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *url =
        forge_xtream_catchup_url (&login, 7, start_s, 90, cases[i].timezone, cases[i].shape);
    g_assert_cmpstr (url, ==, cases[i].url);
  }
  g_assert_null (forge_xtream_catchup_url (&login, 7, start_s, 90, NULL, 4));
  g_assert_null (forge_xtream_catchup_url (&login, 7, G_MAXINT64, 90, NULL, 0));
}

/* Summer time begins on 2026-03-29 at 01:00 UTC. */
static void
test_catchup_addresses_know_summer_time (void)
{
  ForgeXtreamLogin login = { "http://e.com", "a", "b" };
  g_autofree char *before = forge_xtream_catchup_url (&login, 7, 1774745940, 5, "Europe/Berlin", 0);
  g_autofree char *after = forge_xtream_catchup_url (&login, 7, 1774746060, 5, "Europe/Berlin", 0);

  g_assert_cmpstr (before, ==, "http://e.com/timeshift/a/b/5/2026-03-29:01-59/7.ts");
  g_assert_cmpstr (after, ==, "http://e.com/timeshift/a/b/5/2026-03-29:03-01/7.ts");
}

/* ---- over the wire ---- */

/* The body of the answer depends on the action; "!" starts a status code. */
typedef struct {
  const char *login, *account_info, *profile, *categories, *streams;
} Panel;

static const char *
body_for (const Panel *panel, const char *target)
{
  if (strstr (target, "action=get_account_info"))
    return panel->account_info;
  if (strstr (target, "action=get_profile"))
    return panel->profile;
  if (strstr (target, "action=get_live_categories"))
    return panel->categories;
  if (strstr (target, "action=get_live_streams"))
    return panel->streams;
  return panel->login;
}

static void
panel_script (ScriptPeer *peer, gpointer user_data)
{
  const char *body = body_for (user_data, script_peer_target (peer));

  if (!body)
    body = "";
  if (*body == '!')
    script_say (peer, "HTTP/1.1 %s x\r\nContent-Length: 0\r\n\r\n", body + 1);
  else
    script_say (peer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen (body), body);
}

typedef struct {
  Panel panel;
  int code; /* -1 = success */
  const char *says;
  guint requests;
} LoginCase;

static void
assert_login (const LoginCase *login_case)
{
  Panel panel = login_case->panel;
  g_autoptr (ScriptServer) server = script_server_new (panel_script, &panel, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new ();
  g_autofree char *url = script_server_url (server, "");
  ForgeXtreamLogin login = { url, "bob", "s3cret" };
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (GError) error = NULL;
  gboolean is_in = forge_xtream_login (http, &login, account, NULL, &error);

  g_test_message ("%s → %s", panel.login, error ? error->message : "ok");
  g_assert_cmpint (is_in, ==, login_case->code < 0);
  g_assert_cmpuint (script_server_requests (server), ==, login_case->requests);
  if (is_in)
    return;
  g_assert_error (error, FORGE_ERROR, login_case->code);
  g_assert_nonnull (strstr (error->message, login_case->says));
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
  g_assert_null (strstr (error->message, "s3cret"));
  g_assert_null (strstr (error->message, "player_api"));
}

static void
test_every_form_of_refusal (void)
{
  static const LoginCase table[] = {
    { { .login = USER ("\"auth\":1") }, -1, NULL, 1 },
    { { .login = USER ("\"auth\":0") }, FORGE_ERROR_AUTH, "refuses", 1 },
    { { .login = "!401" }, FORGE_ERROR_AUTH, "HTTP 401", 1 },
    { { .login = "!403" }, FORGE_ERROR_AUTH, "HTTP 403", 1 },
    { { .login = "!404" }, FORGE_ERROR_AUTH, "HTTP 404", 1 },
    { { .login = "!429" }, FORGE_ERROR_LIMIT, "HTTP 429", 1 },
    { { .login = "!503" }, FORGE_ERROR_RETRY, "HTTP 503", 1 },
    { { .login = "" }, FORGE_ERROR_AUTH, "empty answer", 3 },
    { { .login = "Access denied for bob:s3cret" }, FORGE_ERROR_AUTH, "Access denied for ***", 1 },
    { { .login = "{\"error\":\"wrong login\"}" }, FORGE_ERROR_AUTH, "wrong login", 1 },
    { { .login = "<html><b>maintenance</b> http://x/live/bob/s3cret/1.ts</html>" },
      FORGE_ERROR_INVALID,
      "<html><b>maintenance",
      3 },
    { { .login = "[]" }, FORGE_ERROR_INVALID, "no Xtream panel", 3 },
    { { .login = "{\"user_info\":[]}" }, FORGE_ERROR_INVALID, "without user_info", 3 },
    { { .login = "{}", .account_info = USER ("\"auth\":1") }, -1, NULL, 2 },
    { { .login = "{}", .account_info = "[]", .profile = USER ("\"auth\":1") }, -1, NULL, 3 },
    { { .login = "{}", .account_info = "!500" }, FORGE_ERROR_INVALID, "user_info", 2 },
    { { .login = "{}", .account_info = USER ("\"auth\":0") }, FORGE_ERROR_AUTH, "refuses", 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    assert_login (&table[i]);
}

static gboolean
on_stream (const ForgeStream *stream, gpointer user_data, GError **error)
{
  GString *seen = user_data;

  g_string_append_printf (seen,
                          "%d:%" G_GINT64_FORMAT "(%s) ",
                          stream->position,
                          stream->remote_id,
                          stream->group ? stream->group : "-");
  if (stream->remote_id != 666)
    return TRUE;
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE, "enough");
  return FALSE;
}

typedef struct {
  const char *streams;
  int code; /* -1 = success */
  const char *says, *seen;
  guint skipped;
} ListCase;

static void
assert_list (const ListCase *list_case)
{
  Panel panel = { .streams = list_case->streams,
                  .categories = "[{\"category_id\":\"1\",\"category_name\":\" One\\t\"},3,"
                                "{\"category_id\":2}]" };
  g_autoptr (ScriptServer) server = script_server_new (panel_script, &panel, SCRIPT_PLAIN);
  g_autoptr (ForgeHttp) http = http_new ();
  g_autofree char *url = script_server_url (server, "");
  ForgeXtreamLogin login = { url, "bob", "s3cret" };
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  ForgeJsonCounts counts = { 0 };
  g_autoptr (GHashTable) categories = forge_xtream_live_categories (http, &login, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (categories), ==, 1);
  gboolean is_read =
      forge_xtream_live_streams (http, &login, categories, on_stream, seen, &counts, NULL, &error);
  g_test_message ("%s → %s", list_case->streams, error ? error->message : seen->str);
  g_assert_cmpint (is_read, ==, list_case->code < 0);
  g_assert_cmpstr (seen->str, ==, list_case->seen);
  g_assert_cmpuint (counts.skipped, ==, list_case->skipped);
  if (!is_read) {
    g_assert_error (error, FORGE_ERROR, list_case->code);
    g_assert_nonnull (strstr (error->message, list_case->says));
    g_assert_null (strstr (error->message, "s3cret"));
  }
}

static void
test_lists_of_every_kind (void)
{
  static const ListCase table[] = {
    { "[{\"stream_id\":5,\"name\":\"a\",\"category_id\":1},{\"stream_id\":6},\"x\",null,"
      "{\"stream_id\":\"7\",\"name\":\"b\"}]",
      -1,
      NULL,
      "0:5(One) 1:7(-) ",
      3 },
    { "{\"0\":{\"stream_id\":5,\"name\":\"a\"},\"1\":{\"stream_id\":6,\"name\":\"b\"}}",
      -1,
      NULL,
      "0:5(-) 1:6(-) ",
      0 },
    { "[]", -1, NULL, "", 0 },
    { "{}", -1, NULL, "", 0 },
    { "[{\"stream_id\":5,\"name\":\"a\"},{\"stream_id\":6,\"na",
      FORGE_ERROR_INVALID,
      "in the middle, after 1",
      "0:5(-) ",
      0 },
    { "{\"user_info\":{\"auth\":0}}", FORGE_ERROR_AUTH, "refuses", "", 0 },
    { "{\"user_info\":{\"auth\":1},\"server_info\":{}}",
      FORGE_ERROR_INVALID,
      "not with a list",
      "",
      0 },
    { "{\"error\":\"bad s3cret\"}", FORGE_ERROR_AUTH, "bad ***", "", 0 },
    { "<html>maintenance", FORGE_ERROR_INVALID, "<html>maintenance", "", 0 },
    { "Unauthorized", FORGE_ERROR_AUTH, "Unauthorized", "", 0 },
    { "", FORGE_ERROR_INVALID, "sent nothing", "", 0 },
    { "!503", FORGE_ERROR_RETRY, "HTTP 503", "", 0 },
    { "!404", FORGE_ERROR_NOT_FOUND, "HTTP 404", "", 0 },
    { "[{\"stream_id\":666,\"name\":\"a\"},{\"stream_id\":6,\"name\":\"b\"}]",
      FORGE_ERROR_STORAGE,
      "enough",
      "0:666(-) ",
      0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    assert_list (&table[i]);
}

static void
script_gzip (ScriptPeer *peer, gpointer user_data)
{
  GBytes *body = user_data;

  script_say (peer, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
  script_send (peer, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

static GBytes *
gzip (const char *text)
{
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
  gsize size = strlen (text) + 1024, read, written;
  guint8 *out = g_malloc (size);

  g_assert_cmpint (g_converter_convert (compressor,
                                        text,
                                        strlen (text),
                                        out,
                                        size,
                                        G_CONVERTER_INPUT_AT_END,
                                        &read,
                                        &written,
                                        NULL),
                   ==,
                   G_CONVERTER_FINISHED);
  return g_bytes_new_take (out, written);
}

static gboolean
on_counted (const ForgeStream *stream, gpointer user_data, GError **error)
{
  return ++*(guint *)user_data > 0;
}

static void
test_silent_gzip_whole_and_cut (void)
{
  g_autoptr (GString) list = g_string_new ("[");

  for (guint i = 1; i <= 20000; i++)
    g_string_append_printf (list, "%s{\"stream_id\":%u,\"name\":\"n%u\"}", i > 1 ? "," : "", i, i);
  g_string_append_c (list, ']');
  for (guint is_cut = 0; is_cut < 2; is_cut++) {
    g_autoptr (GBytes) whole = gzip (list->str);
    g_autoptr (GBytes) body =
        g_bytes_new_from_bytes (whole, 0, g_bytes_get_size (whole) / (is_cut + 1));
    g_autoptr (ScriptServer) server = script_server_new (script_gzip, body, SCRIPT_PLAIN);
    g_autoptr (ForgeHttp) http = http_new ();
    g_autofree char *url = script_server_url (server, "");
    ForgeXtreamLogin login = { url, "bob", "s3cret" };
    g_autoptr (GError) error = NULL;
    guint seen = 0;
    gboolean is_read =
        forge_xtream_live_streams (http, &login, NULL, on_counted, &seen, NULL, NULL, &error);
    if (is_cut) {
      g_assert_false (is_read);
      g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
      g_assert_cmpuint (seen, <, 20000);
    } else {
      g_assert_no_error (error);
      g_assert_cmpuint (seen, ==, 20000);
    }
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/xtream/login-values-of-every-type", test_login_values_of_every_type);
  g_test_add_func ("/provider/xtream/refused-login-leaves-the-account-alone",
                   test_refused_login_leaves_the_account_alone);
  g_test_add_func ("/provider/xtream/stream-values-of-every-type",
                   test_stream_values_of_every_type);
  g_test_add_func ("/provider/xtream/long-names-are-cut-between-characters",
                   test_long_names_are_cut_between_characters);
  g_test_add_func ("/provider/xtream/addresses-escape-credentials",
                   test_addresses_escape_credentials);
  g_test_add_func ("/provider/xtream/catchup-addresses-in-the-panels-time",
                   test_catchup_addresses_in_the_panels_time);
  g_test_add_func ("/provider/xtream/catchup-addresses-know-summer-time",
                   test_catchup_addresses_know_summer_time);
  g_test_add_func ("/provider/xtream/every-form-of-refusal", test_every_form_of_refusal);
  g_test_add_func ("/provider/xtream/lists-of-every-kind", test_lists_of_every_kind);
  g_test_add_func ("/provider/xtream/silent-gzip-whole-and-cut", test_silent_gzip_whole_and_cut);
  return g_test_run ();
}
