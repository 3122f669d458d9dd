/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-tray-host.h"

#include <gdk/gdkx.h>

/**
 * Present = a StatusNotifierWatcher with a registered host, or an owner of the XEmbed tray on X11,
 * which tells the root window when it comes and is destroyed when it goes.
 * Spec: freedesktop StatusNotifierItem; System Tray Protocol.
 */
#define WATCHER_NAME "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"
#define WATCHER_FACE "org.kde.StatusNotifierWatcher"

struct _ForgeTrayHost {
  GObject parent;
  GCancellable *cancellable;
  GDBusConnection *bus;
  guint name_watch, subscription;
  gboolean has_watcher_host, is_present;
  Display *x; /* NULL when not on X11 */
  Atom tray, manager;
  Window owner; /* of the XEmbed tray, None = nobody */
};

G_DEFINE_FINAL_TYPE (ForgeTrayHost, forge_tray_host, G_TYPE_OBJECT)

enum { PROP_0, PROP_IS_PRESENT, N_PROPS };
static GParamSpec *props[N_PROPS];

/* GTK's own tray icon listens to the same window with the same mask: the last one says it for the
 * whole program. */
static void
listen_to_owner (ForgeTrayHost *self)
{
  GdkDisplay *display = gdk_display_get_default ();

  gdk_x11_display_error_trap_push (display);
  XSelectInput (self->x, self->owner, StructureNotifyMask | PropertyChangeMask);
  gdk_x11_display_error_trap_pop_ignored (display);
}

static gboolean
has_xembed_tray (ForgeTrayHost *self)
{
  if (!self->x)
    return FALSE;
  Window owner = XGetSelectionOwner (self->x, self->tray);
  if (owner != self->owner) {
    self->owner = owner;
    if (owner != None)
      listen_to_owner (self);
  }
  return owner != None;
}

static void
update (ForgeTrayHost *self, gboolean has_watcher_host)
{
  self->has_watcher_host = has_watcher_host;
  gboolean is_present = has_xembed_tray (self) || has_watcher_host;
  if (self->is_present == is_present)
    return;
  self->is_present = is_present;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_PRESENT]);
}

static GdkFilterReturn
on_x_event (GdkXEvent *event, GdkEvent *unused, gpointer user_data)
{
  ForgeTrayHost *self = user_data;
  const XEvent *x = event;
  gboolean has_come = x->type == ClientMessage && x->xclient.message_type == self->manager &&
                      (Atom)x->xclient.data.l[1] == self->tray;
  gboolean has_gone = x->type == DestroyNotify && self->owner != None &&
                      x->xdestroywindow.window == self->owner;

  if (has_come || has_gone)
    update (self, self->has_watcher_host);
  return GDK_FILTER_CONTINUE;
}

static void
watch_xembed (ForgeTrayHost *self)
{
  GdkDisplay *display = gdk_display_get_default ();

  if (!display || !GDK_IS_X11_DISPLAY (display))
    return;
  self->x = gdk_x11_display_get_xdisplay (display);
  g_autofree char *name = g_strdup_printf ("_NET_SYSTEM_TRAY_S%d", DefaultScreen (self->x));
  self->tray = XInternAtom (self->x, name, False);
  self->manager = XInternAtom (self->x, "MANAGER", False);
  GdkWindow *root = gdk_get_default_root_window ();
  gdk_window_set_events (root, gdk_window_get_events (root) | GDK_STRUCTURE_MASK);
  gdk_window_add_filter (NULL, on_x_event, self);
}

static void
on_property (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) value = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply)
    g_variant_get (reply, "(v)", &value);
  update (user_data,
          value && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) &&
              g_variant_get_boolean (value));
}

static void
ask (ForgeTrayHost *self)
{
  g_dbus_connection_call (self->bus,
                          WATCHER_NAME,
                          WATCHER_PATH,
                          "org.freedesktop.DBus.Properties",
                          "Get",
                          g_variant_new ("(ss)", WATCHER_FACE, "IsStatusNotifierHostRegistered"),
                          G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          -1,
                          self->cancellable,
                          on_property,
                          self);
}

static void
on_watcher_signal (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *face,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
  if (g_str_has_prefix (signal, "StatusNotifierHost"))
    ask (user_data);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  ForgeTrayHost *self = user_data;

  g_set_object (&self->bus, bus);
  if (!self->subscription)
    self->subscription = g_dbus_connection_signal_subscribe (bus,
                                                             WATCHER_NAME,
                                                             WATCHER_FACE,
                                                             NULL,
                                                             WATCHER_PATH,
                                                             NULL,
                                                             G_DBUS_SIGNAL_FLAGS_NONE,
                                                             on_watcher_signal,
                                                             self,
                                                             NULL);
  ask (self);
}

/* Also without any session bus. */
static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  update (user_data, FALSE);
}

gboolean
forge_tray_host_is_present (ForgeTrayHost *self)
{
  return self->is_present;
}

static void
forge_tray_host_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, FORGE_TRAY_HOST (object)->is_present);
}

static void
forge_tray_host_dispose (GObject *object)
{
  ForgeTrayHost *self = FORGE_TRAY_HOST (object);

  if (self->x)
    gdk_window_remove_filter (NULL, on_x_event, self);
  self->x = NULL;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->name_watch, g_bus_unwatch_name);
  if (self->subscription)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (forge_tray_host_parent_class)->dispose (object);
}

static void
forge_tray_host_class_init (ForgeTrayHostClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = forge_tray_host_get_property;
  object_class->dispose = forge_tray_host_dispose;
  props[PROP_IS_PRESENT] = g_param_spec_boolean ("is-present",
                                                 NULL,
                                                 NULL,
                                                 FALSE,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
forge_tray_host_init (ForgeTrayHost *self)
{
  self->cancellable = g_cancellable_new ();
  watch_xembed (self);
  self->name_watch = g_bus_watch_name (G_BUS_TYPE_SESSION,
                                       WATCHER_NAME,
                                       G_BUS_NAME_WATCHER_FLAGS_NONE,
                                       on_appeared,
                                       on_vanished,
                                       self,
                                       NULL);
}

ForgeTrayHost *
forge_tray_host_new (void)
{
  return g_object_new (FORGE_TYPE_TRAY_HOST, NULL);
}
