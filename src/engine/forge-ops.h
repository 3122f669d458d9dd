/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"
#include "guide/forge-lineup-run.h"
#include "provider/forge-provider-refresh.h"

G_BEGIN_DECLS

/**
 * What a person can do, as blocking functions on the job role: the control socket, the scheduler
 * and the window call the same ones. Those marked "work" change the catalogue and run on the
 * engine's work queue only. Each publishes a new snapshot before it returns.
 */
typedef struct {
  ForgeEngine *engine;
  ForgeStore *store;
  GCancellable *cancellable;
} ForgeOps;

typedef struct {
  const char *name, *server, *username,
      *password;                  /* username/password may be NULL when `server` holds them */
  const char *m3u;                /* of a replacement: a list's location in place of those */
  const char *user_agent, *proxy; /* NULL = none */
  const char *const *mirrors;     /* NULL = none */
  gboolean without_guide;
} ForgeNewAccount;

/* Logs in, stores, scans, imports the account's guide, matches. Returns the id, 0 on error. What
 * went wrong after the account was stored is in `warning` (transfer full, may come back NULL).
 * Work. */
gint64 forge_ops_add_account (ForgeOps *ops,
                              const ForgeNewAccount *wanted,
                              char **warning,
                              GError **error);
/* Logs in only and returns the account with fresh figures (stored too). */
ForgeAccount *forge_ops_test_account (ForgeOps *ops, gint64 id, GError **error);
/* Streams, then the lineup. `force` applies what would be held back. Work. */
gboolean forge_ops_refresh_account (ForgeOps *ops, gint64 id, gboolean force, GError **error);
gboolean forge_ops_enable_account (ForgeOps *ops, gint64 id, gboolean enabled, GError **error);
gboolean forge_ops_remove_account (ForgeOps *ops, gint64 id, GError **error); /* work */
/* `values`: some of name, server, username, password, user_agent, proxy, max_connections, mirrors
 * (comma-separated) and, of a list, m3u → text, all of them or none. "" = back to none. */
gboolean forge_ops_set_account (ForgeOps *ops, gint64 id, GHashTable *values, GError **error);
/* A new provider, login or list for the same account, a panel for a list or the other way round.
 * What is known of a stream goes over to the new provider's stream that is the same, whatever its
 * id and spelling: channels, numbers, guide ids and the user's choices stay; user agent and proxy
 * too unless given; mirrors only with the same server. All of it, or nothing. Work. With `dry_run`
 * only counts. `preview` receives one sentence (transfer full). */
gboolean forge_ops_replace_account (ForgeOps *ops,
                                    gint64 id,
                                    const ForgeNewAccount *wanted,
                                    gboolean dry_run,
                                    char **preview,
                                    GError **error);
/* Back to what the account was before its last replacement; done twice, forth again. NOT_FOUND if
 * it was never replaced. Work. */
gboolean forge_ops_undo_replacement (ForgeOps *ops,
                                     gint64 id,
                                     gboolean dry_run,
                                     char **preview,
                                     GError **error);

/* `location`: URL or file path. Returns the id, 0 on error; a guide that cannot be read is not
 * stored. Work. */
gint64 forge_ops_add_guide (ForgeOps *ops,
                            const char *name,
                            const char *location,
                            const char *shift,
                            GError **error);
/* Only the row, and a login in its address into the secrets. Needs an open transaction; on failure
 * the caller rolls back. Returns the id, 0 on error. */
gint64 forge_ops_store_guide (ForgeOps *ops, const ForgeGuideSource *wanted, GError **error);
/* The same in a transaction of its own. */
gint64 forge_ops_store_new_guide (ForgeOps *ops, const ForgeGuideSource *wanted, GError **error);
/* Takes the login of a guide that is gone out of the secrets; a failure is an event. */
void forge_ops_forget_guide_location (ForgeOps *ops, gint64 id);
/* id 0 = all enabled ones; then the lineup. The first failure is reported after all were tried.
 * Work. */
gboolean forge_ops_refresh_guides (ForgeOps *ops, gint64 id, gboolean force, GError **error);
gboolean
forge_ops_enable_guide (ForgeOps *ops, gint64 id, gboolean enabled, GError **error); /* work */
gboolean forge_ops_remove_guide (ForgeOps *ops, gint64 id, GError **error);          /* work */

/* Makes the lineup of what is stored now; matches what changed since the last time, or everything
 * anew. Work. */
gboolean forge_ops_run_lineup (ForgeOps *ops, GError **error);
gboolean forge_ops_match_anew (ForgeOps *ops, GError **error);
ForgeLineupRunOptions forge_ops_lineup_options (ForgeEngine *engine);
/* Everything that is enabled: accounts, guides, lineup. Failures become events. Work. */
void forge_ops_refresh_all (ForgeOps *ops);

gboolean forge_ops_set_setting (ForgeOps *ops, const char *key, const char *value, GError **error);

/* The backup without secrets as JSON text, and back. `summary` (transfer full): one sentence. Work.
 */
char *forge_ops_export_config (ForgeOps *ops, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean forge_ops_import_config (ForgeOps *ops,
                                  JsonNode *backup,
                                  gboolean dry_run,
                                  char **summary,
                                  GError **error);

/* One event from an operation. */
void forge_ops_report (ForgeOps *ops,
                       ForgeLogLevel level,
                       ForgeEventCategory category,
                       const char *format,
                       ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
