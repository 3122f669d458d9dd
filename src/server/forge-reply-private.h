/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

typedef struct {
  char *name, *value;
} ForgeHeader;

struct _ForgeReply {
  guint status;
  char *content_type; /* NULL = no body */
  GBytes *body;       /* NULL = none or a stream */
  ForgeBodyFunc write;
  gpointer write_data;
  GDestroyNotify write_destroy;
  ForgeReplyTake take; /* with `is_file` */
  gpointer take_data;
  GDestroyNotify take_destroy;
  gboolean is_file;
  gint64 file_bytes; /* -1 = unknown */
  gboolean is_endless;
  gboolean is_gzipped; /* the body is, or the stream is to be */
  char *etag;          /* without quotes, NULL = none */
  GArray *headers;     /* of ForgeHeader */
};

/* What a reply is shaped by. */
typedef struct {
  gboolean is_get; /* GET or HEAD */
  gboolean accepts_gzip;
  const char *if_none_match; /* NULL = none */
} ForgeReplyTerms;

/* Applies the caching and compression rules: tags a 200 body, turns it into 304 when the client has
 * it, compresses it when that is wanted and worth it. Heavy (hash, deflate): runs where the handler
 * ran. */
void forge_reply_finish (ForgeReply *reply, const ForgeReplyTerms *terms);

/* TRUE for content that shrinks and is not sent event by event. */
gboolean forge_reply_is_compressible (const char *content_type);

G_END_DECLS
