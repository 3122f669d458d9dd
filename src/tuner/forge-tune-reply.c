/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-tune-reply.h"

char *
forge_tune_reply_ok (const char *request_id, int tuner_number)
{
  return g_strdup_printf ("HTTP/1.1 200 OK\r\n"
                          "Content-Type: video/mp2t\r\n"
                          "Connection: close\r\n"
                          "Cache-Control: no-cache\r\n"
                          "transferMode.dlna.org: Streaming\r\n"
                          "Server: HDHomeRun/1.0\r\n"
                          "X-Request-Id: %s\r\n"
                          "X-HDHomeRun-Resource: tuner%d\r\n"
                          "\r\n",
                          request_id,
                          tuner_number);
}

static const char *
error_text (ForgeTuneError error)
{
  switch (error) {
  case FORGE_TUNE_IN_USE:
    return "804 Tuner In Use";
  case FORGE_TUNE_ALL_IN_USE:
    return "805 All Tuners In Use";
  case FORGE_TUNE_NO_VIDEO:
    return "807 No Video Data";
  case FORGE_TUNE_FAILED:
  default:
    return "806 Tune Failed";
  }
}

char *
forge_tune_reply_error (const char *request_id, ForgeTuneError error)
{
  return g_strdup_printf ("HTTP/1.1 503 Service Unavailable\r\n"
                          "X-HDHomeRun-Error: %s\r\n"
                          "Content-Length: 0\r\n"
                          "Connection: close\r\n"
                          "Cache-Control: no-cache\r\n"
                          "Server: HDHomeRun/1.0\r\n"
                          "X-Request-Id: %s\r\n"
                          "\r\n",
                          error_text (error),
                          request_id);
}
