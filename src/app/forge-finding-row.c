/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-finding-row.h"

#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#include <stdlib.h>
#include <string.h>

/* What the button of a finding does, by how its id begins and ends; the first that fits. */
typedef struct {
  const char *prefix, *suffix, *label;
  const char *page, *detail;  /* where it leads (NULL = the id), or … */
  const char *method, *path;  /* … what it does; "%ID" is the number in the finding's id */
  const char *member, *value; /* of the call's body; NULL = none */
  const char *done;
} Fix;

static const Fix fixes[] = {
  { .prefix = "no-account", .label = N_ ("Add account"), .page = "welcome" },
  { .prefix = "refresh-", .label = N_ ("Look at it"), .page = "sources" },
  { .prefix = "account-", .label = N_ ("Show account"), .page = "sources" },
  { .prefix = "guide-",
    .suffix = "-shift",
    .label = N_ ("Correct times"),
    .method = "PATCH",
    .path = "/v1/guides/%ID",
    .member = "shift",
    .value = "suggested",
    .done = N_ ("The guide’s times are corrected.") },
  { .prefix = "guide-short",
    .label = N_ ("Refresh guide"),
    .method = "POST",
    .path = "/v1/guides/refresh",
    .done = N_ ("The guide was refreshed.") },
  { .prefix = "guide", .label = N_ ("Show guides"), .page = "sources" },
  { .prefix = "lineup", .label = N_ ("Show channels"), .page = "channels" },
  { .prefix = "without-stream", .label = N_ ("Show channels"), .page = "channels" },
  { .prefix = "duplicate-numbers", .label = N_ ("Show channels"), .page = "channels" },
  { .prefix = "secrets", .label = N_ ("Settings"), .page = "settings" },
  { .prefix = "device-", .label = N_ ("Show device"), .page = "settings", .detail = "devices" },
  { .prefix = "bind", .label = N_ ("Settings"), .page = "settings", .detail = "bind" },
  { .prefix = "interface", .label = N_ ("Settings"), .page = "settings", .detail = "bind" },
  { .prefix = "discovery", .label = N_ ("Settings"), .page = "settings", .detail = "discovery" },
  { .prefix = "ssdp", .label = N_ ("Settings"), .page = "settings", .detail = "ssdp" },
  { .prefix = "stream", .label = N_ ("Show sessions"), .page = "sessions" },
};

/* NULL = there is nothing to press. */
static const Fix *
find_fix (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fixes); i++)
    if (g_str_has_prefix (id, fixes[i].prefix) &&
        (!fixes[i].suffix || g_str_has_suffix (id, fixes[i].suffix)))
      return &fixes[i];
  return NULL;
}

/* "%ID" in `path` becomes the number in "guide-12-shift". */
static char *
path_for (const char *path, const char *id)
{
  const char *digits = id + strcspn (id, "0123456789");
  g_autofree char *number = g_strdup_printf ("%d", atoi (digits));
  g_auto (GStrv) pieces = g_strsplit (path, "%ID", 2);

  return g_strjoinv (number, pieces);
}

static void
on_fix_clicked (GtkButton *button, gpointer model)
{
  const char *id = g_object_get_data (G_OBJECT (button), "id");
  const Fix *fix = find_fix (id);

  if (fix->page) {
    forge_app_model_navigate (model, fix->page, fix->detail ? fix->detail : id);
    return;
  }
  g_autofree char *path = path_for (fix->path, id);
  gtk_widget_set_sensitive (GTK_WIDGET (button), FALSE);
  forge_app_model_do (model,
                      fix->method,
                      path,
                      fix->member ? forge_json_text_body (fix->member, fix->value) : NULL,
                      _ (fix->done));
}

static const struct {
  const char *severity, *icon, *class_name, *name;
} looks[] = {
  { "error", "dialog-error-symbolic", "error", N_ ("Error") },
  { "warning", "dialog-warning-symbolic", "warning", N_ ("Warning") },
  { "info", "dialog-information-symbolic", "dim-label", N_ ("Information") },
  { "ok", "emblem-ok-symbolic", "forge-good", N_ ("In order") },
  { "skipped", "action-unavailable-symbolic", "dim-label", N_ ("Not tried") },
};

static gsize
look_of (const char *severity)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (looks) - 1 && g_strcmp0 (looks[i].severity, severity) != 0)
    i++;
  return i;
}

static GtkWidget *
make_icon (const char *severity)
{
  gsize look = look_of (severity);
  GtkWidget *icon = gtk_image_new_from_icon_name (looks[look].icon, GTK_ICON_SIZE_MENU);

  gtk_style_context_add_class (gtk_widget_get_style_context (icon), looks[look].class_name);
  gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
  forge_ui_set_name (icon, _ (looks[look].name));
  return icon;
}

static GtkWidget *
make_button (ForgeAppModel *model, const char *id, const Fix *fix, const char *text)
{
  GtkWidget *button = gtk_button_new_with_label (_ (fix->label));
  g_autofree char *name = g_strdup_printf ("%s: %s", _ (fix->label), text);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "id", g_strdup (id), g_free);
  forge_ui_set_name (button, name);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_fix_clicked), model, 0);
  return button;
}

GtkWidget *
forge_finding_row_new (ForgeAppModel *model,
                       const char *id,
                       const char *severity,
                       const char *text,
                       const char *fix)
{
  g_autofree char *shown = forge_engine_text (text), *help = forge_engine_text (fix);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *row = gtk_list_box_row_new ();
  gboolean is_ok = g_strcmp0 (severity, "ok") == 0;
  const Fix *found = is_ok ? NULL : find_fix (id);

  gtk_container_add (GTK_CONTAINER (texts), forge_ui_label (shown, is_ok ? NULL : "forge-strong"));
  if (*help)
    gtk_container_add (GTK_CONTAINER (texts), forge_ui_label (help, "dim-label"));
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), make_icon (severity), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), texts, TRUE, TRUE, 0);
  if (found)
    gtk_box_pack_end (GTK_BOX (box), make_button (model, id, found, shown), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_show_all (row);
  return row;
}
