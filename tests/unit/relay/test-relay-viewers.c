/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay-fixture.h"

/* How viewers end, and what slow ones do to others: nothing. */

static void
start_flow (Fixture *f, int *source)
{
  *source = add_source (f, 1);
  ts_gop (&f->ts, 0, 2, 4);
  write_all (*source, f->ts.bytes, f->ts.size);
  await_event (f, FORGE_RELAY_SOURCE_FLOWING);
}

static void
test_close_is_noticed_while_waiting (Fixture *f, gconstpointer data)
{
  ForgeViewerId ids[2];
  int closed = add_viewer (f, "head", 0, &ids[0]), half = add_viewer (f, "head", 0, &ids[1]);

  close (closed);
  ForgeRelayEvent gone = await_event (f, FORGE_RELAY_VIEWER_GONE);
  g_assert_cmpuint (gone.viewer, ==, ids[0]);
  g_assert_cmpint (gone.gone, ==, FORGE_VIEWER_GONE_CLOSED);
  g_assert_cmpuint (gone.bytes, ==, 0);
  shutdown (half, SHUT_WR); /* a half-close counts */
  g_assert_cmpuint (await_event (f, FORGE_RELAY_VIEWER_GONE).viewer, ==, ids[1]);
  close (half);
}

static void
test_close_is_noticed_while_streaming (Fixture *f, gconstpointer data)
{
  int source, viewer = add_viewer (f, NULL, 0, NULL);

  start_flow (f, &source);
  assert_stream (viewer, f->ts.bytes, f->ts.size);
  write_all (viewer, "GET /again HTTP/1.1\r\n\r\n", 23); /* ignored */
  write_all (source, f->ts.bytes, 188);
  assert_stream (viewer, f->ts.bytes, 188);
  shutdown (viewer, SHUT_WR);
  g_assert_cmpint (await_event (f, FORGE_RELAY_VIEWER_GONE).gone, ==, FORGE_VIEWER_GONE_CLOSED);
  close (viewer);
  close (source);
}

static void
test_talkative_client_is_closed (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL);
  g_autofree char *talk = g_strnfill (80000, 'x');

  for (size_t at = 0; at < 80000; at += 1000)
    if (send (viewer, talk + at, 1000, MSG_NOSIGNAL) < 0)
      break;
  g_assert_cmpint (await_event (f, FORGE_RELAY_VIEWER_GONE).gone, ==, FORGE_VIEWER_GONE_CLOSED);
  close (viewer);
}

static void
test_answer_is_delivered_and_closed (Fixture *f, gconstpointer data)
{
  static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
  ForgeViewerId id;
  int source, viewer = add_viewer (f, "HTTP/1.1 200 OK\r\n\r\n", 0, &id);
  int other = add_viewer (f, NULL, 0, NULL);

  write_all (viewer, "stray", 5);
  forge_relay_answer (f->relay, f->feed, id, answer, strlen (answer));
  ForgeRelayEvent gone = await_event (f, FORGE_RELAY_VIEWER_GONE);
  g_assert_cmpuint (gone.viewer, ==, id);
  g_assert_cmpint (gone.gone, ==, FORGE_VIEWER_GONE_ANSWERED);
  g_autoptr (GByteArray) got = read_to_end (viewer);
  g_assert_cmpmem (got->data, got->len, answer, strlen (answer));

  /* One in the middle of its stream is only closed. */
  start_flow (f, &source);
  assert_stream (other, f->ts.bytes, f->ts.size);
  forge_relay_answer (f->relay, f->feed, 0, answer, strlen (answer));
  g_autoptr (GByteArray) rest = read_to_end (other);
  g_assert_cmpuint (rest->len, ==, 0);
  close (viewer);
  close (other);
  close (source);
}

static void
test_answer_outlives_its_feed (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL);

  forge_relay_answer (f->relay, f->feed, 0, "sorry", 5);
  forge_relay_close_feed (f->relay, f->feed);
  await_event (f, FORGE_RELAY_VIEWER_GONE);
  await_event (f, FORGE_RELAY_FEED_CLOSED);
  g_autoptr (GByteArray) got = read_to_end (viewer);
  g_assert_cmpmem (got->data, got->len, "sorry", 5);
  close (viewer);
}

static void
test_duration_ends_cleanly (Fixture *f, gconstpointer data)
{
  int source, viewer = add_viewer (f, NULL, 200, NULL);

  start_flow (f, &source);
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (GByteArray) got = read_to_end (viewer);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 2000000);
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, 150000);
  g_assert_cmpmem (got->data, got->len, f->ts.bytes, f->ts.size);
  ForgeRelayEvent gone = await_event (f, FORGE_RELAY_VIEWER_GONE);
  g_assert_cmpint (gone.gone, ==, FORGE_VIEWER_GONE_DURATION);
  g_assert_cmpuint (gone.bytes, ==, f->ts.size);
  close (viewer);
  close (source);
}

static void
test_dropped_viewer_is_closed_others_stay (Fixture *f, gconstpointer data)
{
  ForgeViewerId id;
  int source, dropped = add_viewer (f, NULL, 0, &id), other = add_viewer (f, NULL, 0, NULL);

  start_flow (f, &source);
  forge_relay_drop_viewer (f->relay, f->feed, id);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_VIEWER_GONE).viewer, ==, id);
  g_autoptr (GByteArray) got = read_to_end (dropped);
  g_assert_cmpmem (got->data, got->len, f->ts.bytes, f->ts.size);
  write_all (source, f->ts.bytes, f->ts.size);
  assert_stream (other, f->ts.bytes, f->ts.size);
  /* The last picture is held back until another begins. */
  assert_stream (other, f->ts.bytes, f->ts.size - 4 * 188);
  close (dropped);
  close (other);
  close (source);
}

/* A clip that came again as it is would be taken for a loop. */
static void
shift_clip (TsBuilder *clip, int ticks)
{
  for (size_t at = 0; at < clip->size; at += 188)
    forge_ts_shift_packet (clip->bytes + at, (uint64_t)ticks);
}

/* A viewer that does not read: a fast one beside it gets every byte, the ring stays bounded, and
 * when the slow one reads on it is at a join point, in whole packets. */
static void
test_laggard_jumps_and_others_do_not_suffer (Fixture *f, gconstpointer data)
{
  int source, slow = add_viewer (f, NULL, 0, NULL), fast = add_viewer (f, NULL, 0, NULL);
  ForgeFeedStats stats;
  size_t gops = 0;

  start_flow (f, &source);
  assert_stream (fast, f->ts.bytes, f->ts.size);
  f->ts.size = 0;
  ts_gop (&f->ts, 0, 25, 40); /* 188 kB */
  for (; gops < 250; gops++) {
    write_all (source, f->ts.bytes, f->ts.size / 2);
    write_all (source, f->ts.bytes + f->ts.size / 2, f->ts.size - f->ts.size / 2);
    /* The one before is whole. */
    if (gops > 0) {
      shift_clip (&f->ts, -FORGE_TS_CLOCK_HZ);
      assert_stream (fast, f->ts.bytes, f->ts.size);
      shift_clip (&f->ts, FORGE_TS_CLOCK_HZ);
    }
    shift_clip (&f->ts, FORGE_TS_CLOCK_HZ);
  }
  shift_clip (&f->ts, -FORGE_TS_CLOCK_HZ);
  g_assert_true (forge_relay_feed_stats (f->relay, f->feed, &stats, NULL, 0, NULL));
  g_assert_cmpuint (stats.ring_bytes, <=, 16 * 1024 * 1024);

  close (source);
  await_event (f, FORGE_RELAY_SOURCE_LOST);
  g_autoptr (GByteArray) got = g_byte_array_new ();
  uint8_t block[65536];
  while (!is_silent (slow, 200)) {
    ssize_t n = recv (slow, block, sizeof block, 0);
    g_assert_cmpint (n, >, 0);
    g_byte_array_append (got, block, (guint)n);
  }
  /* Less than everything, but the end of it, and aligned throughout. */
  g_assert_cmpuint (got->len, <, gops * f->ts.size / 2);
  g_assert_cmpuint (got->len % 188, ==, 0);
  for (guint at = 0; at < got->len; at += 188)
    g_assert_cmpuint (got->data[at], ==, FORGE_TS_SYNC);
  size_t last = f->ts.size - 41 * 188; /* before the picture that was not finished */
  g_assert_cmpmem (got->data + got->len - 188, 188, f->ts.bytes + last, 188);
  /* After each jump: PAT, PMT, random access. */
  unsigned jumps = 0;
  for (guint at = 188; at + 3 * 188 <= got->len; at += 188) {
    const uint8_t *p = got->data + at;
    if (forge_ts_pid (p) != 0 || forge_ts_is_random_access (p + 2 * 188))
      continue;
    jumps++;
  }
  g_assert_cmpuint (jumps, ==, 0);
  close (slow);
  close (fast);
}

static const ForgeFeedOptions hasty = { .stall_ms = 60000, .viewer_timeout_ms = 200 };

static void
test_dead_viewer_is_dropped (Fixture *f, gconstpointer data)
{
  ForgeViewerId id;
  int source, viewer = add_viewer (f, NULL, 0, &id);

  start_flow (f, &source);
  f->ts.size = 0;
  ts_gop (&f->ts, 0, 25, 40);
  for (int i = 0; i < 20; i++)
    write_all (source, f->ts.bytes, f->ts.size);
  ForgeRelayEvent gone = await_event (f, FORGE_RELAY_VIEWER_GONE);
  g_assert_cmpuint (gone.viewer, ==, id);
  g_assert_cmpint (gone.gone, ==, FORGE_VIEWER_GONE_TIMEOUT);
  close (viewer);
  close (source);
}

typedef struct {
  int fd;
  const TsBuilder *clip;
  int gops;
} Pump;

/* Writes the clip `gops` times as fast as it goes, with clocks that go on. */
static gpointer
pump_fast (gpointer data)
{
  Pump *pump = data;
  g_autofree uint8_t *copy = g_memdup2 (pump->clip->bytes, pump->clip->size);

  for (int i = 0; i < pump->gops; i++) {
    write_all (pump->fd, copy, pump->clip->size);
    TsBuilder next = { .bytes = copy, .size = pump->clip->size };
    shift_clip (&next, FORGE_TS_CLOCK_HZ);
  }
  close (pump->fd);
  return NULL;
}

/* Media that comes faster than it plays is held back for a viewer, not thrown away. */
static void
test_source_faster_than_media_is_held_back (Fixture *f, gconstpointer data)
{
  ts_gop (&f->ts, 0, 25, 40);
  int viewer = add_viewer (f, NULL, 0, NULL); /* before the source: it misses nothing */
  Pump pump = { .fd = add_source (f, 1), .clip = &f->ts, .gops = 300 };
  GThread *thread = g_thread_new ("pump", pump_fast, &pump);
  size_t got = 0, sent = f->ts.size * (size_t)pump.gops;
  size_t want = sent - 40 * 188; /* without the picture that is never followed */
  uint8_t block[50000];

  await_event (f, FORGE_RELAY_VIEWER_STARTED);
  g_assert_false (is_silent (viewer, WAIT_MS));
  while (got < want) {
    size_t size = MIN (sizeof block, want - got);
    read_all (viewer, block, size);
    got += size;
  }
  g_thread_join (thread);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_LOST).bytes, ==, sent);
  g_assert_true (is_silent (viewer, 20));
  close (viewer);
}

static const ForgeFeedOptions lively = { .stall_ms = 60000,
                                         .viewer_timeout_ms = 60000,
                                         .keep_alive_ms = 10 };

#define MAX_NULL_PACKETS 1000

/* Reads `size` bytes of packets that are no null packets. */
static void
assert_media (int fd, const uint8_t *want, size_t size)
{
  uint8_t packet[FORGE_TS_PACKET_BYTES];
  unsigned n_null = 0;

  for (size_t at = 0; at < size;) {
    read_all (fd, packet, sizeof packet);
    if (forge_ts_pid (packet) == FORGE_TS_NULL_PID) {
      g_assert_cmpuint (++n_null, <, MAX_NULL_PACKETS);
      continue;
    }
    g_assert_cmpmem (packet, sizeof packet, want + at, sizeof packet);
    at += sizeof packet;
  }
}

/* Only who had media is kept awake: clients take the first bytes for the channel. */
static void
test_a_viewer_hears_something_while_nothing_plays (Fixture *f, gconstpointer data)
{
  uint8_t packet[FORGE_TS_PACKET_BYTES];
  int source, viewer = add_viewer (f, "", 0, NULL);

  g_assert_true (is_silent (viewer, 250));
  start_flow (f, &source);
  assert_media (viewer, f->ts.bytes, f->ts.size);
  for (unsigned i = 0; i < 3; i++) {
    read_all (viewer, packet, sizeof packet);
    g_assert_cmpuint (forge_ts_pid (packet), ==, FORGE_TS_NULL_PID);
  }
  shift_clip (&f->ts, FORGE_TS_CLOCK_HZ);
  write_all (source, f->ts.bytes, f->ts.size);
  assert_media (viewer, f->ts.bytes, f->ts.size - 4 * 188); /* the last picture may go on */
  close (source);                                           /* nor when there is no source */
  await_event (f, FORGE_RELAY_SOURCE_LOST);
  for (unsigned i = 0; i < 3; i++) {
    read_all (viewer, packet, sizeof packet);
    g_assert_cmpuint (forge_ts_pid (packet), ==, FORGE_TS_NULL_PID);
  }
  close (viewer);
}

#define ADD(name, options, func) \
  g_test_add ("/relay/viewers/" name, Fixture, options, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("close-is-noticed-while-waiting", NULL, test_close_is_noticed_while_waiting);
  ADD ("close-is-noticed-while-streaming", NULL, test_close_is_noticed_while_streaming);
  ADD ("talkative-client-is-closed", NULL, test_talkative_client_is_closed);
  ADD ("answer-is-delivered-and-closed", NULL, test_answer_is_delivered_and_closed);
  ADD ("answer-outlives-its-feed", NULL, test_answer_outlives_its_feed);
  ADD ("duration-ends-cleanly", NULL, test_duration_ends_cleanly);
  ADD ("dropped-viewer-is-closed-others-stay", NULL, test_dropped_viewer_is_closed_others_stay);
  ADD ("laggard-jumps-and-others-do-not-suffer", NULL, test_laggard_jumps_and_others_do_not_suffer);
  ADD ("dead-viewer-is-dropped", &hasty, test_dead_viewer_is_dropped);
  ADD ("source-faster-than-media-is-held-back", NULL, test_source_faster_than_media_is_held_back);
  ADD ("a-viewer-hears-something-while-nothing-plays",
       &lively,
       test_a_viewer_hears_something_while_nothing_plays);
  return g_test_run ();
}
