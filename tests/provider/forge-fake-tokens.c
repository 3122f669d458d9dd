/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"

#include <string.h>

static void
forget_old_tokens (GArray *tokens)
{
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = tokens->len; i-- > 0;)
    if (g_array_index (tokens, ForgeFakeToken, i).until_us <= now_us)
      g_array_remove_index (tokens, i);
  if (tokens->len >= FORGE_FAKE_MAX_TOKENS)
    g_array_remove_index (tokens, 0);
}

gboolean
forge_fake_redirect_reply (ForgeFakeConnection *connection,
                           const ForgeFakeRequest *request,
                           ForgeFakeKind kind,
                           guint id)
{
  ForgeFakeProvider *provider = connection->provider;
  ForgeFakeToken token = { .kind = kind,
                           .id = id,
                           .until_us = g_get_monotonic_time () + FORGE_FAKE_TOKEN_LIFE_US };

  forge_fake_make_token (token.text);
  pthread_mutex_lock (&provider->lock);
  forget_old_tokens (provider->tokens);
  g_array_append_val (provider->tokens, token);
  pthread_mutex_unlock (&provider->lock);

  g_autofree char *more = g_strdup_printf ("Location: %s/edge/%s\r\n", provider->url, token.text);
  return forge_fake_reply (connection, request, 302, "text/html", more, "");
}

gboolean
forge_fake_token_take (ForgeFakeProvider *provider, const char *text, ForgeFakeToken *token)
{
  gboolean is_known = FALSE;

  pthread_mutex_lock (&provider->lock);
  forget_old_tokens (provider->tokens);
  for (guint i = provider->tokens->len; i-- > 0 && !is_known;) {
    *token = g_array_index (provider->tokens, ForgeFakeToken, i);
    is_known = strcmp (token->text, text) == 0;
    if (is_known)
      g_array_remove_index (provider->tokens, i);
  }
  pthread_mutex_unlock (&provider->lock);
  return is_known;
}
