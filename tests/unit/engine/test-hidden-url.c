/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-hidden-url.h"

static void
test_logins_are_recognised (void)
{
  static const char *const with[] = {
    "http://host/xmltv.php?username=ann&password=x",
    "http://host/xmltv.php?type=m3u&PASSWORD=x",
    "http://ann:x@host/guide.xml",
    "https://ann@host:8443/",
    "https://host/epg.xml.gz?days=7&api_key=1",
    "https://host/epg;token=1",
    "https://host/g?x=1;sig=2",
    "http://host?pass%77ord=x",
    "socks5://u:p@proxy:1080",
  };
  static const char *const without[] = {
    "http://host/guide.xml",
    "https://host:8080/guide.xml.gz?country=de&days=7",
    "/home/ann@home/password=x/g.xml",
    "http://host/@ann/guide.xml",
    "http://***@host/guide.xml",
    "http://host/***",
    "http://proxy:3128",
    "",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (with); i++) {
    g_test_message ("%s", with[i]);
    g_assert_true (forge_hidden_url_has_login (with[i]));
  }
  for (gsize i = 0; i < G_N_ELEMENTS (without); i++) {
    g_test_message ("%s", without[i]);
    g_assert_false (forge_hidden_url_has_login (without[i]));
  }
  g_assert_false (forge_hidden_url_has_login (NULL));
}

static void
test_the_shown_form_has_no_login (void)
{
  static const char *const pairs[][2] = {
    { "http://host:8080/xmltv.php?username=ann&password=geheim", "http://host:8080/***" },
    { "http://ann:ge@heim@host:3128/x?password=geheim", "http://***@host:3128" },
    { "socks5://ann:geheim@[::1]:1080", "socks5://***@[::1]:1080" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autofree char *shown = forge_hidden_url_show (pairs[i][0]);
    g_assert_cmpstr (shown, ==, pairs[i][1]);
    g_assert_true (forge_hidden_url_is_shown_form (shown));
    g_assert_false (forge_hidden_url_is_shown_form (pairs[i][0]));
  }
  g_assert_false (forge_hidden_url_is_shown_form (NULL));
  g_assert_false (forge_hidden_url_is_shown_form ("/a/***"));
}

static void
test_what_is_kept_comes_back (void)
{
  const char *url = "http://host/xmltv.php?username=ann&password=x";
  g_autoptr (ForgeSecrets) secrets = forge_secrets_new_memory ();
  g_autofree char *name = forge_hidden_url_name_of_guide (7);
  g_autofree char *shown = forge_hidden_url_show (url);
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_hidden_url_reveal (secrets, name, shown, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (forge_hidden_url_keep (secrets, name, url, NULL, &error));
  g_autoptr (ForgeSecret) back = forge_hidden_url_reveal (secrets, name, shown, NULL, &error);
  g_assert_cmpstr (back, ==, url);
  g_autoptr (ForgeSecret) plain =
      forge_hidden_url_reveal (secrets, name, "http://host/g.xml", NULL, &error);
  g_assert_cmpstr (plain, ==, "http://host/g.xml");
  g_assert_null (forge_hidden_url_reveal (secrets, name, NULL, NULL, &error));
  g_assert_no_error (error);

  /* An address without a login leaves nothing behind. */
  g_assert_true (forge_hidden_url_keep (secrets, name, "http://host/g.xml", NULL, &error));
  g_assert_null (forge_hidden_url_reveal (secrets, name, shown, NULL, &error));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/hidden-url/logins-are-recognised", test_logins_are_recognised);
  g_test_add_func ("/engine/hidden-url/the-shown-form-has-no-login",
                   test_the_shown_form_has_no_login);
  g_test_add_func ("/engine/hidden-url/what-is-kept-comes-back", test_what_is_kept_comes_back);
  return g_test_run ();
}
