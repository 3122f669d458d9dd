/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel-table.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * ForgeDeed: one operation of the user as calls of /v1 in order, with the calls that take it back,
 * and its name for "Undo …". Pure data.
 */
typedef struct {
  char *method, *path;
  JsonNode *body; /* NULL = none */
} ForgeDeedCall;

typedef struct {
  char *name;
  GPtrArray *calls; /* of ForgeDeedCall* */
  GPtrArray *undo;  /* of ForgeDeedCall*; empty = cannot be taken back */
} ForgeDeed;

ForgeDeed *forge_deed_new (const char *name) G_GNUC_WARN_UNUSED_RESULT;
void forge_deed_free (ForgeDeed *deed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDeed, forge_deed_free)

/* `body` (transfer full, NULL = none) belongs to the call. */
void forge_deed_add_call (ForgeDeed *deed, const char *method, const char *path, JsonNode *body);
void forge_deed_add_undo (ForgeDeed *deed, const char *method, const char *path, JsonNode *body);

/* {"name": value} for bodies. Returns: (transfer full). */
JsonNode *forge_deed_int_body (const char *name, gint64 value) G_GNUC_WARN_UNUSED_RESULT;
JsonNode *forge_deed_text_body (const char *name, const char *value) G_GNUC_WARN_UNUSED_RESULT;

/* What a person does to channels of `table`; NULL if that changes nothing. `ids` of gint64.
 * Returns: (transfer full). */
ForgeDeed *forge_deed_enable (const ForgeChannelTable *table, const GArray *ids, gboolean enabled);
ForgeDeed *forge_deed_rename (const ForgeChannelTable *table, gint64 id, const char *name);
ForgeDeed *forge_deed_number (const ForgeChannelTable *table, gint64 id, int number);
/* To the place before `before_id` (0 = behind the last). */
ForgeDeed *forge_deed_move_before (const ForgeChannelTable *table, gint64 id, gint64 before_id);
/* All of them by one place; those that are off, and those that stand at the end already, stay. */
ForgeDeed *forge_deed_move_by_one (const ForgeChannelTable *table, const GArray *ids, gboolean up);

/* What can be done with a stream of a channel. */
#define FORGE_DEED_STREAM_ACCEPT "accept" /* an unsure match is right */
#define FORGE_DEED_STREAM_ADD    "add"    /* one that was not there, or was rejected */
#define FORGE_DEED_STREAM_FIRST  "first"  /* tried before all others */
#define FORGE_DEED_STREAM_REJECT "reject"
/* `action`: one of the above. `first_id`: the stream that is tried first now, 0 = none.
 * `was_chosen`: the user had said yes to this stream before. */
ForgeDeed *forge_deed_stream (gint64 channel_id,
                              gint64 stream_id,
                              const char *stream_name,
                              const char *action,
                              gint64 first_id,
                              gboolean was_chosen);

/* Every unsure match of these channels is right. `channels`: what GET /v1/match?review=1 answers;
 * `ids` of gint64: those of them that are meant. */
ForgeDeed *forge_deed_accept_all (JsonArray *channels, const GArray *ids);

/**
 * ForgeUndo: the deeds of this run of the program that can be taken back, newest first.
 */
typedef struct _ForgeUndo ForgeUndo;

/* Older ones are forgotten. */
#define FORGE_UNDO_DEPTH 100

ForgeUndo *forge_undo_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_undo_free (ForgeUndo *undo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeUndo, forge_undo_free)

/* After it was done; takes `deed`. What was taken back before cannot be done again any more. */
void forge_undo_push (ForgeUndo *undo, ForgeDeed *deed);
/* The one that would be taken back or done again next, NULL = none. Returns: (transfer none). */
const ForgeDeed *forge_undo_peek (ForgeUndo *undo, gboolean redo);
/* Says that this happened: the deed changes sides. */
void forge_undo_step (ForgeUndo *undo, gboolean redo);
/* A call failed: it, and what came before it, may no longer fit what is stored. */
void forge_undo_clear (ForgeUndo *undo);

G_END_DECLS
