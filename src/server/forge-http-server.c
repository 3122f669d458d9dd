/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "server/forge-control-socket.h"
#include "server/forge-server-private.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>

/* A free port of IPv4 may be taken on IPv6. */
#define PORT_ATTEMPTS 8

struct _ForgeHttpServer {
  ForgeServerShared shared;
  ForgeFace *tcp;
  ForgeFace *control; /* NULL until listen_control () */
  char *control_path;
  ino_t control_inode;
  GInetAddress *bound; /* the first address; NULL = not listening */
  guint port;
};

ForgeHttpServer *
forge_http_server_new (const ForgeHttpServerConfig *config)
{
  ForgeHttpServer *server = g_new0 (ForgeHttpServer, 1);

  server->shared.context = config->context ? g_main_context_ref (config->context)
                                           : g_main_context_ref_thread_default ();
  server->shared.addresses = forge_local_addresses_new ();
  server->shared.server_header = g_strdup (config->server_header);
  server->shared.job_threads = config->job_threads;
  server->shared.idle_timeout_ms = config->idle_timeout_ms ? config->idle_timeout_ms
                                                           : FORGE_HTTP_IDLE_TIMEOUT_MS;
  server->tcp = forge_face_new (&server->shared, config->router, FALSE);
  return server;
}

static void
close_control (ForgeHttpServer *server)
{
  struct stat found;

  if (!server->control)
    return;
  forge_face_close (server->control);
  /* Not somebody else's that took its place. */
  if (server->control_path && lstat (server->control_path, &found) == 0 &&
      found.st_ino == server->control_inode)
    g_unlink (server->control_path);
  g_clear_pointer (&server->control_path, g_free);
}

void
forge_http_server_free (ForgeHttpServer *server)
{
  forge_http_server_stop (server);
  if (server->control)
    forge_face_free (server->control);
  forge_face_free (server->tcp);
  forge_local_addresses_free (server->shared.addresses);
  g_main_context_unref (server->shared.context);
  g_free (server->shared.server_header);
  g_free (server);
}

static void
close_tcp (ForgeHttpServer *server)
{
  forge_face_close (server->tcp);
  g_clear_object (&server->bound);
  server->port = 0;
}

void
forge_http_server_stop (ForgeHttpServer *server)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  close_tcp (server);
  close_control (server);
}

/* What a bind setting means: one address, or one per family. */
typedef struct {
  GInetAddress *first, *second; /* second may be NULL */
  gboolean is_open;             /* reachable by others */
} BindPlan;

static void
bind_plan_clear (BindPlan *plan)
{
  g_clear_object (&plan->first);
  g_clear_object (&plan->second);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BindPlan, bind_plan_clear)

static gboolean
plan_bind (const char *bind, BindPlan *plan, GError **error)
{
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
bind_second (const BindPlan *plan, guint port, GSocket **socket)
{
  g_autoptr (GError) error = NULL;

  if (!plan->second)
    return TRUE;
  *socket = forge_listener_bind_tcp (plan->second, &port, &error);
  if (!*socket)
    g_debug ("Without IPv6: %s", error->message);
  return *socket || !g_error_matches (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
}

/* Returns the port, 0 on error. The second socket is a bonus. */
static guint
bind_both (const BindPlan *plan,
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

static gboolean
start_listening (ForgeFace *face, GSocket *first, GSocket *second, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (!forge_listener_add (face->listener, first, &cause)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "Cannot accept connections: %s",
                 cause->message);
    return FALSE;
  }
  if (second && !forge_listener_add (face->listener, second, &cause))
    g_debug ("Without IPv6: %s", cause->message);
  return TRUE;
}

static gboolean
is_control_role (void)
{
  ForgeRole role = forge_role_current ();

  return role == FORGE_ROLE_ANY || role == FORGE_ROLE_CONTROL;
}

guint
forge_http_server_listen (ForgeHttpServer *server, const char *bind, guint port, GError **error)
{
  g_auto (BindPlan) plan = { 0 };
  g_autoptr (GSocket) first = NULL;
  g_autoptr (GSocket) second = NULL;
  guint bound_port;

  g_return_val_if_fail (is_control_role (), 0);

  if (!plan_bind (bind, &plan, error))
    return 0;
  close_tcp (server);
  bound_port = bind_both (&plan, port, &first, &second, error);
  if (!bound_port || !start_listening (server->tcp, first, second, error)) {
    forge_listener_close (server->tcp->listener);
    return 0;
  }
  server->tcp->is_open_to_lan = plan.is_open;
  server->bound = g_object_ref (plan.first);
  server->port = bound_port;
  return bound_port;
}

gboolean
forge_http_server_listen_control (ForgeHttpServer *server,
                                  const char *path,
                                  ForgeRouter *control_router,
                                  GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  struct stat found;

  g_return_val_if_fail (is_control_role (), FALSE);

  close_control (server);
  socket = forge_control_socket_bind (path, error);
  if (!socket)
    return FALSE;
  if (!server->control)
    server->control = forge_face_new (&server->shared, control_router, TRUE);
  server->control->router = control_router;
  server->control_path = g_strdup (path);
  server->control_inode = lstat (path, &found) == 0 ? found.st_ino : 0;
  return start_listening (server->control, socket, NULL, error);
}

static char *
url_of (GInetAddress *address, guint port)
{
  g_autofree char *text = g_inet_address_to_string (address);

  return g_strdup_printf (strchr (text, ':') ? "http://[%s]:%u" : "http://%s:%u", text, port);
}

char *
forge_http_server_url (ForgeHttpServer *server)
{
  g_autoptr (GInetAddress) loopback = NULL;

  if (!server->bound)
    return NULL;
  if (!g_inet_address_get_is_any (server->bound))
    return url_of (server->bound, server->port);
  loopback = g_inet_address_new_loopback (g_inet_address_get_family (server->bound));
  return url_of (loopback, server->port);
}

char *
forge_http_server_lan_url (ForgeHttpServer *server)
{
  g_autofree char *address = NULL;

  if (!server->bound || !server->tcp->is_open_to_lan)
    return NULL;
  if (!g_inet_address_get_is_any (server->bound))
    return url_of (server->bound, server->port);
  address = forge_local_addresses_lan_ipv4 (server->shared.addresses);
  return address ? g_strdup_printf ("http://%s:%u", address, server->port) : NULL;
}

void
forge_http_server_stats (ForgeHttpServer *server, ForgeHttpServerStats *stats)
{
  *stats = server->shared.stats;
  stats->connections = forge_listener_open_count (server->tcp->listener);
  if (server->control)
    stats->connections += forge_listener_open_count (server->control->listener);
}
