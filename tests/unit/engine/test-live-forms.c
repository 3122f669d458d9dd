/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-live-forms.h"

static void
test_remembers_per_account (void)
{
  g_autoptr (ForgeLiveForms) forms = forge_live_forms_new ();

  g_assert_false (forge_live_forms_is_playlist (forms, 7));
  forge_live_forms_note (forms, 7, TRUE);
  forge_live_forms_note (forms, 7, TRUE);
  g_assert_true (forge_live_forms_is_playlist (forms, 7));
  g_assert_false (forge_live_forms_is_playlist (forms, 8));
  forge_live_forms_note (forms, 7, FALSE);
  forge_live_forms_note (forms, 8, FALSE);
  g_assert_false (forge_live_forms_is_playlist (forms, 7));
}

static void
test_refusals_of_a_form (void)
{
  static const struct {
    guint status;
    gboolean of_stream, of_playlist;
  } cases[] = {
    { 405, TRUE, TRUE },   { 406, TRUE, TRUE },   { 404, FALSE, TRUE }, { 403, FALSE, FALSE },
    { 401, FALSE, FALSE }, { 503, FALSE, FALSE }, { 0, FALSE, FALSE },  { 200, FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpint (forge_live_forms_is_refusal (FALSE, cases[i].status), ==, cases[i].of_stream);
    g_assert_cmpint (forge_live_forms_is_refusal (TRUE, cases[i].status), ==, cases[i].of_playlist);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/live-forms/remembers-per-account", test_remembers_per_account);
  g_test_add_func ("/engine/live-forms/refusals-of-a-form", test_refusals_of_a_form);
  return g_test_run ();
}
