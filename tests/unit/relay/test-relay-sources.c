/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay-fixture.h"

/* How sources end, are replaced and are coded. */

static void
test_end_of_file_is_a_loss (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 11);

  ts_gop (&f->ts, 0, 2, 4);
  write_all (source, f->ts.bytes, f->ts.size);
  close (source);
  ForgeRelayEvent lost = await_event (f, FORGE_RELAY_SOURCE_LOST);
  g_assert_cmpint (lost.lost, ==, FORGE_SOURCE_LOST_EOF);
  g_assert_cmpuint (lost.source_tag, ==, 11);
  g_assert_cmpuint (lost.bytes, ==, f->ts.size);
  assert_stream (viewer, f->ts.bytes, f->ts.size);
  g_assert_true (is_silent (viewer, 20));
  close (viewer);
}

/* A TCP connection as to a provider: the end of ours, and `theirs`. */
static int
connect_tcp (int *theirs)
{
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_storage address = { .ss_family = AF_INET };
  socklen_t size = sizeof address;

  g_assert_cmpint (bind (listener, (void *)&address, 16), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (void *)&address, &size), ==, 0);
  int ours = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (connect (ours, (void *)&address, size), ==, 0);
  *theirs = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (*theirs, >=, 0);
  close (listener);
  return ours;
}

static int
add_tcp_source (Fixture *f, uint64_t tag)
{
  int theirs, ours = connect_tcp (&theirs);

  forge_relay_set_source (f->relay,
                          f->feed,
                          &(ForgeSourceSpec){ .bytes = { .fd = ours }, .tag = tag });
  return theirs;
}

static void
test_reset_is_a_loss_with_errno (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);

  ts_gop (&f->ts, 0, 2, 4);
  write_all (source, f->ts.bytes, f->ts.size);
  assert_stream (viewer, f->ts.bytes, f->ts.size);

  /* A TCP connection that is reset. */
  int theirs, ours = connect_tcp (&theirs);
  forge_relay_set_source (f->relay,
                          f->feed,
                          &(ForgeSourceSpec){ .bytes = { .fd = ours }, .tag = 2 });
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_CLOSED).source_tag, ==, 1);
  write_all (theirs, f->ts.bytes, f->ts.size);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_FLOWING).source_tag, ==, 2);
  struct linger abort_it = { .l_onoff = 1 };
  setsockopt (theirs, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it);
  close (theirs);
  ForgeRelayEvent lost = await_event (f, FORGE_RELAY_SOURCE_LOST);
  g_assert_cmpint (lost.lost, ==, FORGE_SOURCE_LOST_ERROR);
  g_assert_cmpint (lost.error_number, ==, ECONNRESET);
  close (viewer);
  close (source);
}

static const ForgeFeedOptions impatient = { .stall_ms = 150,
                                            .viewer_timeout_ms = 60000,
                                            .hang_up_ms = 20 };

static void
test_silence_is_a_loss (Fixture *f, gconstpointer data)
{
  gint64 begun = g_get_monotonic_time ();
  int source = add_source (f, 1);

  ForgeRelayEvent lost = await_event (f, FORGE_RELAY_SOURCE_LOST);
  g_assert_cmpint (lost.lost, ==, FORGE_SOURCE_LOST_STALL);
  g_assert_cmpuint (lost.bytes, ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, 149000);
  close (source);

  source = add_source (f, 2);
  ts_gop (&f->ts, 0, 2, 4);
  write_all (source, f->ts.bytes, f->ts.size);
  await_event (f, FORGE_RELAY_SOURCE_FLOWING);
  lost = await_event (f, FORGE_RELAY_SOURCE_LOST);
  g_assert_cmpint (lost.lost, ==, FORGE_SOURCE_LOST_STALL);
  g_assert_cmpuint (lost.source_tag, ==, 2);
  close (source);
}

static void
test_web_page_is_no_stream (Fixture *f, gconstpointer data)
{
  int source = add_source (f, 1);
  g_autofree char *page = g_strnfill (70000, '<');

  for (gsize i = 0; i < 70000; i += 97)
    page[i] = FORGE_TS_SYNC;
  write_all (source, page, 70000);
  g_assert_cmpint (await_event (f, FORGE_RELAY_SOURCE_LOST).lost, ==, FORGE_SOURCE_LOST_NOT_TS);
  close (source);
}

/* The clip of `f` in chunks of `chunk` bytes. */
static GByteArray *
encode_chunked (Fixture *f, size_t chunk)
{
  GByteArray *coded = g_byte_array_new ();

  for (size_t at = 0; at < f->ts.size; at += chunk) {
    size_t size = MIN (chunk, f->ts.size - at);
    g_autofree char *line = g_strdup_printf ("%zx\r\n", size);
    g_byte_array_append (coded, (const guint8 *)line, (guint)strlen (line));
    g_byte_array_append (coded, f->ts.bytes + at, (guint)size);
    g_byte_array_append (coded, (const guint8 *)"\r\n", 2);
  }
  g_byte_array_append (coded, (const guint8 *)"0\r\n\r\n", 5);
  return coded;
}

static void
test_chunked_source_in_every_cut (Fixture *f, gconstpointer data)
{
  ts_gop (&f->ts, 0, 1, 2);
  g_autoptr (GByteArray) coded = encode_chunked (f, 100);

  for (guint cut = 0; cut <= coded->len; cut++) {
    ForgeFeedOptions options = { .stall_ms = 60000, .viewer_timeout_ms = 60000 };
    f->feed = forge_relay_open_feed (f->relay, &options);
    int viewer = add_viewer (f, NULL, 0, NULL);
    int source = add_source_full (f, 1, true, coded->data, cut);
    write_all (source, coded->data + cut, cut == coded->len ? 0 : coded->len - cut);
    assert_stream (viewer, f->ts.bytes, f->ts.size);
    g_assert_cmpint (await_event (f, FORGE_RELAY_SOURCE_LOST).lost, ==, FORGE_SOURCE_LOST_EOF);
    forge_relay_close_feed (f->relay, f->feed);
    close (viewer);
    close (source);
  }
}

static void
test_broken_chunks_are_a_loss (Fixture *f, gconstpointer data)
{
  int source = add_source_full (f, 1, true, NULL, 0);

  write_all (source, "4\r\nabcdXX", 9);
  g_assert_cmpint (await_event (f, FORGE_RELAY_SOURCE_LOST).lost, ==, FORGE_SOURCE_LOST_FRAMING);
  close (source);
}

static void
test_replacement_continues_at_its_join_point (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);

  ts_gop (&f->ts, 0, 2, 4);
  write_all (source, f->ts.bytes, f->ts.size);
  write_all (source, f->ts.bytes, 100); /* a partial packet */
  assert_stream (viewer, f->ts.bytes, f->ts.size);
  close (source);
  await_event (f, FORGE_RELAY_SOURCE_LOST);
  g_assert_true (is_silent (viewer, 20));

  source = add_source (f, 2);
  /* Amid a picture, not aligned. */
  size_t amid = 3 * 188 + 77;
  write_all (source, f->ts.bytes + amid, f->ts.size - amid);
  g_assert_true (is_silent (viewer, 30));
  size_t before = f->ts.size;
  ts_gop (&f->ts, 7200, 2, 4);
  write_all (source, f->ts.bytes + before, f->ts.size - before);
  /* All but the last picture, which may go on. */
  size_t whole = f->ts.size - before - 4 * 188;
  assert_stream (viewer, f->ts.bytes + before, whole);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_FLOWING).source_tag, ==, 2);

  /* Who joins now gets the new source only. */
  int late = add_viewer (f, NULL, 0, NULL);
  assert_stream (late, f->ts.bytes + before, whole);
  close (late);
  close (viewer);
  close (source);
}

/* As TLS does: a record at a time, and nothing that the descriptor would announce. */
typedef struct {
  const TsBuilder *clip;
  size_t at;
  int fd;
} RecordSource;

static ssize_t
read_record (void *context, void *buffer, size_t size)
{
  RecordSource *source = context;
  size_t n = MIN (MIN (size, 16384), source->clip->size - source->at);

  if (n == 0) {
    errno = EAGAIN;
    return -1;
  }
  memcpy (buffer, source->clip->bytes + source->at, n);
  source->at += n;
  return (ssize_t)n;
}

static bool
has_record (void *context)
{
  const RecordSource *source = context;
  return source->at < source->clip->size;
}

static void
close_record (void *context)
{
  close (((RecordSource *)context)->fd);
}

static void
test_buffered_records_are_drained (Fixture *f, gconstpointer data)
{
  static const ForgeByteSourceOps ops = { read_record, has_record, close_record };
  int viewer = add_viewer (f, NULL, 0, NULL), pair[2];
  RecordSource source = { .clip = &f->ts };

  for (unsigned i = 0; i < 16; i++)
    ts_gop (&f->ts, i * FORGE_TS_CLOCK_HZ, 25, 40);
  make_pair (pair);
  source.fd = pair[1];
  forge_relay_set_source (
      f->relay,
      f->feed,
      &(ForgeSourceSpec){ .bytes = { .fd = pair[1], .ops = &ops, .context = &source } });
  /* All but the last picture, which may go on. */
  assert_stream (viewer, f->ts.bytes, f->ts.size - 40 * 188);
  forge_relay_close_feed (f->relay, f->feed);
  await_event (f, FORGE_RELAY_FEED_CLOSED);
  close (viewer);
  close (pair[0]);
}

/* The provider counts a connection until it has seen the end of it. */
static void
test_drop_waits_for_the_provider (Fixture *f, gconstpointer data)
{
  uint8_t byte;
  int theirs = add_tcp_source (f, 1);

  ts_gop (&f->ts, 0, 2, 4);
  write_all (theirs, f->ts.bytes, f->ts.size);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_FLOWING).source_tag, ==, 1);
  forge_relay_drop_source (f->relay, f->feed);
  g_assert_cmpint (recv (theirs, &byte, 1, 0), ==, 0);
  /* What comes after our FIN is nobody's. */
  write_all (theirs, f->ts.bytes, f->ts.size);
  write_all (theirs, f->ts.bytes, f->ts.size);
  close (theirs);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_CLOSED).source_tag, ==, 1);
}

static void
test_drop_does_not_wait_for_ever (Fixture *f, gconstpointer data)
{
  int theirs = add_tcp_source (f, 1);

  forge_relay_drop_source (f->relay, f->feed);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_CLOSED).source_tag, ==, 1);
  close (theirs);
}

static void
test_feed_is_closed_after_its_source (Fixture *f, gconstpointer data)
{
  uint8_t byte;
  int first = add_tcp_source (f, 1), second = add_tcp_source (f, 2);

  forge_relay_close_feed (f->relay, f->feed);
  g_assert_cmpint (recv (second, &byte, 1, 0), ==, 0);
  close (second);
  close (first);
  unsigned n_sources = 0;
  for (bool is_open = true; is_open;) {
    g_autofree ForgeRelayEvent *event = pop_event (&f->events);
    g_assert_nonnull (event);
    is_open = event->type != FORGE_RELAY_FEED_CLOSED;
    n_sources += event->type == FORGE_RELAY_SOURCE_CLOSED;
  }
  g_assert_cmpuint (n_sources, ==, 2);
}

static void
test_set_and_drop_close_the_old_source (Fixture *f, gconstpointer data)
{
  uint8_t byte;
  int first = add_source (f, 1), second = add_source (f, 2);

  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_CLOSED).source_tag, ==, 1);
  g_assert_cmpint (recv (first, &byte, 1, 0), ==, 0);
  forge_relay_drop_source (f->relay, f->feed);
  g_assert_cmpuint (await_event (f, FORGE_RELAY_SOURCE_CLOSED).source_tag, ==, 2);
  g_assert_cmpint (recv (second, &byte, 1, 0), ==, 0);
  close (first);
  close (second);
}

static gpointer
read_viewer (gpointer fd)
{
  return read_to_end (GPOINTER_TO_INT (fd));
}

static void
test_garbage_between_packets_is_survived (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);

  GThread *thread = g_thread_new ("viewer", read_viewer, GINT_TO_POINTER (viewer));
  ts_gop (&f->ts, 0, 4, 10);
  for (int i = 0; i < 100; i++) {
    uint8_t noise[300];
    gint32 size = g_rand_int_range (rand, 0, sizeof noise);
    for (gint32 k = 0; k < size; k++)
      noise[k] = (uint8_t)g_rand_int (rand);
    write_all (source, f->ts.bytes, f->ts.size);
    write_all (source, noise, (size_t)size);
  }
  close (source);
  ForgeRelayEvent event = await_event (f, FORGE_RELAY_SOURCE_LOST);
  g_assert_cmpint (event.lost, ==, FORGE_SOURCE_LOST_EOF);
  await_all_served (f, event.bytes);
  forge_relay_close_feed (f->relay, f->feed);
  g_autoptr (GByteArray) got = g_thread_join (thread);
  g_assert_cmpuint (got->len, >, f->ts.size * 50);
  g_assert_cmpuint (got->len % 188, ==, 0);
  for (guint at = 0; at < got->len; at += 188)
    g_assert_cmpuint (got->data[at], ==, FORGE_TS_SYNC);
  close (viewer);
}

#define ADD(name, options, func) \
  g_test_add ("/relay/sources/" name, Fixture, options, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("end-of-file-is-a-loss", NULL, test_end_of_file_is_a_loss);
  ADD ("reset-is-a-loss-with-errno", NULL, test_reset_is_a_loss_with_errno);
  ADD ("silence-is-a-loss", &impatient, test_silence_is_a_loss);
  ADD ("web-page-is-no-stream", NULL, test_web_page_is_no_stream);
  ADD ("chunked-in-every-cut", NULL, test_chunked_source_in_every_cut);
  ADD ("broken-chunks-are-a-loss", NULL, test_broken_chunks_are_a_loss);
  ADD ("replacement-continues-at-its-join-point",
       NULL,
       test_replacement_continues_at_its_join_point);
  ADD ("buffered-records-are-drained", NULL, test_buffered_records_are_drained);
  ADD ("set-and-drop-close-the-old", NULL, test_set_and_drop_close_the_old_source);
  ADD ("drop-waits-for-the-provider", NULL, test_drop_waits_for_the_provider);
  ADD ("drop-does-not-wait-for-ever", &impatient, test_drop_does_not_wait_for_ever);
  ADD ("feed-is-closed-after-its-source", NULL, test_feed_is_closed_after_its_source);
  ADD ("garbage-between-packets-is-survived", NULL, test_garbage_between_packets_is_survived);
  return g_test_run ();
}
