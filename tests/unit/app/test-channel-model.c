/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-channel-model.h"

#include <stdlib.h>
#include <string.h>

/* A view that only knows what the model told it. */
typedef struct {
  ForgeChannelModel *model;
  GPtrArray *names; /* of char* */
  guint told;
} View;

static char *
name_at (View *view, GtkTreeIter *iter)
{
  char *name = NULL;

  gtk_tree_model_get (GTK_TREE_MODEL (view->model), iter, FORGE_CHANNEL_COLUMN_NAME, &name, -1);
  return name;
}

static void
on_inserted (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, View *view)
{
  g_ptr_array_insert (view->names, gtk_tree_path_get_indices (path)[0], name_at (view, iter));
  view->told++;
}

static void
on_deleted (GtkTreeModel *model, GtkTreePath *path, View *view)
{
  g_ptr_array_remove_index (view->names, (guint)gtk_tree_path_get_indices (path)[0]);
  view->told++;
}

static void
on_changed (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, View *view)
{
  guint row = (guint)gtk_tree_path_get_indices (path)[0];

  g_free (g_ptr_array_index (view->names, row));
  view->names->pdata[row] = name_at (view, iter);
  view->told++;
}

static void
on_reordered (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, int *order, View *view)
{
  g_autofree gpointer *old = g_memdup2 (view->names->pdata, view->names->len * sizeof (gpointer));

  for (guint i = 0; i < view->names->len; i++)
    view->names->pdata[i] = old[order[i]];
  view->told++;
}

static void
view_init (View *view)
{
  view->model = forge_channel_model_new ();
  view->names = g_ptr_array_new_with_free_func (g_free);
  view->told = 0;
  g_signal_connect (view->model, "row-inserted", G_CALLBACK (on_inserted), view);
  g_signal_connect (view->model, "row-deleted", G_CALLBACK (on_deleted), view);
  g_signal_connect (view->model, "row-changed", G_CALLBACK (on_changed), view);
  g_signal_connect (view->model, "rows-reordered", G_CALLBACK (on_reordered), view);
}

static void
view_clear (View *view)
{
  g_object_unref (view->model);
  g_ptr_array_unref (view->names);
}

/* "7:News 9:Film": id and name. */
static gboolean
show (View *view, const char *text)
{
  g_autoptr (ForgeChannelTable) table = forge_channel_table_new ();
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);

  for (guint i = 0; parts[i] && *parts[i]; i++) {
    ForgeChannelLine line = { .id = atoi (parts[i]), .name = strchr (parts[i], ':') + 1 };
    forge_channel_table_append (table, &line, NULL);
  }
  for (guint i = 0; i < forge_channel_table_length (table); i++)
    g_ptr_array_add (lines, (gpointer)forge_channel_table_line (table, i));
  return forge_channel_model_update (view->model, table, lines);
}

/* What the view believes is what the model has. */
static void
assert_rows (View *view, const char *want)
{
  g_autoptr (GString) rows = g_string_new (NULL);
  GtkTreeIter iter;
  guint n = 0;

  for (gboolean more = gtk_tree_model_get_iter_first (GTK_TREE_MODEL (view->model), &iter); more;
       more = gtk_tree_model_iter_next (GTK_TREE_MODEL (view->model), &iter)) {
    const ForgeChannelLine *line = forge_channel_model_line (view->model, &iter);
    g_assert_cmpstr (line->name, ==, g_ptr_array_index (view->names, n++));
    g_string_append_printf (rows, "%s%d:%s", rows->len ? " " : "", (int)line->id, line->name);
  }
  g_assert_cmpuint (n, ==, view->names->len);
  g_assert_cmpstr (rows->str, ==, want);
}

static void
test_updates_reach_views (void)
{
  static const char *const steps[] = {
    "1:a 2:b 3:c",
    "1:a 2:b 3:c",
    "3:c 1:a 2:b",
    "3:c 2:B",
    "",
    "5:e 6:f 7:g 8:h",
    "8:h 9:i 5:E",
    "9:i 10:j 8:h 5:E 11:k",
    "11:k 5:E 8:h 10:j 9:i",
  };
  View view;

  view_init (&view);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_assert_true (show (&view, steps[i]));
    assert_rows (&view, steps[i]);
  }
  view_clear (&view);
}

static void
test_nothing_new_says_nothing (void)
{
  View view;

  view_init (&view);
  show (&view, "1:a 2:b 3:c");
  view.told = 0;
  show (&view, "1:a 2:b 3:c");
  g_assert_cmpuint (view.told, ==, 0);
  show (&view, "1:a 2:x 3:c");
  g_assert_cmpuint (view.told, ==, 1);
  view_clear (&view);
}

static void
test_random_updates_reach_views (void)
{
  View view;

  view_init (&view);
  for (guint round = 0; round < 200; round++) {
    g_autoptr (GString) text = g_string_new (NULL);
    gboolean used[40] = { FALSE };
    int wanted = g_test_rand_int_range (0, 40);
    for (int i = 0; i < wanted; i++) {
      int id = g_test_rand_int_range (1, 40);
      if (!used[id])
        g_string_append_printf (text,
                                "%s%d:%c",
                                text->len ? " " : "",
                                id,
                                'a' + g_test_rand_int_range (0, 3));
      used[id] = TRUE;
    }
    g_assert_true (show (&view, text->str));
    assert_rows (&view, text->str);
  }
  view_clear (&view);
}

static void
on_move_wanted (ForgeChannelModel *model, gint64 id, gint64 before_id, gint64 *wanted)
{
  wanted[0] = id;
  wanted[1] = before_id;
}

static void
test_much_that_differs_is_replaced (void)
{
  g_autoptr (ForgeChannelModel) model = forge_channel_model_new ();
  g_autoptr (ForgeChannelTable) table = forge_channel_table_new ();
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  for (int i = 1; i <= 20000; i++) {
    ForgeChannelLine line = { .id = i, .name = "x" };
    forge_channel_table_append (table, &line, NULL);
  }
  for (guint i = 0; i < 20000; i++)
    g_ptr_array_add (lines, (gpointer)forge_channel_table_line (table, i));
  g_assert_false (forge_channel_model_update (model, table, lines));
  g_assert_cmpuint (forge_channel_model_length (model), ==, 0);
  forge_channel_model_replace (model, table, lines);
  g_assert_cmpuint (forge_channel_model_length (model), ==, 20000);
  g_assert_cmpint (forge_channel_model_find (model, 777), ==, 776);
  g_assert_cmpint (forge_channel_model_find (model, 20001), ==, -1);
}

static void
count_inserted (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, guint *rows)
{
  g_assert_cmpint (gtk_tree_path_get_indices (path)[0], ==, *rows);
  g_assert_cmpint (gtk_tree_model_iter_n_children (model, NULL), ==, ++*rows);
}

static void
test_a_long_list_comes_in_pieces (void)
{
  g_autoptr (ForgeChannelModel) model = forge_channel_model_new ();
  g_autoptr (ForgeChannelTable) table = forge_channel_table_new ();
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  GtkTreeModel *rows = GTK_TREE_MODEL (model);

  for (int i = 1; i <= 5000; i++) {
    ForgeChannelLine line = { .id = i, .name = "x" };
    forge_channel_table_append (table, &line, NULL);
  }
  for (guint i = 0; i < 5000; i++)
    g_ptr_array_add (lines, (gpointer)forge_channel_table_line (table, i));
  forge_channel_model_replace (model, table, lines);
  guint shown = (guint)gtk_tree_model_iter_n_children (rows, NULL);
  g_assert_cmpuint (shown, >, 0);
  g_assert_cmpuint (shown, <, 5000);
  /* A newer table that comes now cannot be compared row by row. */
  g_assert_false (forge_channel_model_update (model, table, lines));
  g_signal_connect (model, "row-inserted", G_CALLBACK (count_inserted), &shown);
  while (forge_channel_model_show_more (model))
    g_assert_cmpuint (shown, <, 5000);
  g_assert_cmpuint (shown, ==, 5000);
  g_assert_true (forge_channel_model_update (model, table, lines));
}

static void
test_only_what_is_on_can_be_dragged (void)
{
  gint64 wanted[2] = { 0, 0 };
  View view;

  view_init (&view);
  show (&view, "1:a 2:b");
  g_signal_connect (view.model, "move-wanted", G_CALLBACK (on_move_wanted), wanted);
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_first ();
  GtkTreeDragSource *source = GTK_TREE_DRAG_SOURCE (view.model);
  g_assert_false (gtk_tree_drag_source_row_draggable (source, path));
  forge_channel_model_set_reorderable (view.model, TRUE);
  g_assert_false (gtk_tree_drag_source_row_draggable (source, path));
  view_clear (&view);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/channel-model/updates-reach-views", test_updates_reach_views);
  g_test_add_func ("/app/channel-model/random-updates-reach-views",
                   test_random_updates_reach_views);
  g_test_add_func ("/app/channel-model/nothing-new-says-nothing", test_nothing_new_says_nothing);
  g_test_add_func ("/app/channel-model/much-that-differs-is-replaced",
                   test_much_that_differs_is_replaced);
  g_test_add_func ("/app/channel-model/a-long-list-comes-in-pieces",
                   test_a_long_list_comes_in_pieces);
  g_test_add_func ("/app/channel-model/only-what-is-on-can-be-dragged",
                   test_only_what_is_on_can_be_dragged);
  return g_test_run ();
}
