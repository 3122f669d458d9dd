/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-device-id.h"

static void
test_known_ids (void)
{
  /* Checked against libhdhomerun: facts hdhomerun.md §1.7. */
  static const guint32 valid[] = { 0x1040ABC5, 0x105DEAD3, 0x1080123D, 0x10A1B2C7, 0x10439EFD };
  static const guint32 invalid[] = { 0x12345678, 0x107ABCDF, 0xCAFE0001, 0, 0xFFFFFFFF };

  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    g_assert_true (forge_device_id_is_valid (valid[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (invalid); i++)
    g_assert_false (forge_device_id_is_valid (invalid[i]));
}

static void
test_every_made_id_is_valid (void)
{
  for (guint entropy = 0; entropy <= G_MAXUINT16; entropy++) {
    guint32 id = forge_device_id_make ((guint16)entropy);
    g_assert_true (forge_device_id_is_valid (id));
    g_assert_cmphex (id >> 20, ==, 0x105);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/device-id/known-ids", test_known_ids);
  g_test_add_func ("/model/device-id/every-made-id-is-valid", test_every_made_id_is_valid);
  return g_test_run ();
}
