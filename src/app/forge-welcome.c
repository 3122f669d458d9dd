/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-welcome.h"

#include "app/forge-address-row.h"
#include "app/forge-clamp.h"
#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-welcome-failure.h"
#include "app/forge-welcome-groups.h"
#include "base/forge-error.h"

#include <glib/gi18n.h>

#include <string.h>

/**
 *  step    | Next                                        | then
 *  --------|---------------------------------------------|--------------------------
 *  signin  | POST /v1/accounts (login, scan, guide)      | groups, or why it failed
 *  groups  | enable and disable channels                 | place
 *  place   | PUT /v1/settings/bind; restart if it changed | address, when it runs
 *  address | –                                           | "finished"
 */

struct _ForgeWelcome {
  GtkBin parent;
  ForgeAppModel *model;
  GCancellable *cancellable; /* of what runs; NULL = nothing does */
  ForgeWelcomeGroups *chooser;
  GtkStack *steps;
  GtkEntry *server, *username, *password;
  GtkWidget *failure;
  GtkLabel *failure_title, *failure_text, *progress, *groups_text;
  GtkSpinner *spinner;
  GtkListBox *groups;
  GtkToggleButton *here, *elsewhere;
  ForgeAddressRow *address, *guide;
  GtkButton *back, *next, *skip;
  guint pending; /* calls of this step that are not answered */
  gboolean is_restarting;
  gboolean is_first; /* there was no account when it began */
};

G_DEFINE_FINAL_TYPE (ForgeWelcome, forge_welcome, GTK_TYPE_BIN)

enum { SIGNAL_FINISHED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *
step (ForgeWelcome *self)
{
  return gtk_stack_get_visible_child_name (self->steps);
}

static gboolean
is_step (ForgeWelcome *self, const char *name)
{
  return g_strcmp0 (step (self), name) == 0;
}

static gboolean
can_go_on (ForgeWelcome *self)
{
  if (self->cancellable || self->is_restarting || !forge_app_model_get_engine (self->model))
    return FALSE;
  return !is_step (self, "signin") || *gtk_entry_get_text (self->server);
}

static void
update_buttons (ForgeWelcome *self)
{
  gboolean is_busy = self->cancellable != NULL || self->is_restarting;

  gtk_widget_set_sensitive (GTK_WIDGET (self->next), can_go_on (self));
  gtk_widget_set_visible (GTK_WIDGET (self->back),
                          is_busy || is_step (self, "place") || is_step (self, "address"));
  gtk_button_set_label (self->back, is_busy ? _ ("_Cancel") : _ ("_Back"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->back), !self->is_restarting);
  gtk_button_set_label (self->next,
                        is_step (self, "signin")    ? _ ("_Connect")
                        : is_step (self, "address") ? _ ("_Finish")
                                                    : _ ("_Next"));
  gtk_widget_set_visible (GTK_WIDGET (self->skip), !is_busy && is_step (self, "signin"));
}

static void
show_progress (ForgeWelcome *self, const char *text)
{
  gtk_label_set_text (self->progress, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), text != NULL);
  g_object_set (self->spinner, "active", text != NULL, NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->steps), text == NULL);
  update_buttons (self);
}

/* The focus goes with it: left on a page that is hidden, the Tab key would lead nowhere. */
static void
show_step (ForgeWelcome *self, const char *name)
{
  gtk_stack_set_visible_child_name (self->steps, name);
  show_progress (self, NULL);
  gtk_widget_child_focus (gtk_stack_get_visible_child (self->steps), GTK_DIR_TAB_FORWARD);
}

/* ── Sign in ── */

static void
show_failure (ForgeWelcome *self, const GError *error)
{
  g_autofree char *reason = forge_engine_text (error->message);

  gtk_label_set_text (self->failure_title,
                      forge_welcome_failure_title (error, gtk_entry_get_text (self->server)));
  gtk_label_set_text (self->failure_text, reason);
  gtk_widget_show (self->failure);
  gtk_widget_grab_focus (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_AUTH)
                             ? GTK_WIDGET (self->password)
                             : GTK_WIDGET (self->server));
}

static void
on_channels (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeWelcome) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeChannelTable) table = forge_engine_views_channels_finish (result, &error);

  if (!self->model)
    return;
  g_clear_object (&self->cancellable);
  if (!table) {
    show_step (self, "place");
    forge_app_model_notice_error (self->model, error);
    return;
  }
  forge_welcome_groups_show (self->chooser, table);
  /* Nothing to choose from: nothing to ask. */
  show_step (self, forge_welcome_groups_count (self->chooser) > 1 ? "groups" : "place");
}

static void
on_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeWelcome) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  JsonObject *account = forge_json_as_object (answer);
  ForgeEngineViews *views = self->model ? forge_app_model_get_views (self->model) : NULL;

  if (!self->model)
    return;
  gtk_entry_set_text (self->password, account ? "" : gtk_entry_get_text (self->password));
  if (!account || !views) {
    g_clear_object (&self->cancellable);
    show_progress (self, NULL);
    if (error && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      show_failure (self, error);
    return;
  }
  if (forge_json_read_text (account, "warning"))
    forge_app_model_notice (self->model, forge_json_read_text (account, "warning"));
  forge_engine_views_channels_async (views, self->cancellable, on_channels, g_object_ref (self));
}

/* The host's name: what people call their provider. */
static char *
name_of (const char *server)
{
  g_autoptr (GUri) uri = g_uri_parse (server, G_URI_FLAGS_PARSE_RELAXED, NULL);
  const char *host = uri ? g_uri_get_host (uri) : NULL;

  return g_strdup (host && *host ? host : server);
}

static const char *
text_or_null (GtkEntry *entry)
{
  const char *text = gtk_entry_get_text (entry);

  return *text ? text : NULL;
}

static void
sign_in (ForgeWelcome *self)
{
  g_autofree char *server = g_strstrip (g_strdup (gtk_entry_get_text (self->server)));
  g_autofree char *whole = strstr (server, "://") ? g_strdup (server)
                                                  : g_strconcat ("http://", server, NULL);
  g_autofree char *name = name_of (whole);

  gtk_widget_hide (self->failure);
  self->cancellable = g_cancellable_new ();
  show_progress (self, _ ("Signing in and reading channels and guide. This may take a minute."));
  forge_app_model_call (self->model,
                        "POST",
                        "/v1/accounts",
                        forge_json_body ("s",
                                         "name",
                                         name,
                                         "s",
                                         "server",
                                         whole,
                                         "s",
                                         "username",
                                         text_or_null (self->username),
                                         "s",
                                         "password",
                                         text_or_null (self->password),
                                         NULL),
                        self->cancellable,
                        on_added,
                        g_object_ref (self));
}

/* ── Groups ── */

static void
on_switched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeWelcome) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (!self->model)
    return;
  if (!answer)
    forge_app_model_notice_error (self->model, error);
  if (--self->pending > 0)
    return;
  g_clear_object (&self->cancellable);
  show_step (self, "place");
}

static void
switch_channels (ForgeWelcome *self, const char *path, GArray *ids)
{
  JsonArray *array = json_array_new ();
  JsonNode *body = forge_json_body (NULL);

  for (guint i = 0; i < ids->len; i++)
    json_array_add_int_element (array, g_array_index (ids, gint64, i));
  json_object_set_array_member (json_node_get_object (body), "ids", array);
  self->pending++;
  forge_app_model_call (self->model,
                        "POST",
                        path,
                        body,
                        self->cancellable,
                        on_switched,
                        g_object_ref (self));
}

static void
choose_groups (ForgeWelcome *self)
{
  g_autoptr (GArray) on = forge_welcome_groups_changed (self->chooser, TRUE);
  g_autoptr (GArray) off = forge_welcome_groups_changed (self->chooser, FALSE);

  if (!on && !off) {
    show_step (self, "place");
    return;
  }
  self->cancellable = g_cancellable_new ();
  show_progress (self, _ ("Switching channels"));
  if (off)
    switch_channels (self, "/v1/channels/disable", off);
  if (on)
    switch_channels (self, "/v1/channels/enable", on);
}

/* ── Where the media server is ── */

static void
show_address (ForgeWelcome *self)
{
  const char *url = forge_app_model_get_url (self->model);
  g_autofree char *guide = g_strconcat (url, "/epg.xml", NULL);

  forge_address_row_set_address (self->address, url);
  forge_address_row_set_address (self->guide, guide);
  show_step (self, "address");
}

static void
on_state_changed (ForgeWelcome *self)
{
  ForgeEngineHost *host = forge_app_model_get_host (self->model);
  ForgeHostState state = forge_engine_host_get_state (host);

  if (self->is_restarting && (state == FORGE_HOST_RUNNING || state == FORGE_HOST_FAILED)) {
    self->is_restarting = FALSE;
    if (state == FORGE_HOST_RUNNING)
      show_address (self);
    else
      g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
  }
  update_buttons (self);
}

/* Another window of the house (the command line, a restored backup) was quicker: nothing is left to
 * ask, unless somebody is writing here. */
static void
on_snapshot_changed (ForgeWelcome *self)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  if (!self->is_first || !snapshot || snapshot->accounts->len == 0 || self->cancellable ||
      !is_step (self, "signin") || *gtk_entry_get_text (self->server) ||
      !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->is_first = FALSE;
  forge_app_model_notice (self->model, _ ("An account was added elsewhere."));
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
}

static void
on_bound (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeWelcome) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (!self->model)
    return;
  g_clear_object (&self->cancellable);
  if (!answer) {
    show_progress (self, NULL);
    forge_app_model_notice_error (self->model, error);
    return;
  }
  self->is_restarting = TRUE;
  show_progress (self, _ ("Opening the tuner to your home network"));
  forge_engine_host_restart (forge_app_model_get_host (self->model));
}

static void
choose_place (ForgeWelcome *self)
{
  const char *wanted = gtk_toggle_button_get_active (self->elsewhere) ? "lan" : "loopback";
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  if (g_strcmp0 (forge_settings_text (snapshot->settings, "bind"), wanted) == 0) {
    show_address (self);
    return;
  }
  self->cancellable = g_cancellable_new ();
  show_progress (self, _ ("Storing"));
  forge_app_model_call (self->model,
                        "PUT",
                        "/v1/settings/bind",
                        forge_json_text_body ("value", wanted),
                        self->cancellable,
                        on_bound,
                        g_object_ref (self));
}

/* ── Buttons ── */

static void
on_next_clicked (ForgeWelcome *self)
{
  if (!can_go_on (self))
    return;
  if (is_step (self, "signin"))
    sign_in (self);
  else if (is_step (self, "groups"))
    choose_groups (self);
  else if (is_step (self, "place"))
    choose_place (self);
  else
    g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
}

static void
on_back_clicked (ForgeWelcome *self)
{
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  else if (is_step (self, "address"))
    show_step (self, "place");
  else
    show_step (self, forge_welcome_groups_count (self->chooser) > 1 ? "groups" : "signin");
}

static void
on_skip_clicked (ForgeWelcome *self)
{
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
}

void
forge_welcome_restart (ForgeWelcome *self)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  if (self->cancellable || self->is_restarting)
    return;
  self->is_first = snapshot && snapshot->accounts->len == 0;
  gtk_widget_hide (self->failure);
  show_step (self, "signin");
  gtk_widget_grab_focus (GTK_WIDGET (self->server));
}

static void
forge_welcome_dispose (GObject *object)
{
  ForgeWelcome *self = FORGE_WELCOME (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->chooser, forge_welcome_groups_free);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_welcome_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, steps);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, server);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, username);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, password);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, failure);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, failure_title);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, failure_text);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, progress);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, spinner);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, groups);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, here);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, elsewhere);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, address);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, guide);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, back);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, next);
  gtk_widget_class_bind_template_child (widget_class, ForgeWelcome, skip);
}

static void
forge_welcome_class_init (ForgeWelcomeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_welcome_dispose;
  g_type_ensure (FORGE_TYPE_CLAMP);
  g_type_ensure (FORGE_TYPE_ADDRESS_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/streamforge/StreamForge/ui/welcome.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_next_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_skip_clicked);
  gtk_widget_class_bind_template_callback (widget_class, update_buttons);
  signals[SIGNAL_FINISHED] = g_signal_new ("finished",
                                           FORGE_TYPE_WELCOME,
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           0);
}

static void
forge_welcome_init (ForgeWelcome *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->chooser = forge_welcome_groups_new (self->groups);
}

GtkWidget *
forge_welcome_new (ForgeAppModel *model)
{
  ForgeWelcome *self = g_object_new (FORGE_TYPE_WELCOME, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model,
                           "state-changed",
                           G_CALLBACK (on_state_changed),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "snapshot-changed",
                           G_CALLBACK (on_snapshot_changed),
                           self,
                           G_CONNECT_SWAPPED);
  update_buttons (self);
  return GTK_WIDGET (self);
}
