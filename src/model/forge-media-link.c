/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-media-link.h"

#include "base/forge-error.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define MAC_BYTES   32
#define MAX_VERSION 1000000

typedef struct {
  guint version;
  guint8 key[FORGE_LINK_KEY_BYTES];
} Key;

struct _ForgeLinkKeys {
  gatomicrefcount ref_count;
  GArray *keys[FORGE_LINK_PURPOSES]; /* of Key, the highest version first */
};

const char *
forge_link_purpose_name (ForgeLinkPurpose purpose)
{
  static const char *const names[] = { "strm", "proxy", "stream" };

  return names[purpose];
}

/* ---- keys ---- */

static void
key_wipe (gpointer key)
{
  explicit_bzero (key, sizeof (Key));
}

static GArray *
keys_array_new (void)
{
  GArray *array = g_array_new (FALSE, TRUE, sizeof (Key));

  g_array_set_clear_func (array, key_wipe);
  return array;
}

ForgeLinkKeys *
forge_link_keys_new (void)
{
  ForgeLinkKeys *keys = g_new0 (ForgeLinkKeys, 1);

  g_atomic_ref_count_init (&keys->ref_count);
  for (guint i = 0; i < FORGE_LINK_PURPOSES; i++)
    keys->keys[i] = keys_array_new ();
  return keys;
}

ForgeLinkKeys *
forge_link_keys_ref (ForgeLinkKeys *keys)
{
  g_atomic_ref_count_inc (&keys->ref_count);
  return keys;
}

void
forge_link_keys_unref (ForgeLinkKeys *keys)
{
  if (!g_atomic_ref_count_dec (&keys->ref_count))
    return;
  for (guint i = 0; i < FORGE_LINK_PURPOSES; i++)
    g_array_unref (keys->keys[i]);
  g_free (keys);
}

/* "3:BASE64" */
static gboolean
parse_key (const char *word, Key *key)
{
  g_auto (GStrv) parts = g_strsplit (word, ":", 2);
  guint64 version;
  gsize length;

  if (!parts[0] || !parts[1] ||
      !g_ascii_string_to_unsigned (parts[0], 10, 1, MAX_VERSION, &version, NULL))
    return FALSE;
  g_autofree guchar *bytes = g_base64_decode (parts[1], &length);
  if (length != FORGE_LINK_KEY_BYTES)
    return FALSE;
  key->version = (guint)version;
  memcpy (key->key, bytes, length);
  explicit_bzero (bytes, length);
  return TRUE;
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const Key *left = a, *right = b;

  return left->version < right->version ? 1 : left->version > right->version ? -1 : 0;
}

/* NULL if a word is no key. */
static GArray *
parse_keys (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", FORGE_LINK_MAX_VERSIONS + 1);
  g_autoptr (GArray) keys = keys_array_new ();

  for (char **word = words; *word; word++) {
    Key key;
    if (!parse_key (*word, &key))
      return NULL;
    g_array_append_val (keys, key);
    key_wipe (&key);
  }
  g_array_sort (keys, compare_keys);
  return keys->len > 0 ? g_steal_pointer (&keys) : NULL;
}

gboolean
forge_link_keys_set (ForgeLinkKeys *keys,
                     ForgeLinkPurpose purpose,
                     const char *text,
                     GError **error)
{
  GArray *parsed = parse_keys (text);

  if (!parsed) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "The stored signing key “%s” is damaged",
                 forge_link_purpose_name (purpose));
    return FALSE;
  }
  g_array_unref (keys->keys[purpose]);
  keys->keys[purpose] = parsed;
  return TRUE;
}

static void
fill_random (guint8 *bytes, gsize length)
{
  while (length > 0) {
    ssize_t n = getrandom (bytes, length, 0);
    if (n < 0 && errno != EINTR)
      g_assert_not_reached (); /* the kernel has no randomness: nothing can be signed */
    if (n > 0) {
      bytes += n;
      length -= (gsize)n;
    }
  }
}

static void
append_key (GString *out, const Key *key)
{
  g_autofree char *coded = g_base64_encode (key->key, FORGE_LINK_KEY_BYTES);

  g_string_append_printf (out, "%s%u:%s", out->len > 0 ? " " : "", key->version, coded);
  explicit_bzero (coded, strlen (coded));
}

char *
forge_link_keys_add (const char *text, gboolean keep_old)
{
  g_autoptr (GArray) old = text ? parse_keys (text) : NULL;
  GString *out = g_string_new (NULL);
  Key key = { .version = old ? g_array_index (old, Key, 0).version + 1 : 1 };

  fill_random (key.key, sizeof key.key);
  append_key (out, &key);
  key_wipe (&key);
  for (guint i = 0; keep_old && old && i < MIN (old->len, FORGE_LINK_MAX_VERSIONS - 1); i++)
    append_key (out, &g_array_index (old, Key, i));
  return g_string_free (out, FALSE);
}

/* ---- what is signed ---- */

static gboolean
is_signed_name (const char *name)
{
  return !g_str_equal (name, "sig") && !g_str_equal (name, "dl") &&
         !g_str_has_prefix (name, "_HLS_");
}

/* "a=1&b=x%20y", sorted by name. */
static char *
format_query (GHashTable *query)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (query), (GCompareFunc)strcmp);
  GString *out = g_string_new (NULL);

  for (GList *at = names; at; at = at->next) {
    if (!is_signed_name (at->data))
      continue;
    g_string_append_printf (out, "%s", out->len > 0 ? "&" : "");
    g_string_append_uri_escaped (out, at->data, NULL, FALSE);
    g_string_append_c (out, '=');
    g_string_append_uri_escaped (out, g_hash_table_lookup (query, at->data), NULL, FALSE);
  }
  return g_string_free (out, FALSE);
}

static void
compute_mac (const Key *key,
             ForgeLinkPurpose purpose,
             const char *path,
             const char *query,
             guint8 mac[MAC_BYTES])
{
  g_autofree char *text = g_strdup_printf ("%s\n%u\n%s\n%s",
                                           forge_link_purpose_name (purpose),
                                           key->version,
                                           path,
                                           query);
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, key->key, sizeof key->key);
  gsize length = MAC_BYTES;

  g_hmac_update (hmac, (const guchar *)text, (gssize)strlen (text));
  g_hmac_get_digest (hmac, mac, &length);
  g_hmac_unref (hmac);
}

/* RFC 4648 §5 without padding. */
static char *
format_mac (const guint8 mac[MAC_BYTES])
{
  char *text = g_base64_encode (mac, MAC_BYTES);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

char *
forge_link_sign (const ForgeLinkKeys *keys,
                 ForgeLinkPurpose purpose,
                 const char *path,
                 GHashTable *query)
{
  g_return_val_if_fail (keys->keys[purpose]->len > 0, NULL);
  const Key *key = &g_array_index (keys->keys[purpose], Key, 0);
  g_autofree char *text = format_query (query);
  guint8 mac[MAC_BYTES];

  compute_mac (key, purpose, path, text, mac);
  g_autofree char *coded = format_mac (mac);
  return g_strdup_printf ("%s?%s%ssig=%u.%s", path, text, *text ? "&" : "", key->version, coded);
}

/* ---- verifying ---- */

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_AUTH, text);
  return FALSE;
}

/* As long for a wrong one as for a right one. */
static gboolean
is_same (const char *given, const char *wanted)
{
  gsize length = strlen (wanted);
  guint difference = strlen (given) != length;

  if (difference)
    return FALSE; /* the length is no secret */
  for (gsize i = 0; i < length; i++)
    difference |= (guint)(guchar)given[i] ^ (guint)(guchar)wanted[i];
  return difference == 0;
}

static const Key *
find_key (const ForgeLinkKeys *keys, ForgeLinkPurpose purpose, guint64 version)
{
  for (guint i = 0; i < keys->keys[purpose]->len; i++) {
    const Key *key = &g_array_index (keys->keys[purpose], Key, i);
    if (key->version == version)
      return key;
  }
  return NULL;
}

static gboolean
check_mac (const ForgeLinkKeys *keys,
           ForgeLinkPurpose purpose,
           const char *path,
           GHashTable *query,
           const char *signature)
{
  g_auto (GStrv) parts = g_strsplit (signature, ".", 2);
  guint64 version;
  guint8 mac[MAC_BYTES];

  if (!parts[0] || !parts[1] ||
      !g_ascii_string_to_unsigned (parts[0], 10, 1, MAX_VERSION, &version, NULL))
    return FALSE;
  const Key *key = find_key (keys, purpose, version);
  if (!key)
    return FALSE;
  g_autofree char *text = format_query (query);
  compute_mac (key, purpose, path, text, mac);
  g_autofree char *wanted = format_mac (mac);
  return is_same (parts[1], wanted);
}

gboolean
forge_link_verify (const ForgeLinkKeys *keys,
                   ForgeLinkPurpose purpose,
                   const char *path,
                   GHashTable *query,
                   gint64 now_s,
                   GError **error)
{
  const char *signature = g_hash_table_lookup (query, "sig");
  const char *expires = g_hash_table_lookup (query, "exp");
  guint64 expires_s;

  if (!signature)
    return refuse (error, "This link has no signature");
  if (!check_mac (keys, purpose, path, query, signature))
    return refuse (error,
                   "The signature of this link is wrong: it was changed, or is no longer valid");
  if (!expires)
    return purpose != FORGE_LINK_PROXY ||
           refuse (error, "This link does not say until when it is valid");
  if (!g_ascii_string_to_unsigned (expires, 10, 0, G_MAXINT64, &expires_s, NULL))
    return refuse (error, "This link does not say until when it is valid");
  return (gint64)expires_s >= now_s || refuse (error, "This link has expired");
}

/* ---- links of the library ---- */

static GHashTable *
query_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
}

static void
add (GHashTable *query, const char *name, const char *value)
{
  if (value)
    g_hash_table_insert (query, (gpointer)name, g_strdup (value));
}

static void
add_number (GHashTable *query, const char *name, gint64 value)
{
  g_hash_table_insert (query, (gpointer)name, g_strdup_printf ("%" G_GINT64_FORMAT, value));
}

char *
forge_media_link_title (const ForgeLinkKeys *keys, const char *kind, gint64 id)
{
  g_autoptr (GHashTable) query = query_new ();

  add (query, "kind", kind);
  add_number (query, "id", id);
  return forge_link_sign (keys, FORGE_LINK_STRM, "/strm/stream", query);
}

char *
forge_media_link_tmdb (const ForgeLinkKeys *keys,
                       gint64 tmdb_id,
                       int season,
                       int episode,
                       const char *language)
{
  g_autoptr (GHashTable) query = query_new ();

  add_number (query, "tmdb", tmdb_id);
  if (season >= 0) {
    add_number (query, "s", season);
    add_number (query, "e", episode);
  }
  add (query, "lang", language);
  return forge_link_sign (keys, FORGE_LINK_STRM, "/strm/stream", query);
}

static char *
sign_download (const ForgeLinkKeys *keys,
               GHashTable *query,
               const char *title,
               const char *format,
               gint64 expires_s)
{
  add (query, "title", title);
  add (query, "format", format);
  if (expires_s > 0)
    add_number (query, "exp", expires_s);
  return forge_link_sign (keys, FORGE_LINK_STREAM, "/api/stream", query);
}

char *
forge_media_link_download (const ForgeLinkKeys *keys,
                           const char *handle,
                           const char *title,
                           const char *format,
                           gint64 expires_s)
{
  g_autoptr (GHashTable) query = query_new ();

  add (query, "id", handle);
  return sign_download (keys, query, title, format, expires_s);
}

char *
forge_media_link_download_url (const ForgeLinkKeys *keys,
                               const ForgeSiteLink *link,
                               const char *title,
                               const char *format,
                               gint64 expires_s)
{
  g_autoptr (GHashTable) query = query_new ();

  add (query, "url", link->url);
  add (query, "audio", link->audio);
  if (link->page && link->format_id) {
    add (query, "page", link->page);
    add (query, "fid", link->format_id);
  }
  return sign_download (keys, query, title, format, expires_s);
}
