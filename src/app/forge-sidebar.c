/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-sidebar.h"

#include <glib/gi18n.h>

#define MAX_BADGE 99

struct _ForgeSidebar {
  GtkListBox parent;
  GtkStack *stack;
  GHashTable *rows; /* page → Row* */
  gboolean is_narrow;
};

typedef struct {
  GtkWidget *row, *title, *badge;
  char *name;
} Row;

G_DEFINE_FINAL_TYPE (ForgeSidebar, forge_sidebar, GTK_TYPE_LIST_BOX)

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->name);
  g_free (row);
}

static void
on_row_selected (ForgeSidebar *self, GtkListBoxRow *selected)
{
  const Row *row = selected ? g_object_get_data (G_OBJECT (selected), "row") : NULL;

  if (row && self->stack)
    gtk_stack_set_visible_child_name (self->stack, row->name);
}

static void
on_page_shown (ForgeSidebar *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->stack);
  Row *row = name ? g_hash_table_lookup (self->rows, name) : NULL;

  if (row)
    gtk_list_box_select_row (GTK_LIST_BOX (self), GTK_LIST_BOX_ROW (row->row));
}

static void
apply_width (ForgeSidebar *self, const Row *row)
{
  const char *number = gtk_label_get_text (GTK_LABEL (row->badge));

  gtk_widget_set_visible (row->title, !self->is_narrow);
  gtk_widget_set_visible (row->badge, !self->is_narrow && *number);
}

static GtkWidget *
make_content (Row *row, const char *title, const char *icon)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  row->title = gtk_label_new (title);
  row->badge = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (row->title), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (row->badge), "forge-badge");
  gtk_widget_set_valign (row->badge, GTK_ALIGN_CENTER);
  gtk_box_pack_start (GTK_BOX (box),
                      gtk_image_new_from_icon_name (icon, GTK_ICON_SIZE_MENU),
                      FALSE,
                      FALSE,
                      0);
  gtk_box_pack_start (GTK_BOX (box), row->title, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), row->badge, FALSE, FALSE, 0);
  return box;
}

void
forge_sidebar_add (ForgeSidebar *self, const char *name, const char *title, const char *icon)
{
  Row *row = g_new0 (Row, 1);

  row->name = g_strdup (name);
  row->row = gtk_list_box_row_new ();
  gtk_container_add (GTK_CONTAINER (row->row), make_content (row, title, icon));
  gtk_widget_set_tooltip_text (row->row, title);
  atk_object_set_name (gtk_widget_get_accessible (row->row), title);
  g_object_set_data (G_OBJECT (row->row), "row", row);
  g_hash_table_insert (self->rows, row->name, row);
  gtk_widget_show_all (row->row);
  apply_width (self, row);
  gtk_container_add (GTK_CONTAINER (self), row->row);
  on_page_shown (self);
}

void
forge_sidebar_set_badge (ForgeSidebar *self, const char *name, guint number)
{
  Row *row = g_hash_table_lookup (self->rows, name);
  g_autofree char *text = NULL;

  if (!row)
    return;
  if (number > 0)
    text = number > MAX_BADGE ? g_strdup ("99+") : g_strdup_printf ("%u", number);
  gtk_label_set_text (GTK_LABEL (row->badge), text ? text : "");
  apply_width (self, row);
}

static gboolean
apply_narrow (gpointer user_data)
{
  ForgeSidebar *self = user_data;
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    apply_width (self, row);
  return G_SOURCE_REMOVE;
}

void
forge_sidebar_set_narrow (ForgeSidebar *self, gboolean is_narrow)
{
  if (self->is_narrow == is_narrow)
    return;
  self->is_narrow = is_narrow;
  /* Asked while sizes are handed out: change them afterwards. */
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, apply_narrow, g_object_ref (self), g_object_unref);
}

/* One stop for the Tab key; the arrows go from page to page. GTK's list stops at every row, and
 * here each stop would turn a page. */
static gboolean
forge_sidebar_focus (GtkWidget *widget, GtkDirectionType direction)
{
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (GTK_LIST_BOX (widget));

  if (!selected || (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD))
    return GTK_WIDGET_CLASS (forge_sidebar_parent_class)->focus (widget, direction);
  if (gtk_container_get_focus_child (GTK_CONTAINER (widget)))
    return FALSE;
  gtk_widget_grab_focus (GTK_WIDGET (selected));
  return TRUE;
}

static void
forge_sidebar_dispose (GObject *object)
{
  ForgeSidebar *self = FORGE_SIDEBAR (object);

  g_clear_weak_pointer (&self->stack);
  G_OBJECT_CLASS (forge_sidebar_parent_class)->dispose (object);
}

static void
forge_sidebar_finalize (GObject *object)
{
  g_hash_table_unref (FORGE_SIDEBAR (object)->rows);
  G_OBJECT_CLASS (forge_sidebar_parent_class)->finalize (object);
}

static void
forge_sidebar_class_init (ForgeSidebarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_sidebar_dispose;
  G_OBJECT_CLASS (klass)->finalize = forge_sidebar_finalize;
  GTK_WIDGET_CLASS (klass)->focus = forge_sidebar_focus;
}

static void
forge_sidebar_init (ForgeSidebar *self)
{
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, row_free);
  g_signal_connect (self, "row-selected", G_CALLBACK (on_row_selected), NULL);
}

GtkWidget *
forge_sidebar_new (GtkStack *stack)
{
  ForgeSidebar *self = g_object_new (FORGE_TYPE_SIDEBAR, "visible", TRUE, NULL);

  g_set_weak_pointer (&self->stack, stack);
  g_signal_connect_object (stack,
                           "notify::visible-child",
                           G_CALLBACK (on_page_shown),
                           self,
                           G_CONNECT_SWAPPED);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Pages"));
  return GTK_WIDGET (self);
}
