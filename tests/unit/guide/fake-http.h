/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-http.h"

/* Stands in for forge_http_get (): gives what the test put here, over no network. Cast it to
 * ForgeHttp. */
typedef struct {
  const char *body; /* NULL = 304 */
  gsize length;
  gsize break_after; /* the download fails after so many bytes; 0 = never */
  const char *etag;  /* of the answer */
  guint status;      /* 0 = 200; others fail with RETRY */
  guint requests;
  char *seen_etag, *seen_last_modified; /* of the last request */
} FakeHttp;

void fake_http_clear (FakeHttp *http);
