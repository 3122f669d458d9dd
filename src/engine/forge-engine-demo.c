/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-engine-demo.h"

#include "engine/forge-engine-private.h"
#include "engine/forge-ops.h"

#define DEMO_ACCOUNT "Demo"

typedef struct {
  ForgeEngine *engine;
  gboolean ok;
  GError *error;
} DemoStart;

static gint64
find_demo_account (ForgeEngine *engine)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);

  for (guint i = 0; i < snapshot->accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (snapshot->accounts, i);
    if (g_strcmp0 (account->name, DEMO_ACCOUNT) == 0)
      return account->id;
  }
  return 0;
}

static gboolean
connect_account (ForgeOps *ops, GError **error)
{
  ForgeFakeProvider *demo = ops->engine->demo;
  const ForgeNewAccount wanted = {
    .name = DEMO_ACCOUNT,
    .server = forge_fake_provider_url (demo),
    .username = forge_fake_provider_username (demo),
    .password = forge_fake_provider_password (demo),
  };
  g_autofree char *remark = NULL;
  gint64 id = find_demo_account (ops->engine);

  if (id == 0)
    return forge_ops_add_account (ops, &wanted, &remark, error) > 0;
  return forge_ops_replace_account (ops, id, &wanted, FALSE, &remark, error) &&
         forge_ops_refresh_guides (ops, 0, TRUE, error);
}

static void
start_demo_work (gpointer data, GCancellable *cancellable)
{
  DemoStart *start = data;
  ForgeStore *store = forge_store_pool_take (start->engine->stores, &start->error);

  if (!store)
    return;
  ForgeOps ops = { .engine = start->engine, .store = store, .cancellable = cancellable };
  start->ok = connect_account (&ops, &start->error);
  forge_store_pool_give (start->engine->stores, store);
}

gboolean
forge_engine_start_demo (ForgeEngine *engine, GError **error)
{
  const ForgeFakeProviderOptions options = { .is_demo = TRUE };
  DemoStart start = { .engine = engine };

  engine->demo = forge_fake_provider_new (&options, error);
  if (!engine->demo || !forge_work_run (engine->work, start_demo_work, &start, NULL, error))
    return FALSE;
  if (!start.ok)
    g_propagate_error (error, start.error);
  return start.ok;
}
