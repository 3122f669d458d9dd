/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/doctor/forge-doctor-private.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-guide.h"

/* What there is to watch: accounts, lineup, guide. */

#define DAY_S 86400
/* Shorter holes are breaks that guides leave out. */
#define HOLE_S       3600
#define NAMES_SHOWN  3
#define SOON_EXPIRED (7 * DAY_S)

#define ASK_ACCOUNT "Try account test; renew the subscription, or replace the account."
#define ASK_NETWORK "Is the internet there, and the address right? Try account test."

static void
add_refused (ForgeDoctor *doctor, const char *id, const ForgeAccount *account)
{
  forge_doctor_add (doctor,
                    id,
                    FORGE_CHECK_ERROR,
                    NULL,
                    g_strdup_printf ("The provider refuses account “%s”: %s%s%s",
                                     account->name,
                                     forge_account_status_name (account->status),
                                     account->status_text ? ", " : "",
                                     account->status_text ? account->status_text : ""),
                    account->status == FORGE_ACCOUNT_UNREACHABLE ? ASK_NETWORK : ASK_ACCOUNT);
}

/* The login of this moment failed: with whose fault? */
static void
add_failure (ForgeDoctor *doctor,
             const char *id,
             const ForgeAccount *account,
             const GError *failure)
{
  forge_doctor_add (
      doctor,
      id,
      FORGE_CHECK_ERROR,
      NULL,
      g_strdup_printf ("The provider refuses account “%s”: %s", account->name, failure->message),
      g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_AUTH) ? ASK_ACCOUNT : ASK_NETWORK);
}

/* Nothing plays here, and the provider says that every connection is in use. */
static gboolean
is_used_elsewhere (const ForgeDoctor *doctor, const ForgeAccount *account)
{
  return doctor->tuners_used == 0 && account->active_connections > 0 &&
         account->active_connections >= forge_account_slots (account);
}

static void
judge_account (ForgeDoctor *doctor, const char *id, const ForgeAccount *account, gint64 now_s)
{
  gint64 left_s = account->expires_at - now_s;

  if (account->status != FORGE_ACCOUNT_ACTIVE)
    add_refused (doctor, id, account);
  else if (is_used_elsewhere (doctor, account))
    forge_doctor_add (doctor,
                      id,
                      FORGE_CHECK_WARNING,
                      NULL,
                      g_strdup_printf ("Someone else is using account “%s”", account->name),
                      "The provider counts more streams than play here. Find the other device, or "
                      "change the password.");
  else if (account->expires_at > 0 && left_s < SOON_EXPIRED)
    forge_doctor_add (doctor,
                      id,
                      FORGE_CHECK_WARNING,
                      NULL,
                      g_strdup_printf ("Account “%s” expires in %d days",
                                       account->name,
                                       (int)MAX (left_s / DAY_S, 0)),
                      "Renew the subscription with the provider.");
  else
    forge_doctor_add (doctor,
                      id,
                      FORGE_CHECK_OK,
                      NULL,
                      g_strdup_printf ("Account “%s” is active with %d connections and %d channels",
                                       account->name,
                                       forge_account_slots (account),
                                       account->streams),
                      NULL);
}

/* The provider is asked now: what the last refresh knew may be a day old. */
static void
check_account (ForgeDoctor *doctor, const ForgeAccount *account, gint64 now_s)
{
  g_autofree char *id = g_strdup_printf ("account-%" G_GINT64_FORMAT, account->id);
  g_autoptr (GError) failure = NULL;
  g_autoptr (ForgeAccount) fresh = forge_ops_test_account (doctor->ops, account->id, &failure);

  if (!fresh) {
    add_failure (doctor, id, account, failure);
    return;
  }
  doctor->is_used_elsewhere |= is_used_elsewhere (doctor, fresh);
  judge_account (doctor, id, fresh, now_s);
}

void
forge_doctor_check_accounts (ForgeDoctor *doctor)
{
  gint64 now_s = forge_clock_wall_s (doctor->ops->engine->clock);
  guint enabled = 0;

  for (guint i = 0; i < doctor->snapshot->accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (doctor->snapshot->accounts, i);
    if (!account->enabled)
      continue;
    enabled++;
    check_account (doctor, account, now_s);
  }
  if (!enabled)
    forge_doctor_add (doctor,
                      "no-account",
                      FORGE_CHECK_ERROR,
                      NULL,
                      g_strdup ("There is no account that is switched on"),
                      "Add the Xtream account of your provider.");
}

static gboolean
has_source (const ForgeChannel *channel)
{
  for (guint i = 0; i < channel->candidates->len; i++)
    if (forge_channel_candidate (channel, i)->stream->available)
      return TRUE;
  return FALSE;
}

/* Without a stream clients show a channel that never plays; with a number given twice, one of two.
 */
static void
check_channels (ForgeDoctor *doctor)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_direct_hash, g_direct_equal);
  const ForgeLineup *lineup = doctor->snapshot->lineup;
  guint twice = 0, without = 0;

  for (guint i = 0; i < forge_lineup_size (lineup); i++) {
    const ForgeChannel *channel = forge_lineup_channel (lineup, i);
    twice += !g_hash_table_add (numbers, GINT_TO_POINTER (channel->number));
    without += !has_source (channel);
  }
  if (twice)
    forge_doctor_add (doctor,
                      "duplicate-numbers",
                      FORGE_CHECK_ERROR,
                      NULL,
                      g_strdup_printf ("%u numbers are given twice; clients show one of the two",
                                       twice),
                      "Give them other numbers: channel number ID N.");
  if (without)
    forge_doctor_add (doctor,
                      "without-stream",
                      FORGE_CHECK_WARNING,
                      NULL,
                      g_strdup_printf ("%u channels have no stream and never play", without),
                      "See channel list --unmatched; give them a stream or switch them off.");
}

static void
check_size (ForgeDoctor *doctor, const ForgeDeviceView *view)
{
  guint size = forge_lineup_size (view->lineup);
  gboolean is_too_large = size > FORGE_PLEX_MAX_CHANNELS &&
                          forge_doctor_is_for (doctor, FORGE_DOCTOR_PLEX);
  g_autofree char *fix =
      is_too_large ? g_strdup_printf ("device set %" G_GINT64_FORMAT
                                      " limit=%d, or a device for Plex alone: device add --name "
                                      "\"For Plex\" limit=%d.",
                                      view->device->id,
                                      FORGE_PLEX_MAX_CHANNELS,
                                      FORGE_PLEX_MAX_CHANNELS)
      : size == 0  ? g_strdup ("Switch channels on, run match run, or choose other groups.")
                   : NULL;

  forge_doctor_add (doctor,
                    "lineup-size",
                    size == 0                             ? FORGE_CHECK_ERROR
                    : !is_too_large                       ? FORGE_CHECK_OK
                    : doctor->client == FORGE_DOCTOR_PLEX ? FORGE_CHECK_WARNING
                                                          : FORGE_CHECK_INFO,
                    NULL,
                    g_strdup_printf ("“%s” shows %u channels%s",
                                     view->device->name,
                                     size,
                                     is_too_large ? "; Plex takes 480" : ""),
                    fix);
}

void
forge_doctor_check_lineup (ForgeDoctor *doctor)
{
  for (guint i = 0; i < doctor->snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (doctor->snapshot->devices, i);
    if (view->device->enabled)
      check_size (doctor, view);
  }
  check_channels (doctor);
}

/* The guide of one channel for the next day. */
typedef struct {
  gint64 from, reached; /* what is covered without a hole from `from` on */
  gboolean has_hole;
} Coverage;

static gboolean
cover (const ForgeProgrammeRow *row, gpointer user_data)
{
  Coverage *coverage = user_data;

  if (row->start > coverage->reached + HOLE_S)
    coverage->has_hole = TRUE;
  coverage->reached = MAX (coverage->reached, row->stop);
  return TRUE;
}

typedef enum { GUIDE_FULL, GUIDE_NONE, GUIDE_EMPTY, GUIDE_SHORT, GUIDE_HOLES } GuideState;

static GuideState
judge_channel (ForgeDoctor *doctor, const ForgeChannel *channel, gint64 now_s)
{
  Coverage coverage = { .from = now_s, .reached = now_s };
  gint64 guide = channel->has_guide ? forge_store_channel_guide (doctor->ops->store, channel->id)
                                    : 0;

  if (!guide)
    return GUIDE_NONE;
  forge_store_each_programme (doctor->ops->store,
                              guide,
                              now_s,
                              now_s + DAY_S,
                              cover,
                              &coverage,
                              NULL);
  if (coverage.reached == now_s)
    return GUIDE_EMPTY;
  if (coverage.has_hole)
    return GUIDE_HOLES;
  return coverage.reached < now_s + DAY_S - HOLE_S ? GUIDE_SHORT : GUIDE_FULL;
}

typedef struct {
  guint count;
  GString *names;
} Group;

static void
note_channel (Group *group, const ForgeChannel *channel)
{
  if (group->count++ < NAMES_SHOWN)
    g_string_append_printf (group->names, "%s%s", group->names->len ? ", " : "", channel->name);
  else if (group->count == NAMES_SHOWN + 1)
    g_string_append (group->names, " …");
}

static void
report_gaps (ForgeDoctor *doctor, const Group *groups, guint size)
{
  static const struct {
    const char *id, *text, *fix;
    ForgeCheckState state;
  } meanings[] = {
    [GUIDE_FULL] = { "guide", "have a guide for the next 24 hours", NULL, FORGE_CHECK_OK },
    [GUIDE_NONE] = { "guide-none",
                     "have no guide, only placeholders",
                     "Add a guide that knows them (guide add), or pick their guide channel by hand.",
                     FORGE_CHECK_INFO },
    [GUIDE_EMPTY] = { "guide-gaps",
                      "belong to a guide that says nothing about now or the next 24 hours",
                      "Refresh the guide (guide refresh), correct its shift, or add another one.",
                      FORGE_CHECK_WARNING },
    [GUIDE_SHORT] = { "guide-short",
                      "have a guide that ends within the next 24 hours",
                      "Refresh the guide (guide refresh) or add another one.",
                      FORGE_CHECK_WARNING },
    [GUIDE_HOLES] = { "guide-holes",
                      "have holes of more than an hour in the next 24 hours",
                      "Refresh the guide (guide refresh) or add another one.",
                      FORGE_CHECK_WARNING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (groups[i].count)
      forge_doctor_add (doctor,
                        meanings[i].id,
                        meanings[i].state,
                        NULL,
                        g_strdup_printf ("%u of %u channels %s%s%s",
                                         groups[i].count,
                                         size,
                                         meanings[i].text,
                                         i == GUIDE_FULL ? "" : ": ",
                                         i == GUIDE_FULL ? "" : groups[i].names->str),
                        meanings[i].fix);
}

void
forge_doctor_check_guide (ForgeDoctor *doctor)
{
  gint64 now_s = forge_clock_wall_s (doctor->ops->engine->clock);
  const ForgeLineup *lineup = doctor->snapshot->lineup;
  Group groups[GUIDE_HOLES + 1];

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    groups[i] = (Group){ 0, g_string_new (NULL) };
  for (guint i = 0; i < forge_lineup_size (lineup); i++) {
    const ForgeChannel *channel = forge_lineup_channel (lineup, i);
    note_channel (&groups[judge_channel (doctor, channel, now_s)], channel);
  }
  report_gaps (doctor, groups, forge_lineup_size (lineup));
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    g_string_free (groups[i].names, TRUE);
}
