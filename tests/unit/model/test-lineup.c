/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-account.h"
#include "model/forge-channel.h"

static ForgeChannel *
channel_with (gint64 id, int number)
{
  ForgeChannel *channel = forge_channel_new ();

  channel->id = id;
  channel->number = number;
  channel->guide_id = forge_channel_make_guide_id (id);
  return channel;
}

static void
test_found_by_id_and_number (void)
{
  g_autoptr (GPtrArray) channels =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  g_ptr_array_add (channels, channel_with (7, 101));
  g_ptr_array_add (channels, channel_with (9, 102));
  g_autoptr (ForgeLineup) lineup = forge_lineup_new (channels, 1);

  g_assert_cmpuint (forge_lineup_size (lineup), ==, 2);
  g_assert_cmpint (forge_lineup_find_id (lineup, 9)->number, ==, 102);
  g_assert_cmpint (forge_lineup_find_number (lineup, 101)->id, ==, 7);
  g_assert_null (forge_lineup_find_id (lineup, 101));
  g_assert_cmpstr (forge_lineup_channel (lineup, 0)->guide_id, ==, "C7.streamforge.local");
}

static void
test_best_quality_of_available_streams (void)
{
  g_autoptr (ForgeChannel) channel = channel_with (1, 1);
  g_autoptr (ForgeStream) gone = forge_stream_new ();
  g_autoptr (ForgeStream) sd = forge_stream_new ();
  gone->quality = FORGE_QUALITY_4K;
  gone->available = FALSE;
  sd->quality = FORGE_QUALITY_SD;

  g_assert_cmpint (forge_channel_best_quality (channel), ==, FORGE_QUALITY_UNKNOWN);
  forge_channel_add_candidate (channel, gone, 1, FALSE, FALSE);
  forge_channel_add_candidate (channel, sd, 1, FALSE, FALSE);
  g_assert_cmpint (forge_channel_best_quality (channel), ==, FORGE_QUALITY_SD);
}

static void
test_account_slots (void)
{
  g_autoptr (ForgeAccount) account = forge_account_new ();

  g_assert_cmpint (forge_account_slots (account), ==, 1);
  account->panel_max_connections = 3;
  g_assert_cmpint (forge_account_slots (account), ==, 3);
  account->user_max_connections = 2;
  g_assert_cmpint (forge_account_slots (account), ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/lineup/found-by-id-and-number", test_found_by_id_and_number);
  g_test_add_func ("/model/lineup/best-quality-of-available-streams",
                   test_best_quality_of_available_streams);
  g_test_add_func ("/model/lineup/account-slots", test_account_slots);
  return g_test_run ();
}
