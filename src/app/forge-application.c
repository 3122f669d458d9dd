/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-app"

#include "config.h"

#include "app/forge-application.h"

#include "app/forge-app-model.h"
#include "app/forge-app-state.h"
#include "app/forge-app-window.h"
#include "app/forge-clipboard.h"
#include "app/forge-color-scheme.h"
#include "app/forge-notifier.h"
#include "app/forge-power.h"
#include "app/forge-question.h"
#include "app/forge-session-text.h"
#include "app/forge-tray.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The demo has its own data, so it runs beside the real one. */
#define DEMO_APP_ID FORGE_APP_ID ".Demo"
#define EXIT_USAGE  2
/* How long a desktop may take to show its tray. */
#define TRAY_GRACE_S 10
/* A sanitizer makes everything slow. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define STOP_LIMIT_S 60
#else
#  define STOP_LIMIT_S 4
#endif

struct _ForgeApplication {
  GtkApplication parent;
  ForgeOptions options;
  gboolean is_minimized; /* --minimized: no window until it is asked for */
  ForgeEngineHost *host; /* NULL before startup */
  ForgeAppModel *model;
  ForgeColorScheme *color_scheme;
  ForgeAppState *state;
  ForgeTray *tray;
  ForgeNotifier *notifier;
  ForgePower *power;
  GtkWindow *window;      /* NULL until it is shown */
  GtkWidget *quit_dialog; /* NULL while nobody is asked */
  guint reachable_timer;
  guint term, interrupt;
  gboolean is_ending;
  GAsyncQueue *ended; /* NULL until it ends */
};

G_DEFINE_FINAL_TYPE (ForgeApplication, forge_application, GTK_TYPE_APPLICATION)

/* A stop that hangs (a disk, a bus) must not keep the machine from shutting down. `data`: hears of
 * a stop that went well. */
static gpointer
force_end (gpointer data)
{
  g_autoptr (GAsyncQueue) ended = data;

  if (!g_async_queue_timeout_pop (ended, STOP_LIMIT_S * G_USEC_PER_SEC))
    _exit (EXIT_FAILURE);
  return NULL;
}

static void
on_engine_stopped (ForgeApplication *self)
{
  if (self->is_ending)
    g_application_quit (G_APPLICATION (self));
}

/* The window goes at once; the engine closes its streams behind it. */
static void
end (ForgeApplication *self)
{
  if (self->is_ending)
    return;
  self->is_ending = TRUE;
  if (self->window)
    gtk_widget_hide (GTK_WIDGET (self->window));
  self->ended = g_async_queue_new ();
  g_thread_unref (g_thread_new ("forge-end", force_end, g_async_queue_ref (self->ended)));
  forge_engine_host_stop (self->host);
}

static gboolean
on_term (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_quit_answer (gboolean is_yes, gpointer user_data)
{
  ForgeApplication *self = user_data;

  self->quit_dialog = NULL;
  if (is_yes)
    end (self);
}

/* Only somebody's evening is a reason to ask. */
static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ForgeApplication *self = user_data;
  guint n = forge_live_count_viewers (forge_app_model_get_live (self->model));
  g_autofree char *text =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                    "%u viewer is watching. The picture ends if you quit.",
                                    "%u viewers are watching. Their pictures end if you quit.",
                                    n),
                       n);

  if (n == 0)
    end (self);
  else if (self->quit_dialog)
    gtk_window_present (GTK_WINDOW (self->quit_dialog));
  else
    self->quit_dialog = forge_question_ask (self->window,
                                            _ ("Quit StreamForge?"),
                                            text,
                                            _ ("_Keep Running"),
                                            _ ("_Quit"),
                                            TRUE,
                                            on_quit_answer,
                                            self);
}

static void
on_window_gone (ForgeApplication *self)
{
  self->window = NULL;
}

static void
remember_size (ForgeApplication *self)
{
  int width, height;

  if (gtk_window_is_maximized (self->window))
    return;
  gtk_window_get_size (self->window, &width, &height);
  forge_app_state_set_int (self->state, FORGE_STATE_WIDTH, width);
  forge_app_state_set_int (self->state, FORGE_STATE_HEIGHT, height);
}

static void
hide_or_quit (ForgeApplication *self, gboolean is_quit)
{
  if (is_quit)
    g_action_group_activate_action (G_ACTION_GROUP (self), "quit", NULL);
  else
    gtk_widget_hide (GTK_WIDGET (self->window));
}

static void
on_close_answer (gboolean is_yes, gpointer user_data)
{
  ForgeApplication *self = user_data;

  forge_app_state_set_text (self->state, FORGE_STATE_CLOSE, is_yes ? "hide" : "quit");
  hide_or_quit (self, !is_yes);
}

/* Closing hides: television goes on. Without a tray that would look like the end, so the first time
 * it is asked, and the answer kept. */
static gboolean
on_window_delete (ForgeApplication *self)
{
  g_autofree char *choice = forge_app_state_get_text (self->state, FORGE_STATE_CLOSE);

  remember_size (self);
  if (choice || forge_tray_is_shown (self->tray))
    hide_or_quit (self, g_strcmp0 (choice, "quit") == 0);
  else
    forge_question_ask (
        self->window,
        _ ("Keep StreamForge running?"),
        _ ("Media servers need it to show television. This desktop shows no tray icons; start "
           "StreamForge again to see this window."),
        _ ("_Quit"),
        _ ("_Keep Running"),
        FALSE,
        on_close_answer,
        self);
  return GDK_EVENT_STOP;
}

static void
make_window (ForgeApplication *self)
{
  int width = forge_app_state_get_int (self->state, FORGE_STATE_WIDTH),
      height = forge_app_state_get_int (self->state, FORGE_STATE_HEIGHT);

  self->window = GTK_WINDOW (forge_app_window_new (GTK_APPLICATION (self), self->model));
  if (width > 0 && height > 0)
    gtk_window_set_default_size (self->window, width, height);
  g_signal_connect_object (self->window,
                           "delete-event",
                           G_CALLBACK (on_window_delete),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->window,
                           "destroy",
                           G_CALLBACK (on_window_gone),
                           self,
                           G_CONNECT_SWAPPED);
}

static void
show_window (ForgeApplication *self)
{
  if (!self->window)
    make_window (self);
  gtk_window_present (self->window);
}

/* A page, or "page/detail": what of it is to be looked at. */
static void
on_show (GSimpleAction *action, GVariant *place, gpointer user_data)
{
  ForgeApplication *self = user_data;
  g_auto (GStrv) names = g_strsplit (g_variant_get_string (place, NULL), "/", 2);

  show_window (self);
  if (names[0])
    forge_app_model_navigate (self->model, names[0], names[1]);
}

static void
copy_address (ForgeApplication *self, const char *path)
{
  const char *url = forge_app_model_get_url (self->model);
  g_autofree char *address = url ? g_strconcat (url, path, NULL) : NULL;

  if (address)
    forge_clipboard_copy (GTK_APPLICATION (self), address);
}

static void
on_copy_plex (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  copy_address (user_data, "");
}

static void
on_copy_playlist (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  copy_address (user_data, "/playlist.m3u");
}

static void
on_copy_guide (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  copy_address (user_data, "/epg.xml");
}

static void
on_pause (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ForgeApplication *self = user_data;
  ForgeLive *live = forge_app_model_get_live (self->model);
  JsonNode *body = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "paused", !live || !live->is_paused);
  json_node_take_object (body, object);
  forge_app_model_do (self->model, "PUT", "/v1/paused", body, NULL);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ForgeApplication *self = user_data;

  gtk_show_about_dialog (self->window,
                         "program-name",
                         "StreamForge",
                         "version",
                         FORGE_VERSION,
                         "logo-icon-name",
                         FORGE_APP_ID,
                         "license-type",
                         GTK_LICENSE_GPL_3_0,
                         "comments",
                         _ ("Your TV subscription as a tuner for Plex, Jellyfin and others"),
                         NULL);
}

static void
add_actions (ForgeApplication *self)
{
  static const GActionEntry entries[] = {
    { .name = "show", .activate = on_show, .parameter_type = "s" },
    { .name = "about", .activate = on_about },
    { .name = "copy-plex-address", .activate = on_copy_plex },
    { .name = "copy-playlist-address", .activate = on_copy_playlist },
    { .name = "copy-guide-address", .activate = on_copy_guide },
    { .name = "pause-tuner", .activate = on_pause },
    { .name = "quit", .activate = on_quit },
  };
  static const char *const quit_keys[] = { "<Primary>q", NULL };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.quit", quit_keys);
}

static void
load_style (void)
{
  const char *icons = g_getenv ("STREAMFORGE_ICONS");
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/io/github/streamforge/StreamForge/style.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (),
                                             GTK_STYLE_PROVIDER (provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_default (),
                                    "/io/github/streamforge/StreamForge/icons");
  if (icons)
    gtk_icon_theme_append_search_path (gtk_icon_theme_get_default (), icons);
  gtk_window_set_default_icon_name (FORGE_APP_ID);
}

static void
forge_application_startup (GApplication *application)
{
  ForgeApplication *self = FORGE_APPLICATION (application);

  G_APPLICATION_CLASS (forge_application_parent_class)->startup (application);
  load_style ();
  add_actions (self);
  self->color_scheme = forge_color_scheme_new (gtk_settings_get_default ());
  self->host = forge_engine_host_new (&self->options);
  self->state = forge_app_state_new (self->options.data_dir);
  self->model = forge_app_model_new (self->host, self->state);
  self->notifier = forge_notifier_new (application, self->model);
  self->power = forge_power_new (self->model);
  self->tray = forge_tray_new (GTK_APPLICATION (self), self->model);
  g_signal_connect_object (self->host,
                           "stopped",
                           G_CALLBACK (on_engine_stopped),
                           self,
                           G_CONNECT_SWAPPED);
  self->term = g_unix_signal_add (SIGTERM, on_term, self);
  self->interrupt = g_unix_signal_add (SIGINT, on_term, self);
  /* It serves media servers without a window too. */
  g_application_hold (application);
  forge_engine_host_start (self->host);
}

/* At login the desktop's tray may come later than we do. */
static gboolean
on_reachable_due (gpointer user_data)
{
  ForgeApplication *self = user_data;

  self->reachable_timer = 0;
  if (self->window || forge_tray_is_shown (self->tray))
    return G_SOURCE_REMOVE;
  forge_notifier_tell (
      G_APPLICATION (self),
      "reachable",
      _ ("StreamForge is running"),
      _ ("This desktop shows no tray icons. Start StreamForge again to see its window."),
      "");
  return G_SOURCE_REMOVE;
}

static void
forge_application_activate (GApplication *application)
{
  ForgeApplication *self = FORGE_APPLICATION (application);

  if (!self->is_minimized)
    show_window (self);
  else
    self->reachable_timer = g_timeout_add_seconds (TRAY_GRACE_S, on_reachable_due, self);
  self->is_minimized = FALSE;
}

/* −1 = go on. */
static int
forge_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  ForgeApplication *self = FORGE_APPLICATION (application);
  g_autoptr (GError) error = NULL;

  if (!forge_options_complete (&self->options, &error)) {
    g_printerr ("streamforge: %s\n", error->message);
    return EXIT_USAGE;
  }
  if (self->options.show_version) {
    printf ("streamforge %s\n", FORGE_VERSION);
    return EXIT_SUCCESS;
  }
  forge_log_install (self->options.log_level);
  if (self->options.is_demo)
    g_application_set_application_id (application, DEMO_APP_ID);
  if (!g_application_register (application, NULL, &error)) {
    g_printerr ("streamforge: %s\n", error->message);
    return EXIT_FAILURE;
  }
  /* It runs already and wants to stay in the tray: nothing to do. */
  return self->is_minimized && g_application_get_is_remote (application) ? EXIT_SUCCESS : -1;
}

static void
forge_application_shutdown (GApplication *application)
{
  ForgeApplication *self = FORGE_APPLICATION (application);

  g_clear_handle_id (&self->term, g_source_remove);
  g_clear_handle_id (&self->interrupt, g_source_remove);
  if (self->window)
    gtk_widget_destroy (GTK_WIDGET (self->window));
  g_clear_handle_id (&self->reachable_timer, g_source_remove);
  g_clear_object (&self->tray);
  g_clear_object (&self->notifier);
  g_clear_object (&self->power);
  g_clear_pointer (&self->color_scheme, forge_color_scheme_free);
  g_clear_object (&self->model);
  g_clear_object (&self->host);
  g_clear_pointer (&self->state, forge_app_state_free);
  G_APPLICATION_CLASS (forge_application_parent_class)->shutdown (application);
  if (self->ended)
    g_async_queue_push (self->ended, self);
  g_clear_pointer (&self->ended, g_async_queue_unref);
}

static void
forge_application_finalize (GObject *object)
{
  forge_options_clear (&FORGE_APPLICATION (object)->options);
  G_OBJECT_CLASS (forge_application_parent_class)->finalize (object);
}

static void
forge_application_class_init (ForgeApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = forge_application_finalize;
  application_class->startup = forge_application_startup;
  application_class->activate = forge_application_activate;
  application_class->shutdown = forge_application_shutdown;
  application_class->handle_local_options = forge_application_handle_local_options;
}

static void
forge_application_init (ForgeApplication *self)
{
  GApplication *application = G_APPLICATION (self);
  const GOptionEntry own[] = {
    { "minimized",
      0,
      0,
      G_OPTION_ARG_NONE,
      &self->is_minimized,
      N_ ("Start in the tray, without a window"),
      NULL },
    G_OPTION_ENTRY_NULL,
  };

  forge_options_init (&self->options);
  g_autofree GOptionEntry *common = forge_options_entries (&self->options);
  g_application_add_main_option_entries (application, own);
  g_application_add_main_option_entries (application, common);
}

ForgeApplication *
forge_application_new (void)
{
  return g_object_new (FORGE_TYPE_APPLICATION,
                       "application-id",
                       FORGE_APP_ID,
                       "register-session",
                       TRUE,
                       NULL);
}
