# SPDX-License-Identifier: GPL-3.0-or-later
"""Every control of every page has a name and can be reached by keyboard."""
from forge_gui import App, State, find, has, is_table, label_of, main, pump, walk

PAGES = ("Overview", "Channels", "Guide", "Sources", "Library", "Sessions", "Logs", "Settings")
# What a person can do something with.
CONTROLS = {"push button", "toggle button", "check box", "radio button", "text", "password text", "spin button", "combo box",
            "slider", "list box", "table", "tree table", "entry", "link", "image"}
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


def every_control_has_a_name():
    unnamed = set()
    with App("--demo") as app:
        app.await_ready()
        for page in PAGES:
            window = app.go(page)
            find(window, "list item", page)
            pump()
            for node in nodes_of(window):
                is_decoration = node.get_role_name() == "image" and not has(node, State.FOCUSABLE)
                if not is_decoration and not is_inside_composite(node) and not has_name(node):
                    unnamed.add(described(node, page))
    assert not unnamed, "\n".join(sorted(unnamed))


def every_control_can_have_the_focus():
    unreachable = set()
    with App("--demo") as app:
        app.await_ready()
        for page in PAGES:
            window = app.go(page)
            for node in nodes_of(window):
                # A combo box has the focus through the button inside it, which AT-SPI does not show.
                if node.get_role_name() in ("image", "list box", "combo box") or is_table(node) or is_inside_composite(node):
                    continue
                # The window manager's buttons have keys of their own.
                if node.get_name() in ("Minimize", "Maximize", "Close") or not has(node, State.SENSITIVE):
                    continue
                if not has(node, State.FOCUSABLE):
                    unreachable.add(described(node, page))
    assert not unreachable, "\n".join(sorted(unreachable))


if __name__ == "__main__":
    main([every_control_has_a_name, every_control_can_have_the_focus])
