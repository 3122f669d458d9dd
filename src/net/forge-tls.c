/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-tls.h"

#include "base/forge-error.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Records without application data (tickets, key updates) that one read digests. */
#define MAX_EMPTY_RECORDS 16

struct _ForgeTls {
  int fd;
  gnutls_session_t session;
  gnutls_certificate_credentials_t credentials; /* NULL after the handshake */
  gboolean is_drained; /* the socket said EAGAIN since the flag was cleared */
};

static ssize_t
pull (gnutls_transport_ptr_t context, void *buffer, size_t size)
{
  ForgeTls *tls = context;
  ssize_t n = recv (tls->fd, buffer, size, 0);

  if (n < 0) {
    tls->is_drained = errno == EAGAIN;
    gnutls_transport_set_errno (tls->session, errno);
  }
  return n;
}

static ssize_t
push (gnutls_transport_ptr_t context, const void *data, size_t length)
{
  ForgeTls *tls = context;
  ssize_t n = send (tls->fd, data, length, MSG_NOSIGNAL);

  if (n < 0)
    gnutls_transport_set_errno (tls->session, errno);
  return n;
}

static int
errno_of (ssize_t code)
{
  switch (code) {
  case GNUTLS_E_AGAIN:
  case GNUTLS_E_REHANDSHAKE: /* refused by not doing it */
    return EAGAIN;
  case GNUTLS_E_INTERRUPTED:
    return EINTR;
  default:
    return gnutls_error_is_fatal ((int)code) ? ECONNRESET : EAGAIN;
  }
}

/* EAGAIN must mean that the socket is empty, or an edge-triggered reader would wait for ever. */
static ssize_t
tls_read (void *context, void *buffer, size_t size)
{
  ForgeTls *tls = context;
  ssize_t n = GNUTLS_E_AGAIN;

  tls->is_drained = FALSE;
  for (guint i = 0; i < MAX_EMPTY_RECORDS && !tls->is_drained; i++) {
    n = gnutls_record_recv (tls->session, buffer, size);
    if (n >= 0)
      return n;
    if (n == GNUTLS_E_PREMATURE_TERMINATION) /* plenty of servers just close */
      return 0;
    if (errno_of (n) != EAGAIN)
      break;
  }
  errno = errno_of (n);
  return -1;
}

static bool
tls_has_buffered (void *context)
{
  ForgeTls *tls = context;

  return gnutls_record_check_pending (tls->session) > 0;
}

static void
tls_close (void *context)
{
  ForgeTls *tls = context;

  if (tls->session) {
    gnutls_bye (tls->session, GNUTLS_SHUT_WR); /* one try: closing must not wait */
    gnutls_deinit (tls->session);
  }
  if (tls->credentials)
    gnutls_certificate_free_credentials (tls->credentials);
  close (tls->fd);
  g_free (tls);
}

const ForgeByteSourceOps forge_tls_ops = {
  .read = tls_read,
  .has_buffered = tls_has_buffered,
  .close = tls_close,
};

ssize_t
forge_tls_send (ForgeTls *tls, const void *data, size_t length)
{
  ssize_t n = gnutls_record_send (tls->session, data, length);

  if (n >= 0)
    return n;
  errno = errno_of (n);
  return -1;
}

const char *
forge_tls_trust_file (void)
{
  const char *path = g_getenv ("SSL_CERT_FILE");

  return path && *path ? path : NULL;
}

static int
load_trust (ForgeTls *tls, const char *trust_file)
{
  if (!trust_file)
    return gnutls_certificate_set_x509_system_trust (tls->credentials);
  return gnutls_certificate_set_x509_trust_file (tls->credentials, trust_file, GNUTLS_X509_FMT_PEM);
}

static int
set_trust (ForgeTls *tls, gboolean verify, const char *trust_file)
{
  int code = gnutls_certificate_allocate_credentials (&tls->credentials);

  if (code >= 0 && verify)
    code = load_trust (tls, trust_file);
  if (code >= 0)
    code = gnutls_credentials_set (tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials);
  return MIN (code, 0);
}

/* RFC 6066 §3: no address literals in the server name. */
static int
set_server_name (ForgeTls *tls, const char *host)
{
  if (g_hostname_is_ip_address (host))
    return 0;
  return gnutls_server_name_set (tls->session, GNUTLS_NAME_DNS, host, strlen (host));
}

static int
set_up (ForgeTls *tls, const char *host, gboolean verify, const char *trust_file)
{
  gnutls_datum_t alpn = { (guchar *)"http/1.1", 8 };
  int code = gnutls_init (&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);

  if (code < 0) {
    tls->session = NULL;
    return code;
  }
  gnutls_transport_set_ptr (tls->session, tls);
  gnutls_transport_set_pull_function (tls->session, pull);
  gnutls_transport_set_push_function (tls->session, push);
  gnutls_handshake_set_timeout (tls->session, GNUTLS_INDEFINITE_TIMEOUT); /* the deadline rules */
  code = gnutls_set_default_priority (tls->session);
  if (code >= 0)
    code = gnutls_alpn_set_protocols (tls->session, &alpn, 1, 0);
  if (code >= 0)
    code = set_server_name (tls, host);
  if (code >= 0)
    code = set_trust (tls, verify, trust_file);
  if (code >= 0 && verify)
    gnutls_session_set_verify_cert (tls->session, host, 0);
  return code;
}

static void
set_certificate_error (ForgeTls *tls, const char *host, GError **error)
{
  gnutls_datum_t text = { NULL, 0 };
  unsigned status = gnutls_session_get_verify_cert_status (tls->session);

  gnutls_certificate_verification_status_print (status, GNUTLS_CRT_X509, &text, 0);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: certificate refused: %s",
               host,
               text.data ? (const char *)text.data : "unknown reason");
  gnutls_free (text.data);
}

static void
set_tls_error (ForgeTls *tls, const char *host, int code, GError **error)
{
  if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
    set_certificate_error (tls, host, error);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_RETRY,
                 "%s: TLS: %s",
                 host,
                 gnutls_strerror (code));
}

static gboolean
handshake (ForgeTls *tls, const ForgeDeadline *deadline, GError **error)
{
  for (;;) {
    int code = gnutls_handshake (tls->session);
    if (code >= 0)
      return TRUE;
    if (gnutls_error_is_fatal (code)) {
      set_tls_error (tls, deadline->host, code, error);
      return FALSE;
    }
    gboolean wants_write = gnutls_record_get_direction (tls->session) == 1;
    if (code == GNUTLS_E_AGAIN &&
        !forge_deadline_poll (deadline, tls->fd, wants_write ? G_IO_OUT : G_IO_IN, error))
      return FALSE;
  }
}

/* A parsed trust store takes 3.8 MB (150 certificates, 8 to 18 ms to load); no certificate comes
 * after the handshake. */
static void
drop_trust (ForgeTls *tls)
{
  gnutls_credentials_clear (tls->session);
  gnutls_certificate_free_credentials (tls->credentials);
  tls->credentials = NULL;
}

ForgeTls *
forge_tls_connect (int fd,
                   gboolean verify,
                   const char *trust_file,
                   const ForgeDeadline *deadline,
                   GError **error)
{
  ForgeTls *tls = g_new0 (ForgeTls, 1);

  tls->fd = fd;
  int code = set_up (tls, deadline->host, verify, trust_file);
  if (code < 0)
    set_tls_error (tls, deadline->host, code, error);
  if (code < 0 || !handshake (tls, deadline, error)) {
    tls_close (tls);
    return NULL;
  }
  drop_trust (tls);
  return tls;
}
