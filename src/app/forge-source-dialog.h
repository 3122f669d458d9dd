/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-form.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeSourceDialog: asks for what a new account, another login or a new guide needs and stays open
 * until it worked or was cancelled; what went wrong is said in it. Role: ui.
 */
#define FORGE_TYPE_SOURCE_DIALOG (forge_source_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ForgeSourceDialog, forge_source_dialog, FORGE, SOURCE_DIALOG, ForgeForm)

/* All show the dialog and return at once; it destroys itself. */
void forge_source_dialog_add_account (ForgeAppModel *model, GtkWindow *parent);
void forge_source_dialog_add_list (ForgeAppModel *model, GtkWindow *parent);
void
forge_source_dialog_replace (ForgeAppModel *model, GtkWindow *parent, const ForgeAccount *account);
void forge_source_dialog_add_guide (ForgeAppModel *model, GtkWindow *parent);

G_END_DECLS
