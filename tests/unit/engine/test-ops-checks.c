/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-checks.h"

#include <string.h>

typedef gboolean (*Check) (const char *text, GError **error);

static void
assert_answers (Check check, const char *const *good, const char *const *bad)
{
  for (; *good; good++) {
    g_autoptr (GError) error = NULL;
    g_test_message ("good: %s", *good);
    g_assert_true (check (*good, &error));
    g_assert_no_error (error);
  }
  for (; *bad; bad++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (check (*bad, &error));
    g_assert_nonnull (error);
  }
}

static void
test_names_have_no_control_characters (void)
{
  g_autofree char *longest = g_strnfill (FORGE_MAX_NAME_BYTES, 'x');
  g_autofree char *longer = g_strnfill (FORGE_MAX_NAME_BYTES + 1, 'x');
  const char *const good[] = { "A", "Télé & Co. \"x\"", "電視", longest, NULL };
  const char *const bad[] = { "",         "   ",      "a\nb", "a\x1b[31m", "\x7f",
                              "\xc2\x85", "\xff\xfe", longer, NULL };

  assert_answers (forge_check_name, good, bad);
  g_assert_false (forge_check_name (NULL, NULL));
}

/* They go into request heads. */
static void
test_agents_and_user_names_have_no_line_breaks (void)
{
  const char *const good_agents[] = { "", "VLC/3.0 LibVLC/3.0", NULL };
  const char *const bad_agents[] = { "x\r\nHost: evil", "x\n", NULL };
  const char *const good_names[] = { "ann+marie@home", "a&b=c/%?", NULL };
  const char *const bad_names[] = { "", "a\nb", NULL };

  assert_answers (forge_check_user_agent, good_agents, bad_agents);
  assert_answers (forge_check_username, good_names, bad_names);
}

static void
test_proxies_are_http_or_socks (void)
{
  const char *const good[] = { "", "http://proxy:3128", "socks5://u:p@proxy:1080", NULL };
  const char *const bad[] = {
    "proxy", "proxy:3128", "ftp://proxy:1", "http://a\nb:1", "x y", NULL
  };

  assert_answers (forge_check_proxy, good, bad);
}

static void
test_guides_are_web_addresses_or_full_paths (void)
{
  g_autofree char *longer = g_strnfill (FORGE_MAX_LOCATION_BYTES + 1, '/');
  const char *const good[] = { "http://h/x", "HTTPS://h/x?a=b", "/tmp/g.xml", "/a b/é.xml", NULL };
  const char *const bad[] = { "",          "g.xml",      "../g.xml", "ftp://h/x",
                              "file:///x", "http://",    "http:/x",  "javascript:x",
                              "/x\n/y",    "http://a b", longer,     NULL };

  assert_answers (forge_check_guide_location, good, bad);
}

static void
test_numbers_are_in_range (void)
{
  g_assert_true (forge_check_shift (-FORGE_MAX_SHIFT_MINUTES, NULL));
  g_assert_false (forge_check_shift (FORGE_MAX_SHIFT_MINUTES + 1, NULL));
  g_assert_false (forge_check_shift (G_MININT64, NULL));
  g_assert_true (forge_check_connections (0, NULL));
  g_assert_false (forge_check_connections (-1, NULL));
  g_assert_false (forge_check_connections (FORGE_MAX_USER_CONNECTIONS + 1, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/ops-checks/names-have-no-control-characters",
                   test_names_have_no_control_characters);
  g_test_add_func ("/engine/ops-checks/agents-and-user-names-have-no-line-breaks",
                   test_agents_and_user_names_have_no_line_breaks);
  g_test_add_func ("/engine/ops-checks/proxies-are-http-or-socks", test_proxies_are_http_or_socks);
  g_test_add_func ("/engine/ops-checks/guides-are-web-addresses-or-full-paths",
                   test_guides_are_web_addresses_or_full_paths);
  g_test_add_func ("/engine/ops-checks/numbers-are-in-range", test_numbers_are_in_range);
  return g_test_run ();
}
