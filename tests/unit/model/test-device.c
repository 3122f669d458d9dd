/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-device.h"

static ForgeLineup *
make_lineup (void)
{
  static const char *const groups[] = { "News", "Sport", NULL, "News" };
  g_autoptr (GPtrArray) channels =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++) {
    ForgeChannel *channel = forge_channel_new ();
    channel->id = channel->number = (int)i + 1;
    channel->group = g_strdup (groups[i]);
    channel->favorite = i == 2;
    g_ptr_array_add (channels, channel);
  }
  return forge_lineup_new (channels, 7);
}

static char *
picked (const ForgeDevice *device, guint64 *revision)
{
  g_autoptr (ForgeLineup) all = make_lineup ();
  g_autoptr (ForgeLineup) lineup = forge_device_pick (device, all);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < forge_lineup_size (lineup); i++)
    g_string_append_printf (text, "%d", forge_lineup_channel (lineup, i)->number);
  *revision = forge_lineup_revision (lineup);
  return g_string_free (text, FALSE);
}

static void
test_each_filter (void)
{
  static const struct {
    ForgeDeviceFilter filter;
    const char *groups[3];
    guint limit;
    const char *want;
  } cases[] = {
    { FORGE_DEVICE_ALL, { NULL }, 0, "1234" },
    { FORGE_DEVICE_ALL, { NULL }, 2, "12" },
    { FORGE_DEVICE_ALL, { NULL }, 4, "1234" },
    { FORGE_DEVICE_GROUPS, { "News", NULL }, 0, "14" },
    { FORGE_DEVICE_GROUPS, { "Sport", "News", NULL }, 2, "12" },
    { FORGE_DEVICE_GROUPS, { "news", NULL }, 0, "" },
    { FORGE_DEVICE_FAVORITES, { NULL }, 0, "3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (ForgeDevice) device = forge_device_new ();
    guint64 revision;
    device->filter = cases[i].filter;
    device->groups = g_strdupv ((char **)cases[i].groups);
    device->limit = cases[i].limit;
    g_autofree char *numbers = picked (device, &revision);
    g_assert_cmpstr (numbers, ==, cases[i].want);
  }
}

/* Caches of clients depend on it. */
static void
test_another_choice_is_another_revision (void)
{
  g_autoptr (ForgeDevice) device = forge_device_new ();
  guint64 all, two, three;

  g_autofree char *a G_GNUC_UNUSED = picked (device, &all);
  device->limit = 2;
  g_autofree char *b G_GNUC_UNUSED = picked (device, &two);
  device->limit = 3;
  g_autofree char *c G_GNUC_UNUSED = picked (device, &three);
  g_assert_cmpuint (all, ==, 7);
  g_assert_cmpuint (two, !=, all);
  g_assert_cmpuint (three, !=, two);
}

static void
test_a_view_is_found_by_id_and_port (void)
{
  g_autoptr (GPtrArray) views =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_device_view_unref);
  g_autoptr (ForgeLineup) all = make_lineup ();

  for (guint i = 1; i <= 3; i++) {
    g_autoptr (ForgeDevice) device = forge_device_new ();
    device->id = i;
    device->port = 5003 + i;
    device->enabled = i != 3;
    g_ptr_array_add (views, forge_device_view_new (device, all));
  }
  g_assert_cmpint (forge_device_views_find (views, 2)->device->port, ==, 5005);
  g_assert_null (forge_device_views_find (views, 4));
  g_assert_cmpint (forge_device_views_find_port (views, 5004)->device->id, ==, 1);
  g_assert_null (forge_device_views_find_port (views, 5006)); /* off */
  g_assert_null (forge_device_views_find_port (views, 80));
}

static void
test_names_of_filters (void)
{
  ForgeDeviceFilter filter = FORGE_DEVICE_ALL;

  for (int i = FORGE_DEVICE_ALL; i <= FORGE_DEVICE_FAVORITES; i++) {
    g_assert_true (
        forge_device_filter_parse (forge_device_filter_name ((ForgeDeviceFilter)i), &filter));
    g_assert_cmpint ((int)filter, ==, i);
  }
  g_assert_false (forge_device_filter_parse ("All", &filter));
  g_assert_false (forge_device_filter_parse (NULL, &filter));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/device/each-filter", test_each_filter);
  g_test_add_func ("/model/device/another-choice-is-another-revision",
                   test_another_choice_is_another_revision);
  g_test_add_func ("/model/device/a-view-is-found-by-id-and-port",
                   test_a_view_is_found_by_id_and_port);
  g_test_add_func ("/model/device/names-of-filters", test_names_of_filters);
  return g_test_run ();
}
