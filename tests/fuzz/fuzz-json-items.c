/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-json-items.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
on_member (JsonObject *object, const char *name, JsonNode *node, gpointer user_data)
{
  g_autofree char *text = forge_json_text (object, name);
  gint64 number = forge_json_int (object, name, -1);
  gboolean flag = forge_json_bool (object, name, FALSE);

  g_string_append_printf (user_data, "%s %" G_GINT64_FORMAT " %d", text ? text : "-", number, flag);
}

static gboolean
on_item (JsonNode *item, const char *key, gpointer user_data)
{
  if (key)
    g_string_append (user_data, key);
  if (JSON_NODE_HOLDS_OBJECT (item))
    json_object_foreach_member (json_node_get_object (item), on_member, user_data);
  return TRUE;
}

static GString *
read_in_pieces (const char *data, size_t size, size_t piece)
{
  GString *out = g_string_new (NULL);
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (on_item, out);
  ForgeJsonCounts counts;

  for (size_t at = 0; at < size; at += piece)
    forge_json_items_push (items, data + at, MIN (piece, size - at));
  ForgeJsonEnd end = forge_json_items_end (items, &counts);
  g_string_append_printf (out, "%u %u %d", counts.items, counts.skipped, end);
  return out;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GString *whole = read_in_pieces ((const char *)data, size, size + 1);
  GString *pieces = read_in_pieces ((const char *)data, size, size % 7 + 1);

  g_assert (g_utf8_validate (whole->str, (gssize)whole->len, NULL));
  g_assert (g_string_equal (whole, pieces));
  g_string_free (whole, TRUE);
  g_string_free (pieces, TRUE);
  return 0;
}
