/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "host/forge-restart.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_RESTARTS   5
#define WINDOW_S       600
#define STATE_VARIABLE "STREAMFORGE_RESTARTS"
/* A sanitizer reports by the same signals. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define HANDLES_CRASHES FALSE
#else
#  define HANDLES_CRASHES TRUE
#endif
#define PORT_VARIABLE "STREAMFORGE_PORT"

/* A signal handler has no argument for state, so this file has the one exception to "no file-scope
 * variables". */
static struct {
  char **argv;
  int count;         /* restarts in this window, this process included */
  long window_began; /* seconds since 1970 */
  char state[48];    /* "COUNT WINDOW", what the next process gets */
} restart;

static void
say (const char *text)
{
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    return;
}

/* Async-signal-safe: write, nanosleep, sigprocmask, execv only; the environment was prepared
 * before. */
static void
on_crash (int number)
{
  static const long pauses_s[MAX_RESTARTS] = { 0, 1, 2, 5, 10 };
  sigset_t all;

  if (restart.count >= MAX_RESTARTS) {
    say ("streamforge: crashed too often, giving up\n");
    signal (number, SIG_DFL);
    raise (number);
    return;
  }
  say ("streamforge: crashed, starting again\n");
  const struct timespec pause = { .tv_sec = pauses_s[restart.count] };
  nanosleep (&pause, NULL);
  /* The new program would inherit the blocked signal. */
  sigemptyset (&all);
  sigprocmask (SIG_SETMASK, &all, NULL);
  execv ("/proc/self/exe", restart.argv);
  say ("streamforge: could not start again\n");
  _exit (1);
}

static void
read_state (void)
{
  const char *state = getenv (STATE_VARIABLE);
  long now = (long)time (NULL);

  if (!state || sscanf (state, "%d %ld", &restart.count, &restart.window_began) != 2 ||
      now - restart.window_began > WINDOW_S) {
    restart.count = 0;
    restart.window_began = now;
  }
}

void
forge_restart_install (char *argv[])
{
  static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

  if (getenv ("STREAMFORGE_NO_RESTART"))
    return;
  restart.argv = argv;
  read_state ();
  snprintf (restart.state, sizeof restart.state, "%d %ld", restart.count + 1, restart.window_began);
  setenv (STATE_VARIABLE, restart.state, TRUE);
  for (gsize i = 0; HANDLES_CRASHES && i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i],
               &(struct sigaction){ .sa_handler = on_crash, .sa_flags = SA_RESETHAND },
               NULL);
}

gboolean
forge_restart_is_restarted (void)
{
  return restart.count > 0;
}

void
forge_restart_remember_port (guint port)
{
  char text[16];

  snprintf (text, sizeof text, "%u", port);
  setenv (PORT_VARIABLE, text, TRUE);
}

guint
forge_restart_port (void)
{
  const char *text = restart.count > 0 ? getenv (PORT_VARIABLE) : NULL;

  return text ? (guint)strtoul (text, NULL, 10) : 0;
}
