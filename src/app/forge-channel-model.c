/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-channel-model.h"

/* More rows that come or go than this are cheaper as a new list: each costs the view and a screen
 * reader a message. */
#define MAX_STEPS 500
/* Rows of a new list that come at once, and later at a time: neither may hold up the keyboard. */
#define FIRST_ROWS 500
#define MORE_ROWS  1000

struct _ForgeChannelModel {
  GObject parent;
  ForgeChannelTable *table; /* NULL before the first update */
  GPtrArray *lines;         /* of const ForgeChannelLine*, lent by `table` */
  guint limit;              /* views know of this many lines at most */
  int stamp;
  gboolean is_reorderable;
};

static void forge_channel_model_init_tree (GtkTreeModelIface *iface);
static void forge_channel_model_init_source (GtkTreeDragSourceIface *iface);
static void forge_channel_model_init_dest (GtkTreeDragDestIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
    ForgeChannelModel,
    forge_channel_model,
    G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (GTK_TYPE_TREE_MODEL, forge_channel_model_init_tree)
        G_IMPLEMENT_INTERFACE (GTK_TYPE_TREE_DRAG_SOURCE, forge_channel_model_init_source)
            G_IMPLEMENT_INTERFACE (GTK_TYPE_TREE_DRAG_DEST, forge_channel_model_init_dest))

enum { MOVE_WANTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static guint
count_rows (ForgeChannelModel *self)
{
  return MIN (self->lines->len, self->limit);
}

static gboolean
set_iter (ForgeChannelModel *self, GtkTreeIter *iter, int row)
{
  *iter = (GtkTreeIter){ 0 };
  if (row < 0 || row >= (int)count_rows (self))
    return FALSE;
  iter->stamp = self->stamp;
  iter->user_data = GINT_TO_POINTER (row);
  return TRUE;
}

static int
row_of (ForgeChannelModel *self, GtkTreeIter *iter)
{
  g_return_val_if_fail (iter->stamp == self->stamp, -1);
  return GPOINTER_TO_INT (iter->user_data);
}

static GtkTreeModelFlags
get_flags (GtkTreeModel *model)
{
  return GTK_TREE_MODEL_LIST_ONLY;
}

static int
get_n_columns (GtkTreeModel *model)
{
  return FORGE_CHANNEL_COLUMN_COUNT;
}

static GType
get_column_type (GtkTreeModel *model, int column)
{
  const GType types[] = { G_TYPE_INT64, G_TYPE_INT, G_TYPE_STRING, G_TYPE_BOOLEAN };

  g_return_val_if_fail (column >= 0 && column < FORGE_CHANNEL_COLUMN_COUNT, G_TYPE_INVALID);
  return types[column];
}

static gboolean
get_iter (GtkTreeModel *model, GtkTreeIter *iter, GtkTreePath *path)
{
  return set_iter (FORGE_CHANNEL_MODEL (model), iter, gtk_tree_path_get_indices (path)[0]);
}

static GtkTreePath *
get_path (GtkTreeModel *model, GtkTreeIter *iter)
{
  return gtk_tree_path_new_from_indices (row_of (FORGE_CHANNEL_MODEL (model), iter), -1);
}

static void
get_value (GtkTreeModel *model, GtkTreeIter *iter, int column, GValue *value)
{
  const ForgeChannelLine *line = forge_channel_model_line (FORGE_CHANNEL_MODEL (model), iter);

  g_value_init (value, get_column_type (model, column));
  g_return_if_fail (line);
  switch ((ForgeChannelColumn)column) {
  case FORGE_CHANNEL_COLUMN_ID:
    g_value_set_int64 (value, line->id);
    break;
  case FORGE_CHANNEL_COLUMN_NUMBER:
    g_value_set_int (value, line->number);
    break;
  case FORGE_CHANNEL_COLUMN_NAME:
    g_value_set_string (value, line->name);
    break;
  case FORGE_CHANNEL_COLUMN_ENABLED:
    g_value_set_boolean (value, line->enabled);
    break;
  case FORGE_CHANNEL_COLUMN_COUNT:
  default:
    break;
  }
}

static gboolean
iter_next (GtkTreeModel *model, GtkTreeIter *iter)
{
  ForgeChannelModel *self = FORGE_CHANNEL_MODEL (model);

  return set_iter (self, iter, row_of (self, iter) + 1);
}

static gboolean
iter_previous (GtkTreeModel *model, GtkTreeIter *iter)
{
  ForgeChannelModel *self = FORGE_CHANNEL_MODEL (model);

  return set_iter (self, iter, row_of (self, iter) - 1);
}

static gboolean
iter_nth_child (GtkTreeModel *model, GtkTreeIter *iter, GtkTreeIter *parent, int n)
{
  return set_iter (FORGE_CHANNEL_MODEL (model), iter, parent ? -1 : n);
}

static gboolean
iter_children (GtkTreeModel *model, GtkTreeIter *iter, GtkTreeIter *parent)
{
  return iter_nth_child (model, iter, parent, 0);
}

static gboolean
iter_has_child (GtkTreeModel *model, GtkTreeIter *iter)
{
  return FALSE;
}

static int
iter_n_children (GtkTreeModel *model, GtkTreeIter *iter)
{
  return iter ? 0 : (int)count_rows (FORGE_CHANNEL_MODEL (model));
}

static gboolean
iter_parent (GtkTreeModel *model, GtkTreeIter *iter, GtkTreeIter *child)
{
  *iter = (GtkTreeIter){ 0 };
  return FALSE;
}

static gboolean
row_draggable (GtkTreeDragSource *source, GtkTreePath *path)
{
  ForgeChannelModel *self = FORGE_CHANNEL_MODEL (source);
  const ForgeChannelLine *line =
      forge_channel_model_line_at (self, gtk_tree_path_get_indices (path)[0]);

  return self->is_reorderable && line && line->enabled;
}

static gboolean
drag_data_get (GtkTreeDragSource *source, GtkTreePath *path, GtkSelectionData *data)
{
  return gtk_tree_set_row_drag_data (data, GTK_TREE_MODEL (source), path);
}

/* The row stays until a newer table has it elsewhere. */
static gboolean
drag_data_delete (GtkTreeDragSource *source, GtkTreePath *path)
{
  return TRUE;
}

static gint64
id_at (ForgeChannelModel *self, int row)
{
  const ForgeChannelLine *line = forge_channel_model_line_at (self, row);

  return line ? line->id : 0;
}

static gboolean
drag_data_received (GtkTreeDragDest *dest, GtkTreePath *path, GtkSelectionData *data)
{
  ForgeChannelModel *self = FORGE_CHANNEL_MODEL (dest);
  g_autoptr (GtkTreePath) from = NULL;
  GtkTreeModel *model = NULL;

  if (!gtk_tree_get_row_drag_data (data, &model, &from) || model != GTK_TREE_MODEL (self))
    return FALSE;
  gint64 id = id_at (self, gtk_tree_path_get_indices (from)[0]);
  if (id)
    g_signal_emit (self,
                   signals[MOVE_WANTED],
                   0,
                   id,
                   id_at (self, gtk_tree_path_get_indices (path)[0]));
  return id != 0;
}

static gboolean
row_drop_possible (GtkTreeDragDest *dest, GtkTreePath *path, GtkSelectionData *data)
{
  return FORGE_CHANNEL_MODEL (dest)->is_reorderable && gtk_tree_path_get_depth (path) == 1;
}

static void
tell_row (ForgeChannelModel *self,
          guint row,
          void (*tell) (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter))
{
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices ((int)row, -1);
  GtkTreeIter iter;

  if (set_iter (self, &iter, (int)row))
    tell (GTK_TREE_MODEL (self), path, &iter);
}

static void
take (ForgeChannelModel *self, ForgeChannelTable *table, GPtrArray *lines)
{
  ForgeChannelTable *old = self->table;

  self->table = forge_channel_table_ref (table);
  g_ptr_array_ref (lines);
  g_ptr_array_unref (self->lines);
  self->lines = lines;
  self->stamp++;
  g_clear_pointer (&old, forge_channel_table_unref);
}

void
forge_channel_model_replace (ForgeChannelModel *self, ForgeChannelTable *table, GPtrArray *lines)
{
  take (self, table, lines);
  self->limit = lines->len > FIRST_ROWS ? FIRST_ROWS : G_MAXUINT;
}

gboolean
forge_channel_model_show_more (ForgeChannelModel *self)
{
  guint end = MIN (self->lines->len, count_rows (self) + MORE_ROWS);

  while (count_rows (self) < end) {
    self->limit = count_rows (self) + 1;
    tell_row (self, self->limit - 1, gtk_tree_model_row_inserted);
  }
  if (end < self->lines->len)
    return TRUE;
  self->limit = G_MAXUINT;
  return FALSE;
}

/* The ids of `lines` → row + 1. Returns: (transfer full). */
static GHashTable *
rows_by_id (GPtrArray *lines)
{
  GHashTable *rows = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < lines->len; i++) {
    const ForgeChannelLine *line = g_ptr_array_index (lines, i);
    g_hash_table_insert (rows, GSIZE_TO_POINTER ((gsize)line->id), GUINT_TO_POINTER (i + 1));
  }
  return rows;
}

static guint
row_in (GHashTable *rows, const ForgeChannelLine *line)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (rows, GSIZE_TO_POINTER ((gsize)line->id)));
}

static guint
count_missing (GPtrArray *lines, GHashTable *in)
{
  guint missing = 0;

  for (guint i = 0; i < lines->len; i++)
    missing += row_in (in, g_ptr_array_index (lines, i)) == 0;
  return missing;
}

/* Rows that the newer list does not have, from the end. */
static void
remove_gone (ForgeChannelModel *self, GHashTable *newer)
{
  for (guint i = self->lines->len; i-- > 0;) {
    if (row_in (newer, g_ptr_array_index (self->lines, i)))
      continue;
    g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices ((int)i, -1);
    g_ptr_array_remove_index (self->lines, i);
    self->stamp++;
    gtk_tree_model_row_deleted (GTK_TREE_MODEL (self), path);
  }
}

/* The rows that both have, in the newer order. */
static void
reorder (ForgeChannelModel *self, GHashTable *older, GPtrArray *newer)
{
  g_autofree int *order = g_new (int, MAX (self->lines->len, 1));
  g_autoptr (GPtrArray) lines = g_ptr_array_sized_new (newer->len);
  g_autoptr (GtkTreePath) root = gtk_tree_path_new ();
  gboolean is_moved = FALSE;

  for (guint i = 0; i < newer->len; i++) {
    guint row = row_in (older, g_ptr_array_index (newer, i));
    if (row == 0)
      continue;
    order[lines->len] = (int)row - 1;
    is_moved |= row - 1 != lines->len;
    g_ptr_array_add (lines, g_ptr_array_index (self->lines, row - 1));
  }
  if (!is_moved)
    return;
  g_ptr_array_unref (self->lines);
  self->lines = g_steal_pointer (&lines);
  self->stamp++;
  gtk_tree_model_rows_reordered (GTK_TREE_MODEL (self), root, NULL, order);
}

static void
insert_new (ForgeChannelModel *self, GHashTable *older, GPtrArray *newer)
{
  for (guint i = 0; i < newer->len; i++) {
    gpointer line = g_ptr_array_index (newer, i);
    if (row_in (older, line))
      continue;
    g_ptr_array_insert (self->lines, (int)i, line);
    self->stamp++;
    tell_row (self, i, gtk_tree_model_row_inserted);
  }
}

/* Lines of the newer table in place of the equal ones; whoever looks different is told. */
static void
exchange (ForgeChannelModel *self, ForgeChannelTable *table, GPtrArray *newer)
{
  ForgeChannelTable *old = self->table;
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->lines);

  self->table = forge_channel_table_ref (table);
  self->lines = g_ptr_array_ref (newer);
  for (guint i = 0; i < newer->len; i++)
    if (!forge_channel_line_equal (g_ptr_array_index (before, i), g_ptr_array_index (newer, i)))
      tell_row (self, i, gtk_tree_model_row_changed);
  g_clear_pointer (&old, forge_channel_table_unref);
}

gboolean
forge_channel_model_update (ForgeChannelModel *self, ForgeChannelTable *table, GPtrArray *lines)
{
  g_autoptr (GHashTable) older = rows_by_id (self->lines);
  g_autoptr (GHashTable) newer = rows_by_id (lines);
  guint steps = count_missing (self->lines, newer) + count_missing (lines, older);

  if (steps > MAX_STEPS || count_rows (self) < self->lines->len)
    return FALSE;
  /* A copy of its own: the caller's array of before may be shared. */
  GPtrArray *own = g_ptr_array_copy (self->lines, NULL, NULL);
  g_ptr_array_unref (self->lines);
  self->lines = own;
  remove_gone (self, newer);
  g_autoptr (GHashTable) common = rows_by_id (self->lines);
  reorder (self, common, lines);
  insert_new (self, common, lines);
  exchange (self, table, lines);
  return TRUE;
}

const ForgeChannelLine *
forge_channel_model_line (ForgeChannelModel *self, GtkTreeIter *iter)
{
  return forge_channel_model_line_at (self, row_of (self, iter));
}

const ForgeChannelLine *
forge_channel_model_line_at (ForgeChannelModel *self, int row)
{
  return row >= 0 && row < (int)self->lines->len ? g_ptr_array_index (self->lines, (guint)row)
                                                 : NULL;
}

int
forge_channel_model_find (ForgeChannelModel *self, gint64 id)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (((const ForgeChannelLine *)g_ptr_array_index (self->lines, i))->id == id)
      return (int)i;
  return -1;
}

guint
forge_channel_model_length (ForgeChannelModel *self)
{
  return self->lines->len;
}

ForgeChannelTable *
forge_channel_model_table (ForgeChannelModel *self)
{
  return self->table;
}

void
forge_channel_model_set_reorderable (ForgeChannelModel *self, gboolean is_reorderable)
{
  self->is_reorderable = is_reorderable;
}

static void
forge_channel_model_init_tree (GtkTreeModelIface *iface)
{
  iface->get_flags = get_flags;
  iface->get_n_columns = get_n_columns;
  iface->get_column_type = get_column_type;
  iface->get_iter = get_iter;
  iface->get_path = get_path;
  iface->get_value = get_value;
  iface->iter_next = iter_next;
  iface->iter_previous = iter_previous;
  iface->iter_children = iter_children;
  iface->iter_has_child = iter_has_child;
  iface->iter_n_children = iter_n_children;
  iface->iter_nth_child = iter_nth_child;
  iface->iter_parent = iter_parent;
}

static void
forge_channel_model_init_source (GtkTreeDragSourceIface *iface)
{
  iface->row_draggable = row_draggable;
  iface->drag_data_get = drag_data_get;
  iface->drag_data_delete = drag_data_delete;
}

static void
forge_channel_model_init_dest (GtkTreeDragDestIface *iface)
{
  iface->drag_data_received = drag_data_received;
  iface->row_drop_possible = row_drop_possible;
}

static void
forge_channel_model_finalize (GObject *object)
{
  ForgeChannelModel *self = FORGE_CHANNEL_MODEL (object);

  g_ptr_array_unref (self->lines);
  g_clear_pointer (&self->table, forge_channel_table_unref);
  G_OBJECT_CLASS (forge_channel_model_parent_class)->finalize (object);
}

static void
forge_channel_model_class_init (ForgeChannelModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_channel_model_finalize;
  signals[MOVE_WANTED] = g_signal_new ("move-wanted",
                                       FORGE_TYPE_CHANNEL_MODEL,
                                       G_SIGNAL_RUN_LAST,
                                       0,
                                       NULL,
                                       NULL,
                                       NULL,
                                       G_TYPE_NONE,
                                       2,
                                       G_TYPE_INT64,
                                       G_TYPE_INT64);
}

static void
forge_channel_model_init (ForgeChannelModel *self)
{
  self->lines = g_ptr_array_new ();
  self->limit = G_MAXUINT;
  self->stamp = g_random_int_range (1, 1 << 20);
}

ForgeChannelModel *
forge_channel_model_new (void)
{
  return g_object_new (FORGE_TYPE_CHANNEL_MODEL, NULL);
}
