/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-trouble.h"

gboolean
forge_fake_trouble (ForgeFakeConnection *connection,
                    const ForgeFakeRequest *request,
                    const ForgeFakeFaults *faults)
{
  gboolean is_sent;

  if (forge_fake_has (faults, FORGE_FAKE_DELAY) &&
      !forge_fake_wait (connection,
                        g_get_monotonic_time () + faults->values[FORGE_FAKE_DELAY] * 1000)) {
    connection->must_close = TRUE;
    return FALSE;
  }
  if (forge_fake_has (faults, FORGE_FAKE_STATUS))
    is_sent = forge_fake_reply (connection,
                                request,
                                (guint)faults->values[FORGE_FAKE_STATUS],
                                "text/plain",
                                NULL,
                                "refused");
  else if (forge_fake_has (faults, FORGE_FAKE_HTML))
    is_sent = forge_fake_reply (connection,
                                request,
                                200,
                                "text/html",
                                NULL,
                                "<html><body>Service unavailable</body></html>");
  else
    return TRUE;
  connection->must_close = connection->must_close || !is_sent;
  return FALSE;
}

gboolean
forge_fake_trouble_mute (ForgeFakeConnection *connection,
                         const ForgeFakeFaults *faults,
                         const char *content_type)
{
  gboolean is_silent = forge_fake_has (faults, FORGE_FAKE_SILENT);

  if (!is_silent && !forge_fake_has (faults, FORGE_FAKE_HEADERS_ONLY))
    return TRUE;
  connection->must_close = TRUE;
  if (is_silent || forge_fake_reply_head (connection, 200, content_type, -1, NULL))
    (void)forge_fake_wait (connection, -1);
  return FALSE;
}

static void
take (ForgeFakeConnection *connection,
      ForgeFakeTarget target,
      guint stream_id,
      guint64 verbs,
      ForgeFakeFaults *faults)
{
  ForgeFakeProvider *provider = connection->provider;

  pthread_mutex_lock (&provider->lock);
  forge_fake_script_take (provider->script, target, stream_id, verbs, faults);
  pthread_mutex_unlock (&provider->lock);
}

gboolean
forge_fake_document_faults (ForgeFakeConnection *connection,
                            const ForgeFakeRequest *request,
                            ForgeFakeTarget target,
                            ForgeFakeFaults *faults)
{
  take (connection, target, 0, FORGE_FAKE_ALL_VERBS, faults);
  return forge_fake_trouble (connection, request, faults) &&
         forge_fake_trouble_mute (connection, faults, "application/json");
}

void
forge_fake_stream_faults (ForgeFakeConnection *connection,
                          guint stream_id,
                          guint64 verbs,
                          ForgeFakeFaults *faults)
{
  take (connection, FORGE_FAKE_TARGET_STREAM, stream_id, verbs, faults);
}
