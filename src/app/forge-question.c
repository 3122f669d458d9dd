/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-question.h"

typedef struct {
  ForgeAnswerFunc func;
  gpointer user_data;
} Question;

static void
question_free (gpointer question, GClosure *closure)
{
  g_free (question);
}

static void
on_response (GtkDialog *dialog, int response, gpointer user_data)
{
  const Question question = *(Question *)user_data;

  gtk_widget_destroy (GTK_WIDGET (dialog));
  question.func (response == GTK_RESPONSE_ACCEPT, question.user_data);
}

GtkWidget *
forge_question_ask (GtkWindow *parent,
                    const char *title,
                    const char *text,
                    const char *no_label,
                    const char *yes_label,
                    gboolean is_destructive,
                    ForgeAnswerFunc func,
                    gpointer user_data)
{
  GtkWidget *dialog = gtk_message_dialog_new (parent,
                                              GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_QUESTION,
                                              GTK_BUTTONS_NONE,
                                              "%s",
                                              title);
  Question *question = g_new (Question, 1);

  question->func = func;
  question->user_data = user_data;
  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", text);
  gtk_window_set_title (GTK_WINDOW (dialog), "StreamForge");
  gtk_dialog_add_button (GTK_DIALOG (dialog), no_label, GTK_RESPONSE_CANCEL);
  GtkWidget *yes = gtk_dialog_add_button (GTK_DIALOG (dialog), yes_label, GTK_RESPONSE_ACCEPT);
  gtk_style_context_add_class (gtk_widget_get_style_context (yes),
                               is_destructive ? "destructive-action" : "suggested-action");
  gtk_dialog_set_default_response (GTK_DIALOG (dialog),
                                   is_destructive ? GTK_RESPONSE_CANCEL : GTK_RESPONSE_ACCEPT);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question, question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}
