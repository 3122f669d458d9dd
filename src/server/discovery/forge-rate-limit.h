/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeRateLimit: how many datagrams a source may draw from us, so that nobody uses us to flood
 * somebody else under a forged address. A table of fixed size; sources that fall on the same slot
 * share its allowance. Thread: the owner's.
 */
typedef struct _ForgeRateLimit ForgeRateLimit;

/* Allowances refill evenly and never exceed one second's worth. */
ForgeRateLimit *forge_rate_limit_new (guint per_source_per_s, guint total_per_s)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_rate_limit_free (ForgeRateLimit *limit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeRateLimit, forge_rate_limit_free)

/* Takes one from the source's allowance and from the total. `now_us`: monotonic. */
gboolean forge_rate_limit_take (ForgeRateLimit *limit, GInetAddress *source, gint64 now_us);

G_END_DECLS
