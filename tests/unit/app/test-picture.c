/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-picture.h"
#include "base/forge-error.h"

#include <string.h>

/* Pictures are chosen by whoever writes a guide. */

static GBytes *
make_png (int width, int height)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  char *data;
  gsize length;

  gdk_pixbuf_fill (pixbuf, 0x336699ff);
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &data, &length, "png", NULL, NULL));
  return g_bytes_new_take (data, length);
}

static void
assert_size (int width, int height, int want_width, int want_height)
{
  g_autoptr (GBytes) png = make_png (width, height);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = forge_picture_decode (png, 268, 201, &error);

  g_assert_no_error (error);
  g_assert_cmpint (gdk_pixbuf_get_width (pixbuf), ==, want_width);
  g_assert_cmpint (gdk_pixbuf_get_height (pixbuf), ==, want_height);
}

static void
test_it_is_made_to_fit (void)
{
  assert_size (536, 402, 268, 201);
  assert_size (1920, 1080, 268, 150);
  assert_size (400, 804, 100, 201);
  assert_size (3000, 1, 268, 1);
  assert_size (100, 50, 100, 50); /* not made larger */
}

static void
assert_refused (GBytes *data, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_picture_decode (data, 268, 201, &error));
  g_assert_error (error, FORGE_ERROR, code);
}

/* A head that claims 60,000 × 60,000 pixels: refused before there is memory for them. */
static void
test_a_bomb_is_refused (void)
{
  g_autoptr (GBytes) small = make_png (8, 8);
  gsize length;
  const guint8 *data = g_bytes_get_data (small, &length);
  g_autofree guint8 *bomb = g_memdup2 (data, length);
  /* IHDR of 60,000 × 60,000, RGB, with its checksum. */
  static const guint8 head[] = { 0x00, 0x00, 0xea, 0x60, 0x00, 0x00, 0xea, 0x60, 0x08,
                                 0x02, 0x00, 0x00, 0x00, 0x0f, 0xb0, 0xe2, 0x15 };

  memcpy (bomb + 16, head, sizeof head);
  g_autoptr (GBytes) bytes = g_bytes_new (bomb, length);
  assert_refused (bytes, FORGE_ERROR_TOO_LARGE);
}

static void
test_rubbish_is_refused (void)
{
  g_autoptr (GBytes) png = make_png (64, 64);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (png, 0, g_bytes_get_size (png) / 2);
  g_autoptr (GBytes) head = g_bytes_new_from_bytes (png, 0, 20);
  g_autoptr (GBytes) page = g_bytes_new_static ("<html></html>", 13);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  /* What is there of a picture may be shown. */
  g_autoptr (GdkPixbuf) part = forge_picture_decode (cut, 268, 201, NULL);
  g_assert_true (!part || gdk_pixbuf_get_width (part) == 64);
  assert_refused (head, FORGE_ERROR_INVALID);
  assert_refused (page, FORGE_ERROR_INVALID);
  assert_refused (nothing, FORGE_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/picture/it-is-made-to-fit", test_it_is_made_to_fit);
  g_test_add_func ("/app/picture/a-bomb-is-refused", test_a_bomb_is_refused);
  g_test_add_func ("/app/picture/rubbish-is-refused", test_rubbish_is_refused);
  return g_test_run ();
}
