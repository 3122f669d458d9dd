/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/* Stands in for tuner, store and guide at link time: the pages only pass things on to them. */
typedef struct {
  int total;
  GPtrArray *sessions; /* of ForgeSessionInfo*; NULL = none */
  /* what forge_tuner_tune () was asked for last; it answers 200 and closes */
  gint64 channel_id;
  guint duration_s;
  gint64 start_s;
  int wanted_tuner;
  char address[64], user_agent[64];
  int tunes;
} FakeTuner;

ForgeTuner *fake_tuner_cast (FakeTuner *fake);

typedef struct {
  gboolean is_broken; /* no connection is to be had */
  int taken;          /* connections that were not given back */
  int written;        /* documents */
} FakeStores;

ForgeStorePool *fake_stores_cast (FakeStores *fake);

G_END_DECLS
