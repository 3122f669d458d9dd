/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-hdhr.h"
#include "forge-test-server.h"
#include "server/discovery/forge-hdhr-control.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GET_MODEL "0004000d030b2f7379732f6d6f64656c008f5b54b5"
#define MODEL_IS                                                           \
  "0005001f030b2f7379732f6d6f64656c0004106864686f6d6572756e355f6174736300" \
  "1e5fd121"
#define MODEL_IS_BYTES (sizeof MODEL_IS / 2)
#define MINUTE_US      (60 * G_USEC_PER_SEC)

/* --- variables ---------------------------------------------------------------------------------*/

typedef struct {
  FakeTuner tuner;
  ForgeHdhrVariables *variables;
  const char *peer;
  gint64 now_us;
  guint32 lock_key;
} Vars;

static void
vars_init (Vars *v)
{
  *v = (Vars){ .tuner = { .total = 2 }, .peer = "10.0.0.5", .now_us = MINUTE_US };
  v->variables = forge_hdhr_variables_new (fake_tuner_cast (&v->tuner));
  forge_hdhr_variables_set_channels (v->variables, 12);
}

static void
vars_clear (Vars *v)
{
  forge_hdhr_variables_free (v->variables);
  g_clear_pointer (&v->tuner.sessions, g_ptr_array_unref);
}

/* `value` NULL: get. Errors come with an "E " in front. */
static char *
ask (Vars *v, const char *name, const char *value)
{
  ForgeHdhrGetset request = { .is_set = value != NULL, .lock_key = v->lock_key };
  gboolean is_error;

  g_strlcpy (request.name, name, sizeof request.name);
  g_strlcpy (request.value, value ? value : "", sizeof request.value);
  g_autofree char *text =
      forge_hdhr_variables_run (v->variables, &request, v->peer, v->now_us, &is_error);
  return is_error ? g_strconcat ("E ", text, NULL) : g_steal_pointer (&text);
}

#define expect(v, name, value, want)                       \
  do {                                                     \
    g_autofree char *answer_ = ask ((v), (name), (value)); \
    g_assert_cmpstr (answer_, ==, (want));                 \
  } while (0)

static void
test_fixed_variables (void)
{
  Vars v;

  vars_init (&v);
  expect (&v, "/sys/model", NULL, "hdhomerun5_atsc");
  expect (&v, "/sys/hwmodel", NULL, "HDHR5-4US");
  expect (&v, "/sys/version", NULL, "20250815");
  expect (&v,
          "/sys/features",
          NULL,
          "channelmap: us-bcast us-cable us-hrc us-irc\nmodulation: 8vsb qam256 qam64\n"
          "auto-modulation: auto auto6t auto6c qam\n");
  expect (&v, "/lineup/scan", NULL, "state=complete progress=100% found=12");
  expect (&v, "/lineup/scan", "start", "state=complete progress=100% found=12");
  expect (&v, "/lineup/location", NULL, "disabled");
  expect (&v, "/sys/model", "x", "E ERROR: getset variable is read-only");
  g_autofree char *help = ask (&v, "help", NULL);
  g_assert_nonnull (strstr (help, "/tuner<n>/status\n"));
  g_assert_cmpuint (strlen (help), <=, 1400);
  vars_clear (&v);
}

static void
test_unknown_variables (void)
{
  static const char *const names[] = {
    "/nonsense",
    "",
    "/",
    "/sys",
    "/sys/restart",
    "/tuner0",
    "/tuner0/",
    "/tuner0/nonsense",
    "/tuner2/status",
    "/tuner9/status",
    "/tuner00/status",
    "/tuner-1/status",
    "/tuner/status",
    "/tuner99999999999999999999/status",
  };
  Vars v;

  vars_init (&v);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    expect (&v, names[i], NULL, "E ERROR: unknown getset variable");
    expect (&v, names[i], "1", "E ERROR: unknown getset variable");
  }
  vars_clear (&v);
}

static void
test_an_idle_tuner (void)
{
  Vars v;

  vars_init (&v);
  expect (&v, "/tuner1/status", NULL, "ch=none lock=none ss=0 snq=0 seq=0 bps=0 pps=0");
  expect (&v, "/tuner1/vstatus", NULL, "vch=none name=none auth=unspecified cci=none cgms=none");
  expect (&v, "/tuner1/channel", NULL, "none");
  expect (&v, "/tuner1/channelmap", NULL, "us-bcast");
  expect (&v, "/tuner1/filter", NULL, "0x0000-0x1fff");
  expect (&v, "/tuner1/program", NULL, "0");
  expect (&v, "/tuner1/target", NULL, "none");
  expect (&v, "/tuner1/lockkey", NULL, "none");
  expect (&v, "/tuner1/streaminfo", NULL, "none");
  expect (&v, "/tuner1/plpinfo", NULL, "none");
  vars_clear (&v);
}

static void
test_a_tuner_with_a_viewer (void)
{
  Vars v;

  vars_init (&v);
  test_add_session (&v.tuner, 5, "Das Erste HD – a name that is far too long for it");
  expect (&v,
          "/tuner0/status",
          NULL,
          "ch=auto:5 lock=8vsb ss=100 snq=100 seq=100 bps=8000000 pps=760");
  expect (&v,
          "/tuner0/vstatus",
          NULL,
          "vch=5 name=Das_Erste_HD_–_a_name_that_is auth=unspecified cci=none cgms=none");
  expect (&v, "/tuner0/lockkey", NULL, "10.0.0.9");
  expect (&v, "/tuner0/channel", NULL, "auto:5");
  expect (&v, "/tuner1/status", NULL, "ch=none lock=none ss=0 snq=0 seq=0 bps=0 pps=0");
  /* nobody can take it */
  expect (&v, "/tuner0/lockkey", "77", "E ERROR: resource locked by 10.0.0.9");
  expect (&v, "/tuner0/lockkey", "force", "E ERROR: resource locked by 10.0.0.9");
  expect (&v, "/tuner0/channel", "auto:177000000", "E ERROR: resource locked by 10.0.0.9");
  /* lingering without a viewer, it is free */
  ForgeSessionInfo *session = g_ptr_array_index (v.tuner.sessions, 0);
  g_ptr_array_set_size (session->viewers, 0);
  expect (&v, "/tuner0/lockkey", "77", "10.0.0.5");
  vars_clear (&v);
}

/* What libhdhomerun's scan and Tvheadend do: all of it is taken and nothing is found. */
static void
test_tuning_by_frequency_leads_nowhere (void)
{
  Vars v;

  vars_init (&v);
  expect (&v, "/tuner0/lockkey", "4711", "10.0.0.5");
  v.lock_key = 4711;
  expect (&v, "/tuner0/target", "none", "none");
  expect (&v, "/tuner0/channelmap", "eu-cable", "eu-cable");
  expect (&v, "/tuner0/channelmap", "mars-cable", "E ERROR: invalid channelmap");
  expect (&v, "/tuner0/channel", "auto:177000000", "auto:177000000");
  expect (&v, "/tuner0/status", NULL, "ch=auto:177000000 lock=none ss=0 snq=0 seq=0 bps=0 pps=0");
  expect (&v, "/tuner0/filter", "0x0000", "0x0000");
  expect (&v, "/tuner0/program", "3", "3");
  expect (&v, "/tuner0/vchannel", "5", "5");
  expect (&v, "/tuner0/target", "udp://10.0.0.5:5000", "E ERROR: target not supported, use HTTP");
  expect (&v, "/tuner0/channel", "", "E ERROR: invalid value");
  g_autofree char *long_value = g_strnfill (FORGE_HDHR_MAX_KEPT_BYTES + 1, '1');
  expect (&v, "/tuner0/filter", long_value, "E ERROR: invalid value");
  vars_clear (&v);
}

static void
test_a_lock_keeps_others_out (void)
{
  Vars v;

  vars_init (&v);
  expect (&v, "/tuner0/lockkey", "4711", "10.0.0.5");
  v.peer = "10.0.0.6";
  expect (&v, "/tuner0/lockkey", NULL, "10.0.0.5");
  expect (&v, "/tuner0/channel", "auto:1", "E ERROR: resource locked by 10.0.0.5");
  expect (&v, "/tuner0/lockkey", "none", "E ERROR: resource locked by 10.0.0.5");
  v.lock_key = 4712;
  expect (&v, "/tuner0/lockkey", "4712", "E ERROR: resource locked by 10.0.0.5");
  expect (&v, "/tuner1/lockkey", "4712", "10.0.0.6");
  /* with the key, a new one; then released */
  v.lock_key = 4711;
  expect (&v, "/tuner0/lockkey", "4713", "10.0.0.6");
  v.lock_key = 4713;
  expect (&v, "/tuner0/lockkey", "none", "none");
  expect (&v, "/tuner0/lockkey", NULL, "none");
  /* by force */
  v.lock_key = 0;
  expect (&v, "/tuner1/lockkey", "force", "none");
  expect (&v, "/tuner1/lockkey", NULL, "none");
  expect (&v, "/tuner1/lockkey", "0", "E ERROR: invalid lockkey");
  expect (&v, "/tuner1/lockkey", "-1", "E ERROR: invalid lockkey");
  expect (&v, "/tuner1/lockkey", "4294967296", "E ERROR: invalid lockkey");
  expect (&v, "/tuner1/lockkey", "4294967295", "10.0.0.6");
  vars_clear (&v);
}

static void
test_a_lock_that_nobody_renews_ends (void)
{
  Vars v;

  vars_init (&v);
  expect (&v, "/tuner0/lockkey", "4711", "10.0.0.5");
  v.lock_key = 4711;
  expect (&v, "/tuner0/channel", "auto:1", "auto:1");
  v.now_us += FORGE_HDHR_LOCK_TIMEOUT_US;
  expect (&v, "/tuner0/channel", NULL, "auto:1"); /* its owner renews it */
  v.now_us += FORGE_HDHR_LOCK_TIMEOUT_US;
  v.peer = "10.0.0.6";
  expect (&v, "/tuner0/lockkey", NULL, "10.0.0.5"); /* somebody else does not */
  v.now_us += 1;
  expect (&v, "/tuner0/lockkey", NULL, "none");
  expect (&v, "/tuner0/channel", NULL, "none");
  vars_clear (&v);
}

/* --- TCP ---------------------------------------------------------------------------------------*/

typedef struct {
  Vars vars;
  GMainContext *context;
  ForgeHdhrControl *control;
} Net;

static void
net_init (Net *n, guint idle_timeout_ms)
{
  g_auto (ForgeBindPlan) plan = { 0 };
  g_autoptr (GError) error = NULL;

  vars_init (&n->vars);
  n->context = g_main_context_new ();
  const ForgeHdhrControlConfig config = { .context = n->context,
                                          .variables = n->vars.variables,
                                          .idle_timeout_ms = idle_timeout_ms };
  g_assert_true (forge_bind_plan_parse ("loopback", &plan, &error));
  n->control = forge_hdhr_control_new (&config, &plan, &error);
  g_assert_no_error (error);
}

static void
net_clear (Net *n)
{
  forge_hdhr_control_free (n->control);
  test_settle (n->context);
  g_main_context_unref (n->context);
  vars_clear (&n->vars);
}

static int
net_connect (Net *n)
{
  return test_tcp_client (n->context, forge_hdhr_control_port (n->control));
}

static void
put_hex (int fd, const char *hex)
{
  g_autoptr (GByteArray) bytes = test_unhex (hex);

  test_put (fd, bytes->data, bytes->len);
}

static void
expect_model (Net *n, int fd)
{
  g_autofree char *hex = test_take_bytes (n->context, fd, MODEL_IS_BYTES);

  g_assert_cmpstr (hex, ==, MODEL_IS);
}

typedef struct {
  ForgeHdhrControl *control;
  guint wanted;
} Crowd;

static gboolean
has_connections (gpointer data)
{
  Crowd *crowd = data;

  return forge_hdhr_control_connections (crowd->control) == crowd->wanted;
}

static void
await_connections (Net *n, guint wanted)
{
  Crowd crowd = { n->control, wanted };

  test_await (n->context, has_connections, &crowd);
}

static void
test_requests_of_one_connection (void)
{
  Net n;

  net_init (&n, 0);
  int fd = net_connect (&n);
  put_hex (fd, GET_MODEL);
  expect_model (&n, fd);
  g_autoptr (GByteArray) foo = test_frame (4, "03052f666f6f00");
  test_put (fd, foo->data, foo->len);
  g_autofree char *error = test_take_bytes (n.context, fd, 48);
  g_assert_cmpstr (
      error,
      ==,
      "0005002803052f666f6f00051f4552524f523a20756e6b6e6f776e20676574736574207661726961"
      "626c650024c61f8e");
  put_hex (fd, GET_MODEL);
  expect_model (&n, fd);
  close (fd);
  await_connections (&n, 0);
  net_clear (&n);
}

static void
test_a_request_byte_by_byte (void)
{
  Net n;

  net_init (&n, 0);
  int fd = net_connect (&n);
  g_autoptr (GByteArray) bytes = test_unhex (GET_MODEL);
  for (guint i = 0; i < bytes->len; i++) {
    test_put (fd, bytes->data + i, 1);
    test_settle (n.context);
  }
  expect_model (&n, fd);
  close (fd);
  net_clear (&n);
}

/* More than one wake-up may answer, and more than a socket takes without being read. */
static void
test_pipelined_requests (void)
{
  const guint requests = 2000;
  g_autoptr (GByteArray) one = test_unhex (GET_MODEL);
  Net n;

  net_init (&n, 0);
  int fd = net_connect (&n);
  guint sent = 0, answered = 0;
  while (answered < requests) {
    /* As much as fits, then one answer is read. */
    while (sent < requests && send (fd, one->data, one->len, MSG_NOSIGNAL) == (gssize)one->len)
      sent++;
    expect_model (&n, fd);
    answered++;
  }
  g_assert_cmpuint (sent, ==, requests);
  close (fd);
  await_connections (&n, 0);
  net_clear (&n);
}

/* A client that asks a lot before it reads. */
typedef struct {
  int fd;
  GByteArray *requests;
  gsize sent;
  const guint8 *reply; /* each of them */
  gsize reply_bytes, wanted, got;
} Slow;

static gboolean
ask_more (Slow *slow)
{
  ssize_t sent = send (slow->fd,
                       slow->requests->data + slow->sent,
                       slow->requests->len - slow->sent,
                       MSG_NOSIGNAL);

  slow->sent += (gsize)MAX (sent, 0);
  return sent > 0;
}

static gboolean
read_all (gpointer data)
{
  Slow *slow = data;
  guint8 bytes[65536];
  ssize_t got = recv (slow->fd, bytes, sizeof bytes, 0);

  ask_more (slow);
  for (ssize_t i = 0; i < got; i++, slow->got++)
    g_assert_cmphex (bytes[i], ==, slow->reply[slow->got % slow->reply_bytes]);
  return slow->got == slow->wanted;
}

/* Twelve megabytes of answers are more than the system holds for it. */
static void
test_a_client_that_does_not_read_waits (void)
{
  const guint requests = 20000;
  g_autoptr (GByteArray) help = test_frame (4, "030568656c7000");
  g_autoptr (GByteArray) all = g_byte_array_new ();
  ForgeHdhrWriter writer;
  int small = 1, large = 1 << 20; /* bytes */
  Net n;

  net_init (&n, 0);
  for (guint i = 0; i < requests; i++)
    g_byte_array_append (all, help->data, help->len);
  g_autofree char *text = ask (&n.vars, "help", NULL);
  gsize reply_bytes = forge_hdhr_getset_reply (&writer, "help", FALSE, text);
  Slow slow = { .fd = net_connect (&n),
                .requests = all,
                .reply = writer.bytes,
                .reply_bytes = reply_bytes,
                .wanted = requests * reply_bytes };
  setsockopt (slow.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  while (slow.sent < all->len && ask_more (&slow))
    test_settle (n.context);
  /* Others are answered meanwhile, and it gets all its answers when it reads. */
  int other = net_connect (&n);
  put_hex (other, GET_MODEL);
  expect_model (&n, other);
  setsockopt (slow.fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
  test_await (n.context, read_all, &slow);
  close (slow.fd);
  close (other);
  await_connections (&n, 0);
  net_clear (&n);
}

static void
expect_hang_up (Net *n, const char *hex)
{
  int fd = net_connect (n);

  put_hex (fd, hex);
  test_await_closed (n->context, fd);
  close (fd);
}

static void
test_what_closes_the_connection (void)
{
  static const struct {
    guint type;
    const char *payload;
  } bad[] = {
    { 4, "" },                    /* no name */
    { 4, "03092f6100" },          /* a value beyond the end */
    { 4, "03032f6100 15021234" }, /* a short lock key */
    { 6, "00" },                  /* a firmware upload */
    { 2, "0104ffffffff" },        /* discovery */
    { 5, "03032f6100" },          /* a reply */
    { 0x4747, "" },
  };
  Net n;

  net_init (&n, 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GByteArray) frame = test_frame (bad[i].type, bad[i].payload);
    g_autofree char *hex = test_hex (frame->data, frame->len);
    expect_hang_up (&n, hex);
  }
  expect_hang_up (&n, "0004000d030b2f7379732f6d6f64656c008f5b54b4"); /* CRC */
  expect_hang_up (&n, "000405ad");                                   /* 1453 bytes to come */
  expect_hang_up (&n, "47455420 2f20485454502f312e310d0a0d0a");      /* HTTP */
  await_connections (&n, 0);
  net_clear (&n);
}

static void
test_a_silent_client_is_dropped (void)
{
  Net n;

  net_init (&n, 40);
  int fd = net_connect (&n);
  put_hex (fd, "0004");
  await_connections (&n, 1);
  test_await_closed (n.context, fd);
  close (fd);
  net_clear (&n);
}

static void
test_a_crowd_locks_nobody_out (void)
{
  int crowd[FORGE_HDHR_MAX_CONNECTIONS];
  Net n;

  net_init (&n, 0);
  for (guint i = 0; i < G_N_ELEMENTS (crowd); i++)
    crowd[i] = net_connect (&n);
  await_connections (&n, FORGE_HDHR_MAX_CONNECTIONS);
  put_hex (crowd[0], GET_MODEL); /* so that the second is the silent one */
  expect_model (&n, crowd[0]);
  int late = net_connect (&n);
  put_hex (late, GET_MODEL);
  expect_model (&n, late);
  test_await_closed (n.context, crowd[1]);
  put_hex (crowd[0], GET_MODEL);
  expect_model (&n, crowd[0]);
  await_connections (&n, FORGE_HDHR_MAX_CONNECTIONS);
  for (guint i = 0; i < G_N_ELEMENTS (crowd); i++)
    close (crowd[i]);
  close (late);
  await_connections (&n, 0);
  net_clear (&n);
}

static void
put_noise (GRand *random, int fd, const guint8 *valid, gsize length)
{
  guint8 bytes[64];

  g_assert_cmpuint (length, <=, sizeof bytes);
  memcpy (bytes, valid, length);
  bytes[g_rand_int_range (random, 0, (gint32)length)] ^= (guint8)g_rand_int_range (random, 1, 256);
  if (send (fd, bytes, length, MSG_NOSIGNAL) < 0)
    return; /* hung up on already */
}

static void
test_a_flood_of_noise_changes_nothing (void)
{
  const guint frames = 50000, per_connection = 50;
  g_autoptr (GByteArray) set = test_frame (4, "03102f74756e6572302f6368616e6e656c00 0404617574f6");
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  Net n;

  net_init (&n, 0);
  guint descriptors = test_count_descriptors ();
  for (guint i = 0; i < frames / per_connection; i++) {
    int fd = net_connect (&n);
    for (guint k = 0; k < per_connection; k++)
      put_noise (random, fd, set->data, set->len);
    close (fd);
    test_settle (n.context);
  }
  await_connections (&n, 0);
  g_assert_cmpuint (test_count_descriptors (), ==, descriptors);
  expect (&n.vars, "/tuner0/channel", NULL, "none");
  int fd = net_connect (&n);
  put_hex (fd, GET_MODEL);
  expect_model (&n, fd);
  close (fd);
  net_clear (&n);
}

static void
test_a_taken_port_is_told (void)
{
  g_auto (ForgeBindPlan) plan = { 0 };
  g_autoptr (GError) error = NULL;
  Net n;

  net_init (&n, 0);
  const ForgeHdhrControlConfig config = { .context = n.context,
                                          .variables = n.vars.variables,
                                          .port = forge_hdhr_control_port (n.control) };
  g_assert_true (forge_bind_plan_parse ("loopback", &plan, &error));
  g_assert_null (forge_hdhr_control_new (&config, &plan, &error));
  g_assert_nonnull (strstr (error->message, "in use"));
  net_clear (&n);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/hdhr-control/fixed-variables", test_fixed_variables);
  g_test_add_func ("/server/hdhr-control/unknown-variables", test_unknown_variables);
  g_test_add_func ("/server/hdhr-control/an-idle-tuner", test_an_idle_tuner);
  g_test_add_func ("/server/hdhr-control/a-tuner-with-a-viewer", test_a_tuner_with_a_viewer);
  g_test_add_func ("/server/hdhr-control/tuning-by-frequency-leads-nowhere",
                   test_tuning_by_frequency_leads_nowhere);
  g_test_add_func ("/server/hdhr-control/a-lock-keeps-others-out", test_a_lock_keeps_others_out);
  g_test_add_func ("/server/hdhr-control/a-lock-that-nobody-renews-ends",
                   test_a_lock_that_nobody_renews_ends);
  g_test_add_func ("/server/hdhr-control/requests-of-one-connection",
                   test_requests_of_one_connection);
  g_test_add_func ("/server/hdhr-control/a-request-byte-by-byte", test_a_request_byte_by_byte);
  g_test_add_func ("/server/hdhr-control/pipelined-requests", test_pipelined_requests);
  g_test_add_func ("/server/hdhr-control/a-client-that-does-not-read-waits",
                   test_a_client_that_does_not_read_waits);
  g_test_add_func ("/server/hdhr-control/what-closes-the-connection",
                   test_what_closes_the_connection);
  g_test_add_func ("/server/hdhr-control/a-silent-client-is-dropped",
                   test_a_silent_client_is_dropped);
  g_test_add_func ("/server/hdhr-control/a-crowd-locks-nobody-out", test_a_crowd_locks_nobody_out);
  g_test_add_func ("/server/hdhr-control/a-flood-of-noise-changes-nothing",
                   test_a_flood_of_noise_changes_nothing);
  g_test_add_func ("/server/hdhr-control/a-taken-port-is-told", test_a_taken_port_is_told);
  return g_test_run ();
}
