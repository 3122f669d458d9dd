/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-app"

#include "config.h"

#include "app/forge-power.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>

#include <unistd.h>

/* Spec: systemd-logind, org.freedesktop.login1.Manager: Inhibit, PrepareForSleep. */
#define LOGIND_NAME "org.freedesktop.login1"
#define LOGIND_PATH "/org/freedesktop/login1"
#define LOGIND_FACE "org.freedesktop.login1.Manager"
/* What was read within this time is new enough after a nap. */
#define FRESH_S (6 * 3600)

struct _ForgePower {
  GObject parent;
  ForgeAppModel *model;
  GCancellable *cancellable;
  GDBusConnection *bus; /* NULL without a system bus */
  guint subscription;
  int delay_fd; /* holds sleep up until it is closed; −1 = none */
  gboolean refresh_wanted;
};

G_DEFINE_FINAL_TYPE (ForgePower, forge_power, G_TYPE_OBJECT)

static void
let_sleep (ForgePower *self)
{
  if (self->delay_fd >= 0)
    close (self->delay_fd);
  self->delay_fd = -1;
}

static void
on_inhibited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                       &fds,
                                                       result,
                                                       &error);
  ForgePower *self = user_data;

  if (!reply || !fds) {
    g_debug ("The computer will sleep without waiting for us: %s", error ? error->message : "?");
    return;
  }
  let_sleep (self);
  self->delay_fd = g_unix_fd_list_get (fds, 0, NULL);
}

static void
hold_up_sleep (ForgePower *self)
{
  g_dbus_connection_call_with_unix_fd_list (
      self->bus,
      LOGIND_NAME,
      LOGIND_PATH,
      LOGIND_FACE,
      "Inhibit",
      g_variant_new ("(ssss)", "sleep", "StreamForge", _ ("Closes streams first"), "delay"),
      G_VARIANT_TYPE ("(h)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START,
      -1,
      NULL,
      self->cancellable,
      on_inhibited,
      self);
}

static void
on_sessions_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePower) self = user_data;
  g_autoptr (JsonNode) answer G_GNUC_UNUSED = forge_app_model_call_finish (result, NULL);

  let_sleep (self);
}

static void
refresh_account (ForgePower *self, const ForgeAccount *account, gint64 now_s)
{
  g_autofree char *path =
      g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT "/refresh", account->id);

  if (account->enabled && account->last_refresh < now_s - FRESH_S)
    forge_app_model_do_quietly (self->model, "POST", path);
}

static void
refresh_if_wanted (ForgePower *self)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (!self->refresh_wanted || !snapshot ||
      !g_network_monitor_get_network_available (g_network_monitor_get_default ()))
    return;
  self->refresh_wanted = FALSE;
  for (guint i = 0; i < snapshot->accounts->len; i++)
    refresh_account (self, g_ptr_array_index (snapshot->accounts, i), now_s);
  /* Asked with what is known already: an unchanged guide costs a request. */
  forge_app_model_do_quietly (self->model, "POST", "/v1/guides/refresh");
}

static void
on_network_changed (ForgePower *self)
{
  ForgeEngine *engine = forge_app_model_get_engine (self->model);

  if (engine)
    forge_engine_look_at_network (engine);
  refresh_if_wanted (self);
}

static void
on_sleep (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *face,
          const char *signal,
          GVariant *parameters,
          gpointer user_data)
{
  ForgePower *self = user_data;
  gboolean is_beginning;

  g_variant_get (parameters, "(b)", &is_beginning);
  if (is_beginning) {
    forge_app_model_call (self->model,
                          "DELETE",
                          "/v1/sessions",
                          NULL,
                          NULL,
                          on_sessions_ended,
                          g_object_ref (self));
    return;
  }
  self->refresh_wanted = TRUE;
  hold_up_sleep (self);
  on_network_changed (self);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);
  ForgePower *self = user_data;

  if (!bus) {
    g_debug ("Nobody tells when the computer sleeps: %s", error->message);
    return;
  }
  self->bus = bus;
  self->subscription = g_dbus_connection_signal_subscribe (bus,
                                                           LOGIND_NAME,
                                                           LOGIND_FACE,
                                                           "PrepareForSleep",
                                                           LOGIND_PATH,
                                                           NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE,
                                                           on_sleep,
                                                           self,
                                                           NULL);
  hold_up_sleep (self);
}

static void
forge_power_dispose (GObject *object)
{
  ForgePower *self = FORGE_POWER (object);

  g_cancellable_cancel (self->cancellable);
  if (self->subscription)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->bus);
  let_sleep (self);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_power_parent_class)->dispose (object);
}

static void
forge_power_finalize (GObject *object)
{
  g_object_unref (FORGE_POWER (object)->cancellable);
  G_OBJECT_CLASS (forge_power_parent_class)->finalize (object);
}

static void
forge_power_class_init (ForgePowerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_power_dispose;
  G_OBJECT_CLASS (klass)->finalize = forge_power_finalize;
}

static void
forge_power_init (ForgePower *self)
{
  self->cancellable = g_cancellable_new ();
  self->delay_fd = -1;
}

ForgePower *
forge_power_new (ForgeAppModel *model)
{
  ForgePower *self = g_object_new (FORGE_TYPE_POWER, NULL);

  self->model = g_object_ref (model);
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, on_bus, self);
  g_signal_connect_object (g_network_monitor_get_default (),
                           "network-changed",
                           G_CALLBACK (on_network_changed),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "state-changed",
                           G_CALLBACK (refresh_if_wanted),
                           self,
                           G_CONNECT_SWAPPED);
  return self;
}
