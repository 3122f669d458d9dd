/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"
#include "ts-builder.h"

#include <glib.h>

/* A feed whose clock and figures the test sets: half a minute takes no time. */
#define LOOK_MS  100
#define STALL_MS 3000

typedef struct {
  ForgeWorker worker;
  ForgeFeed *feed;
  TsBuilder ts;
  unsigned tables_ms; /* how often PAT and PMT come; 0 = never */
  unsigned unit_ms;   /* and pictures */
  unsigned kbps;      /* of all packets but null packets */
  unsigned pace_percent, scrambled_percent, error_percent;
  int64_t last_tables_ms, last_unit_ms;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  memset (f, 0, sizeof *f);
  f->worker.now_ms = 1000000;
  f->feed = forge_feed_new (1, &(ForgeFeedOptions){ .stall_ms = STALL_MS });
  f->feed->worker = &f->worker;
  f->feed->source.state = FORGE_SOURCE_FLOWING;
  f->feed->scan.psi.video = data ? FORGE_TS_VIDEO_NONE : FORGE_TS_VIDEO_H264;
  f->tables_ms = 300;
  f->unit_ms = 40;
  f->kbps = 4000;
  f->pace_percent = 100;
  g_assert_true (forge_ring_open (&f->feed->ring, FORGE_RING_MIN_BYTES));
  forge_health_begin (f->feed);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  forge_feed_free (f->feed);
  ts_builder_clear (&f->ts);
}

static bool
is_due (int64_t now_ms, int64_t *last_ms, unsigned every_ms)
{
  if (every_ms == 0 || now_ms - *last_ms < every_ms)
    return false;
  *last_ms = now_ms;
  return true;
}

/* What a source would have delivered in LOOK_MS. */
static void
deliver (Fixture *f)
{
  ForgeTsScan *scan = &f->feed->scan;
  uint64_t packets = f->kbps * LOOK_MS / (188 * 8);

  f->worker.now_ms += LOOK_MS;
  scan->packets += packets + 10;
  scan->null_packets += 10;
  scan->scrambled_packets += packets * f->scrambled_percent / 100;
  scan->continuity_errors += packets * f->error_percent / 200;
  scan->transport_errors += packets * f->error_percent / 200;
  if (is_due (f->worker.now_ms, &f->last_tables_ms, f->tables_ms)) {
    scan->psi.pat.n_seen++;
    scan->psi.pmt.n_seen++;
  }
  if (is_due (f->worker.now_ms, &f->last_unit_ms, f->unit_ms)) {
    scan->units++;
    scan->has_unit = scan->unit.has_pts = true;
  }
  scan->unit.pts += LOOK_MS * 90 * f->pace_percent / 100;
}

/* Runs for at most `ms`; true if the source was lost, `after_ms` tells when. */
static bool
run (Fixture *f, int64_t ms, ForgeSourceLost *lost, int64_t *after_ms)
{
  int64_t begun_ms = f->worker.now_ms;

  while (f->worker.now_ms - begun_ms < ms) {
    deliver (f);
    *after_ms = f->worker.now_ms - begun_ms;
    if (forge_health_has_failed (f->feed, lost))
      return true;
  }
  return false;
}

static void
assert_well (Fixture *f, int64_t ms)
{
  ForgeSourceLost lost = FORGE_SOURCE_LOST_EOF;
  int64_t after_ms = 0;

  if (run (f, ms, &lost, &after_ms))
    g_error ("lost after %d ms: %s", (int)after_ms, forge_source_lost_text (lost));
}

static void
assert_lost (Fixture *f, ForgeSourceLost want, int64_t from_ms, int64_t to_ms)
{
  ForgeSourceLost lost = FORGE_SOURCE_LOST_EOF;
  int64_t after_ms = 0;

  g_assert_true (run (f, to_ms, &lost, &after_ms));
  g_assert_cmpstr (forge_source_lost_text (lost), ==, forge_source_lost_text (want));
  g_assert_cmpint (after_ms, >=, from_ms);
}

static void
test_good_source_is_left_alone (Fixture *f, gconstpointer data)
{
  assert_well (f, 120000);
}

static void
test_null_packets_are_silence (Fixture *f, gconstpointer data)
{
  assert_well (f, 10000);
  f->kbps = 0;
  assert_lost (f, FORGE_SOURCE_LOST_STALL, STALL_MS - LOOK_MS, STALL_MS + LOOK_MS);
}

static void
test_silence_of_ours_is_not_its_fault (Fixture *f, gconstpointer data)
{
  f->kbps = 0;
  f->feed->source.is_paused = true;
  assert_well (f, 60000);
}

static void
test_tables_that_stop (Fixture *f, gconstpointer data)
{
  assert_well (f, 10000);
  f->tables_ms = 0;
  assert_lost (f, FORGE_SOURCE_LOST_NO_TABLES, 4500, 6000);
}

static void
test_tables_that_never_come (Fixture *f, gconstpointer data)
{
  f->tables_ms = 0;
  assert_lost (f, FORGE_SOURCE_LOST_NO_TABLES, 4900, 5200);
}

/* Segments of 10 s that begin with them. */
static void
test_rare_tables_are_no_failure (Fixture *f, gconstpointer data)
{
  f->tables_ms = 10000;
  f->last_tables_ms = f->worker.now_ms - 9900;
  assert_well (f, 120000);
}

static void
test_picture_that_stops (Fixture *f, gconstpointer data)
{
  assert_well (f, 10000);
  f->unit_ms = 0;
  assert_lost (f, FORGE_SOURCE_LOST_NO_VIDEO, 4500, 5500);
}

static void
test_stills_are_no_failure (Fixture *f, gconstpointer data)
{
  f->unit_ms = 4000;
  assert_well (f, 60000);
}

static void
test_radio_needs_no_picture_and_no_rate (Fixture *f, gconstpointer data)
{
  f->unit_ms = 0;
  f->kbps = 96;
  assert_well (f, 60000);
}

static void
test_scrambled (Fixture *f, gconstpointer data)
{
  f->scrambled_percent = 30; /* a sound of several */
  assert_well (f, 20000);
  f->scrambled_percent = 90;
  assert_lost (f, FORGE_SOURCE_LOST_SCRAMBLED, 2900, 5000);
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  f->error_percent = 4;
  assert_well (f, 30000);
  f->error_percent = 20;
  assert_lost (f, FORGE_SOURCE_LOST_DAMAGED, 500, 10000);
}

static void
test_rate_that_collapses (Fixture *f, gconstpointer data)
{
  assert_well (f, 60000);
  f->kbps = 1200; /* 30 % */
  assert_well (f, 40000);
  f->kbps = 500;
  assert_lost (f, FORGE_SOURCE_LOST_SLOW, 10000, 20000);
}

static void
test_thin_stream_that_plays_in_time_is_well (Fixture *f, gconstpointer data)
{
  f->kbps = 200;
  assert_well (f, 120000);
}

static void
test_stream_that_never_keeps_up (Fixture *f, gconstpointer data)
{
  f->kbps = 200;
  f->pace_percent = 40;
  assert_lost (f, FORGE_SOURCE_LOST_SLOW, 24000, 28000);
}

/* The next source must not pay for the last. */
static void
test_next_source_begins_anew (Fixture *f, gconstpointer data)
{
  assert_well (f, 60000);
  f->kbps = 500;
  assert_well (f, 8000);
  forge_health_begin (f->feed);
  assert_well (f, 60000);
}

/* Puts a picture into the ring as if it had just come. */
static void
show_picture (Fixture *f, uint64_t pts, uint8_t content)
{
  ForgeFeed *feed = f->feed;
  uint8_t payload[32];

  memset (payload, content, sizeof payload);
  f->ts.size = 0;
  ts_unit (&f->ts, TS_VIDEO_PID, true, pts, payload, sizeof payload);
  memcpy (forge_ring_at (&feed->ring, feed->scanned), f->ts.bytes, 188);
  feed->scan.leading_pid = TS_VIDEO_PID;
  feed->scan.unit = (ForgeTsUnit){ .offset = feed->scanned, .has_pts = true, .pts = pts };
  feed->scanned += 188;
  forge_health_note_join (feed);
}

/* A clip of `n` pictures a second apart; loops are `step` ticks apart. */
static bool
play_loops (Fixture *f, unsigned n, unsigned loops, uint64_t step, bool is_same)
{
  ForgeSourceLost lost;
  int64_t after_ms;

  for (unsigned i = 0; i < n * loops; i++) {
    uint8_t content = (uint8_t)(is_same ? 7 : i % n);
    show_picture (f, (i % n) * 90000u + i / n * step, content);
    f->feed->scan.unit.offset += 188; /* the next begins */
    if (run (f, 1000, &lost, &after_ms)) {
      g_assert_cmpint (lost, ==, FORGE_SOURCE_LOST_LOOPING);
      return true;
    }
  }
  return false;
}

static void
test_short_loop (Fixture *f, gconstpointer data)
{
  f->pace_percent = 0;
  g_assert_true (play_loops (f, 3, 4, 0, false));
}

static void
test_clock_that_goes_on_is_no_loop (Fixture *f, gconstpointer data)
{
  f->pace_percent = 0;
  g_assert_false (play_loops (f, 3, 10, 3 * 90000, true));
}

static void
test_long_loop_is_none (Fixture *f, gconstpointer data)
{
  f->pace_percent = 0;
  g_assert_false (play_loops (f, 60, 4, 0, false));
}

static void
test_every_loss_has_a_text (void)
{
  for (int lost = FORGE_SOURCE_LOST_EOF; lost <= FORGE_SOURCE_LOST_LOOPING; lost++)
    g_assert_cmpstr (forge_source_lost_text (lost), !=, forge_source_lost_text (999));
}

#define ADD(name, is_radio, func) \
  g_test_add ("/relay/health/" name, Fixture, is_radio, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("good-source-is-left-alone", NULL, test_good_source_is_left_alone);
  ADD ("null-packets-are-silence", NULL, test_null_packets_are_silence);
  ADD ("silence-of-ours-is-not-its-fault", NULL, test_silence_of_ours_is_not_its_fault);
  ADD ("tables-that-stop", NULL, test_tables_that_stop);
  ADD ("tables-that-never-come", NULL, test_tables_that_never_come);
  ADD ("rare-tables-are-no-failure", NULL, test_rare_tables_are_no_failure);
  ADD ("picture-that-stops", NULL, test_picture_that_stops);
  ADD ("stills-are-no-failure", NULL, test_stills_are_no_failure);
  ADD ("radio-needs-no-picture-and-no-rate", "radio", test_radio_needs_no_picture_and_no_rate);
  ADD ("scrambled", NULL, test_scrambled);
  ADD ("damaged", NULL, test_damaged);
  ADD ("rate-that-collapses", NULL, test_rate_that_collapses);
  ADD ("thin-stream-in-time-is-well", NULL, test_thin_stream_that_plays_in_time_is_well);
  ADD ("stream-that-never-keeps-up", NULL, test_stream_that_never_keeps_up);
  ADD ("next-source-begins-anew", NULL, test_next_source_begins_anew);
  ADD ("short-loop", NULL, test_short_loop);
  ADD ("clock-that-goes-on-is-no-loop", NULL, test_clock_that_goes_on_is_no_loop);
  ADD ("long-loop-is-none", NULL, test_long_loop_is_none);
  g_test_add_func ("/relay/health/every-loss-has-a-text", test_every_loss_has_a_text);
  return g_test_run ();
}
