/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-byte-source.h"
#include "net/forge-net-poll.h"

G_BEGIN_DECLS

/**
 * ForgeTls: a GnuTLS client session on a connected, non-blocking descriptor. Internal to net: GIO's
 * TLS wants a GIOStream and a main context; a relay worker wants recv ().
 *
 * System trust and the host's name are checked if asked; SNI and ALPN "http/1.1" are sent.
 */
typedef struct _ForgeTls ForgeTls;

/* The PEM file that SSL_CERT_FILE names, whose certificates are trusted in place of the system's,
 * as with curl or ffmpeg. NULL = the system's are. (transfer none) */
const char *forge_tls_trust_file (void);

/* Does the handshake before the deadline. Takes `fd` over, also on failure. `trust_file` is a PEM
 * file in place of the system's trust, NULL = the system's. INVALID if the certificate is
 * refused, else RETRY. Returns: (transfer full). */
ForgeTls *forge_tls_connect (int fd,
                             gboolean verify,
                             const char *trust_file,
                             const ForgeDeadline *deadline,
                             GError **error);

/* Like send (): bytes taken, or -1 with errno. */
ssize_t forge_tls_send (ForgeTls *tls, const void *data, size_t length);

/* For a ForgeByteSource whose context is the ForgeTls. */
extern const ForgeByteSourceOps forge_tls_ops;

G_END_DECLS
