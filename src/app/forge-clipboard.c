/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-clipboard.h"

#include <gdk/gdkx.h>
#include <glib/gi18n.h>

/* Seen: GNOME 48 on Wayland drops gtk_clipboard_set_text () from a tray menu without an error. */
#define SHOWN_MS 1500

static void
set_text (const char *text)
{
  gtk_clipboard_set_text (gtk_clipboard_get (GDK_SELECTION_CLIPBOARD), text, -1);
}

static gboolean
may_set_at_once (GtkApplication *application)
{
  for (GList *each = gtk_application_get_windows (application); each; each = each->next)
    if (gtk_window_is_active (each->data))
      return TRUE;
  return GDK_IS_X11_DISPLAY (gdk_display_get_default ());
}

static gboolean
on_over (gpointer window)
{
  gtk_widget_destroy (window);
  return G_SOURCE_REMOVE;
}

static gboolean
on_focus_in (GtkWidget *window, GdkEvent *event, gpointer user_data)
{
  const char *text = g_object_get_data (G_OBJECT (window), "text");

  if (text)
    set_text (text);
  g_object_set_data (G_OBJECT (window), "text", NULL);
  return GDK_EVENT_PROPAGATE;
}

static void
on_destroy (GtkWidget *window, gpointer timer)
{
  g_source_destroy (timer);
}

static void
show_window (GtkApplication *application, const char *text)
{
  GtkWidget *window = gtk_application_window_new (application);
  GtkWidget *label = gtk_label_new (_ ("The address was copied."));
  GSource *timer = g_timeout_source_new (SHOWN_MS);

  gtk_window_set_title (GTK_WINDOW (window), "StreamForge");
  gtk_window_set_resizable (GTK_WINDOW (window), FALSE);
  gtk_container_set_border_width (GTK_CONTAINER (window), 24);
  gtk_container_add (GTK_CONTAINER (window), label);
  g_object_set_data_full (G_OBJECT (window), "text", g_strdup (text), g_free);
  g_signal_connect (window, "focus-in-event", G_CALLBACK (on_focus_in), NULL);
  g_signal_connect_data (window,
                         "destroy",
                         G_CALLBACK (on_destroy),
                         timer,
                         (GClosureNotify)(void (*) (void))g_source_unref,
                         0);
  g_source_set_callback (timer, on_over, window, NULL);
  g_source_attach (timer, NULL);
  gtk_widget_show_all (window);
  gtk_window_present (GTK_WINDOW (window));
}

void
forge_clipboard_copy (GtkApplication *application, const char *text)
{
  if (may_set_at_once (application))
    set_text (text);
  else
    show_window (application, text);
}
