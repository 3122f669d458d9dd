/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FORGE_ACCOUNT_ACTIVE,
  FORGE_ACCOUNT_EXPIRED,
  FORGE_ACCOUNT_DISABLED,
  FORGE_ACCOUNT_BANNED,
  FORGE_ACCOUNT_UNAUTHORIZED,
  FORGE_ACCOUNT_UNREACHABLE,
} ForgeAccountStatus;

const char *forge_account_status_name (ForgeAccountStatus status);
ForgeAccountStatus forge_account_status_parse (const char *name);

typedef enum {
  FORGE_ACCOUNT_XTREAM,
  FORGE_ACCOUNT_M3U, /* a channel list: `server` is for show, the secret is its location */
} ForgeAccountKind;

const char *forge_account_kind_name (ForgeAccountKind kind); /* "xtream", "m3u" */
ForgeAccountKind forge_account_kind_parse (const char *name);

/**
 * ForgeAccount: an account as stored, without its password (that is in ForgeSecrets).
 *
 * Immutable once shared; build one with forge_account_new () or forge_account_copy (), fill the
 * fields, then only pass references. Strings are owned, UTF-8, NULL where "none" makes sense.
 */
typedef struct {
  gint64 id; /* 0 until stored */
  ForgeAccountKind kind;
  char *name;
  char *server; /* normalised base URL: scheme://host[:port][/path], no trailing slash, no
                   credentials */
  char *username;
  char *user_agent; /* NULL = the default */
  char *proxy;      /* NULL, or http://, socks5:// URL */
  char **mirrors;   /* NULL-terminated further base URLs; NULL = none */
  char *timezone;   /* the panel's, for catch-up; NULL = unknown */
  gboolean enabled;
  ForgeAccountStatus status;
  char *status_text;           /* why, for a person; NULL = nothing to say */
  gint64 expires_at;           /* UTC seconds, 0 = never or unknown */
  int panel_max_connections;   /* as the panel says; 0 = it says unlimited or nothing */
  int user_max_connections;    /* set by the user; 0 = follow the panel */
  int active_connections;      /* as the panel last said */
  int streams, movies, series; /* counts in the catalogue */
  gint64 last_refresh;         /* UTC seconds, 0 = never */
} ForgeAccount;

ForgeAccount *forge_account_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeAccount *forge_account_copy (const ForgeAccount *account) G_GNUC_WARN_UNUSED_RESULT;
ForgeAccount *forge_account_ref (ForgeAccount *account);
void forge_account_unref (ForgeAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAccount, forge_account_unref)

/* Streams we allow at once: the user's number, else the panel's, else 1 (a panel that says 0 or
 * nothing is rarely generous). Never less than 1. */
int forge_account_slots (const ForgeAccount *account);
/* TRUE if the tuner may open streams on it: enabled, status active. */
gboolean forge_account_is_usable (const ForgeAccount *account);

G_END_DECLS
