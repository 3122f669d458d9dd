/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-linger.h"

#include <glib-unix.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_LINGERERS 64
#define MAX_BYTES     (1024 * 1024)
#define MAX_US        (2 * G_USEC_PER_SEC)

struct _ForgeLingerers {
  GMainContext *context;
  GHashTable *set; /* of Lingerer* */
};

typedef struct {
  ForgeLingerers *owner;
  int fd;
  GSource *input, *deadline;
  gsize dropped_bytes;
} Lingerer;

static void
lingerer_free (gpointer data)
{
  Lingerer *lingerer = data;

  g_source_destroy (lingerer->input);
  g_source_unref (lingerer->input);
  g_source_destroy (lingerer->deadline);
  g_source_unref (lingerer->deadline);
  close (lingerer->fd);
  g_free (lingerer);
}

static gboolean
on_input (int fd, GIOCondition condition, gpointer user_data)
{
  Lingerer *lingerer = user_data;
  char scrap[16384];
  ssize_t got = recv (fd, scrap, sizeof scrap, MSG_DONTWAIT);

  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  lingerer->dropped_bytes += got > 0 ? (gsize)got : 0;
  if (got > 0 && lingerer->dropped_bytes < MAX_BYTES)
    return G_SOURCE_CONTINUE;
  g_hash_table_remove (lingerer->owner->set, lingerer);
  return G_SOURCE_REMOVE;
}

static gboolean
on_deadline (gpointer user_data)
{
  Lingerer *lingerer = user_data;

  g_hash_table_remove (lingerer->owner->set, lingerer);
  return G_SOURCE_REMOVE;
}

ForgeLingerers *
forge_lingerers_new (GMainContext *context)
{
  ForgeLingerers *lingerers = g_new0 (ForgeLingerers, 1);

  lingerers->context = g_main_context_ref (context);
  lingerers->set = g_hash_table_new_full (NULL, NULL, lingerer_free, NULL);
  return lingerers;
}

void
forge_lingerers_free (ForgeLingerers *lingerers)
{
  g_hash_table_unref (lingerers->set);
  g_main_context_unref (lingerers->context);
  g_free (lingerers);
}

void
forge_lingerers_add (ForgeLingerers *lingerers, int fd)
{
  Lingerer *lingerer;

  shutdown (fd, SHUT_WR);
  if (g_hash_table_size (lingerers->set) >= MAX_LINGERERS) {
    close (fd);
    return;
  }
  lingerer = g_new0 (Lingerer, 1);
  lingerer->owner = lingerers;
  lingerer->fd = fd;
  lingerer->input = g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (lingerer->input, G_SOURCE_FUNC (on_input), lingerer, NULL);
  g_source_attach (lingerer->input, lingerers->context);
  lingerer->deadline = g_timeout_source_new (MAX_US / 1000);
  g_source_set_callback (lingerer->deadline, on_deadline, lingerer, NULL);
  g_source_attach (lingerer->deadline, lingerers->context);
  g_hash_table_add (lingerers->set, lingerer);
}
