/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-guide.h"

#include "app/forge-channel-index.h"
#include "app/forge-empty-state.h"
#include "app/forge-guide-geometry.h"
#include "app/forge-guide-grid.h"
#include "app/forge-guide-paint.h"
#include "app/forge-picture.h"
#include "app/forge-ui.h"
#include "app/forge-widgets.h"
#include "base/forge-error.h"

#include <glib/gi18n.h>

#define MAX_FOUND      100
#define PICTURE_WIDTH  268
#define PICTURE_HEIGHT 201

struct _ForgePageGuide {
  GtkBox parent;
  ForgeAppModel *model;
  ForgeChannelTable *table;
  GCancellable *cancellable, *detail_cancellable, *search_cancellable;
  gboolean is_reading, is_stale;
  GtkWidget *grid;
  GtkLabel *day, *title, *when, *subtitle, *about, *description;
  GtkSearchEntry *search;
  GtkStack *stack;
  GtkContainer *scrolled, *picture_place;
  GtkWidget *picture;
  GtkListBox *found;
  GtkWidget *details;
};

G_DEFINE_FINAL_TYPE (ForgePageGuide, forge_page_guide, GTK_TYPE_BOX)

static void read_channels (ForgePageGuide *self);

static gint64
wall_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* "Today", "Tomorrow" or the weekday, and the date. */
static char *
name_day (gint64 time)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (time);
  gint64 day = forge_guide_day_start (time, 0);

  if (!moment)
    return g_strdup ("");
  if (day == forge_guide_day_start (wall_s (), 0))
    return g_date_time_format (moment, _ ("Today, %e %B"));
  if (day == forge_guide_day_start (wall_s (), 1))
    return g_date_time_format (moment, _ ("Tomorrow, %e %B"));
  return g_date_time_format (moment, _ ("%A, %e %B"));
}

static void
show_day (ForgePageGuide *self)
{
  g_autofree char *text = name_day (forge_guide_grid_get_time (FORGE_GUIDE_GRID (self->grid)));

  gtk_label_set_text (self->day, text);
}

static void
go_days (ForgePageGuide *self, int days)
{
  gint64 time = forge_guide_grid_get_time (FORGE_GUIDE_GRID (self->grid));
  gint64 day = forge_guide_day_start (time, 0);
  gint64 other = forge_guide_day_start (time, days);

  forge_guide_grid_go_to (FORGE_GUIDE_GRID (self->grid), time + other - day);
}

static void
on_previous_clicked (ForgePageGuide *self)
{
  go_days (self, -1);
}

static void
on_next_clicked (ForgePageGuide *self)
{
  go_days (self, 1);
}

static void
on_now_clicked (ForgePageGuide *self)
{
  forge_guide_grid_go_to (FORGE_GUIDE_GRID (self->grid), wall_s ());
}

static void
on_close_clicked (ForgePageGuide *self)
{
  gtk_widget_hide (self->details);
  gtk_widget_grab_focus (self->grid);
}

static void
show_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text && *text);
}

/* "S2 E5 · Drama, Film · 1999 · 12" */
static char *
summarize (const ForgeXmltvDetails *details)
{
  g_autofree char *categories = g_strjoinv (", ", details->categories);
  const char *const parts[] = { details->episode, categories, details->date, details->rating };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] && *parts[i])
      g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", parts[i]);
  return g_string_free (text, FALSE);
}

static void
on_details (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageGuide) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeXmltvDetails) details = forge_engine_views_details_finish (result, &error);

  if (!self->model)
    return;
  if (!details) {
    if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND))
      show_text (self->description,
                 _ ("No guide has this event: the name of the channel’s stream tells it."));
    return;
  }
  g_autofree char *about = summarize (details);
  if (details->title)
    gtk_label_set_text (self->title, details->title);
  show_text (self->subtitle, details->subtitle);
  show_text (self->about, about);
  show_text (self->description, details->description);
  forge_picture_show (FORGE_PICTURE (self->picture),
                      FORGE_PICTURE_PROGRAMME,
                      details->icon,
                      gtk_label_get_text (self->title));
}

static const ForgeChannelLine *
find_line (ForgePageGuide *self, gint64 channel_id)
{
  int index = self->table ? forge_channel_table_find (self->table, channel_id) : -1;

  return index < 0 ? NULL : forge_channel_table_line (self->table, (guint)index);
}

static void
ask_details (ForgePageGuide *self, gint64 channel_id, gint64 start)
{
  ForgeEngineViews *views = forge_app_model_get_views (self->model);

  g_cancellable_cancel (self->detail_cancellable);
  g_clear_object (&self->detail_cancellable);
  self->detail_cancellable = g_cancellable_new ();
  if (views)
    forge_engine_views_details_async (views,
                                      channel_id,
                                      start,
                                      self->detail_cancellable,
                                      on_details,
                                      g_object_ref (self));
}

static char *
describe_time (const ForgeChannelLine *line, gint64 start)
{
  if (!start)
    return g_strdup_printf (_ ("Number %d"), line->number);
  g_autofree char *day = name_day (start);
  g_autofree char *clock = forge_guide_clock (start);
  return g_strdup_printf ("%s · %s, %s", line->name, day, clock);
}

/* What is known at once; the guide may tell more. `title` NULL: only the channel is known. */
static void
show_details (ForgePageGuide *self, const ForgeChannelLine *line, gint64 start, const char *title)
{
  g_autofree char *when = describe_time (line, start);

  gtk_label_set_text (self->title, title ? title : line->name);
  gtk_label_set_text (self->when, when);
  show_text (self->subtitle, NULL);
  show_text (self->about, NULL);
  show_text (self->description, title ? NULL : _ ("The guide tells nothing of this channel."));
  forge_picture_show (FORGE_PICTURE (self->picture), FORGE_PICTURE_PROGRAMME, NULL, NULL);
  gtk_widget_show (self->details);
  if (title)
    ask_details (self, line->id, start);
}

static void
on_chosen (ForgePageGuide *self, gint64 channel_id, const ForgeProgrammeCell *cell)
{
  const ForgeChannelLine *line = find_line (self, channel_id);

  if (line && cell && !cell->is_placeholder)
    show_details (self, line, cell->start, cell->title);
  else if (line)
    show_details (self, line, 0, NULL);
}

static void
add_found (ForgePageGuide *self, const ForgeProgrammeHit *hit)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char *day = name_day (hit->start);
  g_autofree char *span = forge_guide_time_span (hit->start, hit->stop);
  g_autofree char *about = g_strdup_printf ("%s · %s, %s", hit->channel, day, span);
  g_autofree char *name = g_strdup_printf ("%s, %s", hit->title, about);
  ForgeProgrammeHit *copy =
      forge_programme_hit_new (hit->channel_id, hit->channel, hit->start, hit->stop, hit->title);

  gtk_container_add (GTK_CONTAINER (box), forge_name_label (hit->title));
  gtk_container_add (GTK_CONTAINER (box), forge_caption_label (about));
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "forge-row");
  gtk_container_add (GTK_CONTAINER (row), box);
  forge_ui_set_name (row, name);
  g_object_set_data_full (G_OBJECT (row), "hit", copy, (GDestroyNotify)forge_programme_hit_free);
  gtk_widget_show_all (row);
  gtk_container_add (GTK_CONTAINER (self->found), row);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageGuide) self = user_data;
  g_autoptr (GPtrArray) hits = forge_engine_views_search_finish (result, NULL);

  if (!hits || !self->model)
    return;
  forge_ui_clear (GTK_CONTAINER (self->found));
  for (guint i = 0; i < hits->len; i++)
    add_found (self, g_ptr_array_index (hits, i));
  gtk_stack_set_visible_child_name (self->stack, hits->len > 0 ? "found" : "nothing");
}

static const char *
resting_page (ForgePageGuide *self)
{
  return self->table && forge_channel_table_length (self->table) > 0 ? "grid" : "empty";
}

static void
on_search_changed (ForgePageGuide *self)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (self->search));
  ForgeEngineViews *views = forge_app_model_get_views (self->model);

  g_cancellable_cancel (self->search_cancellable);
  g_clear_object (&self->search_cancellable);
  self->search_cancellable = g_cancellable_new ();
  if (!*text || !views) {
    gtk_stack_set_visible_child_name (self->stack, resting_page (self));
    return;
  }
  forge_engine_views_search_async (views,
                                   text,
                                   wall_s (),
                                   MAX_FOUND,
                                   self->search_cancellable,
                                   on_found,
                                   g_object_ref (self));
}

static void
on_search_stopped (ForgePageGuide *self)
{
  gtk_entry_set_text (GTK_ENTRY (self->search), "");
}

static void
on_found_activated (ForgePageGuide *self, GtkListBoxRow *row)
{
  const ForgeProgrammeHit *hit = g_object_get_data (G_OBJECT (row), "hit");
  const ForgeChannelLine *line = find_line (self, hit->channel_id);
  g_autofree char *title = g_strdup (hit->title);
  gint64 channel_id = hit->channel_id, start = hit->start;

  gtk_entry_set_text (GTK_ENTRY (self->search), "");
  gtk_stack_set_visible_child_name (self->stack, resting_page (self));
  forge_guide_grid_reveal (FORGE_GUIDE_GRID (self->grid), channel_id, start);
  if (line)
    show_details (self, line, start, title);
}

static void
show_channels (ForgePageGuide *self)
{
  const ForgeChannelQuery query = { .show = FORGE_SHOW_ENABLED };
  g_autoptr (GPtrArray) lines = forge_channel_index_select (self->table, &query);

  forge_guide_grid_set_channels (FORGE_GUIDE_GRID (self->grid), self->table, lines);
  if (!*gtk_entry_get_text (GTK_ENTRY (self->search)))
    gtk_stack_set_visible_child_name (self->stack, lines->len > 0 ? "grid" : "empty");
  show_day (self);
}

static void
on_channels (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageGuide) self = user_data;
  ForgeChannelTable *table = forge_engine_views_channels_finish (result, NULL);

  self->is_reading = FALSE;
  if (!table || !self->model) {
    g_clear_pointer (&table, forge_channel_table_unref);
    return;
  }
  g_clear_pointer (&self->table, forge_channel_table_unref);
  self->table = table;
  show_channels (self);
  if (self->is_stale)
    read_channels (self);
}

/* Only while somebody looks: a page in the back reads when it comes to the front. */
static void
read_channels (ForgePageGuide *self)
{
  ForgeEngineViews *views = forge_app_model_get_views (self->model);

  self->is_stale = TRUE;
  if (self->is_reading || !views || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->is_stale = FALSE;
  self->is_reading = TRUE;
  forge_engine_views_channels_async (views, self->cancellable, on_channels, g_object_ref (self));
}

static void
on_map (ForgePageGuide *self)
{
  if (self->is_stale)
    read_channels (self);
}

static void
add_empty_state (ForgePageGuide *self)
{
  GtkWidget *empty =
      forge_empty_state_new ("x-office-calendar-symbolic",
                             _ ("No guide yet"),
                             _ ("Programmes appear here once channels are on. Guides come with an "
                                "account or are added on the page Sources."));

  GtkWidget *nothing = forge_empty_state_new ("edit-find-symbolic",
                                              _ ("No programme like this"),
                                              _ ("The search looks at titles from now on."));

  gtk_widget_show (empty);
  gtk_stack_add_named (self->stack, empty, "empty");
  gtk_widget_show (nothing);
  gtk_stack_add_named (self->stack, nothing, "nothing");
}

static void
forge_page_guide_dispose (GObject *object)
{
  ForgePageGuide *self = FORGE_PAGE_GUIDE (object);

  g_cancellable_cancel (self->cancellable);
  g_cancellable_cancel (self->detail_cancellable);
  g_cancellable_cancel (self->search_cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->detail_cancellable);
  g_clear_object (&self->search_cancellable);
  g_clear_object (&self->model);
  g_clear_pointer (&self->table, forge_channel_table_unref);
  G_OBJECT_CLASS (forge_page_guide_parent_class)->dispose (object);
}

static void
forge_page_guide_class_init (ForgePageGuideClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_guide_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-guide.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, day);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, title);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, when);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, subtitle);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, about);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, description);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, search);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, stack);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, scrolled);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, found);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, details);
  gtk_widget_class_bind_template_child (widget_class, ForgePageGuide, picture_place);
  gtk_widget_class_bind_template_callback (widget_class, on_previous_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_next_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_now_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_close_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_search_stopped);
  gtk_widget_class_bind_template_callback (widget_class, on_found_activated);
}

static void
forge_page_guide_init (ForgePageGuide *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  add_empty_state (self);
  g_signal_connect_after (self, "map", G_CALLBACK (on_map), NULL);
}

GtkWidget *
forge_page_guide_new (ForgeAppModel *model)
{
  ForgePageGuide *self = g_object_new (FORGE_TYPE_PAGE_GUIDE, NULL);

  self->model = g_object_ref (model);
  self->grid = forge_guide_grid_new (model);
  gtk_container_add (self->scrolled, self->grid);
  self->picture = forge_picture_new (model, PICTURE_WIDTH, PICTURE_HEIGHT);
  gtk_container_add (self->picture_place, self->picture);
  g_signal_connect_object (self->grid, "chosen", G_CALLBACK (on_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->grid, "scrolled", G_CALLBACK (show_day), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "snapshot-changed",
                           G_CALLBACK (read_channels),
                           self,
                           G_CONNECT_SWAPPED);
  read_channels (self);
  return GTK_WIDGET (self);
}
