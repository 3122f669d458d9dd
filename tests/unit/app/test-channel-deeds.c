/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-channel-index.h"
#include "app/forge-deed.h"

#include <stdlib.h>
#include <string.h>

/* "1:a 2:-b": the channels in order, those with "-" are off. */
static ForgeChannelTable *
make_table (const char *text)
{
  ForgeChannelTable *table = forge_channel_table_new ();
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);

  for (guint i = 0; parts[i]; i++) {
    const char *name = strchr (parts[i], ':') + 1;
    ForgeChannelLine line = { .id = atoi (parts[i]),
                              .number = (int)i + 1,
                              .name = name + (*name == '-'),
                              .enabled = *name != '-' };
    forge_channel_table_append (table, &line, NULL);
  }
  return table;
}

static char *
names (GPtrArray *lines)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append (text, ((const ForgeChannelLine *)g_ptr_array_index (lines, i))->name);
  return g_string_free (text, FALSE);
}

static void
assert_selects (const ForgeChannelTable *table, ForgeChannelQuery query, const char *want)
{
  g_autoptr (GPtrArray) lines = forge_channel_index_select (table, &query);
  g_autofree char *got = names (lines);

  g_assert_cmpstr (got, ==, want);
}

static void
test_selects_and_sorts (void)
{
  g_autoptr (ForgeChannelTable) table = make_table ("1:d 2:-b 3:c 4:a");
  guint counts[FORGE_SHOW_COUNT];

  forge_channel_table_set_streams (table, 3, 2, FORGE_QUALITY_HD, 0.7, 0.7, FALSE);
  forge_channel_table_set_streams (table, 4, 1, FORGE_QUALITY_4K, 1, 1, TRUE);
  assert_selects (table, (ForgeChannelQuery){ .show = FORGE_SHOW_ALL }, "dbca");
  assert_selects (table, (ForgeChannelQuery){ .show = FORGE_SHOW_ENABLED }, "dca");
  assert_selects (table, (ForgeChannelQuery){ .show = FORGE_SHOW_DISABLED }, "b");
  assert_selects (table, (ForgeChannelQuery){ .show = FORGE_SHOW_REVIEW }, "c");
  assert_selects (table, (ForgeChannelQuery){ .show = FORGE_SHOW_UNMATCHED }, "db");
  assert_selects (table, (ForgeChannelQuery){ .show = FORGE_SHOW_MANUAL }, "a");
  assert_selects (table, (ForgeChannelQuery){ .search = " C " }, "c");
  assert_selects (table, (ForgeChannelQuery){ .sort = FORGE_SORT_NAME }, "abcd");
  assert_selects (table,
                  (ForgeChannelQuery){ .sort = FORGE_SORT_NAME, .is_descending = TRUE },
                  "dcba");
  assert_selects (table, (ForgeChannelQuery){ .sort = FORGE_SORT_MATCH }, "dbca");
  forge_channel_index_count (table, counts);
  g_assert_cmpuint (counts[FORGE_SHOW_ALL], ==, 4);
  g_assert_cmpuint (counts[FORGE_SHOW_UNMATCHED], ==, 2);
}

/* What the engine does with a move (docs: forge_store_move_channel ()). */
static void
apply (GArray *order, const ForgeDeedCall *call)
{
  gint64 id = g_ascii_strtoll (call->path + strlen ("/v1/channels/"), NULL, 10);
  gint64 to = json_object_get_int_member (json_node_get_object (call->body), "to");
  guint from = 0;

  while (g_array_index (order, gint64, from) != id)
    from++;
  g_array_remove_index (order, from);
  g_array_insert_val (order, (guint)to - 1, id);
}

static GArray *
enabled_order (const ForgeChannelTable *table)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < forge_channel_table_length (table); i++)
    if (forge_channel_table_line (table, i)->enabled)
      g_array_append_val (order, forge_channel_table_line (table, i)->id);
  return order;
}

static char *
order_text (GArray *order)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < order->len; i++)
    g_string_append_printf (text, "%d", (int)g_array_index (order, gint64, i));
  return g_string_free (text, FALSE);
}

/* Does the deed, takes it back; `want` NULL = no deed. */
static void
assert_moves (const ForgeChannelTable *table, ForgeDeed *taken, const char *want)
{
  g_autoptr (ForgeDeed) deed = taken;
  g_autoptr (GArray) order = enabled_order (table);
  g_autofree char *before = order_text (order);

  if (!want) {
    g_assert_null (deed);
    return;
  }
  g_assert_nonnull (deed);
  for (guint i = 0; i < deed->calls->len; i++)
    apply (order, g_ptr_array_index (deed->calls, i));
  g_autofree char *after = order_text (order);
  g_assert_cmpstr (after, ==, want);
  for (guint i = deed->undo->len; i-- > 0;)
    apply (order, g_ptr_array_index (deed->undo, i));
  g_autofree char *back = order_text (order);
  g_assert_cmpstr (back, ==, before);
}

static GArray *
ids_of (const char *text)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (; *text; text++) {
    gint64 id = *text - '0';
    g_array_append_val (ids, id);
  }
  return ids;
}

static void
test_moves_and_moves_back (void)
{
  g_autoptr (ForgeChannelTable) table = make_table ("1:a 2:-b 3:c 4:d 5:e");

  assert_moves (table, forge_deed_move_before (table, 5, 1), "5134");
  assert_moves (table, forge_deed_move_before (table, 1, 5), "3415");
  assert_moves (table, forge_deed_move_before (table, 1, 0), "3451");
  assert_moves (table, forge_deed_move_before (table, 5, 2), "1534"); /* before one that is off */
  assert_moves (table, forge_deed_move_before (table, 3, 4), NULL);   /* stands there */
  assert_moves (table, forge_deed_move_before (table, 3, 3), NULL);
  assert_moves (table, forge_deed_move_before (table, 2, 1), NULL); /* is off */
  assert_moves (table, forge_deed_move_before (table, 9, 1), NULL);
}

static void
test_blocks_move_by_one (void)
{
  static const struct {
    const char *ids;
    gboolean up;
    const char *want;
  } cases[] = {
    { "3", TRUE, "31456" },   { "34", TRUE, "34156" },  { "43", FALSE, "15346" },
    { "35", TRUE, "31546" },  { "35", FALSE, "14365" }, { "1", TRUE, NULL },
    { "6", FALSE, NULL },     { "2", TRUE, NULL },      { "14", TRUE, "14356" },
    { "123456", TRUE, NULL }, { "", TRUE, NULL },
  };
  g_autoptr (ForgeChannelTable) table = make_table ("1:a 2:-b 3:c 4:d 5:e 6:f");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GArray) ids = ids_of (cases[i].ids);
    g_test_message ("%s %d", cases[i].ids, cases[i].up);
    assert_moves (table, forge_deed_move_by_one (table, ids, cases[i].up), cases[i].want);
  }
}

static char *
body_text (GPtrArray *calls, guint index)
{
  const ForgeDeedCall *call = g_ptr_array_index (calls, index);

  return json_to_string (call->body, FALSE);
}

static void
test_only_what_changes_is_taken_back (void)
{
  g_autoptr (ForgeChannelTable) table = make_table ("1:a 2:-b 3:-c");
  g_autoptr (GArray) all = ids_of ("123");
  g_autoptr (GArray) on = ids_of ("1");
  g_autoptr (ForgeDeed) deed = forge_deed_enable (table, all, TRUE);
  g_autofree char *undo = body_text (deed->undo, 0);

  g_assert_cmpstr (undo, ==, "{\"ids\":[2,3]}");
  g_assert_cmpstr (((ForgeDeedCall *)deed->undo->pdata[0])->path, ==, "/v1/channels/disable");
  g_assert_null (forge_deed_enable (table, on, TRUE));
}

static void
test_a_name_goes_back_to_the_guides (void)
{
  g_autoptr (ForgeChannelTable) table = make_table ("1:a");
  g_autoptr (ForgeDeed) deed = forge_deed_rename (table, 1, "Mine");
  g_autofree char *call = body_text (deed->calls, 0);
  g_autofree char *undo = body_text (deed->undo, 0);

  g_assert_cmpstr (call, ==, "{\"name\":\"Mine\"}");
  g_assert_cmpstr (undo, ==, "{\"name\":null}");
  g_assert_null (forge_deed_rename (table, 1, "a"));
  g_assert_null (forge_deed_rename (table, 1, ""));
  g_assert_null (forge_deed_number (table, 1, 1));
}

static char *
calls_text (GPtrArray *calls)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < calls->len; i++) {
    const ForgeDeedCall *call = g_ptr_array_index (calls, i);
    g_string_append_printf (text, "%s %s;", call->method, call->path);
  }
  return g_string_free (text, FALSE);
}

static void
test_a_word_on_a_stream_is_taken_back (void)
{
  static const struct {
    const char *action;
    gboolean was_chosen;
    const char *undo;
  } cases[] = {
    { FORGE_DEED_STREAM_ACCEPT, FALSE, "DELETE /v1/channels/7/streams/9/choice;" },
    { FORGE_DEED_STREAM_ADD, FALSE, "DELETE /v1/channels/7/streams/9/choice;" },
    { FORGE_DEED_STREAM_REJECT, FALSE, "DELETE /v1/channels/7/streams/9/choice;" },
    { FORGE_DEED_STREAM_REJECT, TRUE, "POST /v1/channels/7/streams;" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (ForgeDeed) deed =
        forge_deed_stream (7, 9, "x", cases[i].action, 0, cases[i].was_chosen);
    g_autofree char *undo = calls_text (deed->undo);
    g_assert_cmpstr (undo, ==, cases[i].undo);
  }
}

static void
test_unsure_matches_are_accepted_at_once (void)
{
  g_autoptr (JsonNode) answer = json_from_string (
      "[{\"id\":1,\"streams\":[{\"id\":11,\"confidence\":0.7},{\"id\":12,\"confidence\":0.95}]},"
      "{\"id\":2,\"streams\":[{\"id\":21,\"confidence\":0.6}]},{\"id\":4},"
      "{\"id\":3,\"streams\":[{\"id\":31,\"confidence\":0.7,\"manual\":true},"
      "{\"id\":32,\"confidence\":0.5}]}]",
      NULL);
  const gint64 chosen[] = { 1, 3, 4, 99 };
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (gint64));

  g_array_append_vals (ids, chosen, G_N_ELEMENTS (chosen));
  g_autoptr (ForgeDeed) deed = forge_deed_accept_all (json_node_get_array (answer), ids);
  g_autofree char *calls = calls_text (deed->calls), *undo = calls_text (deed->undo);
  g_assert_cmpstr (calls, ==, "POST /v1/channels/1/streams;POST /v1/channels/3/streams;");
  g_assert_cmpstr (undo,
                   ==,
                   "DELETE /v1/channels/1/streams/11/choice;"
                   "DELETE /v1/channels/3/streams/32/choice;");
  g_assert_null (forge_deed_accept_all (json_node_get_array (answer), none));
}

static void
test_undo_and_redo (void)
{
  g_autoptr (ForgeUndo) undo = forge_undo_new ();

  g_assert_null (forge_undo_peek (undo, FALSE));
  forge_undo_push (undo, forge_deed_new ("one"));
  forge_undo_push (undo, forge_deed_new ("two"));
  g_assert_cmpstr (forge_undo_peek (undo, FALSE)->name, ==, "two");
  forge_undo_step (undo, FALSE);
  g_assert_cmpstr (forge_undo_peek (undo, FALSE)->name, ==, "one");
  g_assert_cmpstr (forge_undo_peek (undo, TRUE)->name, ==, "two");
  forge_undo_step (undo, TRUE);
  g_assert_cmpstr (forge_undo_peek (undo, FALSE)->name, ==, "two");
  forge_undo_step (undo, FALSE);
  forge_undo_push (undo, forge_deed_new ("three"));
  g_assert_null (forge_undo_peek (undo, TRUE));
  for (guint i = 0; i < FORGE_UNDO_DEPTH + 5; i++)
    forge_undo_push (undo, forge_deed_new ("more"));
  for (guint i = 0; i < FORGE_UNDO_DEPTH; i++)
    forge_undo_step (undo, FALSE);
  g_assert_null (forge_undo_peek (undo, FALSE));
  forge_undo_clear (undo);
  g_assert_null (forge_undo_peek (undo, TRUE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/channel-index/selects-and-sorts", test_selects_and_sorts);
  g_test_add_func ("/app/deed/moves-and-moves-back", test_moves_and_moves_back);
  g_test_add_func ("/app/deed/blocks-move-by-one", test_blocks_move_by_one);
  g_test_add_func ("/app/deed/only-what-changes-is-taken-back",
                   test_only_what_changes_is_taken_back);
  g_test_add_func ("/app/deed/a-name-goes-back-to-the-guides", test_a_name_goes_back_to_the_guides);
  g_test_add_func ("/app/deed/a-word-on-a-stream-is-taken-back",
                   test_a_word_on_a_stream_is_taken_back);
  g_test_add_func ("/app/deed/unsure-matches-are-accepted-at-once",
                   test_unsure_matches_are_accepted_at_once);
  g_test_add_func ("/app/undo/undo-and-redo", test_undo_and_redo);
  return g_test_run ();
}
