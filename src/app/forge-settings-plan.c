/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-settings-plan.h"

#include <glib/gi18n.h>

#include <string.h>

enum { NETWORK, LINEUP, PLAYBACK, PROVIDERS, STORAGE, MORE };

static const char *const group_titles[FORGE_SETTINGS_N_GROUPS] = {
  N_ ("Home network"), N_ ("Channels and guide"), N_ ("Watching"),
  N_ ("Providers"),    N_ ("Films and storage"),  N_ ("More"),
};

static const struct {
  const char *key;
  guint group;
  gboolean needs_restart;
  const char *title;
  const char *meaning; /* NULL = the table's */
} plan[] = {
  { "bind",
    NETWORK,
    TRUE,
    N_ ("Who can reach the tuner"),
    N_ ("Choose your home network if Plex runs on another device. Strangers are never answered.") },
  { "port",
    NETWORK,
    TRUE,
    N_ ("Port"),
    N_ ("Media servers remember the address with this number. 0 takes any free one.") },
  { "friendly_name", NETWORK, FALSE, N_ ("Name"), N_ ("What media servers call this tuner.") },
  { "discovery",
    NETWORK,
    FALSE,
    N_ ("Let media servers find the tuner"),
    N_ ("They ask on port 65001.") },
  { "ssdp",
    NETWORK,
    FALSE,
    N_ ("Announce it by UPnP too"),
    N_ ("Try this when Plex does not find the device.") },
  { "device_id",
    NETWORK,
    TRUE,
    N_ ("Device number"),
    N_ ("Media servers know the tuner by it. A new one makes it a new device for them.") },
  { "device_uuid", NETWORK, TRUE, N_ ("UPnP identity"), N_ ("The same for UPnP.") },
  { "max_enabled_channels",
    LINEUP,
    FALSE,
    N_ ("Channels switched on by themselves"),
    N_ ("Plex takes 480.") },
  { "guide_days", LINEUP, FALSE, N_ ("Days of guide"), N_ ("How far ahead the guide is kept.") },
  { "refresh_enabled",
    LINEUP,
    FALSE,
    N_ ("Refresh every day"),
    N_ ("Channels and guide are read again once a day.") },
  { "refresh_time",
    LINEUP,
    FALSE,
    N_ ("Time of the refresh"),
    N_ ("Hours and minutes, like 04:00.") },
  { "hold_back_percent",
    LINEUP,
    FALSE,
    N_ ("Hold back a refresh that removes more than"),
    N_ ("A provider’s bad night must not empty your lineup. You are asked instead.") },
  { "tune_hold_ms",
    PLAYBACK,
    FALSE,
    N_ ("Wait for a free tuner"),
    N_ ("How long a viewer waits before being told that all are in use.") },
  { "takeover_after_ms",
    PLAYBACK,
    FALSE,
    N_ ("Take over after"),
    N_ ("A player that zaps takes over its own old channel after this time.") },
  { "shared_clients",
    PLAYBACK,
    FALSE,
    N_ ("Media servers"),
    N_ ("Programs that serve several people and are never taken over, separated by |.") },
  { "stall_ms",
    PLAYBACK,
    FALSE,
    N_ ("Silence counts as a failure after"),
    N_ ("Then the next source is tried.") },
  { "connect_timeout_ms", PLAYBACK, FALSE, N_ ("Time for a source to answer"), NULL },
  { "linger_ms",
    PLAYBACK,
    FALSE,
    N_ ("Keep a channel open"),
    N_ ("After the last viewer left, unless its connection is needed.") },
  { "viewer_timeout_ms", PLAYBACK, FALSE, N_ ("Give up a viewer who takes nothing"), NULL },
  { "cors_origins",
    NETWORK,
    FALSE,
    N_ ("Web pages that may ask"),
    N_ ("Origins like https://tv.example, separated by commas. Empty: none.") },
  { "verify_tls",
    PROVIDERS,
    FALSE,
    N_ ("Check certificates"),
    N_ ("Switch this off only for a provider whose certificate is broken.") },
  { "user_agent",
    PROVIDERS,
    FALSE,
    N_ ("Player name sent to providers"),
    N_ ("Some providers only answer players that they know.") },
  { "download_dir",
    STORAGE,
    FALSE,
    N_ ("Folder of downloads"),
    N_ ("Empty: your own folder for downloads.") },
  { "downloads_at_once",
    STORAGE,
    FALSE,
    N_ ("Downloads at the same time"),
    N_ ("From the second on they leave each account a connection for television.") },
  { "allowed_sites",
    STORAGE,
    FALSE,
    N_ ("Sites to download from"),
    N_ ("Names like video.example, separated by commas, with all that is below them.") },
  { "extract_program",
    STORAGE,
    FALSE,
    N_ ("Program that reads their pages"),
    N_ ("A name or a path.") },
  { "extract_timeout_ms", STORAGE, FALSE, N_ ("Time for a search for streams"), NULL },
  { "batch_keep_alive_ms",
    STORAGE,
    FALSE,
    N_ ("Sign of life in long answers"),
    N_ ("After so much silence a list of links says that it is still there.") },
};

static gsize
find (const char *key)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (plan) && strcmp (plan[i].key, key) != 0)
    i++;
  return i;
}

const char *
forge_settings_plan_group_title (guint group)
{
  return _ (group_titles[group]);
}

guint
forge_settings_plan_group (const char *key)
{
  gsize at = find (key);

  return at < G_N_ELEMENTS (plan) ? plan[at].group : MORE;
}

const char *
forge_settings_plan_title (const char *key)
{
  gsize at = find (key);

  return at < G_N_ELEMENTS (plan) ? _ (plan[at].title) : key;
}

const char *
forge_settings_plan_meaning (const ForgeSettingSpec *spec)
{
  gsize at = find (spec->key);

  return at < G_N_ELEMENTS (plan) && plan[at].meaning ? _ (plan[at].meaning) : _ (spec->meaning);
}

gboolean
forge_settings_plan_needs_restart (const char *key)
{
  gsize at = find (key);

  return at < G_N_ELEMENTS (plan) && plan[at].needs_restart;
}
