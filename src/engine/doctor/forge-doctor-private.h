/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/doctor/forge-doctor.h"
#include "engine/doctor/forge-interfaces.h"
#include "engine/doctor/forge-probe.h"

G_BEGIN_DECLS

typedef enum {
  FORGE_CHECK_OK,
  FORGE_CHECK_INFO,    /* good to know */
  FORGE_CHECK_SKIPPED, /* could not be tried */
  FORGE_CHECK_WARNING, /* works, but some client will stumble */
  FORGE_CHECK_ERROR,   /* does not work */
} ForgeCheckState;

/* One examination: what is known at its start, and what was found so far. */
typedef struct {
  ForgeOps *ops;
  ForgeDoctorClient client;
  ForgeSnapshot *snapshot;
  GPtrArray *interfaces; /* of ForgeInterface* */
  char *bind;
  guint http_port, hdhr_port; /* 0 = does not listen */
  guint web_port;             /* where some clients look; 80 */
  gboolean is_open;           /* to the home */
  char *lan_url;              /* NULL = none */
  guint tuners_used, tuners_total;
  guint64 refused_peers, refused_hosts;
  gboolean is_used_elsewhere; /* an account's connections, as the provider counts them */
  JsonArray *checks;
} ForgeDoctor;

/* Adds a check. `address` and `fix` may be NULL; `text` is taken over. */
void forge_doctor_add (ForgeDoctor *doctor,
                       const char *id,
                       ForgeCheckState state,
                       const char *address,
                       char *text,
                       const char *fix);

/* One of the examinations. Each adds at least one check. */
void forge_doctor_check_network (ForgeDoctor *doctor);
void forge_doctor_check_discovery (ForgeDoctor *doctor);
void forge_doctor_check_documents (ForgeDoctor *doctor);
void forge_doctor_check_accounts (ForgeDoctor *doctor);
void forge_doctor_check_lineup (ForgeDoctor *doctor);
void forge_doctor_check_guide (ForgeDoctor *doctor);
void forge_doctor_check_stream (ForgeDoctor *doctor);

/* What this client calls itself. */
const char *forge_doctor_user_agent (ForgeDoctorClient client);
/* TRUE if a check that matters to `client` alone is wanted. */
gboolean forge_doctor_is_for (const ForgeDoctor *doctor, ForgeDoctorClient client);
/* The addresses that clients can come from: loopback, and when open to the home all others. Of
 * ForgeInterface*, lent. (transfer container) */
GPtrArray *forge_doctor_addresses (const ForgeDoctor *doctor);
/* The address that a client at home would use, else loopback. Lent. */
const char *forge_doctor_main_address (const ForgeDoctor *doctor);

G_END_DECLS
