/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-session-info.h"

const char *
forge_health_name (ForgeHealth health)
{
  static const char *const names[] = { "starting", "healthy", "stalled", "failing_over", "slate" };

  return (guint)health < G_N_ELEMENTS (names) ? names[health] : "starting";
}

static void
viewer_info_free (gpointer data)
{
  ForgeViewerInfo *viewer = data;

  g_free (viewer->address);
  g_free (viewer->user_agent);
  g_free (viewer);
}

ForgeSessionInfo *
forge_session_info_new (void)
{
  ForgeSessionInfo *info = g_new0 (ForgeSessionInfo, 1);

  info->quality = FORGE_QUALITY_UNKNOWN;
  info->viewers = g_ptr_array_new_with_free_func (viewer_info_free);
  return info;
}

ForgeViewerInfo *
forge_session_info_add_viewer (ForgeSessionInfo *info)
{
  ForgeViewerInfo *viewer = g_new0 (ForgeViewerInfo, 1);

  g_ptr_array_add (info->viewers, viewer);
  return viewer;
}

void
forge_session_info_free (ForgeSessionInfo *info)
{
  g_free (info->channel);
  g_free (info->account);
  g_free (info->stream);
  g_ptr_array_unref (info->viewers);
  g_free (info);
}
