/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-overview.h"

#include "app/forge-address-row.h"
#include "app/forge-clamp.h"
#include "app/forge-engine-text.h"
#include "app/forge-problem-row.h"
#include "app/forge-session-text.h"
#include "app/forge-ui.h"

#include <glib/gi18n.h>

#include <string.h>
#include <time.h>

#define SECONDS_PER_HOUR 3600

#define FORGE_TYPE_PAGE_OVERVIEW (forge_page_overview_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageOverview, forge_page_overview, FORGE, PAGE_OVERVIEW, GtkBin)

struct _ForgePageOverview {
  GtkBin parent;
  ForgeAppModel *model;
  GtkLabel *headline, *subline;
  GtkWidget *restart, *doctor, *reach, *problems_title, *problems, *playing_title, *playing;
  ForgeAddressRow *tuner_address, *playlist_address, *guide_address;
  GtkLabel *tuners, *channels, *guide;
};

G_DEFINE_FINAL_TYPE (ForgePageOverview, forge_page_overview, GTK_TYPE_BIN)

static void
show_address (ForgeAddressRow *row, const char *url, const char *path)
{
  g_autofree char *address = url ? g_strconcat (url, path, NULL) : NULL;

  forge_address_row_set_address (row, address);
}

static void
update_addresses (ForgePageOverview *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);
  const char *url = forge_app_model_get_url (self->model);

  show_address (self->tuner_address, url, "");
  show_address (self->playlist_address, url, "/playlist.m3u");
  show_address (self->guide_address, url, "/epg.xml");
  gtk_widget_set_visible (self->reach, live && !live->lan_url);
}

static guint
count_serious (ForgeLive *live)
{
  guint n = 0;

  for (guint i = 0; i < live->problems->len; i++) {
    const ForgeProblem *problem = g_ptr_array_index (live->problems, i);
    n += strcmp (problem->severity, "info") != 0;
  }
  return n;
}

static char *
headline_text (ForgePageOverview *self)
{
  ForgeEngineHost *host = forge_app_model_get_host (self->model);
  ForgeLive *live = forge_app_model_get_live (self->model);
  guint n = live ? count_serious (live) : 0;

  if (forge_engine_host_get_state (host) == FORGE_HOST_FAILED)
    return g_strdup (_ ("The tuner could not start"));
  if (!live)
    return g_strdup (_ ("Starting…"));
  if (live->is_paused)
    return g_strdup (_ ("The tuner is paused"));
  if (n > 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                         "%u thing needs your attention",
                                         "%u things need your attention",
                                         n),
                            n);
  return g_strdup (_ ("Everything is running"));
}

static char *
subline_text (ForgePageOverview *self)
{
  ForgeEngineHost *host = forge_app_model_get_host (self->model);
  ForgeLive *live = forge_app_model_get_live (self->model);
  const char *error = forge_engine_host_get_error (host);
  guint n = forge_live_count_viewers (live);

  if (error)
    return forge_engine_text (error);
  if (!live)
    return g_strdup (_ ("Reading channels and guide"));
  if (live->is_paused)
    return g_strdup (_ ("Nobody can watch until it goes on."));
  if (n == 0)
    return g_strdup (_ ("Nobody is watching at the moment."));
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u viewer is watching.", "%u viewers are watching.", n),
      n);
}

static void
update_headline (ForgePageOverview *self)
{
  ForgeEngineHost *host = forge_app_model_get_host (self->model);
  g_autofree char *headline = headline_text (self), *subline = subline_text (self);

  gtk_label_set_text (self->headline, headline);
  gtk_label_set_text (self->subline, subline);
  gtk_widget_set_visible (self->restart, forge_engine_host_get_state (host) == FORGE_HOST_FAILED);
  gtk_widget_set_visible (self->doctor, forge_engine_host_get_state (host) == FORGE_HOST_RUNNING);
}

static void
update_figures (ForgePageOverview *self)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);
  ForgeLive *live = forge_app_model_get_live (self->model);
  g_autofree char *tuners = NULL, *channels = NULL, *guide = NULL;

  if (snapshot && live) {
    gint64 left_s = snapshot->guide.last_stop - (gint64)time (NULL);
    tuners = g_strdup_printf (_ ("%d of %d"), live->tuners_used, live->tuners_total);
    channels = g_strdup_printf ("%d", snapshot->channels_enabled);
    guide = forge_duration_text (MAX (left_s, 0) / SECONDS_PER_HOUR * SECONDS_PER_HOUR);
  }
  gtk_label_set_text (self->tuners, tuners ? tuners : "–");
  gtk_label_set_text (self->channels, channels ? channels : "–");
  gtk_label_set_text (self->guide, guide ? guide : "–");
}

static void
update_problems (ForgePageOverview *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);
  gboolean has_some = live && live->problems->len > 0;

  forge_problem_rows_update (GTK_LIST_BOX (self->problems), self->model);
  gtk_widget_set_visible (self->problems_title, has_some);
  gtk_widget_set_visible (self->problems, has_some);
}

static void
add_playing (ForgePageOverview *self, const ForgeSessionInfo *session)
{
  g_autofree char *summary = forge_session_summary (session),
                  *bitrate = forge_bitrate_text (session->bitrate_kbps);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *left = gtk_label_new (summary), *right = gtk_label_new (bitrate);

  gtk_label_set_ellipsize (GTK_LABEL (left), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (left), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (right), "dim-label");
  gtk_style_context_add_class (gtk_widget_get_style_context (right), "forge-number");
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_box_pack_start (GTK_BOX (box), left, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (box), right, FALSE, FALSE, 0);
  gtk_widget_show_all (box);
  gtk_container_add (GTK_CONTAINER (self->playing), box);
}

static void
update_playing (ForgePageOverview *self)
{
  ForgeLive *live = forge_app_model_get_live (self->model);
  gboolean has_some = live && live->sessions->len > 0;

  gtk_widget_set_visible (self->playing_title, has_some);
  gtk_widget_set_visible (self->playing, has_some);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  forge_ui_clear (GTK_CONTAINER (self->playing));
  for (guint i = 0; has_some && i < live->sessions->len; i++)
    add_playing (self, g_ptr_array_index (live->sessions, i));
}

static void
update (ForgePageOverview *self)
{
  update_headline (self);
  update_addresses (self);
  update_figures (self);
  update_problems (self);
  update_playing (self);
}

static void
on_restart_clicked (ForgePageOverview *self)
{
  forge_engine_host_start (forge_app_model_get_host (self->model));
}

static void
on_doctor_clicked (ForgePageOverview *self)
{
  forge_app_model_navigate (self->model, "doctor", NULL);
}

static void
on_reach_clicked (ForgePageOverview *self)
{
  forge_app_model_navigate (self->model, "settings", "bind");
}

static void
on_playing_activated (ForgePageOverview *self)
{
  forge_app_model_navigate (self->model, "sessions", NULL);
}

static void
forge_page_overview_dispose (GObject *object)
{
  g_clear_object (&FORGE_PAGE_OVERVIEW (object)->model);
  G_OBJECT_CLASS (forge_page_overview_parent_class)->dispose (object);
}

static void
forge_page_overview_class_init (ForgePageOverviewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_overview_dispose;
  g_type_ensure (FORGE_TYPE_CLAMP);
  g_type_ensure (FORGE_TYPE_ADDRESS_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-overview.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, headline);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, subline);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, restart);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, doctor);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, reach);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, tuner_address);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, playlist_address);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, guide_address);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, tuners);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, channels);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, guide);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, problems_title);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, problems);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, playing_title);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, playing);
  gtk_widget_class_bind_template_callback (widget_class, on_restart_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_doctor_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_reach_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_playing_activated);
}

static void
forge_page_overview_init (ForgePageOverview *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
forge_page_overview_new (ForgeAppModel *model)
{
  ForgePageOverview *self = g_object_new (FORGE_TYPE_PAGE_OVERVIEW, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "live-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "state-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "snapshot-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
