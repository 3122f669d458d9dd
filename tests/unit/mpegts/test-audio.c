/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-audio.h"
#include "mpegts/forge-ts-psi.h"

#include <glib.h>

#include <string.h>

typedef struct {
  const char *name;
  unsigned coding;
  uint8_t header[FORGE_TS_AUDIO_HEADER_BYTES];
  size_t bytes;
  uint64_t ticks; /* of one frame */
} Case;

static const Case cases[] = {
  { "aac-48k", FORGE_TS_CODING_ADTS, { 0xFF, 0xF1, 0x4C, 0x80, 0x20, 0x1F, 0xFC }, 256, 1920 },
  { "mp2-48k-192k", FORGE_TS_CODING_MPEG1_AUDIO, { 0xFF, 0xFD, 0xA4, 0 }, 576, 2160 },
  { "mp2-24k-64k-lsf", FORGE_TS_CODING_MPEG2_AUDIO, { 0xFF, 0xF5, 0x84, 0 }, 384, 4320 },
  { "mp3-44k1-128k", FORGE_TS_CODING_MPEG1_AUDIO, { 0xFF, 0xFB, 0x90, 0 }, 417, 2351 },
  { "mp1-32k-64k", FORGE_TS_CODING_MPEG1_AUDIO, { 0xFF, 0xFF, 0x28, 0 }, 96, 1080 },
  { "ac3-48k-192k", FORGE_TS_CODING_AC3, { 0x0B, 0x77, 0, 0, 0x14, 0x40 }, 768, 2880 },
  { "ac3-44k1-192k-odd", FORGE_TS_CODING_AC3, { 0x0B, 0x77, 0, 0, 0x55, 0x40 }, 836, 3134 },
  { "eac3-48k", FORGE_TS_CODING_EAC3, { 0x0B, 0x77, 0x00, 0xFF, 0x34, 0x80 }, 512, 2880 },
};

static void
test_frames (gconstpointer data)
{
  const Case *c = data;
  g_autofree uint8_t *frames = g_malloc0 (c->bytes * 3);

  for (unsigned i = 0; i < 3; i++)
    memcpy (frames + i * c->bytes, c->header, sizeof c->header);
  /* In every cut, the same frames. */
  for (size_t cut = 0; cut <= c->bytes + 8; cut++) {
    ForgeTsAudio audio;
    g_assert_true (forge_ts_audio_begin (&audio, c->coding));
    forge_ts_audio_walk (&audio, frames, cut, UINT64_MAX);
    forge_ts_audio_walk (&audio, frames + cut, c->bytes * 3 - cut, UINT64_MAX);
    g_assert_true (forge_ts_audio_is_whole (&audio));
    g_assert_cmpuint (forge_ts_audio_ticks (&audio), >=, c->ticks * 3);
    g_assert_cmpuint (forge_ts_audio_ticks (&audio), <=, c->ticks * 3 + 2);
  }
  ForgeTsAudio audio;
  forge_ts_audio_begin (&audio, c->coding);
  g_assert_true (forge_ts_audio_walk (&audio, frames, c->bytes * 3, c->ticks + 1));
  g_assert_cmpuint (audio.boundary, ==, c->bytes * 2);
}

static void
test_part_of_a_frame_is_not_whole (void)
{
  const Case *c = &cases[0];
  uint8_t frame[300] = { 0 };
  ForgeTsAudio audio;

  memcpy (frame, c->header, sizeof c->header);
  forge_ts_audio_begin (&audio, c->coding);
  g_assert_false (forge_ts_audio_walk (&audio, frame, 255, 1));
  g_assert_false (forge_ts_audio_is_whole (&audio));
  g_assert_true (forge_ts_audio_walk (&audio, frame + 255, 1, 1));
  g_assert_true (forge_ts_audio_is_whole (&audio));
}

static void
test_noise_breaks_it_and_nothing_else (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (int round = 0; round < 2000; round++) {
    uint8_t noise[400];
    ForgeTsAudio audio;
    const Case *c = &cases[(unsigned)round % G_N_ELEMENTS (cases)];
    for (size_t i = 0; i < sizeof noise; i++)
      noise[i] = (uint8_t)g_rand_int (rand);
    /* A header that may be valid in all but one field. */
    memcpy (noise, c->header, 2);
    forge_ts_audio_begin (&audio, c->coding);
    forge_ts_audio_walk (&audio, noise, sizeof noise, UINT64_MAX);
    g_assert_cmpuint (audio.boundary, <=, sizeof noise);
  }
  ForgeTsAudio audio;
  g_assert_false (forge_ts_audio_begin (&audio, 0x11)); /* LATM */
  forge_ts_audio_begin (&audio, FORGE_TS_CODING_ADTS);
  g_assert_false (forge_ts_audio_walk (&audio, (const uint8_t *)"no frames here", 14, 1));
  g_assert_true (audio.is_broken);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/mpegts/audio/frames-of-", cases[i].name, NULL);
    g_test_add_data_func (path, &cases[i], test_frames);
  }
  g_test_add_func ("/mpegts/audio/part-of-a-frame-is-not-whole", test_part_of_a_frame_is_not_whole);
  g_test_add_func ("/mpegts/audio/noise-breaks-it-and-nothing-else",
                   test_noise_breaks_it_and_nothing_else);
  return g_test_run ();
}
