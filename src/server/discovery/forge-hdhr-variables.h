/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/discovery/forge-hdhr-messages.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/**
 * ForgeHdhrVariables: what the control protocol can read and set. A tuner here carries television
 * over HTTP only, so everything that asks for frequencies or UDP targets is taken politely and
 * leads nowhere: scans run empty, tuning says "no signal", nothing crashes. Nothing on this port
 * can disturb a viewer. Role: control.
 */
typedef struct _ForgeHdhrVariables ForgeHdhrVariables;

/* A lock or a setting of a tuner that nobody renews is forgotten. */
#define FORGE_HDHR_LOCK_TIMEOUT_US (30 * G_USEC_PER_SEC)
/* Longer values are refused: nobody sends more, and what is set is kept. */
#define FORGE_HDHR_MAX_KEPT_BYTES 255

ForgeHdhrVariables *forge_hdhr_variables_new (ForgeTuner *tuner /* borrowed */)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_hdhr_variables_free (ForgeHdhrVariables *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHdhrVariables, forge_hdhr_variables_free)

/* What a channel scan would find. */
void forge_hdhr_variables_set_channels (ForgeHdhrVariables *self, guint channels);

/* Answers one request of `peer` (address as text). `now_us`: monotonic. Returns: the value, or the
 * reason when `*is_error`. (transfer full) */
char *forge_hdhr_variables_run (ForgeHdhrVariables *self,
                                const ForgeHdhrGetset *request,
                                const char *peer,
                                gint64 now_us,
                                gboolean *is_error) G_GNUC_WARN_UNUSED_RESULT;

/* TunerCount: never 0, because clients then see no device; one byte in discovery. */
guint forge_hdhr_tuner_count (ForgeTuner *tuner);

G_END_DECLS
