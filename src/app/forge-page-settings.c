/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-settings.h"

#include "app/forge-app-settings.h"
#include "app/forge-clamp.h"
#include "app/forge-device-rows.h"
#include "app/forge-setting-row.h"
#include "app/forge-settings-plan.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#define FORGE_TYPE_PAGE_SETTINGS (forge_page_settings_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageSettings, forge_page_settings, FORGE, PAGE_SETTINGS, GtkBin)

struct _ForgePageSettings {
  GtkBin parent;
  ForgeAppModel *model;
  GtkBox *groups;
  GtkSearchEntry *search;
  GtkScrolledWindow *scroller;
  GtkRevealer *restart_bar;
  GtkWidget *nothing, *devices;
  GPtrArray *rows;   /* of ForgeSettingRow*, lent */
  GPtrArray *titles; /* of GtkWidget*, lent: one per group */
  GPtrArray *lists;  /* of GtkWidget*, lent: one per group */
};

G_DEFINE_FINAL_TYPE (ForgePageSettings, forge_page_settings, GTK_TYPE_BIN)

static void
on_restart_clicked (ForgePageSettings *self)
{
  gtk_revealer_set_reveal_child (self->restart_bar, FALSE);
  forge_engine_host_restart (forge_app_model_get_host (self->model));
}

static void
on_setting_stored (ForgePageSettings *self, const char *key)
{
  if (forge_settings_plan_needs_restart (key))
    gtk_revealer_set_reveal_child (self->restart_bar, TRUE);
}

static GtkWidget *
add_group (ForgePageSettings *self, const char *title)
{
  GtkWidget *heading = forge_ui_label (title, "forge-heading");
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (list), "forge-card");
  forge_ui_set_name (list, title);
  gtk_widget_show (heading);
  gtk_widget_show (list);
  gtk_container_add (GTK_CONTAINER (self->groups), heading);
  gtk_container_add (GTK_CONTAINER (self->groups), list);
  g_ptr_array_add (self->titles, heading);
  g_ptr_array_add (self->lists, list);
  return list;
}

static void
add_rows (ForgePageSettings *self)
{
  for (guint g = 0; g < FORGE_SETTINGS_N_GROUPS; g++) {
    GtkWidget *list = add_group (self, forge_settings_plan_group_title (g));
    guint n;
    const ForgeSettingSpec *table = forge_settings_table (&n);
    for (guint i = 0; i < n; i++) {
      if (forge_settings_plan_group (table[i].key) != g)
        continue;
      GtkWidget *row = forge_setting_row_new (self->model, &table[i]);
      g_signal_connect_object (row,
                               "stored",
                               G_CALLBACK (on_setting_stored),
                               self,
                               G_CONNECT_SWAPPED);
      gtk_container_add (GTK_CONTAINER (list), row);
      g_ptr_array_add (self->rows, row);
    }
  }
}

static gboolean
is_any_row_shown (GtkWidget *list)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (list));

  for (GList *each = rows; each; each = each->next)
    if (gtk_widget_get_visible (each->data))
      return TRUE;
  return FALSE;
}

static void
on_search_changed (ForgePageSettings *self)
{
  g_autofree char *wanted = g_utf8_casefold (gtk_entry_get_text (GTK_ENTRY (self->search)), -1);
  gboolean is_any = FALSE;

  for (guint g = 0; g < self->lists->len; g++) {
    GtkWidget *list = g_ptr_array_index (self->lists, g);
    g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (list));
    for (GList *each = rows; each; each = each->next)
      gtk_widget_set_visible (each->data, forge_setting_row_matches (each->data, wanted));
    gboolean is_shown = is_any_row_shown (list);
    gtk_widget_set_visible (list, is_shown);
    gtk_widget_set_visible (g_ptr_array_index (self->titles, g), is_shown);
    is_any |= is_shown;
  }
  gtk_widget_set_visible (self->nothing, !is_any);
}

/* Another page wants a certain setting to be seen. */
static void
on_navigate (ForgePageSettings *self, const char *page, const char *detail)
{
  if (!g_str_equal (page, "settings") || !detail)
    return;
  gtk_entry_set_text (GTK_ENTRY (self->search), "");
  on_search_changed (self);
  if (g_str_equal (detail, "devices") || g_str_has_prefix (detail, "device-"))
    gtk_widget_child_focus (self->devices, GTK_DIR_TAB_FORWARD);
  for (guint i = 0; i < self->rows->len; i++) {
    ForgeSettingRow *row = g_ptr_array_index (self->rows, i);
    if (g_str_equal (forge_setting_row_get_key (row), detail))
      forge_setting_row_point_at (row);
  }
}

static void
update (ForgePageSettings *self)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  gtk_widget_set_sensitive (GTK_WIDGET (self->groups), snapshot != NULL);
  for (guint i = 0; snapshot && i < self->rows->len; i++)
    forge_setting_row_show (g_ptr_array_index (self->rows, i), snapshot->settings);
}

static void
forge_page_settings_dispose (GObject *object)
{
  g_clear_object (&FORGE_PAGE_SETTINGS (object)->model);
  G_OBJECT_CLASS (forge_page_settings_parent_class)->dispose (object);
}

static void
forge_page_settings_finalize (GObject *object)
{
  ForgePageSettings *self = FORGE_PAGE_SETTINGS (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->titles);
  g_ptr_array_unref (self->lists);
  G_OBJECT_CLASS (forge_page_settings_parent_class)->finalize (object);
}

static void
forge_page_settings_class_init (ForgePageSettingsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_settings_dispose;
  G_OBJECT_CLASS (klass)->finalize = forge_page_settings_finalize;
  g_type_ensure (FORGE_TYPE_CLAMP);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgePageSettings, groups);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSettings, search);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSettings, scroller);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSettings, restart_bar);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSettings, nothing);
  gtk_widget_class_bind_template_callback (widget_class, on_restart_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
}

static void
forge_page_settings_init (ForgePageSettings *self)
{
  self->rows = g_ptr_array_new ();
  self->titles = g_ptr_array_new ();
  self->lists = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
forge_page_settings_new (ForgeAppModel *model)
{
  ForgePageSettings *self = g_object_new (FORGE_TYPE_PAGE_SETTINGS, NULL);

  self->model = g_object_ref (model);
  forge_app_settings_fill (add_group (self, _ ("This window")), model);
  add_rows (self);
  /* Last: their rows come later, and nothing that is looked at may move for them. */
  self->devices = add_group (self, _ ("Devices"));
  forge_device_rows_fill (self->devices, model);
  forge_user_rows_fill (add_group (self, _ ("Apps")), model);
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (self->groups),
                                       gtk_scrolled_window_get_vadjustment (self->scroller));
  g_signal_connect_object (model, "snapshot-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "state-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "navigate", G_CALLBACK (on_navigate), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
