/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-net"

#include "config.h"

#include "net/forge-remux.h"

#include "base/forge-error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ours are moved above what the child's are moved to. */
#define SAFE_FD 16
/* Its inputs: standard input, then 3, 4 … */
#define SECOND_INPUT_FD 3
#define CLOCK_HZ        90000.0

struct _ForgeRemux {
  pid_t pid;
};

char *
forge_remux_find (void)
{
  return g_find_program_in_path ("ffmpeg");
}

/* ---- what is it? ---- */

/* Bytes of the ID3v2 tag at the start, 0 = there is none. Its sizes are "syncsafe". */
static gsize
id3_bytes (const guint8 *data, gsize length)
{
  if (length < 10 || memcmp (data, "ID3", 3) != 0)
    return 0;
  gsize size = 10 + ((gsize)(data[6] & 0x7F) << 21 | (gsize)(data[7] & 0x7F) << 14 |
                     (gsize)(data[8] & 0x7F) << 7 | (gsize)(data[9] & 0x7F));
  return size <= length ? size : 0;
}

/* Spec: RFC 8216 §3.4: a PRIV frame with this owner and a 33-bit clock, big-endian. */
static double
id3_offset_s (const guint8 *tag, gsize length)
{
  static const char owner[] = "com.apple.streaming.transportStreamTimestamp";
  const guint8 *at = memmem (tag, length, owner, sizeof owner);

  if (!at || (gsize)(at - tag) + sizeof owner + 8 > length)
    return 0;
  guint64 clock;
  memcpy (&clock, at + sizeof owner, sizeof clock);
  return (double)(GUINT64_FROM_BE (clock) & G_GUINT64_CONSTANT (0x1FFFFFFFF)) / CLOCK_HZ;
}

/* The container of a file, by what it begins with. */
static const char *
sniff_magic (const guint8 *data, gsize length)
{
  static const struct {
    const char *bytes, *format;
  } known[] = { { "\x1a\x45\xdf\xa3", "matroska" }, { "OggS", "ogg" }, { "FLV\x01", "flv" } };

  for (gsize i = 0; length >= 4 && i < G_N_ELEMENTS (known); i++)
    if (memcmp (data, known[i].bytes, 4) == 0)
      return known[i].format;
  return NULL;
}

static gboolean
is_mp4 (const guint8 *data, gsize length)
{
  static const char *const boxes[] = { "ftyp", "styp", "moov", "moof", "sidx" };

  for (gsize i = 0; length >= 8 && i < G_N_ELEMENTS (boxes); i++)
    if (memcmp (data + 4, boxes[i], 4) == 0)
      return TRUE;
  return FALSE;
}

static const char *
sniff_audio (const guint8 *data, gsize length)
{
  if (length < 6)
    return NULL;
  if (data[0] == 0x0B && data[1] == 0x77) /* ETSI TS 102 366: bsid above 10 is E-AC-3 */
    return data[5] >> 3 > 10 ? "eac3" : "ac3";
  if (data[0] == 0xFF && (data[1] & 0xF6) == 0xF0)
    return "aac";
  return data[0] == 0xFF && (data[1] & 0xE0) == 0xE0 ? "mp3" : NULL;
}

const char *
forge_remux_sniff (const guint8 *data, gsize length, double *offset_s)
{
  gsize tag = id3_bytes (data, length);

  *offset_s = tag > 0 ? id3_offset_s (data, tag) : 0;
  data += tag;
  length -= tag;
  if (length > 0 && data[0] == 0x47)
    return "mpegts";
  if (is_mp4 (data, length))
    return "mp4";
  const char *container = sniff_magic (data, length);
  return container ? container : sniff_audio (data, length);
}

/* ---- the process ---- */

static void
add (GPtrArray *arguments, const char *text)
{
  g_ptr_array_add (arguments, g_strdup (text));
}

static void
add_all (GPtrArray *arguments, const char *const *texts)
{
  for (; *texts; texts++)
    add (arguments, *texts);
}

static int
input_fd (guint n)
{
  return n == 0 ? STDIN_FILENO : SECOND_INPUT_FD + (int)n - 1;
}

static void
add_input (GPtrArray *arguments, const ForgeRemuxInput *input, guint n)
{
  /* Known streams need no long look; a hostile one may name no file and no host. */
  static const char *const limits[] = { "-protocol_whitelist", "pipe",    "-probesize", "1000000",
                                        "-analyzeduration",    "1000000", "-f",         NULL };
  char offset[G_ASCII_DTOSTR_BUF_SIZE];

  if (input->offset_s > 0) {
    add (arguments, "-itsoffset");
    add (arguments, g_ascii_formatd (offset, sizeof offset, "%.6f", input->offset_s));
  }
  add_all (arguments, limits);
  add (arguments, input->format);
  add (arguments, "-i");
  g_ptr_array_add (arguments, g_strdup_printf ("pipe:%d", input_fd (n)));
}

/* Fragments need no way back to the beginning; with their sizes unknown no player waits for an
 * index. */
static const char *const *
output_options (ForgeRemuxOutput output)
{
  static const char *const stream[] = { "-f",
                                        "mpegts",
                                        "-mpegts_flags",
                                        "+resend_headers",
                                        "-muxdelay",
                                        "0",
                                        "-muxpreload",
                                        "0",
                                        "-flush_packets",
                                        "1",
                                        NULL };
  static const char *const mp4[] = { "-f",
                                     "mp4",
                                     "-movflags",
                                     "+frag_keyframe+empty_moov+delay_moov+default_base_moof",
                                     NULL };
  static const char *const webm[] = { "-f", "webm", NULL };
  static const char *const matroska[] = { "-f", "matroska", NULL };

  switch (output) {
  case FORGE_REMUX_MP4:
    return mp4;
  case FORGE_REMUX_WEBM:
    return webm;
  case FORGE_REMUX_MATROSKA:
    return matroska;
  case FORGE_REMUX_STREAM:
  default:
    return stream;
  }
}

static GPtrArray *
arguments_new (const char *program,
               ForgeRemuxOutput output,
               const ForgeRemuxInput *inputs,
               guint n_inputs)
{
  static const char *const head[] = { "-nostdin", "-hide_banner", "-v", "error", NULL };
  static const char *const one[] = { "-map", "0:v?", "-map", "0:a?", NULL };
  static const char *const two[] = { "-map", "0:v:0", "-map", "1:a:0", NULL };
  GPtrArray *arguments = g_ptr_array_new_with_free_func (g_free);

  add (arguments, program);
  add_all (arguments, head);
  /* The clocks of pictures and sound belong together; those of files begin at zero both. */
  if (output == FORGE_REMUX_STREAM)
    add (arguments, "-copyts");
  for (guint i = 0; i < n_inputs; i++)
    add_input (arguments, &inputs[i], i);
  add_all (arguments, n_inputs > 1 ? two : one);
  add (arguments, "-c");
  add (arguments, "copy");
  add_all (arguments, output_options (output));
  add (arguments, "pipe:1");
  g_ptr_array_add (arguments, NULL);
  return arguments;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* Both ends above the numbers that the child uses. */
static gboolean
make_pair (int *ours, int *theirs)
{
  int pair[2];

  *ours = *theirs = -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return FALSE;
  *ours = fcntl (pair[0], F_DUPFD_CLOEXEC, SAFE_FD);
  *theirs = fcntl (pair[1], F_DUPFD_CLOEXEC, SAFE_FD);
  close (pair[0]);
  close (pair[1]);
  return *ours >= 0 && *theirs >= 0 && fcntl (*ours, F_SETFL, O_NONBLOCK) == 0;
}

static void
set_actions (posix_spawn_file_actions_t *actions, const int *theirs, guint n_inputs, int out_fd)
{
  for (guint i = 0; i < n_inputs; i++)
    posix_spawn_file_actions_adddup2 (actions, theirs[i], input_fd (i));
  posix_spawn_file_actions_adddup2 (actions, out_fd, STDOUT_FILENO);
  /* What it would say may quote the stream; the outcome is what counts. */
  posix_spawn_file_actions_addopen (actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np (actions, input_fd (n_inputs));
}

static void
set_signals (posix_spawnattr_t *attributes)
{
  sigset_t none, all;

  sigemptyset (&none);
  sigfillset (&all);
  posix_spawnattr_setsigmask (attributes, &none);
  posix_spawnattr_setsigdefault (attributes, &all);
  posix_spawnattr_setpgroup (attributes, 0);
  posix_spawnattr_setflags (attributes,
                            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int
spawn (pid_t *pid, char **arguments, const int *theirs, guint n_inputs, int out_fd)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  posix_spawn_file_actions_init (&actions);
  posix_spawnattr_init (&attributes);
  set_actions (&actions, theirs, n_inputs, out_fd);
  set_signals (&attributes);
  int failure = posix_spawn (pid, arguments[0], &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  return failure;
}

ForgeRemux *
forge_remux_new (const char *program,
                 ForgeRemuxOutput output,
                 const ForgeRemuxInput *inputs,
                 guint n_inputs,
                 int out_fd,
                 int *feed_fds,
                 GError **error)
{
  g_return_val_if_fail (n_inputs > 0 && n_inputs <= FORGE_REMUX_MAX_INPUTS, NULL);
  g_autoptr (GPtrArray) arguments = arguments_new (program, output, inputs, n_inputs);
  int theirs[FORGE_REMUX_MAX_INPUTS] = { -1, -1 };
  int out = fcntl (out_fd, F_DUPFD_CLOEXEC, SAFE_FD);
  int failure = out < 0 ? errno : 0;
  pid_t pid = 0;

  for (guint i = 0; i < n_inputs; i++)
    feed_fds[i] = -1;
  for (guint i = 0; i < n_inputs && failure == 0; i++)
    failure = make_pair (&feed_fds[i], &theirs[i]) ? 0 : errno;
  if (failure == 0)
    failure = spawn (&pid, (char **)arguments->pdata, theirs, n_inputs, out);
  for (guint i = 0; i < n_inputs; i++)
    close_fd (&theirs[i]);
  close_fd (&out);
  if (failure == 0) {
    ForgeRemux *remux = g_new0 (ForgeRemux, 1);
    remux->pid = pid;
    return remux;
  }
  for (guint i = 0; i < n_inputs; i++)
    close_fd (&feed_fds[i]);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_RETRY,
               "ffmpeg could not be started: %s",
               g_strerror (failure));
  return NULL;
}

ForgeRemuxState
forge_remux_look (const ForgeRemux *remux)
{
  siginfo_t info = { 0 };

  if (waitid (P_PID, (id_t)remux->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    return FORGE_REMUX_FAILED;
  if (info.si_pid == 0)
    return FORGE_REMUX_RUNNING;
  return info.si_code == CLD_EXITED && info.si_status == 0 ? FORGE_REMUX_DONE : FORGE_REMUX_FAILED;
}

/* Not waited for yet, so the number is still its own. */
void
forge_remux_kill (ForgeRemux *remux)
{
  kill (-remux->pid, SIGKILL);
}

void
forge_remux_free (ForgeRemux *remux)
{
  if (!remux)
    return;
  forge_remux_kill (remux);
  while (waitpid (remux->pid, NULL, 0) < 0 && errno == EINTR)
    continue;
  g_free (remux);
}
