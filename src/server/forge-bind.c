/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/forge-bind.h"

#include "base/forge-error.h"

#include <string.h>

/* A free port of IPv4 may be taken on IPv6. */
#define PORT_ATTEMPTS 8

void
forge_bind_plan_clear (ForgeBindPlan *plan)
{
  g_clear_object (&plan->first);
  g_clear_object (&plan->second);
}

gboolean
forge_bind_plan_parse (const char *bind, ForgeBindPlan *plan, GError **error)
{
  *plan = (ForgeBindPlan){ 0 };
  if (strcmp (bind, "loopback") == 0) {
    plan->first = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
    plan->second = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6);
  } else if (strcmp (bind, "lan") == 0) {
    plan->first = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
    plan->second = g_inet_address_new_any (G_SOCKET_FAMILY_IPV6);
    plan->is_open = TRUE;
  } else {
    plan->first = g_inet_address_new_from_string (bind);
    plan->is_open = plan->first && !g_inet_address_get_is_loopback (plan->first);
  }
  if (plan->first)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "bind: “%s” is neither loopback, lan nor an address of this machine",
               bind);
  return FALSE;
}

/* FALSE: the port is taken on the second family only. */
static gboolean
bind_second (const ForgeBindPlan *plan, guint port, GSocket **socket)
{
  g_autoptr (GError) error = NULL;

  if (!plan->second)
    return TRUE;
  *socket = forge_listener_bind_tcp (plan->second, &port, &error);
  if (!*socket)
    g_debug ("Without IPv6: %s", error->message);
  return *socket || !g_error_matches (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
}

/* Returns the port, 0 on error. */
static guint
bind_both (const ForgeBindPlan *plan,
           guint wanted_port,
           GSocket **first,
           GSocket **second,
           GError **error)
{
  for (guint attempt = 1;; attempt++) {
    guint port = wanted_port;
    g_autoptr (GSocket) socket = forge_listener_bind_tcp (plan->first, &port, error);
    if (!socket)
      return 0;
    if (bind_second (plan, port, second) || wanted_port || attempt == PORT_ATTEMPTS) {
      *first = g_steal_pointer (&socket);
      return port;
    }
  }
}

guint
forge_bind_plan_listen (const ForgeBindPlan *plan,
                        guint port,
                        ForgeListener *listener,
                        GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocket) first = NULL;
  g_autoptr (GSocket) second = NULL;
  guint bound_port = bind_both (plan, port, &first, &second, error);

  if (!bound_port)
    return 0;
  if (!forge_listener_add (listener, first, &cause)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "Cannot accept connections on port %u: %s",
                 bound_port,
                 cause->message);
    return 0;
  }
  if (second && !forge_listener_add (listener, second, &cause))
    g_debug ("Without IPv6: %s", cause->message);
  return bound_port;
}
