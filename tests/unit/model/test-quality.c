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
