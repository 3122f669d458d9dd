/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay-fixture.h"

/* Feeds from open to close: start, join, share, free. */

static void
test_viewer_starts_at_the_first_join_point (Fixture *f, gconstpointer data)
{
  static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
  int viewer = add_viewer (f, head, 0, NULL), source = add_source (f, 7);

  ts_null (&f->ts);
  ts_unit (&f->ts, TS_VIDEO_PID, false, 0, ts_slice, sizeof ts_slice);
  ts_fill (&f->ts, TS_VIDEO_PID, 3);
  size_t start = f->ts.size;
  ts_gop (&f->ts, 3600, 3, 4);
  write_all (source, "<b>Warning</b>", 14);
  write_all (source, f->ts.bytes, start);
  g_assert_true (is_silent (viewer, 50));
  write_all (source, f->ts.bytes + start, f->ts.size - start - 100);
  assert_stream (viewer, head, strlen (head));
  assert_stream (viewer, f->ts.bytes + start, f->ts.size - start - 188);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_FLOWING).source_tag, ==, 7);
  await_event (f, FORGE_RELAY_VIEWER_STARTED);
  close (viewer);
  ForgeRelayEvent gone = await_event (f, FORGE_RELAY_VIEWER_GONE);
  g_assert_cmpint (gone.gone, ==, FORGE_VIEWER_GONE_CLOSED);
  g_assert_cmpuint (gone.bytes, ==, f->ts.size - start - 188);
  close (source);
}

/* A random access unit that comes before the tables is not lost. */
static void
test_tables_may_come_after_the_join_point (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);
  size_t n_media = 6;

  ts_fill (&f->ts, TS_VIDEO_PID, 2);
  ts_unit (&f->ts, TS_VIDEO_PID, true, 0, ts_idr, sizeof ts_idr);
  ts_fill (&f->ts, TS_VIDEO_PID, n_media - 1);
  size_t tables = f->ts.size;
  ts_pat (&f->ts, 0, TS_PMT_PID);
  ts_pmt (&f->ts, 0, 0x1B, 0);
  write_all (source, f->ts.bytes, f->ts.size);

  g_autofree uint8_t *got = g_malloc (2 * 188);
  read_all (viewer, got, 2 * 188);
  g_assert_cmpuint (forge_ts_pid (got), ==, 0);
  g_assert_cmpuint (forge_ts_pid (got + 188), ==, TS_PMT_PID);
  /* Those in the stream follow with the next counter, which is 0. */
  g_assert_cmpuint (forge_ts_counter (got), ==, 15);
  g_assert_cmpuint (forge_ts_counter (got + 188), ==, 15);
  assert_stream (viewer, f->ts.bytes + 2 * 188, n_media * 188);
  assert_stream (viewer, f->ts.bytes + tables, 2 * 188);
  close (viewer);
  close (source);
}

static void
test_late_joiner_starts_at_once_at_the_newest_join_point (Fixture *f, gconstpointer data)
{
  int first = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);

  ts_gop (&f->ts, 0, 5, 4);
  ts_gop (&f->ts, 18000, 2, 4);
  size_t join = f->ts.size - 8 * 188;
  ts_gop (&f->ts, 25200, 0, 0); /* only tables */
  write_all (source, f->ts.bytes, f->ts.size);
  assert_stream (first, f->ts.bytes, f->ts.size);

  int late = add_viewer (f, "X", 0, NULL);
  uint8_t got[1 + 2 * 188];
  read_all (late, got, sizeof got);
  g_assert_cmpmem (got + 1, 2 * 188, f->ts.bytes + join - 2 * 188, 2 * 188);
  assert_stream (late, f->ts.bytes + join, f->ts.size - join);

  size_t before = f->ts.size;
  ts_fill (&f->ts, TS_VIDEO_PID, 3);
  write_all (source, f->ts.bytes + before, f->ts.size - before);
  assert_stream (late, f->ts.bytes + before, f->ts.size - before);
  assert_stream (first, f->ts.bytes + before, f->ts.size - before);
  close (first);
  close (late);
  close (source);
}

typedef struct {
  int fd;
  int reads; /* atomic */
  int is_closed;
} CountedSource;

static ssize_t
counted_read (void *context, void *buffer, size_t size)
{
  CountedSource *source = context;
  ssize_t n = recv (source->fd, buffer, size, MSG_DONTWAIT);

  if (n > 0)
    g_atomic_int_inc (&source->reads);
  return n;
}

static bool
counted_has_buffered (void *context)
{
  return false;
}

static void
counted_close (void *context)
{
  CountedSource *source = context;

  close (source->fd);
  g_atomic_int_set (&source->is_closed, 1);
}

static void
test_one_read_serves_all_viewers (Fixture *f, gconstpointer data)
{
  static const ForgeByteSourceOps ops = { counted_read, counted_has_buffered, counted_close };
  enum { N = 8 };
  int pair[2], viewers[N];
  CountedSource source = { 0 };

  make_pair (pair);
  source.fd = pair[1];
  for (int i = 0; i < N; i++)
    viewers[i] = add_viewer (f, NULL, 0, NULL);
  ts_gop (&f->ts, 0, 5, 20);
  write_all (pair[0], f->ts.bytes, f->ts.size);
  forge_relay_set_source (
      f->relay,
      f->feed,
      &(ForgeSourceSpec){ .bytes = { .fd = pair[1], .ops = &ops, .context = &source } });
  for (int i = 0; i < N; i++)
    assert_stream (viewers[i], f->ts.bytes, f->ts.size);
  g_assert_cmpint (g_atomic_int_get (&source.reads), ==, 1);
  forge_relay_close_feed (f->relay, f->feed);
  await_event (f, FORGE_RELAY_FEED_CLOSED);
  g_assert_true (g_atomic_int_get (&source.is_closed));
  for (int i = 0; i < N; i++)
    close (viewers[i]);
  close (pair[0]);
}

static void
test_random_access_is_not_waited_for_for_ever (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);
  gint64 begun = g_get_monotonic_time ();

  ts_pat (&f->ts, 0, TS_PMT_PID);
  ts_pmt (&f->ts, 0, 0x1B, 0);
  write_all (source, f->ts.bytes, f->ts.size);
  while (is_silent (viewer, 20)) {
    f->ts.size = 0;
    ts_unit (&f->ts, TS_VIDEO_PID, false, 0, ts_slice, sizeof ts_slice);
    ts_fill (&f->ts, TS_VIDEO_PID, 3);
    write_all (source, f->ts.bytes, f->ts.size);
    g_assert_cmpint (g_get_monotonic_time () - begun, <, WAIT_MS * 1000);
  }
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, 2400000);
  uint8_t got[3 * 188];
  read_all (viewer, got, sizeof got);
  g_assert_cmpuint (forge_ts_pid (got), ==, 0);
  g_assert_cmpuint (forge_ts_pid (got + 188), ==, TS_PMT_PID);
  g_assert_true (forge_ts_starts_unit (got + 376));

  /* Neither is it by one who joins later. */
  int late = add_viewer (f, NULL, 0, NULL);
  read_all (late, got, sizeof got);
  g_assert_true (forge_ts_starts_unit (got + 376));
  close (viewer);
  close (late);
  close (source);
}

/* Reads what is there, without waiting for more: how much is held back is not this test's matter.
 */
static void
drain (int fd)
{
  uint8_t block[65536];
  struct pollfd wait = { .fd = fd, .events = POLLIN };

  while (poll (&wait, 1, 5) == 1)
    if (recv (fd, block, sizeof block, 0) <= 0)
      return;
}

/* A group of pictures larger than the ring makes it grow, so that its join point is not lost. */
static void
test_ring_grows_to_keep_a_join_point (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);
  ForgeFeedStats stats;

  ts_gop (&f->ts, 0, 25, 4);
  ts_gop (&f->ts, 90000, 25, 600); /* 2.8 MB */
  size_t join = f->ts.size - 25 * 600 * 188;
  for (size_t at = 0; at < f->ts.size; at += 500 * 188) {
    write_all (source, f->ts.bytes + at, MIN (500 * 188, f->ts.size - at));
    drain (viewer);
  }
  int late = add_viewer (f, NULL, 0, NULL);
  uint8_t tables[2 * 188];
  read_all (late, tables, sizeof tables);
  assert_stream (late, f->ts.bytes + join, 188);
  do
    g_assert_true (forge_relay_feed_stats (f->relay, f->feed, &stats, NULL, 0, NULL));
  while (stats.source_bytes < f->ts.size);
  g_assert_cmpuint (stats.ring_bytes, >=, 4 * 1024 * 1024);
  g_assert_cmpuint (stats.ring_bytes, <=, 16 * 1024 * 1024);
  close (viewer);
  close (late);
  close (source);
}

static void
test_closing_a_feed_frees_everything (Fixture *f, gconstpointer data)
{
  ForgeViewerId id = 0;
  int viewer = add_viewer (f, NULL, 0, &id), source = add_source (f, 3);

  ts_gop (&f->ts, 0, 2, 4);
  write_all (source, f->ts.bytes, f->ts.size);
  assert_stream (viewer, f->ts.bytes, f->ts.size);
  forge_relay_close_feed (f->relay, f->feed);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_CLOSED).bytes, ==, f->ts.size);
  ForgeRelayEvent gone = await_event (f, FORGE_RELAY_VIEWER_GONE);
  g_assert_cmpuint (gone.viewer, ==, id);
  g_assert_cmpint (gone.gone, ==, FORGE_VIEWER_GONE_DROPPED);
  await_event (f, FORGE_RELAY_FEED_CLOSED);
  uint8_t byte;
  g_assert_cmpint (recv (viewer, &byte, 1, 0), ==, 0);
  g_assert_cmpint (recv (source, &byte, 1, 0), ==, 0);
  close (viewer);
  close (source);

  ForgeFeedStats stats;
  g_assert_false (forge_relay_feed_stats (f->relay, f->feed, &stats, NULL, 0, NULL));
  /* What comes too late is closed and said to be. */
  viewer = add_viewer (f, NULL, 0, &id);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_VIEWER_GONE).viewer, ==, id);
  source = add_source (f, 4);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_CLOSED).source_tag, ==, 4);
  close (viewer);
  close (source);
}

static void
test_thousand_cycles_leak_nothing (Fixture *f, gconstpointer data)
{
  ForgeFeedOptions options = { .stall_ms = 60000, .viewer_timeout_ms = 60000 };

  ts_gop (&f->ts, 0, 2, 4);
  unsigned fds = count_fds ();
  for (int i = 0; i < 1000; i++) {
    f->feed = forge_relay_open_feed (f->relay, &options);
    int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);
    write_all (source, f->ts.bytes, f->ts.size);
    if (i % 2)
      assert_stream (viewer, f->ts.bytes, f->ts.size);
    forge_relay_close_feed (f->relay, f->feed);
    close (viewer);
    close (source);
    await_event (f, FORGE_RELAY_FEED_CLOSED);
  }
  g_assert_cmpuint (count_fds (), ==, fds);
}

static void
test_stats_are_published (Fixture *f, gconstpointer data)
{
  ForgeViewerId id = 0;
  ForgeFeedStats stats;
  ForgeViewerStats viewers[4];
  unsigned n = 0;

  g_assert_true (forge_relay_feed_stats (f->relay, f->feed, &stats, NULL, 0, &n));
  g_assert_cmpint (stats.silent_ms, ==, -1);
  int viewer = add_viewer (f, NULL, 0, &id), source = add_source (f, 1);
  ts_gop (&f->ts, 0, 2, 4);
  f->ts.counters[TS_VIDEO_PID] += 2;
  ts_fill (&f->ts, TS_VIDEO_PID, 1);
  write_all (source, f->ts.bytes, f->ts.size);
  assert_stream (viewer, f->ts.bytes, f->ts.size);
  gint64 begun = g_get_monotonic_time ();
  do {
    g_assert_true (forge_relay_feed_stats (f->relay, f->feed, &stats, viewers, 4, &n));
    g_assert_cmpint (g_get_monotonic_time () - begun, <, WAIT_MS * 1000);
    g_thread_yield ();
  } while (n < 1 || viewers[0].bytes < f->ts.size);
  g_assert_cmpuint (stats.source_bytes, ==, f->ts.size);
  g_assert_cmpuint (stats.continuity_errors, ==, 1);
  g_assert_cmpuint (stats.viewers, ==, 1);
  g_assert_cmpuint (stats.ring_bytes, ==, 1024 * 1024);
  g_assert_cmpuint (stats.bitrate_kbps, >, 0);
  g_assert_true (stats.is_flowing);
  g_assert_cmpuint (viewers[0].viewer, ==, id);
  g_assert_cmpuint (viewers[0].behind_bytes, ==, 0);
  close (viewer);
  close (source);
}

#define ADD(name, func) g_test_add ("/relay/relay/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("viewer-starts-at-the-first-join-point", test_viewer_starts_at_the_first_join_point);
  ADD ("tables-may-come-after-the-join-point", test_tables_may_come_after_the_join_point);
  ADD ("late-joiner-starts-at-once", test_late_joiner_starts_at_once_at_the_newest_join_point);
  ADD ("one-read-serves-all-viewers", test_one_read_serves_all_viewers);
  ADD ("random-access-is-not-waited-for-for-ever", test_random_access_is_not_waited_for_for_ever);
  ADD ("ring-grows-to-keep-a-join-point", test_ring_grows_to_keep_a_join_point);
  ADD ("closing-a-feed-frees-everything", test_closing_a_feed_frees_everything);
  ADD ("thousand-cycles-leak-nothing", test_thousand_cycles_leak_nothing);
  ADD ("stats-are-published", test_stats_are_published);
  return g_test_run ();
}
