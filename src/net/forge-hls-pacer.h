/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeHlsPacer: what was downloaded and not yet sent, and when it is sent. Internal to net.
 *
 * Segments arrive in bursts, a live stream must not: who reads it takes 3 s of silence for a fault.
 * So the first `lead` of media goes out at once and the rest evenly, by the segments' durations. A
 * pacer that ran dry goes on from the time when it was filled again.
 *
 * It works as a GSource on the thread that owns `context`.
 */
typedef struct _ForgeHlsPacer ForgeHlsPacer;

typedef struct {
  gint64 lead_us;   /* media that is sent at once at the start */
  gint64 plenty_us; /* with more than this in store it is sent a quarter faster */
} ForgeHlsPace;

ForgeHlsPacer *forge_hls_pacer_new (GMainContext *context, const ForgeHlsPace *pace)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_hls_pacer_free (ForgeHlsPacer *pacer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHlsPacer, forge_hls_pacer_free)

/* Takes `fd`, a non-blocking socket; nothing is sent before. */
void forge_hls_pacer_attach (ForgeHlsPacer *pacer, int fd);

/* Called once, when the first bytes were sent. */
typedef void (*ForgeHlsPacerFunc) (gpointer user_data);
void forge_hls_pacer_on_first (ForgeHlsPacer *pacer, ForgeHlsPacerFunc func, gpointer user_data);

/* A segment begins. `expected_bytes` -1 = unknown. Duration 0: sent at once when its turn comes. */
void forge_hls_pacer_begin (ForgeHlsPacer *pacer, gint64 duration_us, gint64 expected_bytes);
void forge_hls_pacer_append (ForgeHlsPacer *pacer, const void *data, gsize length);
void forge_hls_pacer_finish (ForgeHlsPacer *pacer);

/* Media and bytes that wait. */
gint64 forge_hls_pacer_stored_us (const ForgeHlsPacer *pacer);
gsize forge_hls_pacer_stored_bytes (const ForgeHlsPacer *pacer);
guint64 forge_hls_pacer_sent_bytes (const ForgeHlsPacer *pacer);
/* The first bytes that wait, at most `size` of one segment. */
const guint8 *forge_hls_pacer_peek (const ForgeHlsPacer *pacer, gsize *size);
/* (transfer none) */
GMainContext *forge_hls_pacer_context (const ForgeHlsPacer *pacer);
/* The reader has closed its end. */
gboolean forge_hls_pacer_is_broken (const ForgeHlsPacer *pacer);

G_END_DECLS
