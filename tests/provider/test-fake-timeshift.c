/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-client.h"

static ForgeFakeProvider *
new_provider (void)
{
  const ForgeFakeProviderOptions options = { .channels = 2, .max_connections = 8 };
  g_autoptr (GError) error = NULL;
  ForgeFakeProvider *provider = forge_fake_provider_new (&options, &error);

  g_assert_no_error (error);
  return provider;
}

static void
say (ForgeFakeProvider *provider, const char *sentence)
{
  g_autoptr (GError) error = NULL;

  forge_fake_provider_say (provider, sentence, &error);
  g_assert_no_error (error);
}

static guint
timeshift_status (ForgeFakeProvider *provider, const char *start)
{
  g_autofree char *name = g_strdup_printf ("1/%s/13.ts", start);
  g_autofree char *path = fake_client_media (provider, "timeshift", name);
  g_autoptr (FakeClient) client = fake_client_open (provider, path, NULL);

  fake_client_read (client, 1, 5000);
  return client->status;
}

static void
test_timeshift_understands_one_shape (void)
{
  g_autoptr (ForgeFakeProvider) provider = new_provider ();
  static const char *const shapes[] = { "2026-01-31:20-15",
                                        "2026-01-31_20-15",
                                        "2026-01-31:20:15:00" };

  for (guint understood = 0; understood <= G_N_ELEMENTS (shapes); understood++) {
    g_autofree char *sentence = g_strdup_printf ("account timeshift %u", understood);
    say (provider, sentence);
    for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
      g_assert_cmpuint (timeshift_status (provider, shapes[i]),
                        ==,
                        i + 1 == understood ? 200 : 500);
  }
  say (provider, "account ok");
  g_assert_cmpuint (timeshift_status (provider, shapes[0]), ==, 200);
  g_assert_cmpuint (timeshift_status (provider, "2026-13-31:20-15"), ==, 404);
  g_assert_cmpuint (timeshift_status (provider, "yesterday"), ==, 500);
}

static void
test_timeshift_is_as_long_as_was_asked_for (void)
{
  g_autoptr (ForgeFakeProvider) provider = new_provider ();
  g_autofree char *path = fake_client_media (provider, "timeshift", "2/2026-01-31:20-15/13.ts");
  g_autoptr (FakeClient) client = fake_client_fetch (provider, path, NULL);

  /* 1.4 Mbit/s, two minutes. */
  g_assert_cmpuint (client->status, ==, 200);
  g_assert_cmpuint (client->body->len, >, 19000000);
  g_assert_cmpuint (client->body->len, <, 22000000);
  g_assert_cmpuint (client->body->data[0], ==, 0x47);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fake-provider/timeshift/understands-one-shape",
                   test_timeshift_understands_one_shape);
  g_test_add_func ("/fake-provider/timeshift/is-as-long-as-was-asked-for",
                   test_timeshift_is_as_long_as_was_asked_for);
  return g_test_run ();
}
