/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-settings.h"

#include "base/forge-error.h"
#include "model/forge-device-id.h"

#include <errno.h>
#include <string.h>

static const ForgeSettingSpec table[] = {
  { "bind",
    FORGE_SETTING_TEXT,
    "loopback",
    1,
    64,
    NULL,
    NULL,
    "Who may reach the tuner: loopback, lan, or one address of this machine" },
  { "port",
    FORGE_SETTING_INT,
    "5004",
    0,
    65535,
    NULL,
    NULL,
    "TCP port of the tuner; 0 picks a free one" },
  { "friendly_name",
    FORGE_SETTING_TEXT,
    "StreamForge",
    1,
    64,
    NULL,
    NULL,
    "The name media servers show" },
  { "device_id",
    FORGE_SETTING_TEXT,
    "",
    0,
    8,
    NULL,
    NULL,
    "The permanent HDHomeRun device id, 8 hex digits" },
  { "device_uuid", FORGE_SETTING_TEXT, "", 0, 36, NULL, NULL, "The permanent UPnP uuid" },
  { "discovery",
    FORGE_SETTING_BOOL,
    "true",
    0,
    0,
    NULL,
    NULL,
    "Let media servers find the tuner by themselves (UDP and TCP port 65001)" },
  { "ssdp",
    FORGE_SETTING_BOOL,
    "false",
    0,
    0,
    NULL,
    NULL,
    "Announce the tuner by UPnP too; try it when Plex says that the device is not found" },
  { "allowed_sites",
    FORGE_SETTING_TEXT,
    "youtube.com, youtu.be, googlevideo.com, tiktok.com, tiktokcdn.com",
    0,
    2000,
    NULL,
    NULL,
    "Sites that downloads may come from, with their sub-domains" },
  { "cors_origins",
    FORGE_SETTING_TEXT,
    "",
    0,
    2000,
    NULL,
    NULL,
    "Origins whose web pages may read films and downloads (/api, /strm), separated by commas" },
  { "tune_hold_ms",
    FORGE_SETTING_INT,
    "6000",
    0,
    20000,
    NULL,
    "ms",
    "How long a request waits for a tuner to come free" },
  { "takeover_after_ms",
    FORGE_SETTING_INT,
    "1000",
    0,
    10000,
    NULL,
    "ms",
    "After this, a player's new channel takes over its own old one" },
  { "shared_clients",
    FORGE_SETTING_TEXT,
    "PlexMediaServer|Plex|Jellyfin|Emby|Channels|Lavf|ChannelsDVR|tvheadend",
    0,
    400,
    NULL,
    NULL,
    "User agents that serve several people and are never taken over, separated by |" },
  { "stall_ms",
    FORGE_SETTING_INT,
    "3000",
    500,
    30000,
    NULL,
    "ms",
    "Silence after which a source counts as stalled" },
  { "connect_timeout_ms",
    FORGE_SETTING_INT,
    "2000",
    200,
    30000,
    NULL,
    "ms",
    "How long one source may take to connect and answer" },
  { "linger_ms",
    FORGE_SETTING_INT,
    "1000",
    0,
    30000,
    NULL,
    "ms",
    "How long a channel stays open after its last viewer left, unless its slot is wanted" },
  { "viewer_timeout_ms",
    FORGE_SETTING_INT,
    "30000",
    2000,
    300000,
    NULL,
    "ms",
    "A viewer that takes no byte for this long is dropped" },
  { "refresh_time",
    FORGE_SETTING_TEXT,
    "04:00",
    5,
    5,
    NULL,
    NULL,
    "Local time of the daily refresh, HH:MM" },
  { "refresh_enabled",
    FORGE_SETTING_BOOL,
    "true",
    0,
    0,
    NULL,
    NULL,
    "Refresh accounts and guides every day" },
  { "max_enabled_channels",
    FORGE_SETTING_INT,
    "480",
    1,
    100000,
    NULL,
    NULL,
    "Matched channels that are switched on by themselves (Plex takes 480)" },
  { "guide_days", FORGE_SETTING_INT, "14", 1, 30, NULL, "days", "Days of guide that are kept" },
  { "hold_back_percent",
    FORGE_SETTING_INT,
    "30",
    1,
    100,
    NULL,
    "%",
    "A refresh that would remove more than this is held back" },
  { "download_dir",
    FORGE_SETTING_TEXT,
    "",
    0,
    1000,
    NULL,
    NULL,
    "Folder of downloads; nothing = the user's Downloads folder" },
  { "downloads_at_once",
    FORGE_SETTING_INT,
    "2",
    1,
    4,
    NULL,
    NULL,
    "Downloads at the same time; from the second on they leave each account a connection for live "
    "TV" },
  { "verify_tls", FORGE_SETTING_BOOL, "true", 0, 0, NULL, NULL, "Check providers' certificates" },
  { "user_agent",
    FORGE_SETTING_TEXT,
    "VLC/3.0.20 LibVLC/3.0.20",
    1,
    200,
    NULL,
    NULL,
    "What accounts without their own user agent send" },
  { "extract_timeout_ms",
    FORGE_SETTING_INT,
    "30000",
    100,
    120000,
    NULL,
    "ms",
    "How long a search for streams may take in all" },
  { "batch_keep_alive_ms",
    FORGE_SETTING_INT,
    "15000",
    400,
    60000,
    NULL,
    "ms",
    "Silence after which a list of links says that it is still there" },
  { "extract_program",
    FORGE_SETTING_TEXT,
    "yt-dlp",
    1,
    400,
    NULL,
    NULL,
    "The program that reads such pages: a name or a path" },
};

const ForgeSettingSpec *
forge_settings_table (guint *n)
{
  *n = G_N_ELEMENTS (table);
  return table;
}

const ForgeSettingSpec *
forge_settings_find (const char *key)
{
  for (guint i = 0; key && i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].key, key) == 0)
      return &table[i];
  return NULL;
}

static char *
canonical_bool (const ForgeSettingSpec *spec, const char *text, GError **error)
{
  static const char *const yes[] = { "true", "yes", "on", "1", NULL };
  static const char *const no[] = { "false", "no", "off", "0", NULL };
  g_autofree char *word = g_ascii_strdown (text, -1);

  if (g_strv_contains (yes, word))
    return g_strdup ("true");
  if (g_strv_contains (no, word))
    return g_strdup ("false");
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: “%s” is neither true nor false",
               spec->key,
               text);
  return NULL;
}

static char *
canonical_int (const ForgeSettingSpec *spec, const char *text, GError **error)
{
  gint64 value;

  if (g_ascii_string_to_signed (text, 10, spec->min, spec->max, &value, NULL))
    return g_strdup_printf ("%" G_GINT64_FORMAT, value);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: “%s” is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
               "%s%s",
               spec->key,
               text,
               spec->min,
               spec->max,
               spec->unit ? " " : "",
               spec->unit ? spec->unit : "");
  return NULL;
}

/* They end up in request heads, XML and terminals. */
static gboolean
has_control_character (const char *text)
{
  for (const char *at = text; *at; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return TRUE;
  return FALSE;
}

static gboolean
is_bind (const char *text)
{
  return strcmp (text, "loopback") == 0 || strcmp (text, "lan") == 0 ||
         g_hostname_is_ip_address (text);
}

static gboolean
is_time (const char *text)
{
  return strlen (text) == 5 && g_ascii_isdigit (text[0]) && g_ascii_isdigit (text[1]) &&
         text[2] == ':' && g_ascii_isdigit (text[3]) && g_ascii_isdigit (text[4]) &&
         (text[0] - '0') * 10 + text[1] - '0' < 24 && text[3] < '6';
}

static gboolean
is_device_id (const char *text)
{
  return strlen (text) == 8 && strspn (text, "0123456789ABCDEFabcdef") == 8 &&
         forge_device_id_is_valid ((guint32)g_ascii_strtoull (text, NULL, 16));
}

/* "https://tv.example.org:8443", as browsers send it: nothing else would ever be equal to it. */
static gboolean
is_origin (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);

  return uri && g_uri_get_host (uri) && *g_uri_get_host (uri) && *g_uri_get_path (uri) == '\0' &&
         text[strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789+-._:/[]")] == '\0';
}

static gboolean
are_origins (const char *text)
{
  g_auto (GStrv) origins = g_strsplit_set (text, ",| ", -1);
  gboolean is_right = TRUE;

  for (char **origin = origins; *origin && is_right; origin++)
    is_right = !**origin || is_origin (*origin);
  return is_right;
}

/* Texts that have a form; none at all is the default of some. */
static const struct {
  const char *key;
  gboolean (*is_right) (const char *text);
  const char *form;
} forms[] = {
  { "bind", is_bind, "loopback, lan or an address of this machine" },
  { "download_dir", g_path_is_absolute, "an absolute path" },
  { "refresh_time", is_time, "a time from 00:00 to 23:59" },
  { "device_id", is_device_id, "a device id: 8 hex digits with a right checksum" },
  { "device_uuid", g_uuid_string_is_valid, "a UUID" },
  { "cors_origins",
    are_origins,
    "a list of origins like https://tv.example.org:8443, in small letters, without a path" },
};

static gboolean
check_form (const ForgeSettingSpec *spec, const char *text, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    if (*text && strcmp (forms[i].key, spec->key) == 0 && !forms[i].is_right (text)) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_INVALID,
                   "%s: “%s” is not %s",
                   spec->key,
                   text,
                   forms[i].form);
      return FALSE;
    }
  return TRUE;
}

static char *
canonical_text (const ForgeSettingSpec *spec, const char *text, GError **error)
{
  gsize length = strlen (text);

  if (g_utf8_validate (text, -1, NULL) && (gint64)length >= spec->min &&
      (gint64)length <= spec->max && !has_control_character (text))
    return check_form (spec, text, error) ? g_strdup (text) : NULL;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: the text has %" G_GSIZE_FORMAT " bytes, allowed are %" G_GINT64_FORMAT
               " to %" G_GINT64_FORMAT " of UTF-8 without control characters",
               spec->key,
               length,
               spec->min,
               spec->max);
  return NULL;
}

static char *
canonical_choice (const ForgeSettingSpec *spec, const char *text, GError **error)
{
  g_auto (GStrv) choices = g_strsplit (spec->choices, "|", -1);

  if (g_strv_contains ((const char *const *)choices, text))
    return g_strdup (text);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: “%s” is none of %s",
               spec->key,
               text,
               spec->choices);
  return NULL;
}

char *
forge_settings_canonical (const ForgeSettingSpec *spec, const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  switch (spec->type) {
  case FORGE_SETTING_BOOL:
    return canonical_bool (spec, trimmed, error);
  case FORGE_SETTING_INT:
    return canonical_int (spec, trimmed, error);
  case FORGE_SETTING_CHOICE:
    return canonical_choice (spec, trimmed, error);
  case FORGE_SETTING_TEXT:
  default:
    return canonical_text (spec, trimmed, error);
  }
}

struct _ForgeSettings {
  char *values[G_N_ELEMENTS (table)];
};

ForgeSettings *
forge_settings_new (GHashTable *values)
{
  ForgeSettings *settings = g_atomic_rc_box_new0 (ForgeSettings);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    const char *stored = values ? g_hash_table_lookup (values, table[i].key) : NULL;
    settings->values[i] = g_strdup (stored ? stored : table[i].fallback);
  }
  return settings;
}

ForgeSettings *
forge_settings_ref (ForgeSettings *settings)
{
  return g_atomic_rc_box_acquire (settings);
}

static void
settings_clear (gpointer data)
{
  ForgeSettings *settings = data;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_free (settings->values[i]);
}

void
forge_settings_unref (ForgeSettings *settings)
{
  g_atomic_rc_box_release_full (settings, settings_clear);
}

const char *
forge_settings_text (const ForgeSettings *settings, const char *key)
{
  const ForgeSettingSpec *spec = forge_settings_find (key);

  g_return_val_if_fail (spec, "");
  return settings->values[spec - table];
}

gint64
forge_settings_int (const ForgeSettings *settings, const char *key)
{
  return g_ascii_strtoll (forge_settings_text (settings, key), NULL, 10);
}

gboolean
forge_settings_bool (const ForgeSettings *settings, const char *key)
{
  return strcmp (forge_settings_text (settings, key), "true") == 0;
}
