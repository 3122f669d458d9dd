/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-setting-row.h"

#include "app/forge-json-read.h"
#include "app/forge-settings-plan.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#include <string.h>

#define ENTRY_CHARS 22
#define MS_PER_S    1000.0

struct _ForgeSettingRow {
  GtkListBoxRow parent;
  ForgeAppModel *model; /* NULL for a custom row */
  const ForgeSettingSpec *spec;
  GtkWidget *control;
  char *search;        /* casefolded title, meaning and key */
  gboolean is_showing; /* the change comes from the engine, not from the user */
};

G_DEFINE_FINAL_TYPE (ForgeSettingRow, forge_setting_row, GTK_TYPE_LIST_BOX_ROW)

enum { SIGNAL_STORED, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
is_bind (const ForgeSettingSpec *spec)
{
  return strcmp (spec->key, "bind") == 0;
}

/* People think in seconds; the engine counts milliseconds. */
static gboolean
is_in_ms (const ForgeSettingSpec *spec)
{
  return g_strcmp0 (spec->unit, "ms") == 0;
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeSettingRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (!self->model)
    return;
  if (answer) {
    g_signal_emit (self, signals[SIGNAL_STORED], 0, self->spec->key);
    return;
  }
  forge_app_model_notice_error (self->model, error);
  if (forge_app_model_get_snapshot (self->model))
    forge_setting_row_show (self, forge_app_model_get_snapshot (self->model)->settings);
}

static void
store (ForgeSettingRow *self, const char *value)
{
  g_autofree char *path = g_strconcat ("/v1/settings/", self->spec->key, NULL);
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  if (self->is_showing || !value || !snapshot ||
      strcmp (value, forge_settings_text (snapshot->settings, self->spec->key)) == 0)
    return;
  forge_app_model_call (self->model,
                        "PUT",
                        path,
                        forge_json_text_body ("value", value),
                        NULL,
                        on_stored,
                        g_object_ref (self));
}

static void
on_switched (ForgeSettingRow *self)
{
  store (self, gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false");
}

static void
on_number_changed (ForgeSettingRow *self)
{
  double shown = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->control));
  double value = is_in_ms (self->spec) ? shown * MS_PER_S : shown;
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64)(value + 0.5));

  store (self, text);
}

static void
on_text_activated (ForgeSettingRow *self)
{
  store (self, gtk_entry_get_text (GTK_ENTRY (self->control)));
}

static gboolean
on_text_left (ForgeSettingRow *self)
{
  on_text_activated (self);
  return GDK_EVENT_PROPAGATE;
}

static void
on_choice_changed (ForgeSettingRow *self)
{
  store (self, gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->control)));
}

static GtkWidget *
make_switch (ForgeSettingRow *self)
{
  GtkWidget *control = gtk_switch_new ();

  g_signal_connect_swapped (control, "notify::active", G_CALLBACK (on_switched), self);
  return control;
}

static gboolean
on_scrolled (GtkWidget *spin, GdkEvent *event, gpointer user_data)
{
  /* Scrolling the page must not change what lies under the pointer. */
  g_signal_stop_emission_by_name (spin, "scroll-event");
  return GDK_EVENT_PROPAGATE;
}

static GtkWidget *
make_number (ForgeSettingRow *self)
{
  const ForgeSettingSpec *spec = self->spec;
  double scale = is_in_ms (spec) ? MS_PER_S : 1;
  GtkWidget *control = gtk_spin_button_new_with_range ((double)spec->min / scale,
                                                       (double)spec->max / scale,
                                                       is_in_ms (spec) ? 0.5 : 1);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (control), is_in_ms (spec) ? 1 : 0);
  gtk_entry_set_width_chars (GTK_ENTRY (control), 7);
  gtk_entry_set_alignment (GTK_ENTRY (control), 1);
  g_signal_connect_swapped (control, "value-changed", G_CALLBACK (on_number_changed), self);
  g_signal_connect (control, "scroll-event", G_CALLBACK (on_scrolled), NULL);
  return control;
}

static GtkWidget *
make_text (ForgeSettingRow *self)
{
  GtkWidget *control = gtk_entry_new ();

  gtk_entry_set_width_chars (GTK_ENTRY (control), (int)MIN (self->spec->max + 2, ENTRY_CHARS));
  gtk_entry_set_max_length (GTK_ENTRY (control), (int)self->spec->max);
  g_signal_connect_swapped (control, "activate", G_CALLBACK (on_text_activated), self);
  g_signal_connect_swapped (control, "focus-out-event", G_CALLBACK (on_text_left), self);
  return control;
}

static GtkWidget *
make_choice (ForgeSettingRow *self)
{
  GtkWidget *control = gtk_combo_box_text_new ();
  GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT (control);

  if (is_bind (self->spec)) {
    gtk_combo_box_text_append (combo, "loopback", _ ("Only this computer"));
    gtk_combo_box_text_append (combo, "lan", _ ("Devices on my home network"));
  } else {
    g_auto (GStrv) choices = g_strsplit (self->spec->choices, "|", -1);
    for (char **choice = choices; *choice; choice++)
      gtk_combo_box_text_append (combo, *choice, *choice);
  }
  g_signal_connect_swapped (control, "changed", G_CALLBACK (on_choice_changed), self);
  g_signal_connect (control, "scroll-event", G_CALLBACK (on_scrolled), NULL);
  return control;
}

static GtkWidget *
make_control (ForgeSettingRow *self)
{
  if (is_bind (self->spec))
    return make_choice (self);
  switch (self->spec->type) {
  case FORGE_SETTING_BOOL:
    return make_switch (self);
  case FORGE_SETTING_INT:
    return make_number (self);
  case FORGE_SETTING_CHOICE:
    return make_choice (self);
  case FORGE_SETTING_TEXT:
  default:
    return make_text (self);
  }
}

static void
show_choice (GtkComboBox *combo, const char *value)
{
  if (gtk_combo_box_set_active_id (combo, value))
    return;
  /* An address of this machine, set from the command line. */
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), value, value);
  gtk_combo_box_set_active_id (combo, value);
}

static void
show_value (ForgeSettingRow *self, const ForgeSettings *settings)
{
  const char *key = self->spec->key;

  if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), forge_settings_bool (settings, key));
  else if (GTK_IS_SPIN_BUTTON (self->control))
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control),
                               (double)forge_settings_int (settings, key) /
                                   (is_in_ms (self->spec) ? MS_PER_S : 1));
  else if (GTK_IS_COMBO_BOX (self->control))
    show_choice (GTK_COMBO_BOX (self->control), forge_settings_text (settings, key));
  else if (!gtk_widget_has_focus (self->control))
    gtk_entry_set_text (GTK_ENTRY (self->control), forge_settings_text (settings, key));
}

void
forge_setting_row_show (ForgeSettingRow *self, const ForgeSettings *settings)
{
  self->is_showing = TRUE;
  show_value (self, settings);
  self->is_showing = FALSE;
}

const char *
forge_setting_row_get_key (ForgeSettingRow *self)
{
  return self->spec ? self->spec->key : "";
}

gboolean
forge_setting_row_matches (ForgeSettingRow *self, const char *wanted)
{
  return strstr (self->search, wanted) != NULL;
}

void
forge_setting_row_point_at (ForgeSettingRow *self)
{
  gtk_widget_grab_focus (self->control);
}

static const char *
unit_text (const ForgeSettingSpec *spec)
{
  if (is_in_ms (spec))
    return _ ("s");
  return g_strcmp0 (spec->unit, "days") == 0 ? _ ("days") : spec->unit;
}

static void
on_new_id_clicked (GtkButton *button, gpointer user_data)
{
  store (user_data, "");
}

/* Ids are made, not typed. */
static void
add_new_id_button (ForgeSettingRow *self, GtkBox *box, const char *title)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("New"));
  g_autofree char *name = g_strdup_printf ("%s: %s", _ ("New"), title);

  gtk_editable_set_editable (GTK_EDITABLE (self->control), FALSE);
  forge_ui_set_name (button, name);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Make a new one at the next start"));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_new_id_clicked), self, 0);
  gtk_box_pack_end (box, button, FALSE, FALSE, 0);
}

static void
build (ForgeSettingRow *self, const char *title, const char *meaning)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title_label = forge_ui_label (title, NULL);
  g_autofree char *all = g_strjoin ("\n", title, meaning, self->spec ? self->spec->key : "", NULL);

  self->search = g_utf8_casefold (all, -1);
  gtk_label_set_mnemonic_widget (GTK_LABEL (title_label), self->control);
  if (!GTK_IS_LABEL (self->control))
    forge_ui_set_name (self->control, title);
  gtk_container_add (GTK_CONTAINER (texts), title_label);
  if (meaning && *meaning) {
    GtkWidget *meaning_label = forge_ui_label (meaning, "dim-label");
    gtk_style_context_add_class (gtk_widget_get_style_context (meaning_label), "forge-caption");
    gtk_container_add (GTK_CONTAINER (texts), meaning_label);
  }
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), texts, TRUE, TRUE, 0);
  if (self->spec && g_str_has_prefix (self->spec->key, "device_"))
    add_new_id_button (self, GTK_BOX (box), title);
  if (self->spec && self->spec->unit)
    gtk_box_pack_end (GTK_BOX (box), gtk_label_new (unit_text (self->spec)), FALSE, FALSE, 0);
  gtk_box_pack_end (GTK_BOX (box), self->control, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
  forge_ui_row_is_no_control (GTK_LIST_BOX_ROW (self));
  gtk_widget_show_all (GTK_WIDGET (self));
}

static void
forge_setting_row_dispose (GObject *object)
{
  ForgeSettingRow *self = FORGE_SETTING_ROW (object);

  /* The controls go after this: what they say then is no wish of the user. */
  self->is_showing = TRUE;
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_setting_row_parent_class)->dispose (object);
}

static void
forge_setting_row_finalize (GObject *object)
{
  g_free (FORGE_SETTING_ROW (object)->search);
  G_OBJECT_CLASS (forge_setting_row_parent_class)->finalize (object);
}

static void
forge_setting_row_class_init (ForgeSettingRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_setting_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = forge_setting_row_finalize;
  signals[SIGNAL_STORED] = g_signal_new ("stored",
                                         FORGE_TYPE_SETTING_ROW,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         1,
                                         G_TYPE_STRING);
}

static void
forge_setting_row_init (ForgeSettingRow *self)
{
}

GtkWidget *
forge_setting_row_new (ForgeAppModel *model, const ForgeSettingSpec *spec)
{
  ForgeSettingRow *self = g_object_new (FORGE_TYPE_SETTING_ROW, NULL);

  self->model = g_object_ref (model);
  self->spec = spec;
  self->control = make_control (self);
  build (self, forge_settings_plan_title (spec->key), forge_settings_plan_meaning (spec));
  return GTK_WIDGET (self);
}

GtkWidget *
forge_setting_row_new_custom (const char *title, const char *meaning, GtkWidget *control)
{
  ForgeSettingRow *self = g_object_new (FORGE_TYPE_SETTING_ROW, NULL);

  self->control = control;
  build (self, title, meaning);
  return GTK_WIDGET (self);
}
