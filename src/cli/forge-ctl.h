/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/forge-ctl-arguments.h"

G_BEGIN_DECLS

/**
 * ForgeCtl: one run of streamforgectl: the connection to the control socket and how to print.
 */
typedef struct _ForgeCtl ForgeCtl;

ForgeCtl *forge_ctl_new (const char *socket_path, gboolean as_json) G_GNUC_WARN_UNUSED_RESULT;
void forge_ctl_free (ForgeCtl *ctl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeCtl, forge_ctl_free)

gboolean forge_ctl_wants_json (ForgeCtl *ctl);

/* Sends a request; `body` (taken over) may be NULL. Returns the answer (transfer full), or NULL
 * after one line on standard error: the caller then ends with FORGE_CTL_FAILED. */
JsonNode *forge_ctl_call (ForgeCtl *ctl, const char *method, const char *path, JsonObject *body)
    G_GNUC_WARN_UNUSED_RESULT;

/* Prints `answer` (taken over, may be NULL) as JSON or, for people, a table of `columns`
 * ("title:member" …, NULL-terminated) for an array, or lines "member: value" for an object. Returns
 * the exit status. */
int forge_ctl_print (ForgeCtl *ctl, JsonNode *answer, const char *const *columns);
/* For calls that only change something: JSON prints it, people see `text`. */
int forge_ctl_done (ForgeCtl *ctl, JsonNode *answer, const char *text);
/* A command "NOUN VERB ID": calls METHOD /v1/NOUNS/ID[/VERB] for an id of `what`. Prints the
 * answer, or `said` where that is not NULL, as forge_ctl_done (). */
int forge_ctl_call_one (ForgeCtl *ctl,
                        int argc,
                        char **argv,
                        const char *method,
                        const char *nouns,
                        const char *what,
                        const char *verb,
                        const char *said);
/* A command "NOUN refresh [ID] [--force]": reads one of /v1/NOUNS again, or all. */
int forge_ctl_refresh (ForgeCtl *ctl, const char *nouns, int argc, char **argv);
/* Tells a person (standard error) that something long is going on, and during the next call how it
 * gets on. */
void forge_ctl_progress (ForgeCtl *ctl, const char *text);

/* Blanks out control characters in place: names come from providers, and none may move the cursor
 * or break a line. Returns `text`. */
char *forge_ctl_plain (char *text);

/* One command: `words` are the arguments after the verb, without options of the program itself. */
typedef struct {
  const char *noun, *verb; /* verb NULL = the noun alone */
  const char *usage;       /* the arguments, for the help */
  int (*run) (ForgeCtl *ctl, int argc, char **argv);
} ForgeCtlCommand;

extern const ForgeCtlCommand forge_ctl_account_commands[];
extern const ForgeCtlCommand forge_ctl_channel_commands[];
extern const ForgeCtlCommand forge_ctl_client_commands[];
extern const ForgeCtlCommand forge_ctl_device_commands[];
extern const ForgeCtlCommand forge_ctl_download_commands[];
extern const ForgeCtlCommand forge_ctl_guide_commands[];
extern const ForgeCtlCommand forge_ctl_library_commands[];
extern const ForgeCtlCommand forge_ctl_refresh_commands[];
extern const ForgeCtlCommand forge_ctl_system_commands[];

G_END_DECLS
