/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-guard-stream.h"
#include "server/forge-http-server.h"
#include "server/forge-linger.h"
#include "server/forge-listener.h"
#include "server/forge-local-addresses.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * The parts of the server that know each other. All on the control thread unless marked.
 *
 *   ForgeListener ──GSocket──▶ ForgeFace ──ForgeGuardStream──▶ SoupServer ──▶ ForgeExchange
 *                                  │ ForgeConnection                │ handler, job or take-over
 *                                  └──── deadlines, count ◀─────────┘
 */
typedef struct _ForgeFace ForgeFace;
typedef struct _ForgeConnection ForgeConnection;
typedef struct _ForgeExchange ForgeExchange;

/* What both faces share. */
typedef struct {
  GMainContext *context;
  ForgeLocalAddresses *addresses;
  ForgeHttpServerStats stats;
  char *server_header;
  GStrv cors_origins; /* NULL = none */
  guint job_threads, control_job_threads;
  guint idle_timeout_ms;
} ForgeServerShared;

/**
 * ForgeFace: one way in, TCP or control socket: its listener, its libsoup server, its connections.
 */
struct _ForgeFace {
  ForgeServerShared *shared; /* borrowed */
  ForgeRouter *router;       /* borrowed */
  gboolean is_control;
  gboolean is_open_to_lan; /* peers are checked against our subnets */
  gsize max_body_bytes;
  ForgeListener *listener;
  SoupServer *soup;
  int keep_alive_fd;       /* see open_soup () */
  GHashTable *connections; /* set of ForgeConnection* */
  GSource *sweep;          /* while there are connections */
  ForgeLingerers *lingerers;
  GThreadPool *jobs;    /* of ForgeExchange*; NULL once drained */
  GThreadPool *media;   /* of ForgeExchange* that wait for providers */
  GThreadPool *writers; /* of streamed bodies */
  gint writing;         /* atomic: bodies in `writers` */
  GCancellable *stopping;
};

ForgeFace *forge_face_new (ForgeServerShared *shared, ForgeRouter *router, gboolean is_control)
    G_GNUC_WARN_UNUSED_RESULT;
/* Waits for running handlers, which are cancelled. */
void forge_face_free (ForgeFace *face);
/* Waits for handlers and bodies that a close cancelled; the face cannot be opened again. Thread:
 * any but control. */
void forge_face_drain (ForgeFace *face);
/* Closes listeners and connections, cancels what runs; can be opened again. */
void forge_face_close (ForgeFace *face);

/* One client. Lives until libsoup lets go of its stream. */
struct _ForgeConnection {
  ForgeFace *face;
  GSocket *socket;
  ForgeGuardStream *guard; /* borrowed: its end is ours */
  GSocketAddress *remote;  /* carries the way back from a message to us */
  GInetAddress *local;     /* NULL on the control socket */
  guint local_port;
  char *peer;
  gboolean is_loopback;
  gint64 deadline_us;    /* monotonic; 0 = none: a handler is at work */
  ForgeExchange *paused; /* waiting for its job; NULL = none */
};

/* NULL once the client is gone. */
ForgeConnection *forge_connection_of (SoupServerMessage *message);
void forge_connection_touch (ForgeConnection *connection);
/* Takes the connection from libsoup and closes our descriptor; duplicates live on. `connection` and
 * perhaps `message` are gone afterwards. */
void forge_connection_abandon (ForgeConnection *connection, SoupServerMessage *message);

/* Answers a complete request. */
void forge_exchange_start (ForgeConnection *connection, SoupServerMessage *message);
/* A job's client is gone or the face closes: cancels it and lets the connection go. */
void forge_exchange_abort (ForgeExchange *exchange);
/* Thread functions of the pools. Thread: job. */
void forge_exchange_run_job (gpointer exchange, gpointer face);
void forge_exchange_run_writer (gpointer body, gpointer face);

/* The reason phrase, also of statuses that libsoup does not name. */
const char *forge_status_phrase (guint status);
/* Status line and headers of a reply that does not go through libsoup. (transfer full) */
GString *forge_raw_head_new (const ForgeServerShared *shared,
                             gboolean is_http_1_0,
                             guint status,
                             const char *request_id);

G_END_DECLS
