/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/discovery/forge-hdhr-control.h"

#include "base/forge-role.h"
#include "server/forge-listener.h"
#include "server/forge-local-addresses.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* So that one busy client cannot keep the control thread for itself. */
#define REQUESTS_PER_WAKE_UP 16
#define SWEEP_MS             1000

struct _ForgeHdhrControl {
  ForgeHdhrControlConfig config;
  ForgeLocalAddresses *addresses;
  ForgeListener *listener;
  gboolean is_open; /* peers are checked */
  guint port;
  GQueue clients; /* of Client*, the one that was silent longest first */
  GSource *sweep; /* while there are clients */
};

typedef struct {
  ForgeHdhrControl *control;
  GSocket *socket;
  GSource *source;
  GIOCondition awaited; /* by `source` */
  GList link;           /* in `clients` */
  char *peer;
  gint64 active_us;
  guint8 in[FORGE_HDHR_MAX_FRAME_BYTES];
  gsize in_bytes;
  ForgeHdhrWriter out; /* a reply; all of it is written when out_at == out_bytes */
  gsize out_at, out_bytes;
} Client;

static void update_sweep (ForgeHdhrControl *self);

static void
drop_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
client_free (Client *client)
{
  ForgeHdhrControl *self = client->control;

  g_queue_unlink (&self->clients, &client->link);
  drop_source (&client->source);
  g_socket_close (client->socket, NULL);
  g_object_unref (client->socket);
  g_free (client->peer);
  g_free (client);
  update_sweep (self);
  forge_listener_release (self->listener);
}

static void
client_touch (Client *client)
{
  GQueue *clients = &client->control->clients;

  client->active_us = g_get_monotonic_time ();
  g_queue_unlink (clients, &client->link);
  g_queue_push_tail_link (clients, &client->link);
}

static gboolean
on_sweep (gpointer user_data)
{
  ForgeHdhrControl *self = user_data;
  gint64 oldest_us = g_get_monotonic_time () -
                     self->config.idle_timeout_ms * G_TIME_SPAN_MILLISECOND;
  g_autoptr (GSource) sweep = g_source_ref (self->sweep);

  while (!g_queue_is_empty (&self->clients)) {
    Client *silent = g_queue_peek_head (&self->clients);
    if (silent->active_us > oldest_us)
      break;
    client_free (silent);
  }
  return g_source_is_destroyed (sweep) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
update_sweep (ForgeHdhrControl *self)
{
  if (g_queue_is_empty (&self->clients)) {
    drop_source (&self->sweep);
  } else if (!self->sweep) {
    self->sweep = g_timeout_source_new (CLAMP (self->config.idle_timeout_ms / 4, 10, SWEEP_MS));
    g_source_set_callback (self->sweep, on_sweep, self, NULL);
    g_source_attach (self->sweep, self->config.context);
  }
}

/* Each returns FALSE when the connection is over. */

static gboolean
flush_reply (Client *client)
{
  g_autoptr (GError) error = NULL;

  while (client->out_at < client->out_bytes) {
    gssize sent = g_socket_send (client->socket,
                                 (const char *)client->out.bytes + client->out_at,
                                 client->out_bytes - client->out_at,
                                 NULL,
                                 &error);
    if (sent < 0)
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
    client->out_at += (gsize)sent;
  }
  return TRUE;
}

static gboolean
answer (Client *client, const ForgeHdhrFrame *frame)
{
  ForgeHdhrGetset request;
  g_autofree char *text = NULL;
  gboolean is_error;

  if (!forge_hdhr_getset_parse (frame, &request))
    return FALSE;
  text = forge_hdhr_variables_run (client->control->config.variables,
                                   &request,
                                   client->peer,
                                   g_get_monotonic_time (),
                                   &is_error);
  client->out_bytes = forge_hdhr_getset_reply (&client->out, request.name, is_error, text);
  client->out_at = 0;
  return client->out_bytes && flush_reply (client);
}

static void
remove_input (Client *client, gsize bytes)
{
  client->in_bytes -= bytes;
  memmove (client->in, client->in + bytes, client->in_bytes);
}

/* Answers what is complete, until a reply gets stuck or it is others' turn. `is_more`: a complete
 * frame was left. */
static gboolean
answer_input (Client *client, gboolean *is_more)
{
  *is_more = FALSE;
  for (guint i = 0; client->out_at == client->out_bytes; i++) {
    ForgeHdhrFrame frame;
    ForgeHdhrFrameState state = forge_hdhr_frame_parse (client->in, client->in_bytes, &frame);
    if (state == FORGE_HDHR_FRAME_PARTIAL)
      return TRUE;
    if (i == REQUESTS_PER_WAKE_UP) {
      *is_more = TRUE;
      return TRUE;
    }
    if (state == FORGE_HDHR_FRAME_BROKEN || !answer (client, &frame))
      return FALSE;
    remove_input (client, frame.frame_bytes);
  }
  return TRUE;
}

static gboolean
read_input (Client *client)
{
  g_autoptr (GError) error = NULL;
  gssize got = g_socket_receive (client->socket,
                                 (char *)client->in + client->in_bytes,
                                 sizeof client->in - client->in_bytes,
                                 NULL,
                                 &error);

  if (got < 0)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  client->in_bytes += (gsize)got;
  return got > 0;
}

static void watch (Client *client, GIOCondition condition);

static gboolean
step (Client *client, gboolean can_read)
{
  gboolean is_more;

  if (!flush_reply (client) || !answer_input (client, &is_more))
    return FALSE;
  if (can_read && !is_more && client->out_at == client->out_bytes &&
      (!read_input (client) || !answer_input (client, &is_more)))
    return FALSE;
  /* What is left over is taken up as soon as the socket can be written: at once, after others. */
  watch (client, is_more || client->out_at < client->out_bytes ? G_IO_OUT : G_IO_IN);
  return TRUE;
}

static gboolean
on_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Client *client = user_data;

  client_touch (client);
  if (!step (client, (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) != 0))
    client_free (client);
  /* watch () or client_free () destroyed it if it is no longer wanted. */
  return G_SOURCE_CONTINUE;
}

static void
watch (Client *client, GIOCondition condition)
{
  if (client->source && client->awaited == condition)
    return;
  drop_source (&client->source);
  client->awaited = condition;
  client->source = g_socket_create_source (client->socket, condition, NULL);
  g_source_set_callback (client->source, G_SOURCE_FUNC (on_ready), client, NULL);
  g_source_attach (client->source, client->control->config.context);
}

/* NULL: not to be answered. */
static char *
admit (ForgeHdhrControl *self, GSocket *socket)
{
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  GInetAddress *address;

  if (!remote || !G_IS_INET_SOCKET_ADDRESS (remote))
    return NULL;
  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  if (self->is_open && !forge_local_addresses_is_near (self->addresses, address))
    return NULL;
  return g_inet_address_to_string (address);
}

static gboolean
on_accept (GSocket *socket, gpointer user_data)
{
  ForgeHdhrControl *self = user_data;
  char *peer = admit (self, socket);
  Client *client;

  if (!peer)
    return FALSE;
  if (self->clients.length >= FORGE_HDHR_MAX_CONNECTIONS)
    client_free (g_queue_peek_head (&self->clients));
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  client = g_new0 (Client, 1);
  client->control = self;
  client->socket = g_object_ref (socket);
  client->peer = peer;
  client->link.data = client;
  client->active_us = g_get_monotonic_time ();
  g_queue_push_tail_link (&self->clients, &client->link);
  watch (client, G_IO_IN);
  update_sweep (self);
  return TRUE;
}

ForgeHdhrControl *
forge_hdhr_control_new (const ForgeHdhrControlConfig *config,
                        const ForgeBindPlan *plan,
                        GError **error)
{
  g_autoptr (ForgeHdhrControl) self = g_new0 (ForgeHdhrControl, 1);

  self->config = *config;
  if (!self->config.idle_timeout_ms)
    self->config.idle_timeout_ms = FORGE_HDHR_IDLE_TIMEOUT_MS;
  self->is_open = plan->is_open;
  self->addresses = forge_local_addresses_new ();
  g_queue_init (&self->clients);
  /* One more than clients: the newest is counted before the oldest leaves. */
  self->listener =
      forge_listener_new (config->context, FORGE_HDHR_MAX_CONNECTIONS + 2, on_accept, self);
  self->port = forge_bind_plan_listen (plan, config->port, self->listener, error);
  return self->port ? g_steal_pointer (&self) : NULL;
}

void
forge_hdhr_control_free (ForgeHdhrControl *self)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  forge_listener_close (self->listener);
  while (!g_queue_is_empty (&self->clients))
    client_free (g_queue_peek_head (&self->clients));
  forge_listener_free (self->listener);
  forge_local_addresses_free (self->addresses);
  g_free (self);
}

guint
forge_hdhr_control_port (const ForgeHdhrControl *self)
{
  return self->port;
}

guint
forge_hdhr_control_connections (const ForgeHdhrControl *self)
{
  return self->clients.length;
}
