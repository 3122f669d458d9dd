/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * What the table modules share: the connection, cached statements with their bindings, and
 * transactions that join the caller's.
 */

/* Of the page cache, per connection: at rest, and while an import runs. */
#define FORGE_STORE_CACHE_KIB      512
#define FORGE_STORE_WIDE_CACHE_KIB 4096

/* A lineup run between begin and end (forge-store-run.c). */
typedef struct _ForgeStoreRun ForgeStoreRun;
void forge_store_run_free (ForgeStoreRun *run);

struct _ForgeStore {
  sqlite3 *db;
  GHashTable *statements; /* SQL literal (by pointer) → sqlite3_stmt* that nobody uses just now */
  gboolean wide_cache;
  gboolean damaged;      /* SQLite said so */
  gint64 last_commit_us; /* monotonic; 0 = none yet */

  gint64 stage_account; /* whose streams are staged; 0 = none */
  gint64 title_account; /* whose films or series are staged; 0 = none */
  int title_kind;       /* which of them: a ForgeMediaKind */
  ForgeStoreRun *run;   /* the lineup run that is open; NULL = none */

  /* The guide entry that the last programme went to: programmes arrive sorted by channel. */
  gint64 entry_channel, entry_generation, entry_id;
};

/* Turns the connection's last failure into an error: INVALID for a broken constraint, STORAGE for
 * the rest. */
void forge_store_set_error (ForgeStore *store, GError **error);
/* NOT_FOUND: "There is no <what> <id>". Always FALSE. */
gboolean forge_store_not_found (const char *what, gint64 id, GError **error);

extern const char forge_store_version_2[];
extern const char forge_store_version_3[];
extern const char forge_store_version_4[];
extern const char forge_store_version_5[];
extern const char forge_store_version_6[];
extern const char forge_store_version_7[];
extern const char forge_store_version_8[];
extern const char forge_store_version_9[];
extern const char forge_store_version_10[];
extern const char forge_store_version_11[];
extern const char forge_store_version_12[];
extern const char forge_store_version_13[];
extern const char forge_store_version_14[];
extern const char forge_store_version_15[];
extern const char forge_store_version_16[];

/* Migrations and checks. `migrations[n]` leads from version n to n + 1. */
gboolean forge_store_migrate_with (ForgeStore *store,
                                   const char *const *migrations,
                                   int count,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean forge_store_migrate (ForgeStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads the first and the last row of every table, which shows most kinds of damage at once. */
gboolean forge_store_probe (ForgeStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A connection as it is: not migrated, never moved aside. `damaged` may be NULL. */
ForgeStore *forge_store_connect (const char *path, gboolean *damaged, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* More cache until forge_store_release_memory (). */
void forge_store_widen_cache (ForgeStore *store);
void forge_store_narrow_cache (ForgeStore *store);
/* What is remembered of uncommitted rows. */
void forge_store_forget_uncommitted (ForgeStore *store);

typedef enum {
  FORGE_STEP_ERROR = -1,
  FORGE_STEP_DONE = 0,
  FORGE_STEP_ROW = 1,
} ForgeStep;

/**
 * ForgeStatement: a prepared statement taken from the connection's cache and put back by the
 * g_auto cleanup. Parameters are bound in order; texts and blobs must live until then. The same SQL
 * may be taken again inside its own loop: then a second one is prepared.
 */
typedef struct {
  ForgeStore *store;
  const char *sql;
  sqlite3_stmt *handle;
  int bound;
} ForgeStatement;

#define FORGE_STATEMENT_INIT \
  {                          \
    NULL, NULL, NULL, 0      \
  }

/* `sql` must be a literal: it is the cache's key by address. */
gboolean forge_statement_prepare (ForgeStatement *statement,
                                  ForgeStore *store,
                                  const char *sql,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_statement_clear (ForgeStatement *statement);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeStatement, forge_statement_clear)

void forge_bind_int (ForgeStatement *statement, gint64 value);
/* 0 becomes NULL. */
void forge_bind_id (ForgeStatement *statement, gint64 id);
void forge_bind_real (ForgeStatement *statement, double value);
void forge_bind_text (ForgeStatement *statement, const char *text);
void forge_bind_bytes (ForgeStatement *statement, const char *text, gsize length);

ForgeStep forge_statement_step (ForgeStatement *statement, GError **error);
/* To the end; rows are ignored. */
gboolean forge_statement_run (ForgeStatement *statement, GError **error);

gint64 forge_column_int (ForgeStatement *statement, int column);
/* Lent until the next step. */
const char *forge_column_text (ForgeStatement *statement, int column);
/* Returns: (transfer full). */
char *forge_column_dup (ForgeStatement *statement, int column);

/* One statement with no or one parameter. `changes` (may be NULL) receives the rows it changed. */
gboolean forge_store_run (ForgeStore *store, const char *sql, GError **error);
gboolean
forge_store_run_id (ForgeStore *store, const char *sql, gint64 id, int *changes, GError **error);
/* The first column of the first row; `*value` is 0 where there is none or it is NULL. */
gboolean
forge_store_get_int (ForgeStore *store, const char *sql, gint64 id, gint64 *value, GError **error);

typedef enum {
  FORGE_TRANSACTION_JOINED, /* the caller's: it ends it */
  FORGE_TRANSACTION_READ,
  FORGE_TRANSACTION_WRITE,
} ForgeTransaction;

/* Joins the caller's transaction or makes one of the kind in `*transaction`. */
gboolean forge_store_enter (ForgeStore *store, ForgeTransaction *transaction, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Commits (if `ok`) or rolls back one that forge_store_enter () made. Returns `ok` and that. */
gboolean
forge_store_leave (ForgeStore *store, ForgeTransaction transaction, gboolean ok, GError **error);

G_END_DECLS
