/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-engine-audit.h"

#include "provider/forge-provider-refresh.h"
#include "provider/forge-xtream.h"

/* Panels limit requests; somebody who shares an account plays for longer than this. */
#define AUDIT_EVERY_S (5 * 60)

typedef struct {
  ForgeEngine *engine;
  ForgeAccount *account;
} Audit;

static void
audit_free (gpointer data)
{
  Audit *audit = data;

  forge_account_unref (audit->account);
  g_free (audit);
}

static void
hand_over (ForgeEngine *engine, gpointer data)
{
  const ForgeAccount *account = data;

  forge_tuner_audit (engine->tuner, account->id, account->active_connections);
}

void
forge_engine_audit_answer (ForgeEngine *engine, const ForgeAccount *account)
{
  forge_engine_on_control (engine, hand_over, (gpointer)account);
}

/* Role: job. A provider that does not answer tells nothing. */
static void
ask_provider (gpointer data, GCancellable *cancellable)
{
  Audit *audit = data;
  ForgeEngine *engine = audit->engine;
  g_autofree char *name = forge_provider_secret_name (audit->account->id);
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeSecret) password =
      forge_secrets_lookup (engine->secrets, name, cancellable, &error);
  g_autoptr (ForgeHttp) http = forge_engine_make_http (engine, audit->account);
  g_autoptr (ForgeAccount) account = forge_account_copy (audit->account);
  const ForgeXtreamLogin login = { .server = account->server,
                                   .username = account->username,
                                   .password = password };

  if (!password || !forge_xtream_login (http, &login, account, cancellable, &error)) {
    g_debug ("no audit of %s: %s", account->name, error->message);
    return;
  }
  forge_engine_audit_answer (engine, account);
}

static ForgeAccount *
find_account (const ForgeSnapshot *snapshot, gint64 id)
{
  for (guint i = 0; i < snapshot->accounts->len; i++) {
    ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    if (account->id == id)
      return account;
  }
  return NULL;
}

static void
audit_account (ForgeEngine *engine, ForgeAccount *account)
{
  Audit *audit = g_new0 (Audit, 1);

  audit->engine = engine;
  audit->account = forge_account_ref (account);
  forge_work_push (engine->work, ask_provider, audit, audit_free);
}

/* One question per account that plays. */
static gboolean
on_audit_due (gpointer user_data)
{
  ForgeEngine *engine = user_data;
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (engine->tuner);
  g_autoptr (GHashTable) asked = g_hash_table_new (g_direct_hash, g_direct_equal);

  for (guint i = 0; i < sessions->len; i++) {
    const ForgeSessionInfo *info = g_ptr_array_index (sessions, i);
    ForgeAccount *account = find_account (snapshot, info->account_id);
    if (account && g_hash_table_add (asked, account))
      audit_account (engine, account);
  }
  return G_SOURCE_CONTINUE;
}

void
forge_engine_start_audit (ForgeEngine *engine)
{
  engine->audit = g_timeout_source_new_seconds (AUDIT_EVERY_S);
  g_source_set_callback (engine->audit, on_audit_due, engine, NULL);
  g_source_attach (engine->audit, engine->context);
}

void
forge_engine_stop_audit (ForgeEngine *engine)
{
  if (!engine->audit)
    return;
  g_source_destroy (engine->audit);
  g_clear_pointer (&engine->audit, g_source_unref);
}
