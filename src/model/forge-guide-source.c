/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-guide-source.h"

ForgeGuideSource *
forge_guide_source_new (void)
{
  ForgeGuideSource *source = g_atomic_rc_box_new0 (ForgeGuideSource);

  source->enabled = TRUE;
  return source;
}

ForgeGuideSource *
forge_guide_source_copy (const ForgeGuideSource *source)
{
  ForgeGuideSource *copy = forge_guide_source_new ();

  *copy = *source;
  copy->name = g_strdup (source->name);
  copy->location = g_strdup (source->location);
  copy->zone = g_strdup (source->zone);
  copy->etag = g_strdup (source->etag);
  copy->last_modified = g_strdup (source->last_modified);
  copy->content_hash = g_strdup (source->content_hash);
  copy->status_text = g_strdup (source->status_text);
  return copy;
}

ForgeGuideSource *
forge_guide_source_ref (ForgeGuideSource *source)
{
  return g_atomic_rc_box_acquire (source);
}

static void
source_clear (gpointer data)
{
  ForgeGuideSource *source = data;

  g_free (source->name);
  g_free (source->location);
  g_free (source->zone);
  g_free (source->etag);
  g_free (source->last_modified);
  g_free (source->content_hash);
  g_free (source->status_text);
}

void
forge_guide_source_unref (ForgeGuideSource *source)
{
  g_atomic_rc_box_release_full (source, source_clear);
}
