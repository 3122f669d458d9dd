/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-tuner.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* "0002 000c …", blanks ignored. */
GByteArray *test_unhex (const char *hex);
char *test_hex (gconstpointer bytes, gsize length);
/* A frame of `type` with this payload and a right CRC, by an own CRC routine. */
GByteArray *test_frame (guint type, const char *payload_hex);

/* What is under test runs in this context, on the test's own thread. */
typedef gboolean (*TestCondition) (gpointer data);
/* Iterates until `condition` holds; fails the test after 10 s. */
void test_await (GMainContext *context, TestCondition condition, gpointer data);
/* Iterates as long as something is ready. */
void test_settle (GMainContext *context);

/* Sockets that never block, on 127.0.0.1 and connected to `port`. */
int test_udp_client (guint port);
int test_tcp_client (GMainContext *context, guint port);
void test_put (int fd, gconstpointer bytes, gsize length);
/* Iterates until a datagram, or exactly `length` bytes of a stream, is there; as hex. */
char *test_take_datagram (GMainContext *context, int fd);
char *test_take_bytes (GMainContext *context, int fd, gsize length);
/* Iterates until the other end closed. */
void test_await_closed (GMainContext *context, int fd);

ForgeSessionInfo *test_add_session (FakeTuner *fake, int number, const char *channel);

G_END_DECLS
