/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-form.h"

#include "app/forge-engine-text.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

typedef struct {
  ForgeAppModel *model; /* NULL once it is closed */
  GtkGrid *grid;
  GtkWidget *message, *spinner, *ok;
  GCancellable *cancellable; /* while a call is on its way */
  gboolean is_complete;
  int rows;
} ForgeFormPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (ForgeForm, forge_form, GTK_TYPE_DIALOG)

static ForgeFormPrivate *
private_of (ForgeForm *self)
{
  return forge_form_get_instance_private (self);
}

static void
update_ok (ForgeFormPrivate *form)
{
  gtk_widget_set_sensitive (form->ok, form->is_complete && !form->cancellable);
}

static void
set_busy (ForgeFormPrivate *form, gboolean is_busy)
{
  g_clear_object (&form->cancellable);
  if (is_busy)
    form->cancellable = g_cancellable_new ();
  gtk_widget_set_sensitive (GTK_WIDGET (form->grid), !is_busy);
  gtk_widget_set_visible (form->spinner, is_busy);
  g_object_set (form->spinner, "active", is_busy, NULL);
  update_ok (form);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeForm) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  ForgeFormPrivate *form = private_of (self);

  if (!form->model)
    return;
  set_busy (form, FALSE);
  if (!answer)
    forge_form_say (self, error->message, TRUE);
  else if (FORGE_FORM_GET_CLASS (self)->done (self, answer))
    gtk_widget_destroy (GTK_WIDGET (self));
}

void
forge_form_call (ForgeForm *self, const char *method, const char *path, JsonNode *body)
{
  ForgeFormPrivate *form = private_of (self);

  forge_form_say (self, NULL, FALSE);
  set_busy (form, TRUE);
  forge_app_model_call (form->model,
                        method,
                        path,
                        body,
                        form->cancellable,
                        on_called,
                        g_object_ref (self));
}

gboolean
forge_form_is_busy (ForgeForm *self)
{
  return private_of (self)->cancellable != NULL;
}

ForgeAppModel *
forge_form_get_model (ForgeForm *self)
{
  return private_of (self)->model;
}

GtkWidget *
forge_form_add (ForgeForm *self, const char *label, GtkWidget *widget)
{
  ForgeFormPrivate *form = private_of (self);
  GtkWidget *text = gtk_label_new_with_mnemonic (label);

  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (text), widget);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_grid_attach (form->grid, text, 0, form->rows, 1, 1);
  gtk_grid_attach (form->grid, widget, 1, form->rows++, 1, 1);
  return widget;
}

void
forge_form_add_wide (ForgeForm *self, GtkWidget *widget)
{
  ForgeFormPrivate *form = private_of (self);

  gtk_grid_attach (form->grid, widget, 0, form->rows++, 2, 1);
}

void
forge_form_set_complete (ForgeForm *self, gboolean is_complete)
{
  ForgeFormPrivate *form = private_of (self);

  form->is_complete = is_complete;
  update_ok (form);
}

void
forge_form_set_ok_label (ForgeForm *self, const char *label)
{
  gtk_button_set_label (GTK_BUTTON (private_of (self)->ok), label);
}

void
forge_form_say (ForgeForm *self, const char *text, gboolean is_error)
{
  ForgeFormPrivate *form = private_of (self);
  GtkStyleContext *style = gtk_widget_get_style_context (form->message);
  g_autofree char *shown = forge_engine_text (text);

  if (is_error)
    gtk_style_context_add_class (style, "forge-warning");
  else
    gtk_style_context_remove_class (style, "forge-warning");
  gtk_label_set_text (GTK_LABEL (form->message), shown);
  gtk_widget_set_visible (form->message, *shown != '\0');
}

void
forge_form_present (ForgeForm *self)
{
  ForgeFormPrivate *form = private_of (self);

  gtk_widget_show_all (GTK_WIDGET (form->grid));
  gtk_window_present (GTK_WINDOW (self));
}

static void
on_response (ForgeForm *self, int response)
{
  ForgeFormPrivate *form = private_of (self);

  if (response != GTK_RESPONSE_OK) {
    g_cancellable_cancel (form->cancellable);
    gtk_widget_destroy (GTK_WIDGET (self));
  } else if (!form->cancellable) {
    FORGE_FORM_GET_CLASS (self)->send (self);
  }
}

static gboolean
close_when_done (ForgeForm *self, JsonNode *answer)
{
  return TRUE;
}

static void
forge_form_dispose (GObject *object)
{
  ForgeFormPrivate *form = private_of (FORGE_FORM (object));

  g_cancellable_cancel (form->cancellable);
  g_clear_object (&form->cancellable);
  g_clear_object (&form->model);
  G_OBJECT_CLASS (forge_form_parent_class)->dispose (object);
}

static void
forge_form_class_init (ForgeFormClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_form_dispose;
  klass->done = close_when_done;
}

static void
forge_form_init (ForgeForm *self)
{
}

/* The rest of construction: "use-header-bar" is set at construction only. */
static void
build (ForgeForm *self, const char *ok_label)
{
  ForgeFormPrivate *form = private_of (self);
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (self));

  form->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_row_spacing (form->grid, 9);
  gtk_grid_set_column_spacing (form->grid, 12);
  form->message = forge_ui_label (NULL, NULL);
  gtk_label_set_max_width_chars (GTK_LABEL (form->message), 48);
  form->spinner = gtk_spinner_new ();
  gtk_container_set_border_width (GTK_CONTAINER (content), 18);
  gtk_box_set_spacing (GTK_BOX (content), 12);
  gtk_container_add (GTK_CONTAINER (content), GTK_WIDGET (form->grid));
  gtk_container_add (GTK_CONTAINER (content), form->message);
  gtk_container_add (GTK_CONTAINER (content), form->spinner);
  gtk_dialog_add_button (GTK_DIALOG (self), _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  form->ok = gtk_dialog_add_button (GTK_DIALOG (self), ok_label, GTK_RESPONSE_OK);
  gtk_widget_set_sensitive (form->ok, FALSE);
  gtk_dialog_set_default_response (GTK_DIALOG (self), GTK_RESPONSE_OK);
  gtk_style_context_add_class (gtk_widget_get_style_context (form->ok), "suggested-action");
  g_signal_connect (self, "response", G_CALLBACK (on_response), NULL);
}

gpointer
forge_form_create (GType type,
                   ForgeAppModel *model,
                   GtkWindow *parent,
                   const char *title,
                   const char *ok_label)
{
  ForgeForm *self = g_object_new (type,
                                  "use-header-bar",
                                  TRUE,
                                  "title",
                                  title,
                                  "modal",
                                  TRUE,
                                  "transient-for",
                                  parent,
                                  "destroy-with-parent",
                                  TRUE,
                                  "resizable",
                                  FALSE,
                                  NULL);

  private_of (self)->model = g_object_ref (model);
  build (self, ok_label);
  return self;
}
