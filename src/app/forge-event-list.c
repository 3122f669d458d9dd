/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-event-list.h"

#include "app/forge-json-read.h"
#include "base/forge-log.h"

#include <glib/gi18n.h>

#include <string.h>

/* The store keeps more; nobody reads further back in a window. */
#define MAX_ROWS 5000

struct _ForgeEventList {
  GObject parent;
  ForgeAppModel *model;
  GtkListStore *rows;
  GtkTreeModelFilter *filter;
  GCancellable *cancellable;
  ForgeLogLevel level;
  char *category, *search; /* NULL = all; `search` casefolded */
  gint64 newest;
  guint n_rows;
  gboolean is_loading, is_stale;
};

G_DEFINE_FINAL_TYPE (ForgeEventList, forge_event_list, G_TYPE_OBJECT)

enum { SIGNAL_LOADED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void load (ForgeEventList *self);

static const char *
category_text (const char *category)
{
  static const struct {
    const char *name, *text;
  } texts[] = {
    { "connection", N_ ("Connection") }, { "stream", N_ ("Stream") },
    { "match", N_ ("Matching") },        { "guide", N_ ("Guide") },
    { "provider", N_ ("Provider") },     { "library", N_ ("Library") },
    { "system", N_ ("System") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (texts[i].name, category) == 0)
      return _ (texts[i].text);
  return "";
}

static const char *
level_icon (ForgeLogLevel level)
{
  static const char *const icons[] = { "dialog-error-symbolic",
                                       "dialog-warning-symbolic",
                                       "dialog-information-symbolic",
                                       "content-loading-symbolic" };

  return icons[level];
}

static char *
local_time (const char *iso)
{
  g_autoptr (GDateTime) utc = iso ? g_date_time_new_from_iso8601 (iso, NULL) : NULL;
  g_autoptr (GDateTime) local = utc ? g_date_time_to_local (utc) : NULL;

  /* Translators: day and time of a log line; strftime codes. */
  return local ? g_date_time_format (local, _ ("%d %b %H:%M:%S")) : g_strdup ("");
}

static void
add_event (ForgeEventList *self, JsonObject *event)
{
  const char *details = forge_json_read_text (event, "details"),
             *message = forge_json_read_text (event, "message");
  g_autofree char *time = local_time (forge_json_read_text (event, "time"));
  g_autofree char *text = details ? g_strdup_printf ("%s – %s", message, details)
                                  : g_strdup (message);
  gint64 id = forge_json_read_int (event, "id");
  const char *level_name = forge_json_read_text (event, "level");
  ForgeLogLevel level = FORGE_LOG_INFO;

  if (id <= self->newest || !level_name || !forge_log_level_parse (level_name, &level))
    return;
  self->newest = id;
  self->n_rows++;
  gtk_list_store_insert_with_values (self->rows,
                                     NULL,
                                     0,
                                     FORGE_EVENT_ID,
                                     id,
                                     FORGE_EVENT_TIME_TEXT,
                                     time,
                                     FORGE_EVENT_LEVEL,
                                     (int)level,
                                     FORGE_EVENT_ICON,
                                     level_icon (level),
                                     FORGE_EVENT_CATEGORY,
                                     forge_json_read_text (event, "category"),
                                     FORGE_EVENT_CATEGORY_TEXT,
                                     category_text (forge_json_read_text (event, "category")),
                                     FORGE_EVENT_TEXT,
                                     text,
                                     -1);
}

static void
drop_oldest (ForgeEventList *self)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->rows);
  GtkTreeIter iter;

  for (; self->n_rows > MAX_ROWS; self->n_rows--)
    if (gtk_tree_model_iter_nth_child (model, &iter, NULL, (int)self->n_rows - 1))
      gtk_list_store_remove (self->rows, &iter);
}

static gint64
event_id (JsonArray *events, guint index)
{
  return forge_json_read_int (forge_json_as_object (json_array_get_element (events, index)), "id");
}

/* Oldest first, whichever way the answer runs. */
static void
add_events (ForgeEventList *self, JsonArray *events)
{
  guint n = json_array_get_length (events), most = MIN (n, MAX_ROWS);
  gboolean is_newest_first = n > 1 && event_id (events, 0) > event_id (events, n - 1);

  for (guint i = 0; i < most; i++) {
    guint index = is_newest_first ? most - 1 - i : n - most + i;
    add_event (self, forge_json_as_object (json_array_get_element (events, index)));
  }
  drop_oldest (self);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeEventList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);
  JsonArray *events = forge_json_as_array (answer);

  self->is_loading = FALSE;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (events && json_array_get_length (events) > 0) {
    add_events (self, events);
    g_signal_emit (self, signals[SIGNAL_LOADED], 0);
  }
  if (self->is_stale)
    load (self);
}

static void
load (ForgeEventList *self)
{
  g_autofree char *path = g_strdup_printf ("/v1/events?after=%" G_GINT64_FORMAT, self->newest);

  self->is_stale = self->is_loading;
  if (self->is_loading || !forge_app_model_get_engine (self->model))
    return;
  self->is_loading = TRUE;
  forge_app_model_call (self->model,
                        "GET",
                        path,
                        NULL,
                        self->cancellable,
                        on_loaded,
                        g_object_ref (self));
}

static gboolean
is_shown (GtkTreeModel *model, GtkTreeIter *iter, gpointer user_data)
{
  ForgeEventList *self = user_data;
  g_autofree char *category = NULL, *text = NULL, *folded = NULL;
  int level;

  gtk_tree_model_get (model,
                      iter,
                      FORGE_EVENT_LEVEL,
                      &level,
                      FORGE_EVENT_CATEGORY,
                      &category,
                      FORGE_EVENT_TEXT,
                      &text,
                      -1);
  if (level > (int)self->level || (self->category && g_strcmp0 (self->category, category) != 0))
    return FALSE;
  if (!self->search)
    return TRUE;
  folded = text ? g_utf8_casefold (text, -1) : NULL;
  return folded && strstr (folded, self->search);
}

GtkTreeModel *
forge_event_list_get_model (ForgeEventList *self)
{
  return GTK_TREE_MODEL (self->filter);
}

void
forge_event_list_set_filter (ForgeEventList *self,
                             const char *level,
                             const char *category,
                             const char *search)
{
  self->level = FORGE_LOG_DEBUG;
  if (level && *level)
    forge_log_level_parse (level, &self->level);
  g_free (self->category);
  self->category = category && *category ? g_strdup (category) : NULL;
  g_free (self->search);
  self->search = search && *search ? g_utf8_casefold (search, -1) : NULL;
  gtk_tree_model_filter_refilter (self->filter);
}

guint
forge_event_list_count_serious_after (ForgeEventList *self, gint64 id)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->rows);
  GtkTreeIter iter;
  gint64 each;
  int level;
  guint n = 0;

  for (gboolean ok = gtk_tree_model_get_iter_first (model, &iter); ok;
       ok = gtk_tree_model_iter_next (model, &iter)) {
    gtk_tree_model_get (model, &iter, FORGE_EVENT_ID, &each, FORGE_EVENT_LEVEL, &level, -1);
    if (each <= id)
      break;
    n += level <= (int)FORGE_LOG_WARNING;
  }
  return n;
}

gint64
forge_event_list_get_newest (ForgeEventList *self)
{
  return self->newest;
}

void
forge_event_list_clear (ForgeEventList *self)
{
  gtk_list_store_clear (self->rows);
  self->n_rows = 0;
  forge_app_model_do (self->model, "DELETE", "/v1/events", NULL, NULL);
  g_signal_emit (self, signals[SIGNAL_LOADED], 0);
}

GBytes *
forge_event_list_export (ForgeEventList *self)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->filter);
  GString *out = g_string_new (NULL);
  GtkTreeIter iter;

  for (gboolean ok = gtk_tree_model_get_iter_first (model, &iter); ok;
       ok = gtk_tree_model_iter_next (model, &iter)) {
    g_autofree char *time = NULL, *category = NULL, *text = NULL;
    int level;
    gtk_tree_model_get (model,
                        &iter,
                        FORGE_EVENT_TIME_TEXT,
                        &time,
                        FORGE_EVENT_LEVEL,
                        &level,
                        FORGE_EVENT_CATEGORY,
                        &category,
                        FORGE_EVENT_TEXT,
                        &text,
                        -1);
    g_string_append_printf (out,
                            "%s %-7s %-10s %s\n",
                            time,
                            forge_log_level_name (level),
                            category,
                            text);
  }
  return g_string_free_to_bytes (out);
}

static void
forge_event_list_dispose (GObject *object)
{
  ForgeEventList *self = FORGE_EVENT_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->filter);
  g_clear_object (&self->rows);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_event_list_parent_class)->dispose (object);
}

static void
forge_event_list_finalize (GObject *object)
{
  ForgeEventList *self = FORGE_EVENT_LIST (object);

  g_object_unref (self->cancellable);
  g_free (self->category);
  g_free (self->search);
  G_OBJECT_CLASS (forge_event_list_parent_class)->finalize (object);
}

static void
forge_event_list_class_init (ForgeEventListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_event_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = forge_event_list_finalize;
  signals[SIGNAL_LOADED] = g_signal_new ("loaded",
                                         FORGE_TYPE_EVENT_LIST,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         0);
}

static void
forge_event_list_init (ForgeEventList *self)
{
  self->cancellable = g_cancellable_new ();
  self->level = FORGE_LOG_INFO;
  self->rows = gtk_list_store_new (FORGE_EVENT_N_COLUMNS,
                                   G_TYPE_INT64,
                                   G_TYPE_STRING,
                                   G_TYPE_INT,
                                   G_TYPE_STRING,
                                   G_TYPE_STRING,
                                   G_TYPE_STRING,
                                   G_TYPE_STRING);
  self->filter =
      GTK_TREE_MODEL_FILTER (gtk_tree_model_filter_new (GTK_TREE_MODEL (self->rows), NULL));
  gtk_tree_model_filter_set_visible_func (self->filter, is_shown, self, NULL);
}

ForgeEventList *
forge_event_list_new (ForgeAppModel *model)
{
  ForgeEventList *self = g_object_new (FORGE_TYPE_EVENT_LIST, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "events-changed", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  load (self);
  return self;
}
