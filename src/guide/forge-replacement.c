/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-replacement.h"

#include "guide/forge-match-rules.h"
#include "store/forge-store-adopt.h"

#include <string.h>

/* From what leaves no doubt to what is still more likely than anything else. */
typedef enum {
  BY_ALL,      /* name, EPG id and group as they were */
  BY_SPELLING, /* the name, but for case */
  BY_NAME,     /* country, region, time shift, words and quality */
  BY_JOINED,   /* … whatever the blanks: "Sky Sports" and "SkySports" */
  BY_WORDS,    /* … where one of the two names no country */
  BY_ANY_TIER, /* the name in another quality */
  BY_EPG_ID,   /* the EPG id and quality, if the names share a word */
  N_WAYS,
} Way;

typedef struct {
  gint64 id; /* stream id of an old one, remote id of a new one */
  char *name, *epg_id, *group;
  char *key;         /* forge_match_rules_key (); NULL if the name says nothing */
  const char *words; /* of the key */
  ForgeQuality quality;
  gboolean is_available, is_taken;
} Item;

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free (item->name);
  g_free (item->epg_id);
  g_free (item->group);
  g_free (item->key);
  g_free (item);
}

static gboolean
collect (const ForgeStream *stream, gpointer user_data)
{
  Item *item = g_new0 (Item, 1);

  item->id = stream->id ? stream->id : stream->remote_id;
  item->name = g_utf8_casefold (stream->name, -1);
  item->epg_id = stream->epg_id ? g_utf8_casefold (stream->epg_id, -1) : NULL;
  item->group = g_strdup (stream->group);
  item->key = forge_match_rules_key (stream, TRUE);
  item->words = item->key ? strrchr (item->key, '|') + 1 : NULL;
  item->quality = stream->quality;
  item->is_available = stream->available;
  g_ptr_array_add (user_data, item);
  return TRUE;
}

static char *
without_blanks (const char *text)
{
  GString *joined = g_string_new (NULL);

  for (; *text; text++)
    if (*text != ' ')
      g_string_append_c (joined, *text);
  return g_string_free (joined, FALSE);
}

/* The key without its country: "shift|region|words". */
static const char *
after_country (const Item *item)
{
  return strchr (item->key, '|');
}

/* What two items have to have in common; NULL = it cannot be found this way. (transfer full) */
static char *
make_key (const Item *item, Way way)
{
  if (way == BY_ALL)
    return g_strdup_printf ("%s\n%s\n%s",
                            item->name,
                            item->epg_id ? item->epg_id : "",
                            item->group ? item->group : "");
  if (way == BY_SPELLING)
    return g_strdup (item->name);
  if (way == BY_EPG_ID)
    return item->epg_id && item->key ? g_strdup_printf ("%s\n%d", item->epg_id, (int)item->quality)
                                     : NULL;
  if (!item->key)
    return NULL;
  if (way == BY_ANY_TIER)
    return g_strdup (item->key);
  if (way == BY_JOINED) {
    g_autofree char *joined = without_blanks (item->key);
    return g_strdup_printf ("%s\n%d", joined, (int)item->quality);
  }
  return g_strdup_printf ("%s\n%d",
                          way == BY_WORDS ? after_country (item) : item->key,
                          (int)item->quality);
}

static gboolean
share_a_word (const Item *a, const Item *b)
{
  g_auto (GStrv) words = g_strsplit (a->words, " ", -1);
  g_auto (GStrv) others = g_strsplit (b->words, " ", -1);

  for (char **word = words; *word; word++)
    if (**word && g_strv_contains ((const char *const *)others, *word))
      return TRUE;
  return FALSE;
}

static gboolean
may_be_same (const Item *old, const Item *now, Way way)
{
  if (old->is_taken)
    return FALSE;
  if (way == BY_WORDS)
    return *old->key == '|' || *now->key == '|';
  return way != BY_EPG_ID || share_a_word (old, now);
}

static void
queue_free (gpointer data)
{
  g_ptr_array_unref (data);
}

/* Key → old items (not owned) that are not found yet, in their order. */
static GHashTable *
index_items (const GPtrArray *items, Way way)
{
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, queue_free);

  for (guint i = 0; i < items->len; i++) {
    Item *item = g_ptr_array_index (items, i);
    char *key = item->is_taken ? NULL : make_key (item, way);
    GPtrArray *queue = key ? g_hash_table_lookup (index, key) : NULL;

    if (!key)
      continue;
    if (!queue) {
      queue = g_ptr_array_new ();
      g_hash_table_insert (index, g_strdup (key), queue);
    }
    g_ptr_array_add (queue, item);
    g_free (key);
  }
  return index;
}

/* The first old item that may be `now`, NULL = none. */
static Item *
find_old (GHashTable *index, const Item *now, Way way)
{
  g_autofree char *key = make_key (now, way);
  GPtrArray *queue = key ? g_hash_table_lookup (index, key) : NULL;

  for (guint i = 0; queue && i < queue->len; i++) {
    Item *old = g_ptr_array_index (queue, i);
    if (may_be_same (old, now, way))
      return old;
  }
  return NULL;
}

static void
pair_up (const GPtrArray *before, const GPtrArray *after, Way way, GArray *adoptions)
{
  g_autoptr (GHashTable) index = index_items (before, way);

  for (guint i = 0; i < after->len; i++) {
    Item *now = g_ptr_array_index (after, i);
    Item *old = now->is_taken ? NULL : find_old (index, now, way);
    if (!old)
      continue;
    const ForgeAdoption adoption = { old->id, now->id };
    g_array_append_val (adoptions, adoption);
    old->is_taken = now->is_taken = TRUE;
  }
}

static void
count (const GPtrArray *before, const GPtrArray *after, ForgeReplacementCounts *counts)
{
  *counts = (ForgeReplacementCounts){ 0 };
  for (guint i = 0; i < before->len; i++) {
    const Item *item = g_ptr_array_index (before, i);
    counts->found += item->is_available && item->is_taken;
    counts->lost += item->is_available && !item->is_taken;
    counts->revived += !item->is_available && item->is_taken;
  }
  for (guint i = 0; i < after->len; i++)
    counts->fresh += !((const Item *)g_ptr_array_index (after, i))->is_taken;
}

gboolean
forge_replacement_adopt (ForgeStore *store,
                         gint64 account_id,
                         ForgeReplacementCounts *counts,
                         GError **error)
{
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (item_free);
  g_autoptr (GPtrArray) after = g_ptr_array_new_with_free_func (item_free);
  g_autoptr (GArray) adoptions = g_array_new (FALSE, FALSE, sizeof (ForgeAdoption));

  if (!forge_store_each_stream_of (store, account_id, collect, before, error) ||
      !forge_store_each_staged (store, collect, after, error))
    return FALSE;
  for (Way way = BY_ALL; way < N_WAYS; way++)
    pair_up (before, after, way, adoptions);
  count (before, after, counts);
  return forge_store_adopt_streams (store, account_id, adoptions, error);
}
