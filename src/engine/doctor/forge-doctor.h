/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

G_BEGIN_DECLS

/**
 * The doctor: takes the steps of a client, from every address of this machine, and explains each
 * failure with a fix. Opens one stream for a few seconds unless every tuner is in use.
 */
typedef enum {
  FORGE_DOCTOR_ALL, /* what any client needs */
  FORGE_DOCTOR_PLEX,
  FORGE_DOCTOR_JELLYFIN,
  FORGE_DOCTOR_EMBY,
  FORGE_DOCTOR_CHANNELS,
} ForgeDoctorClient;

gboolean forge_doctor_client_parse (const char *name, ForgeDoctorClient *client);
const char *forge_doctor_client_name (ForgeDoctorClient client);

/* The JSON array of docs/api.md ("check"), in the order of the steps. Role: job. Blocks for some
 * seconds. Returns: (transfer full); NULL only when cancelled. */
JsonNode *forge_doctor_run (ForgeOps *ops, ForgeDoctorClient client, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
