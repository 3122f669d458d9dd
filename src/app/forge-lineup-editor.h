/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"
#include "app/forge-deed.h"

G_BEGIN_DECLS

/**
 * ForgeLineupEditor: carries out the user's deeds on channels one after the other and takes them
 * back. A call that fails becomes a notice, and what was to be taken back is forgotten from there
 * on. Signal "changed": what can be undone is another. Role: ui.
 */
#define FORGE_TYPE_LINEUP_EDITOR (forge_lineup_editor_get_type ())
G_DECLARE_FINAL_TYPE (ForgeLineupEditor, forge_lineup_editor, FORGE, LINEUP_EDITOR, GObject)

ForgeLineupEditor *forge_lineup_editor_new (ForgeAppModel *model) G_GNUC_WARN_UNUSED_RESULT;

/* Takes `deed`; NULL does nothing. */
void forge_lineup_editor_do (ForgeLineupEditor *self, ForgeDeed *deed);
void forge_lineup_editor_undo (ForgeLineupEditor *self);
void forge_lineup_editor_redo (ForgeLineupEditor *self);
/* The deed's name; NULL = there is none. Returns: (transfer none), until "changed". */
const char *forge_lineup_editor_get_undo_name (ForgeLineupEditor *self);
const char *forge_lineup_editor_get_redo_name (ForgeLineupEditor *self);
/* All that was asked for is done. */
gboolean forge_lineup_editor_is_idle (ForgeLineupEditor *self);

G_END_DECLS
