/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-private.h"
#include "server/discovery/forge-ssdp.h"

void
forge_engine_make_discovery (ForgeEngine *engine, const ForgeEngineOptions *options)
{
  const ForgeDiscoveryConfig config = {
    .context = engine->context,
    .tuner = engine->tuner,
    .server = engine->server,
    .event = forge_event_log_add,
    .event_data = engine->events,
    .hdhr_port = options->hdhr_port ? options->hdhr_port : FORGE_DISCOVERY_HDHR_PORT,
    .ssdp_port = FORGE_SSDP_PORT,
    .web_port = FORGE_DISCOVERY_WEB_PORT,
  };

  engine->discovery = forge_discovery_new (&config);
}

/* Of ForgeDevice*: all but the main one and those that are off. */
static GPtrArray *
other_devices (const ForgeSnapshot *snapshot)
{
  GPtrArray *others = g_ptr_array_new ();

  for (guint i = 0; i < snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (snapshot->devices, i);
    if (view->device->id != FORGE_DEVICE_MAIN && view->device->enabled)
      g_ptr_array_add (others, view->device);
  }
  return others;
}

void
forge_engine_update_discovery (ForgeEngine *engine)
{
  const ForgeSnapshot *snapshot = engine->snapshot;
  const ForgeSettings *settings = snapshot->settings;
  g_autoptr (GPtrArray) others = other_devices (snapshot);
  const ForgeDeviceView *first = forge_device_views_find (snapshot->devices, FORGE_DEVICE_MAIN);
  const ForgeDiscoveryState state = {
    .wants_hdhr = forge_settings_bool (settings, "discovery"),
    .wants_ssdp = forge_settings_bool (settings, "ssdp"),
    .bind = engine->bind,
    .http_port = engine->port,
    .device_id = forge_settings_text (settings, "device_id"),
    .uuid = forge_settings_text (settings, "device_uuid"),
    .others = others,
    .channels = first ? forge_lineup_size (first->lineup) : 0,
  };

  forge_discovery_apply (engine->discovery, &state);
}
