# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens while nobody looks: notifications, sleep, a badge for trouble."""
import contextlib
import http.client
import os
import shutil
import subprocess
import tempfile

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from forge_gui import App, Provider, UnixConnection, await_gone, await_true, click, find, main, pump  # noqa: E402

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg direction="in" type="s"/><arg direction="in" type="u"/><arg direction="in" type="s"/>
<arg direction="in" type="s"/><arg direction="in" type="s"/><arg direction="in" type="as"/>
<arg direction="in" type="a{sv}"/><arg direction="in" type="i"/><arg direction="out" type="u"/></method>
<method name="GetCapabilities"><arg direction="out" type="as"/></method>
<method name="CloseNotification"><arg direction="in" type="u"/></method>
<method name="GetServerInformation"><arg direction="out" type="s"/><arg direction="out" type="s"/>
<arg direction="out" type="s"/><arg direction="out" type="s"/></method></interface></node>"""
LOGIND = """<node><interface name="org.freedesktop.login1.Manager">
<method name="Inhibit"><arg direction="in" type="s"/><arg direction="in" type="s"/><arg direction="in" type="s"/>
<arg direction="in" type="s"/><arg direction="out" type="h"/></method>
<signal name="PrepareForSleep"><arg type="b"/></signal></interface></node>"""


class Notifications:
    """A desktop's notification service that remembers (title, text)."""

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.seen = []
        self.registration = self.bus.register_object("/org/freedesktop/Notifications",
                                                     Gio.DBusNodeInfo.new_for_xml(NOTIFICATIONS).interfaces[0],
                                                     self._call, None, None)
        self.own = Gio.bus_own_name_on_connection(self.bus, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE,
                                                  None, None)

    def _call(self, bus, sender, path, face, method, parameters, invocation):
        if method == "Notify":
            _, _, _, title, text, *_ = parameters.unpack()
            self.seen.append((title, text))
            invocation.return_value(GLib.Variant("(u)", (len(self.seen),)))
        elif method == "GetCapabilities":
            invocation.return_value(GLib.Variant("(as)", (["actions", "body"],)))
        elif method == "GetServerInformation":
            invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))
        else:
            invocation.return_value(None)

    def close(self):
        self.bus.unregister_object(self.registration)
        Gio.bus_unown_name(self.own)


class Logind:
    """The part of logind that matters, on this session's bus (the test says that it is the system's too)."""

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.held = []
        self.registration = self.bus.register_object("/org/freedesktop/login1",
                                                     Gio.DBusNodeInfo.new_for_xml(LOGIND).interfaces[0],
                                                     self._call, None, None)
        self.own = Gio.bus_own_name_on_connection(self.bus, "org.freedesktop.login1", Gio.BusNameOwnerFlags.NONE, None, None)

    def _call(self, bus, sender, path, face, method, parameters, invocation):
        ours, theirs = os.pipe()
        self.held.append(ours)
        fds = Gio.UnixFDList.new_from_array([theirs])
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), fds)

    def is_let_go(self, index):
        """The other end of the delay is closed."""
        import select
        return bool(select.select([self.held[index]], [], [], 0)[0])

    def prepare(self, is_beginning):
        self.bus.emit_signal(None, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep",
                             GLib.Variant("(b)", (is_beginning,)))

    def close(self):
        self.bus.unregister_object(self.registration)
        Gio.bus_unown_name(self.own)
        for fd in self.held:
            os.close(fd)


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


@contextlib.contextmanager
def viewer(app, number=1):
    port = int(app.status()["base_url"].rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/auto/v{number}")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read(188)
    yield answer
    connection.close()


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


def sleep_waits_for_the_streams_to_be_closed():
    logind = Logind()
    with world("--demo", env={"DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SESSION_BUS_ADDRESS"]}) as (_, app):
        await_true(lambda: logind.held, "a delay of sleep")
        with viewer(app) as answer:
            await_true(lambda: app.call("GET", "/v1/sessions"), "a session")
            assert not logind.is_let_go(0)
            logind.prepare(True)
            while answer.read(65536):
                pump()
        await_true(lambda: logind.is_let_go(0), "sleep goes on")
        assert app.call("GET", "/v1/sessions") == []
        logind.prepare(False)
        await_true(lambda: len(logind.held) == 2, "the next delay")
    logind.close()


if __name__ == "__main__":
    main([a_refresh_held_back_is_notified_once_and_badged, a_download_that_is_finished_is_notified_and_led_to,
          sleep_waits_for_the_streams_to_be_closed])
