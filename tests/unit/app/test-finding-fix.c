/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-finding-fix.h"
#include "engine/forge-problems.h"

#include <string.h>

/* An id of the kind: "account-N-status" → "account-7-status". */
static char *
id_of (const char *kind)
{
  g_auto (GStrv) parts = g_strsplit (kind, "N", -1);

  return g_strjoinv ("7", parts);
}

static void
assert_complete (const ForgeFindingFix *fix)
{
  g_assert_nonnull (fix->label);
  g_assert_true ((fix->page != NULL) != (fix->path != NULL));
  if (fix->path)
    g_assert_true (fix->method && fix->done);
}

/* Nobody is told of a problem without being led out of it. */
static void
test_every_problem_has_a_way_out (void)
{
  for (guint i = 0; forge_problem_kinds[i]; i++) {
    const ForgeFindingFix *found[FORGE_FINDING_MAX_FIXES];
    g_autofree char *id = id_of (forge_problem_kinds[i]);
    guint n = forge_finding_fixes (id, found);
    if (n == 0)
      g_error ("no way out of “%s”", id);
    for (guint j = 0; j < n; j++)
      assert_complete (found[j]);
  }
}

static void
assert_leads (const char *id, guint which, const char *page, const char *detail)
{
  const ForgeFindingFix *found[FORGE_FINDING_MAX_FIXES];

  g_assert_cmpuint (forge_finding_fixes (id, found), >, which);
  g_autofree char *got = forge_finding_fix_detail (found[which], id);
  g_assert_cmpstr (found[which]->page, ==, page);
  g_assert_cmpstr (got, ==, detail);
}

static void
test_they_lead_to_the_thing_itself (void)
{
  assert_leads ("account-12-status", 0, "sources", "replace:account-12-status");
  assert_leads ("account-12-status", 1, "sources", "test:account-12-status");
  assert_leads ("account-12-shared", 0, "sessions", "account-12-shared");
  assert_leads ("refresh-3-held", 0, "sources", "refresh-3-held");
  assert_leads ("guide-short", 0, "sources", "refresh:guide-short");
  assert_leads ("device-2-port", 0, "settings", "devices");
  assert_leads ("port-80", 0, "doctor", "port-80");
}

static void
test_calls_name_their_thing (void)
{
  const ForgeFindingFix *found[FORGE_FINDING_MAX_FIXES];

  g_assert_cmpuint (forge_finding_fixes ("guide-12-shift", found), ==, 1);
  g_autofree char *path = forge_finding_fix_path (found[0], "guide-12-shift");
  g_assert_cmpstr (path, ==, "/v1/guides/12");
  g_assert_cmpstr (found[0]->method, ==, "PATCH");
}

static void
test_what_is_unknown_has_no_button (void)
{
  const ForgeFindingFix *found[FORGE_FINDING_MAX_FIXES];

  g_assert_cmpuint (forge_finding_fixes ("", found), ==, 0);
  g_assert_cmpuint (forge_finding_fixes ("account-12-something", found), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/finding-fix/every-problem-has-a-way-out",
                   test_every_problem_has_a_way_out);
  g_test_add_func ("/app/finding-fix/they-lead-to-the-thing-itself",
                   test_they_lead_to_the_thing_itself);
  g_test_add_func ("/app/finding-fix/calls-name-their-thing", test_calls_name_their_thing);
  g_test_add_func ("/app/finding-fix/what-is-unknown-has-no-button",
                   test_what_is_unknown_has_no_button);
  return g_test_run ();
}
