/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/discovery/forge-ssdp.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "server/discovery/forge-datagram.h"
#include "server/discovery/forge-rate-limit.h"
#include "server/discovery/forge-ssdp-text.h"
#include "server/forge-local-addresses.h"

#include <string.h>

#define GROUP               "239.255.255.250"
#define SEARCHES_PER_SOURCE 10 /* per second */
#define SEARCHES_PER_S      50
#define MAX_WAITING         64
#define MAX_DELAY_MS        2000
#define SECOND_ANNOUNCE_MS  1000 /* datagrams get lost */
#define ANNOUNCE_EVERY_MS   (FORGE_SSDP_MAX_AGE_S / 2 * 1000)

struct _ForgeSsdp {
  GMainContext *context;
  char *uuid;
  guint http_port, port;
  gboolean is_open;
  GInetAddress *only; /* the one address we are open on; NULL = all that are bound */
  GInetAddress *group;
  ForgeLocalAddresses *addresses;
  ForgeRateLimit *limit;
  ForgeDatagramSocket *socket;
  GQueue waiting;    /* of Reply* */
  GSource *announce; /* the next time */
};

/* An answer whose time has not come: all clients of a home hear a search at the same moment. */
typedef struct {
  ForgeSsdp *self;
  ForgeDatagram to; /* without bytes */
  guint targets;
  GSource *source;
} Reply;

static void
drop_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
reply_free (Reply *reply)
{
  drop_source (&reply->source);
  g_free (reply);
}

static char *
location_of (ForgeSsdp *self, GInetAddress *local)
{
  g_autofree char *url = forge_address_url (local, self->http_port);

  return g_strconcat (url, "/device.xml", NULL);
}

static void
send_reply (const Reply *reply)
{
  g_autoptr (GInetAddress) local = forge_datagram_local (&reply->to);
  g_autofree char *location = location_of (reply->self, local);

  for (guint target = FORGE_SSDP_ROOT; target <= FORGE_SSDP_MEDIA_SERVER; target <<= 1) {
    g_autofree char *text = NULL;
    if (!(reply->targets & target))
      continue;
    text = forge_ssdp_response (target, reply->self->uuid, location);
    forge_datagram_socket_reply (reply->self->socket, &reply->to, text, strlen (text));
  }
}

static gboolean
on_reply_due (gpointer user_data)
{
  Reply *reply = user_data;

  send_reply (reply);
  g_queue_remove (&reply->self->waiting, reply);
  reply_free (reply);
  return G_SOURCE_REMOVE;
}

static void
plan_reply (ForgeSsdp *self, const ForgeDatagram *datagram, const ForgeSsdpSearch *search)
{
  guint longest_ms = MIN (search->mx_s * 1000, MAX_DELAY_MS);
  Reply *reply = g_new0 (Reply, 1);

  reply->self = self;
  reply->to = *datagram;
  reply->to.bytes = NULL;
  reply->to.length = 0;
  reply->targets = search->targets;
  reply->source =
      g_timeout_source_new (longest_ms ? (guint)g_random_int_range (0, (gint32)longest_ms) : 0);
  g_source_set_callback (reply->source, on_reply_due, reply, NULL);
  g_source_attach (reply->source, self->context);
  g_queue_push_tail (&self->waiting, reply);
}

static void
on_datagram (ForgeDatagramSocket *socket, const ForgeDatagram *datagram, gpointer user_data)
{
  ForgeSsdp *self = user_data;
  ForgeSsdpSearch search;
  g_autoptr (GInetAddress) source = NULL;
  g_autoptr (GInetAddress) local = NULL;

  if (self->waiting.length >= MAX_WAITING ||
      !forge_ssdp_parse_search (datagram->bytes, datagram->length, self->uuid, &search))
    return;
  source = forge_datagram_source (datagram);
  local = forge_datagram_local (datagram);
  if (self->only && !g_inet_address_equal (self->only, local))
    return;
  if (forge_local_addresses_is_near (self->addresses, source) &&
      forge_rate_limit_take (self->limit, source, g_get_monotonic_time ()))
    plan_reply (self, datagram, &search);
}

static void
announce_on (ForgeSsdp *self, const ForgeInterfaceAddress *item, gboolean is_goodbye)
{
  g_autofree char *location = location_of (self, item->address);

  for (guint target = FORGE_SSDP_ROOT; target <= FORGE_SSDP_MEDIA_SERVER; target <<= 1) {
    g_autofree char *text = forge_ssdp_notify (target, self->uuid, is_goodbye ? NULL : location);
    forge_datagram_socket_announce (self->socket,
                                    self->group,
                                    FORGE_SSDP_PORT,
                                    item->interface,
                                    item->address,
                                    text);
  }
}

static void
announce (ForgeSsdp *self, gboolean is_goodbye)
{
  g_autoptr (GArray) addresses = NULL;

  if (!self->is_open)
    return;
  addresses = forge_interface_addresses (G_SOCKET_FAMILY_IPV4);
  for (guint i = 0; i < addresses->len; i++) {
    const ForgeInterfaceAddress *item = &g_array_index (addresses, ForgeInterfaceAddress, i);
    if (forge_address_is_private (item->address) &&
        (!self->only || g_inet_address_equal (self->only, item->address)))
      announce_on (self, item, is_goodbye);
  }
}

static void plan_announce (ForgeSsdp *self, guint in_ms);

static gboolean
on_announce_due (gpointer user_data)
{
  ForgeSsdp *self = user_data;

  announce (self, FALSE);
  plan_announce (self, ANNOUNCE_EVERY_MS);
  return G_SOURCE_REMOVE;
}

static void
plan_announce (ForgeSsdp *self, guint in_ms)
{
  drop_source (&self->announce);
  if (!self->is_open)
    return;
  self->announce = g_timeout_source_new (in_ms);
  g_source_set_callback (self->announce, on_announce_due, self, NULL);
  g_source_attach (self->announce, self->context);
}

void
forge_ssdp_rejoin (ForgeSsdp *self)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  if (!self->is_open || forge_datagram_socket_join (self->socket, self->group) == 0)
    return;
  announce (self, FALSE);
  plan_announce (self, SECOND_ANNOUNCE_MS);
}

/* Multicasts reach only the any-address. */
static gboolean
open_socket (ForgeSsdp *self, const ForgeBindPlan *plan, GError **error)
{
  g_autoptr (GInetAddress) address = plan->is_open ? g_inet_address_new_any (G_SOCKET_FAMILY_IPV4)
                                                   : g_object_ref (plan->first);

  if (g_inet_address_get_family (plan->first) != G_SOCKET_FAMILY_IPV4) {
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED, "SSDP needs IPv4");
    return FALSE;
  }
  self->socket =
      forge_datagram_socket_new (self->context, address, &self->port, on_datagram, self, error);
  return self->socket != NULL;
}

ForgeSsdp *
forge_ssdp_new (const ForgeSsdpConfig *config, const ForgeBindPlan *plan, GError **error)
{
  g_autoptr (ForgeSsdp) self = g_new0 (ForgeSsdp, 1);

  self->context = config->context;
  self->uuid = g_strdup (config->uuid);
  self->http_port = config->http_port;
  self->port = config->port;
  self->group = g_inet_address_new_from_string (GROUP);
  self->addresses = forge_local_addresses_new ();
  self->limit = forge_rate_limit_new (SEARCHES_PER_SOURCE, SEARCHES_PER_S);
  g_queue_init (&self->waiting);
  self->is_open = plan->is_open;
  if (plan->is_open && !g_inet_address_get_is_any (plan->first))
    self->only = g_object_ref (plan->first);
  if (!open_socket (self, plan, error))
    return NULL;
  forge_ssdp_rejoin (self);
  return g_steal_pointer (&self);
}

void
forge_ssdp_free (ForgeSsdp *self)
{
  drop_source (&self->announce);
  if (self->socket)
    announce (self, TRUE);
  g_queue_clear_full (&self->waiting, (GDestroyNotify)reply_free);
  g_clear_pointer (&self->socket, forge_datagram_socket_free);
  forge_rate_limit_free (self->limit);
  forge_local_addresses_free (self->addresses);
  g_clear_object (&self->only);
  g_object_unref (self->group);
  g_free (self->uuid);
  g_free (self);
}

guint
forge_ssdp_port (const ForgeSsdp *self)
{
  return self->port;
}
