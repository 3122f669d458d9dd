/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "provider/forge-m3u-slots.h"

#include "base/forge-error.h"
#include "provider/forge-m3u-url.h"

#include <string.h>

/* Between the values of a chunk; no URL contains it. */
#define SEPARATOR "\n"

typedef struct {
  GPtrArray *values; /* of char*; "" = free */
  GArray *spared;    /* of gboolean, as long as `values` */
  gsize bytes;       /* with a separator each */
  gboolean is_changed;
} Chunk;

struct _ForgeM3uSlots {
  ForgeSecrets *secrets;
  gint64 account_id;
  GPtrArray *chunks;    /* of Chunk* */
  GHashTable *by_value; /* value → GINT (chunk << 16 | index) + 1; owned by the chunks */
};

static char *
chunk_name (gint64 account_id, guint chunk)
{
  return g_strdup_printf ("m3u/%" G_GINT64_FORMAT "/%u", account_id, chunk);
}

static void
chunk_free (gpointer data)
{
  Chunk *chunk = data;

  g_ptr_array_unref (chunk->values);
  g_array_unref (chunk->spared);
  g_free (chunk);
}

static Chunk *
chunk_new (void)
{
  Chunk *chunk = g_new0 (Chunk, 1);

  chunk->values = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_secret_free);
  chunk->spared = g_array_new (FALSE, TRUE, sizeof (gboolean));
  return chunk;
}

static void
chunk_append (Chunk *chunk, const char *value)
{
  g_ptr_array_add (chunk->values, g_strdup (value));
  g_array_set_size (chunk->spared, chunk->values->len);
  chunk->bytes += strlen (value) + 1;
}

static void
note_value (ForgeM3uSlots *slots, guint chunk, guint index)
{
  Chunk *at = g_ptr_array_index (slots->chunks, chunk);
  char *value = g_ptr_array_index (at->values, index);

  if (*value)
    g_hash_table_insert (slots->by_value, value, GUINT_TO_POINTER ((chunk << 16 | index) + 1));
}

static void
add_chunk (ForgeM3uSlots *slots, const char *text)
{
  Chunk *chunk = chunk_new ();
  g_auto (GStrv) values = g_strsplit (text, SEPARATOR, -1);

  g_ptr_array_add (slots->chunks, chunk);
  for (guint i = 0; values[i]; i++) {
    chunk_append (chunk, values[i]);
    note_value (slots, slots->chunks->len - 1, i);
  }
}

ForgeM3uSlots *
forge_m3u_slots_load (ForgeSecrets *secrets,
                      gint64 account_id,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ForgeM3uSlots) slots = g_new0 (ForgeM3uSlots, 1);

  slots->secrets = secrets;
  slots->account_id = account_id;
  slots->chunks = g_ptr_array_new_with_free_func (chunk_free);
  slots->by_value = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < FORGE_M3U_SLOT_CHUNKS; i++) {
    g_autofree char *name = chunk_name (account_id, i);
    g_autoptr (GError) failure = NULL;
    g_autoptr (ForgeSecret) text = forge_secrets_lookup (secrets, name, cancellable, &failure);
    if (g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_NOT_FOUND))
      break;
    if (!text) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
    add_chunk (slots, text);
  }
  return g_steal_pointer (&slots);
}

void
forge_m3u_slots_free (ForgeM3uSlots *slots)
{
  if (!slots)
    return;
  g_hash_table_unref (slots->by_value);
  g_ptr_array_unref (slots->chunks);
  g_free (slots);
}

/* Reads "<1f>CHUNK.INDEX<1f>" at `text`. Returns what follows, NULL if it is none. */
static const char *
read_reference (const char *text, guint *chunk, guint *index)
{
  char *end = NULL;

  if (*text != FORGE_M3U_SECRET_MARK)
    return NULL;
  guint64 first = g_ascii_strtoull (text + 1, &end, 10);
  if (end == text + 1 || *end != '.')
    return NULL;
  const char *dot = end;
  guint64 second = g_ascii_strtoull (dot + 1, &end, 10);
  if (end == dot + 1 || *end != FORGE_M3U_SECRET_MARK || first >= FORGE_M3U_SLOT_CHUNKS ||
      second >= FORGE_M3U_SLOT_CHUNK_BYTES)
    return NULL;
  *chunk = (guint)first;
  *index = (guint)second;
  return end + 1;
}

void
forge_m3u_slots_spare (ForgeM3uSlots *slots, const char *stored)
{
  const char *mark = strchr (stored, FORGE_M3U_SECRET_MARK);

  while (mark) {
    guint chunk, index;
    const char *next = read_reference (mark, &chunk, &index);
    if (!next)
      return;
    if (chunk < slots->chunks->len) {
      Chunk *at = g_ptr_array_index (slots->chunks, chunk);
      if (index < at->spared->len)
        g_array_index (at->spared, gboolean, index) = TRUE;
    }
    mark = strchr (next, FORGE_M3U_SECRET_MARK);
  }
}

/* A slot that nobody needs and that is large enough for its chunk. */
static gboolean
reuse_slot (ForgeM3uSlots *slots, guint chunk, const char *value, guint *index)
{
  Chunk *at = g_ptr_array_index (slots->chunks, chunk);

  for (guint i = 0; i < at->values->len; i++) {
    char *old = g_ptr_array_index (at->values, i);
    if (g_array_index (at->spared, gboolean, i) ||
        at->bytes - strlen (old) + strlen (value) > FORGE_M3U_SLOT_CHUNK_BYTES)
      continue;
    g_hash_table_remove (slots->by_value, old);
    at->bytes += strlen (value) - strlen (old);
    forge_secret_free (old);
    g_ptr_array_index (at->values, i) = g_strdup (value);
    *index = i;
    return TRUE;
  }
  if (at->bytes + strlen (value) + 1 > FORGE_M3U_SLOT_CHUNK_BYTES)
    return FALSE;
  chunk_append (at, value);
  *index = at->values->len - 1;
  return TRUE;
}

static gboolean
find_slot (ForgeM3uSlots *slots, const char *value, guint *chunk, guint *index)
{
  gpointer known = g_hash_table_lookup (slots->by_value, value);

  if (known) {
    *chunk = (GPOINTER_TO_UINT (known) - 1) >> 16;
    *index = (GPOINTER_TO_UINT (known) - 1) & 0xffff;
    return TRUE;
  }
  for (*chunk = 0; *chunk < FORGE_M3U_SLOT_CHUNKS; ++*chunk) {
    if (*chunk == slots->chunks->len)
      g_ptr_array_add (slots->chunks, chunk_new ());
    if (!reuse_slot (slots, *chunk, value, index))
      continue;
    ((Chunk *)g_ptr_array_index (slots->chunks, *chunk))->is_changed = TRUE;
    note_value (slots, *chunk, *index);
    return TRUE;
  }
  return FALSE;
}

char *
forge_m3u_slots_close (ForgeM3uSlots *slots, const char *open, const GPtrArray *secrets)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint next = 0, chunk, index;

  for (; *open; open++) {
    if (*open != FORGE_M3U_SECRET_MARK) {
      g_string_append_c (text, *open);
      continue;
    }
    const char *value = next < secrets->len ? g_ptr_array_index (secrets, next++) : NULL;
    if (!value || !find_slot (slots, value, &chunk, &index))
      return NULL;
    g_array_index (((Chunk *)g_ptr_array_index (slots->chunks, chunk))->spared, gboolean, index) =
        TRUE;
    g_string_append_printf (text, "\x1f%u.%u\x1f", chunk, index);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
forge_m3u_slots_save (ForgeM3uSlots *slots, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < slots->chunks->len; i++) {
    Chunk *chunk = g_ptr_array_index (slots->chunks, i);
    g_autofree char *name = chunk_name (slots->account_id, i);
    g_autoptr (GString) text = g_string_new (NULL);

    for (guint k = 0; k < chunk->values->len; k++)
      g_string_append_printf (text,
                              "%s%s",
                              k ? SEPARATOR : "",
                              (char *)g_ptr_array_index (chunk->values, k));
    if (chunk->is_changed &&
        !forge_secrets_store (slots->secrets, name, text->str, cancellable, error))
      return FALSE;
    chunk->is_changed = FALSE;
  }
  return TRUE;
}

/* The value of one slot. (transfer full) */
static char *
lookup_slot (ForgeSecrets *secrets,
             gint64 account_id,
             guint chunk,
             guint index,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *name = chunk_name (account_id, chunk);
  g_autoptr (ForgeSecret) text = forge_secrets_lookup (secrets, name, cancellable, error);

  if (!text)
    return NULL;
  g_auto (GStrv) values = g_strsplit (text, SEPARATOR, -1);
  if (index < g_strv_length (values) && *values[index])
    return g_strdup (values[index]);
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_NOT_FOUND,
                       "The login in the entry's address is gone; refresh the account");
  return NULL;
}

char *
forge_m3u_slots_resolve (ForgeSecrets *secrets,
                         gint64 account_id,
                         const char *stored,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GString) url = g_string_new (NULL);
  const char *at = stored;

  while (*at) {
    gsize plain = strcspn (at, "\x1f");
    guint chunk, index;

    g_string_append_len (url, at, (gssize)plain);
    at += plain;
    if (!*at)
      break;
    const char *next = read_reference (at, &chunk, &index);
    if (!next) {
      g_set_error_literal (error,
                           FORGE_ERROR,
                           FORGE_ERROR_INVALID,
                           "The entry's address cannot be read");
      return NULL;
    }
    g_autoptr (ForgeSecret) value =
        lookup_slot (secrets, account_id, chunk, index, cancellable, error);
    if (!value)
      return NULL;
    g_string_append (url, value);
    at = next;
  }
  return g_string_free (g_steal_pointer (&url), FALSE);
}

void
forge_m3u_slots_forget (ForgeSecrets *secrets, gint64 account_id)
{
  for (guint i = 0; i < FORGE_M3U_SLOT_CHUNKS; i++) {
    g_autofree char *name = chunk_name (account_id, i);
    g_autoptr (ForgeSecret) text = forge_secrets_lookup (secrets, name, NULL, NULL);

    if (!text || !forge_secrets_forget (secrets, name, NULL, NULL))
      return;
  }
}
