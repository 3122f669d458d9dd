/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts.h"

/**
 * ForgeTsAudio: walks the frames of an audio stream by their headers, in pieces of any size, to
 * know where each ends and how long it sounds. Nothing is decoded.
 * Spec: ISO/IEC 13818-7 §6.2 (ADTS), ISO/IEC 11172-3 §2.4.1.3 (MPEG audio), ETSI TS 102 366 §4.3
 * and annex E (AC-3, E-AC-3).
 */
#define FORGE_TS_AUDIO_HEADER_BYTES 7u

typedef struct {
  unsigned coding;    /* ForgeTsStream.coding */
  uint64_t samples;   /* of whole frames so far */
  unsigned rate_hz;   /* 0 = no frame yet */
  size_t boundary;    /* bytes from the start to the end of the last whole frame */
  size_t walked;      /* bytes seen */
  size_t left;        /* of the frame at hand; 0 = a header is due */
  unsigned n_samples; /* of the frame at hand */
  unsigned n_header;  /* bytes of the next header seen */
  bool is_broken;     /* a header was no header */
  uint8_t header[FORGE_TS_AUDIO_HEADER_BYTES];
} ForgeTsAudio;

/* False if frames of this coding cannot be told apart. */
bool forge_ts_audio_begin (ForgeTsAudio *audio, unsigned coding);

/* Goes on over `bytes` until the sound of the whole frames lasts `ticks` (90 kHz) or the bytes are
 * used up. True when it lasts: `boundary` is where the next frame begins. */
bool forge_ts_audio_walk (ForgeTsAudio *audio, const uint8_t *bytes, size_t size, uint64_t ticks);

/* How long the whole frames so far sound, in 90 kHz ticks. */
uint64_t forge_ts_audio_ticks (const ForgeTsAudio *audio);

/* Ends at the end of a frame: nothing is left over. */
static inline bool
forge_ts_audio_is_whole (const ForgeTsAudio *audio)
{
  return !audio->is_broken && audio->rate_hz > 0 && audio->boundary == audio->walked;
}
