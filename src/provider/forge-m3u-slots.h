/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-secrets.h"

G_BEGIN_DECLS

/**
 * ForgeM3uSlots: the credentials in the addresses of one M3U account, kept in ForgeSecrets; the
 * database holds references, "<1f>CHUNK.INDEX<1f>". Most lists have one user and one password in
 * all of their addresses, so that is two slots. docs/decisions/008.
 *
 * Slots that stored addresses name are not given again before the next refresh, so a crash between
 * the two writes leaves every stored address valid.
 */
typedef struct _ForgeM3uSlots ForgeM3uSlots;

/* A chunk is one secret "m3u/<account id>/<n>". */
#define FORGE_M3U_SLOT_CHUNKS      64
#define FORGE_M3U_SLOT_CHUNK_BYTES 4000

ForgeM3uSlots *forge_m3u_slots_load (ForgeSecrets *secrets,
                                     gint64 account_id,
                                     GCancellable *cancellable,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_m3u_slots_free (ForgeM3uSlots *slots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeM3uSlots, forge_m3u_slots_free)

/* Spares the slots that a stored address names. Before the first forge_m3u_slots_close (). */
void forge_m3u_slots_spare (ForgeM3uSlots *slots, const char *stored);
/* The open URL (forge-m3u-url.h) with references in place of its marks; NULL when there is no room
 * for its secrets. (transfer full) */
char *forge_m3u_slots_close (ForgeM3uSlots *slots, const char *open, const GPtrArray *secrets)
    G_GNUC_WARN_UNUSED_RESULT;
/* Writes the chunks that changed. */
gboolean forge_m3u_slots_save (ForgeM3uSlots *slots, GCancellable *cancellable, GError **error);

/* The address with its credentials again; free it with forge_secret_free (). NOT_FOUND or INVALID
 * when what it names is gone. */
char *forge_m3u_slots_resolve (ForgeSecrets *secrets,
                               gint64 account_id,
                               const char *stored,
                               GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All of the account's; best effort. */
void forge_m3u_slots_forget (ForgeSecrets *secrets, gint64 account_id);

G_END_DECLS
