/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-lineup-promote.h"

#include "guide/forge-matcher.h"
#include "guide/forge-name.h"

#include <string.h>

typedef struct {
  ForgePromotedChannel public;
  gint64 account_id;
} Group;

struct _ForgePromotion {
  GHashTable *groups;  /* what makes streams one channel → Group, not owned */
  GPtrArray *channels; /* of Group*, owned */
  GHashTable *own;     /* "account:remote" of a stored key → the key */
  GHashTable *members; /* "account:remote" of a stream that a stored channel holds → its key */
};

static void
group_free (Group *group)
{
  g_free (group->public.key);
  g_free (group->public.name);
  g_free (group->public.group);
  g_free (group->public.logo);
  g_array_unref (group->public.streams);
  g_free (group);
}

ForgePromotion *
forge_promotion_new (void)
{
  ForgePromotion *promotion = g_new0 (ForgePromotion, 1);

  promotion->groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  promotion->channels = g_ptr_array_new_with_free_func ((GDestroyNotify)group_free);
  promotion->own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  promotion->members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return promotion;
}

void
forge_promotion_free (ForgePromotion *promotion)
{
  if (!promotion)
    return;
  g_hash_table_unref (promotion->groups);
  g_ptr_array_unref (promotion->channels);
  g_hash_table_unref (promotion->own);
  g_hash_table_unref (promotion->members);
  g_free (promotion);
}

static char *
member_key (gint64 account_id, gint64 remote_id)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, account_id, remote_id);
}

void
forge_promotion_add_existing (ForgePromotion *promotion, const ForgeChannel *channel)
{
  static const char prefix[] = "stream:";
  gint64 account_id;

  if (!channel->key || !g_str_has_prefix (channel->key, prefix))
    return;
  g_hash_table_insert (promotion->own,
                       g_strdup (channel->key + strlen (prefix)),
                       g_strdup (channel->key));
  account_id = g_ascii_strtoll (channel->key + strlen (prefix), NULL, 10);
  for (guint i = 0; i < channel->candidates->len; i++) {
    const ForgeCandidate *candidate = forge_channel_candidate (channel, i);

    if (!candidate->manual && candidate->stream->account_id == account_id)
      g_hash_table_insert (promotion->members,
                           member_key (account_id, candidate->stream->remote_id),
                           g_strdup (channel->key));
  }
}

/* What streams of one channel have in common. Returns: (transfer full). */
static char *
group_key (const ForgeStream *stream, const ForgeName *name, const ForgeCountrySet *countries)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_autofree char *country = forge_country_set_to_text (countries);

  g_string_printf (key,
                   "%" G_GINT64_FORMAT "|%s|%d|%d|",
                   stream->account_id,
                   country,
                   name->shift_hours,
                   (int)name->region);
  for (guint i = 0; i < name->n_tokens; i++)
    g_string_append_printf (key, "%s ", forge_name_token (name, i));
  return g_strdup (key->str);
}

static Group *
find_group (ForgePromotion *promotion, const ForgeStream *stream, const ForgeName *name)
{
  ForgeCountrySet countries = name->prefix;
  g_autofree char *key = NULL;
  Group *group;

  if (forge_country_set_is_empty (&countries) && stream->group)
    forge_name_parse_group (stream->group, &countries);
  key = group_key (stream, name, &countries);
  group = g_hash_table_lookup (promotion->groups, key);
  if (group)
    return group;
  group = g_new0 (Group, 1);
  group->account_id = stream->account_id;
  group->public.name = forge_matcher_clean_name (stream->name);
  group->public.group = g_strdup (stream->group);
  group->public.streams = g_array_new (FALSE, FALSE, sizeof (ForgePromotedStream));
  g_ptr_array_add (promotion->channels, group);
  g_hash_table_insert (promotion->groups, g_steal_pointer (&key), group);
  return group;
}

gboolean
forge_promotion_add_stream (ForgePromotion *promotion, const ForgeStream *stream)
{
  ForgePromotedStream row = { .stream_id = stream->id,
                              .remote_id = stream->remote_id,
                              .quality = stream->quality,
                              .position = stream->position };
  ForgeName name;
  Group *group;

  forge_name_parse (&name, stream->name ? stream->name : "", FORGE_NAME_OF_STREAM, NULL);
  if (name.kind == FORGE_NAME_SEPARATOR || name.kind == FORGE_NAME_EMPTY || name.n_tokens == 0)
    return FALSE;
  group = find_group (promotion, stream, &name);
  if (!group->public.logo)
    group->public.logo = g_strdup (stream->icon);
  g_array_append_val (group->public.streams, row);
  return TRUE;
}

/* Takes the stored key of the first member (by remote id) that `table` knows, unless another group
 * has it already. */
static void
claim (GHashTable *table, GHashTable *taken, Group *group)
{
  const char *best = NULL;
  gint64 best_id = G_MAXINT64;

  for (guint i = 0; i < group->public.streams->len; i++) {
    gint64 id = g_array_index (group->public.streams, ForgePromotedStream, i).remote_id;
    g_autofree char *member = member_key (group->account_id, id);
    const char *key = g_hash_table_lookup (table, member);

    if (key && id < best_id && !g_hash_table_contains (taken, key)) {
      best = key;
      best_id = id;
    }
  }
  if (!best)
    return;
  group->public.key = g_strdup (best);
  g_hash_table_add (taken, group->public.key);
}

static void
make_key (Group *group)
{
  gint64 lowest = G_MAXINT64;

  for (guint i = 0; i < group->public.streams->len; i++)
    lowest = MIN (lowest, g_array_index (group->public.streams, ForgePromotedStream, i).remote_id);
  group->public.key =
      g_strdup_printf ("stream:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, group->account_id, lowest);
}

static int
compare_streams (gconstpointer a, gconstpointer b)
{
  const ForgePromotedStream *left = a, *right = b;

  if (left->quality != right->quality)
    return left->quality > right->quality ? -1 : 1;
  return left->position < right->position ? -1 : left->position > right->position;
}

GPtrArray *
forge_promotion_finish (ForgePromotion *promotion)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);

  /* First those that hold the stream a key names, then those that hold another of its streams. */
  for (guint i = 0; i < promotion->channels->len; i++)
    claim (promotion->own, taken, promotion->channels->pdata[i]);
  for (guint i = 0; i < promotion->channels->len; i++) {
    Group *group = promotion->channels->pdata[i];

    if (!group->public.key)
      claim (promotion->members, taken, group);
    if (!group->public.key)
      make_key (group);
    g_array_sort (group->public.streams, compare_streams);
  }
  return promotion->channels;
}
