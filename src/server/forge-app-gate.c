/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-app-gate.h"

#include "server/discovery/forge-rate-limit.h"
#include "store/forge-password.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define KEY_BYTES 32
/* After too many wrong pairs. */
#define PAUSE_US    G_USEC_PER_SEC
#define MAX_PAUSING 1024

struct _ForgeAppGate {
  guint8 key[KEY_BYTES]; /* of the digests; of this run only */
  GMutex lock;           /* guards what follows; not held while a password is checked */
  GPtrArray *users;
  GHashTable *right;     /* digest of a pair → ForgeAppUser* */
  ForgeRateLimit *wrong; /* pairs */
  GHashTable *pausing;   /* peer → monotonic time of its next try, as gint64* */
};

ForgeAppGate *
forge_app_gate_new (void)
{
  ForgeAppGate *gate = g_new0 (ForgeAppGate, 1);

  if (getentropy (gate->key, sizeof gate->key) != 0)
    g_message ("No entropy for the gate of apps: %s", g_strerror (errno));
  g_mutex_init (&gate->lock);
  gate->users = g_ptr_array_new ();
  gate->right =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)forge_app_user_unref);
  gate->pausing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gate->wrong = forge_rate_limit_new (FORGE_APP_WRONG_PER_PEER_PER_S, FORGE_APP_WRONG_PER_S);
  return gate;
}

void
forge_app_gate_free (ForgeAppGate *gate)
{
  g_ptr_array_unref (gate->users);
  g_hash_table_unref (gate->right);
  g_hash_table_unref (gate->pausing);
  forge_rate_limit_free (gate->wrong);
  g_mutex_clear (&gate->lock);
  g_free (gate);
}

static gboolean
same_users (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++) {
    const ForgeAppUser *left = g_ptr_array_index (a, i), *right = g_ptr_array_index (b, i);
    if (left->id != right->id || left->device != right->device ||
        left->max_connections != right->max_connections ||
        left->has_library != right->has_library || strcmp (left->name, right->name) != 0 ||
        strcmp (left->secret, right->secret) != 0)
      return FALSE;
  }
  return TRUE;
}

/* They come with every refresh and rarely differ. */
void
forge_app_gate_set_users (ForgeAppGate *gate, GPtrArray *users)
{
  GPtrArray *old = NULL;

  g_mutex_lock (&gate->lock);
  if (!same_users (gate->users, users)) {
    old = gate->users;
    gate->users = g_ptr_array_ref (users);
    g_hash_table_remove_all (gate->right);
  }
  g_mutex_unlock (&gate->lock);
  g_clear_pointer (&old, g_ptr_array_unref);
}

static char *
digest_of (const ForgeAppGate *gate, const char *name, const char *password)
{
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, gate->key, sizeof gate->key);

  g_hmac_update (hmac, (const guchar *)name, (gssize)strlen (name) + 1);
  g_hmac_update (hmac, (const guchar *)password, (gssize)strlen (password));
  return g_strdup (g_hmac_get_string (hmac));
}

/* Of the users, (transfer full). */
static ForgeAppUser *
find_user (GPtrArray *users, const char *name)
{
  for (guint i = 0; i < users->len; i++) {
    ForgeAppUser *user = g_ptr_array_index (users, i);
    if (strcmp (user->name, name) == 0)
      return forge_app_user_ref (user);
  }
  return NULL;
}

/* With the lock. */
static gboolean
may_try (ForgeAppGate *gate, const char *peer)
{
  const gint64 *next = g_hash_table_lookup (gate->pausing, peer);

  return !next || g_get_monotonic_time () >= *next;
}

/* A wrong pair: its peer pauses when there were too many. */
static void
count_wrong (ForgeAppGate *gate, const char *peer)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (peer);
  gint64 now_us = g_get_monotonic_time (), next_us = now_us + PAUSE_US;

  g_mutex_lock (&gate->lock);
  if (address && !forge_rate_limit_take (gate->wrong, address, now_us)) {
    if (g_hash_table_size (gate->pausing) >= MAX_PAUSING)
      g_hash_table_remove_all (gate->pausing);
    g_hash_table_replace (gate->pausing, g_strdup (peer), g_memdup2 (&next_us, sizeof next_us));
  }
  g_mutex_unlock (&gate->lock);
}

/* Only if the users are still those that the pair was checked against. */
static void
remember (ForgeAppGate *gate, GPtrArray *users, char *digest, ForgeAppUser *user)
{
  g_mutex_lock (&gate->lock);
  if (gate->users == users)
    g_hash_table_replace (gate->right, g_strdup (digest), forge_app_user_ref (user));
  g_mutex_unlock (&gate->lock);
}

ForgeAppUser *
forge_app_gate_open (ForgeAppGate *gate, const char *name, const char *password, const char *peer)
{
  g_autofree char *digest = NULL;
  g_autoptr (ForgeAppUser) user = NULL;
  g_autoptr (GPtrArray) users = NULL;

  if (!name || !*name || !password || strlen (password) > FORGE_MAX_PASSWORD_BYTES)
    return NULL;
  digest = digest_of (gate, name, password);
  g_mutex_lock (&gate->lock);
  ForgeAppUser *known = g_hash_table_lookup (gate->right, digest);
  if (known)
    known = forge_app_user_ref (known);
  gboolean may = known || may_try (gate, peer);
  users = g_ptr_array_ref (gate->users);
  g_mutex_unlock (&gate->lock);
  if (known || !may)
    return known;
  user = find_user (users, name);
  if (!user || !forge_password_is_right (password, user->secret)) {
    count_wrong (gate, peer);
    return NULL;
  }
  remember (gate, users, digest, user);
  return g_steal_pointer (&user);
}

ForgeAppUser *
forge_app_gate_find (ForgeAppGate *gate, gint64 id)
{
  ForgeAppUser *found = NULL;

  g_mutex_lock (&gate->lock);
  for (guint i = 0; i < gate->users->len && !found; i++) {
    ForgeAppUser *user = g_ptr_array_index (gate->users, i);
    if (user->id == id)
      found = forge_app_user_ref (user);
  }
  g_mutex_unlock (&gate->lock);
  return found;
}
