/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-doctor-dialog.h"

#include "app/forge-engine-text.h"
#include "app/forge-finding-row.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#define WIDTH_PX  640
#define HEIGHT_PX 520

#define FORGE_TYPE_DOCTOR_DIALOG (forge_doctor_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ForgeDoctorDialog, forge_doctor_dialog, FORGE, DOCTOR_DIALOG, GtkDialog)

struct _ForgeDoctorDialog {
  GtkDialog parent;
  ForgeAppModel *model; /* NULL once it is closed */
  GtkComboBox *client;
  GtkLabel *headline;
  GtkWidget *again, *spinner, *list;
  GCancellable *cancellable; /* while it looks */
};

G_DEFINE_FINAL_TYPE (ForgeDoctorDialog, forge_doctor_dialog, GTK_TYPE_DIALOG)

/* Names of programs are not translated. */
static const struct {
  const char *id, *name;
} clients[] = {
  { "all", N_ ("Any client") }, { "plex", "Plex" },         { "jellyfin", "Jellyfin" },
  { "emby", "Emby" },           { "channels", "Channels" },
};

static gboolean
is_serious (const char *state)
{
  return g_strcmp0 (state, "error") == 0 || g_strcmp0 (state, "warning") == 0;
}

static void
show_headline (ForgeDoctorDialog *self, guint serious, guint total)
{
  g_autofree char *text =
      serious == 0
          ? g_strdup_printf (ngettext ("%u step, all in order", "%u steps, all in order", total),
                             total)
          : g_strdup_printf (ngettext ("%u of %u step needs your attention",
                                       "%u of %u steps need your attention",
                                       total),
                             serious,
                             total);

  gtk_label_set_text (self->headline, text);
}

static void
show_checks (ForgeDoctorDialog *self, JsonArray *checks)
{
  guint n = checks ? json_array_get_length (checks) : 0, serious = 0;

  for (guint i = 0; i < n; i++) {
    JsonObject *check = json_array_get_object_element (checks, i);
    const char *state = forge_json_read_text (check, "state");
    const char *id = forge_json_read_text (check, "id");
    serious += is_serious (state);
    gtk_container_add (GTK_CONTAINER (self->list),
                       forge_finding_row_new (self->model,
                                              id ? id : "",
                                              state,
                                              forge_json_read_text (check, "text"),
                                              forge_json_read_text (check, "fix"),
                                              TRUE));
  }
  gtk_widget_set_visible (self->list, n > 0);
  show_headline (self, serious, n);
}

static void
set_busy (ForgeDoctorDialog *self, gboolean is_busy)
{
  gtk_widget_set_visible (self->spinner, is_busy);
  g_object_set (self->spinner, "active", is_busy, NULL);
  gtk_widget_set_sensitive (self->again, !is_busy);
}

typedef struct {
  ForgeDoctorDialog *dialog;
  GCancellable *cancellable; /* tells an answer that nobody wants any more */
} Look;

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  g_autoptr (ForgeDoctorDialog) self = look->dialog;
  g_autoptr (GCancellable) cancellable = look->cancellable;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  g_free (look);
  if (!self->model || self->cancellable != cancellable)
    return;
  set_busy (self, FALSE);
  if (answer) {
    show_checks (self, forge_json_as_array (answer));
  } else {
    g_autofree char *text = forge_engine_text (error->message);
    gtk_label_set_text (self->headline, text);
  }
}

static void
look (ForgeDoctorDialog *self)
{
  g_autofree char *path =
      g_strdup_printf ("/v1/doctor?as=%s", gtk_combo_box_get_active_id (self->client));
  Look *look = g_new (Look, 1);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  look->dialog = g_object_ref (self);
  look->cancellable = g_object_ref (self->cancellable);
  forge_ui_clear (GTK_CONTAINER (self->list));
  gtk_widget_hide (self->list);
  gtk_label_set_text (self->headline, _ ("Taking the steps of a client. This takes some seconds."));
  set_busy (self, TRUE);
  forge_app_model_call (self->model, "GET", path, NULL, self->cancellable, on_looked, look);
}

static GtkWidget *
make_client (ForgeDoctorDialog *self)
{
  GtkWidget *combo = gtk_combo_box_text_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), clients[i].id, _ (clients[i].name));
  gtk_combo_box_set_active (GTK_COMBO_BOX (combo), 0);
  forge_ui_set_name (combo, _ ("Client to try"));
  gtk_widget_set_valign (combo, GTK_ALIGN_CENTER);
  self->client = GTK_COMBO_BOX (combo);
  g_signal_connect_object (combo, "changed", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  return combo;
}

static GtkWidget *
make_head (ForgeDoctorDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *headline = forge_ui_label (NULL, "forge-strong");

  self->headline = GTK_LABEL (headline);
  self->spinner = gtk_spinner_new ();
  gtk_box_pack_start (GTK_BOX (box), headline, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), make_client (self), FALSE, FALSE, 0);
  gtk_box_pack_end (GTK_BOX (box), self->spinner, FALSE, FALSE, 0);
  return box;
}

static GtkWidget *
make_list (ForgeDoctorDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->list), "forge-card");
  gtk_widget_set_valign (self->list, GTK_ALIGN_START);
  forge_ui_set_name (self->list, _ ("Steps"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled),
                                  GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_container_add (GTK_CONTAINER (scrolled), self->list);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

/* Closed, also because a fix leads to a page behind it. */
static void
on_response (ForgeDoctorDialog *self)
{
  gtk_widget_destroy (GTK_WIDGET (self));
}

static void
forge_doctor_dialog_dispose (GObject *object)
{
  ForgeDoctorDialog *self = FORGE_DOCTOR_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_doctor_dialog_parent_class)->dispose (object);
}

static void
forge_doctor_dialog_class_init (ForgeDoctorDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_doctor_dialog_dispose;
}

static void
forge_doctor_dialog_init (ForgeDoctorDialog *self)
{
}

static void
build (ForgeDoctorDialog *self)
{
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (self));

  gtk_container_set_border_width (GTK_CONTAINER (content), 18);
  gtk_box_set_spacing (GTK_BOX (content), 12);
  self->again = gtk_button_new_with_mnemonic (_ ("Try _Again"));
  g_signal_connect_object (self->again, "clicked", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (gtk_dialog_get_header_bar (GTK_DIALOG (self))),
                             self->again);
  gtk_widget_show (self->again);
  gtk_container_add (GTK_CONTAINER (content), make_head (self));
  gtk_container_add (GTK_CONTAINER (content), make_list (self));
  gtk_widget_show_all (content);
}

void
forge_doctor_dialog_show (ForgeAppModel *model, GtkWindow *parent)
{
  ForgeDoctorDialog *self = g_object_new (FORGE_TYPE_DOCTOR_DIALOG,
                                          "use-header-bar",
                                          TRUE,
                                          "title",
                                          _ ("Check the tuner"),
                                          "modal",
                                          TRUE,
                                          "transient-for",
                                          parent,
                                          "destroy-with-parent",
                                          TRUE,
                                          "default-width",
                                          WIDTH_PX,
                                          "default-height",
                                          HEIGHT_PX,
                                          NULL);

  self->model = g_object_ref (model);
  build (self);
  g_signal_connect (self, "response", G_CALLBACK (on_response), NULL);
  g_signal_connect_object (model, "navigate", G_CALLBACK (on_response), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
  look (self);
}
