/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-page-sources.h"

#include "app/forge-clamp.h"
#include "app/forge-engine-text.h"
#include "app/forge-json-read.h"
#include "app/forge-question.h"
#include "app/forge-source-changes.h"
#include "app/forge-source-dialog.h"
#include "app/forge-source-row.h"
#include "app/forge-ui.h"
#include "base/forge-error.h"

#include <glib/gi18n.h>

#include <string.h>

/* Older refreshes are of no use to anybody. */
#define MAX_REFRESHES 8

struct _ForgePageSources {
  GtkBin parent;
  ForgeAppModel *model;
  GHashTable
      *busy; /* path of the thing ("/v1/accounts/3") → GCancellable* of what is done with it */
  JsonNode *history; /* last answer of /v1/refreshes, NULL = none */
  GCancellable *cancellable;
  gboolean is_reading;
  char *pointed; /* path of the thing that another page leads to, NULL = none */
  guint idle;    /* the rows are made anew when the click that asked for it is over */
  GtkListBox *accounts, *guides, *refreshes;
  GtkWidget *no_accounts, *no_guides, *refreshes_title;
};

G_DEFINE_FINAL_TYPE (ForgePageSources, forge_page_sources, GTK_TYPE_BIN)

/* One operation on one thing. */
typedef struct {
  ForgePageSources *page;
  char *path;      /* of the thing */
  char *done_text; /* NULL = say nothing */
  gboolean is_refresh;
} Work;

static void queue_show (ForgePageSources *self);
static void run (ForgePageSources *self,
                 const char *path,
                 const char *method,
                 const char *action,
                 JsonNode *body,
                 const char *done_text);

static GtkWindow *
window_of (ForgePageSources *self)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));

  return GTK_IS_WINDOW (top) ? GTK_WINDOW (top) : NULL;
}

static void
work_free (Work *work)
{
  g_object_unref (work->page);
  g_free (work->path);
  g_free (work->done_text);
  g_free (work);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Work, work_free)

typedef struct {
  ForgePageSources *page; /* weak */
  char *path;
  const char *action;
} Question;

static void
on_answer (gboolean is_yes, gpointer user_data)
{
  Question *question = user_data;

  if (is_yes && question->page && strcmp (question->action, FORGE_SOURCE_REMOVE) == 0)
    run (question->page, question->path, "DELETE", "", NULL, _ ("Removed"));
  else if (is_yes && question->page)
    run (question->page,
         question->path,
         "POST",
         "/refresh",
         forge_json_body ("b", "force", TRUE, NULL),
         _ ("Applied"));
  g_clear_weak_pointer (&question->page);
  g_free (question->path);
  g_free (question);
}

static void
ask (ForgePageSources *self,
     const char *path,
     const char *action,
     const char *title,
     const char *text,
     const char *yes)
{
  Question *question = g_new0 (Question, 1);

  g_set_weak_pointer (&question->page, self);
  question->path = g_strdup (path);
  question->action = action;
  forge_question_ask (window_of (self), title, text, _ ("_Cancel"), yes, TRUE, on_answer, question);
}

static void
report (ForgePageSources *self, const Work *work, const GError *error)
{
  g_autofree char *reason = forge_engine_text (error ? error->message : NULL);

  if (!error && work->done_text)
    forge_app_model_notice (self->model, work->done_text);
  else if (error && work->is_refresh && g_error_matches (error, FORGE_ERROR, FORGE_ERROR_HELD_BACK))
    ask (self,
         work->path,
         FORGE_SOURCE_REFRESH,
         _ ("The refresh was held back"),
         reason,
         _ ("_Apply anyway"));
  else if (error)
    forge_app_model_notice_error (self->model, error);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  ForgePageSources *self = work->page;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer G_GNUC_UNUSED = forge_app_model_call_finish (result, &error);

  if (!self->model)
    return;
  g_hash_table_remove (self->busy, work->path);
  report (self, work, error);
  queue_show (self);
}

static void
run (ForgePageSources *self,
     const char *path,
     const char *method,
     const char *action,
     JsonNode *body,
     const char *done_text)
{
  Work *work = g_new0 (Work, 1);
  GCancellable *cancellable = g_cancellable_new ();
  g_autofree char *full = g_strconcat (path, action, NULL);

  work->page = g_object_ref (self);
  work->path = g_strdup (path);
  work->done_text = g_strdup (done_text);
  work->is_refresh = strcmp (action, "/refresh") == 0;
  g_hash_table_insert (self->busy, g_strdup (path), cancellable);
  forge_app_model_call (self->model, method, full, body, cancellable, on_done, work);
  queue_show (self);
}

static void
cancel (ForgePageSources *self, const char *path)
{
  GCancellable *cancellable = g_hash_table_lookup (self->busy, path);

  if (cancellable)
    g_cancellable_cancel (cancellable);
}

/* The account behind "/v1/accounts/3"; NULL if it is gone or none. (transfer none) */
static const ForgeAccount *
find_account (ForgePageSources *self, const char *path)
{
  ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  if (!snapshot || !g_str_has_prefix (path, "/v1/accounts/"))
    return NULL;
  return forge_snapshot_account (snapshot,
                                 g_ascii_strtoll (path + strlen ("/v1/accounts/"), NULL, 10));
}

static void
ask_remove (ForgePageSources *self, const char *path)
{
  if (g_str_has_prefix (path, "/v1/accounts/"))
    ask (self,
         path,
         FORGE_SOURCE_REMOVE,
         _ ("Remove this account?"),
         _ ("Its streams leave the lineup. To move to another provider, replace it instead: then "
            "channels and numbers stay."),
         _ ("_Remove"));
  else
    ask (self,
         path,
         FORGE_SOURCE_REMOVE,
         _ ("Remove this guide?"),
         _ ("Channels that only it knows go with it."),
         _ ("_Remove"));
}

static void
do_wanted (ForgePageSources *self, const char *path, const char *action)
{
  const ForgeAccount *account = find_account (self, path);
  g_autofree char *plain = g_strconcat ("/", action, NULL);

  if (strcmp (action, FORGE_SOURCE_CANCEL) == 0)
    cancel (self, path);
  else if (strcmp (action, FORGE_SOURCE_REMOVE) == 0)
    ask_remove (self, path);
  else if (strcmp (action, FORGE_SOURCE_CHANGES) == 0)
    forge_source_changes_show (self->model, window_of (self), path);
  else if (strcmp (action, FORGE_SOURCE_REPLACE) == 0 && account)
    forge_source_dialog_replace (self->model, window_of (self), account);
  else if (strcmp (action, FORGE_SOURCE_TEST) == 0)
    run (self, path, "POST", plain, NULL, _ ("The login works"));
  else if (strcmp (action, FORGE_SOURCE_REFRESH) == 0)
    run (self, path, "POST", plain, NULL, _ ("Refreshed"));
  else
    run (self, path, "POST", plain, NULL, NULL);
}

static void
on_wanted (GtkWidget *row, const char *action, gpointer user_data)
{
  g_autofree char *path = g_strdup (g_object_get_data (G_OBJECT (row), "path"));

  do_wanted (user_data, path, action);
}

static gboolean
is_busy (ForgePageSources *self, const char *path)
{
  return g_hash_table_contains (self->busy, path);
}

/* Takes `path`. */
static void
add_row (ForgePageSources *self, GtkListBox *list, GtkWidget *row, char *path)
{
  g_object_set_data_full (G_OBJECT (row), "path", path, g_free);
  g_signal_connect_object (row, "wanted", G_CALLBACK (on_wanted), self, 0);
  gtk_container_add (GTK_CONTAINER (list), row);
}

static void
show_accounts (ForgePageSources *self, const ForgeSnapshot *snapshot)
{
  forge_ui_clear (GTK_CONTAINER (self->accounts));
  for (guint i = 0; snapshot && i < snapshot->accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    char *path = g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT, account->id);
    add_row (self,
             self->accounts,
             forge_source_row_new_account (account, is_busy (self, path)),
             path);
  }
  gboolean is_empty = !snapshot || snapshot->accounts->len == 0;
  gtk_widget_set_visible (GTK_WIDGET (self->accounts), !is_empty);
  gtk_widget_set_visible (self->no_accounts, is_empty);
}

static void
show_guides (ForgePageSources *self, const ForgeSnapshot *snapshot)
{
  forge_ui_clear (GTK_CONTAINER (self->guides));
  for (guint i = 0; snapshot && i < snapshot->guides->len; i++) {
    const ForgeGuideSource *guide = g_ptr_array_index (snapshot->guides, i);
    const ForgeAccount *account =
        guide->account_id ? forge_snapshot_account (snapshot, guide->account_id) : NULL;
    char *path = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT, guide->id);
    add_row (
        self,
        self->guides,
        forge_source_row_new_guide (guide, account ? account->name : NULL, is_busy (self, path)),
        path);
  }
  gboolean is_empty = !snapshot || snapshot->guides->len == 0;
  gtk_widget_set_visible (GTK_WIDGET (self->guides), !is_empty);
  gtk_widget_set_visible (self->no_guides, is_empty);
}

static void
show_refreshes (ForgePageSources *self)
{
  JsonArray *array = self->history ? forge_json_as_array (self->history) : NULL;
  guint count = array ? MIN (json_array_get_length (array), MAX_REFRESHES) : 0;

  forge_ui_clear (GTK_CONTAINER (self->refreshes));
  for (guint i = 0; i < count; i++) {
    JsonObject *refresh = json_array_get_object_element (array, i);
    char *path =
        g_strdup_printf ("/v1/refreshes/%" G_GINT64_FORMAT, forge_json_read_int (refresh, "id"));
    add_row (self,
             self->refreshes,
             forge_source_row_new_refresh (refresh, is_busy (self, path)),
             path);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->refreshes), count > 0);
  gtk_widget_set_visible (self->refreshes_title, count > 0);
}

/* What `self->pointed` names, once it has a row: the keyboard goes there, and the page with it. */
static void
point (ForgePageSources *self)
{
  GtkListBox *const lists[] = { self->accounts, self->guides, self->refreshes };

  for (gsize i = 0; self->pointed && i < G_N_ELEMENTS (lists); i++) {
    g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (lists[i]));
    for (GList *each = rows; self->pointed && each; each = each->next)
      if (g_strcmp0 (g_object_get_data (each->data, "path"), self->pointed) == 0) {
        gtk_widget_child_focus (each->data, GTK_DIR_TAB_FORWARD);
        g_clear_pointer (&self->pointed, g_free);
      }
  }
}

static void
show_all (ForgePageSources *self)
{
  const ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  show_accounts (self, snapshot);
  show_guides (self, snapshot);
  show_refreshes (self);
  point (self);
}

static gboolean
on_idle (gpointer user_data)
{
  ForgePageSources *self = user_data;

  self->idle = 0;
  show_all (self);
  return G_SOURCE_REMOVE;
}

static void
queue_show (ForgePageSources *self)
{
  if (!self->idle)
    self->idle = g_idle_add (on_idle, self);
}

static void
on_history (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgePageSources) self = user_data;
  JsonNode *answer = forge_app_model_call_finish (result, NULL);

  self->is_reading = FALSE;
  if (!answer)
    return;
  g_clear_pointer (&self->history, json_node_unref);
  self->history = answer;
  if (self->model)
    show_refreshes (self);
}

static void
on_snapshot (ForgePageSources *self)
{
  queue_show (self);
  if (self->is_reading)
    return;
  self->is_reading = TRUE;
  forge_app_model_call (self->model,
                        "GET",
                        "/v1/refreshes",
                        NULL,
                        self->cancellable,
                        on_history,
                        g_object_ref (self));
}

static void
on_add_account_clicked (ForgePageSources *self)
{
  forge_source_dialog_add_account (self->model, window_of (self));
}

static void
on_add_list_clicked (ForgePageSources *self)
{
  forge_source_dialog_add_list (self->model, window_of (self));
}

static void
on_add_guide_clicked (ForgePageSources *self)
{
  forge_source_dialog_add_guide (self->model, window_of (self));
}

/* "account-3-expiry" → "/v1/accounts/3". Returns: (transfer full), NULL = it names nothing here. */
static char *
path_of_finding (const char *id)
{
  static const struct {
    const char *prefix, *collection;
  } kinds[] = { { "account-", "accounts" }, { "guide-", "guides" }, { "refresh-", "refreshes" } };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    guint64 number = g_str_has_prefix (id, kinds[i].prefix)
                         ? g_ascii_strtoull (id + strlen (kinds[i].prefix), NULL, 10)
                         : 0;
    if (number)
      return g_strdup_printf ("/v1/%s/%" G_GUINT64_FORMAT, kinds[i].collection, number);
  }
  return NULL;
}

static void
refresh_all_guides (ForgePageSources *self)
{
  const ForgeSnapshot *snapshot = forge_app_model_get_snapshot (self->model);

  for (guint i = 0; snapshot && i < snapshot->guides->len; i++) {
    const ForgeGuideSource *guide = g_ptr_array_index (snapshot->guides, i);
    g_autofree char *path = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT, guide->id);
    if (guide->enabled && !is_busy (self, path))
      do_wanted (self, path, FORGE_SOURCE_REFRESH);
  }
}

/* "refresh:account-3-refresh": a fix that is done here; without a verb the place is shown. */
static void
on_navigate (ForgePageSources *self, const char *page, const char *detail)
{
  if (!g_str_equal (page, "sources") || !detail)
    return;
  const char *colon = strchr (detail, ':');
  g_autofree char *verb = colon ? g_strndup (detail, (gsize)(colon - detail)) : NULL;
  g_autofree char *path = path_of_finding (colon ? colon + 1 : detail);
  g_free (self->pointed);
  self->pointed = g_strdup (path);
  if (verb && path && !is_busy (self, path))
    do_wanted (self, path, verb);
  else if (g_strcmp0 (verb, FORGE_SOURCE_REFRESH) == 0)
    refresh_all_guides (self);
  queue_show (self);
}

static void
forge_page_sources_dispose (GObject *object)
{
  ForgePageSources *self = FORGE_PAGE_SOURCES (object);

  g_clear_handle_id (&self->idle, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->pointed, g_free);
  g_clear_object (&self->model);
  g_clear_pointer (&self->busy, g_hash_table_unref);
  g_clear_pointer (&self->history, json_node_unref);
  G_OBJECT_CLASS (forge_page_sources_parent_class)->dispose (object);
}

static void
forge_page_sources_class_init (ForgePageSourcesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = forge_page_sources_dispose;
  g_type_ensure (FORGE_TYPE_CLAMP);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/streamforge/StreamForge/ui/page-sources.ui");
  gtk_widget_class_bind_template_child (widget_class, ForgePageSources, accounts);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSources, guides);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSources, refreshes);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSources, no_accounts);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSources, no_guides);
  gtk_widget_class_bind_template_child (widget_class, ForgePageSources, refreshes_title);
  gtk_widget_class_bind_template_callback (widget_class, on_add_account_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_add_list_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_add_guide_clicked);
}

static void
forge_page_sources_init (ForgePageSources *self)
{
  self->busy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
forge_page_sources_new (ForgeAppModel *model)
{
  ForgePageSources *self = g_object_new (FORGE_TYPE_PAGE_SOURCES, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "navigate", G_CALLBACK (on_navigate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model,
                           "snapshot-changed",
                           G_CALLBACK (on_snapshot),
                           self,
                           G_CONNECT_SWAPPED);
  show_all (self);
  return GTK_WIDGET (self);
}
