/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-devices.h"

#include "base/forge-error.h"
#include "engine/forge-ops-checks.h"
#include "model/forge-device-id.h"
#include "server/forge-listener.h"
#include "store/forge-store-devices.h"
#include "store/forge-store-misc.h"

#include <string.h>

/* The first port that is tried for a further device, and how many. */
#define FIRST_PORT      5005
#define PORTS_TRIED     200
#define LOWEST_PORT     1024
#define MAX_GROUP_BYTES 200
#define DISCOVERY_PORT  FORGE_DISCOVERY_HDHR_PORT
#define MAX_LIMIT       100000
#define MAX_ID_ATTEMPTS 50

static gboolean invalid (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
invalid (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, text);
  return FALSE;
}

static gboolean
check_groups (char **groups, GError **error)
{
  if (groups && g_strv_length (groups) > FORGE_MAX_DEVICE_GROUPS)
    return invalid (error,
                    "A device takes %d groups, not %u",
                    FORGE_MAX_DEVICE_GROUPS,
                    g_strv_length (groups));
  for (char **group = groups; group && *group; group++)
    if (!**group || strlen (*group) > MAX_GROUP_BYTES || strpbrk (*group, "\r\n"))
      return invalid (error,
                      "“%.40s” is no group: one line of 1 to %d bytes",
                      *group,
                      MAX_GROUP_BYTES);
  return TRUE;
}

gboolean
forge_ops_check_device (const ForgeDevice *device, GError **error)
{
  if (!forge_check_name (device->name, error) || !check_groups (device->groups, error))
    return FALSE;
  if (device->filter == FORGE_DEVICE_GROUPS && (!device->groups || !device->groups[0]))
    return invalid (error, "The filter “groups” needs at least one group");
  if (device->limit > MAX_LIMIT)
    return invalid (error, "limit: %u is not between 0 (all) and %d", device->limit, MAX_LIMIT);
  if (device->port == DISCOVERY_PORT ||
      (device->port && device->port < LOWEST_PORT && device->id != FORGE_DEVICE_MAIN) ||
      device->port > G_MAXUINT16)
    return invalid (error,
                    "port: %u is not between %d and 65535, or it is the port of discovery",
                    device->port,
                    LOWEST_PORT);
  return TRUE;
}

/* Somebody may take it before we do; then the device says so. */
static gboolean
is_port_free (guint port, GError **error)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocket) socket = forge_listener_bind_tcp (any, &port, error);

  return socket != NULL;
}

/* Others in the store, which may be in the middle of an import, and the main one. */
static GPtrArray *
list_others (ForgeOps *ops, GError **error)
{
  g_autoptr (GPtrArray) devices = forge_store_list_devices (ops->store, error);
  ForgeDevice *main = devices ? forge_ops_get_device (ops, FORGE_DEVICE_MAIN, error) : NULL;

  if (!main)
    return NULL;
  g_ptr_array_add (devices, main);
  return g_steal_pointer (&devices);
}

static gboolean
is_port_taken (GPtrArray *devices, guint port)
{
  for (guint i = 0; i < devices->len; i++)
    if (((const ForgeDevice *)g_ptr_array_index (devices, i))->port == port)
      return TRUE;
  return FALSE;
}

static guint
choose_port (GPtrArray *devices, GError **error)
{
  for (guint port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port++)
    if (!is_port_taken (devices, port) && is_port_free (port, NULL))
      return port;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_LIMIT,
               "No port from %d to %d is free; name one",
               FIRST_PORT,
               FIRST_PORT + PORTS_TRIED - 1);
  return 0;
}

static char *
make_device_id (GPtrArray *devices)
{
  for (guint attempt = 0;; attempt++) {
    g_autofree char *id =
        g_strdup_printf ("%08X",
                         forge_device_id_make ((guint16)g_random_int_range (0, G_MAXUINT16 + 1)));
    gboolean is_taken = FALSE;
    for (guint i = 0; i < devices->len; i++)
      is_taken |= strcmp (((const ForgeDevice *)g_ptr_array_index (devices, i))->device_id, id) ==
                  0;
    if (!is_taken || attempt == MAX_ID_ATTEMPTS)
      return g_steal_pointer (&id);
  }
}

static void
give_identity (ForgeDevice *device, GPtrArray *devices)
{
  g_free (device->device_id);
  g_free (device->uuid);
  device->device_id = make_device_id (devices);
  device->uuid = g_uuid_string_random ();
}

/* With a new identity. The port must be set. */
static gint64
store_new (ForgeOps *ops, ForgeDevice *device, GPtrArray *others, GError **error)
{
  if (!device->port)
    return 0;
  give_identity (device, others);
  return forge_store_add_device (ops->store, device, error);
}

gint64
forge_ops_add_device (ForgeOps *ops, const ForgeDevice *wanted, GError **error)
{
  g_autoptr (ForgeDevice) device = forge_device_copy (wanted);
  g_autoptr (GPtrArray) others = list_others (ops, error);

  if (!others || !forge_ops_check_device (device, error))
    return 0;
  if (device->port && !is_port_free (device->port, error))
    return 0;
  if (!device->port)
    device->port = choose_port (others, error);
  gint64 id = store_new (ops, device, others, error);
  if (!id || !forge_engine_publish (ops->engine, ops->store, error))
    return 0;
  forge_ops_report (ops,
                    FORGE_LOG_INFO,
                    FORGE_EVENT_SYSTEM,
                    "Device “%s” (%s) is on port %u",
                    device->name,
                    device->device_id,
                    device->port);
  return id;
}

gint64
forge_ops_store_new_device (ForgeOps *ops, ForgeDevice *device, GError **error)
{
  g_autoptr (GPtrArray) others = list_others (ops, error);

  if (!others || !forge_ops_check_device (device, error))
    return 0;
  if (!device->port || is_port_taken (others, device->port) || !is_port_free (device->port, NULL))
    device->port = choose_port (others, error);
  return store_new (ops, device, others, error);
}

ForgeDevice *
forge_ops_get_device (ForgeOps *ops, gint64 id, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (ops->engine);
  const ForgeDeviceView *view = forge_device_views_find (snapshot->devices, id);

  if (view)
    return forge_device_copy (view->device);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "There is no device %" G_GINT64_FORMAT,
               id);
  return NULL;
}

static gboolean
store_main_settings (ForgeOps *ops, const ForgeDevice *device, GError **error)
{
  g_autofree char *port = g_strdup_printf ("%u", device->port);

  return device->id != FORGE_DEVICE_MAIN ||
         (forge_store_set_setting (ops->store, "friendly_name", device->name, error) &&
          forge_store_set_setting (ops->store, "device_id", device->device_id, error) &&
          forge_store_set_setting (ops->store, "device_uuid", device->uuid, error) &&
          forge_store_set_setting (ops->store, "port", port, error));
}

static gboolean
store_device (ForgeOps *ops, const ForgeDevice *device, GError **error)
{
  if (!forge_store_begin (ops->store, error))
    return FALSE;
  if (!forge_store_update_device (ops->store, device, error) ||
      !store_main_settings (ops, device, error)) {
    forge_store_rollback (ops->store);
    return FALSE;
  }
  return forge_store_commit (ops->store, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

gboolean
forge_ops_update_device (ForgeOps *ops, const ForgeDevice *device, GError **error)
{
  g_autoptr (ForgeDevice) before = forge_ops_get_device (ops, device->id, error);

  if (!before || !forge_ops_check_device (device, error))
    return FALSE;
  if (device->id != FORGE_DEVICE_MAIN && !device->port)
    return invalid (error, "A device needs a port");
  if (device->id != FORGE_DEVICE_MAIN && device->port != before->port &&
      !is_port_free (device->port, error))
    return FALSE;
  return store_device (ops, device, error);
}

gboolean
forge_ops_remove_device (ForgeOps *ops, gint64 id, GError **error)
{
  return forge_store_remove_device (ops->store, id, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

gboolean
forge_ops_renew_device (ForgeOps *ops, gint64 id, GError **error)
{
  g_autoptr (ForgeDevice) device = forge_ops_get_device (ops, id, error);
  g_autoptr (GPtrArray) others = device ? list_others (ops, error) : NULL;

  if (!others)
    return FALSE;
  give_identity (device, others);
  if (!store_device (ops, device, error))
    return FALSE;
  forge_ops_report (ops,
                    FORGE_LOG_INFO,
                    FORGE_EVENT_SYSTEM,
                    "Device “%s” is %s now; set it up again in Plex and the like",
                    device->name,
                    device->device_id);
  return TRUE;
}

typedef struct {
  const ForgeDevice *device;
  ForgeDevicePlace *place;
} Locate;

static char *
with_port (char *url /* taken over */, guint port)
{
  g_autofree char *owned = url;
  char *colon = owned ? strrchr (owned, ':') : NULL;

  return colon ? g_strdup_printf ("%.*s:%u", (int)(colon - owned), owned, port) : NULL;
}

static gboolean
has_trouble (ForgeEngine *engine, const ForgeDevice *device)
{
  g_autoptr (GPtrArray) problems = forge_discovery_problems (engine->discovery);
  g_autofree char *id = g_strdup_printf ("device-%" G_GINT64_FORMAT "-port", device->id);

  for (guint i = 0; i < problems->len; i++)
    if (strcmp (((const ForgeDiscoveryProblem *)g_ptr_array_index (problems, i))->id, id) == 0)
      return TRUE;
  return FALSE;
}

static void
locate (ForgeEngine *engine, gpointer data)
{
  Locate *call = data;
  gboolean is_main = call->device->id == FORGE_DEVICE_MAIN;
  guint port = is_main ? engine->port : call->device->port;

  call->place->port = port ? port : call->device->port;
  call->place->is_listening = engine->port && call->device->enabled &&
                              !has_trouble (engine, call->device);
  if (!call->place->is_listening)
    return;
  call->place->url = with_port (forge_http_server_url (engine->server), port);
  call->place->lan_url = with_port (forge_http_server_lan_url (engine->server), port);
}

void
forge_ops_locate_device (ForgeOps *ops, const ForgeDevice *device, ForgeDevicePlace *place)
{
  Locate call = { .device = device, .place = place };

  *place = (ForgeDevicePlace){ 0 };
  forge_engine_on_control (ops->engine, locate, &call);
}

void
forge_device_place_clear (ForgeDevicePlace *place)
{
  g_clear_pointer (&place->url, g_free);
  g_clear_pointer (&place->lan_url, g_free);
}
