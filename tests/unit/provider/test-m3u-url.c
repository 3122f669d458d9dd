/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "provider/forge-m3u-slots.h"
#include "provider/forge-m3u-url.h"

#include <string.h>

/* The open URL with "*" for each mark, then the secrets. (transfer full) */
static char *
split_text (const char *url)
{
  g_auto (ForgeM3uUrl) split = { 0 };

  if (!forge_m3u_url_split (url, &split))
    return g_strdup ("refused");
  GString *text = g_string_new (NULL);
  for (const char *at = split.open; *at; at++)
    g_string_append_c (text, *at == FORGE_M3U_SECRET_MARK ? '*' : *at);
  for (guint i = 0; i < split.secrets->len; i++)
    g_string_append_printf (text, " %s", (char *)g_ptr_array_index (split.secrets, i));
  return g_string_free (text, FALSE);
}

static void
test_credentials_are_taken_out (void)
{
  static const struct {
    const char *url, *split;
  } cases[] = {
    { "http://tv.example/one.m3u8", "http://tv.example/one.m3u8" },
    { "HTTP://tv.example:80", "http://tv.example:80" },
    { "https://me:pa%40ss@tv.example/a", "https://*@tv.example/a me:pa%40ss" },
    { "http://a@b:c@tv.example/a", "http://*@tv.example/a a@b:c" },
    { "http://p.example/live/bob/s3cret/12.ts", "http://p.example/live/*/*/12.ts bob s3cret" },
    { "http://p.example:8080/bob/s3cret/12", "http://p.example:8080/*/*/12 bob s3cret" },
    { "http://p.example/sub/live/bob/s3cret/12.m3u8",
      "http://p.example/sub/live/*/*/12.m3u8 bob s3cret" },
    { "http://p.example/movie/bob/s3cret/9.mkv", "http://p.example/movie/*/*/9.mkv bob s3cret" },
    { "http://p.example/play/abcdef/ts", "http://p.example/play/*/ts abcdef" },
    { "http://p.example/a?id=5&token=xyz&x=1", "http://p.example/a?id=5&token=*&x=1 xyz" },
    { "http://p.example/a?username=u&password=p#frag",
      "http://p.example/a?username=*&password=* u p" },
    { "http://p.example/a?wmsAuthSign=abc=", "http://p.example/a?wmsAuthSign=* abc=" },
    { "http://p.example/a?Token=&n", "http://p.example/a?Token=&n" },
    { "http://p.example/news/2024/today/7", "http://p.example/news/2024/today/7" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = split_text (cases[i].url);
    g_assert_cmpstr (text, ==, cases[i].split);
  }
}

static void
test_what_cannot_play_is_refused (void)
{
  static const char *const cases[] = { "",
                                       "udp://@239.0.0.1:1234",
                                       "rtsp://tv.example/1",
                                       "http://",
                                       "http:///path",
                                       "http://:80/x",
                                       "http://me:x@/a",
                                       "http://tv.example/a b",
                                       "http://tv.example/\0370.0\037",
                                       "http://tv.example/a\nb",
                                       "http://tv.example/ü" };
  g_autofree char *huge = g_strnfill (5000, 'a');
  g_autofree char *long_url = g_strconcat ("http://tv.example/", huge, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = split_text (cases[i]);
    g_assert_cmpstr (text, ==, "refused");
  }
  g_autofree char *text = split_text (long_url);
  g_assert_cmpstr (text, ==, "refused");
}

static void
test_panels_are_recognised (void)
{
  g_auto (ForgeM3uUrl) live = { 0 };
  g_auto (ForgeM3uUrl) video = { 0 };
  g_auto (ForgeM3uUrl) plain = { 0 };

  g_assert_true (forge_m3u_url_split ("http://p.example:80/sub/live/b%20b/p%2Fw/77.ts", &live));
  g_assert_cmpint (live.kind, ==, FORGE_M3U_LIVE);
  g_assert_cmpint (live.panel_id, ==, 77);
  g_assert_cmpstr (live.server, ==, "http://p.example:80/sub");
  g_assert_cmpstr (live.username, ==, "b b");
  g_assert_cmpstr (live.password, ==, "p/w");
  g_assert_true (forge_m3u_url_split ("http://p.example/series/b/p/77.mp4", &video));
  g_assert_cmpint (video.kind, ==, FORGE_M3U_VIDEO);
  g_assert_true (forge_m3u_url_split ("http://p.example/77.ts", &plain));
  g_assert_cmpint (plain.kind, ==, FORGE_M3U_PLAIN);
}

static gint64
remote_id (const char *url, const char *name, const char *tvg_id)
{
  g_auto (ForgeM3uUrl) split = { 0 };

  g_assert_true (forge_m3u_url_split (url, &split));
  return forge_m3u_url_remote_id (&split, name, tvg_id);
}

static void
test_ids_outlive_host_and_credentials (void)
{
  gint64 id = remote_id ("http://a.example/ch/1?token=old", "One", "one.uk");

  g_assert_cmpint (id, >, 0);
  g_assert_cmpint (remote_id ("https://b.example:81/ch/1?token=new", "One", "one.uk"), ==, id);
  g_assert_cmpint (remote_id ("http://a.example/ch/2?token=old", "One", "one.uk"), !=, id);
  g_assert_cmpint (remote_id ("http://a.example/ch/1?token=old", "Two", "one.uk"), !=, id);
  g_assert_cmpint (remote_id ("http://a.example/ch/1?token=old", "One", NULL), !=, id);
  g_assert_cmpint (remote_id ("http://a.example", "One", NULL), >, 0);
  g_assert_cmpint (remote_id ("http://a.example/live/u/p/5.ts", "One", NULL), ==, 5);
}

/* ---- slots ---- */

static char *
close_url (ForgeM3uSlots *slots, const char *url)
{
  g_auto (ForgeM3uUrl) split = { 0 };

  g_assert_true (forge_m3u_url_split (url, &split));
  return forge_m3u_slots_close (slots, split.open, split.secrets);
}

static ForgeM3uSlots *
load (ForgeSecrets *secrets)
{
  g_autoptr (GError) error = NULL;
  ForgeM3uSlots *slots = forge_m3u_slots_load (secrets, 7, NULL, &error);

  g_assert_no_error (error);
  return slots;
}

static void
assert_resolves (ForgeSecrets *secrets, const char *stored, const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeSecret) text = forge_m3u_slots_resolve (secrets, 7, stored, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, url);
}

static void
test_addresses_come_back_whole (void)
{
  static const char one[] = "http://bob:s3cret@tv.example/a?token=t0ken";
  static const char two[] = "http://bob:s3cret@tv.example/b?token=t0ken";
  g_autoptr (ForgeSecrets) secrets = forge_secrets_new_memory ();
  g_autoptr (ForgeM3uSlots) slots = load (secrets);
  g_autofree char *first = close_url (slots, one);
  g_autofree char *second = close_url (slots, two);
  g_autofree char *plain = close_url (slots, "http://tv.example/c");

  g_assert_null (strstr (first, "s3cret"));
  g_assert_null (strstr (first, "t0ken"));
  g_assert_cmpstr (plain, ==, "http://tv.example/c");
  g_assert_true (forge_m3u_slots_save (slots, NULL, NULL));
  assert_resolves (secrets, first, one);
  assert_resolves (secrets, second, two);
  assert_resolves (secrets, plain, "http://tv.example/c");
  forge_m3u_slots_forget (secrets, 7);
  g_autoptr (GError) error = NULL;
  g_assert_null (forge_m3u_slots_resolve (secrets, 7, first, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
test_stored_slots_are_spared_and_free_ones_reused (void)
{
  g_autoptr (ForgeSecrets) secrets = forge_secrets_new_memory ();
  g_autofree char *kept = NULL;
  g_autofree char *lost = NULL;

  {
    g_autoptr (ForgeM3uSlots) slots = load (secrets);
    kept = close_url (slots, "http://tv.example/a?token=kept");
    lost = close_url (slots, "http://tv.example/b?token=lost");
    g_assert_true (forge_m3u_slots_save (slots, NULL, NULL));
  }
  g_autoptr (ForgeM3uSlots) slots = load (secrets);
  forge_m3u_slots_spare (slots, kept);
  g_autofree char *fresh = close_url (slots, "http://tv.example/c?token=fresh");
  g_autofree char *other = close_url (slots, "http://tv.example/d?token=other");
  g_assert_true (forge_m3u_slots_save (slots, NULL, NULL));
  assert_resolves (secrets, kept, "http://tv.example/a?token=kept");
  assert_resolves (secrets, fresh, "http://tv.example/c?token=fresh");
  assert_resolves (secrets, other, "http://tv.example/d?token=other");
  assert_resolves (secrets, lost, "http://tv.example/b?token=fresh"); /* its slot was given away */
}

static void
test_there_is_an_end_to_slots (void)
{
  g_autoptr (ForgeSecrets) secrets = forge_secrets_new_memory ();
  g_autoptr (ForgeM3uSlots) slots = load (secrets);
  guint closed = 0;

  for (int i = 0; i < 3000; i++) {
    g_autofree char *url = g_strdup_printf ("http://tv.example/a?token=%0200d", i);
    g_autofree char *stored = close_url (slots, url);
    closed += stored != NULL;
  }
  g_assert_cmpuint (closed, <, 64 * 4000 / 200);
  g_assert_cmpuint (closed, >, 1000);
  g_autofree char *known = close_url (slots, "http://tv.example/b");
  g_assert_nonnull (known);
  g_assert_true (forge_m3u_slots_save (slots, NULL, NULL));
}

static void
test_broken_references_are_refused (void)
{
  static const char *const cases[] = { "http://x/\037",
                                       "http://x/\0370\037",
                                       "http://x/\0370.\037",
                                       "http://x/\03799.0\037",
                                       "http://x/\0370.0" };
  g_autoptr (ForgeSecrets) secrets = forge_secrets_new_memory ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (forge_m3u_slots_resolve (secrets, 7, cases[i], NULL, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/m3u-url/credentials-are-taken-out", test_credentials_are_taken_out);
  g_test_add_func ("/provider/m3u-url/what-cannot-play-is-refused",
                   test_what_cannot_play_is_refused);
  g_test_add_func ("/provider/m3u-url/panels-are-recognised", test_panels_are_recognised);
  g_test_add_func ("/provider/m3u-url/ids-outlive-host-and-credentials",
                   test_ids_outlive_host_and_credentials);
  g_test_add_func ("/provider/m3u-slots/addresses-come-back-whole", test_addresses_come_back_whole);
  g_test_add_func ("/provider/m3u-slots/stored-slots-are-spared-and-free-ones-reused",
                   test_stored_slots_are_spared_and_free_ones_reused);
  g_test_add_func ("/provider/m3u-slots/there-is-an-end-to-slots", test_there_is_an_end_to_slots);
  g_test_add_func ("/provider/m3u-slots/broken-references-are-refused",
                   test_broken_references_are_refused);
  return g_test_run ();
}
