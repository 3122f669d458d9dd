/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-media.h"

#include <string.h>

static const char *const kind_names[] = { NULL, "movie", "series", "episode" };

const char *
forge_media_kind_name (ForgeMediaKind kind)
{
  g_return_val_if_fail (kind >= FORGE_MEDIA_MOVIE && kind <= FORGE_MEDIA_EPISODE, "movie");

  return kind_names[kind];
}

gboolean
forge_media_kind_parse (const char *name, ForgeMediaKind *kind)
{
  for (guint i = FORGE_MEDIA_MOVIE; name && i < G_N_ELEMENTS (kind_names); i++)
    if (strcmp (name, kind_names[i]) == 0) {
      *kind = (ForgeMediaKind)i;
      return TRUE;
    }
  return FALSE;
}

char *
forge_media_handle (ForgeMediaKind kind, gint64 id)
{
  return g_strdup_printf ("%s/%" G_GINT64_FORMAT, forge_media_kind_name (kind), id);
}

gboolean
forge_media_handle_parse (const char *text, ForgeMediaKind *kind, gint64 *id)
{
  const char *slash = text ? strchr (text, '/') : NULL;
  g_autofree char *name = slash ? g_strndup (text, (gsize)(slash - text)) : NULL;

  return name && forge_media_kind_parse (name, kind) &&
         g_ascii_string_to_signed (slash + 1, 10, 1, G_MAXINT64, id, NULL);
}

ForgeMedia *
forge_media_new (ForgeMediaKind kind)
{
  ForgeMedia *media = g_atomic_rc_box_new0 (ForgeMedia);

  media->kind = kind;
  media->quality = FORGE_QUALITY_UNKNOWN;
  return media;
}

ForgeMedia *
forge_media_ref (ForgeMedia *media)
{
  return g_atomic_rc_box_acquire (media);
}

static void
media_clear (gpointer data)
{
  ForgeMedia *media = data;

  g_free (media->title);
  g_free (media->plot);
  g_free (media->genre);
  g_free (media->rating);
  g_free (media->poster);
  g_free (media->group);
  g_free (media->extension);
  g_free (media->series_title);
}

void
forge_media_unref (ForgeMedia *media)
{
  g_atomic_rc_box_release_full (media, media_clear);
}

void
forge_media_source_free (ForgeMediaSource *source)
{
  if (!source)
    return;
  g_free (source->extension);
  g_free (source->name);
  g_free (source->language);
  g_free (source);
}

ForgeMediaListing *
forge_media_listing_new (void)
{
  ForgeMediaListing *listing = g_new0 (ForgeMediaListing, 1);

  listing->quality = FORGE_QUALITY_UNKNOWN;
  return listing;
}

void
forge_media_listing_free (ForgeMediaListing *listing)
{
  if (!listing)
    return;
  g_free (listing->name);
  g_free (listing->title);
  g_free (listing->folded);
  g_free (listing->language);
  g_free (listing->extension);
  g_free (listing->group);
  g_free (listing->poster);
  g_free (listing->plot);
  g_free (listing->genre);
  g_free (listing->rating);
  g_free (listing);
}
