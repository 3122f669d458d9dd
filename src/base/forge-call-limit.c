/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-call-limit.h"

#include <string.h>

/* The calls of one client in a ring; the oldest one at `first`. */
typedef struct {
  gint64 last_us;
  guint first, n;
  gint64 times[];
} Client;

struct _ForgeCallLimit {
  guint limit;
  gint64 window_us;
  GMutex lock;
  GHashTable *clients; /* name → Client */
};

ForgeCallLimit *
forge_call_limit_new (guint limit, gint64 window_us)
{
  ForgeCallLimit *self = g_new0 (ForgeCallLimit, 1);

  self->limit = limit;
  self->window_us = window_us;
  self->clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_init (&self->lock);
  return self;
}

void
forge_call_limit_free (ForgeCallLimit *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->clients);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
forget_one (ForgeCallLimit *self)
{
  GHashTableIter iter;
  gpointer name, client, oldest = NULL;
  gint64 oldest_us = G_MAXINT64;

  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, &name, &client))
    if (((Client *)client)->last_us < oldest_us) {
      oldest_us = ((Client *)client)->last_us;
      oldest = name;
    }
  if (oldest)
    g_hash_table_remove (self->clients, oldest);
}

static Client *
find_client (ForgeCallLimit *self, const char *name)
{
  Client *client = g_hash_table_lookup (self->clients, name);

  if (client)
    return client;
  if (g_hash_table_size (self->clients) >= FORGE_CALL_LIMIT_CLIENTS)
    forget_one (self);
  client = g_malloc0 (sizeof (Client) + self->limit * sizeof (gint64));
  g_hash_table_insert (self->clients, g_strdup (name), client);
  return client;
}

static gboolean
take (ForgeCallLimit *self, Client *client, gint64 now_us)
{
  while (client->n > 0 && now_us - client->times[client->first] >= self->window_us) {
    client->first = (client->first + 1) % self->limit;
    client->n--;
  }
  client->last_us = now_us;
  if (client->n == self->limit)
    return FALSE;
  client->times[(client->first + client->n++) % self->limit] = now_us;
  return TRUE;
}

gboolean
forge_call_limit_take (ForgeCallLimit *self, const char *name, gint64 now_us, ForgeCallState *state)
{
  g_mutex_lock (&self->lock);
  Client *client = find_client (self, name);
  gboolean is_taken = take (self, client, now_us);
  if (state)
    *state =
        (ForgeCallState){ .limit = self->limit,
                          .remaining = self->limit - client->n,
                          .reset_us = client->times[client->first] + self->window_us - now_us };
  g_mutex_unlock (&self->lock);
  return is_taken;
}
