/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-net-poll.h"
#include "server/media/forge-media-private.h"

/**
 * ForgeMediaLease: a ForgeMediaSlot that job threads may hold; the slot itself is only touched on
 * the control thread.
 */
struct _ForgeMediaLease {
  ForgeMediaService *service;
  gint64 account_id;
  ForgeMediaSlot *slot; /* NULL = holds nothing */
  ForgeMediaBody *body; /* NULL = not flowing yet */
  gboolean is_asked;
  gboolean was_connected;
};

void
forge_media_on_control (ForgeMediaService *service, ForgeContextFunc func, gpointer data)
{
  forge_context_call (service->config.context, func, data);
}

static void
on_yield (ForgeMediaSlot *slot, gpointer user_data)
{
  ForgeMediaLease *lease = user_data;

  lease->is_asked = TRUE;
  if (lease->body)
    forge_media_body_yield (lease->body);
}

static ForgeMediaLease *
lease_new (ForgeMediaService *service, gint64 account_id)
{
  ForgeMediaLease *lease = g_new0 (ForgeMediaLease, 1);

  lease->service = service;
  lease->account_id = account_id;
  return lease;
}

/* On the control thread. */
static ForgeMediaLease *
acquire (ForgeMediaService *service,
         gint64 account_id,
         gboolean is_watched,
         gint64 *wait_us,
         GError **error)
{
  ForgeMediaLease *lease = lease_new (service, account_id);
  const ForgeMediaHolder holder = { .yield = on_yield,
                                    .user_data = lease,
                                    .is_watched = is_watched };

  *wait_us = 0;
  if (account_id == 0)
    return lease;
  lease->slot =
      forge_tuner_acquire_media (service->config.tuner, account_id, &holder, wait_us, error);
  if (!lease->slot)
    g_clear_pointer (&lease, g_free);
  return lease;
}

ForgeMediaLease *
forge_media_lease_try (ForgeMediaService *service,
                       gint64 account_id,
                       gboolean is_watched,
                       gint64 *wait_us)
{
  return acquire (service, account_id, is_watched, wait_us, NULL);
}

typedef struct {
  ForgeMediaService *service;
  gint64 account_id;
  const ForgeMediaWish *wish;
  ForgeMediaLease *lease;
  gint64 wait_us;
  GError *error;
} Attempt;

static void
attempt_on_control (gpointer data)
{
  Attempt *attempt = data;

  attempt->lease = acquire (attempt->service,
                            attempt->account_id,
                            attempt->wish->is_watched,
                            &attempt->wait_us,
                            &attempt->error);
  if (!attempt->lease)
    forge_media_body_give_way (attempt->service, attempt->wish);
}

ForgeMediaLease *
forge_media_lease_take (ForgeMediaService *service,
                        gint64 account_id,
                        const ForgeMediaWish *wish,
                        GCancellable *cancellable,
                        GError **error)
{
  Attempt attempt = { .service = service, .account_id = account_id, .wish = wish };

  if (account_id == 0)
    return lease_new (service, 0);
  forge_media_on_control (service, attempt_on_control, &attempt);
  if (!attempt.lease) {
    g_propagate_error (error, attempt.error);
    return NULL;
  }
  if (!forge_net_pause (attempt.wait_us, cancellable)) {
    g_cancellable_set_error_if_cancelled (cancellable, error);
    forge_media_lease_give (attempt.lease, FALSE);
    return NULL;
  }
  return attempt.lease;
}

static gboolean
give_on_control (gpointer data)
{
  ForgeMediaLease *lease = data;

  forge_media_slot_release (&lease->slot, lease->was_connected);
  g_free (lease);
  return G_SOURCE_REMOVE;
}

void
forge_media_lease_give (ForgeMediaLease *lease, gboolean was_connected)
{
  if (!lease)
    return;
  lease->was_connected = was_connected;
  g_main_context_invoke_full (lease->service->config.context,
                              G_PRIORITY_DEFAULT,
                              give_on_control,
                              lease,
                              NULL);
}

void
forge_media_lease_set_body (ForgeMediaLease *lease, ForgeMediaBody *body)
{
  lease->body = body;
  if (body && lease->is_asked)
    forge_media_body_yield (body);
}

gint64
forge_media_lease_account (const ForgeMediaLease *lease)
{
  return lease->account_id;
}

void
forge_media_lease_note_lost (ForgeMediaLease *lease)
{
  if (lease->slot)
    forge_media_slot_note_closed (lease->slot, FALSE);
}
