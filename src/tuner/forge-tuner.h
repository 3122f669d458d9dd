/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-account.h"
#include "model/forge-channel.h"
#include "model/forge-event.h"
#include "model/forge-seat.h"
#include "model/forge-session-info.h"
#include "model/forge-settings.h"
#include "net/forge-dial.h"
#include "tuner/forge-media-slots.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeTuner: slots, sessions and failover (product contract §4). Everything here runs on the
 * control role; the relay moves the bytes, job threads dial.
 */
typedef struct _ForgeTuner ForgeTuner;

/* Opens a candidate stream; runs on a job thread, so it must be thread-safe. Resolves account,
 * secret and URL itself. As forge_dial_open (). */
typedef gboolean (*ForgeTunerDialFunc) (const ForgeAccount *account,
                                        const ForgeStream *stream,
                                        ForgeDial *dial,
                                        GCancellable *cancellable,
                                        gpointer user_data,
                                        GError **error);

/* The same for catch-up: what the stream showed from `start_s` (UTC seconds) on, `duration_s` of it
 * (0 = the provider's choice). The answer may have a length. */
typedef gboolean (*ForgeTunerCatchupFunc) (const ForgeAccount *account,
                                           const ForgeStream *stream,
                                           gint64 start_s,
                                           guint duration_s,
                                           ForgeDial *dial,
                                           GCancellable *cancellable,
                                           gpointer user_data,
                                           GError **error);

typedef struct {
  ForgeTunerDialFunc dial;
  ForgeTunerCatchupFunc catchup; /* NULL = there is none */
  gpointer dial_data;            /* of both */
  ForgeEventFunc event;
  gpointer event_data;
  GMainContext *context; /* the control role's */
} ForgeTunerConfig;

ForgeTuner *
forge_tuner_new (const ForgeTunerConfig *config, ForgeSettings *settings, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Ends every session; waits for running dials to be cancelled. */
void forge_tuner_free (ForgeTuner *tuner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeTuner, forge_tuner_free)

/* Snapshots; running sessions go on with what they have. `accounts` of ForgeAccount*. */
void forge_tuner_set_accounts (ForgeTuner *tuner, GPtrArray *accounts);
void forge_tuner_set_settings (ForgeTuner *tuner, ForgeSettings *settings);

/* A request for a channel, already authorised. Strings are copied. */
typedef struct {
  int fd;                 /* the client's socket; ownership moves, always */
  const char *address;    /* peer address as text */
  const char *user_agent; /* NULL = none */
  const char *request_id;
  guint duration_s; /* 0 = endless */
  int wanted_tuner; /* /tunerN/…; -1 = any */
  ForgeSeat seat;   /* left when the client is gone; moves, always */
  gint64 start_s;   /* catch-up: UTC seconds; such a session is never shared. 0 = live */
} ForgeTuneRequest;

/* Answers the request on its socket: 200 and endless TS, or 503 with X-HDHomeRun-Error and an empty
 * body. */
void forge_tuner_tune (ForgeTuner *tuner, ForgeChannel *channel, const ForgeTuneRequest *request);

/* Ends the connection of the client that holds this seat, if there is one. */
void forge_tuner_end_seat (ForgeTuner *tuner, guint64 seat);

/* Of ForgeSessionInfo*, oldest first: sessions that hold or held a slot. Returns: (transfer full).
 */
GPtrArray *forge_tuner_list_sessions (ForgeTuner *tuner);
/* FALSE if there is no such session. */
gboolean forge_tuner_stop_session (ForgeTuner *tuner, gint64 id);
/* The provider said that `provider_active` streams of the account run. More than we can have there,
 * three times in a row, is somebody else: that is reported once, and known until an audit says
 * otherwise. */
void forge_tuner_audit (ForgeTuner *tuner, gint64 account_id, int provider_active);
gboolean forge_tuner_account_is_shared (ForgeTuner *tuner, gint64 account_id);
/* A connection of the account for a film or a download (forge-media-slots.h). `wait_us` (may be
 * NULL): so long before it is used, the provider may still count what was closed. Error: LIMIT when
 * every connection is in use or live TV waits for one, AUTH when the account cannot be used.
 * Returns: (transfer full), to be released before the tuner is freed or any time later. */
ForgeMediaSlot *forge_tuner_acquire_media (ForgeTuner *tuner,
                                           gint64 account_id,
                                           const ForgeMediaHolder *holder,
                                           gint64 *wait_us,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* How fast films and downloads made room for live TV since the start. Role: control. */
void forge_tuner_media_yields (ForgeTuner *tuner, ForgeMediaYields *yields);
/* Slots over all usable accounts, and how many are held now. */
void forge_tuner_count (ForgeTuner *tuner, int *total, int *used);

G_END_DECLS
