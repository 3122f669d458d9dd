/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-shift.h"

#define SECONDS_PER_HOUR 3600
/* Guides round differently. */
#define TOLERANCE_S 120
/* Fewer titles than this may agree by chance. */
#define MIN_VOTES 5
/* Of all titles that both have; the rest are repeats and films of the same name. */
#define MIN_SHARE_PERCENT 60

guint
forge_guide_shift_title (const char *title)
{
  g_autofree char *valid = g_utf8_make_valid (title, -1);
  g_autofree char *folded = g_utf8_casefold (valid, -1);
  char *out = folded;

  for (const char *in = folded; *in; in++)
    if (!g_ascii_isspace (*in))
      *out++ = *in;
  *out = '\0';
  return g_str_hash (folded);
}

static int
compare_titles (gconstpointer a, gconstpointer b)
{
  const ForgeGuideShiftEntry *left = a, *right = b;

  return left->title < right->title ? -1 : left->title > right->title;
}

/* Length of the run of equal titles from `index`. */
static guint
count_equal (const GArray *entries, guint index)
{
  guint title = g_array_index (entries, ForgeGuideShiftEntry, index).title;
  guint n = 1;

  while (index + n < entries->len &&
         g_array_index (entries, ForgeGuideShiftEntry, index + n).title == title)
    n++;
  return n;
}

static void
vote (ForgeGuideShift *shift, gint64 difference_s)
{
  gint64 half = difference_s < 0 ? -SECONDS_PER_HOUR / 2 : SECONDS_PER_HOUR / 2;
  gint64 hours = (difference_s + half) / SECONDS_PER_HOUR;
  gint64 rest_s = difference_s - hours * SECONDS_PER_HOUR;

  if (ABS (hours) <= FORGE_GUIDE_SHIFT_MAX_HOURS && ABS (rest_s) <= TOLERANCE_S)
    shift->votes[hours + FORGE_GUIDE_SHIFT_MAX_HOURS]++;
  else
    shift->misfits++;
}

void
forge_guide_shift_add (ForgeGuideShift *shift, GArray *reference, GArray *other)
{
  guint r = 0, o = 0;

  g_array_sort (reference, compare_titles);
  g_array_sort (other, compare_titles);
  while (r < reference->len && o < other->len) {
    const ForgeGuideShiftEntry *left = &g_array_index (reference, ForgeGuideShiftEntry, r);
    const ForgeGuideShiftEntry *right = &g_array_index (other, ForgeGuideShiftEntry, o);
    guint n_left = count_equal (reference, r), n_right = count_equal (other, o);

    if (left->title == right->title && n_left == 1 && n_right == 1)
      vote (shift, left->start - right->start);
    if (left->title <= right->title)
      r += n_left;
    if (left->title >= right->title)
      o += n_right;
  }
}

int
forge_guide_shift_hours (const ForgeGuideShift *shift)
{
  guint best = FORGE_GUIDE_SHIFT_MAX_HOURS, total = shift->misfits;

  for (guint i = 0; i < G_N_ELEMENTS (shift->votes); i++) {
    total += shift->votes[i];
    if (shift->votes[i] > shift->votes[best])
      best = i;
  }
  if (shift->votes[best] < MIN_VOTES ||
      (guint64)shift->votes[best] * 100 < (guint64)total * MIN_SHARE_PERCENT)
    return 0;
  return (int)best - FORGE_GUIDE_SHIFT_MAX_HOURS;
}
