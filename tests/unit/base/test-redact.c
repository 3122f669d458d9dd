/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-redact.h"

#include <string.h>

static void
test_url_keeps_scheme_host_and_port_only (void)
{
  static const struct {
    const char *url, *want;
  } cases[] = {
    { "http://panel.example:8080/live/ann/p%40ss/13.ts", "http://panel.example:8080" },
    { "https://ann:p@ss@panel.example/x?password=1", "https://panel.example" },
    { "http://[::1]:80/a", "http://[::1]:80" },
    { "no url", "(not a URL)" },
    { NULL, "(none)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *got = forge_redact_url (cases[i].url);
    g_assert_cmpstr (got, ==, cases[i].want);
  }
}

static void
test_text_loses_urls_and_credentials (void)
{
  g_autofree char *got = forge_redact_text (
      "GET http://h:1/live/u/secret/1.ts failed; tried /player_api.php?username=ann&password=se%2Fcret&action=x");

  g_assert_cmpstr (
      got,
      ==,
      "GET http://h:1 failed; tried /player_api.php?username=***&password=***&action=x");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/redact/url-keeps-scheme-host-and-port-only",
                   test_url_keeps_scheme_host_and_port_only);
  g_test_add_func ("/base/redact/text-loses-urls-and-credentials",
                   test_text_loses_urls_and_credentials);
  return g_test_run ();
}
