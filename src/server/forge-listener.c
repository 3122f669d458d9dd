/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/forge-listener.h"

#include "base/forge-error.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define BACKLOG             1024
#define ACCEPTS_PER_WAKE_UP 64
#define EXHAUSTED_PAUSE_MS  100
#define COMPLAIN_EVERY_US   (10 * G_USEC_PER_SEC)

struct _ForgeListener {
  GMainContext *context;
  guint max_open, open;
  ForgeAcceptFunc accept;
  gpointer user_data;
  GPtrArray *sockets; /* of GSocket* */
  GPtrArray *sources; /* of GSource*, one per socket while accepting, else empty */
  GSource *resume;    /* set while exhausted */
  gint64 complained_at_us;
};

static void
source_destroy (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

ForgeListener *
forge_listener_new (GMainContext *context,
                    guint max_open,
                    ForgeAcceptFunc accept,
                    gpointer user_data)
{
  ForgeListener *listener = g_new0 (ForgeListener, 1);

  listener->context = g_main_context_ref (context);
  listener->max_open = max_open;
  listener->accept = accept;
  listener->user_data = user_data;
  listener->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  listener->sources = g_ptr_array_new_with_free_func (source_destroy);
  return listener;
}

void
forge_listener_free (ForgeListener *listener)
{
  forge_listener_close (listener);
  g_ptr_array_unref (listener->sources);
  g_ptr_array_unref (listener->sockets);
  g_main_context_unref (listener->context);
  g_free (listener);
}

static gboolean on_incoming (GSocket *socket, GIOCondition condition, gpointer user_data);

static void
watch (ForgeListener *listener, GSocket *socket)
{
  GSource *source = g_socket_create_source (socket, G_IO_IN, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (on_incoming), listener, NULL);
  g_source_attach (source, listener->context);
  g_ptr_array_add (listener->sources, source);
}

static void
pause_accepting (ForgeListener *listener)
{
  g_ptr_array_set_size (listener->sources, 0);
}

static void
resume_accepting (ForgeListener *listener)
{
  if (listener->sources->len || listener->resume || listener->open >= listener->max_open)
    return;
  for (guint i = 0; i < listener->sockets->len; i++)
    watch (listener, g_ptr_array_index (listener->sockets, i));
}

static gboolean
on_resume (gpointer user_data)
{
  ForgeListener *listener = user_data;

  g_clear_pointer (&listener->resume, g_source_unref);
  resume_accepting (listener);
  return G_SOURCE_REMOVE;
}

static void
rest (ForgeListener *listener, const char *reason)
{
  gint64 now_us = g_get_monotonic_time ();

  if (!listener->complained_at_us || now_us - listener->complained_at_us > COMPLAIN_EVERY_US) {
    listener->complained_at_us = now_us;
    g_message ("No connection can be accepted for now: %s", reason);
  }
  pause_accepting (listener);
  listener->resume = g_timeout_source_new (EXHAUSTED_PAUSE_MS);
  g_source_set_callback (listener->resume, on_resume, listener, NULL);
  g_source_attach (listener->resume, listener->context);
}

/* Trouble of one connection (reset before we came to it) is no reason to pause; all else is. */
static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static gboolean
accept_one (ForgeListener *listener, GSocket *socket)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) client = g_socket_accept (socket, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (!client) {
    if (is_passing (error))
      return TRUE;
    rest (listener, error->message);
    return FALSE;
  }
  listener->open++; /* before: the connection may be over when the call returns */
  if (!listener->accept (client, listener->user_data))
    listener->open--;
  return TRUE;
}

static gboolean
on_incoming (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  ForgeListener *listener = user_data;

  for (guint i = 0; i < ACCEPTS_PER_WAKE_UP && listener->open < listener->max_open; i++)
    if (!accept_one (listener, socket))
      return G_SOURCE_CONTINUE;
  if (listener->open >= listener->max_open)
    pause_accepting (listener);
  return G_SOURCE_CONTINUE;
}

gboolean
forge_listener_add (ForgeListener *listener, GSocket *socket, GError **error)
{
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  if (!g_socket_listen (socket, error))
    return FALSE;
  g_ptr_array_add (listener->sockets, g_object_ref (socket));
  if (listener->open < listener->max_open && !listener->resume)
    watch (listener, socket);
  return TRUE;
}

void
forge_listener_close (ForgeListener *listener)
{
  pause_accepting (listener);
  g_clear_pointer (&listener->resume, source_destroy);
  for (guint i = 0; i < listener->sockets->len; i++)
    g_socket_close (g_ptr_array_index (listener->sockets, i), NULL);
  g_ptr_array_set_size (listener->sockets, 0);
}

static gboolean
has_port (GSocket *socket, guint port)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  return G_IS_INET_SOCKET_ADDRESS (address) &&
         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)) == port;
}

void
forge_listener_close_port (ForgeListener *listener, guint port)
{
  pause_accepting (listener);
  for (guint i = listener->sockets->len; i > 0; i--) {
    GSocket *socket = g_ptr_array_index (listener->sockets, i - 1);
    if (!has_port (socket, port))
      continue;
    g_socket_close (socket, NULL);
    g_ptr_array_remove_index (listener->sockets, i - 1);
  }
  resume_accepting (listener);
}

void
forge_listener_release (ForgeListener *listener)
{
  g_return_if_fail (listener->open > 0);

  listener->open--;
  resume_accepting (listener);
}

guint
forge_listener_open_count (const ForgeListener *listener)
{
  return listener->open;
}

static void
set_bind_error (GError **error, const GError *cause, const char *address, guint port)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "Port %u on %s is in use by another program; choose another port or end that "
                 "program",
                 port,
                 address);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Port %u on %s needs special rights; choose one from 1024 up",
                 port,
                 address);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Cannot listen on %s port %u: %s",
                 address,
                 port,
                 cause->message);
}

static gboolean
bind_socket (GSocket *socket, GInetAddress *address, guint *port, GError **error)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (address, (guint16)*port);
  g_autoptr (GSocketAddress) bound = NULL;

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
      !g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, TRUE, error))
    return FALSE;
  if (!g_socket_bind (socket, wanted, TRUE, error))
    return FALSE;
  bound = g_socket_get_local_address (socket, error);
  if (!bound)
    return FALSE;
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return TRUE;
}

GSocket *
forge_listener_bind_tcp (GInetAddress *address, guint *port, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *text = g_inet_address_to_string (address);
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (address),
                                             G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_TCP,
                                             &cause);

  if (socket && bind_socket (socket, address, port, &cause))
    return g_steal_pointer (&socket);
  set_bind_error (error, cause, text, *port);
  return NULL;
}
