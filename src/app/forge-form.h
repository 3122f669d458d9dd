/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeForm: a dialog of labelled controls whose answer is a call of /v1. It stays, with the
 * reason, until the call succeeds; closing it meanwhile cancels the call. Role: ui.
 */
#define FORGE_TYPE_FORM (forge_form_get_type ())
G_DECLARE_DERIVABLE_TYPE (ForgeForm, forge_form, FORGE, FORM, GtkDialog)

struct _ForgeFormClass {
  GtkDialogClass parent_class;
  /* The user agrees: ends with forge_form_call (). */
  void (*send) (ForgeForm *self);
  /* The call succeeded. FALSE = the dialog stays. */
  gboolean (*done) (ForgeForm *self, JsonNode *answer);
};

/* One of type `type`, not yet shown. Returns: (transfer none), owned by GTK. */
gpointer forge_form_create (GType type,
                            ForgeAppModel *model,
                            GtkWindow *parent,
                            const char *title,
                            const char *ok_label);
/* NULL once it is closed. */
ForgeAppModel *forge_form_get_model (ForgeForm *self);
/* A row: a label with a mnemonic, and what it belongs to. Returns: `widget`. */
GtkWidget *forge_form_add (ForgeForm *self, const char *label, GtkWidget *widget);
/* A row without a label. */
void forge_form_add_wide (ForgeForm *self, GtkWidget *widget);
/* Whether all is there that the call needs. */
void forge_form_set_complete (ForgeForm *self, gboolean is_complete);
void forge_form_set_ok_label (ForgeForm *self, const char *label);
/* What the engine says, below the controls; NULL = nothing. */
void forge_form_say (ForgeForm *self, const char *text, gboolean is_error);
/* Takes `body`. */
void forge_form_call (ForgeForm *self, const char *method, const char *path, JsonNode *body);
gboolean forge_form_is_busy (ForgeForm *self);
void forge_form_present (ForgeForm *self);

G_END_DECLS
