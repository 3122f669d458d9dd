/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-overview.h"

#include "app/forge-address-row.h"
#include "app/forge-clamp.h"

#include <glib/gi18n.h>

#define FORGE_TYPE_PAGE_OVERVIEW (forge_page_overview_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageOverview, forge_page_overview, FORGE, PAGE_OVERVIEW, GtkBin)

struct _ForgePageOverview {
  GtkBin parent;
  ForgeAppModel *model;
  ForgeAddressRow *tuner_address, *playlist_address, *guide_address;
};

G_DEFINE_FINAL_TYPE (ForgePageOverview, forge_page_overview, GTK_TYPE_BIN)

static void
show_address (ForgeAddressRow *row, const char *url, const char *path)
{
  g_autofree char *address = url ? g_strconcat (url, path, NULL) : NULL;

  forge_address_row_set_address (row, address);
}

static void
update (ForgePageOverview *self)
{
  const char *url = forge_app_model_get_url (self->model);

  show_address (self->tuner_address, url, "");
  show_address (self->playlist_address, url, "/playlist.m3u");
  show_address (self->guide_address, url, "/epg.xml");
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
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, tuner_address);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, playlist_address);
  gtk_widget_class_bind_template_child (widget_class, ForgePageOverview, guide_address);
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
  update (self);
  return GTK_WIDGET (self);
}
