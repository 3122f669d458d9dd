/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-provider.h"

G_BEGIN_DECLS

/* A raw HTTP client for tests, without a library's politeness: it sees every byte and how a
 * connection ends. */
typedef struct {
  int fd;
  guint status;      /* 0 = no head came */
  char *head;        /* with its lines in lower case */
  GByteArray *body;  /* as it came over the wire */
  gboolean is_ended; /* the peer closed */
  int failure;       /* errno of a failed read, e.g. ECONNRESET */
} FakeClient;

int fake_client_dial (ForgeFakeProvider *provider);
/* Sends "GET path" (a leading "HEAD " in `path` changes the method) with `headers` (NULL or lines
 * with CRLF). */
FakeClient *fake_client_open (ForgeFakeProvider *provider, const char *path, const char *headers);
/* Reads until there are `bytes` of body, the end, or `timeout_ms`. TRUE if the bytes are there. */
gboolean fake_client_read (FakeClient *client, gsize bytes, guint timeout_ms);
void fake_client_free (FakeClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeClient, fake_client_free)

/* The whole answer, with "Connection: close"; the body is no longer chunked. */
FakeClient *fake_client_fetch (ForgeFakeProvider *provider, const char *path, const char *headers);
/* NUL-terminated body; lent. */
const char *fake_client_text (FakeClient *client);

/* Paths with the credentials in them. Returns: (transfer full). */
char *fake_client_api (ForgeFakeProvider *provider, const char *script, const char *more);
char *fake_client_media (ForgeFakeProvider *provider, const char *kind, const char *name);
FakeClient *fake_client_live (ForgeFakeProvider *provider, guint stream_id);

G_END_DECLS
