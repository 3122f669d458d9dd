/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cbcs.h"
#include "net/forge-hls-source.h"
#include "net/forge-remux.h"
#include "sample-aes.h"
#include "script-server.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Streams that only ffmpeg can join, and encrypted ones that it can judge; made by it on the spot.
 */

#define SEGMENTS     8 /* of one second */
#define PACKET_BYTES 188
#define OK           "HTTP/1.1 200 OK\r\n"

static const guint8 key[16] = "sixteen bytes it", iv[16] = { 0xAB, [15] = 7 };
#define MAP(name) "#EXT-X-MAP:URI=\"" name "\"\n"
#define KEY_LINE \
  "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"key.bin\",IV=0xAB000000000000000000000000000007\n"

static char *
ffmpeg (void)
{
  char *program = forge_remux_find ();

  if (!program)
    g_test_skip ("ffmpeg is not installed");
  return program;
}

/* Returns what it printed. */
static char *
run (const char *folder, const char *command)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  char *out = NULL;
  g_autofree char *errors = NULL;
  int status;

  g_assert_true (g_shell_parse_argv (command, NULL, &arguments, &error));
  g_spawn_sync (folder,
                arguments,
                NULL,
                G_SPAWN_SEARCH_PATH,
                NULL,
                NULL,
                &out,
                &errors,
                &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpstr (errors, ==, "");
  g_assert_cmpint (status, ==, 0);
  return out;
}

static void
make (const char *folder, const char *outputs)
{
  g_autofree char *command = g_strdup_printf (
      "ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine "
      "-t %d -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac -output_ts_offset 100 "
      "%s",
      SEGMENTS,
      outputs);

  g_free (run (folder, command));
}

static void
append_file (GByteArray *out, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_byte_array_append (out, (const guint8 *)data, (guint)length);
}

/* Packed audio (RFC 8216 §3.4): an ID3 tag with the clock, then ADTS frames. */
static void
make_packed_audio (const char *folder)
{
  static const char tag[] = "ID3\x04\0\0\0\0\0\x3F"
                            "PRIV\0\0\0\x35\0\0com.apple.streaming.transportStreamTimestamp";

  for (guint i = 0; i < SEGMENTS; i++) {
    g_autofree char *name = g_strdup_printf ("a%u.aac", i);
    g_autofree char *command = g_strdup_printf (
        "ffmpeg -nostdin -v error -f lavfi -i sine -ss %u -t 1 -c:a aac -f adts %s",
        i,
        name);
    g_autoptr (GByteArray) data = g_byte_array_new ();
    /* as ffmpeg's own transport streams, which begin 1.4 s late */
    guint64 clock = GUINT64_TO_BE ((guint64)(1014 + 10 * i) * 9000);
    g_free (run (folder, command));
    g_byte_array_append (data, (const guint8 *)tag, sizeof tag);
    g_byte_array_append (data, (const guint8 *)&clock, sizeof clock);
    append_file (data, folder, name);
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_assert_true (g_file_set_contents (path, (const char *)data->data, (gssize)data->len, NULL));
  }
}

static void
make_list (const char *folder, const char *name, const char *head, const char *format)
{
  g_autoptr (GString) text =
      g_string_new ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n");
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_string_append (text, head);
  for (guint i = 0; i < SEGMENTS; i++) {
    g_autofree char *number = g_strdup_printf ("%u", i);
    g_autoptr (GString) uri = g_string_new (format);
    g_string_replace (uri, "#", number, 0);
    g_string_append_printf (text, "#EXTINF:1,\n%s\n", uri->str);
  }
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

static void
make_master (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "live.m3u8", NULL);

  g_assert_true (g_file_set_contents (path,
                                      "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\","
                                      "DEFAULT=YES,URI=\"audio.m3u8\"\n"
                                      "#EXT-X-STREAM-INF:BANDWIDTH=1000,AUDIO=\"a\"\nvideo.m3u8\n",
                                      -1,
                                      NULL));
}

static void
set_file (const char *folder, const char *name, const void *data, gsize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize)length, NULL));
}

/* ffmpeg plays it, too: it is encrypted as others understand it. (Seen: 5.1 leaves the last two
 * pictures of a list encrypted.) */
static void
make_sampled (const char *folder)
{
  make (folder, "-f hls -hls_time 1 -hls_list_size 0 -hls_segment_filename s%d.ts own.m3u8");
  for (guint i = 0; i < SEGMENTS; i++) {
    g_autofree char *name = g_strdup_printf ("s%u.ts", i);
    g_autoptr (GByteArray) plain = g_byte_array_new ();
    append_file (plain, folder, name);
    g_autoptr (GByteArray) sampled = sample_aes_encrypt (plain->data, plain->len, key, iv);
    set_file (folder, name, sampled->data, sampled->len);
  }
  set_file (folder, "key.bin", key, sizeof key);
  make_list (folder, "live.m3u8", KEY_LINE, "s#.ts");
  make_list (folder, "whole.m3u8", KEY_LINE, "s#.ts");
  g_autoptr (GByteArray) list = g_byte_array_new ();
  append_file (list, folder, "whole.m3u8");
  g_byte_array_append (list, (const guint8 *)"#EXT-X-ENDLIST\n", 15);
  set_file (folder, "whole.m3u8", list->data, list->len);
  g_free (run (folder,
               "ffmpeg -nostdin -v error -allowed_extensions ALL -i whole.m3u8 -t 7 -f null -"));
}

/* Where the n-th box of a type begins in a file, its length if there is none. */
static gsize
find_top_box (const GByteArray *file, const char *type, guint n)
{
  guint32 size;

  for (gsize at = 0; at + 8 <= file->len; at += GUINT32_FROM_BE (size)) {
    memcpy (&size, file->data + at, 4);
    if (memcmp (file->data + at + 4, type, 4) == 0 && n-- == 0)
      return at;
  }
  return file->len;
}

/* SAMPLE-AES in fragments. ffmpeg, which is told the key, plays it, too. (Seen: 5.1 takes the wrong
 * ranges for the sound of a file with several fragments.) */
static void
make_sampled_fragments (const char *folder)
{
  g_autoptr (GByteArray) plain = g_byte_array_new ();

  make (folder, "-movflags frag_keyframe+empty_moov+default_base_moof own.mp4");
  append_file (plain, folder, "own.mp4");
  g_autoptr (GByteArray) file = cbcs_encrypt (plain->data, plain->len, key, iv);
  set_file (folder, "key.bin", key, sizeof key);
  set_file (folder, "init.mp4", file->data, find_top_box (file, "moof", 0));
  set_file (folder, "first.mp4", file->data, find_top_box (file, "moof", 1));
  g_free (run (folder,
               "ffmpeg -nostdin -v error -decryption_key 7369787465656e206279746573206974 "
               "-i first.mp4 -map 0 -f null -"));
  for (guint i = 0; i < SEGMENTS; i++) {
    g_autofree char *name = g_strdup_printf ("s%u.m4s", i);
    gsize from = find_top_box (file, "moof", i), to = find_top_box (file, "moof", i + 1);
    set_file (folder, name, file->data + from, to - from);
  }
  make_list (folder, "live.m3u8", KEY_LINE MAP ("init.mp4"), "s#.m4s");
}

static void
make_kind (const char *folder, const char *kind)
{
  if (strcmp (kind, "fmp4") == 0) {
    make (folder,
          "-f hls -hls_time 1 -hls_list_size 0 -hls_segment_type fmp4 "
          "-hls_fmp4_init_filename init.mp4 -hls_segment_filename s%d.m4s own.m3u8");
    make_list (folder, "live.m3u8", MAP ("init.mp4"), "s#.m4s");
    return;
  }
  if (strcmp (kind, "fmp4-sampled") == 0) {
    make_sampled_fragments (folder);
    return;
  }
  if (strcmp (kind, "sampled") == 0) {
    make_sampled (folder);
    return;
  }
  make_master (folder);
  if (strcmp (kind, "fmp4-apart") == 0) {
    make (folder,
          "-map 0 -f hls -hls_time 1 -hls_list_size 0 -hls_segment_type fmp4 "
          "-hls_fmp4_init_filename vi.mp4 -hls_segment_filename v%d.m4s v.m3u8 "
          "-map 1 -c:a aac -output_ts_offset 100 -t 8 -f hls -hls_time 1 -hls_list_size 0 "
          "-hls_segment_type fmp4 -hls_fmp4_init_filename ai.mp4 -hls_segment_filename a%d.m4s "
          "a.m3u8");
    make_list (folder, "video.m3u8", MAP ("vi.mp4"), "v#.m4s");
    make_list (folder, "audio.m3u8", MAP ("ai.mp4"), "a#.m4s");
    return;
  }
  make (folder, "-map 0 -f hls -hls_time 1 -hls_list_size 0 -hls_segment_filename v%d.ts v.m3u8");
  make_packed_audio (folder);
  make_list (folder, "video.m3u8", "", "v#.ts");
  make_list (folder, "audio.m3u8", "", "a#.aac");
}

static void
script (ScriptPeer *peer, gpointer folder)
{
  g_autofree char *name = g_path_get_basename (script_peer_target (peer));
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *data = NULL;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, NULL)) {
    script_say (peer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  script_say (peer, OK "Content-Length: %zu\r\n\r\n", length);
  script_send (peer, data, length);
}

/* Our children's arguments, which everybody on the machine can read. */
static void
assert_no_secret_in_arguments (guint children)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  g_autofree char *parent = g_strdup_printf ("\nPPid:\t%d\n", (int)getpid ());
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *status_path = g_build_filename ("/proc", name, "status", NULL);
    g_autofree char *line_path = g_build_filename ("/proc", name, "cmdline", NULL);
    g_autofree char *status = NULL, *line = NULL;
    gsize length;
    if (!g_ascii_isdigit (*name) || !g_file_get_contents (status_path, &status, NULL, NULL) ||
        !strstr (status, parent) || !g_file_get_contents (line_path, &line, &length, NULL))
      continue;
    n++;
    g_assert_null (memmem (line, length, "secret", 6));
    g_assert_null (memmem (line, length, "127.0.0.1", 9));
  }
  g_assert_cmpuint (n, ==, children);
}

static void
read_all (int fd, GByteArray *out)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
  guint8 buffer[65536];
  ssize_t n = 1;

  while (n > 0) {
    g_assert_cmpint (poll (&poll_fd, 1, 20000), ==, 1);
    n = recv (fd, buffer, sizeof buffer, 0);
    g_assert_cmpint (n, >=, 0);
    g_byte_array_append (out, buffer, (guint)n);
  }
}

/* Decodes without a word, and pictures and sound begin together. */
static void
assert_plays (const char *folder, const GByteArray *data, double from_s)
{
  g_autofree char *path = g_build_filename (folder, "out.ts", NULL);
  double video = 0, audio = 0;
  gsize whole = data->len - data->len % PACKET_BYTES;

  g_assert_cmpuint (whole, >, 100 * PACKET_BYTES);
  g_assert_true (g_file_set_contents (path, (const char *)data->data, (gssize)whole, NULL));
  g_free (run (folder, "ffmpeg -nostdin -v error -i out.ts -map 0 -f null -"));
  g_autofree char *starts = run (folder,
                                 "ffprobe -v error -show_entries stream=codec_type,start_time "
                                 "-of csv=p=0 out.ts");
  g_test_message ("%s (%zu packets)", starts, whole / PACKET_BYTES);
  const char *v = strstr (starts, "video,"), *a = strstr (starts, "audio,");
  g_assert_true (v && a);
  video = g_ascii_strtod (v + 6, NULL);
  audio = g_ascii_strtod (a + 6, NULL);
  g_assert_cmpfloat (video, >, from_s);
  g_assert_cmpfloat (ABS (video - audio), <, 0.3);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (folder);
}

static void
test_kind (gconstpointer kind)
{
  static const ForgeDialOptions options = { .user_agent = "VLC",
                                            .verify_tls = TRUE,
                                            .connect_timeout_ms = 2000,
                                            .first_byte_timeout_ms = 3000 };
  g_autofree char *program = ffmpeg ();
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  if (!program)
    return;
  g_autofree char *folder = g_dir_make_tmp ("streamforge-remux-XXXXXX", NULL);
  make_kind (folder, kind);
  g_autoptr (ScriptServer) server = script_server_new (script, folder, SCRIPT_PLAIN);
  ForgeHlsPool *pool = forge_hls_pool_new ();
  g_autofree char *url = script_server_url (server, "/live/user/secret/live.m3u8");
  gint64 begun_us = g_get_monotonic_time ();
  forge_hls_open (pool, url, &options, &dial, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("open after %" G_GINT64_FORMAT " ms",
                  (g_get_monotonic_time () - begun_us) / 1000);
  assert_no_secret_in_arguments (strcmp (kind, "sampled") == 0 ? 0 : 1);
  read_all (dial.bytes.fd, data);
  forge_dial_clear (&dial);
  forge_hls_pool_free (pool);
  /* killed and waited for */
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  /* ffmpeg's own fragments begin at 0, whatever it is told. */
  assert_plays (folder, data, strcmp (kind, "fmp4-sampled") == 0 ? 0 : 99);
  remove_folder (folder);
}

/* Closing the stream ends what remuxes it, though more would come. */
static void
test_killed_with_the_stream (void)
{
  static const ForgeDialOptions options = { .user_agent = "VLC",
                                            .verify_tls = TRUE,
                                            .connect_timeout_ms = 2000,
                                            .first_byte_timeout_ms = 3000 };
  g_autofree char *program = ffmpeg ();
  g_auto (ForgeDial) dial = { .bytes.fd = -1 };
  g_autoptr (GError) error = NULL;

  if (!program)
    return;
  g_autofree char *folder = g_dir_make_tmp ("streamforge-remux-XXXXXX", NULL);
  make_kind (folder, "fmp4");
  g_autoptr (ScriptServer) server = script_server_new (script, folder, SCRIPT_PLAIN);
  ForgeHlsPool *pool = forge_hls_pool_new ();
  g_autofree char *url = script_server_url (server, "/live/user/secret/live.m3u8");
  forge_hls_open (pool, url, &options, &dial, NULL, &error);
  g_assert_no_error (error);
  assert_no_secret_in_arguments (1);
  forge_dial_clear (&dial);
  while (forge_hls_pool_running (pool) > 0)
    g_usleep (1000);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  forge_hls_pool_free (pool);
  remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/net/remux/fragments", "fmp4", test_kind);
  g_test_add_data_func ("/net/remux/fragments-with-sound-apart", "fmp4-apart", test_kind);
  g_test_add_data_func ("/net/remux/encrypted-fragments", "fmp4-sampled", test_kind);
  g_test_add_data_func ("/net/remux/packets-with-packed-sound", "packed", test_kind);
  g_test_add_func ("/net/remux/killed-with-the-stream", test_killed_with_the_stream);
  g_test_add_data_func ("/net/hls-sample/encrypted-samples", "sampled", test_kind);
  return g_test_run ();
}
