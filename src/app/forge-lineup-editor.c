/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-lineup-editor.h"

#include <glib/gi18n.h>

typedef enum { DO, UNDO, REDO } Kind;

/* What waits for its turn; which deed an undo takes back is decided when it begins. */
typedef struct {
  Kind kind;
  ForgeDeed *deed; /* of DO, until it is done */
} Job;

struct _ForgeLineupEditor {
  GObject parent;
  ForgeAppModel *model;
  ForgeUndo *undo;
  GQueue jobs; /* of Job*; the first one runs */
  guint next;  /* call of the first job */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (ForgeLineupEditor, forge_lineup_editor, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void run (ForgeLineupEditor *self);

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->deed, forge_deed_free);
  g_free (job);
}

/* The deed that the first job is about, NULL if there is none any more. */
static const ForgeDeed *
deed_of (ForgeLineupEditor *self, const Job *job)
{
  return job->kind == DO ? job->deed : forge_undo_peek (self->undo, job->kind == REDO);
}

/* Undo runs the other way round. */
static const ForgeDeedCall *
call_of (const ForgeDeed *deed, Kind kind, guint index)
{
  GPtrArray *calls = kind == UNDO ? deed->undo : deed->calls;

  if (index >= calls->len)
    return NULL;
  return g_ptr_array_index (calls, kind == UNDO ? calls->len - 1 - index : index);
}

static void
end_job (ForgeLineupEditor *self, const GError *error)
{
  Job *job = g_queue_pop_head (&self->jobs);

  self->next = 0;
  if (error) {
    forge_undo_clear (self->undo);
    forge_app_model_notice_error (self->model, error);
  } else if (job->kind != DO) {
    if (forge_undo_peek (self->undo, job->kind == REDO))
      forge_undo_step (self->undo, job->kind == REDO);
  } else if (job->deed->undo->len > 0) {
    forge_undo_push (self->undo, g_steal_pointer (&job->deed));
  }
  job_free (job);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ForgeLineupEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = forge_app_model_call_finish (result, &error);

  if (!self->model)
    return;
  self->next++;
  if (!answer)
    end_job (self, error);
  run (self);
}

/* The next call of the first job; goes on to the next job when it has no more. */
static void
run (ForgeLineupEditor *self)
{
  while (!g_queue_is_empty (&self->jobs)) {
    const Job *job = g_queue_peek_head (&self->jobs);
    const ForgeDeed *deed = deed_of (self, job);
    const ForgeDeedCall *call = deed ? call_of (deed, job->kind, self->next) : NULL;
    if (call) {
      forge_app_model_call (self->model,
                            call->method,
                            call->path,
                            call->body ? json_node_copy (call->body) : NULL,
                            self->cancellable,
                            on_called,
                            g_object_ref (self));
      return;
    }
    end_job (self, NULL);
  }
}

static void
push (ForgeLineupEditor *self, Kind kind, ForgeDeed *deed)
{
  Job *job = g_new0 (Job, 1);
  gboolean is_idle = g_queue_is_empty (&self->jobs);

  job->kind = kind;
  job->deed = deed;
  g_queue_push_tail (&self->jobs, job);
  if (is_idle)
    run (self);
}

void
forge_lineup_editor_do (ForgeLineupEditor *self, ForgeDeed *deed)
{
  if (deed)
    push (self, DO, deed);
}

void
forge_lineup_editor_undo (ForgeLineupEditor *self)
{
  push (self, UNDO, NULL);
}

void
forge_lineup_editor_redo (ForgeLineupEditor *self)
{
  push (self, REDO, NULL);
}

static const char *
name_of (ForgeLineupEditor *self, gboolean redo)
{
  const ForgeDeed *deed = forge_undo_peek (self->undo, redo);

  return deed ? deed->name : NULL;
}

const char *
forge_lineup_editor_get_undo_name (ForgeLineupEditor *self)
{
  return name_of (self, FALSE);
}

const char *
forge_lineup_editor_get_redo_name (ForgeLineupEditor *self)
{
  return name_of (self, TRUE);
}

gboolean
forge_lineup_editor_is_idle (ForgeLineupEditor *self)
{
  return g_queue_is_empty (&self->jobs);
}

static void
forge_lineup_editor_dispose (GObject *object)
{
  ForgeLineupEditor *self = FORGE_LINEUP_EDITOR (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (forge_lineup_editor_parent_class)->dispose (object);
}

static void
forge_lineup_editor_finalize (GObject *object)
{
  ForgeLineupEditor *self = FORGE_LINEUP_EDITOR (object);

  g_queue_clear_full (&self->jobs, job_free);
  g_clear_pointer (&self->undo, forge_undo_free);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (forge_lineup_editor_parent_class)->finalize (object);
}

static void
forge_lineup_editor_class_init (ForgeLineupEditorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = forge_lineup_editor_dispose;
  G_OBJECT_CLASS (klass)->finalize = forge_lineup_editor_finalize;
  signals[CHANGED] = g_signal_new ("changed",
                                   FORGE_TYPE_LINEUP_EDITOR,
                                   G_SIGNAL_RUN_LAST,
                                   0,
                                   NULL,
                                   NULL,
                                   NULL,
                                   G_TYPE_NONE,
                                   0);
}

static void
forge_lineup_editor_init (ForgeLineupEditor *self)
{
  self->undo = forge_undo_new ();
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->jobs);
}

ForgeLineupEditor *
forge_lineup_editor_new (ForgeAppModel *model)
{
  ForgeLineupEditor *self = g_object_new (FORGE_TYPE_LINEUP_EDITOR, NULL);

  self->model = g_object_ref (model);
  return self;
}
