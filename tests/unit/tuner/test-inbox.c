/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-inbox.h"

#define THREADS  4
#define MESSAGES 5000

typedef struct {
  guint next[THREADS]; /* number expected from each thread */
  guint received;
  GThread *thread;
} Receiver;

typedef struct {
  ForgeInbox *inbox;
  guint index;
} Sender;

static void
receive (gpointer message, gpointer user_data)
{
  Receiver *receiver = user_data;
  guint value = GPOINTER_TO_UINT (message) - 1, thread = value / MESSAGES;

  g_assert_true (receiver->thread == g_thread_self ());
  g_assert_cmpuint (value % MESSAGES, ==, receiver->next[thread]);
  receiver->next[thread]++;
  receiver->received++;
}

static gpointer
send_all (gpointer data)
{
  Sender *sender = data;

  for (guint i = 0; i < MESSAGES; i++)
    forge_inbox_post (sender->inbox, GUINT_TO_POINTER (sender->index * MESSAGES + i + 1));
  return NULL;
}

static void
test_every_thread_keeps_its_order (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Receiver receiver = { .thread = g_thread_self () };
  ForgeInbox *inbox = forge_inbox_new (context, receive, &receiver);
  Sender senders[THREADS];
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++) {
    senders[i] = (Sender){ inbox, i };
    threads[i] = g_thread_new ("sender", send_all, &senders[i]);
  }
  while (receiver.received < THREADS * MESSAGES) /* a lost wake-up hangs here */
    g_main_context_iteration (context, TRUE);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  forge_inbox_free (inbox);
}

static void
test_nothing_is_lost_at_the_end (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Receiver receiver = { .thread = g_thread_self () };
  ForgeInbox *inbox = forge_inbox_new (context, receive, &receiver);

  forge_inbox_post (inbox, GUINT_TO_POINTER (1));
  forge_inbox_post (inbox, GUINT_TO_POINTER (2));
  g_assert_cmpuint (receiver.received, ==, 0); /* never from within post */
  forge_inbox_free (inbox);
  g_assert_cmpuint (receiver.received, ==, 2);
  g_assert_false (g_main_context_iteration (context, FALSE));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tuner/inbox/every-thread-keeps-its-order", test_every_thread_keeps_its_order);
  g_test_add_func ("/tuner/inbox/nothing-is-lost-at-the-end", test_nothing_is_lost_at_the_end);
  return g_test_run ();
}
