/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-m3u-pending.h"

#include "formats/forge-json-text.h"

#include <math.h>
#include <string.h>

/* Beyond a week either way it is no time shift but nonsense. */
#define MAX_SHIFT_HOURS  168.0
#define MAX_CATCHUP_DAYS 365
/* Of an entry that can be played back but does not say how far: as Kodi takes it. */
#define DEFAULT_CATCHUP_DAYS 5

/* "User-Agent=x&Referer=y": more pairs are no headers of a player. */
#define MAX_PAIRS 16
/* A JSON object of headers. */
#define MAX_JSON_BYTES 4096

void
forge_m3u_pending_clear (ForgeM3uPending *pending)
{
  char **const strings[] = { &pending->name,          &pending->tvg_id,     &pending->tvg_name,
                             &pending->logo,          &pending->group,      &pending->number,
                             &pending->referrer,      &pending->user_agent, &pending->audio_track,
                             &pending->catchup_source };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_clear_pointer (strings[i], g_free);
  *pending = (ForgeM3uPending){ 0 };
}

char *
forge_m3u_meaningful (const char *value)
{
  static const char *const nothings[] = { "", "null", "undefined", "none", "(no tvg-id)", "n/a" };
  g_autofree char *text = g_strstrip (g_strdup (value ? value : ""));

  for (guint i = 0; i < G_N_ELEMENTS (nothings); i++)
    if (g_ascii_strcasecmp (text, nothings[i]) == 0)
      return NULL;
  return g_steal_pointer (&text);
}

/* The first of the attributes `names` (NULL-terminated) that says something. */
static char *
first_of (GHashTable *attributes, const char *const *names)
{
  for (; *names; names++) {
    char *value = forge_m3u_meaningful (g_hash_table_lookup (attributes, *names));
    if (value)
      return value;
  }
  return NULL;
}

/* Like first_of (), up to the first of `separators`. */
static char *
first_part_of (GHashTable *attributes, const char *const *names, const char *separators)
{
  g_autofree char *value = first_of (attributes, names);

  if (!value)
    return NULL;
  value[strcspn (value, separators)] = '\0';
  return forge_m3u_meaningful (value);
}

static double
read_hours (GHashTable *attributes, const char *name, double fallback)
{
  const char *text = g_hash_table_lookup (attributes, name);
  char *end = NULL;
  double hours = text ? g_ascii_strtod (text, &end) : fallback;

  return text && (end == text || !isfinite (hours) || fabs (hours) > MAX_SHIFT_HOURS) ? fallback
                                                                                      : hours;
}

static gboolean
read_days (GHashTable *attributes, const char *const *names, int *days)
{
  g_autofree char *text = first_of (attributes, names);

  if (text)
    *days = (int)CLAMP (g_ascii_strtoll (text, NULL, 10), 0, MAX_CATCHUP_DAYS);
  return text != NULL;
}

static gboolean
is_one_of (const char *text, const char *const *words)
{
  for (; text && *words; words++)
    if (g_ascii_strcasecmp (text, *words) == 0)
      return TRUE;
  return FALSE;
}

static void
replace (char **slot, char *value)
{
  g_free (*slot);
  *slot = value;
}

/* ---- catch-up ---- */

/* What may be written into header and entry alike. */
static void
read_catchup (ForgeM3uDefaults *catchup, GHashTable *attributes)
{
  static const char *const modes[] = { "catchup", "catchup-type", NULL };
  static const char *const sources[] = { "catchup-source", NULL };
  static const char *const days[] = { "catchup-days", NULL };
  static const char *const siptv_days[] = { "timeshift", "tvg-rec", NULL };
  static const char *const offs[] = { "0", "false", "no", "off", "disabled", "none", NULL };
  g_autofree char *mode = first_of (attributes, modes);
  const char *said = g_hash_table_lookup (attributes, "catchup");
  char *source = first_of (attributes, sources);
  gboolean is_siptv = read_days (attributes, siptv_days, &catchup->catchup_days);

  if (source)
    replace (&catchup->catchup_source, source);
  if (!read_days (attributes, days, &catchup->catchup_days) && is_siptv && !mode &&
      catchup->catchup == FORGE_CATCHUP_NONE)
    catchup->catchup = FORGE_CATCHUP_SHIFT;
  if (mode)
    catchup->catchup = forge_catchup_mode_from_text (mode);
  if (is_one_of (said, offs)) {
    catchup->catchup = FORGE_CATCHUP_NONE;
    catchup->catchup_days = 0;
    g_clear_pointer (&catchup->catchup_source, g_free);
  }
  catchup->correction_hours =
      read_hours (attributes, "catchup-correction", catchup->correction_hours);
  catchup->shift_hours = read_hours (attributes, "tvg-shift", catchup->shift_hours);
}

/* A mode or a source without days is an archive of the usual length; "0" days are none. */
static void
take_catchup (ForgeM3uPending *pending, GHashTable *attributes, const ForgeM3uDefaults *defaults)
{
  ForgeM3uDefaults own = *defaults;

  own.catchup_source = g_strdup (defaults->catchup_source);
  read_catchup (&own, attributes);
  if (own.catchup == FORGE_CATCHUP_NONE && own.catchup_source)
    own.catchup = FORGE_CATCHUP_DEFAULT;
  if (own.catchup != FORGE_CATCHUP_NONE && own.catchup_days < 0)
    own.catchup_days = DEFAULT_CATCHUP_DAYS;
  pending->catchup = own.catchup;
  pending->catchup_source = own.catchup_source;
  pending->catchup_days = MAX (own.catchup_days, 0);
  pending->correction_hours = own.correction_hours;
  pending->shift_hours = own.shift_hours;
}

char *
forge_m3u_defaults_read (ForgeM3uDefaults *defaults, GHashTable *attributes)
{
  static const char *const guide[] = { "url-tvg", "x-tvg-url", "tvg-url", NULL };

  read_catchup (defaults, attributes);
  return first_part_of (attributes, guide, ",");
}

/* ---- entries ---- */

/* What says who and where; options that came before the line win. */
static void
take_texts (ForgeM3uPending *pending, GHashTable *attributes)
{
  static const char *const ids[] = { "tvg-id", "tvh-epg", "tvc-guide-stationid", NULL };
  static const char *const logos[] = { "tvg-logo", "tvg-logo-small", "logo", NULL };
  static const char *const groups[] = { "group-title", "tvh-tags", NULL };
  static const char *const numbers[] = { "tvg-chno",
                                         "tvh-chnum",
                                         "channel-number",
                                         "ch-number",
                                         NULL };
  static const char *const agents[] = { "user-agent", "http-user-agent", NULL };
  static const char *const referrers[] = { "referrer", "http-referrer", NULL };
  static const char *const tracks[] = { "audio-track", NULL };
  char *logo = first_of (attributes, logos), *group = first_part_of (attributes, groups, ";|");

  pending->tvg_id = first_of (attributes, ids);
  pending->tvg_name = forge_m3u_meaningful (g_hash_table_lookup (attributes, "tvg-name"));
  pending->number = first_of (attributes, numbers);
  pending->audio_track = first_of (attributes, tracks);
  if (logo)
    replace (&pending->logo, logo);
  if (group)
    replace (&pending->group, group);
  if (!pending->user_agent)
    pending->user_agent = first_of (attributes, agents);
  if (!pending->referrer)
    pending->referrer = first_of (attributes, referrers);
}

void
forge_m3u_pending_read (ForgeM3uPending *pending,
                        GHashTable *attributes,
                        const char *title,
                        const ForgeM3uDefaults *defaults)
{
  static const char *const names[] = { "tvc-guide-title", "tvg-name", NULL };
  static const char *const yes[] = { "true", "1", "yes", NULL };
  const char *headers = g_hash_table_lookup (attributes, "m3u-http-headers");
  const char *code = g_hash_table_lookup (attributes, "parent-code");
  g_autofree char *lock = forge_m3u_meaningful (code);

  pending->has_extinf = TRUE;
  pending->name = forge_m3u_meaningful (title);
  if (!pending->name)
    pending->name = first_of (attributes, names);
  take_texts (pending, attributes);
  take_catchup (pending, attributes, defaults);
  pending->is_radio = is_one_of (g_hash_table_lookup (attributes, "radio"), yes);
  pending->is_locked = lock != NULL;
  if (headers)
    forge_m3u_pending_suffix (pending, headers);
}

/* ---- headers ---- */

static void
set_header (ForgeM3uPending *pending, const char *name, const char *value)
{
  static const char *const agents[] = { "user-agent", "http-user-agent", NULL };
  static const char *const referrers[] = { "referer",
                                           "referrer",
                                           "http-referrer",
                                           "http-referer",
                                           NULL };
  char **target = is_one_of (name, agents)      ? &pending->user_agent
                  : is_one_of (name, referrers) ? &pending->referrer
                                                : NULL;
  char *text = target ? forge_m3u_meaningful (value) : NULL;

  if (text)
    replace (target, text);
}

void
forge_m3u_pending_option (ForgeM3uPending *pending, const char *text)
{
  static const char *const sets[] = { "inputstream.adaptive.stream_headers",
                                      "inputstream.adaptive.manifest_headers",
                                      "inputstream.adaptive.common_headers",
                                      NULL };
  const char *equals = strchr (text, '=');

  if (!equals)
    return;
  g_autofree char *name = g_strstrip (g_strndup (text, (gsize)(equals - text)));
  if (is_one_of (name, sets))
    forge_m3u_pending_suffix (pending, equals + 1);
  else
    set_header (pending, name, equals + 1);
}

void
forge_m3u_pending_suffix (ForgeM3uPending *pending, const char *text)
{
  g_auto (GStrv) pairs = g_strsplit (text, "&", MAX_PAIRS);

  for (char **pair = pairs; *pair; pair++) {
    char *equals = strchr (*pair, '=');
    if (!equals)
      continue;
    *equals = '\0';
    g_autofree char *value = g_uri_unescape_string (equals + 1, NULL);
    const char *name = g_strstrip (*pair);
    set_header (pending, *name == '!' ? name + 1 : name, value ? value : equals + 1);
  }
}

static void
on_json_header (JsonObject *object, const char *name, JsonNode *value, gpointer user_data)
{
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    set_header (user_data, name, json_node_get_string (value));
}

void
forge_m3u_pending_json (ForgeM3uPending *pending, const char *text)
{
  gsize length = strlen (text);
  g_autoptr (JsonNode) node =
      length <= MAX_JSON_BYTES ? forge_json_parse (text, (gssize)length, NULL) : NULL;

  if (node && JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), on_json_header, pending);
}
