/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-joins.h"
#include "tests/unit/mpegts/ts-builder.h"

#include <glib.h>

static void
test_full_table_displaces_the_oldest (void)
{
  ForgeJoins joins = { 0 };

  g_assert_null (forge_joins_newest (&joins));
  for (unsigned i = 1; i <= FORGE_JOINS_MAX + 3; i++)
    forge_joins_add (&joins, &(ForgeJoin){ .offset = i * 1000 });
  forge_joins_add (&joins, &(ForgeJoin){ .offset = 5 }); /* not newer: ignored */
  g_assert_cmpuint (joins.n, ==, FORGE_JOINS_MAX);
  g_assert_cmpuint (joins.items[0].offset, ==, 4000);
  g_assert_cmpuint (forge_joins_newest (&joins)->offset, ==, (FORGE_JOINS_MAX + 3) * 1000);
}

static void
test_trim_drops_what_was_overwritten (void)
{
  ForgeJoins joins = { 0 };

  for (unsigned i = 1; i <= 4; i++)
    forge_joins_add (&joins, &(ForgeJoin){ .offset = i * 1000 });
  g_assert_cmpuint (forge_joins_count_from (&joins, 2000), ==, 3);
  forge_joins_trim (&joins, 2001);
  g_assert_cmpuint (joins.n, ==, 2);
  g_assert_cmpuint (joins.items[0].offset, ==, 3000);
  forge_joins_trim (&joins, 9999);
  g_assert_null (forge_joins_newest (&joins));
}

static void
test_tables_precede_the_next_in_the_stream (void)
{
  ForgeJoins joins = { 0 };
  g_autofree ForgeTsPsi *psi = g_new0 (ForgeTsPsi, 1);
  TsBuilder b = { 0 };
  uint8_t out[FORGE_TS_PSI_MAX_BYTES];

  forge_ts_psi_reset (psi);
  ts_pat (&b, 0, TS_PMT_PID);
  ts_pmt (&b, 0, 0x1B, 200); /* two packets */
  for (size_t at = 0; at < b.size; at += FORGE_TS_PACKET_BYTES)
    forge_ts_psi_push (psi, b.bytes + at);
  forge_joins_add (&joins, &(ForgeJoin){ .offset = 1 });
  forge_joins_set_psi (&joins, psi);
  g_assert_cmpuint (joins.n, ==, 0); /* older points had other tables */

  ForgeJoin join = { .offset = 7, .pat_counter = 0, .pmt_counter = 5 };
  g_assert_cmpuint (forge_joins_write_psi (&joins, &join, out), ==, 3 * 188);
  g_assert_cmpuint (forge_ts_counter (out), ==, 0);
  g_assert_cmpuint (forge_ts_counter (out + 188), ==, 4);
  g_assert_cmpuint (forge_ts_counter (out + 376), ==, 5);
  ts_builder_clear (&b);
}

static void
test_cut_drops_what_was_taken_back (void)
{
  ForgeJoins joins = { 0 };
  uint8_t tables[2 * 188] = { 0 }, out[FORGE_TS_PSI_MAX_BYTES];

  forge_joins_set_tables (&joins, tables, 188, sizeof tables);
  for (unsigned i = 1; i <= 4; i++)
    forge_joins_add (&joins, &(ForgeJoin){ .offset = i * 1000 });
  forge_joins_cut (&joins, 3000);
  g_assert_cmpuint (joins.n, ==, 2);
  g_assert_cmpuint (forge_joins_newest (&joins)->offset, ==, 2000);
  ForgeJoin join = { .pat_counter = 3, .pmt_counter = 9 };
  g_assert_cmpuint (forge_joins_write_psi (&joins, &join, out), ==, sizeof tables);
  g_assert_cmpuint (forge_ts_counter (out), ==, 3);
  g_assert_cmpuint (forge_ts_counter (out + 188), ==, 9);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/joins/full-table-displaces-the-oldest",
                   test_full_table_displaces_the_oldest);
  g_test_add_func ("/relay/joins/trim-drops-what-was-overwritten",
                   test_trim_drops_what_was_overwritten);
  g_test_add_func ("/relay/joins/tables-precede-the-next-in-the-stream",
                   test_tables_precede_the_next_in_the_stream);
  g_test_add_func ("/relay/joins/cut-drops-what-was-taken-back",
                   test_cut_drops_what_was_taken_back);
  return g_test_run ();
}
