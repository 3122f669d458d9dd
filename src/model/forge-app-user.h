/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More is no household. */
#define FORGE_MAX_APP_USERS 64

/**
 * ForgeAppUser: somebody whom we made for an app that speaks the Xtream API to us. Immutable once
 * shared, ref-counted.
 */
typedef struct {
  gint64 id; /* 0 until stored */
  char *name;
  char *secret;      /* what forge_password_hash () made; never the password */
  gint64 device;     /* id of the virtual tuner whose lineup it sees */
  gint64 created_at; /* UTC seconds */
} ForgeAppUser;

ForgeAppUser *forge_app_user_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeAppUser *forge_app_user_ref (ForgeAppUser *user);
void forge_app_user_unref (ForgeAppUser *user);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAppUser, forge_app_user_unref)

G_END_DECLS
