/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-quality.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FORGE_HEALTH_STARTING,
  FORGE_HEALTH_HEALTHY,
  FORGE_HEALTH_STALLED,
  FORGE_HEALTH_FAILING_OVER,
  FORGE_HEALTH_SLATE,
} ForgeHealth;

const char *forge_health_name (ForgeHealth health);

/* A viewer of a session, as shown to people. */
typedef struct {
  char *address;
  char *user_agent; /* NULL = it sent none */
  gint64 since_s;   /* seconds it has been watching */
  gint64 behind_ms; /* behind the live edge */
  guint64 bytes;
} ForgeViewerInfo;

#define FORGE_SESSION_HISTORY_S 60

/* A tuner session at one moment. Plain snapshot; free with forge_session_info_free (). */
typedef struct {
  gint64 id;
  gint64 channel_id;
  int channel_number;
  char *channel;
  gint64 account_id; /* 0 while none is held */
  char *account;     /* NULL while none is held */
  char *stream;      /* name of the stream that plays, NULL while starting */
  ForgeQuality quality;
  ForgeHealth health;
  int bitrate_kbps;
  guint history_kbps[FORGE_SESSION_HISTORY_S]; /* of each of the last seconds, oldest first */
  guint n_history;
  gint64 uptime_s;
  int failovers;
  guint64 bytes;
  GPtrArray *viewers; /* of ForgeViewerInfo* */
} ForgeSessionInfo;

ForgeSessionInfo *forge_session_info_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* Appends an empty viewer and returns it to be filled. Returns: (transfer none). */
ForgeViewerInfo *forge_session_info_add_viewer (ForgeSessionInfo *info);
void forge_session_info_free (ForgeSessionInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSessionInfo, forge_session_info_free)

G_END_DECLS
