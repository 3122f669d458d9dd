/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-accounts.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-misc.h"
#include "store/forge-store-streams.h"

G_BEGIN_DECLS

#define NOW_S 1700000000
#define DAY_S 86400

/* A database in a folder of its own. */
typedef struct {
  char *folder;
  char *path;
  ForgeStore *store;
} StoreFixture;

void store_fixture_set_up (StoreFixture *fixture, gconstpointer unused);
void store_fixture_tear_down (StoreFixture *fixture, gconstpointer unused);
void store_fixture_remove_folder (const char *folder);

gint64 fixture_add_account (ForgeStore *store, const char *name);
/* Replaces the account's live list by streams with these names; remote ids come from the text
 * before the colon: "7:UK| News HD". NULL-terminated. Returns the plan. */
ForgeStreamPlan fixture_set_streams_at (ForgeStore *store,
                                        gint64 account_id,
                                        gint64 now_s,
                                        const char *const *streams);
#define fixture_set_streams(store, account_id, ...) \
  fixture_set_streams_at (store, account_id, NOW_S, (const char *const[]){ __VA_ARGS__, NULL })
/* Our id of the account's stream, 0 = none. */
gint64 fixture_stream_id (ForgeStore *store, gint64 account_id, gint64 remote_id);

/* One automatic run at `now_s`: "key=remote id,remote id" per channel, with the streams of
 * `account_id` as matches; a leading "-" leaves the channel off. */
void
fixture_run_at (ForgeStore *store, gint64 account_id, gint64 now_s, const char *const *channels);
#define fixture_run(store, account_id, ...) \
  fixture_run_at (store, account_id, NOW_S, (const char *const[]){ __VA_ARGS__, NULL })

/* "number:name" of the channels that the filter lists, separated by spaces. */
char *fixture_lineup (ForgeStore *store, ForgeChannelFilter filter);
/* The id of the channel with that effective name among all, 0 = none. */
gint64 fixture_channel_id (ForgeStore *store, const char *name);
/* The names of the channel's candidates in order, separated by spaces. */
char *fixture_candidates (ForgeStore *store, gint64 channel_id);

G_END_DECLS
