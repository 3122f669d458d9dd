/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-quality.h"

static void
test_whole_tokens_only (void)
{
  static const struct {
    const char *name, *want;
  } cases[] = {
    { "UK| Sky News FHD", "FHD" },
    { "UK: BBC ONE ᵁᴴᴰ", "4K" },
    { "DAZN 1 ⁴ᴷ", "4K" },
    { "|DE| Das Erste (1080p)", "FHD" },
    { "Sky FULL HD", "FHD" },
    { "HDNet Movies", "unknown" },
    { "4Kids TV", "unknown" },
    { "BBC_ONE_HD", "HD" },
    { "Arte HD SD", "HD" },
    { "RTL.SD", "SD" },
    { "UK| Sky Sports ULTRA HD", "4K" },
    { "Sky Ultra Drama HD", "HD" },
    { "Eurosport 2160i", "4K" },
    { "Eurosport 2160p60", "4K" },
    { "Eurosport 4320p", "4K" },
    { "Eurosport 3840x2160", "4K" },
    { "Eurosport 3840p", "4K" },
    { "Eurosport FUHD", "4K" },
    { "Eurosport QFHD", "4K" },
    { "Eurosport UHD4K", "4K" },
    { "Eurosport 4KUHD", "4K" },
    { "Eurosport 8K", "4K" },
    { "Eurosport 4K+", "4K" },
    { "Eurosport QHD", "FHD" },
    { "Eurosport 2K", "FHD" },
    { "Eurosport 1440p", "FHD" },
    { "Eurosport 1080p50", "FHD" },
    { "Eurosport 1080i", "FHD" },
    { "Eurosport 1920x1080", "FHD" },
    { "Eurosport HD1080", "FHD" },
    { "Eurosport FULLHD", "FHD" },
    { "Eurosport HQ", "HD" },
    { "Eurosport 720p60", "HD" },
    { "Eurosport 1280x720", "HD" },
    { "Eurosport HD-TV", "HD" },
    { "Eurosport SDTV", "SD" },
    { "Eurosport 540p", "SD" },
    { "Eurosport 480i", "SD" },
    { "Eurosport 240p", "SD" },
    { "Eurosport LQ", "SD" },
    { "Eurosport (LOW)", "SD" },
    { "Eurosport MOBILE", "SD" },
    { "Eurosport 3G", "SD" },
    /* words and numbers that name no tier */
    { "Eurosport 1080pp", "unknown" },
    { "Eurosport 144p", "unknown" },
    { "Eurosport 1080p99", "unknown" },
    { "Mobile Legends TV", "unknown" },
    { "Pal TV", "unknown" },
    { "2Kids", "unknown" },
    { "DHD", "unknown" },
    { "Ultra Nature", "unknown" },
    { "HQTV", "unknown" },
    { "", "unknown" },
    { NULL, "unknown" },
    { "bad \xff utf8 HD", "unknown" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (forge_quality_name (forge_quality_from_name (cases[i].name)),
                     ==,
                     cases[i].want);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/quality/whole-tokens-only", test_whole_tokens_only);
  return g_test_run ();
}
