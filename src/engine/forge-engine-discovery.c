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

void
forge_engine_update_discovery (ForgeEngine *engine)
{
  const ForgeSnapshot *snapshot = engine->snapshot;
  const ForgeSettings *settings = snapshot->settings;
  const ForgeDiscoveryState state = {
    .wants_hdhr = forge_settings_bool (settings, "discovery"),
    .wants_ssdp = forge_settings_bool (settings, "ssdp"),
    .bind = engine->bind,
    .http_port = engine->port,
    .device_id = forge_settings_text (settings, "device_id"),
    .uuid = forge_settings_text (settings, "device_uuid"),
    .channels = snapshot->lineup ? forge_lineup_size (snapshot->lineup) : 0,
  };

  forge_discovery_apply (engine->discovery, &state);
}
