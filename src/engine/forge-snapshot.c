/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-snapshot.h"

#include "store/forge-store-accounts.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-devices.h"
#include "store/forge-store-misc.h"
#include "store/forge-store-users.h"

#include <string.h>

static void
snapshot_clear (gpointer data)
{
  ForgeSnapshot *snapshot = data;

  g_clear_pointer (&snapshot->settings, forge_settings_unref);
  g_clear_pointer (&snapshot->accounts, g_ptr_array_unref);
  g_clear_pointer (&snapshot->guides, g_ptr_array_unref);
  g_clear_pointer (&snapshot->held, g_ptr_array_unref);
  g_clear_pointer (&snapshot->lineup, forge_lineup_unref);
  g_clear_pointer (&snapshot->devices, g_ptr_array_unref);
  g_clear_pointer (&snapshot->users, g_ptr_array_unref);
}

ForgeSnapshot *
forge_snapshot_ref (ForgeSnapshot *snapshot)
{
  return g_atomic_rc_box_acquire (snapshot);
}

void
forge_snapshot_unref (ForgeSnapshot *snapshot)
{
  g_atomic_rc_box_release_full (snapshot, snapshot_clear);
}

/* FNV-1a over what clients see: the same lineup has the same revision after a restart, so that
 * caches stay valid. */
static guint64
mix (guint64 hash, const void *data, gsize length)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < length; i++)
    hash = (hash ^ bytes[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  return hash;
}

static guint64
mix_text (guint64 hash, const char *text)
{
  return mix (hash, text ? text : "", text ? strlen (text) + 1 : 1);
}

static guint64
hash_channels (GPtrArray *channels)
{
  guint64 hash = G_GUINT64_CONSTANT (0xcbf29ce484222325);

  for (guint i = 0; i < channels->len; i++) {
    const ForgeChannel *channel = g_ptr_array_index (channels, i);
    ForgeQuality quality = forge_channel_best_quality (channel);
    hash = mix (hash, &channel->id, sizeof channel->id);
    hash = mix (hash, &channel->number, sizeof channel->number);
    hash = mix (hash, &quality, sizeof quality);
    hash = mix_text (hash, channel->name);
    hash = mix_text (hash, channel->group);
    hash = mix_text (hash, channel->logo);
  }
  return hash;
}

static gboolean
load_lineup (ForgeSnapshot *snapshot, ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (store, FORGE_CHANNELS_ENABLED, NULL, error);

  if (!channels)
    return FALSE;
  snapshot->lineup = forge_lineup_new (channels, hash_channels (channels));
  return forge_store_count_channels (store,
                                     &snapshot->channels_total,
                                     &snapshot->channels_enabled,
                                     &snapshot->channels_matched,
                                     error);
}

static gboolean
load_guides (ForgeSnapshot *snapshot, ForgeStore *store, GError **error)
{
  snapshot->guides = forge_store_list_guide_sources (store, error);
  if (!snapshot->guides || !forge_store_guide_totals (store, &snapshot->guide, error))
    return FALSE;
  for (guint i = 0; i < snapshot->guides->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (snapshot->guides, i);
    const gint64 parts[] = { source->id,
                             source->generation,
                             source->shift_minutes,
                             source->enabled };
    snapshot->guide_revision = mix (snapshot->guide_revision, parts, sizeof parts);
  }
  return TRUE;
}

/* The main device's name and identity are settings, from before there were others. */
static ForgeDevice *
fill_device (const ForgeDevice *stored, const ForgeSettings *settings)
{
  ForgeDevice *device = forge_device_copy (stored);

  if (device->id != FORGE_DEVICE_MAIN)
    return device;
  g_free (device->name);
  g_free (device->device_id);
  g_free (device->uuid);
  device->name = g_strdup (forge_settings_text (settings, "friendly_name"));
  device->device_id = g_strdup (forge_settings_text (settings, "device_id"));
  device->uuid = g_strdup (forge_settings_text (settings, "device_uuid"));
  device->port = (guint)forge_settings_int (settings, "port");
  return device;
}

static gboolean
load_devices (ForgeSnapshot *snapshot, ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) stored = forge_store_list_devices (store, error);

  if (!stored)
    return FALSE;
  snapshot->devices = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_device_view_unref);
  for (guint i = 0; i < stored->len; i++) {
    g_autoptr (ForgeDevice) device =
        fill_device (g_ptr_array_index (stored, i), snapshot->settings);
    g_ptr_array_add (snapshot->devices, forge_device_view_new (device, snapshot->lineup));
  }
  return TRUE;
}

static gboolean
load_held (ForgeSnapshot *snapshot, ForgeStore *store, GError **error)
{
  snapshot->held = forge_store_list_refreshes (store, error);
  for (guint i = snapshot->held ? snapshot->held->len : 0; i-- > 0;) {
    const ForgeRefresh *refresh = g_ptr_array_index (snapshot->held, i);
    if (refresh->state != FORGE_REFRESH_HELD)
      g_ptr_array_remove_index (snapshot->held, i);
  }
  return snapshot->held != NULL;
}

ForgeSnapshot *
forge_snapshot_load (ForgeStore *store, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = g_atomic_rc_box_new0 (ForgeSnapshot);
  g_autoptr (GHashTable) values = forge_store_load_settings (store, error);

  if (!values)
    return NULL;
  snapshot->settings = forge_settings_new (values);
  snapshot->accounts = forge_store_list_accounts (store, error);
  snapshot->users = snapshot->accounts ? forge_store_list_users (store, error) : NULL;
  if (!snapshot->users || !load_guides (snapshot, store, error) ||
      !load_held (snapshot, store, error) || !load_lineup (snapshot, store, error) ||
      !load_devices (snapshot, store, error))
    return NULL;
  return g_steal_pointer (&snapshot);
}

ForgeAccount *
forge_snapshot_account (const ForgeSnapshot *snapshot, gint64 id)
{
  for (guint i = 0; i < snapshot->accounts->len; i++) {
    ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    if (account->id == id)
      return account;
  }
  return NULL;
}
