/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-app"

#include "config.h"

#include "app/forge-color-scheme.h"

#include <string.h>

/* Spec: xdg-desktop-portal, org.freedesktop.portal.Settings; color-scheme 1 = dark, 2 = light. */
#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define PORTAL_FACE "org.freedesktop.portal.Settings"
#define APPEARANCE  "org.freedesktop.appearance"
#define KEY         "color-scheme"
#define DARK        1

struct _ForgeColorScheme {
  GtkSettings *settings;
  GCancellable *cancellable;
  GDBusConnection *bus; /* NULL without a session bus */
  guint subscription;
};

static void
apply (ForgeColorScheme *self, GVariant *value)
{
  g_autoptr (GVariant) plain = g_variant_ref (value);

  /* Read () wraps twice, SettingChanged once. */
  while (g_variant_is_of_type (plain, G_VARIANT_TYPE_VARIANT)) {
    GVariant *inner = g_variant_get_variant (plain);
    g_variant_unref (plain);
    plain = inner;
  }
  if (g_variant_is_of_type (plain, G_VARIANT_TYPE_UINT32))
    g_object_set (self->settings,
                  "gtk-application-prefer-dark-theme",
                  g_variant_get_uint32 (plain) == DARK,
                  NULL);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (!reply) {
    g_debug ("The desktop does not tell its colours: %s", error->message);
    return;
  }
  g_autoptr (GVariant) value = g_variant_get_child_value (reply, 0);
  apply (user_data, value);
}

static void
on_changed (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *face,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  g_autoptr (GVariant) value = NULL;
  const char *space, *key;

  g_variant_get (parameters, "(&s&sv)", &space, &key, &value);
  if (strcmp (space, APPEARANCE) == 0 && strcmp (key, KEY) == 0)
    apply (user_data, value);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);
  ForgeColorScheme *self = user_data;

  if (!bus)
    return;
  self->bus = bus;
  self->subscription = g_dbus_connection_signal_subscribe (bus,
                                                           PORTAL_NAME,
                                                           PORTAL_FACE,
                                                           "SettingChanged",
                                                           PORTAL_PATH,
                                                           APPEARANCE,
                                                           G_DBUS_SIGNAL_FLAGS_NONE,
                                                           on_changed,
                                                           self,
                                                           NULL);
  g_dbus_connection_call (bus,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          PORTAL_FACE,
                          "Read",
                          g_variant_new ("(ss)", APPEARANCE, KEY),
                          G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          -1,
                          self->cancellable,
                          on_read,
                          self);
}

ForgeColorScheme *
forge_color_scheme_new (GtkSettings *settings)
{
  ForgeColorScheme *self = g_new0 (ForgeColorScheme, 1);

  self->settings = settings;
  self->cancellable = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SESSION, self->cancellable, on_bus, self);
  return self;
}

void
forge_color_scheme_free (ForgeColorScheme *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->subscription)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  g_clear_object (&self->bus);
  g_object_unref (self->cancellable);
  g_free (self);
}
