/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-body.h"
#include "forge-fake-catalogue.h"
#include "forge-fake-trouble.h"

G_BEGIN_DECLS

typedef struct {
  gint64 start_s, stop_s;
  const char *title, *part, *description, *category; /* part: NULL = none */
  guint season, episode;                             /* from 1; 0 = neither */
  gboolean is_new, has_art;
} ForgeFakeProgramme;

typedef void (*ForgeFakeProgrammeFunc) (const ForgeFakeProgramme *programme, gpointer user_data);

/* Calls `each` for what runs on `channel` between the two times (UTC), in order and without gaps.
 * The same channel and hour give the same programme whenever they are asked for. */
void forge_fake_guide_each (const ForgeFakeChannel *channel,
                            gint64 from_s,
                            gint64 to_s,
                            ForgeFakeProgrammeFunc each,
                            gpointer user_data);

/* Answers xmltv.php. */
gboolean forge_fake_guide_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request);

G_END_DECLS
