/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-hdhr.h"
#include "server/discovery/forge-hdhr-messages.h"

#include <string.h>

#define DEVICE_ID 0x1040ABC5u

static gboolean
is_for_us (const char *hex)
{
  g_autoptr (GByteArray) bytes = test_unhex (hex);
  /* Copied, so that sanitizers see a read beyond the end. */
  g_autofree guint8 *exact = g_memdup2 (bytes->data, bytes->len);

  return forge_hdhr_discover_is_for (exact, bytes->len, DEVICE_ID);
}

static gboolean
is_payload_for_us (guint type, const char *payload_hex)
{
  g_autoptr (GByteArray) frame = test_frame (type, payload_hex);
  g_autofree char *hex = test_hex (frame->data, frame->len);

  return is_for_us (hex);
}

/* Complete datagrams of real clients. */
static void
test_requests_of_real_clients (void)
{
  /* libhdhomerun up to 2022, Jellyfin */
  g_assert_true (is_for_us ("0002000c 0104ffffffff 0204ffffffff 73cc7d8f"));
  /* Kodi, Tvheadend */
  g_assert_true (is_for_us ("0002000c 010400000001 0204ffffffff 4e507f35"));
  /* libhdhomerun from 2022-10: no id at all */
  g_assert_true (is_for_us ("00020006 0104ffffffff 4c20cb4e"));
  /* apps from 2023: a list of types */
  g_assert_true (is_for_us ("0002000a 2d080000000100000005 4f63391f"));
  /* one device by its id */
  g_assert_true (is_for_us ("0002000c 0104ffffffff 02041040abc5 d265b8d7"));
}

static void
test_shapes_of_requests (void)
{
  g_assert_true (is_payload_for_us (2, ""));
  g_assert_true (is_payload_for_us (2, "02041040abc5"));
  g_assert_true (is_payload_for_us (2, "2d04ffffffff"));
  g_assert_true (is_payload_for_us (2, "2d0800000005ffffffff"));
  g_assert_true (is_payload_for_us (2, "9903aabbcc 010400000001"));
  g_assert_true (is_payload_for_us (2,
                                    "010400000001 998001"
                                    "00000000000000000000000000000000"
                                    "00000000000000000000000000000000"
                                    "00000000000000000000000000000000"
                                    "00000000000000000000000000000000"
                                    "00000000000000000000000000000000"
                                    "00000000000000000000000000000000"
                                    "00000000000000000000000000000000"
                                    "00000000000000000000000000000000"));
  /* bytes after the frame */
  g_assert_true (is_for_us ("00020006 0104ffffffff 4c20cb4e 00ff"));
}

static void
test_requests_that_are_not_for_us (void)
{
  g_assert_false (is_payload_for_us (2, "010400000005"));
  g_assert_false (is_payload_for_us (2, "2d0400000005"));
  g_assert_false (is_payload_for_us (2, "2d00"));
  g_assert_false (is_payload_for_us (2, "0104ffffffff 0204105dead3"));
  g_assert_false (is_payload_for_us (2, "010400000005 02041040abc5"));
  /* replies of other devices and of ourselves, control requests, unknown types */
  g_assert_false (is_payload_for_us (3, "0104ffffffff 0204ffffffff"));
  g_assert_false (is_payload_for_us (4, "0104ffffffff 0204ffffffff"));
  g_assert_false (is_payload_for_us (0x0102, "0104ffffffff"));
}

static void
test_malformed_requests (void)
{
  g_assert_false (is_for_us (""));
  g_assert_false (is_for_us ("0002"));
  g_assert_false (is_for_us ("0002000c 0104ffffffff 0204ffffffff 73cc7d"));
  g_assert_false (is_for_us ("0002000c 0104ffffffff 0204ffffffff 73cc7d8e"));
  g_assert_false (is_for_us ("0002000d 0104ffffffff 0204ffffffff 73cc7d8f"));
  g_assert_false (is_for_us ("0002ffff 0104ffffffff 0204ffffffff 73cc7d8f"));
  /* values that go beyond the end, of the wrong length, without a length */
  g_assert_false (is_payload_for_us (2, "0104ffffff"));
  g_assert_false (is_payload_for_us (2, "0103ffffff"));
  g_assert_false (is_payload_for_us (2, "0205ffffffffff"));
  g_assert_false (is_payload_for_us (2, "2d050000000100"));
  g_assert_false (is_payload_for_us (2, "01"));
  g_assert_false (is_payload_for_us (2, "0184"));
  g_assert_false (is_payload_for_us (2, "99ffff00"));
}

static char *
reply_hex (const ForgeHdhrAnswer *answer)
{
  ForgeHdhrWriter writer;
  gsize length = forge_hdhr_discover_reply (&writer, answer);

  return test_hex (writer.bytes, length);
}

static void
test_reply_of_a_device_with_auth (void)
{
  const ForgeHdhrAnswer answer = { .device_id = DEVICE_ID,
                                   .tuner_count = 4,
                                   .base_url = "http://192.168.1.50:5004",
                                   .device_auth = "AbCdEfGhIjKlMnOpQrStUvWx" };
  g_autofree char *hex = reply_hex (&answer);

  g_assert_cmpstr (
      hex,
      ==,
      "0003006901040000000102041040abc52b184162436445664768496a4b6c4d6e4f70517253745576"
      "57782a18687474703a2f2f3139322e3136382e312e35303a353030341001042724687474703a2f2f"
      "3139322e3136382e312e35303a353030342f6c696e6575702e6a736f6e7c75bc31");
}

static void
test_reply_without_auth (void)
{
  const ForgeHdhrAnswer answer = { .device_id = DEVICE_ID,
                                   .tuner_count = 4,
                                   .base_url = "http://192.168.1.50:5004" };
  g_autoptr (GByteArray) want = test_frame (
      3,
      "0104 00000001 0204 1040abc5 2a18 687474703a2f2f3139322e3136382e312e35303a35303034 1001 04"
      "2724 687474703a2f2f3139322e3136382e312e35303a353030342f6c696e6575702e6a736f6e");
  g_autofree char *want_hex = test_hex (want->data, want->len);
  g_autofree char *hex = reply_hex (&answer);

  g_assert_cmpstr (hex, ==, want_hex);
}

static void
test_tuner_count_fits_its_byte (void)
{
  ForgeHdhrAnswer answer = { .device_id = DEVICE_ID,
                             .tuner_count = 0,
                             .base_url = "http://10.0.0.1:1" };
  g_autofree char *none = reply_hex (&answer);
  g_assert_nonnull (strstr (none, "100101"));
  answer.tuner_count = 1000;
  g_autofree char *many = reply_hex (&answer);
  g_assert_nonnull (strstr (many, "1001ff"));
}

static void
check_length (gsize length, const char *want_hex)
{
  g_autofree guint8 *value = g_malloc0 (length + 1);
  ForgeHdhrWriter writer;
  ForgeHdhrFrame frame;
  ForgeHdhrReader reader;
  ForgeHdhrTag tag;

  forge_hdhr_writer_begin (&writer, FORGE_HDHR_GETSET_REPLY);
  forge_hdhr_writer_add (&writer, FORGE_HDHR_TAG_VALUE, value, length);
  gsize bytes = forge_hdhr_writer_end (&writer);
  g_assert_cmpuint (bytes, >, 0);
  g_autofree char *hex = test_hex (writer.bytes + 5, strlen (want_hex) / 2);
  g_assert_cmpstr (hex, ==, want_hex);

  g_assert_cmpint (forge_hdhr_frame_parse (writer.bytes, bytes, &frame),
                   ==,
                   FORGE_HDHR_FRAME_COMPLETE);
  g_assert_cmpuint (frame.frame_bytes, ==, bytes);
  forge_hdhr_reader_init (&reader, &frame);
  g_assert_true (forge_hdhr_reader_next (&reader, &tag));
  g_assert_cmpuint (tag.value_bytes, ==, length);
  g_assert_false (forge_hdhr_reader_next (&reader, &tag));
  g_assert_false (reader.is_broken);
}

static void
test_lengths_of_one_and_two_bytes (void)
{
  check_length (0, "00");
  check_length (127, "7f");
  check_length (128, "8001");
  check_length (183, "b701");
  check_length (300, "ac02");
  check_length (FORGE_HDHR_MAX_PAYLOAD_BYTES - 3, "a90b");
}

static void
test_what_does_not_fit_voids_the_frame (void)
{
  guint8 value[FORGE_HDHR_MAX_PAYLOAD_BYTES] = { 0 };
  ForgeHdhrWriter writer;

  forge_hdhr_writer_begin (&writer, FORGE_HDHR_GETSET_REPLY);
  forge_hdhr_writer_add (&writer, FORGE_HDHR_TAG_VALUE, value, sizeof value - 2);
  forge_hdhr_writer_add_u8 (&writer, FORGE_HDHR_TAG_TUNER_COUNT, 1);
  g_assert_cmpuint (forge_hdhr_writer_end (&writer), ==, 0);
}

static void
test_a_frame_in_pieces_is_partial_until_its_end (void)
{
  g_autoptr (GByteArray) whole = test_unhex ("0004000d030b2f7379732f6d6f64656c008f5b54b5");
  ForgeHdhrFrame frame;

  for (guint length = 0; length < whole->len; length++) {
    g_autofree guint8 *piece = g_memdup2 (whole->data, MAX (length, 1));
    g_assert_cmpint (forge_hdhr_frame_parse (piece, length, &frame), ==, FORGE_HDHR_FRAME_PARTIAL);
  }
  g_assert_cmpint (forge_hdhr_frame_parse (whole->data, whole->len, &frame),
                   ==,
                   FORGE_HDHR_FRAME_COMPLETE);
  g_assert_cmpuint (frame.type, ==, FORGE_HDHR_GETSET_REQUEST);
  g_assert_cmpuint (frame.payload_bytes, ==, 13);
  whole->data[7] ^= 1;
  g_assert_cmpint (forge_hdhr_frame_parse (whole->data, whole->len, &frame),
                   ==,
                   FORGE_HDHR_FRAME_BROKEN);
}

/* The head alone says that more must not be waited for. */
static void
test_too_long_a_frame_is_refused_by_its_head (void)
{
  static const guint8 longest[] = { 0,
                                    4,
                                    FORGE_HDHR_MAX_PAYLOAD_BYTES >> 8,
                                    FORGE_HDHR_MAX_PAYLOAD_BYTES & 0xff };
  static const guint8 longer[] = { 0,
                                   4,
                                   (FORGE_HDHR_MAX_PAYLOAD_BYTES + 1) >> 8,
                                   (FORGE_HDHR_MAX_PAYLOAD_BYTES + 1) & 0xff };
  ForgeHdhrFrame frame;

  g_assert_cmpint (forge_hdhr_frame_parse (longest, 4, &frame), ==, FORGE_HDHR_FRAME_PARTIAL);
  g_assert_cmpint (forge_hdhr_frame_parse (longer, 4, &frame), ==, FORGE_HDHR_FRAME_BROKEN);
}

static gboolean
parse_getset (const char *payload_hex, ForgeHdhrGetset *request)
{
  g_autoptr (GByteArray) bytes = test_frame (4, payload_hex);
  ForgeHdhrFrame frame;

  g_assert_cmpint (forge_hdhr_frame_parse (bytes->data, bytes->len, &frame),
                   ==,
                   FORGE_HDHR_FRAME_COMPLETE);
  return forge_hdhr_getset_parse (&frame, request);
}

static void
test_getset_requests (void)
{
  ForgeHdhrGetset request;

  g_assert_true (parse_getset ("03032f6100", &request));
  g_assert_cmpstr (request.name, ==, "/a");
  g_assert_false (request.is_set);
  g_assert_cmpuint (request.lock_key, ==, 0);
  /* without the NUL, and with more after it */
  g_assert_true (parse_getset ("03022f61", &request));
  g_assert_cmpstr (request.name, ==, "/a");
  g_assert_true (parse_getset ("03062f6100626300", &request));
  g_assert_cmpstr (request.name, ==, "/a");
  /* a value makes it a set, even an empty one; any order */
  g_assert_true (parse_getset ("0400 03032f6100", &request));
  g_assert_true (request.is_set);
  g_assert_cmpstr (request.value, ==, "");
  g_assert_true (parse_getset ("03032f6100 04056e6f6e6500 1504deadbeef 7700", &request));
  g_assert_cmpstr (request.value, ==, "none");
  g_assert_cmphex (request.lock_key, ==, 0xdeadbeef);
}

static char *
hex_of_blanks (gsize n)
{
  g_autofree char *blanks = g_strnfill (n, ' ');

  return test_hex (blanks, n);
}

static void
test_getset_requests_that_are_none (void)
{
  g_autofree char *longest = hex_of_blanks (FORGE_HDHR_MAX_NAME_BYTES);
  g_autofree char *too_long = hex_of_blanks (FORGE_HDHR_MAX_NAME_BYTES + 1);
  g_autofree char *fits = g_strconcat ("037f", longest, NULL);
  g_autofree char *is_too_long = g_strconcat ("038001", too_long, NULL);
  ForgeHdhrGetset request;

  g_assert_false (parse_getset ("", &request));
  g_assert_false (parse_getset ("0300", &request));
  g_assert_false (parse_getset ("030100", &request));
  g_assert_false (parse_getset ("04026100", &request));
  g_assert_false (parse_getset ("03032f6100 15021234", &request));
  g_assert_false (parse_getset ("03092f6100", &request));
  g_assert_true (parse_getset (fits, &request));
  g_assert_false (parse_getset (is_too_long, &request));
}

static void
test_getset_replies (void)
{
  ForgeHdhrWriter writer;
  gsize length = forge_hdhr_getset_reply (&writer, "/sys/model", FALSE, "hdhomerun5_atsc");
  g_autofree char *value = test_hex (writer.bytes, length);
  g_assert_cmpstr (value,
                   ==,
                   "0005001f030b2f7379732f6d6f64656c0004106864686f6d6572756e355f6174736300"
                   "1e5fd121");

  length = forge_hdhr_getset_reply (&writer, "/foo", TRUE, "ERROR: unknown getset variable");
  g_autofree char *error = test_hex (writer.bytes, length);
  g_assert_cmpstr (error,
                   ==,
                   "0005002803052f666f6f00051f4552524f523a20756e6b6e6f776e206765747365742076617269"
                   "61626c650024c61f8e");
}

/* Whatever comes, nothing is read beyond it (sanitizers watch) and nothing random is believed. */
static void
test_noise_is_never_for_us (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (65001);
  guint8 bytes[64];

  for (guint i = 0; i < 50000; i++) {
    gsize length = (gsize)g_rand_int_range (random, 0, sizeof bytes);
    for (gsize at = 0; at < length; at++)
      bytes[at] = (guint8)g_rand_int (random);
    if (length > 4) {
      bytes[0] = 0;
      bytes[1] = 2;
      bytes[2] = 0;
    }
    g_autofree guint8 *exact = g_memdup2 (bytes, MAX (length, 1));
    g_assert_false (forge_hdhr_discover_is_for (exact, length, DEVICE_ID));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/hdhr-packet/requests-of-real-clients", test_requests_of_real_clients);
  g_test_add_func ("/server/hdhr-packet/shapes-of-requests", test_shapes_of_requests);
  g_test_add_func ("/server/hdhr-packet/requests-that-are-not-for-us",
                   test_requests_that_are_not_for_us);
  g_test_add_func ("/server/hdhr-packet/malformed-requests", test_malformed_requests);
  g_test_add_func ("/server/hdhr-packet/reply-of-a-device-with-auth",
                   test_reply_of_a_device_with_auth);
  g_test_add_func ("/server/hdhr-packet/reply-without-auth", test_reply_without_auth);
  g_test_add_func ("/server/hdhr-packet/tuner-count-fits-its-byte", test_tuner_count_fits_its_byte);
  g_test_add_func ("/server/hdhr-packet/lengths-of-one-and-two-bytes",
                   test_lengths_of_one_and_two_bytes);
  g_test_add_func ("/server/hdhr-packet/what-does-not-fit-voids-the-frame",
                   test_what_does_not_fit_voids_the_frame);
  g_test_add_func ("/server/hdhr-packet/a-frame-in-pieces-is-partial-until-its-end",
                   test_a_frame_in_pieces_is_partial_until_its_end);
  g_test_add_func ("/server/hdhr-packet/too-long-a-frame-is-refused-by-its-head",
                   test_too_long_a_frame_is_refused_by_its_head);
  g_test_add_func ("/server/hdhr-packet/getset-requests", test_getset_requests);
  g_test_add_func ("/server/hdhr-packet/getset-requests-that-are-none",
                   test_getset_requests_that_are_none);
  g_test_add_func ("/server/hdhr-packet/getset-replies", test_getset_replies);
  g_test_add_func ("/server/hdhr-packet/noise-is-never-for-us", test_noise_is_never_for_us);
  return g_test_run ();
}
