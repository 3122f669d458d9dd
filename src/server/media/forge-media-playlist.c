/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/media/forge-media-playlist.h"

#include "base/forge-error.h"
#include "formats/forge-hls-rewrite.h"

#include <string.h>

#define READ_MS       20000
#define LINK_STEP_S   300 /* so that a link stays the same for a while */
#define MOVED_LIFE_US (10 * 60 * G_USEC_PER_SEC)
#define MAX_MOVED     32
/* No variable of a playlist is called so. */
#define LANGUAGE ".lang="
#define PAGE     ".page="
#define FORMAT   ".fid="
#define USER     ".user="

/* ---- the context ---- */

void
forge_media_context_clear (ForgeMediaContext *context)
{
  g_clear_pointer (&context->variables, g_hash_table_unref);
  g_clear_pointer (&context->language, g_free);
  g_clear_pointer (&context->page, g_free);
  g_clear_pointer (&context->format_id, g_free);
}

static void
append_text (GString *text, const char *name, const char *value)
{
  if (!value)
    return;
  g_string_append_printf (text, "&%s", name);
  g_string_append_uri_escaped (text, value, NULL, FALSE);
}

char *
forge_media_context_format (const ForgeMediaContext *context)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer name, value;

  g_string_printf (text,
                   "%s&%" G_GINT64_FORMAT "&%" G_GINT64_FORMAT "&%" G_GINT64_FORMAT
                   "&%" G_GINT64_FORMAT "&%" G_GINT64_FORMAT,
                   forge_media_kind_name (context->kind),
                   context->id,
                   context->account_id,
                   context->parent,
                   context->ordinal,
                   context->sequence);
  append_text (text, LANGUAGE, context->language);
  append_text (text, PAGE, context->page);
  append_text (text, FORMAT, context->format_id);
  if (context->user)
    g_string_append_printf (text, "&" USER "%" G_GINT64_FORMAT, context->user);
  if (context->variables) {
    g_hash_table_iter_init (&iter, context->variables);
    while (g_hash_table_iter_next (&iter, &name, &value)) {
      g_string_append_printf (text, "&%s=", (const char *)name);
      g_string_append_uri_escaped (text, value, NULL, FALSE);
    }
  }
  char *coded = g_base64_encode ((const guchar *)text->str, text->len);
  g_strdelimit (coded, "+", '-');
  g_strdelimit (coded, "/", '_');
  coded[strcspn (coded, "=")] = '\0';
  return coded;
}

static char *
decode (const char *text)
{
  g_autoptr (GString) padded = g_string_new (text);
  gsize length;

  g_strdelimit (padded->str, "-", '+');
  g_strdelimit (padded->str, "_", '/');
  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');
  g_autofree guchar *bytes = g_base64_decode (padded->str, &length);
  return g_strndup ((const char *)bytes, length);
}

/* FALSE: it is none of ours. */
static gboolean
take_text (const char *word, const char *name, char **value)
{
  if (!g_str_has_prefix (word, name))
    return FALSE;
  g_free (*value);
  *value = g_uri_unescape_string (word + strlen (name), NULL);
  return TRUE;
}

static void
take_variable (ForgeMediaContext *context, const char *word)
{
  const char *equals = strchr (word, '=');
  char *value = equals ? g_uri_unescape_string (equals + 1, NULL) : NULL;

  if (!value)
    return;
  if (!context->variables)
    context->variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_replace (context->variables, g_strndup (word, (gsize)(equals - word)), value);
}

gboolean
forge_media_context_parse (const char *text, ForgeMediaContext *context)
{
  g_autofree char *plain = decode (text);
  g_auto (GStrv) words = g_strsplit (plain, "&", -1);
  gint64 *const numbers[] = { &context->id,
                              &context->account_id,
                              &context->parent,
                              &context->ordinal,
                              &context->sequence };

  *context = (ForgeMediaContext){ 0 };
  if (g_strv_length (words) < 1 + G_N_ELEMENTS (numbers) ||
      !forge_media_kind_parse (words[0], &context->kind))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (!g_ascii_string_to_signed (words[i + 1], 10, -1, G_MAXINT64, numbers[i], NULL))
      return FALSE;
  for (char **word = words + 1 + G_N_ELEMENTS (numbers); *word; word++)
    if (g_str_has_prefix (*word, USER))
      context->user = g_ascii_strtoll (*word + strlen (USER), NULL, 10);
    else if (!take_text (*word, LANGUAGE, &context->language) &&
             !take_text (*word, PAGE, &context->page) &&
             !take_text (*word, FORMAT, &context->format_id))
      take_variable (context, *word);
  return TRUE;
}

/* ---- links ---- */

typedef struct {
  const ForgeLinkKeys *keys;
  const ForgeMediaContext *here; /* of the playlist at hand */
  gint64 now_s, film_s;
  gboolean is_live, is_multivariant;
} Mapper;

/* Players look at the end of a name; it says nothing else. */
static char *
name_of (const ForgeHlsUri *uri)
{
  const char *end = uri->url + strcspn (uri->url, "?#");
  const char *slash = end;

  while (slash > uri->url && slash[-1] != '/')
    slash--;
  g_autofree char *name = g_strndup (slash, (gsize)(end - slash));
  const char *dot = strrchr (name, '.');
  gsize length = dot ? strlen (dot) : 0;
  gboolean is_plain = length > 1 && length < 7;
  for (const char *p = is_plain ? dot + 1 : ""; *p; p++)
    is_plain = is_plain && g_ascii_isalnum (*p);
  if (is_plain)
    return g_strdup_printf ("%s%s", forge_hls_uri_kind_name (uri->kind), dot);
  switch (uri->kind) {
  case FORGE_HLS_URI_PLAYLIST:
    return g_strdup ("playlist.m3u8");
  case FORGE_HLS_URI_KEY:
    return g_strdup ("key.key");
  case FORGE_HLS_URI_MAP:
    return g_strdup ("map.mp4");
  case FORGE_HLS_URI_SEGMENT:
    return g_strdup ("segment.ts");
  case FORGE_HLS_URI_DATA:
  default:
    return g_strdup ("data.bin");
  }
}

/* Rounded up, so that what is loaded anew has the same links for a while. */
static gint64
expiry_of (const Mapper *mapper, ForgeHlsUriKind kind)
{
  gint64 life_s = mapper->film_s;

  if (mapper->is_live)
    life_s = kind == FORGE_HLS_URI_PLAYLIST ? FORGE_MEDIA_LIVE_PLAYLIST_S : FORGE_MEDIA_LIVE_LINK_S;
  return (mapper->now_s + life_s + LINK_STEP_S - 1) / LINK_STEP_S * LINK_STEP_S;
}

static char *
map_uri (const ForgeHlsUri *uri, gpointer user_data)
{
  const Mapper *mapper = user_data;
  gboolean is_top = uri->sequence < 0;
  const ForgeMediaContext context = {
    .kind = mapper->here->kind,
    .id = mapper->here->id,
    .account_id = mapper->here->account_id,
    .parent = is_top ? -1 : mapper->here->parent,
    .ordinal = uri->ordinal,
    .sequence = uri->sequence,
    .language = mapper->here->language,
    .page = mapper->here->page,
    .format_id = mapper->here->format_id,
    .user = mapper->here->user,
    .variables = is_top && uri->kind == FORGE_HLS_URI_PLAYLIST &&
                         g_hash_table_size (uri->variables) > 0
                     ? uri->variables
                     : NULL,
  };
  g_autofree char *coded = forge_media_context_format (&context);
  g_autofree char *name = name_of (uri);
  g_autofree char *path = g_strconcat ("/strm/proxy/", name, NULL);
  g_autofree char *expires = g_strdup_printf ("%" G_GINT64_FORMAT, expiry_of (mapper, uri->kind));
  g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (query, (gpointer) "u", (gpointer)uri->url);
  g_hash_table_insert (query, (gpointer) "ctx", coded);
  g_hash_table_insert (query, (gpointer) "exp", expires);
  return forge_link_sign (mapper->keys, FORGE_LINK_PROXY, path, query);
}

/* ---- the answer ---- */

/* Where the playlist stands: what came with the request, or the top of a title. */
static void
find_context (const ForgeMediaWish *wish,
              const ForgeMediaAnswer *answer,
              gint64 account_id,
              ForgeMediaContext *here)
{
  if (answer->context && forge_media_context_parse (answer->context, here)) {
    /* what it holds are parts of it: its own number is their parent's */
    here->parent = here->ordinal;
    here->account_id = account_id;
    return;
  }
  *here = (ForgeMediaContext){ .kind = wish->kind,
                               .id = wish->id,
                               .account_id = account_id,
                               .parent = -1,
                               .sequence = -1,
                               .user = wish->seat.id ? wish->seat.user : 0,
                               .language = g_strdup (wish->language),
                               .page = g_strdup (wish->page),
                               .format_id = g_strdup (wish->format_id) };
}

static gint64
film_link_s (ForgeMediaService *service, const ForgeMediaContext *here, GCancellable *cancellable)
{
  g_autoptr (ForgeResolved) title =
      here->id > 0 ? forge_resolver_get (service->resolver, here->kind, here->id, cancellable, NULL)
                   : NULL;

  if (!title || title->duration_s <= 0)
    return FORGE_MEDIA_DEFAULT_LINK_S;
  return MAX (FORGE_MEDIA_FILM_LINK_S + 2 * (gint64)title->duration_s, FORGE_MEDIA_DEFAULT_LINK_S);
}

/* Whether it goes on: the end mark decides, wherever it stands. */
static gboolean
is_live (const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);

  return strstr (copy, "#EXTINF") && !strstr (copy, "#EXT-X-ENDLIST") &&
         !strstr (copy, "#EXT-X-PLAYLIST-TYPE:VOD");
}

static ForgeReply *
rewrite (ForgeMediaService *service,
         const ForgeMediaContext *here,
         const char *base_url,
         GBytes *text,
         GCancellable *cancellable,
         GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (text, &length);
  g_autoptr (ForgeLinkKeys) keys = forge_media_service_keys (service, cancellable, error);
  Mapper mapper = { .keys = keys,
                    .here = here,
                    .now_s = g_get_real_time () / G_USEC_PER_SEC,
                    .film_s = film_link_s (service, here, cancellable),
                    .is_live = is_live (data, length) };
  const ForgeHlsRewriteConfig config = { .base_url = base_url,
                                         .imports = here->variables,
                                         .map = map_uri,
                                         .user_data = &mapper };
  GString *out = keys ? forge_hls_rewrite_all (&config, data, length, NULL, error) : NULL;

  if (!out)
    return NULL;
  ForgeReply *reply = forge_reply_new (FORGE_MEDIA_PLAYLIST_TYPE, g_string_free_to_bytes (out));
  forge_reply_add_header (reply, "Cache-Control", "no-cache");
  return reply;
}

ForgeReply *
forge_media_playlist_reply (ForgeMediaService *service,
                            const ForgeMediaWish *wish,
                            const ForgeMediaAnswer *answer,
                            ForgeMediaOpened *opened,
                            const ForgeRequest *request,
                            GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = g_strdup (opened->fetch.dial.final_url);
  g_auto (ForgeMediaContext) here = { 0 };
  g_autoptr (GBytes) text = forge_fetch_read_all (&opened->fetch,
                                                  FORGE_MEDIA_MAX_PLAYLIST_BYTES,
                                                  READ_MS,
                                                  cancellable,
                                                  &error);

  find_context (wish, answer, opened->account_id, &here);
  forge_seat_keep (&wish->seat);
  forge_media_opened_clear (opened);
  ForgeReply *reply = text ? rewrite (service, &here, base, text, cancellable, &error) : NULL;
  return reply ? reply : forge_media_error_reply (error);
}

/* ---- finding a part again ---- */

typedef struct {
  gint64 ordinal, sequence;
  gint64 distance; /* of the best so far */
  char *found;
  GHashTable *variables; /* of the playlist, as far as it was read for `found` */
} Finder;

/* In a media playlist the same sequence number at about the same place; the ordinal counts the
 * addresses before it, which changes as the window moves. */
static char *
find_uri (const ForgeHlsUri *uri, gpointer user_data)
{
  Finder *finder = user_data;
  gint64 distance = ABS ((gint64)uri->ordinal - finder->ordinal);

  if (uri->sequence == finder->sequence && (finder->sequence >= 0 || distance == 0) &&
      (!finder->found || distance < finder->distance)) {
    g_free (finder->found);
    finder->found = g_strdup (uri->url);
    finder->variables = uri->variables;
    finder->distance = distance;
  }
  return NULL;
}

/* A playlist that was fetched anew, kept for the parts that follow. */
typedef struct {
  gint64 read_us, account_id;
  char *base_url;
  GBytes *text;
  GHashTable *imports; /* what the playlist above it defines; NULL = nothing */
} Moved;

static void
moved_free (gpointer data)
{
  Moved *moved = data;

  g_free (moved->base_url);
  g_clear_pointer (&moved->text, g_bytes_unref);
  g_clear_pointer (&moved->imports, g_hash_table_unref);
  g_free (moved);
}

/* The title's own playlist (`url` NULL), or one of it. */
static Moved *
fetch_list (ForgeMediaService *service,
            const ForgeMediaWish *title,
            const char *url,
            gint64 account_id,
            GCancellable *cancellable,
            GError **error)
{
  ForgeMediaWish wish = *title;
  ForgeMediaPlace place = { .last = -1, .length = -1 };
  g_auto (ForgeMediaOpened) opened = { 0 };

  wish.url = (char *)url;
  wish.account_id = account_id;
  if (!forge_media_open (service, &wish, &place, &opened, cancellable, error))
    return NULL;
  g_autofree char *base = g_strdup (opened.fetch.dial.final_url);
  GBytes *text = forge_fetch_read_all (&opened.fetch,
                                       FORGE_MEDIA_MAX_PLAYLIST_BYTES,
                                       READ_MS,
                                       cancellable,
                                       error);
  if (!text)
    return NULL;
  Moved *moved = g_new0 (Moved, 1);
  moved->read_us = g_get_monotonic_time ();
  moved->account_id = opened.account_id;
  moved->base_url = g_steal_pointer (&base);
  moved->text = text;
  return moved;
}

/* (transfer full), NULL = not there. `variables` (may be NULL): what it defines. (transfer full) */
static char *
search_list (const Moved *moved,
             gint64 ordinal,
             gint64 sequence,
             GHashTable **variables,
             GError **error)
{
  Finder finder = { .ordinal = ordinal, .sequence = sequence };
  const ForgeHlsRewriteConfig config = { .base_url = moved->base_url,
                                         .imports = moved->imports,
                                         .map = find_uri,
                                         .user_data = &finder };
  gsize length;
  const char *data = g_bytes_get_data (moved->text, &length);
  g_autoptr (ForgeHlsRewrite) rewriting = forge_hls_rewrite_new (&config, error);
  g_autoptr (GString) ignored = g_string_new (NULL);

  if (!rewriting || !forge_hls_rewrite_push (rewriting, data, length, ignored, error) ||
      !forge_hls_rewrite_end (rewriting, ignored, error)) {
    g_free (finder.found);
    return NULL;
  }
  if (!finder.found)
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_NOT_FOUND,
                         "This part is not in the playlist any more");
  else if (variables)
    *variables = g_hash_table_ref (finder.variables);
  return finder.found;
}

/* From the title's playlist down to the one that holds the part. */
static Moved *
fetch_down (ForgeMediaService *service,
            const ForgeMediaWish *title,
            const ForgeMediaContext *context,
            GCancellable *cancellable,
            GError **error)
{
  Moved *top = fetch_list (service, title, NULL, 0, cancellable, error);

  if (!top || context->sequence < 0 || context->parent < 0)
    return top;
  GHashTable *variables = NULL;
  g_autofree char *url = search_list (top, context->parent, -1, &variables, error);
  Moved *below = url ? fetch_list (service, title, url, top->account_id, cancellable, error) : NULL;
  if (below)
    below->imports = g_steal_pointer (&variables);
  g_clear_pointer (&variables, g_hash_table_unref);
  moved_free (top);
  return below;
}

/* What is kept, if it knows the part. */
static char *
search_kept (ForgeMediaService *service,
             const char *key,
             const ForgeMediaContext *context,
             gint64 *account_id)
{
  char *url = NULL;

  g_mutex_lock (&service->lock);
  const Moved *moved = service->moved ? g_hash_table_lookup (service->moved, key) : NULL;
  if (moved && g_get_monotonic_time () - moved->read_us < MOVED_LIFE_US) {
    url = search_list (moved, context->ordinal, context->sequence, NULL, NULL);
    *account_id = moved->account_id;
  }
  g_mutex_unlock (&service->lock);
  return url;
}

static void
keep (ForgeMediaService *service, const char *key, Moved *moved)
{
  g_mutex_lock (&service->lock);
  if (!service->moved)
    service->moved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, moved_free);
  if (g_hash_table_size (service->moved) >= MAX_MOVED)
    g_hash_table_remove_all (service->moved);
  g_hash_table_replace (service->moved, g_strdup (key), moved);
  g_mutex_unlock (&service->lock);
}

char *
forge_media_playlist_find_again (ForgeMediaService *service,
                                 const ForgeMediaWish *wish,
                                 const ForgeMediaContext *context,
                                 gint64 *account_id,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autofree char *handle = forge_media_handle (context->kind, context->id);
  g_autofree char *title_key = forge_media_wish_key (handle, context->language);
  g_autofree char *key = g_strdup_printf ("%s %" G_GINT64_FORMAT, title_key, context->parent);
  ForgeMediaWish title = *wish;
  char *url = search_kept (service, key, context, account_id);

  if (url && !g_str_equal (url, wish->url))
    return url;
  g_free (url);
  if (!forge_resolver_refresh (service->resolver, context->kind, context->id)) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_RETRY,
                         "The provider does not give this part, and was asked for a new address "
                         "less than a minute ago");
    return NULL;
  }
  title.kind = context->kind;
  title.id = context->id;
  title.key = title_key;
  title.language = context->language;
  title.prefers = context->account_id;
  Moved *moved = fetch_down (service, &title, context, cancellable, error);
  if (!moved)
    return NULL;
  *account_id = moved->account_id;
  url = search_list (moved, context->ordinal, context->sequence, NULL, error);
  keep (service, key, moved);
  return url;
}
