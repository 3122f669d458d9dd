/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-problems.h"

#include <string.h>

#define EXPIRY_WARNING_S    (7 * 86400)
#define GUIDE_WARNING_HOURS 24

const char *const forge_problem_kinds[] = {
  "no-account",
  "account-N-status",
  "account-N-expiry",
  "account-N-refresh",
  "account-N-shared",
  "refresh-N-held",
  "guide-N-refresh",
  "guide-N-shift",
  "guide-short",
  "lineup-empty",
  "lineup-plex-limit",
  "device-N-plex-limit",
  "device-N-port",
  "discovery-off",
  "ssdp-off",
  "port-N",
  NULL,
};

static gboolean
is_number (const char *text)
{
  return *text && !text[strspn (text, "0123456789")];
}

char *
forge_problem_kind (const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, "-", -1);

  for (char **part = parts; *part; part++)
    if (is_number (*part)) {
      g_free (*part);
      *part = g_strdup ("N");
    }
  return g_strjoinv ("-", parts);
}

static gboolean
is_known (const char *id)
{
  g_autofree char *kind = forge_problem_kind (id);

  return g_strv_contains (forge_problem_kinds, kind);
}

static void
problem_free (gpointer data)
{
  ForgeProblem *problem = data;

  g_free (problem->id);
  g_free (problem->text);
  g_free (problem->fix);
  g_free (problem);
}

/* Takes over id, text and fix. */
static void
add (GPtrArray *problems, const char *severity, char *id, char *text, char *fix)
{
  ForgeProblem *problem = g_new0 (ForgeProblem, 1);

  g_warn_if_fail (is_known (id));
  problem->severity = severity;
  problem->id = id;
  problem->text = text;
  problem->fix = fix;
  g_ptr_array_add (problems, problem);
}

/* NULL if nothing of this account or guide (the other one is 0) is held back. */
static const ForgeRefresh *
find_held (const ForgeSnapshot *snapshot, gint64 account_id, gint64 source_id)
{
  for (guint i = 0; snapshot->held && i < snapshot->held->len; i++) {
    const ForgeRefresh *refresh = g_ptr_array_index (snapshot->held, i);
    if (refresh->account_id == account_id && refresh->source_id == source_id)
      return refresh;
  }
  return NULL;
}

static void
add_held (GPtrArray *problems, const ForgeRefresh *refresh)
{
  add (problems,
       "warning",
       g_strdup_printf ("refresh-%" G_GINT64_FORMAT "-held", refresh->id),
       g_strdup_printf ("A refresh of “%s” was held back: %s", refresh->name, refresh->summary),
       g_strdup_printf ("Nothing has changed so far. Look at it with “streamforgectl refresh show "
                        "%" G_GINT64_FORMAT
                        "”; if it is right, “streamforgectl refresh apply %" G_GINT64_FORMAT
                        "” applies it.",
                        refresh->id,
                        refresh->id));
}

static void
check_account_status (GPtrArray *problems, const ForgeAccount *account, const ForgeRefresh *held)
{
  if (account->status != FORGE_ACCOUNT_ACTIVE) {
    add (
        problems,
        "error",
        g_strdup_printf ("account-%" G_GINT64_FORMAT "-status", account->id),
        g_strdup_printf ("Account “%s” is %s%s%s",
                         account->name,
                         forge_account_status_name (account->status),
                         account->status_text ? ": " : "",
                         account->status_text ? account->status_text : ""),
        g_strdup (
            "Check the login with “account test”, renew the subscription, or replace the account."));
  } else if (held) {
    add_held (problems, held);
  } else if (account->status_text) {
    add (problems,
         "warning",
         g_strdup_printf ("account-%" G_GINT64_FORMAT "-refresh", account->id),
         g_strdup_printf ("The last refresh of “%s” changed nothing: %s",
                          account->name,
                          account->status_text),
         g_strdup ("The lineup of before is kept. Refresh again later, or apply it all the same."));
  }
}

static void
check_account (GPtrArray *problems,
               const ForgeSnapshot *snapshot,
               const ForgeAccount *account,
               gint64 now_s)
{
  if (!account->enabled)
    return;
  check_account_status (problems, account, find_held (snapshot, account->id, 0));
  gint64 left_s = account->expires_at - now_s;
  if (account->status == FORGE_ACCOUNT_ACTIVE && account->expires_at > 0 &&
      left_s < EXPIRY_WARNING_S)
    add (problems,
         "warning",
         g_strdup_printf ("account-%" G_GINT64_FORMAT "-expiry", account->id),
         g_strdup_printf ("Account “%s” expires in %d days",
                          account->name,
                          (int)MAX (left_s / 86400, 0)),
         g_strdup ("Renew the subscription with the provider."));
}

static void
check_shift (GPtrArray *problems, const ForgeGuideSource *source)
{
  int off_minutes = source->suggested_shift_minutes - source->shift_minutes;

  if (source->enabled && off_minutes != 0)
    add (problems,
         "warning",
         g_strdup_printf ("guide-%" G_GINT64_FORMAT "-shift", source->id),
         g_strdup_printf ("The times of guide “%s” are %d h %s those of your other guides",
                          source->name,
                          ABS (off_minutes) / 60,
                          off_minutes > 0 ? "before" : "behind"),
         g_strdup_printf ("If the other guide is right, “streamforgectl guide set %" G_GINT64_FORMAT
                          " shift=%d” corrects them.",
                          source->id,
                          source->suggested_shift_minutes));
}

static void
check_guides (GPtrArray *problems, const ForgeSnapshot *snapshot, gint64 now_s)
{
  for (guint i = 0; i < snapshot->guides->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (snapshot->guides, i);
    const ForgeRefresh *held = source->enabled ? find_held (snapshot, 0, source->id) : NULL;
    if (held)
      add_held (problems, held);
    else if (source->enabled && source->status_text)
      add (problems,
           "warning",
           g_strdup_printf ("guide-%" G_GINT64_FORMAT "-refresh", source->id),
           g_strdup_printf ("Guide “%s” was not updated: %s", source->name, source->status_text),
           g_strdup (
               "The guide of before is kept. Check the address, or wait for the next refresh."));
  }
  for (guint i = 0; i < snapshot->guides->len; i++)
    check_shift (problems, g_ptr_array_index (snapshot->guides, i));
  if (snapshot->guide.programmes > 0 &&
      snapshot->guide.last_stop < now_s + GUIDE_WARNING_HOURS * 3600)
    add (problems,
         "warning",
         g_strdup ("guide-short"),
         g_strdup_printf ("The guide ends in less than %d hours", GUIDE_WARNING_HOURS),
         g_strdup ("Refresh the guides, or add another one."));
}

/* Each device has a lineup of its own. */
static void
check_device (GPtrArray *problems, const ForgeDeviceView *view)
{
  guint size = forge_lineup_size (view->lineup);

  if (view->device->enabled && size > FORGE_PLEX_MAX_CHANNELS)
    add (problems,
         "info",
         view->device->id == FORGE_DEVICE_MAIN
             ? g_strdup ("lineup-plex-limit")
             : g_strdup_printf ("device-%" G_GINT64_FORMAT "-plex-limit", view->device->id),
         g_strdup_printf ("“%s” shows %u channels; Plex takes 480", view->device->name, size),
         g_strdup_printf ("device set %" G_GINT64_FORMAT " limit=%d, or a device for Plex alone: "
                          "device add --name \"For Plex\" limit=%d.",
                          view->device->id,
                          FORGE_PLEX_MAX_CHANNELS,
                          FORGE_PLEX_MAX_CHANNELS));
}

static void
check_lineup (GPtrArray *problems, const ForgeSnapshot *snapshot)
{
  for (guint i = 0; snapshot->devices && i < snapshot->devices->len; i++)
    check_device (problems, g_ptr_array_index (snapshot->devices, i));
  if (snapshot->channels_total > 0 && snapshot->channels_enabled == 0)
    add (problems,
         "warning",
         g_strdup ("lineup-empty"),
         g_strdup ("No channel is switched on"),
         g_strdup ("Switch channels on, or run the matching again."));
}

GPtrArray *
forge_problems_find (const ForgeSnapshot *snapshot, gint64 now_s)
{
  GPtrArray *problems = g_ptr_array_new_with_free_func (problem_free);

  if (snapshot->accounts->len == 0)
    add (problems,
         "info",
         g_strdup ("no-account"),
         g_strdup ("There is no account yet"),
         g_strdup ("Add the Xtream account of your provider."));
  for (guint i = 0; i < snapshot->accounts->len; i++)
    check_account (problems, snapshot, g_ptr_array_index (snapshot->accounts, i), now_s);
  check_guides (problems, snapshot, now_s);
  check_lineup (problems, snapshot);
  return problems;
}

void
forge_problems_add_discovery (GPtrArray *problems, GPtrArray *found)
{
  for (guint i = 0; i < found->len; i++) {
    const ForgeDiscoveryProblem *problem = g_ptr_array_index (found, i);
    add (problems,
         problem->severity,
         g_strdup (problem->id),
         g_strdup (problem->text),
         g_strdup (problem->fix));
  }
}

void
forge_problems_add_shared (GPtrArray *problems, const ForgeAccount *account)
{
  add (problems,
       "warning",
       g_strdup_printf ("account-%" G_GINT64_FORMAT "-shared", account->id),
       g_strdup_printf ("Someone else is using account “%s”", account->name),
       g_strdup (
           "The provider counts more streams than play here. Find the other device, or change "
           "the password."));
}
