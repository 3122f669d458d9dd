/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-audit.h"

struct _ForgeAudit {
  GHashTable *over; /* account id → times in a row that the provider counted more than we have */
};

ForgeAudit *
forge_audit_new (void)
{
  ForgeAudit *audit = g_new0 (ForgeAudit, 1);

  audit->over = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return audit;
}

void
forge_audit_free (ForgeAudit *audit)
{
  g_hash_table_unref (audit->over);
  g_free (audit);
}

static guint
times_over (const ForgeAudit *audit, gint64 account_id)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (audit->over, &account_id));
}

gboolean
forge_audit_note (ForgeAudit *audit, gint64 account_id, int ours, int theirs)
{
  guint times = times_over (audit, account_id);

  if (theirs <= ours) {
    g_hash_table_remove (audit->over, &account_id);
    return FALSE;
  }
  times = MIN (times + 1, FORGE_AUDIT_EVIDENCE + 1u);
  g_hash_table_replace (audit->over,
                        g_memdup2 (&account_id, sizeof account_id),
                        GUINT_TO_POINTER (times));
  return times == FORGE_AUDIT_EVIDENCE;
}

gboolean
forge_audit_is_shared (const ForgeAudit *audit, gint64 account_id)
{
  return times_over (audit, account_id) >= FORGE_AUDIT_EVIDENCE;
}
