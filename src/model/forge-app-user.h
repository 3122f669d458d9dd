/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More is no household. */
#define FORGE_MAX_APP_USERS       64
#define FORGE_MAX_APP_CONNECTIONS 100

/**
 * ForgeAppUser: somebody whom we made for an app that speaks the Xtream API to us. Immutable once
 * shared, ref-counted.
 */
typedef struct {
  gint64 id; /* 0 until stored */
  char *name;
  char *secret;        /* what forge_password_hash () made, never the password; "" = none yet, opens
                        * nothing */
  gint64 device;       /* id of the virtual tuner whose lineup it sees */
  gint64 created_at;   /* UTC seconds */
  int max_connections; /* what it may watch at once; 0 = as many as there are tuners */
  gboolean has_library; /* sees films and series */
} ForgeAppUser;

ForgeAppUser *forge_app_user_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeAppUser *forge_app_user_ref (ForgeAppUser *user);
void forge_app_user_unref (ForgeAppUser *user);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAppUser, forge_app_user_unref)

G_END_DECLS
