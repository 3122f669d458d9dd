/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-sessions.h"

#include "app/forge-clamp.h"
#include "app/forge-empty-state.h"
#include "app/forge-session-row.h"

#include <glib/gi18n.h>

#define FORGE_TYPE_PAGE_SESSIONS (forge_page_sessions_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageSessions, forge_page_sessions, FORGE, PAGE_SESSIONS, GtkBin)

struct _ForgePageSessions {
  GtkBin parent;
  ForgeAppModel *model;
  GtkStack *stack;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (ForgePageSessions, forge_page_sessions, GTK_TYPE_BIN)

static void
update (ForgePageSessions *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);

  forge_session_rows_update (self->list, self->model);
  gtk_stack_set_visible_child_name (self->stack,
                                    live && live->sessions->len > 0 ? "list" : "empty");
}

static void
forge_page_sessions_dispose (GObject *object)
{
  g_clear_object (&FORGE_PAGE_SESSIONS (object)->model);
  G_OBJECT_CLASS (forge_page_sessions_parent_class)->dispose (object);
}

static void
forge_page_sessions_class_init (ForgePageSessionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_sessions_dispose;
  g_type_ensure (FORGE_TYPE_CLAMP);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-sessions.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgePageSessions, stack);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSessions, list);
}

static void
forge_page_sessions_init (ForgePageSessions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_stack_add_named (
      self->stack,
      forge_empty_state_new (
          "network-transmit-receive-symbolic",
          _ ("Nobody is watching"),
          _ ("As soon as Plex or a player opens a channel, you see here who watches it and how well it runs.")),
      "empty");
}

GtkWidget *
forge_page_sessions_new (ForgeAppModel *model)
{
  ForgePageSessions *self = g_object_new (FORGE_TYPE_PAGE_SESSIONS, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "live-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "state-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
