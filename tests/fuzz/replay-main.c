/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A main () for fuzz targets under compilers without libFuzzer: runs the target once for each file
 * named, and for each file in each directory named. */
#include <glib.h>

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int
replay_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &data, &length, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  /* A copy of the exact size, so that a sanitizer sees the first byte behind it. */
  g_autofree uint8_t *copy = g_memdup2 (data, length);
  return LLVMFuzzerTestOneInput (copy, length);
}

static int
replay (const char *path, guint *n)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  int result = 0;

  if (!dir) {
    (*n)++;
    return replay_file (path);
  }
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    result |= replay (child, n);
  }
  return result;
}

int
main (int argc, char *argv[])
{
  guint n = 0;
  int result = 0;

  for (int i = 1; i < argc; i++)
    result |= replay (argv[i], &n);
  printf ("replayed %u inputs\n", n);
  /* An empty corpus would test nothing. */
  return n == 0 ? 1 : result;
}
