/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeChild: one run of another program: an argument vector, never a shell; a process group of its
 * own that dies as a whole, with us too; no input; bounded output; bounded time.
 */
typedef struct {
  const char *const *argv; /* argv[0] is looked up in PATH; NULL-terminated */
  guint quiet_s;           /* killed after so long without a byte of output; 0 = never */
  guint total_s;           /* killed after so long in all; 0 = never */
  gsize max_line_bytes;    /* killed by a longer line; also bounds a run without lines */
  guint64 max_bytes;       /* killed by more output in all */
} ForgeChildLimits;

/* A line of standard output without its end. FALSE: enough, it is killed (that is no error unless
 * one was set). */
typedef gboolean (*ForgeChildLineFunc) (const char *line,
                                        gsize length,
                                        gpointer user_data,
                                        GError **error);
/* Called every FORGE_CHILD_TICK_MS while it runs. FALSE: nobody waits for it any more, it is killed
 * with G_IO_ERROR_CANCELLED. */
typedef gboolean (*ForgeChildTickFunc) (gpointer user_data);

#define FORGE_CHILD_TICK_MS 400

typedef struct {
  int exit_status; /* 0…255; 128 + signal if one ended it */
  char
      *complaints; /* the end of standard error, valid UTF-8, at most FORGE_CHILD_COMPLAINT_BYTES */
} ForgeChildResult;

#define FORGE_CHILD_COMPLAINT_BYTES 4096

void forge_child_result_clear (ForgeChildResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeChildResult, forge_child_result_clear)

/* Runs it to its end. Error: UNSUPPORTED if there is no such program, G_IO_ERROR_TIMED_OUT,
 * TOO_LARGE, G_IO_ERROR_CANCELLED, or what `each` reported; that it ended with another status than
 * 0 is none. Nothing of it is left when this returns. Role: job. Blocks. */
gboolean forge_child_run (const ForgeChildLimits *limits,
                          ForgeChildLineFunc each,
                          ForgeChildTickFunc tick,
                          gpointer user_data,
                          ForgeChildResult *result,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
