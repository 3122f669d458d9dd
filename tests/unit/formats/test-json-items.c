/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-json-items.h"

#include <string.h>

typedef struct {
  GString *log;
  guint stop_after; /* 0 = never */
} Reading;

static gboolean
on_item (JsonNode *item, const char *key, gpointer user_data)
{
  Reading *reading = user_data;
  g_autofree char *text = json_to_string (item, FALSE);

  g_string_append_printf (reading->log, "%s%s%s\n", key ? key : "", key ? "=" : "", text);
  return reading->stop_after == 0 || --reading->stop_after > 0;
}

/* Returns: (transfer full), one line per item. */
static char *
read_split (const char *data, gsize length, gsize piece, ForgeJsonEnd *end, ForgeJsonCounts *counts)
{
  Reading reading = { g_string_new (NULL), 0 };
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (on_item, &reading);

  for (gsize at = 0; at < length; at += piece)
    g_assert_true (forge_json_items_push (items, data + at, MIN (piece, length - at)));
  *end = forge_json_items_end (items, counts);
  return g_string_free (reading.log, FALSE);
}

static void
assert_items (const char *text,
              const char *expected,
              ForgeJsonEnd expected_end,
              guint expected_skipped)
{
  static const gsize pieces[] = { 1, 2, 7, 100000 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++) {
    ForgeJsonEnd end;
    ForgeJsonCounts counts;
    g_autofree char *log = read_split (text, strlen (text), pieces[i], &end, &counts);
    g_assert_cmpstr (log, ==, expected);
    g_assert_cmpint (end, ==, expected_end);
    g_assert_cmpuint (counts.skipped, ==, expected_skipped);
  }
}

static char *
load (const char *name, gsize *length)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "json", name, NULL);
  g_autoptr (GError) error = NULL;
  char *data = NULL;

  g_file_get_contents (path, &data, length, &error);
  g_assert_no_error (error);
  return data;
}

static void
test_lists_and_objects_are_cut (void)
{
  assert_items (" [ ] ", "", FORGE_JSON_COMPLETE, 0);
  assert_items ("{}", "", FORGE_JSON_COMPLETE, 0);
  assert_items ("[{\"a\":[1,{\"b\":\"]}\\\"\"}]}, 2.5 ,\"x\\\"y\",true]tail",
                "{\"a\":[1,{\"b\":\"]}\\\"\"}]}\n2.5\n\"x\\\"y\"\ntrue\n",
                FORGE_JSON_COMPLETE,
                0);
  assert_items ("{\"a\":{\"b\":1},\"c\" : [ ] ,\"d\":null,\"e\":\"x\"}",
                "a={\"b\":1}\nc=[]\nd=null\ne=\"x\"\n",
                FORGE_JSON_COMPLETE,
                0);
}

static void
test_any_split_of_a_bad_answer_gives_the_same (void)
{
  gsize length;
  g_autofree char *data = load ("php-notice.json", &length);

  for (gsize piece = 1; piece <= length; piece += piece < 20 ? 1 : 37) {
    ForgeJsonEnd end;
    ForgeJsonCounts counts;
    g_autofree char *log = read_split (data, length, piece, &end, &counts);
    g_assert_cmpstr (log,
                     ==,
                     "{\"stream_id\":1,\"name\":\"One\"}\n"
                     "{\"stream_id\":\"2\",\"name\":\"T\xC3\xA9l\xC3\xA9\"}\n"
                     "{\"stream_id\":4,\"name\":\"\xEF\xBF\xBD lone \xF0\x9F\x98\x80 pair\"}\n"
                     "{\"stream_id\":6}\n7\n\"eight\"\nnull\n[9]\n");
    g_assert_cmpint (end, ==, FORGE_JSON_COMPLETE);
    g_assert_cmpuint (counts.items, ==, 8);
    g_assert_cmpuint (counts.skipped, ==, 2);
    g_assert_false (counts.is_object);
  }
}

static void
test_what_is_not_json_is_said_so (void)
{
  static const char *const texts[] = { "",
                                       "   ",
                                       "false",
                                       "Too many connections",
                                       "<html lang=en><script>[{\"a\":1}]</script>",
                                       "body { margin: 0 }",
                                       "Notice: array[] at [0]" };
  gsize length;
  g_autofree char *page = load ("error-page.html", &length);
  ForgeJsonEnd end;
  ForgeJsonCounts counts;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_items (texts[i], "", FORGE_JSON_NOT_JSON, 0);
  g_autofree char *log = read_split (page, length, length, &end, &counts);
  g_assert_cmpint (end, ==, FORGE_JSON_NOT_JSON);
  g_assert_cmpstr (log, ==, "");
  g_assert_true (g_str_has_prefix (counts.head, "<!DOCTYPE html>"));
}

static void
test_truncated_lists_keep_what_came (void)
{
  assert_items ("[{\"a\":1},{\"a\":2", "{\"a\":1}\n", FORGE_JSON_TRUNCATED, 0);
  assert_items ("[{\"a\":1},", "{\"a\":1}\n", FORGE_JSON_TRUNCATED, 0);
  assert_items ("[", "", FORGE_JSON_TRUNCATED, 0);
  assert_items ("{\"user", "", FORGE_JSON_TRUNCATED, 0);
}

static void
test_one_bad_item_costs_one_item (void)
{
  assert_items ("[{\"a\":1},{\"a\":},{\"a\":3}]", "{\"a\":1}\n{\"a\":3}\n", FORGE_JSON_COMPLETE, 1);
  assert_items ("[{\"a\":1},{\"a\":2,{\"a\":3}]", "{\"a\":1}\n{\"a\":3}\n", FORGE_JSON_COMPLETE, 1);
  assert_items ("[{\"a\":\"x\" y\"},{\"a\":3},{\"a\":4}]",
                "{\"a\":3}\n{\"a\":4}\n",
                FORGE_JSON_COMPLETE,
                1);
  assert_items ("[{\"a\":\"x\\u12G4\"},{\"a\":\"\\u0000y\\ud800\\u0041\"},nonsense,\"\\udc00\"]",
                "{\"a\":\"x\xEF\xBF\xBD"
                "12G4\"}\n{\"a\":\"y\xEF\xBF\xBD"
                "A\"}\n\"\xEF\xBF\xBD\"\n",
                FORGE_JSON_COMPLETE,
                1);
  assert_items ("[\"\\300 \\' \\q\"]", "\"300 ' q\"\n", FORGE_JSON_COMPLETE, 0);
  assert_items ("{\"a\",\"b\":1,\"c\":}", "b=1\n", FORGE_JSON_COMPLETE, 0);
}

static void
test_limits_cost_one_item (void)
{
  g_autoptr (GString) text = g_string_new ("[\"");
  g_autofree char *huge = g_strnfill (1024 * 1024, 'x');

  g_string_append_printf (text, "%s\",", huge);
  for (int i = 0; i < 100000; i++)
    g_string_append_c (text, '[');
  for (int i = 0; i < 100000; i++)
    g_string_append_c (text, ']');
  g_string_append (text, ",1]");
  ForgeJsonEnd end;
  ForgeJsonCounts counts;
  g_autofree char *log = read_split (text->str, text->len, 4096, &end, &counts);
  g_assert_cmpstr (log, ==, "1\n");
  g_assert_cmpuint (counts.skipped, ==, 2);
  g_assert_cmpint (end, ==, FORGE_JSON_COMPLETE);
}

static void
test_the_receiver_may_stop (void)
{
  Reading reading = { g_string_new (NULL), 2 };
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (on_item, &reading);
  ForgeJsonCounts counts;

  g_assert_false (forge_json_items_push (items, "[1,2,3,4]", 9));
  g_assert_false (forge_json_items_push (items, "5", 1));
  forge_json_items_end (items, &counts);
  g_assert_cmpstr (reading.log->str, ==, "1\n2\n");
  g_string_free (reading.log, TRUE);
}

static void
test_readers_take_any_type (void)
{
  g_autoptr (JsonNode) node = json_from_string (
      "{\"int\":7,\"text\":\" 12abc\",\"float\":7.9,\"quoted\":\"7.5\",\"minus\":\"-3\",\"yes\":true,"
      "\"no\":\"0\",\"word\":\"False\",\"nothing\":null,\"empty\":\" \",\"list\":[\"a\",\"b\"],"
      "\"none\":[],\"object\":{\"x\":1},\"objects\":[{\"x\":2}],\"huge\":1e300,"
      "\"digits\":\"99999999999999999999\"}",
      NULL);
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpint (forge_json_int (object, "int", -1), ==, 7);
  g_assert_cmpint (forge_json_int (object, "text", -1), ==, 12);
  g_assert_cmpint (forge_json_int (object, "float", -1), ==, 7);
  g_assert_cmpint (forge_json_int (object, "quoted", -1), ==, 7);
  g_assert_cmpint (forge_json_int (object, "minus", -1), ==, -3);
  g_assert_cmpint (forge_json_int (object, "yes", -1), ==, 1);
  g_assert_cmpint (forge_json_int (object, "nothing", -1), ==, -1);
  g_assert_cmpint (forge_json_int (object, "absent", -1), ==, -1);
  g_assert_cmpint (forge_json_int (object, "object", -1), ==, -1);
  g_assert_cmpint (forge_json_int (object, "huge", -1), ==, -1);
  g_assert_cmpint (forge_json_int (object, "digits", -1), ==, -1);
  g_assert_true (forge_json_bool (object, "yes", FALSE));
  g_assert_true (forge_json_bool (object, "int", FALSE));
  g_assert_false (forge_json_bool (object, "no", TRUE));
  g_assert_false (forge_json_bool (object, "word", TRUE));
  g_assert_true (forge_json_bool (object, "nothing", TRUE));

  g_autofree char *number = forge_json_text (object, "float");
  g_autofree char *text = forge_json_text (object, "text");
  g_autofree char *first = forge_json_text (object, "list");
  g_assert_cmpstr (number, ==, "7.9");
  g_assert_cmpstr (text, ==, "12abc");
  g_assert_cmpstr (first, ==, "a");
  g_assert_null (forge_json_text (object, "empty"));
  g_assert_null (forge_json_text (object, "none"));
  g_assert_null (forge_json_text (object, "object"));
  g_assert_null (forge_json_text (object, "nothing"));
  g_assert_nonnull (forge_json_object (object, "object"));
  g_assert_cmpint (forge_json_int (forge_json_object (object, "objects"), "x", 0), ==, 2);
  g_assert_null (forge_json_object (object, "list"));
}

static void
test_an_answer_of_objects_has_keys (void)
{
  gsize length;
  ForgeJsonEnd end;
  ForgeJsonCounts counts;
  g_autofree char *data = load ("auth.json", &length);
  g_autofree char *log = read_split (data, length, 3, &end, &counts);

  g_assert_true (counts.is_object);
  g_assert_cmpuint (counts.items, ==, 2);
  g_assert_true (g_str_has_prefix (log, "user_info={\"auth\":1,"));
  g_assert_nonnull (strstr (log, "\nserver_info={"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/json-items/lists-and-objects-are-cut", test_lists_and_objects_are_cut);
  g_test_add_func ("/formats/json-items/any-split-of-a-bad-answer-gives-the-same",
                   test_any_split_of_a_bad_answer_gives_the_same);
  g_test_add_func ("/formats/json-items/what-is-not-json-is-said-so",
                   test_what_is_not_json_is_said_so);
  g_test_add_func ("/formats/json-items/truncated-lists-keep-what-came",
                   test_truncated_lists_keep_what_came);
  g_test_add_func ("/formats/json-items/one-bad-item-costs-one-item",
                   test_one_bad_item_costs_one_item);
  g_test_add_func ("/formats/json-items/limits-cost-one-item", test_limits_cost_one_item);
  g_test_add_func ("/formats/json-items/the-receiver-may-stop", test_the_receiver_may_stop);
  g_test_add_func ("/formats/json-items/readers-take-any-type", test_readers_take_any_type);
  g_test_add_func ("/formats/json-items/an-answer-of-objects-has-keys",
                   test_an_answer_of_objects_has_keys);
  return g_test_run ();
}
