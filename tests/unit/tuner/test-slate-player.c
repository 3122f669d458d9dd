/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"
#include "mpegts/forge-ts-scan.h"
#include "tuner/forge-slate-player.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  GMainContext *context;
  ForgeSlatePlayer *player;
  GByteArray *got;
} Fixture;

static void
fixture_init (Fixture *f)
{
  f->context = g_main_context_new ();
  f->player = forge_slate_player_new (f->context);
  f->got = g_byte_array_new ();
}

static void
fixture_clear (Fixture *f)
{
  forge_slate_player_free (f->player);
  g_byte_array_unref (f->got);
  g_main_context_unref (f->context);
}

static void
take (Fixture *f, int fd)
{
  guint8 buffer[65536];
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    g_byte_array_append (f->got, buffer, (guint)n);
  g_assert_cmpint (n, ==, -1);
}

static void
take_for (Fixture *f, int fd, gint64 us)
{
  gint64 end_us = g_get_monotonic_time () + us;

  while (g_get_monotonic_time () < end_us) {
    g_main_context_iteration (f->context, TRUE);
    take (f, fd);
  }
}

/* Aligned, every counter and clock goes on. Returns the span of the PCR in ms. */
static guint
check_stream (const GByteArray *bytes)
{
  guint8 counters[8192];
  guint64 first_pcr = 0, last_pcr = 0, pcr;

  memset (counters, 0xFF, sizeof counters);
  for (guint at = 0; at + FORGE_TS_PACKET_BYTES <= bytes->len; at += FORGE_TS_PACKET_BYTES) {
    const guint8 *packet = bytes->data + at;
    unsigned pid = forge_ts_pid (packet), counter = forge_ts_counter (packet);
    g_assert_cmpuint (packet[0], ==, FORGE_TS_SYNC);
    if (pid == FORGE_TS_NULL_PID)
      continue;
    if (counters[pid] != 0xFF)
      g_assert_cmpuint (counter,
                        ==,
                        forge_ts_has_payload (packet) ? (counters[pid] + 1u) % 16 : counters[pid]);
    counters[pid] = (guint8)counter;
    if (!forge_ts_read_pcr (packet, &pcr))
      continue;
    g_assert_cmpuint (pcr, >=, last_pcr);
    if (last_pcr > 0)
      g_assert_cmpuint (pcr - last_pcr, <=, 9000); /* 100 ms */
    first_pcr = first_pcr ? first_pcr : pcr;
    last_pcr = pcr;
  }
  return (guint)((last_pcr - first_pcr) / 90);
}

static void
test_it_starts_with_a_picture_at_once (void)
{
  Fixture f;
  ForgeByteSource bytes;

  fixture_init (&f);
  for (guint slate = 0; slate < FORGE_N_SLATES; slate++) {
    ForgeTsScan scan;
    size_t at = 0;
    gboolean has_join = FALSE;

    g_byte_array_set_size (f.got, 0);
    g_assert_true (forge_slate_player_play (f.player, (ForgeSlate)slate, &bytes));
    take (&f, bytes.fd);
    forge_ts_scan_reset (&scan);
    for (ForgeTsScanEvent event = FORGE_TS_SCAN_PSI; event != FORGE_TS_SCAN_DONE && !has_join;) {
      event = forge_ts_scan_run (&scan, f.got->data, f.got->len, 0, &at);
      has_join = event == FORGE_TS_SCAN_JOIN;
    }
    g_assert_true (has_join);
    g_assert_cmpint (scan.psi.video, ==, FORGE_TS_VIDEO_H264);
    g_assert_cmpuint (scan.psi.audio_pid, !=, FORGE_TS_NO_PID);
    close (bytes.fd);
  }
  fixture_clear (&f);
}

static void
test_loops_are_continuous_and_paced (void)
{
  Fixture f;
  ForgeByteSource bytes;

  fixture_init (&f);
  g_assert_true (forge_slate_player_play (f.player, FORGE_SLATE_RECONNECTING, &bytes));
  take_for (&f, bytes.fd, 2500000);
  guint span_ms = check_stream (f.got);
  g_assert_cmpuint (span_ms, >, 2400);
  g_assert_cmpuint (span_ms, <, 3600);
  close (bytes.fd);
  fixture_clear (&f);
}

static void
test_closing_the_source_ends_the_play (void)
{
  Fixture f;
  ForgeByteSource first, second;

  fixture_init (&f);
  g_assert_true (forge_slate_player_play (f.player, FORGE_SLATE_BUSY, &first));
  g_assert_true (forge_slate_player_play (f.player, FORGE_SLATE_EXPIRED, &second));
  g_assert_cmpuint (forge_slate_player_count (f.player), ==, 2);
  close (first.fd);
  while (forge_slate_player_count (f.player) == 2)
    g_main_context_iteration (f.context, TRUE);
  take_for (&f, second.fd, 100000);
  g_assert_cmpuint (f.got->len, >, 0);
  close (second.fd);
  while (forge_slate_player_count (f.player) > 0)
    g_main_context_iteration (f.context, TRUE);
  g_assert_false (g_main_context_pending (f.context));
  fixture_clear (&f);
}

static void
test_a_reader_that_was_held_up_gets_no_flood (void)
{
  Fixture f;
  ForgeByteSource bytes;
  int small = 4096;

  fixture_init (&f);
  g_assert_true (forge_slate_player_play (f.player, FORGE_SLATE_BUSY, &bytes));
  g_assert_cmpint (setsockopt (bytes.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), ==, 0);
  g_usleep (3200000); /* the control thread stands still */
  take (&f, bytes.fd);
  g_byte_array_set_size (f.got, 0);
  take_for (&f, bytes.fd, 100000);
  g_assert_cmpuint (f.got->len, <, 40000);
  close (bytes.fd);
  fixture_clear (&f);
}

static void
test_freeing_ends_the_sources (void)
{
  Fixture f;
  ForgeByteSource bytes;
  guint8 buffer[65536];
  gssize n;

  fixture_init (&f);
  g_assert_true (forge_slate_player_play (f.player, FORGE_SLATE_RECONNECTING, &bytes));
  fixture_clear (&f);
  while ((n = recv (bytes.fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    ;
  g_assert_cmpint (n, ==, 0);
  close (bytes.fd);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tuner/slate-player/" path, func)
  ADD ("it-starts-with-a-picture-at-once", test_it_starts_with_a_picture_at_once);
  ADD ("loops-are-continuous-and-paced", test_loops_are_continuous_and_paced);
  ADD ("closing-the-source-ends-the-play", test_closing_the_source_ends_the_play);
  ADD ("a-reader-that-was-held-up-gets-no-flood", test_a_reader_that_was_held_up_gets_no_flood);
  ADD ("freeing-ends-the-sources", test_freeing_ends_the_sources);
#undef ADD
  return g_test_run ();
}
