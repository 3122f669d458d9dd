/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-json-text.h"

#include <string.h>

static char *
nested (guint depth, const char *open, const char *inner, const char *close)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, inner);
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

static void
assert_refused (const char *text, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_json_parse (text, length, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "is no JSON: "));
}

static void
test_reads_documents (void)
{
  static const char *const good[] = { "{}",
                                      " [1, -2.5e+3, true, null, \"[[{{\\\"/'\"] \n",
                                      "\xef\xbb\xbf{\"a\":\"\\u00e9é\"}",
                                      "\"text\"",
                                      "17" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = forge_json_parse (good[i], -1, &error);
    g_assert_no_error (error);
    g_assert_nonnull (node);
  }
}

static void
test_depth_is_bounded (void)
{
  g_autofree char *deepest = nested (FORGE_JSON_MAX_DEPTH, "[", "1", "]");
  g_autofree char *deeper = nested (FORGE_JSON_MAX_DEPTH + 1, "[", "1", "]");
  g_autofree char *bomb = nested (1000000, "[", "", "");
  g_autofree char *objects = nested (100000, "{\"a\":", "1", "}");
  g_autofree char *hidden = nested (100000, "[\"\\\\\",", "1", "]");
  g_autoptr (JsonNode) node = forge_json_parse (deepest, -1, NULL);

  g_assert_nonnull (node);
  assert_refused (deeper, -1);
  assert_refused (bomb, -1);
  assert_refused (objects, -1);
  assert_refused (hidden, -1);
}

/* What json-glib would read past, and what could hide brackets from the count. */
static void
test_other_things_are_refused (void)
{
  static const char *const bad[] = {
    "",           " ",         "{",       "[1,]x",           "{\"a\":1}}", "/* \" */[1]",
    "// \"\n[1]", "# \"\n[1]", "'\"'[1]", "<html></html>",   "{'a':1}",    "[\"\xff\"]",
    "[1 2]",      "{\"a\" 1}", "\x01[]",  "[\"unterminated",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], -1);
  assert_refused ("[1]\0[[[", 7);
}

static void
test_surrogates_do_no_harm (void)
{
  static const char *const odd[] = { "[\"\\ud800\"]",
                                     "[\"\\udc00\\ud800\"]",
                                     "[\"\\ud800\\u0041\"]" };

  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++) {
    g_autoptr (JsonNode) node = forge_json_parse (odd[i], -1, NULL);
    if (node)
      g_assert_true (g_utf8_validate (json_array_get_string_element (json_node_get_array (node), 0),
                                      -1,
                                      NULL));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/json-text/reads-documents", test_reads_documents);
  g_test_add_func ("/formats/json-text/depth-is-bounded", test_depth_is_bounded);
  g_test_add_func ("/formats/json-text/other-things-are-refused", test_other_things_are_refused);
  g_test_add_func ("/formats/json-text/surrogates-do-no-harm", test_surrogates_do_no_harm);
  return g_test_run ();
}
