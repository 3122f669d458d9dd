/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-channels.h"

#include "app/forge-channel-columns.h"
#include "app/forge-channel-details.h"
#include "app/forge-channel-model.h"
#include "app/forge-empty-state.h"
#include "app/forge-json-read.h"
#include "app/forge-lineup-editor.h"

#include <glib/gi18n.h>

#include <stdlib.h>

/**
 * A change of the catalogue reads the table anew on the engine's thread; what is shown of it is
 * chosen here (a few milliseconds for 20,000 rows). Nothing moves by itself: every click is a call
 * of the engine, and the rows follow the next table.
 */

struct _ForgePageChannels {
  GtkBox parent;
  ForgeAppModel *model;
  ForgeLineupEditor *editor;
  ForgeChannelModel *channels;
  ForgeChannelTable *table; /* the newest; NULL until it was read */
  GCancellable *cancellable;
  guint more_idle;               /* while rows of a long list are still to come */
  gboolean is_all;               /* all are selected, those to come too */
  gboolean is_reading, is_stale; /* a table is on the way; it is old already */

  GtkSearchEntry *search;
  GtkButton *undo, *redo;
  GtkBox *filters;
  GtkStack *stack;
  GtkTreeView *list;
  GtkTreeSelection *selection;
  GtkRevealer *side;
  GtkLabel *summary;
  GtkWidget *accept, *turn_on, *turn_off, *move_up, *move_down;
  GtkWidget *filter_buttons[FORGE_SHOW_COUNT];
  GtkWidget *details;

  ForgeChannelShow show;
  ForgeChannelSort sort;
  gboolean is_descending;
};

G_DEFINE_FINAL_TYPE (ForgePageChannels, forge_page_channels, GTK_TYPE_BOX)

static const char *const show_names[FORGE_SHOW_COUNT] = {
  [FORGE_SHOW_ALL] = N_ ("All"),          [FORGE_SHOW_ENABLED] = N_ ("On"),
  [FORGE_SHOW_DISABLED] = N_ ("Off"),     [FORGE_SHOW_UNMATCHED] = N_ ("Without stream"),
  [FORGE_SHOW_REVIEW] = N_ ("To review"), [FORGE_SHOW_MANUAL] = N_ ("Your choice"),
};

static void read_table (ForgePageChannels *self);

static void
add_selected (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, gpointer ids)
{
  gint64 id = forge_channel_model_line (FORGE_CHANNEL_MODEL (model), iter)->id;

  g_array_append_val ((GArray *)ids, id);
}

static void
add_all (ForgePageChannels *self, GArray *ids)
{
  for (guint row = 0; row < forge_channel_model_length (self->channels); row++) {
    gint64 id = forge_channel_model_line_at (self->channels, (int)row)->id;
    g_array_append_val (ids, id);
  }
}

/* Of gint64. Returns: (transfer full). */
static GArray *
selected_ids (ForgePageChannels *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (self->is_all)
    add_all (self, ids);
  else
    gtk_tree_selection_selected_foreach (self->selection, add_selected, ids);
  return ids;
}

static gboolean
can_reorder (ForgePageChannels *self)
{
  return self->sort == FORGE_SORT_PLACE && !self->is_descending;
}

static void
show_details (ForgePageChannels *self, const GArray *ids)
{
  gboolean is_one = ids->len == 1 && self->table;

  if (is_one)
    forge_channel_details_show (FORGE_CHANNEL_DETAILS (self->details),
                                self->table,
                                g_array_index (ids, gint64, 0));
  gtk_widget_set_visible (GTK_WIDGET (self->side), is_one);
  gtk_revealer_set_reveal_child (self->side, is_one);
}

static void
show_summary (ForgePageChannels *self, guint selected)
{
  guint shown = forge_channel_model_length (self->channels);
  g_autofree char *text =
      selected > 0
          ? g_strdup_printf (
                ngettext ("%u of %u channel selected", "%u of %u channels selected", shown),
                selected,
                shown)
          : g_strdup_printf (ngettext ("%u channel", "%u channels", shown), shown);

  gtk_label_set_text (self->summary, text);
}

static void
show_selection (ForgePageChannels *self)
{
  g_autoptr (GArray) ids = selected_ids (self);

  show_summary (self, ids->len);
  gtk_widget_set_visible (self->accept, self->show == FORGE_SHOW_REVIEW);
  gtk_widget_set_sensitive (self->accept, ids->len > 0);
  gtk_widget_set_sensitive (self->turn_on, ids->len > 0);
  gtk_widget_set_sensitive (self->turn_off, ids->len > 0);
  gtk_widget_set_sensitive (self->move_up, ids->len > 0 && can_reorder (self));
  gtk_widget_set_sensitive (self->move_down, ids->len > 0 && can_reorder (self));
  show_details (self, ids);
}

/* By hand: whoever had all of them has not any more. */
static void
on_selection_changed (ForgePageChannels *self)
{
  self->is_all = FALSE;
  show_selection (self);
}

/* Rows that have come since are among all. */
static void
select_what_came (ForgePageChannels *self)
{
  if (!self->is_all)
    return;
  g_signal_handlers_block_by_func (self->selection, on_selection_changed, self);
  gtk_tree_selection_select_all (self->selection);
  g_signal_handlers_unblock_by_func (self->selection, on_selection_changed, self);
}

/* Ctrl+A, also while rows are still to come: what it means is all that the filter shows. */
static gboolean
on_select_all (ForgePageChannels *self)
{
  self->is_all = TRUE;
  select_what_came (self);
  show_selection (self);
  return TRUE;
}

static void
select_id (ForgePageChannels *self, gint64 id)
{
  int row = forge_channel_model_find (self->channels, id);

  if (row < 0)
    return;
  while (row >= gtk_tree_model_iter_n_children (GTK_TREE_MODEL (self->channels), NULL))
    forge_channel_model_show_more (self->channels);
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices (row, -1);
  gtk_tree_selection_select_path (self->selection, path);
}

static gboolean
on_more_idle (gpointer user_data)
{
  ForgePageChannels *self = user_data;

  if (forge_channel_model_show_more (self->channels))
    return G_SOURCE_CONTINUE;
  self->more_idle = 0;
  select_what_came (self);
  return G_SOURCE_REMOVE;
}

/* The view lets go of the model while it becomes another; what was selected stays selected. */
static void
replace_rows (ForgePageChannels *self, GPtrArray *lines)
{
  g_autoptr (GArray) ids = selected_ids (self);

  g_signal_handlers_block_by_func (self->selection, on_selection_changed, self);
  gtk_tree_view_set_model (self->list, NULL);
  forge_channel_model_replace (self->channels, self->table, lines);
  gtk_tree_view_set_model (self->list, GTK_TREE_MODEL (self->channels));
  for (guint i = 0; i < ids->len && !self->is_all; i++)
    select_id (self, g_array_index (ids, gint64, i));
  g_signal_handlers_unblock_by_func (self->selection, on_selection_changed, self);
  select_what_came (self);
  if (self->more_idle == 0)
    self->more_idle = g_idle_add_full (G_PRIORITY_LOW, on_more_idle, self, NULL);
}

static const char *
stack_page (ForgePageChannels *self)
{
  if (forge_channel_table_length (self->table) == 0)
    return "empty";
  return forge_channel_model_length (self->channels) == 0 ? "nothing" : "list";
}

static void
show_counts (ForgePageChannels *self)
{
  guint counts[FORGE_SHOW_COUNT];

  forge_channel_index_count (self->table, counts);
  for (guint i = 0; i < FORGE_SHOW_COUNT; i++) {
    g_autofree char *text = g_strdup_printf ("%s  %u", _ (show_names[i]), counts[i]);
    gtk_button_set_label (GTK_BUTTON (self->filter_buttons[i]), text);
    atk_object_set_name (gtk_widget_get_accessible (self->filter_buttons[i]), _ (show_names[i]));
  }
}

/* Shows what the search, the filter and the order want of the newest table. */
static void
show_rows (ForgePageChannels *self, gboolean is_other_query)
{
  const ForgeChannelQuery query = {
    .show = self->show,
    .search = gtk_entry_get_text (GTK_ENTRY (self->search)),
    .sort = self->sort,
    .is_descending = self->is_descending,
  };

  if (!self->table)
    return;
  self->is_all = self->is_all && !is_other_query;
  g_autoptr (GPtrArray) lines = forge_channel_index_select (self->table, &query);
  if (is_other_query || !forge_channel_model_update (self->channels, self->table, lines))
    replace_rows (self, lines);
  forge_channel_model_set_reorderable (self->channels, can_reorder (self));
  gtk_stack_set_visible_child_name (self->stack, stack_page (self));
  select_what_came (self);
  show_selection (self);
}

static void
on_table (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageChannels) self = user_data;
  g_autoptr (GError) error = NULL;
  ForgeChannelTable *table = forge_engine_views_channels_finish (result, &error);

  if (!self->model) {
    g_clear_pointer (&table, forge_channel_table_unref);
    return;
  }
  self->is_reading = FALSE;
  if (table) {
    g_clear_pointer (&self->table, forge_channel_table_unref);
    self->table = table;
    show_counts (self);
    show_rows (self, FALSE);
  } else {
    forge_app_model_notice_error (self->model, error);
  }
  if (self->is_stale)
    read_table (self);
}

/* Only while somebody looks: a page in the back reads when it comes to the front. */
static void
read_table (ForgePageChannels *self)
{
  ForgeEngineViews *views = forge_app_model_get_views (self->model);

  self->is_stale = TRUE;
  if (self->is_reading || !views || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->is_stale = FALSE;
  self->is_reading = TRUE;
  forge_engine_views_channels_async (views, self->cancellable, on_table, g_object_ref (self));
}

static void
on_map (ForgePageChannels *self)
{
  if (self->is_stale)
    read_table (self);
}

static void
on_search_changed (ForgePageChannels *self)
{
  show_rows (self, TRUE);
}

static void
on_search_stopped (ForgePageChannels *self)
{
  gtk_entry_set_text (GTK_ENTRY (self->search), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
on_filter_toggled (GtkToggleButton *button, gpointer user_data)
{
  ForgePageChannels *self = user_data;

  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < FORGE_SHOW_COUNT; i++)
    if (self->filter_buttons[i] == GTK_WIDGET (button))
      self->show = (ForgeChannelShow)i;
  show_rows (self, TRUE);
}

/* Up, down, back to the lineup's order. */
static void
on_sort_clicked (GtkTreeViewColumn *column, gpointer user_data)
{
  ForgePageChannels *self = user_data;
  ForgeChannelSort sort = forge_channel_column_sort (column);

  if (self->sort != sort) {
    self->sort = sort;
    self->is_descending = FALSE;
  } else if (!self->is_descending) {
    self->is_descending = TRUE;
  } else {
    self->sort = FORGE_SORT_PLACE;
    self->is_descending = FALSE;
  }
  forge_channel_columns_show_sort (self->list, self->sort, self->is_descending);
  show_rows (self, TRUE);
}

static void
enable (ForgePageChannels *self, const GArray *ids, gboolean enabled)
{
  if (self->table)
    forge_lineup_editor_do (self->editor, forge_deed_enable (self->table, ids, enabled));
}

static void
toggle_row (ForgePageChannels *self, int row)
{
  const ForgeChannelLine *line = forge_channel_model_line_at (self->channels, row);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (!line)
    return;
  g_array_append_val (ids, line->id);
  enable (self, ids, !line->enabled);
}

static void
on_toggled (GtkCellRendererToggle *cell, const char *path, gpointer user_data)
{
  toggle_row (user_data, atoi (path));
}

/* Enter, Space, a screen reader's "toggle" or a double click. */
static void
on_row_activated (ForgePageChannels *self, GtkTreePath *path)
{
  toggle_row (self, gtk_tree_path_get_indices (path)[0]);
}

static void
enable_selected (ForgePageChannels *self, gboolean enabled)
{
  g_autoptr (GArray) ids = selected_ids (self);

  enable (self, ids, enabled);
}

static void
on_turn_on_clicked (ForgePageChannels *self)
{
  enable_selected (self, TRUE);
}

static void
on_turn_off_clicked (ForgePageChannels *self)
{
  enable_selected (self, FALSE);
}

/* What was selected when the button was pressed. */
typedef struct {
  ForgePageChannels *page;
  GArray *ids;
} Acceptance;

static void
on_reviewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Acceptance *acceptance = user_data;
  g_autoptr (ForgePageChannels) self = acceptance->page;
  g_autoptr (GArray) ids = acceptance->ids;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  JsonArray *channels = answer ? forge_json_as_array (answer) : NULL;

  g_free (acceptance);
  if (self->model && channels)
    forge_lineup_editor_do (self->editor, forge_deed_accept_all (channels, ids));
  else if (self->model && error)
    forge_app_model_notice_error (self->model, error);
}

static void
on_accept_clicked (ForgePageChannels *self)
{
  Acceptance *acceptance = g_new (Acceptance, 1);

  acceptance->page = g_object_ref (self);
  acceptance->ids = selected_ids (self);
  forge_app_model_call (self->model,
                        "GET",
                        "/v1/match?review=1",
                        NULL,
                        self->cancellable,
                        on_reviewed,
                        acceptance);
}

static void
move_selected (ForgePageChannels *self, gboolean up)
{
  g_autoptr (GArray) ids = selected_ids (self);

  if (self->table && can_reorder (self))
    forge_lineup_editor_do (self->editor, forge_deed_move_by_one (self->table, ids, up));
}

static void
on_move_up_clicked (ForgePageChannels *self)
{
  move_selected (self, TRUE);
}

static void
on_move_down_clicked (ForgePageChannels *self)
{
  move_selected (self, FALSE);
}

static void
on_move_wanted (ForgePageChannels *self, gint64 id, gint64 before_id)
{
  if (self->table)
    forge_lineup_editor_do (self->editor, forge_deed_move_before (self->table, id, before_id));
}

static gboolean
on_list_key (ForgePageChannels *self, GdkEventKey *event)
{
  GdkModifierType modifiers = event->state & gtk_accelerator_get_default_mod_mask ();

  if (modifiers == GDK_MOD1_MASK && event->keyval == GDK_KEY_Up)
    move_selected (self, TRUE);
  else if (modifiers == GDK_MOD1_MASK && event->keyval == GDK_KEY_Down)
    move_selected (self, FALSE);
  else if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_f)
    gtk_widget_grab_focus (GTK_WIDGET (self->search));
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static void
on_undo_clicked (ForgePageChannels *self)
{
  forge_lineup_editor_undo (self->editor);
}

static void
on_redo_clicked (ForgePageChannels *self)
{
  forge_lineup_editor_redo (self->editor);
}

/* Ctrl+Z outside of a text field, which has its own idea of it. */
static gboolean
on_page_key (ForgePageChannels *self, GdkEventKey *event)
{
  GdkModifierType modifiers = event->state & gtk_accelerator_get_default_mod_mask ();
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  GtkWidget *focus = GTK_IS_WINDOW (top) ? gtk_window_get_focus (GTK_WINDOW (top)) : NULL;

  if (GTK_IS_ENTRY (focus) || gdk_keyval_to_lower (event->keyval) != GDK_KEY_z)
    return GDK_EVENT_PROPAGATE;
  if (modifiers == GDK_CONTROL_MASK)
    forge_lineup_editor_undo (self->editor);
  else if (modifiers == (GDK_CONTROL_MASK | GDK_SHIFT_MASK))
    forge_lineup_editor_redo (self->editor);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static void
show_undo (GtkButton *button, const char *name, const char *keys)
{
  g_autofree char *tip = name ? g_strdup_printf ("%s (%s)", name, keys) : NULL;

  gtk_widget_set_sensitive (GTK_WIDGET (button), name != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (button), tip);
}

static void
on_editor_changed (ForgePageChannels *self)
{
  show_undo (self->undo, forge_lineup_editor_get_undo_name (self->editor), _ ("Ctrl+Z"));
  show_undo (self->redo, forge_lineup_editor_get_redo_name (self->editor), _ ("Shift+Ctrl+Z"));
}

static void
add_filters (ForgePageChannels *self)
{
  for (guint i = 0; i < FORGE_SHOW_COUNT; i++) {
    GtkRadioButton *group = i > 0 ? GTK_RADIO_BUTTON (self->filter_buttons[0]) : NULL;
    GtkWidget *button = gtk_radio_button_new_with_label_from_widget (group, _ (show_names[i]));
    gtk_toggle_button_set_mode (GTK_TOGGLE_BUTTON (button), FALSE);
    gtk_style_context_add_class (gtk_widget_get_style_context (button), "forge-pill");
    g_signal_connect (button, "toggled", G_CALLBACK (on_filter_toggled), self);
    gtk_widget_show (button);
    self->filter_buttons[i] = button;
    gtk_container_add (GTK_CONTAINER (self->filters), button);
  }
}

static void
add_empty_states (ForgePageChannels *self)
{
  GtkWidget *empty = forge_empty_state_new (
      "video-display-symbolic",
      _ ("No channels yet"),
      _ ("Connect your provider’s account; its channels are matched with the guide by themselves."));
  GtkWidget *nothing = forge_empty_state_new ("edit-find-symbolic",
                                              _ ("No channel like this"),
                                              _ ("Change the search or choose another filter."));

  gtk_widget_show (empty);
  gtk_widget_show (nothing);
  gtk_stack_add_named (self->stack, empty, "empty");
  gtk_stack_add_named (self->stack, nothing, "nothing");
}

static void
set_up_list (ForgePageChannels *self)
{
  static const GtkTargetEntry target[] = {
    { (char *)"GTK_TREE_MODEL_ROW", GTK_TARGET_SAME_WIDGET, 0 }
  };

  forge_channel_columns_add (self->list,
                             G_CALLBACK (on_toggled),
                             G_CALLBACK (on_sort_clicked),
                             self);
  gtk_tree_view_set_fixed_height_mode (self->list, TRUE);
  gtk_tree_view_set_model (self->list, GTK_TREE_MODEL (self->channels));
  gtk_tree_view_enable_model_drag_source (self->list,
                                          GDK_BUTTON1_MASK,
                                          target,
                                          G_N_ELEMENTS (target),
                                          GDK_ACTION_MOVE);
  gtk_tree_view_enable_model_drag_dest (self->list, target, G_N_ELEMENTS (target), GDK_ACTION_MOVE);
}

static void
forge_page_channels_dispose (GObject *object)
{
  ForgePageChannels *self = FORGE_PAGE_CHANNELS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->more_idle, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->editor);
  g_clear_object (&self->model);
  g_clear_pointer (&self->table, forge_channel_table_unref);
  G_OBJECT_CLASS (forge_page_channels_parent_class)->dispose (object);
  g_clear_object (&self->channels);
}

static void
bind_children (GtkWidgetClass *klass)
{
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, search);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, undo);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, redo);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, filters);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, stack);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, list);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, selection);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, side);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, summary);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, accept);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, turn_on);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, turn_off);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, move_up);
  gtk_widget_class_bind_template_child (klass, ForgePageChannels, move_down);
}

static void
forge_page_channels_class_init (ForgePageChannelsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_channels_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-channels.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_search_stopped);
  gtk_widget_class_bind_template_callback (widget_class, on_undo_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_redo_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_list_key);
  gtk_widget_class_bind_template_callback (widget_class, on_selection_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_move_up_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_move_down_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_accept_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_turn_on_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_turn_off_clicked);
}

static void
forge_page_channels_init (ForgePageChannels *self)
{
  self->channels = forge_channel_model_new ();
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  add_filters (self);
  add_empty_states (self);
  set_up_list (self);
  g_signal_connect (self, "key-press-event", G_CALLBACK (on_page_key), NULL);
  g_signal_connect_object (self->list,
                           "select-all",
                           G_CALLBACK (on_select_all),
                           self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_after (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect_object (self->channels,
                           "move-wanted",
                           G_CALLBACK (on_move_wanted),
                           self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
forge_page_channels_new (ForgeAppModel *model)
{
  ForgePageChannels *self = g_object_new (FORGE_TYPE_PAGE_CHANNELS, NULL);

  self->model = g_object_ref (model);
  self->editor = forge_lineup_editor_new (model);
  self->details = forge_channel_details_new (model, self->editor);
  gtk_container_add (GTK_CONTAINER (self->side), self->details);
  gtk_widget_hide (GTK_WIDGET (self->side));
  g_signal_connect_object (self->editor,
                           "changed",
                           G_CALLBACK (on_editor_changed),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "snapshot-changed",
                           G_CALLBACK (read_table),
                           self,
                           G_CONNECT_SWAPPED);
  read_table (self);
  return GTK_WIDGET (self);
}
