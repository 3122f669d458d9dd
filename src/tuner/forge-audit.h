/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeAudit: compares what providers count with what we have open, and tells when somebody else
 * must be using an account. Role: control.
 */
typedef struct _ForgeAudit ForgeAudit;

/* In a row: panels go on counting what was closed, some for minutes. */
#define FORGE_AUDIT_EVIDENCE 3

ForgeAudit *forge_audit_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_audit_free (ForgeAudit *audit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAudit, forge_audit_free)

/* TRUE if it just became certain that somebody else uses the account. */
gboolean forge_audit_note (ForgeAudit *audit, gint64 account_id, int ours, int theirs);
gboolean forge_audit_is_shared (const ForgeAudit *audit, gint64 account_id);

G_END_DECLS
