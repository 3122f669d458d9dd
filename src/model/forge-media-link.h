/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Signed links: what a player or a library file holds of a film. The signature is HMAC-SHA256 over
 * purpose, path and the sorted query, with a key per purpose; `sig=VERSION.MAC`. A newer key signs,
 * older ones still open what they signed until they are dropped.
 *
 *   purpose | path                | ends
 *   STRM    | /strm/stream        | never: it stands in library files
 *   PROXY   | /strm/proxy[/name]  | at `exp`, always
 *   STREAM  | /api/stream         | at `exp`, if there is one
 */
typedef enum {
  FORGE_LINK_STRM,
  FORGE_LINK_PROXY,
  FORGE_LINK_STREAM,
  FORGE_LINK_PURPOSES, /* how many there are */
} ForgeLinkPurpose;

/* "strm", "proxy", "stream": also the keys' names in the secret store, "key/strm". */
const char *forge_link_purpose_name (ForgeLinkPurpose purpose);

/**
 * ForgeLinkKeys: the keys of all purposes. Immutable once it is shared; ref-counted, thread-safe.
 */
typedef struct _ForgeLinkKeys ForgeLinkKeys;

#define FORGE_LINK_KEY_BYTES    32
#define FORGE_LINK_MAX_VERSIONS 8

ForgeLinkKeys *forge_link_keys_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeLinkKeys *forge_link_keys_ref (ForgeLinkKeys *keys);
void forge_link_keys_unref (ForgeLinkKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLinkKeys, forge_link_keys_unref)

/* `text` as it stands in the secret store: "VERSION:BASE64 VERSION:BASE64 …", the highest version
 * signs. Error: INVALID, without the text. */
gboolean forge_link_keys_set (ForgeLinkKeys *keys,
                              ForgeLinkPurpose purpose,
                              const char *text,
                              GError **error);
/* `text` (NULL = none yet) with one more random key, at most FORGE_LINK_MAX_VERSIONS of them;
 * without `keep_old` what was given out so far is void. (transfer full) */
char *forge_link_keys_add (const char *text, gboolean keep_old) G_GNUC_WARN_UNUSED_RESULT;

/* "PATH?a=1&b=2&sig=…". `query`: name → value, not coded; "sig" in it is ignored. (transfer full)
 */
char *forge_link_sign (const ForgeLinkKeys *keys,
                       ForgeLinkPurpose purpose,
                       const char *path,
                       GHashTable *query) G_GNUC_WARN_UNUSED_RESULT;
/* Is `query` of a request one that we signed, and not too old? What a player adds by itself
 * ("_HLS_msn" …) is left out of account. FALSE: AUTH, with a sentence for the person. `now_s` UTC
 * seconds. The time it takes says nothing about the right signature. */
gboolean forge_link_verify (const ForgeLinkKeys *keys,
                            ForgeLinkPurpose purpose,
                            const char *path,
                            GHashTable *query,
                            gint64 now_s,
                            GError **error);

/* ── links of the library ── */

/* What stands in a .strm file, a path with query on our server: "/strm/stream?id=12&kind=movie&…".
 * `kind`: "movie" or "episode", `id` permanent. (transfer full) */
char *forge_media_link_title (const ForgeLinkKeys *keys, const char *kind, gint64 id)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same by TMDB id: a film (season < 0), or an episode of a series. `language` NULL = any.
 * (transfer full) */
char *forge_media_link_tmdb (const ForgeLinkKeys *keys,
                             gint64 tmdb_id,
                             int season,
                             int episode,
                             const char *language) G_GNUC_WARN_UNUSED_RESULT;
/* A download: "/api/stream?id=movie%2F12&…". `title` and `format` (an extension) may be NULL;
 * `expires_s` 0 = never. (transfer full) */
char *forge_media_link_download (const ForgeLinkKeys *keys,
                                 const char *handle,
                                 const char *title,
                                 const char *format,
                                 gint64 expires_s) G_GNUC_WARN_UNUSED_RESULT;
/* Something of an allowed site. */
typedef struct {
  const char *url;
  const char *audio;     /* of the sound that is joined with it; NULL = it is one file */
  const char *page;      /* where it was found, to look there again; NULL = not known */
  const char *format_id; /* what it is there */
} ForgeSiteLink;
/* The same for that. */
char *forge_media_link_download_url (const ForgeLinkKeys *keys,
                                     const ForgeSiteLink *link,
                                     const char *title,
                                     const char *format,
                                     gint64 expires_s) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
