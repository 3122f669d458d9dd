/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-session-row.h"

#include "app/forge-session-text.h"
#include "app/forge-sparkline.h"

#include <glib/gi18n.h>

struct _ForgeSessionRow {
  GtkListBoxRow parent;
  ForgeAppModel *model;
  gint64 id;
  gboolean was_seen; /* in the update that goes on */
  GtkLabel *channel, *health, *viewers, *source, *bitrate, *figures;
  ForgeSparkline *graph;
  GtkButton *stop;
};

G_DEFINE_FINAL_TYPE (ForgeSessionRow, forge_session_row, GTK_TYPE_LIST_BOX_ROW)

static void
on_stop_clicked (ForgeSessionRow *self)
{
  g_autofree char *path = g_strdup_printf ("/v1/sessions/%" G_GINT64_FORMAT, self->id);

  gtk_widget_set_sensitive (GTK_WIDGET (self->stop), FALSE);
  forge_app_model_do (self->model, "DELETE", path, NULL, NULL);
}

static char *
viewers_text (const ForgeSessionInfo *session)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < session->viewers->len; i++) {
    const ForgeViewerInfo *viewer = g_ptr_array_index (session->viewers, i);
    g_autofree char *name = forge_viewer_name (viewer);
    g_autofree char *since = forge_duration_text (viewer->since_s);
    /* Translators: a viewer: player, address, how long it has been watching. */
    g_string_append_printf (text, _ ("%s (%s), %s"), name, viewer->address, since);
    if (i + 1 < session->viewers->len)
      g_string_append (text, " · ");
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
source_text (const ForgeSessionInfo *session)
{
  if (!session->stream)
    return g_strdup (_ ("Looking for a source"));
  if (session->quality == FORGE_QUALITY_UNKNOWN)
    return g_strdup_printf ("%s · %s", session->account ? session->account : "–", session->stream);
  return g_strdup_printf ("%s · %s · %s",
                          session->account ? session->account : "–",
                          session->stream,
                          forge_quality_name (session->quality));
}

static char *
figures_text (const ForgeSessionInfo *session)
{
  g_autofree char *uptime = forge_duration_text (session->uptime_s);
  g_autofree char *size = g_format_size (session->bytes);

  if (session->failovers == 0)
    return g_strdup_printf ("%s · %s", uptime, size);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "%s · %s · source replaced %d time",
                                       "%s · %s · source replaced %d times",
                                       (gulong)session->failovers),
                          uptime,
                          size,
                          session->failovers);
}

static void
show_health (ForgeSessionRow *self, ForgeHealth health)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->health));

  gtk_label_set_text (self->health, forge_health_text (health));
  gtk_style_context_remove_class (style, "good");
  gtk_style_context_remove_class (style, "bad");
  if (health != FORGE_HEALTH_STARTING)
    gtk_style_context_add_class (style, health == FORGE_HEALTH_HEALTHY ? "good" : "bad");
}

void
forge_session_row_update (ForgeSessionRow *self, const ForgeSessionInfo *session)
{
  g_autofree char *viewers = viewers_text (session), *source = source_text (session),
                  *bitrate = forge_bitrate_text (session->bitrate_kbps),
                  *figures = figures_text (session),
                  *stop = g_strdup_printf (_ ("Stop %s"), session->channel);

  self->was_seen = TRUE;
  gtk_label_set_text (self->channel, session->channel);
  gtk_label_set_text (self->viewers, viewers);
  gtk_label_set_text (self->source, source);
  gtk_label_set_text (self->bitrate, bitrate);
  gtk_label_set_text (self->figures, figures);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->stop)), stop);
  show_health (self, session->health);
  forge_sparkline_add (self->graph, session->bitrate_kbps);
}

gint64
forge_session_row_get_id (ForgeSessionRow *self)
{
  return self->id;
}

static void
forge_session_row_dispose (GObject *object)
{
  g_clear_object (&FORGE_SESSION_ROW (object)->model);
  G_OBJECT_CLASS (forge_session_row_parent_class)->dispose (object);
}

static void
forge_session_row_class_init (ForgeSessionRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_session_row_dispose;
  g_type_ensure (FORGE_TYPE_SPARKLINE);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/session-row.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, channel);
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, health);
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, viewers);
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, source);
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, bitrate);
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, figures);
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, graph);
  gtk_widget_class_bind_template_child (widget_class, ForgeSessionRow, stop);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_clicked);
}

static void
forge_session_row_init (ForgeSessionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
forge_session_row_new (ForgeAppModel *model, gint64 id)
{
  ForgeSessionRow *self = g_object_new (FORGE_TYPE_SESSION_ROW, NULL);

  self->model = g_object_ref (model);
  self->id = id;
  return GTK_WIDGET (self);
}

static ForgeSessionRow *
find_row (GList *rows, gint64 id)
{
  for (GList *each = rows; each; each = each->next)
    if (FORGE_SESSION_ROW (each->data)->id == id)
      return each->data;
  return NULL;
}

void
forge_session_rows_update (GtkListBox *list, ForgeAppModel *model)
{
  ForgeLive *live = forge_app_model_get_live (model);
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (list));

  for (GList *each = rows; each; each = each->next)
    FORGE_SESSION_ROW (each->data)->was_seen = FALSE;
  for (guint i = 0; live && i < live->sessions->len; i++) {
    const ForgeSessionInfo *session = g_ptr_array_index (live->sessions, i);
    ForgeSessionRow *row = find_row (rows, session->id);
    if (!row) {
      row = FORGE_SESSION_ROW (forge_session_row_new (model, session->id));
      gtk_container_add (GTK_CONTAINER (list), GTK_WIDGET (row));
    }
    forge_session_row_update (row, session);
  }
  for (GList *each = rows; each; each = each->next)
    if (!FORGE_SESSION_ROW (each->data)->was_seen)
      gtk_widget_destroy (each->data);
}
