/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "model/forge-media-link.h"

#include <string.h>

#define NOW 1000000

static ForgeLinkKeys *
keys_from (const char *text)
{
  ForgeLinkKeys *keys = forge_link_keys_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < FORGE_LINK_PURPOSES; i++)
    g_assert_true (forge_link_keys_set (keys, (ForgeLinkPurpose)i, text, &error));
  g_assert_no_error (error);
  return keys;
}

/* What a server makes of a link. `*path` is cut off. */
static GHashTable *
parse (const char *link, char **path)
{
  const char *question = strchr (link, '?');
  g_auto (GStrv) pairs = g_strsplit (question + 1, "&", -1);
  GHashTable *query = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  *path = g_strndup (link, (gsize)(question - link));
  for (char **pair = pairs; *pair; pair++) {
    char *equals = strchr (*pair, '=');
    g_hash_table_insert (query,
                         g_uri_unescape_segment (*pair, equals, NULL),
                         g_uri_unescape_string (equals + 1, NULL));
  }
  return query;
}

static gboolean
opens (const ForgeLinkKeys *keys, ForgeLinkPurpose purpose, const char *link, gint64 now_s)
{
  g_autofree char *path = NULL;
  g_autoptr (GHashTable) query = parse (link, &path);
  g_autoptr (GError) error = NULL;
  gboolean is_fine = forge_link_verify (keys, purpose, path, query, now_s, &error);

  if (!is_fine)
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_AUTH);
  return is_fine;
}

static void
test_round_trip (void)
{
  g_autofree char *text = forge_link_keys_add (NULL, FALSE);
  g_autoptr (ForgeLinkKeys) keys = keys_from (text);
  g_autofree char *title = forge_media_link_title (keys, "movie", 12);
  g_autofree char *tmdb = forge_media_link_tmdb (keys, 1396, 1, 2, "de");
  g_autofree char *load =
      forge_media_link_download (keys, "movie/12", "Tést & Co = ?", "mp4", NOW + 10);

  g_assert_true (g_str_has_prefix (title, "/strm/stream?id=12&kind=movie&sig=1."));
  g_assert_true (g_str_has_prefix (tmdb, "/strm/stream?e=2&lang=de&s=1&tmdb=1396&sig=1."));
  g_assert_true (opens (keys, FORGE_LINK_STRM, title, G_MAXINT64));
  g_assert_true (opens (keys, FORGE_LINK_STRM, tmdb, NOW));
  g_assert_true (opens (keys, FORGE_LINK_STREAM, load, NOW + 10));
  g_assert_false (opens (keys, FORGE_LINK_STREAM, load, NOW + 11));
  g_assert_false (opens (keys, FORGE_LINK_PROXY, title, NOW));
  g_assert_false (opens (keys, FORGE_LINK_STREAM, title, NOW));
}

/* No single character of a link can be changed. */
static void
test_tampering (void)
{
  g_autofree char *text = forge_link_keys_add (NULL, FALSE);
  g_autoptr (ForgeLinkKeys) keys = keys_from (text);
  g_autofree char *link = forge_media_link_title (keys, "movie", 12);
  gsize length = strlen (link);

  for (gsize i = 1; i < length; i++) {
    g_autofree char *changed = g_strdup (link);
    if (strchr ("?&=", changed[i]))
      continue;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    /* the last digit of base64 has bits that mean nothing; it is compared as text */
    g_assert_false (opens (keys, FORGE_LINK_STRM, changed, NOW));
  }
  g_autofree char *more = g_strconcat (link, "&extra=1", NULL);
  g_autofree char *player = g_strconcat (link, "&_HLS_msn=5", NULL);
  g_autofree char *cut = g_strndup (link, length - 1);
  g_assert_false (opens (keys, FORGE_LINK_STRM, more, NOW));
  g_assert_false (opens (keys, FORGE_LINK_STRM, cut, NOW));
  g_assert_true (opens (keys, FORGE_LINK_STRM, player, NOW));
  g_assert_false (opens (keys, FORGE_LINK_STRM, "/strm/stream?id=12&kind=movie", NOW));
  g_assert_false (opens (keys, FORGE_LINK_STRM, "/strm/stream?id=12&kind=movie&sig=", NOW));
  g_assert_false (opens (keys, FORGE_LINK_STRM, "/strm/stream?id=12&kind=movie&sig=1.", NOW));
}

static void
test_children_must_expire (void)
{
  g_autofree char *text = forge_link_keys_add (NULL, FALSE);
  g_autoptr (ForgeLinkKeys) keys = keys_from (text);
  g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (query, (gpointer) "u", (gpointer) "http://a/b?c=d&e");
  g_autofree char *endless = forge_link_sign (keys, FORGE_LINK_PROXY, "/strm/proxy/a.ts", query);
  g_assert_false (opens (keys, FORGE_LINK_PROXY, endless, NOW));
  g_hash_table_insert (query, (gpointer) "exp", (gpointer) "1000005");
  g_autofree char *timed = forge_link_sign (keys, FORGE_LINK_PROXY, "/strm/proxy/a.ts", query);
  g_assert_true (opens (keys, FORGE_LINK_PROXY, timed, NOW));
  g_assert_false (opens (keys, FORGE_LINK_PROXY, timed, NOW + 6));
  /* the name is signed too */
  g_autofree char *renamed = g_strdup (timed);
  strstr (renamed, "a.ts")[0] = 'b';
  g_assert_false (opens (keys, FORGE_LINK_PROXY, renamed, NOW));
}

static void
test_rotation (void)
{
  g_autofree char *first = forge_link_keys_add (NULL, FALSE);
  g_autofree char *kept = forge_link_keys_add (first, TRUE);
  g_autofree char *dropped = forge_link_keys_add (kept, FALSE);
  g_autoptr (ForgeLinkKeys) one = keys_from (first);
  g_autoptr (ForgeLinkKeys) two = keys_from (kept);
  g_autoptr (ForgeLinkKeys) three = keys_from (dropped);
  g_autofree char *old = forge_media_link_title (one, "movie", 1);
  g_autofree char *newer = forge_media_link_title (two, "movie", 1);

  g_assert_nonnull (strstr (newer, "sig=2."));
  g_assert_true (opens (two, FORGE_LINK_STRM, old, NOW));
  g_assert_true (opens (two, FORGE_LINK_STRM, newer, NOW));
  g_assert_false (opens (one, FORGE_LINK_STRM, newer, NOW));
  g_assert_false (opens (three, FORGE_LINK_STRM, old, NOW));
  g_assert_false (opens (three, FORGE_LINK_STRM, newer, NOW));
  g_autofree char *many = g_strdup (first);
  for (guint i = 0; i < 20; i++) {
    char *next = forge_link_keys_add (many, TRUE);
    g_free (many);
    many = next;
  }
  g_auto (GStrv) words = g_strsplit (many, " ", -1);
  g_assert_cmpuint (g_strv_length (words), ==, FORGE_LINK_MAX_VERSIONS);
}

static void
test_damaged_keys (void)
{
  static const char *const bad[] = { "", "1:", "x", "1:AAAA", "0:AAAA", "1" };
  g_autoptr (ForgeLinkKeys) keys = forge_link_keys_new ();

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (forge_link_keys_set (keys, FORGE_LINK_STRM, bad[i], &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/media-link/round-trip", test_round_trip);
  g_test_add_func ("/model/media-link/tampering", test_tampering);
  g_test_add_func ("/model/media-link/children-must-expire", test_children_must_expire);
  g_test_add_func ("/model/media-link/rotation", test_rotation);
  g_test_add_func ("/model/media-link/damaged-keys", test_damaged_keys);
  return g_test_run ();
}
