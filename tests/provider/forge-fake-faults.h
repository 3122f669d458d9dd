/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What goes wrong: the words of the scenario language (forge-fake-provider.h). */
typedef enum {
  FORGE_FAKE_DELAY,
  FORGE_FAKE_SILENT,
  FORGE_FAKE_HEADERS_ONLY,
  FORGE_FAKE_STALL_AFTER,
  FORGE_FAKE_DROP_AFTER,
  FORGE_FAKE_RESET_AFTER,
  FORGE_FAKE_STATUS,
  FORGE_FAKE_HTML,
  FORGE_FAKE_SLATE,
  FORGE_FAKE_NULL_ONLY,
  FORGE_FAKE_NOISE,
  FORGE_FAKE_MISALIGN,
  FORGE_FAKE_BURST,
  FORGE_FAKE_NO_TABLES_AFTER,
  FORGE_FAKE_NO_VIDEO_AFTER,
  FORGE_FAKE_SCRAMBLED_AFTER,
  FORGE_FAKE_SLOW_AFTER,
  FORGE_FAKE_WRONG_LENGTH,
  FORGE_FAKE_REDIRECT,
  FORGE_FAKE_NOWHERE,
  FORGE_FAKE_NO_TLS,
  FORGE_FAKE_HLS,
  FORGE_FAKE_HLS_ONLY,
  FORGE_FAKE_HLS_AES,
  FORGE_FAKE_HLS_JUMPS,
  FORGE_FAKE_HLS_STALE,
  FORGE_FAKE_HLS_TOKEN,
  FORGE_FAKE_HLS_FRAGMENTS,
  FORGE_FAKE_HLS_SAMPLED,
  FORGE_FAKE_TRUNCATED,
  FORGE_FAKE_TRUNCATED_GZIP,
  FORGE_FAKE_EMPTY,
  FORGE_FAKE_HALF,
  FORGE_FAKE_STRINGS,
  FORGE_FAKE_DUPLICATES,
  FORGE_FAKE_PROGRAMMES,
  FORGE_FAKE_EXPIRED,
  FORGE_FAKE_BANNED,
  FORGE_FAKE_LIMIT,
  FORGE_FAKE_RELEASE_DELAY,
  FORGE_FAKE_TIMESHIFT,
  FORGE_FAKE_STRANGERS,
  FORGE_FAKE_N_VERBS,
} ForgeFakeVerb;

typedef enum {
  FORGE_FAKE_TARGET_STREAM = 1 << 0,  /* one stream, by id */
  FORGE_FAKE_TARGET_STREAMS = 1 << 1, /* those without a fault of their own */
  FORGE_FAKE_TARGET_LOGIN = 1 << 2,
  FORGE_FAKE_TARGET_LIST = 1 << 3,
  FORGE_FAKE_TARGET_GUIDE = 1 << 4,
  FORGE_FAKE_TARGET_ACCOUNT = 1 << 5,
} ForgeFakeTarget;

typedef enum {
  FORGE_FAKE_REFUSE,
  FORGE_FAKE_KICK,
  FORGE_FAKE_SHOW_SLATE,
} ForgeFakePolicy;

/* The faults of one request, each with its value. */
typedef struct {
  guint64 verbs;
  gint64 values[FORGE_FAKE_N_VERBS];
  ForgeFakePolicy policy; /* of LIMIT */
} ForgeFakeFaults;

#define FORGE_FAKE_BIT(verb) (G_GUINT64_CONSTANT (1) << (verb))
#define FORGE_FAKE_ALL_VERBS (FORGE_FAKE_BIT (FORGE_FAKE_N_VERBS) - 1)

/* Those that decide which answer a live address has. */
#define FORGE_FAKE_ROUTE_VERBS                                                  \
  (FORGE_FAKE_BIT (FORGE_FAKE_REDIRECT) | FORGE_FAKE_BIT (FORGE_FAKE_NOWHERE) | \
   FORGE_FAKE_BIT (FORGE_FAKE_NO_TLS) | FORGE_FAKE_BIT (FORGE_FAKE_HLS) |       \
   FORGE_FAKE_BIT (FORGE_FAKE_HLS_ONLY))
/* Those of playlists and segments. */
#define FORGE_FAKE_HLS_VERBS                                                       \
  (FORGE_FAKE_BIT (FORGE_FAKE_HLS_AES) | FORGE_FAKE_BIT (FORGE_FAKE_HLS_JUMPS) |   \
   FORGE_FAKE_BIT (FORGE_FAKE_HLS_STALE) | FORGE_FAKE_BIT (FORGE_FAKE_HLS_TOKEN) | \
   FORGE_FAKE_BIT (FORGE_FAKE_HLS_FRAGMENTS) | FORGE_FAKE_BIT (FORGE_FAKE_HLS_SAMPLED))

static inline gboolean
forge_fake_has (const ForgeFakeFaults *faults, ForgeFakeVerb verb)
{
  return (faults->verbs & FORGE_FAKE_BIT (verb)) != 0;
}

/* What was said and is still in force. Not locked: the owner does. */
typedef struct _ForgeFakeScript ForgeFakeScript;

ForgeFakeScript *forge_fake_script_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_fake_script_free (ForgeFakeScript *script);
/* Error: INVALID, naming the word. */
gboolean forge_fake_script_say (ForgeFakeScript *script, const char *sentence, GError **error);
/* The faults among `verbs` that hit a request for `target`; counted ones are used up by this.
 * `stream_id` matters for STREAM only. */
void forge_fake_script_take (ForgeFakeScript *script,
                             ForgeFakeTarget target,
                             guint stream_id,
                             guint64 verbs,
                             ForgeFakeFaults *taken);

G_END_DECLS
