/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-app-window.h"

#include "app/forge-doctor-dialog.h"
#include "app/forge-engine-text.h"
#include "app/forge-page-channels.h"
#include "app/forge-page-guide.h"
#include "app/forge-page-library.h"
#include "app/forge-page-logs.h"
#include "app/forge-page-overview.h"
#include "app/forge-page-sessions.h"
#include "app/forge-page-settings.h"
#include "app/forge-page-sources.h"
#include "app/forge-sidebar.h"
#include "app/forge-welcome.h"

#include <glib/gi18n.h>

#define NOTICE_SHOWN_S 6
/* Below this width the sidebar shows icons only. */
#define NARROW_PX 860
#define WELCOME   "welcome"
/* No page: a window of its own. */
#define DOCTOR "doctor"

static const struct {
  const char *name, *title, *icon;
  GtkWidget *(*make) (ForgeAppModel *model);
} pages[] = {
  { "overview", N_ ("Overview"), "go-home-symbolic", forge_page_overview_new },
  { "channels", N_ ("Channels"), "video-display-symbolic", forge_page_channels_new },
  { "guide", N_ ("Guide"), "x-office-calendar-symbolic", forge_page_guide_new },
  { "sources", N_ ("Sources"), "network-server-symbolic", forge_page_sources_new },
  { "library", N_ ("Library"), "folder-videos-symbolic", forge_page_library_new },
  { "sessions", N_ ("Sessions"), "network-transmit-receive-symbolic", forge_page_sessions_new },
  { "logs", N_ ("Logs"), "text-x-generic-symbolic", forge_page_logs_new },
  { "settings", N_ ("Settings"), "preferences-system-symbolic", forge_page_settings_new },
};

struct _ForgeAppWindow {
  GtkApplicationWindow parent;
  ForgeAppModel *model;
  GtkHeaderBar *header;
  GtkBox *side;
  GtkStack *stack;
  GtkRevealer *notice;
  GtkLabel *notice_text;
  GtkLabel *status;
  ForgeSidebar *sidebar;
  ForgeWelcome *welcome;                /* NULL until somebody is welcomed */
  GtkBox *places[G_N_ELEMENTS (pages)]; /* of the pages in the stack */
  gboolean is_made[G_N_ELEMENTS (pages)];
  guint notice_timer, fill_idle;
  gboolean is_narrow;
};

G_DEFINE_FINAL_TYPE (ForgeAppWindow, forge_app_window, GTK_TYPE_APPLICATION_WINDOW)

/**
 * The window must stand within half a second, so a page is made when it is first looked at; the
 * others follow one by one while nothing else wants the thread. Until then its place in the stack
 * is an empty box.
 */

static gboolean
on_notice_over (gpointer user_data)
{
  ForgeAppWindow *self = user_data;

  self->notice_timer = 0;
  gtk_revealer_set_reveal_child (self->notice, FALSE);
  return G_SOURCE_REMOVE;
}

static void
on_notice (ForgeAppWindow *self, const char *text, gboolean is_error)
{
  g_autofree char *shown = forge_engine_text (text);
  GtkStyleContext *style =
      gtk_widget_get_style_context (gtk_bin_get_child (GTK_BIN (self->notice)));

  gtk_label_set_text (self->notice_text, shown);
  if (is_error)
    gtk_style_context_add_class (style, "error");
  else
    gtk_style_context_remove_class (style, "error");
  gtk_revealer_set_reveal_child (self->notice, TRUE);
  g_clear_handle_id (&self->notice_timer, g_source_remove);
  self->notice_timer = g_timeout_add_seconds (NOTICE_SHOWN_S, on_notice_over, self);
}

static void
on_notice_close_clicked (ForgeAppWindow *self)
{
  g_clear_handle_id (&self->notice_timer, g_source_remove);
  gtk_revealer_set_reveal_child (self->notice, FALSE);
}

static void
on_page_shown (ForgeAppWindow *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (self->stack);
  g_autofree char *title = NULL;

  if (!page)
    return;
  gtk_container_child_get (GTK_CONTAINER (self->stack), page, "title", &title, NULL);
  gtk_header_bar_set_subtitle (self->header, title);
}

static void
on_badge (ForgeAppWindow *self, const char *page, guint number)
{
  forge_sidebar_set_badge (self->sidebar, page, number);
}

static char *
status_text (ForgeAppWindow *self)
{
  ForgeEngineHost *host = forge_app_model_get_host (self->model);
  ForgeLive *live = forge_app_model_get_live (self->model);

  if (live && self->is_narrow)
    return g_strdup_printf ("%d/%d", live->tuners_used, live->tuners_total);
  if (live)
    return g_strdup_printf (_ ("%d of %d tuners in use"), live->tuners_used, live->tuners_total);
  switch (forge_engine_host_get_state (host)) {
  case FORGE_HOST_FAILED:
    return g_strdup (_ ("Not running"));
  case FORGE_HOST_STOPPING:
    return g_strdup (_ ("Ending…"));
  case FORGE_HOST_STARTING:
  case FORGE_HOST_STOPPED:
  case FORGE_HOST_RUNNING:
  default:
    return g_strdup (_ ("Starting…"));
  }
}

static void
update_status (ForgeAppWindow *self)
{
  g_autofree char *text = status_text (self);

  gtk_label_set_text (self->status, text);
}

static void
make_page (ForgeAppWindow *self, gsize i)
{
  GtkWidget *page;

  self->is_made[i] = TRUE;
  page = pages[i].make (self->model);
  gtk_widget_show (page);
  gtk_box_pack_start (self->places[i], page, TRUE, TRUE, 0);
}

/* FALSE if there was nothing to do. */
static gboolean
need_page (ForgeAppWindow *self, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++) {
    if (self->is_made[i] || g_strcmp0 (name, pages[i].name) != 0)
      continue;
    make_page (self, i);
    return TRUE;
  }
  return FALSE;
}

static gboolean
on_fill_idle (gpointer user_data)
{
  ForgeAppWindow *self = user_data;

  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    if (need_page (self, pages[i].name))
      return G_SOURCE_CONTINUE;
  self->fill_idle = 0;
  return G_SOURCE_REMOVE;
}

/* The assistant has the window to itself. */
static void
on_visible_page (ForgeAppWindow *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->stack);

  if (!self->model) /* the stack is being taken down */
    return;
  need_page (self, name);
  gtk_widget_set_visible (GTK_WIDGET (self->side), g_strcmp0 (name, WELCOME) != 0);
  on_page_shown (self);
}

static void
on_welcome_finished (ForgeAppWindow *self)
{
  forge_app_state_set_bool (forge_app_model_get_state (self->model),
                            FORGE_STATE_WELCOME_DONE,
                            TRUE);
  forge_app_window_show_page (self, "overview");
}

static void
need_welcome (ForgeAppWindow *self)
{
  if (self->welcome)
    return;
  self->welcome = FORGE_WELCOME (forge_welcome_new (self->model));
  gtk_widget_show (GTK_WIDGET (self->welcome));
  gtk_stack_add_titled (self->stack, GTK_WIDGET (self->welcome), WELCOME, _ ("Welcome"));
  g_signal_connect_object (self->welcome,
                           "finished",
                           G_CALLBACK (on_welcome_finished),
                           self,
                           G_CONNECT_SWAPPED);
}

void
forge_app_window_show_page (ForgeAppWindow *self, const char *name)
{
  if (g_str_equal (name, WELCOME)) {
    need_welcome (self);
    forge_welcome_restart (self->welcome);
  }
  if (gtk_stack_get_child_by_name (self->stack, name))
    gtk_stack_set_visible_child_name (self->stack, name);
}

static void
on_navigate (ForgeAppWindow *self, const char *page, const char *detail)
{
  if (g_str_equal (page, DOCTOR))
    forge_doctor_dialog_show (self->model, GTK_WINDOW (self));
  /* A page that is made only now has not heard it. */
  else if (need_page (self, page))
    forge_app_model_navigate (self->model, page, detail);
  else
    forge_app_window_show_page (self, page);
}

/* A window without an account begins with the assistant, until that was gone through or left. */
static void
offer_welcome (ForgeAppWindow *self)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);
  ForgeAppState *state = forge_app_model_get_state (self->model);

  if (snapshot && snapshot->accounts->len == 0 &&
      !forge_app_state_get_bool (state, FORGE_STATE_WELCOME_DONE) &&
      !forge_engine_host_is_demo (forge_app_model_get_host (self->model)))
    forge_app_window_show_page (self, WELCOME);
}

static void
on_state_changed (ForgeAppWindow *self)
{
  update_status (self);
  offer_welcome (self);
}

static void
add_pages (ForgeAppWindow *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++) {
    GtkWidget *place = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
    self->places[i] = GTK_BOX (place);
    gtk_widget_show (place);
    gtk_stack_add_titled (self->stack, place, pages[i].name, _ (pages[i].title));
    forge_sidebar_add (self->sidebar, pages[i].name, _ (pages[i].title), pages[i].icon);
  }
  self->fill_idle = g_idle_add_full (G_PRIORITY_LOW, on_fill_idle, self, NULL);
}

static gboolean
on_width_changed (gpointer user_data)
{
  ForgeAppWindow *self = user_data;

  if (self->sidebar)
    update_status (self);
  return G_SOURCE_REMOVE;
}

static void
forge_app_window_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  ForgeAppWindow *self = FORGE_APP_WINDOW (widget);

  GTK_WIDGET_CLASS (forge_app_window_parent_class)->size_allocate (widget, allocation);
  if (!self->sidebar || self->is_narrow == (allocation->width < NARROW_PX))
    return;
  self->is_narrow = !self->is_narrow;
  forge_sidebar_set_narrow (self->sidebar, self->is_narrow);
  /* Asked while sizes are handed out: change them afterwards. */
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_width_changed, g_object_ref (self), g_object_unref);
}

static void
forge_app_window_dispose (GObject *object)
{
  ForgeAppWindow *self = FORGE_APP_WINDOW (object);

  g_clear_handle_id (&self->notice_timer, g_source_remove);
  g_clear_handle_id (&self->fill_idle, g_source_remove);
  self->sidebar = NULL;
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_app_window_parent_class)->dispose (object);
}

static void
forge_app_window_class_init (ForgeAppWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_app_window_dispose;
  widget_class->size_allocate = forge_app_window_size_allocate;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/app-window.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgeAppWindow, header);
  gtk_widget_class_bind_template_child (widget_class, ForgeAppWindow, side);
  gtk_widget_class_bind_template_child (widget_class, ForgeAppWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ForgeAppWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, ForgeAppWindow, notice_text);
  gtk_widget_class_bind_template_child (widget_class, ForgeAppWindow, status);
  gtk_widget_class_bind_template_callback (widget_class, on_visible_page);
  gtk_widget_class_bind_template_callback (widget_class, on_notice_close_clicked);
}

static void
forge_app_window_init (ForgeAppWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->sidebar = FORGE_SIDEBAR (forge_sidebar_new (self->stack));
  gtk_box_pack_start (self->side, GTK_WIDGET (self->sidebar), TRUE, TRUE, 0);
}

ForgeAppWindow *
forge_app_window_new (GtkApplication *application, ForgeAppModel *model)
{
  ForgeAppWindow *self = g_object_new (FORGE_TYPE_APP_WINDOW, "application", application, NULL);

  self->model = g_object_ref (model);
  /* First: pages say at once what they have. */
  g_signal_connect_object (model, "badge", G_CALLBACK (on_badge), self, G_CONNECT_SWAPPED);
  add_pages (self);
  g_signal_connect_object (model, "notice", G_CALLBACK (on_notice), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "navigate", G_CALLBACK (on_navigate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "live-changed",
                           G_CALLBACK (update_status),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "state-changed",
                           G_CALLBACK (on_state_changed),
                           self,
                           G_CONNECT_SWAPPED);
  on_state_changed (self);
  on_page_shown (self);
  return self;
}
