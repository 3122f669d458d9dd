/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-http-body.h"

#include "base/forge-error.h"
#include "net/forge-net-error.h"
#include "net/forge-net-wait.h"

#define FORGE_TYPE_HTTP_BODY (forge_http_body_get_type ())
G_DECLARE_FINAL_TYPE (ForgeHttpBody, forge_http_body, FORGE, HTTP_BODY, GInputStream)

struct _ForgeHttpBody {
  GInputStream parent;
  GInputStream *inner;
  GMainContext *context;
  char *host;
  guint idle_timeout_ms;
  guint64 max_bytes, read_bytes;
};

G_DEFINE_FINAL_TYPE (ForgeHttpBody, forge_http_body, G_TYPE_INPUT_STREAM)

static void
set_read_error (ForgeHttpBody *self, const ForgeNetWait *wait, GError *cause, GError **error)
{
  if (!wait->timed_out) {
    forge_net_set_cause (error, self->host, cause);
    return;
  }
  g_error_free (cause);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_RETRY,
               "%s: sent nothing for %u s",
               self->host,
               self->idle_timeout_ms / 1000);
}

static gssize
read_inner (ForgeHttpBody *self,
            void *buffer,
            gsize count,
            GCancellable *cancellable,
            GError **error)
{
  ForgeNetWait wait;
  g_autoptr (GError) cause = NULL;

  forge_net_wait_begin (&wait, self->context, cancellable);
  forge_net_wait_arm (&wait, self->idle_timeout_ms);
  g_input_stream_read_async (self->inner,
                             buffer,
                             count,
                             G_PRIORITY_DEFAULT,
                             wait.cancellable,
                             forge_net_wait_done,
                             &wait);
  gssize n = g_input_stream_read_finish (self->inner, forge_net_wait_result (&wait), &cause);
  if (n < 0)
    set_read_error (self, &wait, g_steal_pointer (&cause), error);
  forge_net_wait_end (&wait);
  return n;
}

/* Gives the connection back, on the context it belongs to. */
static void
drop_inner (ForgeHttpBody *self)
{
  g_main_context_push_thread_default (self->context);
  g_clear_object (&self->inner);
  while (g_main_context_pending (self->context))
    g_main_context_iteration (self->context, FALSE);
  g_main_context_pop_thread_default (self->context);
}

static gssize
forge_http_body_read (GInputStream *stream,
                      void *buffer,
                      gsize count,
                      GCancellable *cancellable,
                      GError **error)
{
  ForgeHttpBody *self = FORGE_HTTP_BODY (stream);
  gssize n = self->inner ? read_inner (self, buffer, count, cancellable, error) : 0;

  if (n == 0)
    drop_inner (self);
  if (n <= 0)
    return n;
  self->read_bytes += (guint64)n;
  if (self->read_bytes <= self->max_bytes)
    return n;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_TOO_LARGE,
               "%s: sent more than %" G_GUINT64_FORMAT " MiB",
               self->host,
               self->max_bytes / (1024 * 1024));
  return -1;
}

static void
forge_http_body_finalize (GObject *object)
{
  ForgeHttpBody *self = FORGE_HTTP_BODY (object);

  drop_inner (self);
  g_main_context_unref (self->context);
  g_free (self->host);
  G_OBJECT_CLASS (forge_http_body_parent_class)->finalize (object);
}

static void
forge_http_body_class_init (ForgeHttpBodyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = forge_http_body_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = forge_http_body_read;
}

static void
forge_http_body_init (ForgeHttpBody *self)
{
}

GInputStream *
forge_http_body_new (GInputStream *inner,
                     GMainContext *context,
                     const char *host,
                     guint idle_timeout_ms,
                     guint64 max_bytes)
{
  ForgeHttpBody *self = g_object_new (FORGE_TYPE_HTTP_BODY, NULL);

  self->inner = g_object_ref (inner);
  self->context = g_main_context_ref (context);
  self->host = g_strdup (host);
  self->idle_timeout_ms = idle_timeout_ms;
  self->max_bytes = max_bytes;
  return G_INPUT_STREAM (self);
}
