/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"
#include "mpegts/forge-ts-scan.h"
#include "mpegts/forge-ts-timeline.h"
#include "relay-fixture.h"

#include <glib/gstdio.h>

/* What a viewer gets across sources: one programme. */

#define FRAME 3600u

typedef struct {
  uint64_t tag, bytes; /* of the sources so far */
  GThread *thread;
  int viewer;
} Show;

static gpointer
read_viewer (gpointer fd)
{
  return read_to_end (GPOINTER_TO_INT (fd));
}

static void
begin_show (Fixture *f, Show *show)
{
  *show = (Show){ .viewer = add_viewer (f, NULL, 0, NULL) };
  show->thread = g_thread_new ("viewer", read_viewer, GINT_TO_POINTER (show->viewer));
}

static void
await_loss (Fixture *f, Show *show)
{
  ForgeRelayEvent event = await_event (f, FORGE_RELAY_SOURCE_LOST);

  g_assert_cmpuint (event.source_tag, ==, show->tag);
  show->bytes += event.bytes;
}

/* Plays bytes as one source, from its connection to its end. */
static void
play (Fixture *f, Show *show, const void *bytes, size_t size)
{
  int source = add_source (f, ++show->tag);

  write_all (source, bytes, size);
  close (source);
  await_loss (f, show);
}

/* What the viewer got, all of it. */
static GByteArray *
end_show (Fixture *f, Show *show)
{
  await_all_served (f, show->bytes);
  forge_relay_close_feed (f->relay, f->feed);
  GByteArray *got = g_thread_join (show->thread);
  close (show->viewer);
  return got;
}

/* Pictures that follow each other by a frame, whatever was lost in between. */
static void
assert_one_programme (const GByteArray *got, unsigned n_pictures)
{
  static ForgeTsScan scan;
  uint64_t pts, dts, last = 0;
  unsigned n = 0;
  size_t at = 0;

  forge_ts_scan_reset (&scan);
  while (forge_ts_scan_run (&scan, got->data, got->len, 0, &at) != FORGE_TS_SCAN_DONE)
    continue;
  g_assert_cmpuint (scan.continuity_errors, ==, 0);
  for (guint i = 0; i < got->len; i += 188) {
    const uint8_t *packet = got->data + i;
    if (forge_ts_pid (packet) != TS_VIDEO_PID || !forge_ts_read_pts (packet, &pts, &dts))
      continue;
    if (n++ > 0)
      g_assert_cmpint (forge_ts_ticks_after (pts, last), ==, FRAME);
    last = pts;
  }
  g_assert_cmpuint (n, ==, n_pictures);
}

static void
test_cut_pictures_are_left_out (Fixture *f, gconstpointer data)
{
  Show show;

  begin_show (f, &show);
  ts_gop (&f->ts, 0, 4, 4);
  /* In two writes, so that the end is not part of the first block. */
  int source = add_source (f, ++show.tag);
  write_all (source, f->ts.bytes, 6 * 188);
  await_event (f, FORGE_RELAY_VIEWER_STARTED);
  write_all (source, f->ts.bytes + 6 * 188, f->ts.size - 6 * 188 - 2 * 188);
  close (source);
  await_loss (f, &show);

  f->ts.size = 0;
  ts_gop (&f->ts, 77777777, 4, 4);
  play (f, &show, f->ts.bytes, f->ts.size);
  g_autoptr (GByteArray) got = end_show (f, &show);
  assert_one_programme (got, 3 + 3);
}

static void
test_twenty_switches (Fixture *f, gconstpointer data)
{
  Show show;

  begin_show (f, &show);
  for (unsigned i = 0; i <= 20; i++) {
    f->ts.size = 0;
    f->ts.counters[TS_VIDEO_PID] = (uint8_t)(i * 7);
    ts_gop (&f->ts, FORGE_TS_CLOCK_MASK / 21 * i, 5, 3);
    play (f, &show, f->ts.bytes, f->ts.size);
  }
  g_autoptr (GByteArray) got = end_show (f, &show);
  /* The first block goes out at once, later ones without the picture that nothing follows. */
  assert_one_programme (got, 5 + 20 * 4);
}

/* A viewer that comes while there is no source sees the end of the last and the next. */
static void
test_viewer_between_sources (Fixture *f, gconstpointer data)
{
  Show show, late;

  begin_show (f, &show);
  ts_gop (&f->ts, 0, 5, 3);
  play (f, &show, f->ts.bytes, f->ts.size);
  begin_show (f, &late);
  await_event (f, FORGE_RELAY_VIEWER_STARTED);
  f->ts.size = 0;
  ts_gop (&f->ts, 500000, 5, 3);
  play (f, &show, f->ts.bytes, f->ts.size);
  g_autoptr (GByteArray) got = end_show (f, &show);
  g_autoptr (GByteArray) got_late = g_thread_join (late.thread);
  close (late.viewer);
  assert_one_programme (got, 5 + 4);
  assert_one_programme (got_late, 5 + 4);
}

static void
test_rare_tables_are_repeated (Fixture *f, gconstpointer data)
{
  unsigned tables = 0, pictures = 30;
  Show show;

  begin_show (f, &show);
  int source = add_source (f, ++show.tag);
  ts_gop (&f->ts, 0, pictures, 3);
  size_t head = 2 * 188, picture = 3 * 188;
  write_all (source, f->ts.bytes, head);
  for (unsigned i = 0; i < pictures; i++) {
    write_all (source, f->ts.bytes + head + i * picture, picture);
    g_usleep (50000); /* the pace of the source: 1.5 s */
  }
  close (source);
  await_loss (f, &show);
  /* Its own tables again, after ours. */
  g_autoptr (GByteArray) got = end_show (f, &show);
  for (guint at = 0; at < got->len; at += 188)
    tables += forge_ts_pid (got->data + at) == FORGE_TS_PAT_PID;
  g_assert_cmpuint (tables, >=, 3);
  g_assert_cmpuint (tables, <=, 4);
  assert_one_programme (got, pictures - 1);
}

/* ── real clips ───────────────────────────────────────────────────────────────────────────── */

typedef struct {
  const char *video, *audio, *pids, *offset_s;
} Clip;

static const Clip clips[] = {
  { "libx264 -preset ultrafast -g 25 -bf 2", "aac", "0x100", "500" },
  { "libx264 -preset ultrafast -tune zerolatency -g 25", "aac", "0x777", "95440" }, /* wraps */
  { "mpeg2video -g 12 -bf 2", "mp2", "0x100", "3" },
  { "mpeg2video -g 10", "mp2", "0x333", "90000" },
};

static GByteArray *
make_clip (const Clip *clip, const char *folder, const char *size)
{
  g_autofree char *path = g_build_filename (folder, "clip.ts", NULL);
  g_autofree char *line = g_strdup_printf (
      "ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=%s:rate=25 -f lavfi -i "
      "sine=frequency=440:sample_rate=48000 -t 6 -pix_fmt yuv420p -c:v %s -c:a %s "
      "-mpegts_start_pid %s -output_ts_offset %s -f mpegts %s",
      size,
      clip->video,
      clip->audio,
      clip->pids,
      clip->offset_s,
      path);
  g_autofree char *bytes = NULL;
  gsize n = 0;
  int status = 0;

  g_assert_true (g_spawn_command_line_sync (line, NULL, NULL, &status, NULL));
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  g_remove (path);
  return g_byte_array_new_take ((guint8 *)g_steal_pointer (&bytes), n);
}

/* Everything that ffmpeg has to say about it. */
static char *
decode (const GByteArray *got, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "got.ts", NULL);
  g_autofree char *line =
      g_strdup_printf ("ffmpeg -nostdin -v warning -i %s -map 0:v -map 0:a -f null -", path);
  char *said = NULL;

  g_assert_true (g_file_set_contents (path, (const char *)got->data, got->len, NULL));
  g_assert_true (g_spawn_command_line_sync (line, NULL, &said, NULL, NULL));
  g_remove (path);
  return said;
}

static void
test_real_clips_decode_silently (Fixture *f, gconstpointer data)
{
  size_t first = GPOINTER_TO_SIZE (data);
  g_autofree char *program = g_find_program_in_path ("ffmpeg");
  g_autofree char *folder = g_dir_make_tmp ("forge-splice-XXXXXX", NULL);
  Show show;

  if (!program) {
    g_test_skip ("ffmpeg is needed to make and decode the clips");
    g_rmdir (folder);
    return;
  }
  g_autoptr (GByteArray) a = make_clip (&clips[first], folder, "320x180");
  g_autoptr (GByteArray) b = make_clip (&clips[first + 1], folder, "192x108");
  begin_show (f, &show);
  for (unsigned i = 0; i < 6; i++) {
    const GByteArray *clip = i % 2 ? b : a;
    /* From anywhere to anywhere, not aligned. */
    size_t from = clip->len / 7 * (i / 2) + i * 31, size = clip->len / 2 + i * 1000 + 17;
    play (f, &show, clip->data + from, size);
    /* Clips come far faster than they play: who is slow would have to jump. */
    await_all_served (f, show.bytes);
  }
  g_autoptr (GByteArray) got = end_show (f, &show);
  g_autofree char *said = decode (got, folder);
  g_assert_cmpstr (said, ==, "");
  g_rmdir (folder);
}

/* The network pauses in the middle of a picture; what comes then does not end it, and the source
 * does: no part of it may have gone out, however long the pause was. */
static void
test_a_pause_lets_no_half_picture_out (Fixture *f, gconstpointer data)
{
  uint8_t null_packet[FORGE_TS_PACKET_BYTES];
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);

  ts_gop (&f->ts, 0, 2, 4);
  write_all (source, f->ts.bytes, f->ts.size);
  assert_stream (viewer, f->ts.bytes, f->ts.size);
  size_t before = f->ts.size;
  ts_gop (&f->ts, 2 * FRAME, 2, 4);
  size_t more = f->ts.size - before;
  write_all (source, f->ts.bytes + before, more - FORGE_TS_PACKET_BYTES);
  assert_stream (viewer, f->ts.bytes + before, more - 4 * FORGE_TS_PACKET_BYTES);
  g_assert_true (is_silent (viewer, 300));
  forge_ts_make_null (null_packet);
  write_all (source, null_packet, sizeof null_packet);
  g_assert_true (is_silent (viewer, 100));
  close (source);
  await_event (f, FORGE_RELAY_SOURCE_LOST);
  read_all (viewer, null_packet, sizeof null_packet);
  g_assert_cmpuint (forge_ts_pid (null_packet), ==, FORGE_TS_NULL_PID);
  g_assert_true (is_silent (viewer, 50));
  close (viewer);
}

/* A key picture at a constant bit rate arrives for a while: its source may end within it as well.
 */
static void
test_a_slow_picture_is_waited_for (Fixture *f, gconstpointer data)
{
  int viewer = add_viewer (f, NULL, 0, NULL), source = add_source (f, 1);

  ts_gop (&f->ts, 0, 2, 4);
  write_all (source, f->ts.bytes, f->ts.size);
  assert_stream (viewer, f->ts.bytes, f->ts.size);
  size_t before = f->ts.size;
  ts_gop (&f->ts, 2 * FRAME, 1, 9);
  for (size_t at = before; at < f->ts.size; at += FORGE_TS_PACKET_BYTES) {
    write_all (source, f->ts.bytes + at, FORGE_TS_PACKET_BYTES);
    g_usleep (40000);
  }
  close (source);
  await_event (f, FORGE_RELAY_SOURCE_LOST);
  forge_relay_close_feed (f->relay, f->feed);
  g_autoptr (GByteArray) got = read_to_end (viewer);
  for (guint at = 0; at < got->len; at += FORGE_TS_PACKET_BYTES)
    g_assert_cmpuint (forge_ts_pid (got->data + at), !=, TS_VIDEO_PID);
  close (viewer);
}

#define ADD(name, data, func) \
  g_test_add ("/relay/splice/" name, Fixture, data, set_up_patient, func, tear_down)

static void
set_up_patient (Fixture *f, gconstpointer data)
{
  set_up (f, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("cut-pictures-are-left-out", NULL, test_cut_pictures_are_left_out);
  ADD ("twenty-switches", NULL, test_twenty_switches);
  ADD ("viewer-between-sources", NULL, test_viewer_between_sources);
  ADD ("rare-tables-are-repeated", NULL, test_rare_tables_are_repeated);
  ADD ("a-pause-lets-no-half-picture-out", NULL, test_a_pause_lets_no_half_picture_out);
  ADD ("a-slow-picture-is-waited-for", NULL, test_a_slow_picture_is_waited_for);
  ADD ("h264-decodes-silently", GSIZE_TO_POINTER (0), test_real_clips_decode_silently);
  ADD ("mpeg2-decodes-silently", GSIZE_TO_POINTER (2), test_real_clips_decode_silently);
  return g_test_run ();
}
