# SPDX-License-Identifier: GPL-3.0-or-later
"""Overview, Sessions, Logs and Settings do what they say."""
import contextlib
import http.client
import os
import shutil
import subprocess
import tempfile

from forge_gui import (App, Atspi, State, act, await_gone, await_true, click, find, find_now, has, main, set_text,
                       walk)


@contextlib.contextmanager
def world(*arguments):
    root = tempfile.mkdtemp(prefix="forge-pages-")
    with App("--demo", *arguments, root=root) as app:
        app.await_ready()
        yield app
    shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def viewer(app, number=1, agent="PlexMediaServer/1.40"):
    port = int(app.status()["base_url"].rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/auto/v{number}", headers={"User-Agent": agent})
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read(188)
    yield answer
    connection.close()


def sessions_show_who_watches_and_stop_ends_it():
    with world() as app:
        window = app.go("Sessions")
        find(window, "label", "Nobody is watching")
        with viewer(app) as answer:
            session = await_true(lambda: app.call("GET", "/v1/sessions"), "a session")[0]
            find(window, "label", session["channel"])
            find(window, "label", "Playing")
            click(window, f"Stop {session['channel']}")
            while answer.read(65536):
                pass
        find(window, "label", "Nobody is watching")
        assert app.call("GET", "/v1/sessions") == []


def rows_of(table):
    face = table.get_table_iface()
    cells = [face.get_accessible_at(row, face.get_n_columns() - 1) for row in range(face.get_n_rows())]
    return [cell.get_name() for cell in cells if cell]


def logs_can_be_searched_and_cleared():
    with world() as app:
        window = app.go("Logs")
        table = find(window, "table", "Log")
        await_true(lambda: any("Demo guide" in text for text in rows_of(table)), "a line about the guide")
        await_true(lambda: any("65 streams" in text for text in rows_of(table)), "a line about the account")
        set_text(find(window, "text", "Search the log"), "PROGRAMMES OF")
        await_true(lambda: len(rows_of(table)) == 1 and "programmes of" in rows_of(table)[0], "one line")
        set_text(find(window, "text", "Search the log"), "no such words")
        find(window, "label", "Nothing to show")
        set_text(find(window, "text", "Search the log"), "")
        click(window, "Clear")
        click(find(app.accessible(), "alert"), "Clear")
        find(window, "label", "Nothing to show")
        await_true(lambda: app.call("GET", "/v1/events") == [], "an empty log")


def badge_of(window, page):
    row = find(window, "list item", page)
    labels = [node.get_name() for node in walk(row) if node.get_role_name() == "label" and has(node, State.SHOWING)]
    return [text for text in labels if text and text != page]


def warnings_are_counted_until_somebody_looks():
    with world() as app:
        window = app.go("Logs")
        app.go("Overview")
        assert badge_of(window, "Logs") == []
        with contextlib.suppress(AssertionError):  # refused: it is the warning that counts
            app.call("POST", "/v1/guides", {"name": "Nowhere", "location": "http://127.0.0.1:1/guide.xml"})
        await_true(lambda: badge_of(window, "Logs"), "a number beside Logs")
        app.go("Logs")
        await_true(lambda: not badge_of(window, "Logs"), "no number while they are looked at")
        app.go("Overview")
        assert badge_of(window, "Logs") == []


def value_of(app, key):
    """None while the engine starts again."""
    try:
        return app.call("GET", f"/v1/settings/{key}")["value"]
    except OSError:
        return None


def settings_are_stored_and_shown():
    with world() as app:
        window = app.go("Settings")
        act(find(window, "toggle button", "Announce it by UPnP too", is_showing=False))
        await_true(lambda: value_of(app, "ssdp") is True, "the switch in the engine")
        spin = find(window, "spin button", "Silence counts as a failure after", is_showing=False)
        assert Atspi.Value.set_current_value(spin.get_value_iface(), 4.5)
        await_true(lambda: value_of(app, "stall_ms") == 4500, "seconds as milliseconds")
        # The other way round: what the command line sets is shown.
        app.call("PUT", "/v1/settings/stall_ms", {"value": "2500"})
        await_true(lambda: Atspi.Value.get_current_value(spin.get_value_iface()) == 2.5, "the new value in the window")


def settings_are_found_by_words():
    with world() as app:
        window = app.go("Settings")
        set_text(find(window, "text", "Search settings"), "certificate")
        find(window, "toggle button", "Check certificates")
        await_true(lambda: find_now(window, "label", "Home network") is None, "other groups are hidden")
        set_text(find(window, "text", "Search settings"), "no such words")
        find(window, "label", "No setting has this word.")


def every_setting_of_the_engine_has_a_control():
    with world() as app:
        window = app.go("Settings")
        n = len(app.call("GET", "/v1/settings"))
        roles = ("toggle button", "spin button", "text", "combo box")
        controls = [node for node in walk(window) if node.get_role_name() in roles and node.get_name()]
        settings = [node for node in controls if node.get_name() not in
                    ("Start with the desktop", "When the window is closed", "Search settings")]
        assert len(settings) >= n, (len(settings), n)


def a_setting_that_needs_it_restarts_the_tuner():
    with world() as app:
        window = app.go("Settings")
        before = app.call("GET", "/v1/settings/device_id")["value"]
        find(window, "push button", "New: Device number", is_showing=False)
        app.go("Overview")
        click(window, "Change who can reach the tuner")
        combo = await_true(lambda: find_now(window, "combo box", "Who can reach the tuner"), "the setting")
        await_true(lambda: has(find(window, "list item", "Settings"), State.SELECTED), "the page")
        assert Atspi.Selection.select_child(combo.get_selection_iface(), 1)
        click(window, "Restart Tuner")
        await_true(lambda: value_of(app, "bind") == "lan", "the tuner runs again")
        # The old one may still have answered that.
        await_true(lambda: value_of(app, "device_id") == before, "the same device")
        await_gone(window, "push button", "Restart Tuner")


def the_doctor_takes_the_steps_of_a_client():
    with world() as app:
        window = app.window()
        click(window, "Check the Tuner…")
        dialog = find(app.accessible(), "dialog", "Check the tuner")
        find(dialog, "label", "Only programs on this machine reach the tuner")
        # In words of the window, not of the command line.
        find(dialog, "label", "To let other devices at home in, choose so under “Who can reach the tuner” in Settings.")
        find(dialog, "icon", "In order")
        combo = find(dialog, "combo box", "Client to try")
        assert Atspi.Selection.select_child(combo.get_selection_iface(), 1)
        await_true(lambda: has(find(dialog, "push button", "Try Again"), State.SENSITIVE), "the steps of Plex are done")
        find(dialog, "label", "Only programs on this machine reach the tuner")
        # A fix leads to its place, and the dialog makes way.
        click(dialog, "Settings: Only programs on this machine reach the tuner")
        await_gone(app.accessible(), "dialog", "Check the tuner")
        find(window, "combo box", "Who can reach the tuner")
        await_true(lambda: has(find(window, "list item", "Settings"), State.SELECTED), "the page")


def a_backup_is_saved_and_restored():
    with world() as app:
        path = os.path.join(app.root, "backup.json")
        window = app.go("Settings")

        def choose(button, yes):
            click(window, button)
            chooser = find(app.accessible(), "file chooser")
            if yes == "Save":
                set_text(find(chooser, "text", "Name:"), path)
            else:
                subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "Restore a Backup", "windowfocus", "--sync",
                                "type", path], check=True, timeout=60, stdout=subprocess.DEVNULL)
            click(chooser, yes)

        app.call("PUT", "/v1/settings/stall_ms", {"value": "4000"})
        choose("Save a backup", "Save")
        await_true(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "the file")
        app.call("PUT", "/v1/settings/stall_ms", {"value": "2500"})
        choose("Restore a backup", "Open")
        await_true(lambda: value_of(app, "stall_ms") == 4000, "the setting is back")


if __name__ == "__main__":
    main([sessions_show_who_watches_and_stop_ends_it, logs_can_be_searched_and_cleared, warnings_are_counted_until_somebody_looks,
          settings_are_stored_and_shown, settings_are_found_by_words, every_setting_of_the_engine_has_a_control,
          a_setting_that_needs_it_restarts_the_tuner, the_doctor_takes_the_steps_of_a_client, a_backup_is_saved_and_restored])
