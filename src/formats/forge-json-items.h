/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * ForgeJsonItems: cuts a JSON array (or the values of an object) into its items while it arrives,
 * so that a list of 60,000 streams never stands in memory and one bad item costs one item.
 *
 * Skips BOM, blanks and PHP notices before the first bracket. Each item goes through json-glib on
 * its own; if that fails it is repaired once (invalid UTF-8 read as windows-1252, lone surrogates
 * replaced, control characters dropped) and otherwise skipped and counted. Bounds: item size
 * FORGE_JSON_ITEM_BYTES, depth 64.
 */
typedef struct _ForgeJsonItems ForgeJsonItems;

#define FORGE_JSON_ITEM_BYTES (1024 * 1024)

/* `item` is lent. `key` is the member name when the top level is an object, else NULL. Return FALSE
 * to stop. */
typedef gboolean (*ForgeJsonItemFunc) (JsonNode *item, const char *key, gpointer user_data);

typedef enum {
  FORGE_JSON_COMPLETE,  /* the top-level bracket was closed */
  FORGE_JSON_TRUNCATED, /* it ended in the middle */
  FORGE_JSON_NOT_JSON,  /* HTML, text or nothing at all */
} ForgeJsonEnd;

typedef struct {
  guint items;   /* handed out */
  guint skipped; /* bad ones */
  gboolean is_object;
  char head[64]; /* the first printable characters, for the error message when it is not JSON */
} ForgeJsonCounts;

ForgeJsonItems *forge_json_items_new (ForgeJsonItemFunc each, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_json_items_free (ForgeJsonItems *items);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeJsonItems, forge_json_items_free)

/* For answers whose members are few and long. Before the first push. */
void forge_json_items_set_max_item (ForgeJsonItems *items, gsize bytes);
/* Returns FALSE when `each` asked to stop. Any split of the input into pieces gives the same
 * result. */
gboolean forge_json_items_push (ForgeJsonItems *items, const char *data, gsize length);
ForgeJsonEnd forge_json_items_end (ForgeJsonItems *items, ForgeJsonCounts *counts);

/* Lenient readers of one object's member: a number in a string, a string where a number was meant,
 * booleans as 0/1/"0"/"true", null and absent alike. `object` must be an object node's object. */
gint64 forge_json_int (JsonObject *object, const char *member, gint64 fallback);
gboolean forge_json_bool (JsonObject *object, const char *member, gboolean fallback);
/* NULL for null, absent, "" and blanks. Numbers become text. Returns: (transfer full). */
char *forge_json_text (JsonObject *object, const char *member);
/* Like forge_json_text, read from the first of the array's elements if it is an array. */
JsonObject *forge_json_object (JsonObject *object,
                               const char *member); /* NULL unless an object. (transfer none) */

G_END_DECLS
