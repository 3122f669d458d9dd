/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "server/forge-bind.h"
#include "server/forge-control-socket.h"
#include "server/forge-cors.h"
#include "server/forge-server-private.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>

struct _ForgeHttpServer {
  ForgeServerShared shared;
  ForgeFace *tcp;
  ForgeFace *control; /* NULL until listen_control () */
  char *control_path;
  ino_t control_inode;
  GInetAddress *bound; /* the first address; NULL = not listening */
  guint port;          /* 0 = none */
  GHashTable *extra;   /* set of further ports */
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
  server->shared.control_job_threads = config->control_job_threads;
  server->shared.idle_timeout_ms = config->idle_timeout_ms ? config->idle_timeout_ms
                                                           : FORGE_HTTP_IDLE_TIMEOUT_MS;
  server->tcp = forge_face_new (&server->shared, config->router, FALSE);
  server->extra = g_hash_table_new (g_direct_hash, g_direct_equal);
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
  g_hash_table_unref (server->extra);
  forge_local_addresses_free (server->shared.addresses);
  g_main_context_unref (server->shared.context);
  g_free (server->shared.server_header);
  g_strfreev (server->shared.cors_origins);
  g_free (server);
}

static void
close_tcp (ForgeHttpServer *server)
{
  forge_face_close (server->tcp);
  g_clear_object (&server->bound);
  server->port = 0;
  g_hash_table_remove_all (server->extra);
}

void
forge_http_server_stop (ForgeHttpServer *server)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  close_tcp (server);
  close_control (server);
}

void
forge_http_server_drain (ForgeHttpServer *server)
{
  forge_face_drain (server->tcp);
  if (server->control)
    forge_face_drain (server->control);
}

static gboolean
is_control_role (void)
{
  ForgeRole role = forge_role_current ();

  return role == FORGE_ROLE_ANY || role == FORGE_ROLE_CONTROL;
}

void
forge_http_server_set_cors_origins (ForgeHttpServer *server, const char *origins)
{
  g_return_if_fail (is_control_role ());

  g_strfreev (server->shared.cors_origins);
  server->shared.cors_origins = forge_cors_parse (origins);
}

guint
forge_http_server_listen (ForgeHttpServer *server, const char *bind, guint port, GError **error)
{
  g_auto (ForgeBindPlan) plan = { 0 };
  guint bound_port;

  g_return_val_if_fail (is_control_role (), 0);

  if (!forge_bind_plan_parse (bind, &plan, error))
    return 0;
  close_tcp (server);
  bound_port = forge_bind_plan_listen (&plan, port, server->tcp->listener, error);
  if (!bound_port)
    return 0;
  server->tcp->is_open_to_lan = plan.is_open;
  server->bound = g_object_ref (plan.first);
  server->port = bound_port;
  return bound_port;
}

gboolean
forge_http_server_listen_extra (ForgeHttpServer *server,
                                const char *bind,
                                guint port,
                                GError **error)
{
  g_auto (ForgeBindPlan) plan = { 0 };

  g_return_val_if_fail (is_control_role (), FALSE);
  g_return_val_if_fail (server->bound, FALSE);

  if (port == server->port || g_hash_table_contains (server->extra, GUINT_TO_POINTER (port)))
    return TRUE;
  if (!forge_bind_plan_parse (bind, &plan, error))
    return FALSE;
  /* Who may be answered is one decision for all ports. */
  if (plan.is_open && !server->tcp->is_open_to_lan) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Port %u cannot be open to “%s” while the first one is not",
                 port,
                 bind);
    return FALSE;
  }
  return forge_bind_plan_listen (&plan, port, server->tcp->listener, error) &&
         g_hash_table_add (server->extra, GUINT_TO_POINTER (port));
}

void
forge_http_server_close_extra (ForgeHttpServer *server, guint port)
{
  g_return_if_fail (is_control_role ());

  if (g_hash_table_remove (server->extra, GUINT_TO_POINTER (port)))
    forge_listener_close_port (server->tcp->listener, port);
}

gboolean
forge_http_server_listen_control (ForgeHttpServer *server,
                                  const char *path,
                                  ForgeRouter *control_router,
                                  GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) cause = NULL;
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
  if (forge_listener_add (server->control->listener, socket, &cause))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "Cannot accept connections on %s: %s",
               path,
               cause->message);
  return FALSE;
}

char *
forge_http_server_url (ForgeHttpServer *server)
{
  g_autoptr (GInetAddress) loopback = NULL;

  if (!server->bound)
    return NULL;
  if (!g_inet_address_get_is_any (server->bound))
    return forge_address_url (server->bound, server->port);
  loopback = g_inet_address_new_loopback (g_inet_address_get_family (server->bound));
  return forge_address_url (loopback, server->port);
}

char *
forge_http_server_lan_url (ForgeHttpServer *server)
{
  g_autofree char *address = NULL;

  if (!server->bound || !server->tcp->is_open_to_lan)
    return NULL;
  if (!g_inet_address_get_is_any (server->bound))
    return forge_address_url (server->bound, server->port);
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
