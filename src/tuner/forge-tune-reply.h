/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a tuner answers when it cannot play; the numbers are the devices' own. */
typedef enum {
  FORGE_TUNE_IN_USE = 804,     /* the tuner that the client named */
  FORGE_TUNE_ALL_IN_USE = 805, /* no slot within the hold time */
  FORGE_TUNE_FAILED = 806,     /* no source could be opened */
  FORGE_TUNE_NO_VIDEO = 807,   /* opened, but no transport stream came */
} ForgeTuneError;

/* The head before the first media byte: no length and no chunking, the connection's end is the
 * stream's. Returns: (transfer full). */
char *forge_tune_reply_ok (const char *request_id, int tuner_number) G_GNUC_WARN_UNUSED_RESULT;
/* 503 with an empty body, because Jellyfin copies error bodies into its stream. */
char *forge_tune_reply_error (const char *request_id, ForgeTuneError error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
