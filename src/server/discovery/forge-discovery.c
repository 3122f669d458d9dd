/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/discovery/forge-discovery.h"

#include "base/forge-context-call.h"
#include "base/forge-error.h"
#include "base/forge-role.h"
#include "model/forge-device-id.h"
#include "server/discovery/forge-discovery-thread.h"
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
  GPtrArray *others; /* of ForgeDevice*; never NULL in use */
} Wish;

struct _ForgeDiscovery {
  ForgeDiscoveryConfig config;
  Wish wish;
  ForgeHdhrVariables *variables;
  ForgeHdhrControl *control;         /* NULL = not listening */
  ForgeDiscoveryThread *thread;      /* of `answers`; NULL while there are none */
  ForgeHdhrDiscovery *answers;       /* only while `control` listens; touched on `thread` */
  gint tuners;                       /* atomic; what the answers say */
  GPtrArray *ssdp;                   /* of ForgeSsdp*, one per device; NULL = off */
  GPtrArray *open_others;            /* of ForgeDevice* whose port listens */
  GHashTable *device_trouble;        /* id → why its port does not */
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

  g_free (problem->id);
  g_free (problem->text);
  g_free (problem->fix);
  g_free (problem);
}

/* Takes over `fix`. */
static void
add_problem (GPtrArray *problems, const char *id, const char *severity, const char *text, char *fix)
{
  ForgeDiscoveryProblem *problem = g_new0 (ForgeDiscoveryProblem, 1);

  problem->id = g_strdup (id);
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
add_device_problems (ForgeDiscovery *self, GPtrArray *problems)
{
  for (guint i = 0; i < self->wish.others->len; i++) {
    const ForgeDevice *device = g_ptr_array_index (self->wish.others, i);
    const char *trouble = g_hash_table_lookup (self->device_trouble, &device->id);
    g_autofree char *id = g_strdup_printf ("device-%" G_GINT64_FORMAT "-port", device->id);
    g_autofree char *text =
        g_strdup_printf ("The device “%s” is off: %s", device->name, trouble ? trouble : "");
    if (trouble)
      add_problem (problems,
                   id,
                   "warning",
                   text,
                   g_strdup_printf ("Give it another port: device set %" G_GINT64_FORMAT
                                    " port=NUMBER.",
                                    device->id));
  }
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
  add_device_problems (self, problems);
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

static guint32
parse_device_id (const char *text)
{
  guint64 id;

  if (!text || !g_ascii_string_to_unsigned (text, 16, 1, G_MAXUINT32, &id, NULL) ||
      !forge_device_id_is_valid ((guint32)id))
    return 0;
  return (guint32)id;
}

/* The main device and those whose port listens. Returns how many. */
static guint
fill_devices (ForgeDiscovery *self, ForgeHdhrDevice *devices)
{
  guint n = 0;

  devices[n++] = (ForgeHdhrDevice){ self->wish.device_id, self->wish.http_port };
  for (guint i = 0; i < self->open_others->len && n < FORGE_MAX_DEVICES; i++) {
    const ForgeDevice *device = g_ptr_array_index (self->open_others, i);
    guint32 id = parse_device_id (device->device_id);
    if (id)
      devices[n++] = (ForgeHdhrDevice){ id, device->port };
  }
  return n;
}

/* A call that goes over to the thread of the answers. */
typedef struct {
  ForgeDiscovery *self;
  const ForgeHdhrDiscoveryConfig *config;
  const ForgeBindPlan *plan;
  GError **error;
} AnswersCall;

static void
make_answers (gpointer data)
{
  AnswersCall *call = data;

  call->self->answers = forge_hdhr_discovery_new (call->config, call->plan, call->error);
}

static void
free_answers (gpointer data)
{
  ForgeDiscovery *self = data;

  g_clear_pointer (&self->answers, forge_hdhr_discovery_free);
}

static void
rejoin_answers (gpointer data)
{
  ForgeDiscovery *self = data;

  forge_hdhr_discovery_rejoin (self->answers);
}

static void
run_answers (ForgeDiscovery *self, ForgeContextFunc func, gpointer data)
{
  forge_context_call (forge_discovery_thread_context (self->thread), func, data);
}

static void
stop_answers (ForgeDiscovery *self)
{
  if (!self->thread)
    return;
  run_answers (self, free_answers, self);
  g_clear_pointer (&self->thread, forge_discovery_thread_free);
}

static void
note_tuners (ForgeDiscovery *self)
{
  g_atomic_int_set (&self->tuners, (gint)forge_hdhr_tuner_count (self->config.tuner));
}

static gboolean
start_answers (ForgeDiscovery *self, const ForgeBindPlan *plan, GError **error)
{
  ForgeHdhrDevice devices[FORGE_MAX_DEVICES];

  note_tuners (self);
  self->thread = forge_discovery_thread_new ();
  const ForgeHdhrDiscoveryConfig config = {
    .context = forge_discovery_thread_context (self->thread),
    .tuners = &self->tuners,
    .devices = devices,
    .n_devices = fill_devices (self, devices),
    .port = forge_hdhr_control_port (self->control),
  };
  AnswersCall call = { self, &config, plan, error };

  run_answers (self, make_answers, &call);
  if (!self->answers)
    stop_answers (self);
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

static gboolean
add_ssdp (ForgeDiscovery *self,
          GPtrArray *responders,
          const ForgeBindPlan *plan,
          const char *uuid,
          guint http_port,
          GError **error)
{
  const ForgeSsdpConfig config = { .context = self->config.context,
                                   .uuid = uuid,
                                   .http_port = http_port,
                                   .port = self->config.ssdp_port };
  ForgeSsdp *responder = forge_ssdp_new (&config, plan, error);

  if (responder)
    g_ptr_array_add (responders, responder);
  return responder != NULL;
}

static void
start_ssdp (ForgeDiscovery *self, const ForgeBindPlan *plan)
{
  g_autoptr (GPtrArray) responders = NULL;
  g_autoptr (GError) error = NULL;

  if (!self->wish.wants_ssdp || self->ssdp)
    return;
  responders = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_ssdp_free);
  gboolean ok = add_ssdp (self, responders, plan, self->wish.uuid, self->wish.http_port, &error);
  for (guint i = 0; ok && i < self->open_others->len; i++) {
    const ForgeDevice *device = g_ptr_array_index (self->open_others, i);
    ok = add_ssdp (self, responders, plan, device->uuid, device->port, &error);
  }
  if (ok)
    self->ssdp = g_steal_pointer (&responders);
  note (self, &self->ssdp_trouble, "SSDP", error);
}

static gboolean
is_open (const ForgeDiscovery *self, const ForgeDevice *device)
{
  for (guint i = 0; i < self->open_others->len; i++)
    if (((const ForgeDevice *)g_ptr_array_index (self->open_others, i))->id == device->id)
      return TRUE;
  return FALSE;
}

/* TRUE if another port listens now: clients must be told of it. */
static gboolean
open_device (ForgeDiscovery *self, ForgeDevice *device)
{
  g_autoptr (GError) error = NULL;

  if (is_open (self, device))
    return FALSE;
  if (device->port == self->wish.http_port || device->port == self->config.web_port)
    g_set_error (&error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Port %u is the first device's",
                 device->port);
  else
    forge_http_server_listen_extra (self->config.server, self->wish.bind, device->port, &error);
  if (!error) {
    g_hash_table_remove (self->device_trouble, &device->id);
    g_ptr_array_add (self->open_others, forge_device_ref (device));
    return TRUE;
  }
  if (!g_hash_table_contains (self->device_trouble, &device->id)) {
    g_autofree char *text = g_strdup_printf ("The device “%s” is off", device->name);
    tell (self, FORGE_LOG_WARNING, text, error->message);
  }
  g_hash_table_replace (self->device_trouble,
                        g_memdup2 (&device->id, sizeof device->id),
                        g_strdup (error->message));
  return FALSE;
}

static gboolean
open_devices (ForgeDiscovery *self)
{
  gboolean is_news = FALSE;

  for (guint i = 0; i < self->wish.others->len; i++)
    is_news |= open_device (self, g_ptr_array_index (self->wish.others, i));
  return is_news;
}

static void
close_devices (ForgeDiscovery *self)
{
  for (guint i = 0; i < self->open_others->len; i++) {
    const ForgeDevice *device = g_ptr_array_index (self->open_others, i);
    forge_http_server_close_extra (self->config.server, device->port);
  }
  g_ptr_array_set_size (self->open_others, 0);
  g_hash_table_remove_all (self->device_trouble);
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
  stop_answers (self);
  g_clear_pointer (&self->control, forge_hdhr_control_free);
  g_clear_pointer (&self->ssdp, g_ptr_array_unref);
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
  if (open_devices (self))
    stop (self);
  start_hdhr (self, &plan);
  start_ssdp (self, &plan);
  open_web_port (self, &plan);
}

static gboolean
on_look_again (gpointer user_data)
{
  ForgeDiscovery *self = user_data;

  start (self);
  note_tuners (self);
  if (self->answers)
    run_answers (self, rejoin_answers, self);
  for (guint i = 0; self->ssdp && i < self->ssdp->len; i++)
    forge_ssdp_rejoin (g_ptr_array_index (self->ssdp, i));
  publish_problems (self);
  return G_SOURCE_CONTINUE;
}

static void
update_look_again (ForgeDiscovery *self)
{
  gboolean is_wanted = self->wish.http_port && (self->wish.wants_hdhr || self->wish.wants_ssdp ||
                                                self->wish.others->len > 0);

  if (is_wanted && !self->look_again) {
    self->look_again = g_timeout_source_new_seconds (LOOK_AGAIN_S);
    g_source_set_callback (self->look_again, on_look_again, self, NULL);
    g_source_attach (self->look_again, self->config.context);
  } else if (!is_wanted && self->look_again) {
    g_source_destroy (self->look_again);
    g_clear_pointer (&self->look_again, g_source_unref);
  }
}

static void
wish_clear (Wish *wish)
{
  g_free (wish->bind);
  g_free (wish->uuid);
  g_clear_pointer (&wish->others, g_ptr_array_unref);
}

/* Only what others can see of them matters here. */
static gboolean
same_devices (GPtrArray *a, GPtrArray *b)
{
  if (!a || !b || a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++) {
    const ForgeDevice *left = g_ptr_array_index (a, i), *right = g_ptr_array_index (b, i);
    if (left->id != right->id || left->port != right->port ||
        g_strcmp0 (left->device_id, right->device_id) != 0 ||
        g_strcmp0 (left->uuid, right->uuid) != 0 || g_strcmp0 (left->name, right->name) != 0)
      return FALSE;
  }
  return TRUE;
}

static GPtrArray *
copy_devices (GPtrArray *devices)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_device_unref);

  for (guint i = 0; devices && i < devices->len; i++)
    g_ptr_array_add (copy, forge_device_ref (g_ptr_array_index (devices, i)));
  return copy;
}

static gboolean
wish_equal (const Wish *a, const Wish *b)
{
  return a->wants_hdhr == b->wants_hdhr && a->wants_ssdp == b->wants_ssdp &&
         g_strcmp0 (a->bind, b->bind) == 0 && g_strcmp0 (a->uuid, b->uuid) == 0 &&
         a->http_port == b->http_port && a->device_id == b->device_id &&
         same_devices (a->others, b->others);
}

void
forge_discovery_apply (ForgeDiscovery *self, const ForgeDiscoveryState *state)
{
  Wish wish = { .wants_hdhr = state->wants_hdhr,
                .wants_ssdp = state->wants_ssdp,
                .bind = g_strdup (state->bind),
                .uuid = g_strdup (state->uuid),
                .http_port = state->http_port,
                .device_id = parse_device_id (state->device_id),
                .others = copy_devices (state->others) };

  forge_assert_role (FORGE_ROLE_CONTROL);

  forge_hdhr_variables_set_channels (self->variables, state->channels);
  note_tuners (self);
  if (wish_equal (&wish, &self->wish)) {
    wish_clear (&wish);
    return;
  }
  stop (self);
  close_devices (self);
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
  self->wish.others = copy_devices (NULL);
  self->open_others = copy_devices (NULL);
  self->device_trouble = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return self;
}

void
forge_discovery_free (ForgeDiscovery *self)
{
  stop (self);
  close_devices (self);
  self->wish.http_port = 0;
  update_look_again (self);
  forge_hdhr_variables_free (self->variables);
  wish_clear (&self->wish);
  g_ptr_array_unref (self->open_others);
  g_hash_table_unref (self->device_trouble);
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
  return self->ssdp ? forge_ssdp_port (g_ptr_array_index (self->ssdp, 0)) : 0;
}
