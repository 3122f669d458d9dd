# SPDX-License-Identifier: GPL-3.0-or-later
"""Every control of every page, dialog and step of the assistant has a name and is reached by the Tab key, and Tab goes on from it."""
import shutil
import subprocess
import sys
import tempfile
import time

from forge_gui import (App, Atspi, Provider, State, act, await_gone, await_true, click, find, has, label_of, main, pump, set_text, walk)

PAGES = ("Overview", "Channels", "Guide", "Sources", "Library", "Sessions", "Logs", "Settings")
# What a person can do something with.
CONTROLS = {"push button", "toggle button", "check box", "radio button", "text", "password text", "spin button", "combo box",
            "slider", "list box", "table", "tree table", "entry", "link", "image"}
# These scroll and divide by keys of their own (F6, F8).
PANES = {"scroll pane", "split pane", "viewport"}
# The window manager's buttons have keys of their own.
FRAME = ("Minimize", "Maximize", "Close")
STEP_S = 0.5
# Parts of a composite control: the whole has the name.
INSIDE = {"combo box", "spin button", "page tab list", "scroll pane", "color chooser"}


def is_inside_composite(node):
    parent = node.get_parent()
    return parent is not None and (parent.get_role_name() in INSIDE - {"scroll pane"} or
                                   (parent.get_role_name() == "panel" and is_inside_composite(parent)))


def has_name(node):
    return bool(node.get_name() or label_of(node) or node.get_description())


def described(node, page):
    where = []
    while node is not None and node.get_role_name() != "frame":
        where.append(f"{node.get_role_name()} {node.get_name()!r}")
        node = node.get_parent()
    return f"{page}: " + " < ".join(where[:4])


def nodes_of(window):
    for node in walk(window):
        if has(node, State.SHOWING) and node.get_role_name() in CONTROLS:
            yield node


def check_names(root, where):
    unnamed = set()
    for node in nodes_of(root):
        is_decoration = node.get_role_name() == "image" and not has(node, State.FOCUSABLE)
        if not is_decoration and not is_inside_composite(node) and not has_name(node):
            unnamed.add(described(node, where))
    assert not unnamed, "\n".join(sorted(unnamed))


class Keyboard:
    """Presses keys and hears where the focus goes."""

    def __init__(self):
        self.seen = []
        self.listener = Atspi.EventListener.new(self._on_event)
        self.listener.register("object:state-changed:focused")

    def _on_event(self, event):
        if event.detail1:
            self.seen.append(event.source)

    def take(self, title):
        """X gives the keys to this window."""
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", f"^{title}$", "windowfocus", "--sync"], check=True,
                       timeout=60, stdout=subprocess.DEVNULL)

    def tab(self):
        """Whether the focus went somewhere that AT-SPI shows."""
        before, end = len(self.seen), time.monotonic() + STEP_S
        subprocess.run(["xdotool", "key", "Tab"], check=True, timeout=60)
        while len(self.seen) == before and time.monotonic() < end:
            pump()
            time.sleep(0.005)
        return len(self.seen) > before


def is_page_row(node):
    return node.get_role_name() == "list item" and node.get_parent().get_name() == "Pages"


def focusable(root):
    """What Tab must reach. Of the sidebar's rows one is enough: arrows go on from there."""
    return [node for node in walk(root)
            if has(node, State.SHOWING) and has(node, State.SENSITIVE)
            and (has(node, State.FOCUSABLE) or node.get_role_name() == "combo box")
            and node.get_role_name() not in PANES and node.get_name() not in FRAME and not is_page_row(node)]


def group_of(node):
    """The other radio buttons of its group."""
    return [relation.get_target(index) for relation in node.get_relation_set()
            if relation.get_relation_type() == Atspi.RelationType.MEMBER_OF for index in range(relation.get_n_targets())]


def is_reached(node, seen):
    """A combo box has the focus through the button inside it, which the tree does not show; events do. Within a group of radio
    buttons Tab goes to the one that is chosen, arrows to the others."""
    return node in seen or any(other in seen for other in group_of(node)) or (node.get_role_name() == "combo box" and any(other.get_parent().get_parent() == node for other in seen))


def check_tab(keyboard, root, where):
    """Round and round until everything was reached."""
    missing = focusable(root)
    left = 3 * len(missing) + 20
    keyboard.seen.clear()
    while missing and left > 0:
        keyboard.tab()
        missing = [node for node in missing if not is_reached(node, keyboard.seen)]
        left -= 1
    assert not missing, "\n".join([f"{where}: Tab does not reach", *(described(node, where) for node in missing),
                                   "but", *(described(node, where) for node in keyboard.seen[-12:])])


def check(keyboard, root, where, title="StreamForge"):
    pump()
    check_names(root, where)
    keyboard.take(title)
    check_tab(keyboard, root, where)


def every_page_is_named_and_goes_round():
    keyboard = Keyboard()
    with App("--demo") as app:
        app.await_ready()
        await_true(lambda: app.status()["channels"]["enabled"] >= 24, "the demo's channels")
        for page in PAGES:
            window = app.go(page)
            await_true(lambda page=page: has(find(window, "list item", page), State.SELECTED), page)
            check(keyboard, window, page)
            # Tab turned no page.
            assert has(find(window, "list item", page), State.SELECTED), page


DIALOGS = [("Sources", "Add account…", "Add an account"), ("Sources", "Add guide…", "Add a guide"),
           ("Settings", "Add a tuner", "Add a tuner"), ("Settings", "Add a login", "Add a login for an app"),
           ("Overview", "Check the Tuner…", "Check the tuner")]


def every_dialog_is_named_and_goes_round():
    keyboard = Keyboard()
    with App("--demo") as app:
        app.await_ready()
        for page, button, title in DIALOGS:
            window = app.go(page)
            act(find(window, "push button", button, is_showing=False))
            dialog = find(app.accessible(), "dialog", title)
            check(keyboard, dialog, title, title)
            subprocess.run(["xdotool", "key", "Escape"], check=True, timeout=60)
            await_gone(app.accessible(), "dialog", title)
        click(app.go("Logs"), "Clear")
        alert = find(app.accessible(), "alert")
        check_names(alert, "a question")
        click(alert, "Cancel")


def check_arrows(window):
    here, elsewhere = (find(window, "radio button", name) for name in ("On this computer", "On another device at home"))
    assert here.get_component_iface().grab_focus()
    for key, chosen in (("Down", elsewhere), ("Up", here)):
        subprocess.run(["xdotool", "key", key], check=True, timeout=60)
        await_true(lambda chosen=chosen: has(chosen, State.CHECKED), f"{chosen.get_name()} by the {key} key")


def every_step_of_the_assistant_is_named_and_goes_round():
    keyboard = Keyboard()
    root, provider = tempfile.mkdtemp(prefix="forge-accessible-"), Provider()
    with App(root=root) as app:
        app.await_ready()
        window = app.window()
        find(window, "label", "Welcome to StreamForge")
        set_text(find(window, "text", "Address of the provider"), provider.url)
        check(keyboard, window, "signing in")
        set_text(find(window, "text", "User name"), provider.user)
        set_text(find(window, "password text", "Password"), provider.password)
        click(window, "Connect")
        for heading, button in (("Which channels do you want?", "Next"), ("Where is Plex?", "Next"), ("Your tuner is ready", "Finish")):
            find(window, "label", heading)
            check(keyboard, window, heading)
            if heading == "Where is Plex?":
                check_arrows(window)
            click(window, button)
    provider.close()
    shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main([case for case in [every_page_is_named_and_goes_round, every_dialog_is_named_and_goes_round,
          every_step_of_the_assistant_is_named_and_goes_round] if not sys.argv[1:] or case.__name__ in sys.argv[1:]])
