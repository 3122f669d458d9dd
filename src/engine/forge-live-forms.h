/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeLiveForms: which accounts give live streams as playlists (.m3u8) only. Learned by trying,
 * and forgotten with the process. Thread: any.
 */
typedef struct _ForgeLiveForms ForgeLiveForms;

ForgeLiveForms *forge_live_forms_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_live_forms_free (ForgeLiveForms *forms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLiveForms, forge_live_forms_free)

gboolean forge_live_forms_is_playlist (ForgeLiveForms *forms, gint64 account_id);
void forge_live_forms_note (ForgeLiveForms *forms, gint64 account_id, gboolean is_playlist);

/* TRUE if this answer may mean "not in this form" (facts: 405 for a format that is not allowed,
 * 406, and, where playlists once worked, 404). */
gboolean forge_live_forms_is_refusal (gboolean was_playlist, guint http_status);

G_END_DECLS
