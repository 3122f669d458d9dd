/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-psi.h"

/**
 * ForgeJoins: the newest points of a ring where a decoder can start, and the tables that it must be
 * given first. All points belong to one PAT and PMT: different tables clear them.
 */
#define FORGE_JOINS_MAX 8u

typedef struct {
  uint64_t offset;
  uint8_t pat_counter, pmt_counter; /* of the last table packet before `offset` */
} ForgeJoin;

typedef struct {
  ForgeJoin items[FORGE_JOINS_MAX]; /* ascending */
  unsigned n;
  size_t pat_bytes, psi_bytes; /* psi = PAT and PMT; 0 = the stream has none */
  uint8_t psi[FORGE_TS_PSI_MAX_BYTES];
} ForgeJoins;

/* Forgets all points and keeps a copy of the tables (of none if they are incomplete). */
void forge_joins_set_psi (ForgeJoins *joins, const ForgeTsPsi *psi);
/* The same with packets: `pat_bytes` of the PAT, followed by the PMT. */
void
forge_joins_set_tables (ForgeJoins *joins, const uint8_t *packets, size_t pat_bytes, size_t bytes);
/* Ignored unless it is after the newest. Displaces the oldest when full. */
void forge_joins_add (ForgeJoins *joins, const ForgeJoin *join);
/* Drops the points before `floor`. */
void forge_joins_trim (ForgeJoins *joins, uint64_t floor);
/* Drops the points at and after `end`. */
void forge_joins_cut (ForgeJoins *joins, uint64_t end);
/* Points at or after `floor`. */
unsigned forge_joins_count_from (const ForgeJoins *joins, uint64_t floor);
/* NULL = none. */
const ForgeJoin *forge_joins_newest (const ForgeJoins *joins);
/* Writes the tables with the counters that precede those after `join`; returns the bytes, at most
 * FORGE_TS_PSI_MAX_BYTES. */
size_t forge_joins_write_psi (const ForgeJoins *joins, const ForgeJoin *join, uint8_t *out);
