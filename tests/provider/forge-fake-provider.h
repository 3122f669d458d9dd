/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeFakeProvider: a small Xtream provider on a loopback port, in this process, on its own
 * thread. With faults off it is the --demo provider; with faults on it is the test bed.
 *
 * Channel n (from 1) has streams n*10+q with q = 4 (4K), 3 (FHD), 2 (HD), 1 (SD); real H.264/AAC
 * clips looped with continuous timestamps, every connection at the same live position.
 */
typedef struct _ForgeFakeProvider ForgeFakeProvider;

typedef struct {
  guint channels;          /* 0 = the demo's 24 */
  guint max_connections;   /* 0 = 4 */
  gboolean is_demo;        /* pretty names, no request log */
  guint generated_streams; /* lists get this many more rows (rounded up to 4), for load tests */
  guint16 port;            /* 0 = any free one */
  /* A live stream begins, or is made to end, reset or stall, now. Thread: any. NULL = not wanted.
   */
  void (*on_live) (guint stream_id, gboolean begins, gpointer user_data);
  gpointer user_data;
} ForgeFakeProviderOptions;

ForgeFakeProvider *forge_fake_provider_new (const ForgeFakeProviderOptions *options, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_fake_provider_free (ForgeFakeProvider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeFakeProvider, forge_fake_provider_free)

const char *forge_fake_provider_url (ForgeFakeProvider *provider); /* "http://127.0.0.1:PORT" */
const char *forge_fake_provider_username (ForgeFakeProvider *provider);
const char *forge_fake_provider_password (ForgeFakeProvider *provider);

/* The scenario language: one verb per call, "WHAT VERB [VALUE] [x COUNT]". WHAT: "stream 13" (also
 * a film's or an episode's id), "streams" (those without that fault of their own), "login", "list"
 * (get_live_streams and get.php), "guide" (xmltv.php), "account". Verbs: "delay MS", "silent",
 * "headers-only", "stall-after BYTES", "drop-after BYTES" (clean EOF), "reset-after BYTES",
 * "status CODE", "html", "slate", "null-only", "noise" (no packet in it), "misalign", "burst MS"
 * (so much of the past is sent at once, else a quarter second), "no-tables-after BYTES",
 * "no-video-after BYTES", "scrambled-after BYTES", "slow-after BYTES" (a tenth of the rate),
 * "wrong-length", "redirect" (token that lives 5 s), "nowhere" (redirect to where nobody listens),
 * "no-tls" (to https, which is not spoken there), "hls" (.ts answers with a playlist), "hls-only"
 * (.ts is 405), "hls-aes" (AES-128), "hls-jumps" (a discontinuity every third segment), "hls-stale"
 * (the list stands still), "hls-token N" (a token is good for N segments, then 403),
 * "hls-fragments" (the list says fMP4), "hls-sampled" (and SAMPLE-AES; segments stay as they are),
 * "truncated", "truncated-gzip", "empty", "half", "strings" (wrong types), "duplicates",
 * "programmes N" (guide: N more, of the generated channels), "expired", "banned", "limit N
 * refuse|kick|slate" (0 = none), "release-delay MS", "timeshift SHAPE" (which of the four shapes of
 * catch-up addresses is answered; 0 = none), "strangers N" (the login tells of N more connections
 * that are not ours), "ok" (clears all said of WHAT). Verbs said of one WHAT add up. "x COUNT":
 * only the next COUNT times. Bytes are those of the body. FALSE with INVALID for anything else: a
 * test that misspells a verb fails. */
gboolean
forge_fake_provider_say (ForgeFakeProvider *provider, const char *sentence, GError **error);

typedef struct {
  guint opens;   /* live streams asked for, refused and faulty ones included (HEAD is not) */
  guint open;    /* now; an HLS viewer counts until 6 s after its last request */
  guint peak;    /* most at once */
  guint refused; /* over the limit */
  guint kicked;
  guint requests;    /* all HTTP requests */
  guint conditional; /* with If-None-Match or If-Modified-Since */
} ForgeFakeProviderCounts;
void forge_fake_provider_counts (ForgeFakeProvider *provider, ForgeFakeProviderCounts *counts);
guint forge_fake_provider_opens_of (ForgeFakeProvider *provider, guint stream_id);

G_END_DECLS
