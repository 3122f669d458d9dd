/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Stands for a credential in an open URL: no URL may contain it. */
#define FORGE_M3U_SECRET_MARK '\x1f'

typedef enum {
  FORGE_M3U_PLAIN,
  FORGE_M3U_LIVE,  /* /live/U/P/ID or /U/P/ID of an Xtream panel */
  FORGE_M3U_VIDEO, /* a film or an episode, by path or by file name */
} ForgeM3uKind;

/**
 * ForgeM3uUrl: the address of an entry, taken apart into what may be stored and what may not.
 * Credentials are: user info; user and password of an Xtream path, live or
 * archive; what follows /play/, /auth/ or
 * /token/; and the values of query parameters whose names speak of passwords, tokens, keys, users
 * or signatures.
 */
typedef struct {
  char *open;         /* each credential is one FORGE_M3U_SECRET_MARK */
  GPtrArray *secrets; /* of char*, in their order */
  ForgeM3uKind kind;
  gint64 panel_id;                    /* of FORGE_M3U_LIVE */
  char *server, *username, *password; /* of FORGE_M3U_LIVE; unescaped */
} ForgeM3uUrl;

/* FALSE for what cannot be played: not http or https, no host, control or non-ASCII characters,
 * over-long. `split` must be zeroed. */
gboolean forge_m3u_url_split (const char *url, ForgeM3uUrl *split);
void forge_m3u_url_clear (ForgeM3uUrl *split);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeM3uUrl, forge_m3u_url_clear)

/* 63 bits that stay when host or credentials change: the panel's id, else a hash of name, `tvg_id`
 * (may be NULL) and the open path and query. Never 0. Facts §2.2. */
gint64 forge_m3u_url_remote_id (const ForgeM3uUrl *split, const char *name, const char *tvg_id);

G_END_DECLS
