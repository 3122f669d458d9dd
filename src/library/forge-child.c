/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-child.h"

#include "base/forge-error.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_BYTES 16384

typedef struct {
  const ForgeChildLimits *limits;
  ForgeChildLineFunc each;
  ForgeChildTickFunc tick;
  gpointer user_data;
  GCancellable *cancellable;

  GPid pid;
  int out, err; /* −1 = ended */
  gint64 begun_us, heard_us;
  guint64 bytes;
  GString *line, *complaints;
  gboolean is_enough;
} Child;

void
forge_child_result_clear (ForgeChildResult *result)
{
  g_clear_pointer (&result->complaints, g_free);
}

/* Between fork and exec: only what is safe there. */
static void
set_up_child (gpointer unused)
{
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* What it may know of our surroundings: no configuration, no sessions, no secrets. */
static char **
make_environment (void)
{
  static const char *const kept[] = { "PATH",        "LANG",        "LC_ALL",   "TMPDIR",
                                      "http_proxy",  "https_proxy", "no_proxy", "HTTP_PROXY",
                                      "HTTPS_PROXY", "NO_PROXY",    "ALL_PROXY" };
  char **environment = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    if (g_getenv (kept[i]))
      environment = g_environ_setenv (environment, kept[i], g_getenv (kept[i]), TRUE);
  environment = g_environ_setenv (environment, "HOME", "/nonexistent", TRUE);
  return g_environ_setenv (environment, "PYTHONIOENCODING", "utf-8", TRUE);
}

static gboolean
start (Child *child, GError **error)
{
  g_auto (GStrv) environment = make_environment ();
  g_autofree char *program = g_find_program_in_path (child->limits->argv[0]);
  g_auto (GStrv) argv = g_strdupv ((char **)child->limits->argv);
  g_autoptr (GError) failure = NULL;

  if (!program) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_UNSUPPORTED,
                 "%s is not installed",
                 child->limits->argv[0]);
    return FALSE;
  }
  g_free (argv[0]);
  argv[0] = g_steal_pointer (&program);
  if (g_spawn_async_with_pipes ("/",
                                argv,
                                environment,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CLOEXEC_PIPES,
                                set_up_child,
                                NULL,
                                &child->pid,
                                NULL,
                                &child->out,
                                &child->err,
                                &failure))
    return TRUE;
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED, "%s", failure->message);
  return FALSE;
}

/* ---- output ---- */

static gboolean
hand_out (Child *child, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean goes_on = child->each (child->line->str, child->line->len, child->user_data, &failure);

  g_string_truncate (child->line, 0);
  child->is_enough = !goes_on;
  if (!failure)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
too_large (guint64 limit, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_TOO_LARGE,
               "It prints more than %" G_GUINT64_FORMAT " bytes",
               limit);
  return FALSE;
}

static gboolean
take_output (Child *child, const char *data, gsize length, GError **error)
{
  const char *end = data + length, *newline;

  child->bytes += length;
  if (child->bytes > child->limits->max_bytes)
    return too_large (child->limits->max_bytes, error);
  while (!child->is_enough && (newline = memchr (data, '\n', (gsize)(end - data)))) {
    g_string_append_len (child->line, data, newline - data);
    data = newline + 1;
    if (!hand_out (child, error))
      return FALSE;
  }
  g_string_append_len (child->line, data, end - data);
  return child->line->len <= child->limits->max_line_bytes ||
         too_large (child->limits->max_line_bytes, error);
}

/* The last of them say what was wrong. */
static void
take_complaint (Child *child, const char *data, gsize length)
{
  g_string_append_len (child->complaints, data, (gssize)length);
  if (child->complaints->len > FORGE_CHILD_COMPLAINT_BYTES)
    g_string_erase (child->complaints,
                    0,
                    (gssize)(child->complaints->len - FORGE_CHILD_COMPLAINT_BYTES));
}

/* Reads once what is there; closes at the end. */
static gboolean
read_pipe (Child *child, int *fd, GError **error)
{
  char buffer[READ_BYTES];
  ssize_t n = read (*fd, buffer, sizeof buffer);

  if (n < 0 && errno == EINTR)
    return TRUE;
  if (n <= 0) {
    close (*fd);
    gboolean is_output = fd == &child->out;
    *fd = -1;
    return !is_output || child->line->len == 0 || hand_out (child, error);
  }
  child->heard_us = g_get_monotonic_time ();
  if (fd == &child->out)
    return take_output (child, buffer, (gsize)n, error);
  take_complaint (child, buffer, (gsize)n);
  return TRUE;
}

/* ---- time ---- */

static gboolean
check_time (Child *child, GError **error)
{
  gint64 now_us = g_get_monotonic_time ();
  const ForgeChildLimits *limits = child->limits;
  gboolean is_quiet = limits->quiet_s &&
                      now_us - child->heard_us > limits->quiet_s * G_USEC_PER_SEC;
  gboolean is_over = limits->total_s && now_us - child->begun_us > limits->total_s * G_USEC_PER_SEC;

  if (!is_quiet && !is_over)
    return TRUE;
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_TIMED_OUT,
               "%s took longer than %u s",
               limits->argv[0],
               is_over ? limits->total_s : limits->quiet_s);
  return FALSE;
}

static gboolean
check_wanted (Child *child, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (child->cancellable, error))
    return FALSE;
  if (!child->tick || child->tick (child->user_data))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Nobody waits for it any more");
  return FALSE;
}

static gboolean
follow (Child *child, GError **error)
{
  while (!child->is_enough && (child->out >= 0 || child->err >= 0)) {
    struct pollfd fds[] = { { .fd = child->out, .events = POLLIN },
                            { .fd = child->err, .events = POLLIN } };
    int n = poll (fds, G_N_ELEMENTS (fds), FORGE_CHILD_TICK_MS);
    if (!check_wanted (child, error) || !check_time (child, error))
      return FALSE;
    if (n > 0 && fds[0].revents && !read_pipe (child, &child->out, error))
      return FALSE;
    if (n > 0 && fds[1].revents && !read_pipe (child, &child->err, error))
      return FALSE;
  }
  return TRUE;
}

/* The group goes as a whole: helpers of helpers too. By now it has ended or has to. */
static void
reap (Child *child, ForgeChildResult *result)
{
  int status = 0;

  if (child->out >= 0)
    close (child->out);
  if (child->err >= 0)
    close (child->err);
  kill (-child->pid, SIGKILL);
  while (waitpid (child->pid, &status, 0) < 0 && errno == EINTR)
    continue;
  g_spawn_close_pid (child->pid);
  result->exit_status = WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

/* Both pipes are closed: gives it a moment to end by itself, so that its status is its own. */
static void
wait_for_end (Child *child)
{
  siginfo_t info;

  for (guint i = 0; i < 100; i++) {
    info.si_pid = 0;
    if (waitid (P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid)
      return;
    g_usleep (10 * 1000);
  }
}

gboolean
forge_child_run (const ForgeChildLimits *limits,
                 ForgeChildLineFunc each,
                 ForgeChildTickFunc tick,
                 gpointer user_data,
                 ForgeChildResult *result,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GString) complaints = g_string_new (NULL);
  gint64 now_us = g_get_monotonic_time ();
  Child child = { .limits = limits,
                  .each = each,
                  .tick = tick,
                  .user_data = user_data,
                  .cancellable = cancellable,
                  .out = -1,
                  .err = -1,
                  .begun_us = now_us,
                  .heard_us = now_us,
                  .line = line,
                  .complaints = complaints };

  *result = (ForgeChildResult){ 0 };
  if (!start (&child, error))
    return FALSE;
  gboolean ok = follow (&child, error);
  if (ok && !child.is_enough)
    wait_for_end (&child);
  reap (&child, result);
  result->complaints = g_utf8_make_valid (complaints->str, (gssize)complaints->len);
  return ok;
}
