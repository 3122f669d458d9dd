/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-account.h"

#include <string.h>

static const char *const status_names[] = { "active", "expired",      "disabled",
                                            "banned", "unauthorized", "unreachable" };

const char *
forge_account_status_name (ForgeAccountStatus status)
{
  return (guint)status < G_N_ELEMENTS (status_names) ? status_names[status] : "unreachable";
}

ForgeAccountStatus
forge_account_status_parse (const char *name)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (status_names); i++)
    if (g_ascii_strcasecmp (name, status_names[i]) == 0)
      return (ForgeAccountStatus)i;
  return FORGE_ACCOUNT_UNREACHABLE;
}

static const char *const kind_names[] = { "xtream", "m3u" };

const char *
forge_account_kind_name (ForgeAccountKind kind)
{
  return (guint)kind < G_N_ELEMENTS (kind_names) ? kind_names[kind] : "xtream";
}

ForgeAccountKind
forge_account_kind_parse (const char *name)
{
  return g_strcmp0 (name, "m3u") == 0 ? FORGE_ACCOUNT_M3U : FORGE_ACCOUNT_XTREAM;
}

ForgeAccount *
forge_account_new (void)
{
  ForgeAccount *account = g_atomic_rc_box_new0 (ForgeAccount);

  account->enabled = TRUE;
  return account;
}

ForgeAccount *
forge_account_copy (const ForgeAccount *account)
{
  ForgeAccount *copy = forge_account_new ();

  *copy = *account;
  copy->name = g_strdup (account->name);
  copy->server = g_strdup (account->server);
  copy->username = g_strdup (account->username);
  copy->user_agent = g_strdup (account->user_agent);
  copy->proxy = g_strdup (account->proxy);
  copy->mirrors = g_strdupv (account->mirrors);
  copy->timezone = g_strdup (account->timezone);
  copy->status_text = g_strdup (account->status_text);
  return copy;
}

static void
account_clear (gpointer data)
{
  ForgeAccount *account = data;

  g_free (account->name);
  g_free (account->server);
  g_free (account->username);
  g_free (account->user_agent);
  g_free (account->proxy);
  g_strfreev (account->mirrors);
  g_free (account->timezone);
  g_free (account->status_text);
}

ForgeAccount *
forge_account_ref (ForgeAccount *account)
{
  return g_atomic_rc_box_acquire (account);
}

void
forge_account_unref (ForgeAccount *account)
{
  g_atomic_rc_box_release_full (account, account_clear);
}

int
forge_account_slots (const ForgeAccount *account)
{
  if (account->user_max_connections > 0)
    return account->user_max_connections;
  return MAX (account->panel_max_connections, 1);
}

gboolean
forge_account_is_usable (const ForgeAccount *account)
{
  return account->enabled && account->status == FORGE_ACCOUNT_ACTIVE;
}
