#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page with the demo's channels and a viewer, in light, dark, at 200 %, German, Spanish, French and right to left,
as pictures in FORGE_SCREENSHOTS for a person to look at. What a program can see is checked: no GTK warning, nothing
wider than the window, the language is the one asked for, right to left is mirrored, no page is blank.
"""
import os
import re
import subprocess
import sys
import threading
import urllib.request

from gi.repository import Gio

from forge_gui import BUILD, App, Atspi, GLib, Provider, State, act, await_true, find, has, main, set_text, walk
from forge_pseudo import make_pseudo_arabic

FOLDER = os.environ.get("FORGE_SCREENSHOTS", os.path.join(BUILD, "screenshots"))
PAGES = ["overview", "channels", "guide", "sources", "library", "sessions", "logs", "settings"]
# Name of the first page in each language: proof that the translation is in use.
FIRST_PAGE = {"de": "Übersicht", "es": "Resumen", "fr": "Vue d’ensemble"}
CATALOGUES = os.path.join(BUILD, "po")
PLAYERS = {1: "PlexMediaServer/1.41.3", 4: "VLC/3.0.21 LibVLC/3.0.21"}
# For pictures that are shown to people (scripts/make-screenshots); tests take any port.
PORT = os.environ.get("FORGE_SCREENSHOT_PORT", "0")
MIN_COLOURS = 12
MAX_LOOKS = 5


class Viewer:
    """Watches a channel until it is closed."""

    def __init__(self, url, player):
        request = urllib.request.Request(url, headers={"User-Agent": player})
        self.answer = urllib.request.urlopen(request, timeout=60)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            while self.answer.read(65536):
                pass
        except (OSError, ValueError):
            pass

    def close(self):
        self.answer.close()


def window_id():
    """No window must not reach import: it would wait for a click."""
    done = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^StreamForge$"], capture_output=True, text=True,
                          timeout=20, check=False)
    numbers = done.stdout.split()
    return numbers[-1] if numbers else None


def picture(path):
    """Until two looks are the same; what moves every second is taken as it is."""
    number = await_true(window_id, "the window on the screen")
    # Not over the window: it would show a tooltip.
    subprocess.run(["xdotool", "mousemove", "9999", "9999"], check=True, timeout=20)
    last = None
    for _ in range(MAX_LOOKS):
        subprocess.run(["import", "-window", number, path], check=True, timeout=60)
        done = subprocess.run(["identify", "-format", "%# %k %w", path], capture_output=True, text=True, check=True, timeout=60)
        signature, colours, width = done.stdout.split()
        if signature == last:
            break
        last = signature
    assert int(colours) >= MIN_COLOURS, f"{path} has {colours} colours: blank?"
    return int(width)


def rows_of(window):
    """The sidebar: a list with one row for each page."""
    def look():
        for node in walk(window):
            if node.get_role_name() == "list box" and node.get_child_count() == len(PAGES):
                return node
        return None
    return await_true(look, "the sidebar")


def extents(node):
    return node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)


def check_width(window, page, width):
    """Nothing that is shown begins or ends outside of the window."""
    for node in walk(window):
        try:
            if not has(node, State.SHOWING) or node.get_role_name() not in ("label", "push button", "toggle button", "text"):
                continue
            box = extents(node)
        except GLib.Error:
            continue  # gone while we looked
        inside = box.x >= -1 and box.x + box.width <= width + 1
        assert inside or box.width <= 0, f"{page}: {node.get_role_name()} {node.get_name()!r} from {box.x} to {box.x + box.width} of {width}"


def show(app, place):
    """What a notification or the tray does."""
    Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
        "io.github.streamforge.StreamForge.Demo", "/io/github/streamforge/StreamForge/Demo", "org.gtk.Actions", "Activate",
        GLib.Variant("(sava{sv})", ("show", [GLib.Variant("s", place)], {})), None, Gio.DBusCallFlags.NONE, 60000, None)


def showing(window, role):
    return [node for node in walk(window) if node.get_role_name() == role and has(node, State.SHOWING)]


def go_on(window):
    """The button in the corner, whatever it is called in this language; the heading says that the next step is there."""
    def headings():
        return [node.get_name() for node in showing(window, "label")[:4]]
    before = headings()
    act(showing(window, "push button")[-1])
    await_true(lambda: headings() != before and has(showing(window, "push button")[-1], State.SENSITIVE), "the next step")


def take_assistant(window, folder, scale):
    provider = Provider()
    for number in range(1, 5):
        if number == 2:
            for node, text in zip(showing(window, "text") + showing(window, "password text"),
                                  (provider.url, provider.user, provider.password)):
                set_text(node, text)
        if number > 1:
            go_on(window)
        name = f"welcome-{number}"
        check_width(window, name, picture(os.path.join(folder, name + ".png")) // scale)
    provider.close()


def take(variant, env, scale=1):
    folder = os.path.join(FOLDER, variant)
    os.makedirs(folder, exist_ok=True)
    home = os.path.join(os.environ["HOME"], variant)
    with App("--demo", "--port", PORT, env={"STREAMFORGE_LOCALE_DIR": CATALOGUES, **env}, root=home) as app:
        app.await_ready()
        window = app.window()
        rows = rows_of(window)
        base = app.status()["base_url"]
        first = rows.get_child_at_index(0)
        language = env.get("LANGUAGE")
        if language in FIRST_PAGE:
            find(first, "label", FIRST_PAGE[language])
        base = re.sub("//[^:/]+", "//127.0.0.1", base)
        viewers = [Viewer(f"{base}/auto/v{number}", player) for number, player in PLAYERS.items()]
        await_true(lambda: app.status()["tuners"]["used"] == len(viewers), "the viewers are served")
        for index, page in enumerate(PAGES):
            assert Atspi.Selection.select_child(rows.get_selection_iface(), index)
            await_true(lambda: has(rows.get_child_at_index(index), State.SELECTED), f"the page {page}")
            width = picture(os.path.join(folder, page + ".png"))
            check_width(window, page, width // scale)
        show(app, "welcome")
        await_true(lambda: not has(rows, State.SHOWING), "the assistant")
        take_assistant(window, folder, scale)
        show(app, "overview")
        await_true(lambda: has(rows, State.SHOWING), "the overview")
        if language == "ar":
            assert extents(rows).x > width / 2, "the sidebar is not on the right"
        for viewer in viewers:
            viewer.close()


def light():
    take("light", {"GTK_THEME": "Adwaita"})


def dark():
    take("dark", {"GTK_THEME": "Adwaita:dark"})


def twice_the_size():
    take("200", {"GDK_SCALE": "2"}, scale=2)


def german():
    take("de", {"LANGUAGE": "de"})


def spanish():
    take("es", {"LANGUAGE": "es"})


def french():
    take("fr", {"LANGUAGE": "fr"})


def right_to_left():
    pseudo = os.path.join(os.environ["HOME"], "pseudo")
    make_pseudo_arabic(os.path.join(CATALOGUES, "de", "LC_MESSAGES", "streamforge.mo"), pseudo, "streamforge")
    take("ar", {"LANGUAGE": "ar", "STREAMFORGE_LOCALE_DIR": pseudo})


if __name__ == "__main__":
    chosen = [light, dark, twice_the_size, german, spanish, french, right_to_left]
    main([case for case in chosen if not sys.argv[1:] or case.__name__ in sys.argv[1:]])
