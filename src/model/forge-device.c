/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-device.h"

#include <string.h>

static const char *const filter_names[] = { "all", "groups", "favorites" };

const char *
forge_device_filter_name (ForgeDeviceFilter filter)
{
  return (guint)filter < G_N_ELEMENTS (filter_names) ? filter_names[filter] : "all";
}

gboolean
forge_device_filter_parse (const char *name, ForgeDeviceFilter *filter)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (filter_names); i++)
    if (strcmp (filter_names[i], name) == 0) {
      *filter = (ForgeDeviceFilter)i;
      return TRUE;
    }
  return FALSE;
}

ForgeDevice *
forge_device_new (void)
{
  ForgeDevice *device = g_atomic_rc_box_new0 (ForgeDevice);

  device->enabled = TRUE;
  return device;
}

ForgeDevice *
forge_device_copy (const ForgeDevice *device)
{
  ForgeDevice *copy = forge_device_new ();

  *copy = *device;
  copy->name = g_strdup (device->name);
  copy->device_id = g_strdup (device->device_id);
  copy->uuid = g_strdup (device->uuid);
  copy->groups = g_strdupv (device->groups);
  return copy;
}

static void
device_clear (gpointer data)
{
  ForgeDevice *device = data;

  g_free (device->name);
  g_free (device->device_id);
  g_free (device->uuid);
  g_strfreev (device->groups);
}

ForgeDevice *
forge_device_ref (ForgeDevice *device)
{
  return g_atomic_rc_box_acquire (device);
}

void
forge_device_unref (ForgeDevice *device)
{
  g_atomic_rc_box_release_full (device, device_clear);
}

static gboolean
shows (const ForgeDevice *device, const ForgeChannel *channel)
{
  switch (device->filter) {
  case FORGE_DEVICE_GROUPS:
    return device->groups && channel->group &&
           g_strv_contains ((const char *const *)device->groups, channel->group);
  case FORGE_DEVICE_FAVORITES:
    return channel->favorite;
  case FORGE_DEVICE_ALL:
  default:
    return TRUE;
  }
}

/* FNV-1a of the ids on top of the revision of the whole: another choice is another document. */
static guint64
revision_of (GPtrArray *channels, guint64 revision)
{
  for (guint i = 0; i < channels->len; i++) {
    const ForgeChannel *channel = g_ptr_array_index (channels, i);
    revision = (revision ^ (guint64)channel->id) * G_GUINT64_CONSTANT (0x100000001b3);
  }
  return revision;
}

ForgeLineup *
forge_device_pick (const ForgeDevice *device, ForgeLineup *all)
{
  g_autoptr (GPtrArray) channels = g_ptr_array_new ();
  guint size = forge_lineup_size (all);
  guint limit = device->limit ? device->limit : size;

  if (device->filter == FORGE_DEVICE_ALL && limit >= size)
    return forge_lineup_ref (all);
  for (guint i = 0; i < size && channels->len < limit; i++) {
    ForgeChannel *channel = forge_lineup_channel (all, i);
    if (shows (device, channel))
      g_ptr_array_add (channels, channel);
  }
  return forge_lineup_new (channels, revision_of (channels, forge_lineup_revision (all)));
}

ForgeDeviceView *
forge_device_view_new (ForgeDevice *device, ForgeLineup *all)
{
  ForgeDeviceView *view = g_atomic_rc_box_new0 (ForgeDeviceView);

  view->device = forge_device_ref (device);
  view->lineup = forge_device_pick (device, all);
  return view;
}

static void
view_clear (gpointer data)
{
  ForgeDeviceView *view = data;

  forge_device_unref (view->device);
  forge_lineup_unref (view->lineup);
}

ForgeDeviceView *
forge_device_view_ref (ForgeDeviceView *view)
{
  return g_atomic_rc_box_acquire (view);
}

void
forge_device_view_unref (ForgeDeviceView *view)
{
  g_atomic_rc_box_release_full (view, view_clear);
}

ForgeDeviceView *
forge_device_views_find (GPtrArray *views, gint64 id)
{
  for (guint i = 0; i < views->len; i++) {
    ForgeDeviceView *view = g_ptr_array_index (views, i);
    if (view->device->id == id)
      return view;
  }
  return NULL;
}

ForgeDeviceView *
forge_device_views_find_port (GPtrArray *views, guint port)
{
  for (guint i = 0; i < views->len; i++) {
    ForgeDeviceView *view = g_ptr_array_index (views, i);
    if (view->device->enabled && view->device->port == port)
      return view;
  }
  return NULL;
}
