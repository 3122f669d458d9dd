# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's services as far as the program uses them, on the session bus of a test (which says that it is the system's too):
notifications, logind, and the portals for starting at login and for the colours."""
import os
import select

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

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
BACKGROUND = """<node><interface name="org.freedesktop.portal.Background">
<method name="RequestBackground"><arg direction="in" type="s"/><arg direction="in" type="a{sv}"/>
<arg direction="out" type="o"/></method></interface></node>"""
COLOURS = """<node><interface name="org.freedesktop.portal.Settings">
<method name="Read"><arg direction="in" type="s"/><arg direction="in" type="s"/><arg direction="out" type="v"/></method>
<signal name="SettingChanged"><arg type="s"/><arg type="s"/><arg type="v"/></signal></interface></node>"""
# GTK asks for the end of the session by it.
INHIBIT = """<node><interface name="org.freedesktop.portal.Inhibit">
<method name="CreateMonitor"><arg direction="in" type="s"/><arg direction="in" type="a{sv}"/><arg direction="out" type="o"/></method>
</interface></node>"""
PORTAL, PORTAL_PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
APPEARANCE = ("org.freedesktop.appearance", "color-scheme")


class Service:
    """Owns `name`; calls of the interfaces at `path` come to `_call`."""

    def __init__(self, name, path, *xmls):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.registrations = [self.bus.register_object(path, Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0], self._call, None, None)
                              for xml in xmls]
        self.own = Gio.bus_own_name_on_connection(self.bus, name, Gio.BusNameOwnerFlags.NONE, None, None)

    def close(self):
        for registration in self.registrations:
            self.bus.unregister_object(registration)
        Gio.bus_unown_name(self.own)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Notifications(Service):
    """A desktop's notification service that remembers (title, text)."""

    def __init__(self):
        self.seen = []
        super().__init__("org.freedesktop.Notifications", "/org/freedesktop/Notifications", NOTIFICATIONS)

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


class Logind(Service):
    """Sleep: who wants to hold it up, and word of it."""

    def __init__(self):
        self.held = []
        super().__init__("org.freedesktop.login1", "/org/freedesktop/login1", LOGIND)

    def _call(self, bus, sender, path, face, method, parameters, invocation):
        ours, theirs = os.pipe()
        self.held.append(ours)
        fds = Gio.UnixFDList.new_from_array([theirs])
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), fds)

    def is_let_go(self, index):
        """The other end of the delay is closed."""
        return bool(select.select([self.held[index]], [], [], 0)[0])

    def prepare(self, is_beginning):
        self.bus.emit_signal(None, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep",
                             GLib.Variant("(b)", (is_beginning,)))

    def close(self):
        super().close()
        for fd in self.held:
            os.close(fd)


class Portal(Service):
    """`answer (options)` is what the desktop says to a wish to start at login: (code, results). Its response leaves before the
    reply to the call, as a portal may do that need not ask. `is_dark` is the desktop's colour scheme."""

    def __init__(self, answer=lambda options: (0, {}), is_dark=False):
        self.answer, self.scheme, self.asked = answer, 1 if is_dark else 0, []
        super().__init__(PORTAL, PORTAL_PATH, BACKGROUND, COLOURS, INHIBIT)

    def _call(self, bus, sender, path, face, method, parameters, invocation):
        if method == "Read":
            assert parameters.unpack() == APPEARANCE
            invocation.return_value(GLib.Variant("(v)", (GLib.Variant("v", GLib.Variant("u", self.scheme)),)))
            return
        options = parameters.unpack()[1]
        request = f"{PORTAL_PATH}/request/{sender[1:].replace('.', '_')}/{options.get('handle_token', 't')}"
        if method == "CreateMonitor":
            invocation.return_value(GLib.Variant("(o)", (request,)))
            return
        self.asked.append(options)
        bus.emit_signal(sender, request, "org.freedesktop.portal.Request", "Response", GLib.Variant("(ua{sv})", self.answer(options)))
        invocation.return_value(GLib.Variant("(o)", (request,)))

    def set_dark(self, is_dark):
        self.scheme = 1 if is_dark else 2
        self.bus.emit_signal(None, PORTAL_PATH, "org.freedesktop.portal.Settings", "SettingChanged",
                             GLib.Variant("(ssv)", (*APPEARANCE, GLib.Variant("u", self.scheme))))
