# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens while nobody looks: notifications, a badge for trouble."""
import contextlib
import os
import shutil
import tempfile

from forge_desktop import Gio, GLib, Notifications
from forge_gui import App, Provider, UnixConnection, await_gone, await_true, click, find, main, pump


@contextlib.contextmanager
def world(*arguments, env=None):
    root = tempfile.mkdtemp(prefix="forge-background-")
    provider = Provider()
    with App(*arguments, root=root, env=env) as app:
        app.await_ready()
        yield provider, app
    provider.close()
    shutil.rmtree(root, ignore_errors=True)


def add_account(app, provider):
    return app.call("POST", "/v1/accounts", {"name": "Home", "server": provider.url, "username": provider.user,
                                             "password": provider.password})


def refuse(app, method, path):
    connection = UnixConnection(os.path.join(app.runtime, "control.sock"), 60)
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status >= 400


def a_refresh_held_back_is_notified_once_and_badged():
    notifications = Notifications()
    with world() as (provider, app):
        window = app.window()
        click(window, "Not Now")
        account = add_account(app, provider)
        provider.tell("list empty")
        refuse(app, "POST", f"/v1/accounts/{account['id']}/refresh")
        await_true(lambda: any(title == "A refresh was held back" for title, _ in notifications.seen), "the notification")
        refuse(app, "POST", f"/v1/accounts/{account['id']}/refresh")
        app.call("GET", "/v1/status")
        pump()
        assert len([1 for title, _ in notifications.seen if title == "A refresh was held back"]) == 1, notifications.seen
        # Trouble is counted beside Logs until somebody looks.
        serious = [event for event in app.call("GET", "/v1/events") if event["level"] in ("warning", "error")]
        assert serious
        find(window, "label", str(len(serious)), is_showing=False)
        app.go("Logs")
        await_gone(window, "label", str(len(serious)))
    notifications.close()


def a_download_that_is_finished_is_notified_and_led_to():
    notifications = Notifications()
    with world("--demo") as (_, app):
        app.call("PUT", "/v1/settings/download_dir", {"value": os.path.join(app.root, "films")})
        film = await_true(lambda: app.call("GET", "/v1/library/movies"), "the demo's films")[0]
        app.call("POST", "/v1/downloads", {"media": f"movie/{film['id']}"})
        await_true(lambda: app.call("GET", "/v1/downloads")[0]["state"] == "done", "the end")
        title = app.call("GET", "/v1/downloads")[0]["title"]
        await_true(lambda: ("Download finished", title) in notifications.seen, "the notification")
        # What a click on it does.
        Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
            "io.github.streamforge.StreamForge.Demo", "/io/github/streamforge/StreamForge/Demo", "org.gtk.Actions", "Activate",
            GLib.Variant("(sava{sv})", ("show", [GLib.Variant("s", "library/downloads")], {})), None, Gio.DBusCallFlags.NONE, 60000, None)
        find(app.window(), "push button", f"Remove from the list: {title}")
        assert len([1 for what, _ in notifications.seen if what == "Download finished"]) == 1, notifications.seen
    notifications.close()


if __name__ == "__main__":
    main([a_refresh_held_back_is_notified_once_and_badged, a_download_that_is_finished_is_notified_and_led_to])
