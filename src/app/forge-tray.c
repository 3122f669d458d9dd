/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-tray.h"

#include "app/forge-session-text.h"
#include "app/forge-tray-host.h"

#include <glib/gi18n.h>

#include <libayatana-appindicator/app-indicator.h>
#include <string.h>

/* More would make a menu that nobody reads; the window shows all. */
#define MAX_SESSIONS_SHOWN 6

/* Newer versions mark the whole library deprecated in favour of one that no distribution has. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS

struct _ForgeTray {
  GObject parent;
  GtkApplication *application; /* lent */
  ForgeAppModel *model;
  ForgeTrayHost *host;
  AppIndicator *indicator; /* NULL while nobody shows icons: its own fallback is not for Wayland */
  GtkWidget *menu, *status, *pause, *copies[3];
  GPtrArray *sessions;     /* of GtkWidget*, lent: the menu's items */
  GPtrArray *session_text; /* of char*: what they say */
  gulong pause_handler;
};

G_DEFINE_FINAL_TYPE (ForgeTray, forge_tray, G_TYPE_OBJECT)

static void
on_item_activate (GtkMenuItem *item, gpointer user_data)
{
  ForgeTray *self = user_data;
  const char *action = g_object_get_data (G_OBJECT (item), "action");
  const char *page = g_object_get_data (G_OBJECT (item), "page");

  g_action_group_activate_action (G_ACTION_GROUP (self->application),
                                  action,
                                  page ? g_variant_new_string (page) : NULL);
}

static GtkWidget *
add_item (ForgeTray *self, GtkWidget *item, const char *action, const char *page)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), item);
  g_object_set_data (G_OBJECT (item), "action", (gpointer)action);
  g_object_set_data (G_OBJECT (item), "page", (gpointer)page);
  if (action)
    g_signal_connect_object (item, "activate", G_CALLBACK (on_item_activate), self, 0);
  gtk_widget_show (item);
  return item;
}

static void
add_separator (ForgeTray *self)
{
  add_item (self, gtk_separator_menu_item_new (), NULL, NULL);
}

static const ForgeProblem *
first_error (ForgeLive *live)
{
  for (guint i = 0; i < live->problems->len; i++) {
    const ForgeProblem *problem = g_ptr_array_index (live->problems, i);
    if (strcmp (problem->severity, "error") == 0)
      return problem;
  }
  return NULL;
}

static const char *
state_icon (ForgeTray *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);
  ForgeEngineHost *host = forge_app_model_get_host (self->model);

  if (forge_engine_host_get_state (host) == FORGE_HOST_FAILED || (live && first_error (live)))
    return FORGE_APP_ID "-problem-symbolic";
  if (live && live->is_paused)
    return FORGE_APP_ID "-paused-symbolic";
  return live && live->sessions->len > 0 ? FORGE_APP_ID "-streaming-symbolic"
                                         : FORGE_APP_ID "-idle-symbolic";
}

/* The menu's first line: the one thing to know. */
static char *
status_text (ForgeTray *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);
  ForgeEngineHost *host = forge_app_model_get_host (self->model);

  if (forge_engine_host_get_state (host) == FORGE_HOST_FAILED)
    return g_strdup (_ ("The tuner could not start"));
  if (!live)
    return g_strdup (_ ("Starting…"));
  if (live->is_paused)
    return g_strdup (_ ("The tuner is paused"));
  if (first_error (live))
    return g_strdup (first_error (live)->text);
  return g_strdup_printf (_ ("%d of %d tuners in use"), live->tuners_used, live->tuners_total);
}

static gboolean
is_same_list (GPtrArray *one, GPtrArray *other)
{
  if (one->len != other->len)
    return FALSE;
  for (guint i = 0; i < one->len; i++)
    if (strcmp (g_ptr_array_index (one, i), g_ptr_array_index (other, i)) != 0)
      return FALSE;
  return TRUE;
}

static GPtrArray *
describe_sessions (ForgeLive *live)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; live && i < MIN (live->sessions->len, MAX_SESSIONS_SHOWN); i++)
    g_ptr_array_add (texts, forge_session_summary (g_ptr_array_index (live->sessions, i)));
  return texts;
}

static void
destroy_item (gpointer item)
{
  gtk_widget_destroy (item);
}

/* A menu that is open must not be rebuilt every second: only when it says something else. */
static void
update_sessions (ForgeTray *self)
{
  g_autoptr (GPtrArray) texts = describe_sessions (forge_app_model_get_live (self->model));

  if (is_same_list (texts, self->session_text))
    return;
  g_ptr_array_set_size (self->sessions, 0);
  for (guint i = 0; i < texts->len; i++) {
    GtkWidget *item = gtk_menu_item_new_with_label (g_ptr_array_index (texts, i));
    add_item (self, item, "show", "sessions");
    gtk_menu_reorder_child (GTK_MENU (self->menu), item, (int)i + 1);
    g_ptr_array_add (self->sessions, item);
  }
  g_ptr_array_unref (self->session_text);
  self->session_text = g_steal_pointer (&texts);
}

static void
update_entries (ForgeTray *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);

  g_signal_handler_block (self->pause, self->pause_handler);
  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (self->pause), live && live->is_paused);
  g_signal_handler_unblock (self->pause, self->pause_handler);
  gtk_widget_set_sensitive (self->pause, live != NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (self->copies); i++)
    gtk_widget_set_sensitive (self->copies[i], live != NULL);
}

static void
update (ForgeTray *self)
{
  g_autofree char *status = status_text (self);

  if (!self->indicator)
    return;
  if (g_strcmp0 (gtk_menu_item_get_label (GTK_MENU_ITEM (self->status)), status) != 0)
    gtk_menu_item_set_label (GTK_MENU_ITEM (self->status), status);
  update_sessions (self);
  update_entries (self);
  if (g_strcmp0 (app_indicator_get_icon (self->indicator), state_icon (self)) != 0 ||
      g_strcmp0 (app_indicator_get_icon_desc (self->indicator), status) != 0)
    app_indicator_set_icon_full (self->indicator, state_icon (self), status);
}

static void
on_pause_toggled (ForgeTray *self)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "pause-tuner", NULL);
}

static void
make_menu (ForgeTray *self)
{
  self->menu = g_object_ref_sink (gtk_menu_new ());
  self->status = add_item (self, gtk_menu_item_new_with_label (""), NULL, NULL);
  gtk_widget_set_sensitive (self->status, FALSE);
  add_separator (self);
  self->copies[0] = add_item (self,
                              gtk_menu_item_new_with_mnemonic (_ ("Copy _Plex address")),
                              "copy-plex-address",
                              NULL);
  self->copies[1] = add_item (self,
                              gtk_menu_item_new_with_mnemonic (_ ("Copy _M3U address")),
                              "copy-playlist-address",
                              NULL);
  self->copies[2] = add_item (self,
                              gtk_menu_item_new_with_mnemonic (_ ("Copy _guide address")),
                              "copy-guide-address",
                              NULL);
  add_separator (self);
  GtkWidget *open =
      add_item (self, gtk_menu_item_new_with_mnemonic (_ ("_Open StreamForge")), "show", "");
  self->pause =
      add_item (self, gtk_check_menu_item_new_with_mnemonic (_ ("P_ause tuner")), NULL, NULL);
  self->pause_handler = g_signal_connect_object (self->pause,
                                                 "toggled",
                                                 G_CALLBACK (on_pause_toggled),
                                                 self,
                                                 G_CONNECT_SWAPPED);
  add_separator (self);
  add_item (self, gtk_menu_item_new_with_mnemonic (_ ("_Quit")), "quit", NULL);
  app_indicator_set_menu (self->indicator, GTK_MENU (self->menu));
  /* There is no left click in this protocol's library; a middle click can open the window. */
  app_indicator_set_secondary_activate_target (self->indicator, open);
}

static void
show (ForgeTray *self)
{
  const char *icons = g_getenv ("STREAMFORGE_ICONS");

  self->indicator = app_indicator_new ("streamforge",
                                       state_icon (self),
                                       APP_INDICATOR_CATEGORY_APPLICATION_STATUS);
  if (icons)
    app_indicator_set_icon_theme_path (self->indicator, icons);
  app_indicator_set_title (self->indicator, "StreamForge");
  self->sessions = g_ptr_array_new_with_free_func (destroy_item);
  self->session_text = g_ptr_array_new_with_free_func (g_free);
  make_menu (self);
  app_indicator_set_status (self->indicator, APP_INDICATOR_STATUS_ACTIVE);
  update (self);
}

static void
hide (ForgeTray *self)
{
  if (!self->indicator)
    return;
  app_indicator_set_status (self->indicator, APP_INDICATOR_STATUS_PASSIVE);
  g_clear_object (&self->indicator);
  g_ptr_array_set_free_func (self->sessions, NULL);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->session_text, g_ptr_array_unref);
  gtk_widget_destroy (self->menu);
  g_clear_object (&self->menu);
}

static void
on_host_changed (ForgeTray *self)
{
  gboolean is_present = forge_tray_host_is_present (self->host);

  if (is_present && !self->indicator)
    show (self);
  else if (!is_present)
    hide (self);
}

gboolean
forge_tray_is_shown (ForgeTray *self)
{
  return forge_tray_host_is_present (self->host);
}

static void
forge_tray_dispose (GObject *object)
{
  ForgeTray *self = FORGE_TRAY (object);

  hide (self);
  g_clear_object (&self->host);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_tray_parent_class)->dispose (object);
}

static void
forge_tray_class_init (ForgeTrayClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_tray_dispose;
}

static void
forge_tray_init (ForgeTray *self)
{
  self->host = forge_tray_host_new ();
}

ForgeTray *
forge_tray_new (GtkApplication *application, ForgeAppModel *model)
{
  ForgeTray *self = g_object_new (FORGE_TYPE_TRAY, NULL);

  self->application = application;
  self->model = g_object_ref (model);
  g_signal_connect_object (self->host,
                           "notify::is-present",
                           G_CALLBACK (on_host_changed),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "live-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "state-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return self;
}

G_GNUC_END_IGNORE_DEPRECATIONS
