# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop's tray for tests: StatusNotifierWatcher and host in one, with the menus read over D-Bus.

Calls are asynchronous and pumped: the program calls us while we call it.
"""
import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from forge_gui import await_true  # noqa: E402

NAME = "org.kde.StatusNotifierWatcher"
PATH = "/StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
XML = f"""<node><interface name="{NAME}">
<method name="RegisterStatusNotifierItem"><arg direction="in" type="s" name="service"/></method>
<method name="RegisterStatusNotifierHost"><arg direction="in" type="s" name="service"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
<signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
<signal name="StatusNotifierItemUnregistered"><arg type="s"/></signal>
<signal name="StatusNotifierHostRegistered"/></interface></node>"""


class Tray:
    """`has_host` False: a watcher that nobody looks through, as some desktops have."""

    def __init__(self, has_host=True):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.items, self.has_host = {}, has_host
        interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
        self.registration = self.bus.register_object(PATH, interface, self._call, self._get, None)
        self.own = Gio.bus_own_name_on_connection(self.bus, NAME, Gio.BusNameOwnerFlags.NONE, None, None)

    def close(self):
        if self.own:
            self.bus.unregister_object(self.registration)
            Gio.bus_unown_name(self.own)
        self.own = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _call(self, bus, sender, path, face, method, parameters, invocation):
        if method == "RegisterStatusNotifierItem":
            service = parameters.unpack()[0]
            name, where = (sender, service) if service.startswith("/") else (service, "/StatusNotifierItem")
            self.items[name + where] = (name, where)
        invocation.return_value(None)

    def _get(self, bus, sender, path, face, name):
        return {"RegisteredStatusNotifierItems": GLib.Variant("as", list(self.items)),
                "IsStatusNotifierHostRegistered": GLib.Variant("b", self.has_host),
                "ProtocolVersion": GLib.Variant("i", 0)}[name]

    def call(self, name, path, face, method, arguments=None):
        results = []
        self.bus.call(name, path, face, method, arguments, None, Gio.DBusCallFlags.NONE, 60000, None,
                      lambda source, result: results.append(result))
        await_true(lambda: results, f"an answer to {method}")
        return self.bus.call_finish(results[0])

    def item(self):
        return await_true(lambda: next(iter(self.items.values()), None), "the tray icon")

    def properties(self):
        name, path = self.item()
        return self.call(name, path, "org.freedesktop.DBus.Properties", "GetAll", GLib.Variant("(s)", (ITEM,))).unpack()[0]

    def icon(self):
        return self.properties()["IconName"]

    def entries(self):
        """[(id, properties)] of the menu, top to bottom."""
        name, _ = self.item()
        menu = self.properties()["Menu"]
        self.call(name, menu, MENU, "AboutToShow", GLib.Variant("(i)", (0,)))
        _, root = self.call(name, menu, MENU, "GetLayout", GLib.Variant("(iias)", (0, -1, []))).unpack()
        return [(number, properties) for number, properties, _ in root[2]]

    def labels(self):
        return [properties.get("label", "").replace("_", "") for _, properties in self.entries()
                if properties.get("type") != "separator"]

    def entry(self, label):
        return next(((number, properties) for number, properties in self.entries()
                     if properties.get("label", "").replace("_", "") == label), None)

    def click(self, label):
        def look():
            found = self.entry(label)
            return found if found and found[1].get("enabled", True) and found[1].get("visible", True) else None
        number, _ = await_true(look, f"the menu entry {label!r}, to be used")
        name, _ = self.item()
        self.call(name, self.properties()["Menu"], MENU, "Event",
                  GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("i", 0), 0)))
