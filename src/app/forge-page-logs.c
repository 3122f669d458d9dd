/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-logs.h"

#include "app/forge-empty-state.h"
#include "app/forge-event-list.h"
#include "app/forge-question.h"

#include <glib/gi18n.h>

#define FORGE_TYPE_PAGE_LOGS (forge_page_logs_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageLogs, forge_page_logs, FORGE, PAGE_LOGS, GtkBin)

struct _ForgePageLogs {
  GtkBin parent;
  ForgeAppModel *model;
  ForgeEventList *events;
  GtkStack *stack;
  GtkTreeView *view;
  GtkTreeViewColumn *time_column, *level_column, *category_column, *message_column;
  GtkCellRenderer *time_cell, *level_cell, *category_cell, *message_cell;
  GtkComboBox *level, *category;
  GtkEntry *search;
  GtkToggleButton *follow;
};

G_DEFINE_FINAL_TYPE (ForgePageLogs, forge_page_logs, GTK_TYPE_BIN)

static GtkTreeModel *
shown_model (ForgePageLogs *self)
{
  return forge_event_list_get_model (self->events);
}

static void
scroll_to_newest (ForgePageLogs *self)
{
  g_autoptr (GtkTreePath) first = gtk_tree_path_new_first ();
  GtkTreeIter iter;

  if (gtk_toggle_button_get_active (self->follow) &&
      gtk_tree_model_get_iter_first (shown_model (self), &iter))
    gtk_tree_view_scroll_to_cell (self->view, first, NULL, FALSE, 0, 0);
}

/* Warnings and errors that nobody has looked at. */
static void
update_badge (ForgePageLogs *self)
{
  ForgeAppState *state = forge_app_model_get_state (self->model);
  gint64 newest = forge_event_list_get_newest (self->events);
  int seen = forge_app_state_get_int (state, FORGE_STATE_LOGS_SEEN);

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && newest > seen) {
    seen = (int)MIN (newest, G_MAXINT);
    forge_app_state_set_int (state, FORGE_STATE_LOGS_SEEN, seen);
  }
  forge_app_model_badge (self->model,
                         "logs",
                         forge_event_list_count_serious_after (self->events, seen));
}

static void
on_events_loaded (ForgePageLogs *self)
{
  GtkTreeIter iter;

  gtk_stack_set_visible_child_name (
      self->stack,
      gtk_tree_model_get_iter_first (shown_model (self), &iter) ? "list" : "empty");
  scroll_to_newest (self);
  update_badge (self);
}

static void
on_filter_changed (ForgePageLogs *self)
{
  forge_event_list_set_filter (self->events,
                               gtk_combo_box_get_active_id (self->level),
                               gtk_combo_box_get_active_id (self->category),
                               gtk_entry_get_text (self->search));
  on_events_loaded (self);
}

static void
on_clear_answer (gboolean is_yes, gpointer user_data)
{
  ForgePageLogs *self = user_data;

  if (is_yes)
    forge_event_list_clear (self->events);
}

static void
on_clear_clicked (ForgePageLogs *self)
{
  forge_question_ask (GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (self))),
                      _ ("Clear the log?"),
                      _ ("All lines are removed. Channels, guide and settings stay."),
                      _ ("_Cancel"),
                      _ ("C_lear"),
                      TRUE,
                      on_clear_answer,
                      self);
}

static void
on_exported (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageLogs) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!self->model)
    return;
  if (g_file_replace_contents_finish (G_FILE (file), result, NULL, &error))
    forge_app_model_notice (self->model, _ ("The log was saved. It holds no passwords."));
  else
    forge_app_model_notice_error (self->model, error);
}

static void
on_file_chosen (GtkNativeDialog *chooser, int response, gpointer user_data)
{
  ForgePageLogs *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
    g_autoptr (GBytes) text = forge_event_list_export (self->events);
    g_file_replace_contents_bytes_async (file,
                                         text,
                                         NULL,
                                         FALSE,
                                         G_FILE_CREATE_REPLACE_DESTINATION,
                                         NULL,
                                         on_exported,
                                         g_object_ref (self));
  }
  g_object_unref (chooser);
}

static void
on_export_clicked (ForgePageLogs *self)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (self)));
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_ ("Save the Log"),
                                                               window,
                                                               GTK_FILE_CHOOSER_ACTION_SAVE,
                                                               NULL,
                                                               NULL);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), "streamforge-log.txt");
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_file_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
bind_cells (ForgePageLogs *self)
{
  gtk_tree_view_column_set_attributes (self->time_column,
                                       self->time_cell,
                                       "text",
                                       FORGE_EVENT_TIME_TEXT,
                                       NULL);
  gtk_tree_view_column_set_attributes (self->level_column,
                                       self->level_cell,
                                       "icon-name",
                                       FORGE_EVENT_ICON,
                                       NULL);
  gtk_tree_view_column_set_attributes (self->category_column,
                                       self->category_cell,
                                       "text",
                                       FORGE_EVENT_CATEGORY_TEXT,
                                       NULL);
  gtk_tree_view_column_set_attributes (self->message_column,
                                       self->message_cell,
                                       "text",
                                       FORGE_EVENT_TEXT,
                                       NULL);
}

static void
forge_page_logs_dispose (GObject *object)
{
  ForgePageLogs *self = FORGE_PAGE_LOGS (object);

  g_clear_object (&self->events);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_page_logs_parent_class)->dispose (object);
}

static void
forge_page_logs_class_init (ForgePageLogsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_logs_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-logs.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, stack);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, view);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, time_column);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, level_column);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, category_column);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, message_column);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, time_cell);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, level_cell);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, category_cell);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, message_cell);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, level);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, category);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, search);
  gtk_widget_class_bind_template_child (widget_class, ForgePageLogs, follow);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_clear_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_export_clicked);
  gtk_widget_class_bind_template_callback (widget_class, scroll_to_newest);
}

static void
forge_page_logs_init (ForgePageLogs *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_stack_add_named (
      self->stack,
      forge_empty_state_new ("text-x-generic-symbolic",
                             _ ("Nothing to show"),
                             _ ("What happens with streams, accounts and guides is written here.")),
      "empty");
  bind_cells (self);
}

GtkWidget *
forge_page_logs_new (ForgeAppModel *model)
{
  ForgePageLogs *self = g_object_new (FORGE_TYPE_PAGE_LOGS, NULL);

  self->model = g_object_ref (model);
  self->events = forge_event_list_new (model);
  gtk_tree_view_set_model (self->view, shown_model (self));
  g_signal_connect_object (self->events,
                           "loaded",
                           G_CALLBACK (on_events_loaded),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (update_badge), NULL);
  on_events_loaded (self);
  return GTK_WIDGET (self);
}
