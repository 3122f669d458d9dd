/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/discovery/forge-discovery.h"

#include "base/forge-role.h"
#include "model/forge-device-id.h"
#include "server/discovery/forge-hdhr-control.h"
#include "server/discovery/forge-hdhr-discovery.h"
#include "server/discovery/forge-ssdp.h"

/* Notebooks change networks, other programs end. */
#define LOOK_AGAIN_S 30

typedef struct {
  gboolean wants_hdhr, wants_ssdp;
  char *bind, *uuid;
  guint http_port;
  guint32 device_id; /* 0 = none */
} Wish;

struct _ForgeDiscovery {
  ForgeDiscoveryConfig config;
  Wish wish;
  ForgeHdhrVariables *variables;
  ForgeHdhrControl *control;   /* NULL = not listening */
  ForgeHdhrDiscovery *answers; /* only while `control` listens */
  ForgeSsdp *ssdp;
  char *hdhr_trouble, *ssdp_trouble; /* NULL = none */
  char *web_trouble;
  GSource *look_again;
  GMutex lock;         /* only for taking and replacing `problems` */
  GPtrArray *problems; /* immutable once it is here */
};

static void
problem_free (gpointer data)
{
  ForgeDiscoveryProblem *problem = data;

  g_free (problem->text);
  g_free (problem->fix);
  g_free (problem);
}

/* Takes over `fix`. */
static void
add_problem (GPtrArray *problems, const char *id, const char *severity, const char *text, char *fix)
{
  ForgeDiscoveryProblem *problem = g_new0 (ForgeDiscoveryProblem, 1);

  problem->id = id;
  problem->severity = severity;
  problem->text = g_strdup (text);
  problem->fix = fix;
  g_ptr_array_add (problems, problem);
}

static char *
by_hand (ForgeDiscovery *self, const char *intro)
{
  g_autofree char *lan_url = forge_http_server_lan_url (self->config.server);
  g_autofree char *url = lan_url ? NULL : forge_http_server_url (self->config.server);

  return g_strdup_printf ("%s %s.", intro, lan_url ? lan_url : url ? url : "this machine");
}

static void
publish_problems (ForgeDiscovery *self)
{
  GPtrArray *problems = g_ptr_array_new_with_free_func (problem_free);
  GPtrArray *old;

  if (self->hdhr_trouble)
    add_problem (problems,
                 "discovery-off",
                 "warning",
                 self->hdhr_trouble,
                 by_hand (self,
                          "End the other program (a tuner emulator, or StreamForge a second time), "
                          "or add the tuner by hand as"));
  if (self->ssdp_trouble)
    add_problem (problems,
                 "ssdp-off",
                 "info",
                 self->ssdp_trouble,
                 g_strdup ("Switch the setting “ssdp” off if nothing needs it."));
  if (self->web_trouble)
    add_problem (problems,
                 "port-80",
                 "info",
                 self->web_trouble,
                 by_hand (self, "Add the tuner there by hand as"));
  g_mutex_lock (&self->lock);
  old = self->problems;
  self->problems = problems;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&old, g_ptr_array_unref);
}

GPtrArray *
forge_discovery_problems (ForgeDiscovery *self)
{
  GPtrArray *problems;

  g_mutex_lock (&self->lock);
  problems = g_ptr_array_ref (self->problems);
  g_mutex_unlock (&self->lock);
  return problems;
}

static void
tell (ForgeDiscovery *self, ForgeLogLevel level, const char *message, const char *details)
{
  if (self->config.event)
    self->config.event (level, FORGE_EVENT_SYSTEM, message, details, self->config.event_data);
}

/* Tells trouble once, and its end. `error` NULL = all is well. */
static void
note (ForgeDiscovery *self, char **trouble, const char *what, const GError *error)
{
  g_autofree char *bad = g_strdup_printf ("%s is off: %s", what, error ? error->message : "");
  g_autofree char *good = g_strdup_printf ("%s works again", what);

  if (error && !*trouble)
    tell (self, FORGE_LOG_WARNING, bad, NULL);
  else if (!error && *trouble)
    tell (self, FORGE_LOG_INFO, good, NULL);
  g_free (*trouble);
  *trouble = error ? g_steal_pointer (&bad) : NULL;
}

static gboolean
start_control (ForgeDiscovery *self, const ForgeBindPlan *plan, GError **error)
{
  const ForgeHdhrControlConfig config = { .context = self->config.context,
                                          .variables = self->variables,
                                          .port = self->config.hdhr_port };

  self->control = forge_hdhr_control_new (&config, plan, error);
  return self->control != NULL;
}

static gboolean
start_answers (ForgeDiscovery *self, const ForgeBindPlan *plan, GError **error)
{
  const ForgeHdhrDiscoveryConfig config = {
    .context = self->config.context,
    .tuner = self->config.tuner,
    .device_id = self->wish.device_id,
    .http_port = self->wish.http_port,
    .port = forge_hdhr_control_port (self->control),
  };

  self->answers = forge_hdhr_discovery_new (&config, plan, error);
  return self->answers != NULL;
}

static void
start_hdhr (ForgeDiscovery *self, const ForgeBindPlan *plan)
{
  g_autoptr (GError) error = NULL;

  if (!self->wish.wants_hdhr || self->answers)
    return;
  if (!start_control (self, plan, &error) || !start_answers (self, plan, &error))
    g_clear_pointer (&self->control, forge_hdhr_control_free);
  note (self, &self->hdhr_trouble, "Automatic discovery", error);
}

static void
start_ssdp (ForgeDiscovery *self, const ForgeBindPlan *plan)
{
  const ForgeSsdpConfig config = { .context = self->config.context,
                                   .uuid = self->wish.uuid,
                                   .http_port = self->wish.http_port,
                                   .port = self->config.ssdp_port };
  g_autoptr (GError) error = NULL;

  if (!self->wish.wants_ssdp || self->ssdp)
    return;
  self->ssdp = forge_ssdp_new (&config, plan, &error);
  note (self, &self->ssdp_trouble, "SSDP", error);
}

/* Wanted whenever the home may see us, with discovery or without. */
static void
open_web_port (ForgeDiscovery *self, const ForgeBindPlan *plan)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->web_trouble, g_free);
  if (!plan->is_open || !self->config.web_port ||
      forge_http_server_listen_extra (self->config.server,
                                      self->wish.bind,
                                      self->config.web_port,
                                      &error))
    return;
  g_debug ("Without HTTP on port %u: %s", self->config.web_port, error->message);
  self->web_trouble = g_strdup_printf ("Jellyfin and Emby look on port %u, which is not to be had",
                                       self->config.web_port);
}

static void
stop (ForgeDiscovery *self)
{
  g_clear_pointer (&self->answers, forge_hdhr_discovery_free);
  g_clear_pointer (&self->control, forge_hdhr_control_free);
  g_clear_pointer (&self->ssdp, forge_ssdp_free);
}

static void
start (ForgeDiscovery *self)
{
  g_auto (ForgeBindPlan) plan = { 0 };
  g_autoptr (GError) error = NULL;

  if (!self->wish.http_port || !self->wish.device_id)
    return;
  if (!forge_bind_plan_parse (self->wish.bind, &plan, &error)) {
    g_message ("No discovery: %s", error->message);
    return;
  }
  start_hdhr (self, &plan);
  start_ssdp (self, &plan);
  open_web_port (self, &plan);
}

static gboolean
on_look_again (gpointer user_data)
{
  ForgeDiscovery *self = user_data;

  start (self);
  if (self->answers)
    forge_hdhr_discovery_rejoin (self->answers);
  if (self->ssdp)
    forge_ssdp_rejoin (self->ssdp);
  publish_problems (self);
  return G_SOURCE_CONTINUE;
}

static void
update_look_again (ForgeDiscovery *self)
{
  gboolean is_wanted = self->wish.http_port && (self->wish.wants_hdhr || self->wish.wants_ssdp);

  if (is_wanted && !self->look_again) {
    self->look_again = g_timeout_source_new_seconds (LOOK_AGAIN_S);
    g_source_set_callback (self->look_again, on_look_again, self, NULL);
    g_source_attach (self->look_again, self->config.context);
  } else if (!is_wanted && self->look_again) {
    g_source_destroy (self->look_again);
    g_clear_pointer (&self->look_again, g_source_unref);
  }
}

static guint32
parse_device_id (const char *text)
{
  guint64 id;

  if (!text || !g_ascii_string_to_unsigned (text, 16, 1, G_MAXUINT32, &id, NULL) ||
      !forge_device_id_is_valid ((guint32)id))
    return 0;
  return (guint32)id;
}

static void
wish_clear (Wish *wish)
{
  g_free (wish->bind);
  g_free (wish->uuid);
}

static gboolean
wish_equal (const Wish *a, const Wish *b)
{
  return a->wants_hdhr == b->wants_hdhr && a->wants_ssdp == b->wants_ssdp &&
         g_strcmp0 (a->bind, b->bind) == 0 && g_strcmp0 (a->uuid, b->uuid) == 0 &&
         a->http_port == b->http_port && a->device_id == b->device_id;
}

void
forge_discovery_apply (ForgeDiscovery *self, const ForgeDiscoveryState *state)
{
  Wish wish = { .wants_hdhr = state->wants_hdhr,
                .wants_ssdp = state->wants_ssdp,
                .bind = g_strdup (state->bind),
                .uuid = g_strdup (state->uuid),
                .http_port = state->http_port,
                .device_id = parse_device_id (state->device_id) };

  forge_assert_role (FORGE_ROLE_CONTROL);

  forge_hdhr_variables_set_channels (self->variables, state->channels);
  if (wish_equal (&wish, &self->wish)) {
    wish_clear (&wish);
    return;
  }
  stop (self);
  wish_clear (&self->wish);
  self->wish = wish;
  g_clear_pointer (&self->hdhr_trouble, g_free);
  g_clear_pointer (&self->ssdp_trouble, g_free);
  start (self);
  update_look_again (self);
  publish_problems (self);
}

ForgeDiscovery *
forge_discovery_new (const ForgeDiscoveryConfig *config)
{
  ForgeDiscovery *self = g_new0 (ForgeDiscovery, 1);

  self->config = *config;
  self->variables = forge_hdhr_variables_new (config->tuner);
  g_mutex_init (&self->lock);
  self->problems = g_ptr_array_new_with_free_func (problem_free);
  return self;
}

void
forge_discovery_free (ForgeDiscovery *self)
{
  stop (self);
  self->wish.http_port = 0;
  update_look_again (self);
  forge_hdhr_variables_free (self->variables);
  wish_clear (&self->wish);
  g_free (self->hdhr_trouble);
  g_free (self->ssdp_trouble);
  g_free (self->web_trouble);
  g_ptr_array_unref (self->problems);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint
forge_discovery_hdhr_port (const ForgeDiscovery *self)
{
  return self->answers ? forge_hdhr_discovery_port (self->answers) : 0;
}

guint
forge_discovery_ssdp_port (const ForgeDiscovery *self)
{
  return self->ssdp ? forge_ssdp_port (self->ssdp) : 0;
}
