/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The steps that clients take to find and use a tuner, one at a time, as blocking calls with short
 * deadlines. Role: job.
 */

/* No client waits longer for a document. */
#define FORGE_PROBE_TIMEOUT_S 10
/* libhdhomerun waits 200 ms twice. */
#define FORGE_PROBE_DISCOVERY_MS 500
#define FORGE_PROBE_MAX_ANSWERS  64

typedef struct {
  const char *address; /* IPv4 literal: where to, and where from */
  guint port;
  const char *method, *path;
  const char *user_agent;
  gsize max_bytes;  /* of the body; more is not read */
  guint max_time_s; /* 0 = FORGE_PROBE_TIMEOUT_S */
} ForgeProbeAsk;

typedef struct {
  guint status;
  char *head;       /* status line and headers as they came */
  GByteArray *body; /* what was read of it */
  gint64 first_us;  /* from the connect to the first byte of the answer */
  gint64 total_us;  /* to the last byte that was read */
} ForgeProbeReply;

void forge_probe_reply_clear (ForgeProbeReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeProbeReply, forge_probe_reply_clear)

/* One request as HTTP/1.0. Any status is an answer. FALSE: nobody answers there. */
gboolean forge_probe_http (const ForgeProbeAsk *ask,
                           ForgeProbeReply *reply,
                           GCancellable *cancellable,
                           GError **error);
/* A header of the reply, NULL = none. Returns: (transfer full). */
char *forge_probe_header (const ForgeProbeReply *reply, const char *name);

/* One device that answered a discovery request. */
typedef struct {
  guint32 device_id;
  char *base_url; /* NULL = none came */
  char *sender;   /* address as text */
  gint64 took_us;
} ForgeProbeAnswer;

/* Asks from `from` for any tuner: at `to`, or by broadcast when that is NULL. Of ForgeProbeAnswer;
 * an empty array when nobody answered. NULL: it could not be asked. Returns: (transfer full). */
GArray *forge_probe_discover (const char *from,
                              const char *to,
                              guint port,
                              GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads one variable over the control protocol, as Tvheadend does first. (transfer full) */
char *forge_probe_control (const char *address,
                           guint port,
                           const char *name,
                           GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
