/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-finding-fix.h"

#include "engine/forge-problems.h"

#include <glib/gi18n.h>

#include <stdlib.h>
#include <string.h>

#define SHOW_CHANNELS .label = N_ ("Show channels"), .page = "channels"
#define SETTING(key)  .label = N_ ("Settings"), .page = "settings", .detail = key
#define SHOW_DEVICE   .label = N_ ("Show device"), .page = "settings", .detail = "devices"
#define REPLACE       .label = N_ ("Change login…"), .page = "sources", .detail = "replace:"
#define TEST_LOGIN    .label = N_ ("Test login"), .page = "sources", .detail = "test:"
#define REFRESH       .label = N_ ("Refresh"), .page = "sources", .detail = "refresh:"
#define DOCTOR        .label = N_ ("Check the tuner"), .page = "doctor"

static const ForgeFindingFix fixes[] = {
  /* problems */
  { "no-account", .label = N_ ("Add account"), .page = "welcome" },
  { "account-N-status", REPLACE },
  { "account-N-status", TEST_LOGIN },
  { "account-N-expiry", TEST_LOGIN },
  { "account-N-expiry", REPLACE },
  { "account-N-refresh", REFRESH },
  { "account-N-shared", .label = N_ ("Show sessions"), .page = "sessions" },
  { "account-N-shared", REPLACE },
  { "refresh-N-held", .label = N_ ("Look at it"), .page = "sources" },
  { "guide-N-refresh", REFRESH },
  { "guide-N-shift",
    .label = N_ ("Correct times"),
    .method = "PATCH",
    .path = "/v1/guides/%ID",
    .member = "shift",
    .value = "suggested",
    .done = N_ ("The guide’s times are corrected.") },
  { "guide-short", REFRESH },
  { "lineup-empty", SHOW_CHANNELS },
  { "lineup-plex-limit", SHOW_DEVICE },
  { "device-N-plex-limit", SHOW_DEVICE },
  { "device-N-port", SHOW_DEVICE },
  { "discovery-off", DOCTOR },
  { "discovery-off", SETTING ("discovery") },
  { "ssdp-off", SETTING ("ssdp") },
  { "port-N", DOCTOR },
  /* steps of the doctor */
  { "account-N", TEST_LOGIN },
  { "guide-none", .label = N_ ("Show guides"), .page = "sources" },
  { "guide-gaps", REFRESH },
  { "guide-holes", REFRESH },
  { "guide-document", SETTING ("guide_days") },
  { "lineup-size", SHOW_DEVICE },
  { "lineup-document", SHOW_CHANNELS },
  { "without-stream", SHOW_CHANNELS },
  { "duplicate-numbers", SHOW_CHANNELS },
  { "bind", SETTING ("bind") },
  { "interface", SETTING ("bind") },
  { "discovery", SETTING ("discovery") },
  { "stream", .label = N_ ("Show sessions"), .page = "sessions" },
};

guint
forge_finding_fixes (const char *id, const ForgeFindingFix *found[FORGE_FINDING_MAX_FIXES])
{
  g_autofree char *kind = forge_problem_kind (id);
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (fixes) && n < FORGE_FINDING_MAX_FIXES; i++)
    if (strcmp (fixes[i].kind, kind) == 0)
      found[n++] = &fixes[i];
  return n;
}

char *
forge_finding_fix_detail (const ForgeFindingFix *fix, const char *id)
{
  if (!fix->detail)
    return g_strdup (id);
  return g_str_has_suffix (fix->detail, ":") ? g_strconcat (fix->detail, id, NULL)
                                             : g_strdup (fix->detail);
}

char *
forge_finding_fix_path (const ForgeFindingFix *fix, const char *id)
{
  const char *digits = id + strcspn (id, "0123456789");
  g_autofree char *number = g_strdup_printf ("%d", atoi (digits));
  g_auto (GStrv) pieces = g_strsplit (fix->path, "%ID", 2);

  return g_strjoinv (number, pieces);
}
