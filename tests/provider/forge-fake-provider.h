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
  guint generated_streams; /* lists get this many more rows, for load tests */
} ForgeFakeProviderOptions;

ForgeFakeProvider *forge_fake_provider_new (const ForgeFakeProviderOptions *options, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_fake_provider_free (ForgeFakeProvider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeFakeProvider, forge_fake_provider_free)

const char *forge_fake_provider_url (ForgeFakeProvider *provider); /* "http://127.0.0.1:PORT" */
const char *forge_fake_provider_username (ForgeFakeProvider *provider);
const char *forge_fake_provider_password (ForgeFakeProvider *provider);

/* The scenario language: one verb per call, "WHAT VERB [VALUE] [x COUNT]". WHAT: "stream 13",
 * "streams", "login", "list", "guide", "account". Verbs: "delay MS", "silent", "headers-only",
 * "stall-after BYTES", "drop-after BYTES" (clean EOF), "reset-after BYTES", "status CODE", "html",
 * "slate", "null-only", "misalign", "wrong-length", "redirect" (token that lives 5 s), "truncated",
 * "truncated-gzip", "empty", "half", "strings" (wrong types), "duplicates", "expired", "banned",
 * "limit N refuse|kick|slate", "release-delay MS", "ok" (clears). "x COUNT": only the next COUNT
 * times. FALSE with INVALID for anything else: a test that misspells a verb fails. */
gboolean
forge_fake_provider_say (ForgeFakeProvider *provider, const char *sentence, GError **error);

typedef struct {
  guint opens;   /* live streams opened, all together */
  guint open;    /* now */
  guint peak;    /* most at once */
  guint refused; /* over the limit */
  guint kicked;
  guint requests;    /* all HTTP requests */
  guint conditional; /* with If-None-Match or If-Modified-Since */
} ForgeFakeProviderCounts;
void forge_fake_provider_counts (ForgeFakeProvider *provider, ForgeFakeProviderCounts *counts);
guint forge_fake_provider_opens_of (ForgeFakeProvider *provider, guint stream_id);

G_END_DECLS
