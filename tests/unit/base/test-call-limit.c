/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/forge-call-limit.h"

#define WINDOW_US (60 * G_USEC_PER_SEC)

static void
test_eleventh_call (void)
{
  g_autoptr (ForgeCallLimit) limit = forge_call_limit_new (10, WINDOW_US);
  ForgeCallState state;

  for (guint i = 0; i < 10; i++) {
    g_assert_true (forge_call_limit_take (limit, "a", 1000 + i, &state));
    g_assert_cmpint (state.remaining, ==, 9 - i);
  }
  g_assert_false (forge_call_limit_take (limit, "a", 2000, &state));
  g_assert_cmpint (state.limit, ==, 10);
  g_assert_cmpint (state.remaining, ==, 0);
  g_assert_cmpint (state.reset_us, ==, WINDOW_US - 1000);
  g_assert_true (forge_call_limit_take (limit, "b", 2000, NULL)); /* everybody has their own */
}

/* A fixed window would let 20 calls through around its end. */
static void
test_window_slides (void)
{
  g_autoptr (ForgeCallLimit) limit = forge_call_limit_new (3, 100);
  static const struct {
    gint64 at;
    gboolean is_taken;
  } calls[] = { { 0, TRUE },    { 90, TRUE },   { 95, TRUE },  { 99, FALSE },  { 100, TRUE },
                { 101, FALSE }, { 189, FALSE }, { 190, TRUE }, { 194, FALSE }, { 500, TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    g_assert_cmpint (forge_call_limit_take (limit, "a", calls[i].at, NULL), ==, calls[i].is_taken);
}

/* Many addresses cost bounded memory; who called last is remembered. */
static void
test_bounded (void)
{
  g_autoptr (ForgeCallLimit) limit = forge_call_limit_new (1, WINDOW_US);

  for (guint i = 0; i < 3 * FORGE_CALL_LIMIT_CLIENTS; i++) {
    g_autofree char *name = g_strdup_printf ("client %u", i);
    g_assert_true (forge_call_limit_take (limit, name, i, NULL));
    g_assert_false (forge_call_limit_take (limit, name, i, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/call-limit/eleventh-call", test_eleventh_call);
  g_test_add_func ("/base/call-limit/window-slides", test_window_slides);
  g_test_add_func ("/base/call-limit/bounded", test_bounded);
  return g_test_run ();
}
