/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-guard.h"

/**
 * ForgeGuarded and its enumerator: GSocketClient asks for addresses one by one; those that the
 * guard refuses are left out, so no packet is ever sent there. What was checked is what is
 * connected to: nothing is resolved a second time.
 */
#define FORGE_TYPE_GUARDED (forge_guarded_get_type ())
G_DECLARE_FINAL_TYPE (ForgeGuarded, forge_guarded, FORGE, GUARDED, GObject)
#define FORGE_TYPE_GUARDED_ADDRESSES (forge_guarded_addresses_get_type ())
G_DECLARE_FINAL_TYPE (ForgeGuardedAddresses,
                      forge_guarded_addresses,
                      FORGE,
                      GUARDED_ADDRESSES,
                      GSocketAddressEnumerator)

struct _ForgeGuarded {
  GObject parent_instance;
  ForgeGuard *guard;
  GSocketConnectable *inner;
  char *host;
};

struct _ForgeGuardedAddresses {
  GSocketAddressEnumerator parent_instance;
  ForgeGuarded *owner;
  GSocketAddressEnumerator *inner;
  GError *refusal; /* the first, until an address passed */
  gboolean has_passed;
};

G_DEFINE_FINAL_TYPE (ForgeGuardedAddresses,
                     forge_guarded_addresses,
                     G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

/* ---- the enumerator ---- */

static gboolean
may_pass (ForgeGuardedAddresses *self, GSocketAddress *address)
{
  GError **refusal = self->refusal ? NULL : &self->refusal;
  GInetAddress *inet = G_IS_INET_SOCKET_ADDRESS (address)
                           ? g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))
                           : NULL;

  if (!inet || !forge_guard_check_address (self->owner->guard, self->owner->host, inet, refusal))
    return FALSE;
  self->has_passed = TRUE;
  return TRUE;
}

/* No address is left: that is an error if all were refused. */
static void
set_refusal (ForgeGuardedAddresses *self, GError **error)
{
  if (!self->has_passed && self->refusal)
    g_propagate_error (error, g_error_copy (self->refusal));
}

static GSocketAddress *
addresses_next (GSocketAddressEnumerator *enumerator, GCancellable *cancellable, GError **error)
{
  ForgeGuardedAddresses *self = FORGE_GUARDED_ADDRESSES (enumerator);

  for (;;) {
    g_autoptr (GError) failure = NULL;
    g_autoptr (GSocketAddress) address =
        g_socket_address_enumerator_next (self->inner, cancellable, &failure);
    if (address && may_pass (self, address))
      return g_steal_pointer (&address);
    if (failure)
      g_propagate_error (error, g_steal_pointer (&failure));
    else if (!address)
      set_refusal (self, error);
    if (!address)
      return NULL;
  }
}

static void ask_inner (GTask *task);

static void
on_inner_next (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ForgeGuardedAddresses *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GSocketAddress) address =
      g_socket_address_enumerator_next_finish (G_SOCKET_ADDRESS_ENUMERATOR (source),
                                               result,
                                               &error);

  if (address && !may_pass (self, address)) {
    ask_inner (g_steal_pointer (&task));
    return;
  }
  if (!address && !error)
    set_refusal (self, &error);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&address), g_object_unref);
}

/* Takes `task` over. */
static void
ask_inner (GTask *task)
{
  ForgeGuardedAddresses *self = g_task_get_source_object (task);

  g_socket_address_enumerator_next_async (self->inner,
                                          g_task_get_cancellable (task),
                                          on_inner_next,
                                          task);
}

static void
addresses_next_async (GSocketAddressEnumerator *enumerator,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (enumerator, cancellable, callback, user_data);

  g_task_set_source_tag (task, addresses_next_async);
  ask_inner (task);
}

static GSocketAddress *
addresses_next_finish (GSocketAddressEnumerator *enumerator, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
addresses_finalize (GObject *object)
{
  ForgeGuardedAddresses *self = FORGE_GUARDED_ADDRESSES (object);

  g_clear_object (&self->owner);
  g_clear_object (&self->inner);
  g_clear_error (&self->refusal);
  G_OBJECT_CLASS (forge_guarded_addresses_parent_class)->finalize (object);
}

static void
forge_guarded_addresses_class_init (ForgeGuardedAddressesClass *klass)
{
  GSocketAddressEnumeratorClass *enumerator_class = G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = addresses_finalize;
  enumerator_class->next = addresses_next;
  enumerator_class->next_async = addresses_next_async;
  enumerator_class->next_finish = addresses_next_finish;
}

static void
forge_guarded_addresses_init (ForgeGuardedAddresses *self)
{
}

/* ---- the connectable ---- */

static GSocketAddressEnumerator *
guarded_enumerate (GSocketConnectable *connectable)
{
  ForgeGuardedAddresses *addresses = g_object_new (FORGE_TYPE_GUARDED_ADDRESSES, NULL);

  addresses->owner = g_object_ref (FORGE_GUARDED (connectable));
  addresses->inner = g_socket_connectable_enumerate (addresses->owner->inner);
  return G_SOCKET_ADDRESS_ENUMERATOR (addresses);
}

static char *
guarded_to_string (GSocketConnectable *connectable)
{
  return g_strdup (FORGE_GUARDED (connectable)->host);
}

static void
guarded_iface_init (GSocketConnectableIface *iface)
{
  iface->enumerate = guarded_enumerate;
  iface->proxy_enumerate = guarded_enumerate;
  iface->to_string = guarded_to_string;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (ForgeGuarded,
                               forge_guarded,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                                                      guarded_iface_init))

static void
guarded_finalize (GObject *object)
{
  ForgeGuarded *self = FORGE_GUARDED (object);

  g_clear_pointer (&self->guard, forge_guard_unref);
  g_clear_object (&self->inner);
  g_clear_pointer (&self->host, g_free);
  G_OBJECT_CLASS (forge_guarded_parent_class)->finalize (object);
}

static void
forge_guarded_class_init (ForgeGuardedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = guarded_finalize;
}

static void
forge_guarded_init (ForgeGuarded *self)
{
}

GSocketConnectable *
forge_guard_connectable (ForgeGuard *guard, const char *host, guint16 port)
{
  ForgeGuarded *self = g_object_new (FORGE_TYPE_GUARDED, NULL);

  self->guard = forge_guard_ref (guard);
  self->inner = g_network_address_new (host, port);
  self->host = g_strdup (host);
  return G_SOCKET_CONNECTABLE (self);
}
