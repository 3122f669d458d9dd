/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-faults.h"
#include "forge-fake-provider.h"

G_BEGIN_DECLS

/* An HLS viewer counts until it has asked for nothing this long. Panels take 30 s and more; this
 * is just beyond three target durations. */
#define FORGE_FAKE_HLS_IDLE_US (6 * G_USEC_PER_SEC)
#define FORGE_FAKE_TOKEN_CHARS 16

typedef struct {
  guint stream_id;
  int fd;                                 /* -1 = an HLS viewer, known by its token */
  gint64 until_us;                        /* HLS only */
  char token[FORGE_FAKE_TOKEN_CHARS + 1]; /* HLS only */
  guint segments;                         /* HLS only: fetched with the token */
} ForgeFakeViewer;

typedef enum {
  FORGE_FAKE_ADMITTED,
  FORGE_FAKE_REFUSED,
  FORGE_FAKE_GETS_SLATE, /* holds no slot */
} ForgeFakeAdmission;

/* What the account allows just now. */
typedef struct {
  guint max; /* 0 = no limit */
  ForgeFakePolicy policy;
  gint64 release_delay_us;
} ForgeFakeAllowance;

/**
 * ForgeFakeSlots: who watches, and what the panel thinks of it.
 *
 * Not locked: the owner does. Viewers are removed before their descriptor is closed, so a
 * descriptor in here is always open.
 */
typedef struct _ForgeFakeSlots ForgeFakeSlots;

ForgeFakeSlots *forge_fake_slots_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_fake_slots_free (ForgeFakeSlots *slots);

/* A live stream was asked for, whatever becomes of it. */
void forge_fake_slots_note_open (ForgeFakeSlots *slots, guint stream_id);
/* The same for a film or an episode, which is no live stream. */
void forge_fake_slots_note_request (ForgeFakeSlots *slots, guint id);
guint forge_fake_slots_opens_of (ForgeFakeSlots *slots, guint stream_id);

/* `fd` -1 makes an HLS viewer with a fresh token. `viewer` is lent, and set when ADMITTED only. */
ForgeFakeAdmission forge_fake_slots_admit (ForgeFakeSlots *slots,
                                           const ForgeFakeAllowance *allowance,
                                           guint stream_id,
                                           int fd,
                                           ForgeFakeViewer **viewer);
/* The connection `fd` is about to be closed; nothing happens if it holds no slot (any more). */
void forge_fake_slots_leave (ForgeFakeSlots *slots, const ForgeFakeAllowance *allowance, int fd);
/* NULL if the token is unknown or was idle too long; otherwise it lives on. */
ForgeFakeViewer *forge_fake_slots_touch (ForgeFakeSlots *slots, const char *token);

/* Slots that the panel counts, those of closed connections not yet released included. */
guint forge_fake_slots_used (ForgeFakeSlots *slots);
void forge_fake_slots_counts (ForgeFakeSlots *slots, ForgeFakeProviderCounts *counts);

void forge_fake_make_token (char token[FORGE_FAKE_TOKEN_CHARS + 1]);

G_END_DECLS
