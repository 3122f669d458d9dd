/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-byte-source.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeClipSample: the hash of a source's first 64 KiB, taken while the relay reads them. Live
 * television never begins twice with the same bytes; a clip that a panel shows instead does.
 * Reference-counted. Thread: any.
 */
typedef struct _ForgeClipSample ForgeClipSample;

#define FORGE_CLIP_SAMPLE_BYTES (64u * 1024u)

/* Puts itself between `bytes` and whoever reads it; `leftover` was read before. Returns: (transfer
 * full). */
ForgeClipSample *
forge_clip_sample_wrap (ForgeByteSource *bytes, const guint8 *leftover, gsize leftover_bytes)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_clip_sample_unref (ForgeClipSample *sample);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeClipSample, forge_clip_sample_unref)
/* 0 = not yet. */
guint64 forge_clip_sample_hash (const ForgeClipSample *sample);

/**
 * ForgeClips: the beginnings of the sources that were seen lately. Role: control.
 */
typedef struct _ForgeClips ForgeClips;

ForgeClips *forge_clips_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_clips_free (ForgeClips *clips);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeClips, forge_clips_free)

/* A source of `channel_id`, its stream `stream_id`, began with `hash`. TRUE if another stream of
 * another channel began like that, long enough ago that it cannot have been the same moment of the
 * same programme. One stream may be in two channels, and begin alike each time it is opened. */
gboolean forge_clips_note (ForgeClips *clips,
                           guint64 hash,
                           gint64 channel_id,
                           gint64 stream_id,
                           gint64 now_us);

G_END_DECLS
