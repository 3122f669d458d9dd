/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-router-private.h"

#include <string.h>

struct _ForgeRouter {
  GPtrArray *routes; /* of ForgeRoute*, longest pattern first */
};

static void
route_free (gpointer data)
{
  ForgeRoute *route = data;

  g_free (route->pattern);
  g_strfreev (route->methods);
  g_free (route);
}

ForgeRouter *
forge_router_new (void)
{
  ForgeRouter *router = g_new0 (ForgeRouter, 1);

  router->routes = g_ptr_array_new_with_free_func (route_free);
  return router;
}

void
forge_router_free (ForgeRouter *router)
{
  g_ptr_array_unref (router->routes);
  g_free (router);
}

/* Exact before prefix of the same length, so that "/a" wins over "/a*". */
static int
compare_routes (gconstpointer a, gconstpointer b)
{
  const ForgeRoute *left = *(const ForgeRoute *const *)a, *right = *(const ForgeRoute *const *)b;

  if (left->prefix_bytes != right->prefix_bytes)
    return left->prefix_bytes < right->prefix_bytes ? 1 : -1;
  return left->is_prefix - right->is_prefix;
}

static ForgeRoute *
add_route (ForgeRouter *router, const char *methods, const char *pattern)
{
  ForgeRoute *route = g_new0 (ForgeRoute, 1);

  route->pattern = g_strdup (pattern);
  route->is_prefix = g_str_has_suffix (pattern, "*");
  route->prefix_bytes = strlen (pattern) - (route->is_prefix ? 1 : 0);
  route->methods = g_strsplit (methods, "|", -1);
  g_ptr_array_add (router->routes, route);
  return route;
}

void
forge_router_add (ForgeRouter *router,
                  const char *methods,
                  const char *pattern,
                  ForgeRun run,
                  ForgeHandler handler,
                  gpointer user_data)
{
  ForgeRoute *route;

  g_return_if_fail (pattern[0] == '/' && handler);

  route = add_route (router, methods, pattern);
  route->run = run;
  route->handler = handler;
  route->user_data = user_data;
  g_ptr_array_sort (router->routes, compare_routes);
}

void
forge_router_add_takeover (ForgeRouter *router,
                           const char *pattern,
                           ForgeTakeover takeover,
                           ForgeHandler head,
                           gpointer user_data)
{
  ForgeRoute *route;

  g_return_if_fail (pattern[0] == '/' && takeover && head);

  route = add_route (router, "GET", pattern);
  route->run = FORGE_RUN_CONTROL;
  route->handler = head;
  route->takeover = takeover;
  route->user_data = user_data;
  g_ptr_array_sort (router->routes, compare_routes);
}

static gboolean
fits_path (const ForgeRoute *route, const char *path)
{
  if (route->is_prefix)
    return strncmp (route->pattern, path, route->prefix_bytes) == 0;
  return strcmp (route->pattern, path) == 0;
}

static char *
allowed_methods (const ForgeRouter *router, const char *pattern)
{
  GString *allow = g_string_new (NULL);

  for (guint i = 0; i < router->routes->len; i++) {
    const ForgeRoute *route = g_ptr_array_index (router->routes, i);
    if (strcmp (route->pattern, pattern) != 0)
      continue;
    for (char **method = route->methods; *method; method++)
      g_string_append_printf (allow,
                              "%s%s%s",
                              allow->len ? ", " : "",
                              *method,
                              strcmp (*method, "GET") == 0 ? ", HEAD" : "");
  }
  return g_string_free (allow, FALSE);
}

void
forge_router_find (const ForgeRouter *router,
                   const char *method,
                   const char *path,
                   ForgeRouteMatch *match)
{
  const char *wanted = strcmp (method, "HEAD") == 0 ? "GET" : method;
  const ForgeRoute *longest = NULL;

  *match = (ForgeRouteMatch){ 0 };
  for (guint i = 0; i < router->routes->len && !match->route; i++) {
    const ForgeRoute *route = g_ptr_array_index (router->routes, i);
    if (longest ? strcmp (route->pattern, longest->pattern) != 0 : !fits_path (route, path))
      continue;
    longest = route;
    if (g_strv_contains ((const char *const *)route->methods, wanted))
      match->route = route;
  }
  if (match->route && match->route->is_prefix)
    match->tail = path + match->route->prefix_bytes;
  else if (!match->route && longest)
    match->allow = allowed_methods (router, longest->pattern);
}
