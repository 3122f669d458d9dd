/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-request.h"

G_BEGIN_DECLS

/* Each returns TRUE if the request shall now be answered as usual. On FALSE it was dealt with, and
 * the connection's must_close says whether another request may follow. */

/* DELAY, STATUS and HTML: what happens instead of, or before, any answer. */
gboolean forge_fake_trouble (ForgeFakeConnection *connection,
                             const ForgeFakeRequest *request,
                             const ForgeFakeFaults *faults);
/* SILENT and HEADERS_ONLY: holds the connection until its client leaves. */
gboolean forge_fake_trouble_mute (ForgeFakeConnection *connection,
                                  const ForgeFakeFaults *faults,
                                  const char *content_type);
/* Takes the faults of a document and does all of the above. */
gboolean forge_fake_document_faults (ForgeFakeConnection *connection,
                                     const ForgeFakeRequest *request,
                                     ForgeFakeTarget target,
                                     ForgeFakeFaults *faults);
/* Takes the faults among `verbs` of one stream. */
void forge_fake_stream_faults (ForgeFakeConnection *connection,
                               guint stream_id,
                               guint64 verbs,
                               ForgeFakeFaults *faults);

G_END_DECLS
