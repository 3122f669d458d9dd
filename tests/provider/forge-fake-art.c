/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-art.h"

#include <string.h>

/* Pictures are drawn when they are asked for: two colours that blend, and a disc. */

typedef struct {
  guint width, height, seed;
} Art;

typedef struct {
  guint8 red, green, blue;
} Color;

static Color
color_of (guint seed)
{
  return (Color){ (guint8)(40 + seed % 150),
                  (guint8)(40 + seed / 150 % 150),
                  (guint8)(60 + seed / 22500 % 150) };
}

static guint8
blend (guint8 from, guint8 to, guint part, guint whole)
{
  return (guint8)(((guint)from * (whole - part) + (guint)to * part) / whole);
}

static gboolean
is_in_disc (const Art *art, guint x, guint y)
{
  gint64 dx = (gint64)x - (gint64)(art->width / 4 + art->seed % (art->width / 2));
  gint64 dy = (gint64)y - (gint64)(art->height / 3);
  gint64 radius = MIN (art->width, art->height) / 5;

  return dx * dx + dy * dy < radius * radius;
}

static void
append_pixel (GByteArray *rows, const Art *art, guint x, guint y)
{
  Color from = color_of (art->seed), to = color_of (art->seed / 7 + 4711);
  guint part = x + y, whole = art->width + art->height;
  guint lift = is_in_disc (art, x, y) ? 40 : 0;
  const guint8 pixel[3] = { (guint8)(blend (from.red, to.red, part, whole) + lift),
                            (guint8)(blend (from.green, to.green, part, whole) + lift),
                            (guint8)(blend (from.blue, to.blue, part, whole) + lift) };

  g_byte_array_append (rows, pixel, sizeof pixel);
}

/* Spec: PNG §7.2, each row with the filter "none". */
static GByteArray *
draw (const Art *art)
{
  GByteArray *rows = g_byte_array_new ();
  const guint8 no_filter = 0;

  for (guint y = 0; y < art->height; y++) {
    g_byte_array_append (rows, &no_filter, 1);
    for (guint x = 0; x < art->width; x++)
      append_pixel (rows, art, x, y);
  }
  return rows;
}

/* Returns: (transfer full). */
static GBytes *
deflate (GByteArray *rows)
{
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 6);
  g_autoptr (GInputStream) plain =
      g_memory_input_stream_new_from_data (rows->data, rows->len, NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, G_CONVERTER (zlib));
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();

  g_output_stream_splice (out, packed, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

/* Spec: PNG §D. */
static guint32
crc_of (const guint8 *data, gsize length)
{
  guint32 crc = 0xffffffffu;

  for (gsize i = 0; i < length; i++) {
    crc ^= data[i];
    for (guint bit = 0; bit < 8; bit++)
      crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
  }
  return crc ^ 0xffffffffu;
}

static void
append_u32 (GByteArray *out, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (out, (const guint8 *)&big, sizeof big);
}

static void
append_chunk (GByteArray *out, const char *type, const guint8 *data, gsize length)
{
  guint start;

  append_u32 (out, (guint32)length);
  start = out->len;
  g_byte_array_append (out, (const guint8 *)type, 4);
  g_byte_array_append (out, data, (guint)length);
  append_u32 (out, crc_of (out->data + start, length + 4));
}

static GByteArray *
make_png (const Art *art)
{
  static const guint8 magic[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  static const guint8 rgb_of_8_bits[] = { 8, 2, 0, 0, 0 };
  GByteArray *png = g_byte_array_new ();
  g_autoptr (GByteArray) head = g_byte_array_new ();
  g_autoptr (GByteArray) rows = draw (art);
  g_autoptr (GBytes) data = deflate (rows);

  append_u32 (head, art->width);
  append_u32 (head, art->height);
  g_byte_array_append (head, rgb_of_8_bits, sizeof rgb_of_8_bits);
  g_byte_array_append (png, magic, sizeof magic);
  append_chunk (png, "IHDR", head->data, head->len);
  append_chunk (png, "IDAT", g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  append_chunk (png, "IEND", (const guint8 *)"", 0);
  return png;
}

char *
forge_fake_art_url (const ForgeFakeProvider *provider, gboolean is_tall, const char *title)
{
  return g_strdup_printf ("%s/art/%s/%u.png",
                          forge_fake_provider_url ((ForgeFakeProvider *)provider),
                          is_tall ? "tall" : "wide",
                          g_str_hash (title));
}

gboolean
forge_fake_art_reply (ForgeFakeConnection *connection,
                      const ForgeFakeRequest *request,
                      const char *shape,
                      const char *name)
{
  gboolean is_tall = g_str_equal (shape, "tall");
  const Art art = { .width = is_tall ? 200 : 320,
                    .height = is_tall ? 300 : 180,
                    .seed = (guint)g_ascii_strtoull (name, NULL, 10) };
  g_autoptr (GByteArray) png = make_png (&art);

  return forge_fake_reply_head (connection, 200, "image/png", png->len, NULL) &&
         (request->is_head || forge_fake_send (connection, (const char *)png->data, png->len));
}
