/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-audio.h"

#include "mpegts/forge-ts-psi.h"

#include <string.h>

typedef struct {
  size_t bytes;
  unsigned samples, rate_hz;
} Frame;

bool
forge_ts_audio_begin (ForgeTsAudio *audio, unsigned coding)
{
  *audio = (ForgeTsAudio){ .coding = coding };
  switch (coding) {
  case FORGE_TS_CODING_MPEG1_AUDIO:
  case FORGE_TS_CODING_MPEG2_AUDIO:
  case FORGE_TS_CODING_ADTS:
  case FORGE_TS_CODING_AC3:
  case FORGE_TS_CODING_EAC3:
    return true;
  default:
    return false;
  }
}

static bool
read_adts (const uint8_t *h, Frame *frame)
{
  static const unsigned rates[] = { 96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                    22050, 16000, 12000, 11025, 8000,  7350 };
  unsigned rate = h[2] >> 2 & 0x0Fu;

  if (h[0] != 0xFF || (h[1] & 0xF6) != 0xF0 || rate >= sizeof rates / sizeof rates[0])
    return false;
  *frame = (Frame){
    .bytes = (h[3] & 0x03u) << 11 | (unsigned)h[4] << 3 | h[5] >> 5,
    .samples = 1024u * ((h[6] & 0x03u) + 1),
    .rate_hz = rates[rate],
  };
  return true;
}

/* Kilobits per second by version (1; 2 and 2.5), layer (I, II, III) and index. */
static unsigned
mpeg_kbps (bool is_v1, unsigned layer, unsigned index)
{
  static const uint16_t v1[3][15] = {
    { 0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448 },
    { 0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384 },
    { 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
  };
  static const uint16_t v2[2][15] = {
    { 0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256 },
    { 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
  };

  return is_v1 ? v1[layer - 1][index] : v2[layer == 1 ? 0 : 1][index];
}

static bool
read_mpeg (const uint8_t *h, Frame *frame)
{
  static const unsigned rates[] = { 44100, 48000, 32000 };
  unsigned version = h[1] >> 3 & 3u, layer = 4u - (h[1] >> 1 & 3u);
  unsigned index = h[2] >> 4, rate = h[2] >> 2 & 3u, padding = h[2] >> 1 & 1u;

  if (h[0] != 0xFF || (h[1] & 0xE0) != 0xE0 || version == 1 || layer == 4 || rate == 3 ||
      index == 0 || index == 15)
    return false;
  bool is_v1 = version == 3;
  unsigned hz = rates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  unsigned bps = mpeg_kbps (is_v1, layer, index) * 1000u;
  unsigned samples = layer == 1 ? 384u : layer == 3 && !is_v1 ? 576u : 1152u;
  unsigned bytes = layer == 1 ? (12u * bps / hz + padding) * 4u : samples / 8 * bps / hz + padding;
  *frame = (Frame){ .bytes = bytes, .samples = samples, .rate_hz = hz };
  return true;
}

static const unsigned ac3_rates[] = { 48000, 44100, 32000 };

static bool
read_ac3 (const uint8_t *h, Frame *frame)
{
  static const uint16_t kbps[] = { 32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                   192, 224, 256, 320, 384, 448, 512, 576, 640 };
  unsigned rate = h[4] >> 6, code = h[4] & 0x3Fu;

  if (h[0] != 0x0B || h[1] != 0x77 || rate == 3 || code / 2 >= sizeof kbps / sizeof kbps[0])
    return false;
  unsigned words = kbps[code / 2] * 96000u / ac3_rates[rate];
  /* Only 44.1 kHz does not divide evenly: odd codes are a word longer. */
  words += rate == 1 ? code & 1u : 0;
  *frame = (Frame){ .bytes = words * 2u, .samples = 1536, .rate_hz = ac3_rates[rate] };
  return true;
}

static bool
read_eac3 (const uint8_t *h, Frame *frame)
{
  static const unsigned blocks[] = { 1, 2, 3, 6 };
  unsigned rate = h[4] >> 6, half = h[4] >> 4 & 3u, bsid = h[5] >> 3;

  if (bsid <= 10)
    return read_ac3 (h, frame);
  if (h[0] != 0x0B || h[1] != 0x77 || (rate == 3 && half == 3))
    return false;
  bool is_dependent = h[2] >> 6 == 1; /* more channels of the frame before */
  unsigned n_blocks = rate == 3 ? 6 : blocks[half];
  *frame = (Frame){
    .bytes = (((h[2] & 0x07u) << 8 | h[3]) + 1) * 2,
    .samples = is_dependent ? 0 : n_blocks * 256,
    .rate_hz = rate == 3 ? ac3_rates[half] / 2 : ac3_rates[rate],
  };
  return true;
}

static bool
read_header (ForgeTsAudio *audio)
{
  Frame frame = { 0 };
  bool is_read = false;

  if (audio->coding == FORGE_TS_CODING_ADTS)
    is_read = read_adts (audio->header, &frame);
  else if (audio->coding == FORGE_TS_CODING_AC3)
    is_read = read_ac3 (audio->header, &frame);
  else if (audio->coding == FORGE_TS_CODING_EAC3)
    is_read = read_eac3 (audio->header, &frame);
  else
    is_read = read_mpeg (audio->header, &frame);
  if (!is_read || frame.bytes <= FORGE_TS_AUDIO_HEADER_BYTES)
    return false;
  audio->left = frame.bytes - FORGE_TS_AUDIO_HEADER_BYTES;
  audio->n_samples = frame.samples;
  audio->rate_hz = frame.rate_hz;
  return true;
}

uint64_t
forge_ts_audio_ticks (const ForgeTsAudio *audio)
{
  return audio->rate_hz ? audio->samples * FORGE_TS_CLOCK_HZ / audio->rate_hz : 0;
}

/* Takes header bytes; returns how many. */
static size_t
fill_header (ForgeTsAudio *audio, const uint8_t *bytes, size_t size)
{
  size_t take = FORGE_TS_AUDIO_HEADER_BYTES - audio->n_header;

  if (take > size)
    take = size;
  memcpy (audio->header + audio->n_header, bytes, take);
  audio->n_header += (unsigned)take;
  if (audio->n_header == FORGE_TS_AUDIO_HEADER_BYTES) {
    audio->n_header = 0;
    audio->is_broken = !read_header (audio);
  }
  return take;
}

static size_t
skip_frame (ForgeTsAudio *audio, size_t size)
{
  size_t take = audio->left < size ? audio->left : size;

  audio->left -= take;
  if (audio->left == 0) {
    audio->samples += audio->n_samples;
    audio->boundary = audio->walked + take;
  }
  return take;
}

bool
forge_ts_audio_walk (ForgeTsAudio *audio, const uint8_t *bytes, size_t size, uint64_t ticks)
{
  size_t at = 0;

  while (at < size && !audio->is_broken) {
    size_t took = audio->left > 0 ? skip_frame (audio, size - at)
                                  : fill_header (audio, bytes + at, size - at);
    at += took;
    audio->walked += took;
    if (audio->boundary == audio->walked && forge_ts_audio_ticks (audio) >= ticks)
      return true;
  }
  return false;
}
