/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ScriptServer: a loopback server for hostile answers. Each connection runs `script` on its own
 * thread after the request head was read; what the script sends goes out byte for byte.
 */
typedef struct _ScriptServer ScriptServer;
typedef struct _ScriptPeer ScriptPeer;
typedef void (*ScriptFunc) (ScriptPeer *peer, gpointer user_data);

typedef enum {
  SCRIPT_PLAIN,
  SCRIPT_TLS, /* with a certificate made on the spot for "localhost", signed by itself */
  SCRIPT_RAW, /* the script reads what comes itself */
} ScriptKind;

ScriptServer *script_server_new (ScriptFunc script, gpointer user_data, ScriptKind kind);
/* Wakes the scripts that wait, joins their threads. */
void script_server_free (ScriptServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScriptServer, script_server_free)

guint script_server_port (ScriptServer *server);
/* "http(s)://127.0.0.1:PORT" + path. */
char *script_server_url (ScriptServer *server, const char *path);
guint script_server_requests (ScriptServer *server);
/* The n-th request head, from 0. */
char *script_server_request (ScriptServer *server, guint n);

/* PEM, of SCRIPT_TLS. */
const char *script_server_certificate (ScriptServer *server);

/* For scripts. */
ScriptServer *script_peer_server (ScriptPeer *peer);
const char *script_peer_request (ScriptPeer *peer); /* the head */
const char *script_peer_target (ScriptPeer *peer);  /* as in the request line */
void script_send (ScriptPeer *peer, const void *data, gsize length);
void script_say (ScriptPeer *peer, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Reads exactly `length` bytes. FALSE: the client went. */
gboolean script_read (ScriptPeer *peer, void *buffer, gsize length);
/* Reads a request head as the server does of itself unless it is SCRIPT_RAW. */
gboolean script_read_request (ScriptPeer *peer);
/* `n` null packets of MPEG-TS. */
void script_send_packets (ScriptPeer *peer, guint n);
/* Waits until the client is gone, the server stops, or `at_most_ms` are over. TRUE for the last. */
gboolean script_hold (ScriptPeer *peer, guint at_most_ms);
/* Makes the close that follows a reset. */
void script_reset (ScriptPeer *peer);

/* Open descriptors of this process. */
guint script_count_fds (void);

G_END_DECLS
