/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/discovery/forge-hdhr-variables.h"

#include <string.h>

#define MAX_TUNERS 255
/* libhdhomerun reads the words of vstatus with %31s. */
#define MAX_WORD_BYTES 31
/* What `bps` would be as datagrams of seven TS packets. */
#define DATAGRAM_BITS (7 * 188 * 8)

#define UNKNOWN_VARIABLE "ERROR: unknown getset variable"

/* Values of a tuner that are only remembered. */
typedef enum {
  KEPT_CHANNEL,
  KEPT_VCHANNEL,
  KEPT_CHANNELMAP,
  KEPT_FILTER,
  KEPT_PROGRAM,
  N_KEPT,
} Kept;

static const char *const kept_defaults[N_KEPT] = {
  "none", "none", "us-bcast", "0x0000-0x1fff", "0",
};

typedef struct {
  char *kept[N_KEPT]; /* NULL = default */
  guint32 lock_key;   /* 0 = unlocked */
  char *owner;        /* NULL = unlocked */
  gint64 used_us;
} TunerState;

struct _ForgeHdhrVariables {
  ForgeTuner *tuner;
  guint channels;
  TunerState tuners[MAX_TUNERS];
};

/* One request on its way. */
typedef struct {
  ForgeHdhrVariables *self;
  const ForgeHdhrGetset *request;
  const char *peer;
  gint64 now_us;
  guint index;
  TunerState *state;
  const ForgeSessionInfo *session; /* NULL = nobody watches on this tuner */
  gboolean *is_error;
} Call;

static const char *const known_maps[] = {
  "us-bcast", "us-cable", "us-hrc",   "us-irc",   "eu-bcast", "eu-cable", "au-bcast",
  "au-cable", "tw-bcast", "tw-cable", "kr-bcast", "kr-cable", "jp-bcast", NULL,
};

static const struct {
  const char *name, *value;
} fixed[] = {
  { "help",
    "Supported configuration options:\n"
    "/lineup/location\n"
    "/lineup/scan\n"
    "/sys/copyright\n"
    "/sys/debug\n"
    "/sys/features\n"
    "/sys/hwmodel\n"
    "/sys/model\n"
    "/sys/version\n"
    "/tuner<n>/channel <modulation>:<frequency>\n"
    "/tuner<n>/channelmap <channelmap>\n"
    "/tuner<n>/debug\n"
    "/tuner<n>/filter \"0x<nnnn>-0x<nnnn> [...]\"\n"
    "/tuner<n>/lockkey\n"
    "/tuner<n>/plpinfo\n"
    "/tuner<n>/program <program number>\n"
    "/tuner<n>/status\n"
    "/tuner<n>/streaminfo\n"
    "/tuner<n>/target none\n"
    "/tuner<n>/vchannel <number>\n"
    "/tuner<n>/vstatus\n" },
  { "/lineup/location", "disabled" },
  { "/sys/copyright", "StreamForge, free software under the GPL, version 3 or later" },
  { "/sys/debug", "none" },
  { "/sys/features",
    "channelmap: us-bcast us-cable us-hrc us-irc\n"
    "modulation: 8vsb qam256 qam64\n"
    "auto-modulation: auto auto6t auto6c qam\n" },
  { "/sys/hwmodel", FORGE_HDHR_MODEL },
  { "/sys/model", FORGE_HDHR_FIRMWARE },
  { "/sys/version", FORGE_HDHR_FIRMWARE_VERSION },
};

guint
forge_hdhr_tuner_count (ForgeTuner *tuner)
{
  int total = 0, used = 0;

  forge_tuner_count (tuner, &total, &used);
  return (guint)CLAMP (total, 1, MAX_TUNERS);
}

ForgeHdhrVariables *
forge_hdhr_variables_new (ForgeTuner *tuner)
{
  ForgeHdhrVariables *self = g_new0 (ForgeHdhrVariables, 1);

  self->tuner = tuner;
  return self;
}

static void
tuner_state_clear (TunerState *state)
{
  for (guint i = 0; i < N_KEPT; i++)
    g_free (state->kept[i]);
  g_free (state->owner);
  *state = (TunerState){ 0 };
}

void
forge_hdhr_variables_free (ForgeHdhrVariables *self)
{
  for (guint i = 0; i < MAX_TUNERS; i++)
    tuner_state_clear (&self->tuners[i]);
  g_free (self);
}

void
forge_hdhr_variables_set_channels (ForgeHdhrVariables *self, guint channels)
{
  self->channels = channels;
}

static char *
refuse (Call *call, const char *text)
{
  *call->is_error = TRUE;
  return g_strdup (text);
}

static const char *
kept_value (const Call *call, Kept which)
{
  return call->state->kept[which] ? call->state->kept[which] : kept_defaults[which];
}

static int
strength_of (const ForgeSessionInfo *session)
{
  return session->health == FORGE_HEALTH_HEALTHY ? 100 : 50;
}

static char *
get_status (Call *call)
{
  if (!call->session)
    return g_strdup_printf ("ch=%s lock=none ss=0 snq=0 seq=0 bps=0 pps=0",
                            kept_value (call, KEPT_CHANNEL));
  gint64 bits = (gint64)call->session->bitrate_kbps * 1000;
  int strength = strength_of (call->session);
  return g_strdup_printf ("ch=auto:%d lock=8vsb ss=%d snq=%d seq=%d bps=%" G_GINT64_FORMAT
                          " pps=%" G_GINT64_FORMAT,
                          call->session->channel_number,
                          strength,
                          strength,
                          strength,
                          bits,
                          (bits + DATAGRAM_BITS / 2) / DATAGRAM_BITS);
}

/* A name as one short word. */
static char *
word_of (const char *name)
{
  GString *word = g_string_new (NULL);

  for (const char *at = name ? name : ""; *at; at = g_utf8_next_char (at)) {
    gsize bytes = (gsize)(g_utf8_next_char (at) - at);
    gunichar character = g_utf8_get_char (at);
    if (word->len + bytes > MAX_WORD_BYTES)
      break;
    if (g_unichar_isspace (character))
      g_string_append_c (word, '_');
    else if (g_unichar_isprint (character))
      g_string_append_len (word, at, (gssize)bytes);
  }
  if (word->len == 0)
    g_string_append (word, "none");
  return g_string_free (word, FALSE);
}

static char *
get_vstatus (Call *call)
{
  g_autofree char *name = call->session ? word_of (call->session->channel) : NULL;

  if (!call->session)
    return g_strdup ("vch=none name=none auth=unspecified cci=none cgms=none");
  return g_strdup_printf ("vch=%d name=%s auth=unspecified cci=none cgms=none",
                          call->session->channel_number,
                          name);
}

static char *
get_streaminfo (Call *call)
{
  g_autofree char *name = call->session ? word_of (call->session->channel) : NULL;

  if (!call->session)
    return g_strdup ("none");
  return g_strdup_printf ("%d: %d %s\ntsid=0x0001\n",
                          call->session->channel_number,
                          call->session->channel_number,
                          name);
}

static char *
get_debug (Call *call)
{
  g_autofree char *status = get_status (call);

  return g_strdup_printf ("tun: %s\n", status);
}

static char *
get_none (Call *call)
{
  return g_strdup ("none");
}

static char *
get_channel (Call *call)
{
  return call->session ? g_strdup_printf ("auto:%d", call->session->channel_number)
                       : g_strdup (kept_value (call, KEPT_CHANNEL));
}

static char *
get_vchannel (Call *call)
{
  return call->session ? g_strdup_printf ("%d", call->session->channel_number)
                       : g_strdup (kept_value (call, KEPT_VCHANNEL));
}

static char *
get_channelmap (Call *call)
{
  return g_strdup (kept_value (call, KEPT_CHANNELMAP));
}

static char *
get_filter (Call *call)
{
  return g_strdup (kept_value (call, KEPT_FILTER));
}

static char *
get_program (Call *call)
{
  return g_strdup (kept_value (call, KEPT_PROGRAM));
}

/* NULL = free. */
static const char *
owner_of (const Call *call)
{
  const ForgeViewerInfo *viewer;

  if (!call->session)
    return call->state->owner;
  viewer = g_ptr_array_index (call->session->viewers, 0);
  return viewer->address ? viewer->address : "HTTP";
}

static char *
get_lockkey (Call *call)
{
  const char *owner = owner_of (call);

  return g_strdup (owner ? owner : "none");
}

/* A viewer's tuner belongs to the viewer; a locked one to who has the key. */
static gboolean
is_locked_out (const Call *call)
{
  return call->session || (call->state->owner && call->request->lock_key != call->state->lock_key);
}

static char *
refuse_locked (Call *call)
{
  *call->is_error = TRUE;
  return g_strdup_printf ("ERROR: resource locked by %s", owner_of (call));
}

static char *
keep (Call *call, Kept which)
{
  if (strlen (call->request->value) > FORGE_HDHR_MAX_KEPT_BYTES || !call->request->value[0])
    return refuse (call, "ERROR: invalid value");
  g_free (call->state->kept[which]);
  call->state->kept[which] = g_strdup (call->request->value);
  return g_strdup (call->request->value);
}

static char *
set_channel (Call *call)
{
  return keep (call, KEPT_CHANNEL);
}

static char *
set_vchannel (Call *call)
{
  return keep (call, KEPT_VCHANNEL);
}

static char *
set_channelmap (Call *call)
{
  if (!g_strv_contains (known_maps, call->request->value))
    return refuse (call, "ERROR: invalid channelmap");
  return keep (call, KEPT_CHANNELMAP);
}

static char *
set_filter (Call *call)
{
  return keep (call, KEPT_FILTER);
}

static char *
set_program (Call *call)
{
  return keep (call, KEPT_PROGRAM);
}

/* Television goes out over HTTP only. */
static char *
set_target (Call *call)
{
  if (strcmp (call->request->value, "none") == 0)
    return g_strdup ("none");
  return refuse (call, "ERROR: target not supported, use HTTP");
}

static char *
unlock (Call *call)
{
  g_clear_pointer (&call->state->owner, g_free);
  call->state->lock_key = 0;
  return g_strdup ("none");
}

static char *
set_lockkey (Call *call)
{
  const char *value = call->request->value;
  guint64 key;

  if (strcmp (value, "force") == 0 && !call->session)
    return unlock (call);
  if (is_locked_out (call))
    return refuse_locked (call);
  if (strcmp (value, "none") == 0)
    return unlock (call);
  if (!g_ascii_string_to_unsigned (value, 10, 1, G_MAXUINT32, &key, NULL))
    return refuse (call, "ERROR: invalid lockkey");
  g_free (call->state->owner);
  call->state->owner = g_strdup (call->peer);
  call->state->lock_key = (guint32)key;
  return g_strdup (call->peer);
}

static const struct {
  const char *name;
  char *(*get) (Call *call);
  char *(*set) (Call *call); /* NULL = read only */
} tuner_variables[] = {
  { "status", get_status, NULL },
  { "vstatus", get_vstatus, NULL },
  { "streaminfo", get_streaminfo, NULL },
  { "debug", get_debug, NULL },
  { "plpinfo", get_none, NULL },
  { "channel", get_channel, set_channel },
  { "vchannel", get_vchannel, set_vchannel },
  { "channelmap", get_channelmap, set_channelmap },
  { "filter", get_filter, set_filter },
  { "program", get_program, set_program },
  { "target", get_none, set_target },
  { "lockkey", get_lockkey, set_lockkey },
};

static char *
read_only (Call *call)
{
  return refuse (call, "ERROR: getset variable is read-only");
}

static char *
run_tuner_variable (Call *call, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (tuner_variables); i++) {
    if (strcmp (tuner_variables[i].name, name) != 0)
      continue;
    if (!call->request->is_set)
      return tuner_variables[i].get (call);
    if (!tuner_variables[i].set)
      return read_only (call);
    if (tuner_variables[i].set != set_lockkey && is_locked_out (call))
      return refuse_locked (call);
    return tuner_variables[i].set (call);
  }
  return refuse (call, UNKNOWN_VARIABLE);
}

/* As in status.json: sessions fill the tuners, oldest first. */
static const ForgeSessionInfo *
find_session (GPtrArray *sessions, guint index)
{
  const ForgeSessionInfo *session = index < sessions->len ? g_ptr_array_index (sessions, index)
                                                          : NULL;

  return session && session->viewers->len ? session : NULL;
}

/* Whoever uses a tuner keeps it alive; others' questions do not. */
static void
refresh_state (Call *call)
{
  TunerState *state = call->state;

  if (state->used_us && call->now_us - state->used_us > FORGE_HDHR_LOCK_TIMEOUT_US)
    tuner_state_clear (state);
  if (!state->owner || g_strcmp0 (state->owner, call->peer) == 0)
    state->used_us = call->now_us;
}

static char *
run_on_tuner (Call *call, const char *name)
{
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (call->self->tuner);

  if (call->index >= forge_hdhr_tuner_count (call->self->tuner))
    return refuse (call, UNKNOWN_VARIABLE);
  call->state = &call->self->tuners[call->index];
  call->session = find_session (sessions, call->index);
  refresh_state (call);
  return run_tuner_variable (call, name);
}

static char *
run_scan (Call *call)
{
  const char *value = call->request->value;

  if (call->request->is_set && strcmp (value, "start") != 0 && strcmp (value, "abort") != 0)
    return refuse (call, "ERROR: invalid value");
  return g_strdup_printf ("state=complete progress=100%% found=%u", call->self->channels);
}

static char *
run_on_system (Call *call)
{
  if (strcmp (call->request->name, "/lineup/scan") == 0)
    return run_scan (call);
  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    if (strcmp (fixed[i].name, call->request->name) == 0)
      return call->request->is_set ? read_only (call) : g_strdup (fixed[i].value);
  return refuse (call, UNKNOWN_VARIABLE);
}

/* "/tuner3/status": the number without leading zeros. NULL = not of a tuner. */
static const char *
split_tuner_name (const char *name, guint *index)
{
  const char *digits = name + strlen ("/tuner");
  char *end;
  guint64 number;

  if (!g_str_has_prefix (name, "/tuner") || !g_ascii_isdigit (*digits) ||
      (digits[0] == '0' && g_ascii_isdigit (digits[1])))
    return NULL;
  number = g_ascii_strtoull (digits, &end, 10);
  if (*end != '/')
    return NULL;
  *index = (guint)MIN (number, G_MAXUINT);
  return end + 1;
}

char *
forge_hdhr_variables_run (ForgeHdhrVariables *self,
                          const ForgeHdhrGetset *request,
                          const char *peer,
                          gint64 now_us,
                          gboolean *is_error)
{
  Call call = { .self = self,
                .request = request,
                .peer = peer,
                .now_us = now_us,
                .is_error = is_error };
  const char *name = split_tuner_name (request->name, &call.index);

  *is_error = FALSE;
  return name ? run_on_tuner (&call, name) : run_on_system (&call);
}
