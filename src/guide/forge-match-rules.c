/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-match-rules.h"

#include "base/forge-hash.h"
#include "guide/forge-name.h"

#include <string.h>

struct _ForgeMatchRules {
  GPtrArray *list;      /* of ForgeMatchRule* */
  GHashTable *accepted; /* name key → rule, not owned */
  GHashTable *rejected; /* "name key\nchannel key" → rule, not owned */
  GHashTable *names;    /* forge_match_rules_name_key () of all, as gint64* */
};

char *
forge_match_rules_key (const ForgeStream *stream, gboolean accept)
{
  g_autoptr (GString) key = g_string_new (NULL);
  ForgeCountrySet countries;
  ForgeName name;

  forge_name_parse (&name, stream->name ? stream->name : "", FORGE_NAME_OF_STREAM, NULL);
  if (name.kind == FORGE_NAME_SEPARATOR || name.kind == FORGE_NAME_EMPTY || name.n_tokens == 0)
    return NULL;
  countries = name.prefix;
  if (forge_country_set_is_empty (&countries) && stream->group)
    forge_name_parse_group (stream->group, &countries);
  g_autofree char *country = forge_country_set_to_text (&countries);
  g_string_printf (key, "%s|%d|%d|", country, name.shift_hours, (int)name.region);
  for (guint i = 0; i < name.n_tokens; i++)
    g_string_append_printf (key, "%s ", forge_name_token (&name, i));
  if (!accept)
    g_string_append_printf (key, "|%d", (int)stream->quality);
  return g_string_free (g_steal_pointer (&key), FALSE);
}

gint64
forge_match_rules_name_key (const ForgeStream *stream)
{
  g_autofree char *key = forge_match_rules_key (stream, TRUE);

  return key ? (gint64)forge_hash_text (FORGE_HASH_SEED, key) : 0;
}

/* Rejections say the quality too. */
static gint64
rule_name_key (const ForgeMatchRule *rule)
{
  const char *end = rule->accept ? NULL : strrchr (rule->name_key, '|');
  g_autofree char *key = end ? g_strndup (rule->name_key, (gsize)(end - rule->name_key))
                             : g_strdup (rule->name_key);

  return (gint64)forge_hash_text (FORGE_HASH_SEED, key);
}

static char *
pair_key (const char *name_key, const char *channel_key)
{
  return g_strconcat (name_key, "\n", channel_key, NULL);
}

ForgeMatchRules *
forge_match_rules_load (ForgeStore *store, GError **error)
{
  GPtrArray *list = forge_store_list_rules (store, error);

  if (!list)
    return NULL;
  ForgeMatchRules *rules = g_new0 (ForgeMatchRules, 1);
  rules->list = list;
  rules->accepted = g_hash_table_new (g_str_hash, g_str_equal);
  rules->rejected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  rules->names = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < list->len; i++) {
    ForgeMatchRule *rule = g_ptr_array_index (list, i);
    gint64 name_key = rule_name_key (rule);

    g_hash_table_add (rules->names, g_memdup2 (&name_key, sizeof name_key));
    if (rule->accept)
      g_hash_table_insert (rules->accepted, rule->name_key, rule);
    else
      g_hash_table_insert (rules->rejected, pair_key (rule->name_key, rule->channel_key), rule);
  }
  return rules;
}

void
forge_match_rules_free (ForgeMatchRules *rules)
{
  if (!rules)
    return;
  g_hash_table_unref (rules->accepted);
  g_hash_table_unref (rules->rejected);
  g_hash_table_unref (rules->names);
  g_ptr_array_unref (rules->list);
  g_free (rules);
}

gboolean
forge_match_rules_concern (const ForgeMatchRules *rules, gint64 name_key)
{
  return name_key != 0 && g_hash_table_contains (rules->names, &name_key);
}

/* Most people have no rules: then no name is taken apart. */
const ForgeMatchRule *
forge_match_rules_find_accepted (const ForgeMatchRules *rules, const ForgeStream *stream)
{
  if (g_hash_table_size (rules->accepted) == 0)
    return NULL;
  g_autofree char *key = forge_match_rules_key (stream, TRUE);
  return key ? g_hash_table_lookup (rules->accepted, key) : NULL;
}

gboolean
forge_match_rules_is_rejected (const ForgeMatchRules *rules,
                               const ForgeStream *stream,
                               const char *channel_key)
{
  if (g_hash_table_size (rules->rejected) == 0)
    return FALSE;
  g_autofree char *name_key = forge_match_rules_key (stream, FALSE);
  g_autofree char *key = name_key ? pair_key (name_key, channel_key) : NULL;
  const ForgeMatchRule *rule = key ? g_hash_table_lookup (rules->rejected, key) : NULL;
  return rule && rule->account_id != stream->account_id;
}
