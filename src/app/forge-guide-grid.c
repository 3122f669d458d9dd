/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-guide-grid.h"

#include "app/forge-guide-paint.h"

#include <glib/gi18n.h>

#include <math.h>

#define DAYS_BACK    1
#define DAYS_AHEAD   8
#define HOUR_WIDTH   20 /* letters */
#define NAMES_WIDTH  20 /* letters */
#define HOUR_S       3600
#define AHEAD_ROWS   12 /* read beyond what can be seen, so that scrolling finds it ready */
#define AHEAD_S      (3 * HOUR_S)
#define TICK_S       30 /* how often the line of the present moves */
#define WHEEL_PIXELS 60

struct _ForgeGuideGrid {
  GtkDrawingArea parent;
  ForgeAppModel *model;
  ForgeChannelTable *table;
  ForgeGuidePicture picture;
  GtkAdjustment *along, *down;
  GCancellable *cancellable;
  gboolean is_reading;
  guint tick;
  gboolean is_placed; /* scrolled to the present once */
};

enum { CHOSEN, SCROLLED, N_SIGNALS };
enum { PROP_0, PROP_HADJUSTMENT, PROP_VADJUSTMENT, PROP_HPOLICY, PROP_VPOLICY };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (ForgeGuideGrid,
                               forge_guide_grid,
                               GTK_TYPE_DRAWING_AREA,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

static void read_programmes (ForgeGuideGrid *self);

static gint64
wall_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static const ForgeChannelLine *
line_at (ForgeGuideGrid *self, guint row)
{
  return row < self->picture.lines->len ? g_ptr_array_index (self->picture.lines, row) : NULL;
}

/* The programme under the cursor as a sentence. */
static char *
describe_cursor (ForgeGuideGrid *self)
{
  const ForgeChannelLine *line = line_at (self, self->picture.cursor_row);
  const ForgeProgrammeCell *cell = forge_guide_picture_cell (&self->picture,
                                                             self->picture.cursor_row,
                                                             self->picture.cursor_time);

  if (!line)
    return g_strdup ("");
  if (!cell || cell->is_placeholder)
    return g_strdup_printf (_ ("%s: no programme information"), line->name);
  g_autofree char *span = forge_guide_time_span (cell->start, cell->stop);
  return g_strdup_printf ("%s, %s: %s", line->name, span, cell->title);
}

static void
say_cursor (ForgeGuideGrid *self)
{
  g_autofree char *text = describe_cursor (self);

  atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (self)), text);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
covers (ForgeGuideGrid *self, guint first, guint count, gint64 from, gint64 to)
{
  ForgeProgrammeTable *programmes = self->picture.programmes;
  gboolean is_known = TRUE;
  guint cells;

  if (!programmes || forge_programme_table_from (programmes) > from ||
      forge_programme_table_to (programmes) < to)
    return FALSE;
  for (guint i = 0; i < count && is_known; i++) {
    const ForgeChannelLine *line = line_at (self, first + i);
    if (line)
      forge_programme_table_cells (programmes, line->id, &cells, &is_known);
  }
  return is_known;
}

static void
on_programmes (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeGuideGrid) self = user_data;
  g_autoptr (GError) error = NULL;
  ForgeProgrammeTable *programmes = forge_engine_views_programmes_finish (result, &error);

  self->is_reading = FALSE;
  if (!self->model || !programmes) {
    g_clear_pointer (&programmes, forge_programme_table_unref);
    return;
  }
  g_clear_pointer (&self->picture.programmes, forge_programme_table_unref);
  self->picture.programmes = programmes;
  say_cursor (self);
  /* Scrolled on in the meantime? */
  read_programmes (self);
}

static void
ask_for (ForgeGuideGrid *self, ForgeEngineViews *views, guint first, guint count)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint begin = first > AHEAD_ROWS ? first - AHEAD_ROWS : 0;
  gint64 from, to;

  for (guint row = begin; row < first + count + AHEAD_ROWS; row++) {
    const ForgeChannelLine *line = line_at (self, row);
    if (line)
      g_array_append_val (ids, line->id);
  }
  forge_guide_geometry_visible_times (&self->picture.geometry, &from, &to);
  self->is_reading = TRUE;
  forge_engine_views_programmes_async (views,
                                       (const gint64 *)(gpointer)ids->data,
                                       ids->len,
                                       from - AHEAD_S,
                                       to + AHEAD_S,
                                       self->cancellable,
                                       on_programmes,
                                       g_object_ref (self));
}

/* Reads what can be seen and is not there yet; one reading at a time. */
static void
read_programmes (ForgeGuideGrid *self)
{
  ForgeEngineViews *views = self->model ? forge_app_model_get_views (self->model) : NULL;
  gint64 from, to;
  guint first;

  if (!views || self->is_reading || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  guint count = forge_guide_geometry_visible_rows (&self->picture.geometry, &first);
  forge_guide_geometry_visible_times (&self->picture.geometry, &from, &to);
  if (count > 0 && !covers (self, first, count, from, to))
    ask_for (self, views, first, count);
}

static void
configure (GtkAdjustment *adjustment, double upper, double page)
{
  double value = CLAMP (gtk_adjustment_get_value (adjustment), 0, MAX (upper - page, 0));

  gtk_adjustment_configure (adjustment,
                            value,
                            0,
                            MAX (upper, page),
                            WHEEL_PIXELS,
                            page * 0.9,
                            page);
}

static void
on_scrolled (ForgeGuideGrid *self)
{
  self->picture.geometry.along = gtk_adjustment_get_value (self->along);
  self->picture.geometry.down = gtk_adjustment_get_value (self->down);
  read_programmes (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[SCROLLED], 0);
}

static void
update_adjustments (ForgeGuideGrid *self)
{
  const ForgeGuideGeometry *geometry = &self->picture.geometry;

  if (!self->along || !self->down)
    return;
  configure (self->along,
             forge_guide_geometry_length (geometry),
             forge_guide_geometry_page_width (geometry));
  configure (self->down,
             forge_guide_geometry_depth (geometry),
             forge_guide_geometry_page_height (geometry));
  on_scrolled (self);
}

static void
set_adjustment (ForgeGuideGrid *self, GtkAdjustment **place, GtkAdjustment *adjustment)
{
  if (*place)
    g_signal_handlers_disconnect_by_func (*place, on_scrolled, self);
  g_clear_object (place);
  *place = g_object_ref_sink (adjustment ? adjustment : gtk_adjustment_new (0, 0, 0, 0, 0, 0));
  g_signal_connect_object (*place,
                           "value-changed",
                           G_CALLBACK (on_scrolled),
                           self,
                           G_CONNECT_SWAPPED);
  update_adjustments (self);
}

/* Sizes follow the font: large text, large cells. */
static void
measure (ForgeGuideGrid *self)
{
  ForgeGuideGeometry *geometry = &self->picture.geometry;
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int line = PANGO_PIXELS (pango_font_metrics_get_ascent (metrics) +
                           pango_font_metrics_get_descent (metrics));
  int letter = PANGO_PIXELS (pango_font_metrics_get_approximate_char_width (metrics));

  pango_font_metrics_unref (metrics);
  line = MAX (line, 8);
  letter = MAX (letter, 4);
  geometry->row_height = 2 * line + 18;
  geometry->ruler_height = line + 14;
  geometry->names_width = NAMES_WIDTH * letter;
  geometry->pixel_s = (double)HOUR_S / (HOUR_WIDTH * letter * 1.6);
  geometry->is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

static void
forge_guide_grid_style_updated (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (forge_guide_grid_parent_class)->style_updated (widget);
  measure (FORGE_GUIDE_GRID (widget));
  gtk_widget_queue_resize (widget);
}

static void
forge_guide_grid_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (widget);

  GTK_WIDGET_CLASS (forge_guide_grid_parent_class)->size_allocate (widget, allocation);
  self->picture.geometry.width = allocation->width;
  self->picture.geometry.height = allocation->height;
  update_adjustments (self);
  if (!self->is_placed && allocation->width > 1) {
    self->is_placed = TRUE;
    forge_guide_grid_go_to (self, wall_s ());
  }
}

static void
forge_guide_grid_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (forge_guide_grid_parent_class)->map (widget);
  read_programmes (FORGE_GUIDE_GRID (widget));
}

static gboolean
forge_guide_grid_draw (GtkWidget *widget, cairo_t *cr)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (widget);

  self->picture.has_cursor = gtk_widget_has_focus (widget);
  forge_guide_paint (widget, cr, &self->picture);
  return GDK_EVENT_STOP;
}

/* Scrolls so that the cursor's programme is seen. */
static void
show_cursor (ForgeGuideGrid *self)
{
  ForgeGuidePicture *picture = &self->picture;
  const ForgeProgrammeCell *cell =
      forge_guide_picture_cell (picture, picture->cursor_row, picture->cursor_time);
  gint64 start = cell ? cell->start : picture->cursor_time;
  gint64 stop = cell ? cell->stop : picture->cursor_time + HOUR_S / 2;
  double along, down;

  forge_guide_geometry_reveal (&picture->geometry, picture->cursor_row, start, stop, &along, &down);
  gtk_adjustment_set_value (self->along, along);
  gtk_adjustment_set_value (self->down, down);
  say_cursor (self);
}

static void
move_row (ForgeGuideGrid *self, int rows)
{
  int last = (int)self->picture.lines->len - 1;
  int row = (int)self->picture.cursor_row + rows;

  self->picture.cursor_row = (guint)CLAMP (row, 0, MAX (last, 0));
  show_cursor (self);
}

/* To the neighbour in time; half an hour where the guide says nothing. */
static void
move_time (ForgeGuideGrid *self, gboolean forward)
{
  ForgeGuidePicture *picture = &self->picture;
  const ForgeProgrammeCell *cell =
      forge_guide_picture_cell (picture, picture->cursor_row, picture->cursor_time);
  gint64 time = forward ? (cell ? cell->stop : picture->cursor_time + HOUR_S / 2)
                        : (cell ? cell->start - 1 : picture->cursor_time - HOUR_S / 2);

  picture->cursor_time = CLAMP (time, picture->geometry.from, picture->geometry.to - 1);
  show_cursor (self);
}

static void
choose (ForgeGuideGrid *self)
{
  const ForgeChannelLine *line = line_at (self, self->picture.cursor_row);
  const ForgeProgrammeCell *cell = forge_guide_picture_cell (&self->picture,
                                                             self->picture.cursor_row,
                                                             self->picture.cursor_time);

  if (line)
    g_signal_emit (self, signals[CHOSEN], 0, line->id, cell);
}

static int
page_rows (ForgeGuideGrid *self)
{
  const ForgeGuideGeometry *geometry = &self->picture.geometry;

  return MAX (forge_guide_geometry_page_height (geometry) / geometry->row_height - 1, 1);
}

static gboolean
forge_guide_grid_key_press (GtkWidget *widget, GdkEventKey *event)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (widget);
  gboolean is_rtl = self->picture.geometry.is_rtl;

  if (event->state & gtk_accelerator_get_default_mod_mask ())
    return GDK_EVENT_PROPAGATE;
  switch (event->keyval) {
  case GDK_KEY_Up:
  case GDK_KEY_Down:
    move_row (self, event->keyval == GDK_KEY_Up ? -1 : 1);
    return GDK_EVENT_STOP;
  case GDK_KEY_Left:
  case GDK_KEY_Right:
    move_time (self, (event->keyval == GDK_KEY_Right) != is_rtl);
    return GDK_EVENT_STOP;
  case GDK_KEY_Page_Up:
  case GDK_KEY_Page_Down:
    move_row (self, event->keyval == GDK_KEY_Page_Up ? -page_rows (self) : page_rows (self));
    return GDK_EVENT_STOP;
  case GDK_KEY_Home:
    forge_guide_grid_go_to (self, wall_s ());
    return GDK_EVENT_STOP;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_space:
    choose (self);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

static gboolean
forge_guide_grid_button_press (GtkWidget *widget, GdkEventButton *event)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (widget);
  ForgeGuidePlace place = forge_guide_geometry_at (&self->picture.geometry, event->x, event->y);

  gtk_widget_grab_focus (widget);
  if (event->type != GDK_BUTTON_PRESS || event->button != GDK_BUTTON_PRIMARY ||
      (place.kind != FORGE_GUIDE_TIME && place.kind != FORGE_GUIDE_NAME))
    return GDK_EVENT_PROPAGATE;
  self->picture.cursor_row = place.row;
  if (place.kind == FORGE_GUIDE_TIME)
    self->picture.cursor_time = place.time;
  say_cursor (self);
  choose (self);
  return GDK_EVENT_STOP;
}

static gboolean
forge_guide_grid_focus_change (GtkWidget *widget, GdkEventFocus *event)
{
  gtk_widget_queue_draw (widget);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
on_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (widget);
  ForgeGuidePlace place = forge_guide_geometry_at (&self->picture.geometry, x, y);
  const ForgeProgrammeCell *cell =
      place.kind == FORGE_GUIDE_TIME && !keyboard
          ? forge_guide_picture_cell (&self->picture, place.row, place.time)
          : NULL;

  if (!cell)
    return FALSE;
  g_autofree char *span = forge_guide_time_span (cell->start, cell->stop);
  g_autofree char *text = g_strdup_printf ("%s\n%s", cell->title, span);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* The time line is a window of some days around the present, which moves on at midnight. */
static void
place_time_line (ForgeGuideGrid *self)
{
  ForgeGuideGeometry *geometry = &self->picture.geometry;
  gint64 from = forge_guide_day_start (self->picture.now, -DAYS_BACK);
  double moved = (double)(from - geometry->from) / geometry->pixel_s;

  if (from == geometry->from)
    return;
  geometry->from = from;
  geometry->to = forge_guide_day_start (self->picture.now, DAYS_AHEAD);
  update_adjustments (self);
  if (self->is_placed)
    gtk_adjustment_set_value (self->along, gtk_adjustment_get_value (self->along) - moved);
}

static gboolean
on_tick (gpointer user_data)
{
  ForgeGuideGrid *self = user_data;

  self->picture.now = wall_s ();
  place_time_line (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return G_SOURCE_CONTINUE;
}

void
forge_guide_grid_set_channels (ForgeGuideGrid *self, ForgeChannelTable *table, GPtrArray *lines)
{
  forge_channel_table_ref (table);
  g_ptr_array_ref (lines);
  g_clear_pointer (&self->table, forge_channel_table_unref);
  g_ptr_array_unref (self->picture.lines);
  g_clear_pointer (&self->picture.programmes, forge_programme_table_unref);
  self->table = table;
  self->picture.lines = lines;
  self->picture.geometry.rows = lines->len;
  self->picture.cursor_row = MIN (self->picture.cursor_row, MAX (lines->len, 1) - 1);
  update_adjustments (self);
  say_cursor (self);
}

gint64
forge_guide_grid_get_time (ForgeGuideGrid *self)
{
  gint64 from, to;

  forge_guide_geometry_visible_times (&self->picture.geometry, &from, &to);
  /* Where forge_guide_geometry_along_for () puts a time, so that going there and asking agree. */
  return from + (to - from) / 10;
}

void
forge_guide_grid_go_to (ForgeGuideGrid *self, gint64 time)
{
  self->picture.cursor_time = time;
  gtk_adjustment_set_value (self->along,
                            forge_guide_geometry_along_for (&self->picture.geometry, time));
  say_cursor (self);
}

void
forge_guide_grid_reveal (ForgeGuideGrid *self, gint64 channel_id, gint64 time)
{
  for (guint row = 0; row < self->picture.lines->len; row++)
    if (line_at (self, row)->id == channel_id) {
      self->picture.cursor_row = row;
      forge_guide_grid_go_to (self, time);
      show_cursor (self);
      gtk_widget_grab_focus (GTK_WIDGET (self));
      return;
    }
}

static void
forge_guide_grid_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (object);

  if (id == PROP_HADJUSTMENT)
    set_adjustment (self, &self->along, g_value_get_object (value));
  else if (id == PROP_VADJUSTMENT)
    set_adjustment (self, &self->down, g_value_get_object (value));
}

static void
forge_guide_grid_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (object);

  if (id == PROP_HADJUSTMENT)
    g_value_set_object (value, self->along);
  else if (id == PROP_VADJUSTMENT)
    g_value_set_object (value, self->down);
  else
    g_value_set_enum (value, GTK_SCROLL_MINIMUM);
}

static void
forge_guide_grid_dispose (GObject *object)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  g_clear_object (&self->along);
  g_clear_object (&self->down);
  G_OBJECT_CLASS (forge_guide_grid_parent_class)->dispose (object);
}

static void
forge_guide_grid_finalize (GObject *object)
{
  ForgeGuideGrid *self = FORGE_GUIDE_GRID (object);

  g_clear_pointer (&self->table, forge_channel_table_unref);
  g_clear_pointer (&self->picture.lines, g_ptr_array_unref);
  g_clear_pointer (&self->picture.programmes, forge_programme_table_unref);
  G_OBJECT_CLASS (forge_guide_grid_parent_class)->finalize (object);
}

static void
forge_guide_grid_class_init (ForgeGuideGridClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = forge_guide_grid_set_property;
  object_class->get_property = forge_guide_grid_get_property;
  object_class->dispose = forge_guide_grid_dispose;
  object_class->finalize = forge_guide_grid_finalize;
  widget_class->style_updated = forge_guide_grid_style_updated;
  widget_class->size_allocate = forge_guide_grid_size_allocate;
  widget_class->map = forge_guide_grid_map;
  widget_class->draw = forge_guide_grid_draw;
  widget_class->key_press_event = forge_guide_grid_key_press;
  widget_class->button_press_event = forge_guide_grid_button_press;
  widget_class->focus_in_event = forge_guide_grid_focus_change;
  widget_class->focus_out_event = forge_guide_grid_focus_change;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HPOLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VPOLICY, "vscroll-policy");
  gtk_widget_class_set_accessible_role (widget_class, ATK_ROLE_TABLE);
  signals[CHOSEN] = g_signal_new ("chosen",
                                  FORGE_TYPE_GUIDE_GRID,
                                  G_SIGNAL_RUN_LAST,
                                  0,
                                  NULL,
                                  NULL,
                                  NULL,
                                  G_TYPE_NONE,
                                  2,
                                  G_TYPE_INT64,
                                  G_TYPE_POINTER);
  signals[SCROLLED] = g_signal_new ("scrolled",
                                    FORGE_TYPE_GUIDE_GRID,
                                    G_SIGNAL_RUN_LAST,
                                    0,
                                    NULL,
                                    NULL,
                                    NULL,
                                    G_TYPE_NONE,
                                    0);
}

static void
forge_guide_grid_init (ForgeGuideGrid *self)
{
  self->picture.lines = g_ptr_array_new ();
  self->picture.now = wall_s ();
  self->picture.cursor_time = self->picture.now;
  self->cancellable = g_cancellable_new ();
  set_adjustment (self, &self->along, NULL);
  set_adjustment (self, &self->down, NULL);
  measure (self);
  place_time_line (self);
  self->tick = g_timeout_add_seconds (TICK_S, on_tick, self);
  gtk_widget_set_can_focus (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_add_events (GTK_WIDGET (self),
                         GDK_BUTTON_PRESS_MASK | GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Programme guide"));
}

GtkWidget *
forge_guide_grid_new (ForgeAppModel *model)
{
  ForgeGuideGrid *self = g_object_new (FORGE_TYPE_GUIDE_GRID, "visible", TRUE, NULL);

  self->model = g_object_ref (model);
  return GTK_WIDGET (self);
}
