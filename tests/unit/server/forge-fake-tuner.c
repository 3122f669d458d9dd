/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-tuner.h"

#include "base/forge-error.h"
#include "guide/forge-guide-write.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

ForgeTuner *
fake_tuner_cast (FakeTuner *fake)
{
  return (ForgeTuner *)(void *)fake;
}

ForgeStorePool *
fake_stores_cast (FakeStores *fake)
{
  return (ForgeStorePool *)(void *)fake;
}

void
forge_tuner_tune (ForgeTuner *tuner, ForgeChannel *channel, const ForgeTuneRequest *request)
{
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\nTS";
  FakeTuner *fake = (FakeTuner *)(void *)tuner;

  fake->channel_id = channel->id;
  fake->duration_s = request->duration_s;
  fake->start_s = request->start_s;
  fake->wanted_tuner = request->wanted_tuner;
  g_strlcpy (fake->address, request->address, sizeof fake->address);
  g_strlcpy (fake->user_agent,
             request->user_agent ? request->user_agent : "",
             sizeof fake->user_agent);
  fake->tunes++;
  g_assert_cmpint (send (request->fd, answer, strlen (answer), MSG_NOSIGNAL), >, 0);
  close (request->fd);
  ForgeSeat seat = request->seat;
  forge_seat_leave (&seat);
}

GPtrArray *
forge_tuner_list_sessions (ForgeTuner *tuner)
{
  FakeTuner *fake = (FakeTuner *)(void *)tuner;

  return fake->sessions ? g_ptr_array_ref (fake->sessions) : g_ptr_array_new ();
}

void
forge_tuner_count (ForgeTuner *tuner, int *total, int *used)
{
  *total = ((FakeTuner *)(void *)tuner)->total;
  *used = 0;
}

ForgeStore *
forge_store_pool_take (ForgeStorePool *pool, GError **error)
{
  FakeStores *fake = (FakeStores *)(void *)pool;

  if (fake->is_broken) {
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_STORAGE, "broken");
    return NULL;
  }
  fake->taken++;
  return (ForgeStore *)(void *)fake;
}

void
forge_store_pool_give (ForgeStorePool *pool, ForgeStore *store)
{
  ((FakeStores *)(void *)pool)->taken--;
}

gboolean
forge_guide_write (ForgeStore *store,
                   const ForgeLineup *lineup,
                   const ForgeGuideWriteOptions *options,
                   ForgeGuideWriteFunc write,
                   gpointer user_data,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autofree char *text =
      g_strdup_printf ("<?xml version=\"1.0\"?><tv base=\"%s\" channels=\"%u\" days=\"%d\">",
                       options->base_url,
                       forge_lineup_size (lineup),
                       options->days);

  ((FakeStores *)(void *)store)->written++;
  if (!write (text, strlen (text), user_data, error))
    return FALSE;
  for (int i = 0; i < 20000; i++)
    if (!write ("<programme/>\n", 13, user_data, error))
      return FALSE;
  return write ("</tv>", 5, user_data, error);
}
