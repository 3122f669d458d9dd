/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-link-store.h"

#include "base/forge-error.h"

static char *
key_name (ForgeLinkPurpose purpose)
{
  return g_strconcat ("key/", forge_link_purpose_name (purpose), NULL);
}

/* NULL without an error: there is none yet. */
static char *
look_up (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  char *text = forge_secrets_lookup (secrets, name, cancellable, &failure);

  if (!text && !g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&failure));
  return text;
}

/* Stores one more key and returns all of them. */
static char *
add_key (ForgeSecrets *secrets,
         const char *name,
         const char *present,
         gboolean keep_old,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (ForgeSecret) text = forge_link_keys_add (present, keep_old);

  if (!forge_secrets_store (secrets, name, text, cancellable, error))
    return NULL;
  return g_steal_pointer (&text);
}

static gboolean
load_purpose (ForgeSecrets *secrets,
              ForgeLinkPurpose purpose,
              ForgeLinkKeys *keys,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *name = key_name (purpose);
  g_autoptr (GError) failure = NULL;
  g_autoptr (ForgeSecret) text = look_up (secrets, name, cancellable, &failure);

  if (!text && !failure)
    text = add_key (secrets, name, NULL, FALSE, cancellable, &failure);
  if (text)
    return forge_link_keys_set (keys, purpose, text, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

ForgeLinkKeys *
forge_link_store_load (ForgeSecrets *secrets, GCancellable *cancellable, GError **error)
{
  g_autoptr (ForgeLinkKeys) keys = forge_link_keys_new ();

  for (guint i = 0; i < FORGE_LINK_PURPOSES; i++)
    if (!load_purpose (secrets, (ForgeLinkPurpose)i, keys, cancellable, error))
      return NULL;
  return g_steal_pointer (&keys);
}

gboolean
forge_link_store_rotate (ForgeSecrets *secrets,
                         ForgeLinkPurpose purpose,
                         gboolean keep_old,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autofree char *name = key_name (purpose);
  g_autoptr (GError) failure = NULL;
  g_autoptr (ForgeSecret) present = look_up (secrets, name, cancellable, &failure);

  if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  g_autoptr (ForgeSecret) text = add_key (secrets, name, present, keep_old, cancellable, error);
  return text != NULL;
}
