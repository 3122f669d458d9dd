# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: the tuners that clients see, and the logins of apps."""
import contextlib
import shutil
import tempfile

from forge_gui import App, Atspi, act, await_gone, await_true, click, find, find_labelled, find_now, main, set_text, walk


# The button is named by its row.
ADD = {"Devices": "Add a tuner", "Apps": "Add a login"}


@contextlib.contextmanager
def world():
    root = tempfile.mkdtemp(prefix="forge-devices-")
    with App("--demo", root=root) as app:
        app.await_ready()
        yield app, app.go("Settings")
    shutil.rmtree(root, ignore_errors=True)


def press(window, name, role="push button"):
    """Also below what can be seen: settings are a long page."""
    act(find(window, role, name, is_showing=False))


def open_dialog(app, window, list_name, title):
    rows = find(window, "list box", list_name, is_showing=False)
    act(find(rows, "push button", ADD[list_name], is_showing=False))
    return find(app.accessible(), "dialog", title)


def device_named(app, name):
    return next((device for device in app.call("GET", "/v1/devices") if device["name"] == name), None)


def has_counter(dialog, start):
    return any(node.get_role_name() == "label" and node.get_name().startswith(start) for node in walk(dialog))


def a_tuner_for_some_groups_is_made_changed_and_removed():
    with world() as (app, window):
        group = app.call("GET", "/v1/groups")[0]
        dialog = open_dialog(app, window, "Devices", "Add a tuner")
        everything = len(app.call("GET", "/v1/lineup"))
        await_true(lambda: has_counter(dialog, f"{everything} channels; Plex takes 480"), "the counter")
        set_text(find_labelled(dialog, "Name"), "For Plex")
        assert Atspi.Selection.select_child(find_labelled(dialog, "Shows").get_selection_iface(), 1)
        click(dialog, f"{group['name']}  ({group['channels']})", "check box")
        await_true(lambda: has_counter(dialog, f"{group['channels']} channels; Plex takes 480"), "the counter of the group")
        click(dialog, "Add")
        await_gone(app.accessible(), "dialog", "Add a tuner")
        device = await_true(lambda: device_named(app, "For Plex"), "the device")
        assert (device["filter"], device["groups"], device["channels"]) == ("groups", [group["name"]], group["channels"])
        press(window, "Choose its channels: For Plex")
        dialog = find(app.accessible(), "dialog", "For Plex")
        limit = find_labelled(dialog, "At most")
        assert Atspi.Value.set_current_value(limit.get_value_iface(), 2)
        await_true(lambda: has_counter(dialog, "2 channels; Plex takes 480"), "the counter follows")
        click(dialog, "Save")
        await_true(lambda: device_named(app, "For Plex")["channels"] == 2, "two channels")
        press(window, "Give it a new identity: For Plex")
        click(find(app.accessible(), "alert"), "New Identity")
        await_true(lambda: device_named(app, "For Plex")["device_id"] != device["device_id"], "another identity")
        press(window, "Remove: For Plex")
        click(find(app.accessible(), "alert"), "Remove")
        await_true(lambda: device_named(app, "For Plex") is None, "removed")
        await_true(lambda: find_now(window, "push button", "Remove: For Plex", is_showing=False) is None, "no row any more")


def a_port_that_is_taken_is_said_in_the_dialog():
    with world() as (app, window):
        taken = int(app.status()["base_url"].rsplit(":", 1)[1])
        dialog = open_dialog(app, window, "Devices", "Add a tuner")
        set_text(find_labelled(dialog, "Name"), "Twice")
        assert Atspi.Value.set_current_value(find_labelled(dialog, "Port").get_value_iface(), taken)
        click(dialog, "Add")
        await_true(lambda: any(str(taken) in node.get_name() for node in walk(dialog) if node.get_role_name() == "label"), "the reason")
        click(dialog, "Cancel")
        await_gone(app.accessible(), "dialog", "Add a tuner")
        assert device_named(app, "Twice") is None


def an_app_gets_a_login_once():
    with world() as (app, window):
        dialog = open_dialog(app, window, "Apps", "Add a login for an app")
        set_text(find_labelled(dialog, "User name"), "livingroom")
        click(dialog, "Add")
        login = find(app.accessible(), "dialog", "Login for the app")
        user = app.call("GET", "/v1/users")[0]
        assert user["name"] == "livingroom"
        find(login, "label", user["server"])
        click(login, "Close")
        press(window, "Change password or tuner: livingroom")
        dialog = find(app.accessible(), "dialog", "livingroom")
        assert Atspi.Value.set_current_value(find_labelled(dialog, "At the same time").get_value_iface(), 3)
        click(dialog, "Save")
        await_true(lambda: app.call("GET", "/v1/users")[0]["max_connections"] == 3, "its limit")
        press(window, "Remove: livingroom")
        click(find(app.accessible(), "alert"), "Remove")
        await_true(lambda: app.call("GET", "/v1/users") == [], "removed")


if __name__ == "__main__":
    main([a_tuner_for_some_groups_is_made_changed_and_removed, a_port_that_is_taken_is_said_in_the_dialog, an_app_gets_a_login_once])
