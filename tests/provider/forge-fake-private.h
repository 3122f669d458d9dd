/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-catalogue.h"
#include "forge-fake-clip.h"
#include "forge-fake-faults.h"
#include "forge-fake-provider.h"
#include "forge-fake-slots.h"

#include <pthread.h>

G_BEGIN_DECLS

/* A token in a redirect lives this long, as on the XUI family of panels. */
#define FORGE_FAKE_TOKEN_LIFE_US (5 * G_USEC_PER_SEC)
#define FORGE_FAKE_MAX_TOKENS    256u

typedef enum {
  FORGE_FAKE_LIVE,
  FORGE_FAKE_MOVIE,
  FORGE_FAKE_SERIES,
} ForgeFakeKind;

typedef struct {
  char text[FORGE_FAKE_TOKEN_CHARS + 1];
  ForgeFakeKind kind;
  guint id;
  gint64 until_us;
} ForgeFakeToken;

struct _ForgeFakeProvider {
  /* Set by new (), then only read. */
  ForgeFakeProviderOptions options;
  guint max_connections;
  char *url, *username, *password;
  ForgeFakeCatalogue *catalogue;
  ForgeFakeClip clips[FORGE_FAKE_TIERS];
  gint64 started_us; /* the live streams' beginning; earlier than the provider's, see new () */
  int listener;
  int stop_fd; /* readable for ever once it is time to stop */
  pthread_t acceptor;

  /* Guards what follows; never held while reading or writing a socket. Not a GMutex, which thread
   * sanitizers cannot see. */
  pthread_mutex_t lock;
  ForgeFakeScript *script;
  ForgeFakeSlots *slots;
  GPtrArray *connections; /* ForgeFakeConnection; the acceptor adds, joins and removes */
  GArray *tokens;         /* ForgeFakeToken */
  guint requests, conditional;
};

/* One client connection and the thread that serves it. */
typedef struct {
  ForgeFakeProvider *provider;
  int fd;
  pthread_t thread;
  gboolean is_done;       /* guarded by the provider's lock: the thread may be joined */
  gboolean must_close;    /* after this reply */
  guint stream_id;        /* the live stream that it is about, 0 = none */
  char buffer[16 * 1024]; /* what was read and not yet taken; also the bound of a request's head */
  gsize buffered;
} ForgeFakeConnection;

/* What the account allows and how it stands. Call with the lock held. */
void forge_fake_allowance_locked (ForgeFakeProvider *provider, ForgeFakeAllowance *allowance);

G_END_DECLS
