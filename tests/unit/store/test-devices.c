/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-devices.h"

static ForgeDevice *
make_device (const char *name, const char *device_id, guint port)
{
  ForgeDevice *device = forge_device_new ();

  device->name = g_strdup (name);
  device->device_id = g_strdup (device_id);
  device->uuid = g_uuid_string_random ();
  device->port = port;
  return device;
}

static ForgeDevice *
read_device (ForgeStore *store, gint64 id)
{
  g_autoptr (GPtrArray) devices = forge_store_list_devices (store, NULL);

  for (guint i = 0; i < devices->len; i++) {
    ForgeDevice *device = g_ptr_array_index (devices, i);
    if (device->id == id)
      return forge_device_ref (device);
  }
  return NULL;
}

static void
test_the_first_device_is_there_and_stays (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDevice) first = read_device (fixture->store, FORGE_DEVICE_MAIN);
  g_autoptr (ForgeDevice) changed = forge_device_copy (first);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (first);
  g_assert_cmpint (first->filter, ==, FORGE_DEVICE_ALL);
  g_assert_false (forge_store_remove_device (fixture->store, FORGE_DEVICE_MAIN, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  changed->limit = 480;
  g_assert_true (forge_store_update_device (fixture->store, changed, NULL));
  g_autoptr (ForgeDevice) read = read_device (fixture->store, FORGE_DEVICE_MAIN);
  g_assert_cmpuint (read->limit, ==, 480);
}

static void
test_what_is_stored_is_read (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDevice) device = make_device ("Plex", "1040ABC5", 5005);
  g_autoptr (GError) error = NULL;

  device->filter = FORGE_DEVICE_GROUPS;
  device->groups = g_strsplit ("UK | News;Sport=Live", ";", -1);
  device->limit = 480;
  device->enabled = FALSE;
  gint64 id = forge_store_add_device (fixture->store, device, &error);
  g_assert_no_error (error);
  g_autoptr (ForgeDevice) read = read_device (fixture->store, id);
  g_assert_cmpstr (read->name, ==, "Plex");
  g_assert_cmpstr (read->device_id, ==, "1040ABC5");
  g_assert_cmpstr (read->uuid, ==, device->uuid);
  g_assert_cmpuint (read->port, ==, 5005);
  g_assert_cmpstr (read->groups[1], ==, "Sport=Live");
  g_assert_null (read->groups[2]);
  g_assert_cmpuint (read->limit, ==, 480);
  g_assert_false (read->enabled);
  g_assert_true (forge_store_remove_device (fixture->store, id, NULL));
  g_assert_null (read_device (fixture->store, id));
  g_assert_false (forge_store_remove_device (fixture->store, id, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
test_two_cannot_have_one_port (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDevice) one = make_device ("One", "1040ABC5", 5005);
  g_autoptr (ForgeDevice) same_port = make_device ("Two", "105DEAD3", 5005);
  g_autoptr (ForgeDevice) same_id = make_device ("Three", "1040ABC5", 5006);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (forge_store_add_device (fixture->store, one, NULL), >, 1);
  g_assert_cmpint (forge_store_add_device (fixture->store, same_port, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "One"));
  g_clear_error (&error);
  g_assert_cmpint (forge_store_add_device (fixture->store, same_id, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_there_are_so_many_at_most (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i <= FORGE_MAX_DEVICES; i++) {
    g_autofree char *name = g_strdup_printf ("Device %u", i);
    g_autofree char *id = g_strdup_printf ("%08X", i);
    g_autoptr (ForgeDevice) device = make_device (name, id, 6000 + i);
    gboolean has_room = i < FORGE_MAX_DEVICES; /* the first one counts */
    g_assert_true ((forge_store_add_device (fixture->store, device, &error) > 0) == has_room);
  }
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_LIMIT);
}

static gboolean
is_starred (ForgeStore *store, gint64 id)
{
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (store, id, NULL);

  return channel->favorite;
}

static void
test_stars_of_channels (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Home");
  g_autoptr (GError) error = NULL;

  fixture_set_streams (fixture->store, account, "1:News", "2:Sport");
  fixture_run (fixture->store, account, "guide:news=1", "guide:sport=2");
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (fixture->store, FORGE_CHANNELS_ALL, NULL, NULL);
  gint64 first = ((ForgeChannel *)g_ptr_array_index (channels, 0))->id;
  gint64 second = ((ForgeChannel *)g_ptr_array_index (channels, 1))->id;
  g_assert_false (is_starred (fixture->store, first));
  g_assert_true (forge_store_set_favorite (fixture->store, first, TRUE, NULL));
  g_assert_true (forge_store_set_favorite (fixture->store, first, TRUE, NULL));
  g_assert_true (is_starred (fixture->store, first));
  g_assert_false (is_starred (fixture->store, second));
  fixture_run (fixture->store, account, "guide:news=1", "guide:sport=2");
  g_assert_true (is_starred (fixture->store, first));
  g_assert_true (forge_store_set_favorite (fixture->store, first, FALSE, NULL));
  g_assert_false (is_starred (fixture->store, first));
  g_assert_false (forge_store_set_favorite (fixture->store, 4711, TRUE, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)               \
  g_test_add ("/store/devices/" name, \
              StoreFixture,           \
              NULL,                   \
              store_fixture_set_up,   \
              func,                   \
              store_fixture_tear_down)
  ADD ("the-first-device-is-there-and-stays", test_the_first_device_is_there_and_stays);
  ADD ("what-is-stored-is-read", test_what_is_stored_is_read);
  ADD ("two-cannot-have-one-port", test_two_cannot_have_one_port);
  ADD ("there-are-so-many-at-most", test_there_are_so_many_at_most);
  ADD ("stars-of-channels", test_stars_of_channels);
  return g_test_run ();
}
