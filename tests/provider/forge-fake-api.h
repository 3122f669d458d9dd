/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-request.h"

G_BEGIN_DECLS

/* Each answers one kind of request and returns FALSE if the connection is of no further use. */

/* player_api.php, once the login is right. */
gboolean forge_fake_api_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request);
/* The account, or a refusal. */
gboolean forge_fake_login_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request);
/* get_live_streams and get.php. */
gboolean forge_fake_list_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request);
gboolean forge_fake_m3u_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request);
/* get_vod_*, get_series* and the like; an unknown action gives "[]". Returns: (transfer full). */
char *forge_fake_library_json (const ForgeFakeProvider *provider, const char *action, guint id)
    G_GNUC_WARN_UNUSED_RESULT;

/* Live TV as an endless transport stream. */
gboolean forge_fake_live_reply (ForgeFakeConnection *connection,
                                const ForgeFakeRequest *request,
                                guint stream_id);
/* The master playlist, then what it names below /hls/TOKEN/. */
gboolean forge_fake_hls_master_reply (ForgeFakeConnection *connection,
                                      const ForgeFakeRequest *request,
                                      guint stream_id);
gboolean forge_fake_hls_reply (ForgeFakeConnection *connection,
                               const ForgeFakeRequest *request,
                               const char *token,
                               const char *name);
/* A film or an episode, with ranges. */
gboolean forge_fake_vod_reply (ForgeFakeConnection *connection,
                               const ForgeFakeRequest *request,
                               ForgeFakeKind kind,
                               guint id);
/* /timeshift/USER/PASSWORD/MINUTES/START/ID.ts, and the query form of it; the login is right. */
gboolean
forge_fake_timeshift_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request);
gboolean
forge_fake_timeshift_query_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request);
/* Sends the client to /edge/TOKEN. */
gboolean forge_fake_redirect_reply (ForgeFakeConnection *connection,
                                    const ForgeFakeRequest *request,
                                    ForgeFakeKind kind,
                                    guint id);
/* What a token stands for, once. FALSE if it is unknown or too old. */
gboolean
forge_fake_token_take (ForgeFakeProvider *provider, const char *text, ForgeFakeToken *token);

G_END_DECLS
