/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-m3u.h"
#include "model/forge-account.h"
#include "model/forge-channel.h"
#include "net/forge-http.h"
#include "store/forge-secrets.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * Accounts that are a channel list (M3U) instead of a panel. The list's location is the account's
 * secret, for it often holds the login.
 */

/* What a list turned out to be. */
typedef struct {
  guint channels; /* that can be played */
  guint skipped;  /* films, other schemes, what could not be read */
  guint no_room;  /* of skipped: each has a login of its own, and that is too much to keep */
  char *guide_url;
  /* Set when nine of ten addresses are of this panel and login. */
  char *server, *username, *password;
} ForgeM3uFindings;

void forge_m3u_findings_clear (ForgeM3uFindings *findings);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeM3uFindings, forge_m3u_findings_clear)

/* Reads the list at `location` (http(s) URL or absolute path), packed or not. INVALID if it is no
 * channel list, and those of forge_http_get (); messages name no location. Blocks. Role: job. */
gboolean forge_m3u_probe (ForgeHttp *http,
                          const char *location,
                          ForgeM3uFindings *findings,
                          GCancellable *cancellable,
                          GError **error);

/* The same, and stages streams and addresses (forge-store-streams.h, forge-store-urls.h) of the
 * account; writes the credentials in them to `secrets`. Without `secrets` only the streams. */
gboolean forge_m3u_stage (ForgeStore *store,
                          ForgeSecrets *secrets,
                          ForgeHttp *http,
                          gint64 account_id,
                          const char *location,
                          ForgeM3uFindings *findings,
                          GCancellable *cancellable,
                          GError **error);

/* Where and how an entry of a list plays. */
typedef struct {
  char *live;                  /* address with its credentials */
  char *catchup;               /* template (formats/forge-catchup.h) with its; NULL = none */
  char *user_agent, *referrer; /* the entry's own, or NULL */
  int catchup_offset;          /* minutes from the guide's time to the archive's */
} ForgeStreamAddress;

void forge_stream_address_clear (ForgeStreamAddress *address);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeStreamAddress, forge_stream_address_clear)

/* The address of a stream of an M3U account. `address` must be zeroed and is to be cleared. Blocks.
 * Role: job. */
gboolean forge_provider_stream_address (ForgeStore *store,
                                        ForgeSecrets *secrets,
                                        const ForgeStream *stream,
                                        ForgeStreamAddress *address,
                                        GCancellable *cancellable,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What may be shown and stored of a location: "http://host:port", or the path of a file. (transfer
 * full) */
char *forge_m3u_show_location (const char *location) G_GNUC_WARN_UNUSED_RESULT;
/* In place of a user's name: "m3u-" and a hash of the location without its credentials, so that the
 * list is known again when it is added again. (transfer full) */
char *forge_m3u_account_key (const char *location) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
