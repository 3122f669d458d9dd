# SPDX-License-Identifier: GPL-3.0-or-later
"""What the desktop says and grants: start at login (a file, or the Background portal), dark or light, sleep, a change of network."""
import contextlib
import http.client
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from forge_desktop import Gio, GLib, Logind, Portal
from forge_gui import (PROGRAM, App, Provider, State, act, await_true, find, find_now, has, main, pump, text_of, walk)

SWITCH = "Start with the desktop"
FILE = os.path.join(os.environ["XDG_CONFIG_HOME"], "autostart/io.github.streamforge.StreamForge.desktop")
SANDBOXED = {"STREAMFORGE_USE_PORTAL": "1"}
OUR_SYSTEM = {"DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SESSION_BUS_ADDRESS"]}


@contextlib.contextmanager
def world(*arguments, env=None, program=PROGRAM):
    root = tempfile.mkdtemp(prefix="forge-desktop-")
    with App(*arguments, root=root, env=env, program=program) as app:
        app.await_ready()
        yield app
    shutil.rmtree(root, ignore_errors=True)


def start_switch(app):
    return find(app.go("Settings"), "toggle button", SWITCH)


def starting_with_the_desktop_is_a_file():
    # A folder with everything in its name that such a file must quote.
    folder = tempfile.mkdtemp(prefix="forge \"100\" of $HOME `x` \\ ")
    program = shutil.copy(PROGRAM, folder)
    with world("--demo", program=program) as app:
        switch = start_switch(app)
        act(switch)
        await_true(lambda: os.path.exists(FILE), "the autostart file")
        subprocess.run(["desktop-file-validate", FILE], check=True, timeout=60)
        # The line starts it from where it is, without a window.
        command = GLib.shell_parse_argv(Gio.DesktopAppInfo.new_from_filename(FILE).get_commandline())[1]
        assert command == [program, "--minimized"], command
        act(switch)
        await_true(lambda: not os.path.exists(FILE), "no autostart file any more")
    shutil.rmtree(folder)


def await_kept(app, value):
    """The answer was heard, not only given."""
    path = os.path.join(app.root, "data", "window.ini")
    await_true(lambda: os.path.exists(path) and f"autostart={value}" in open(path, encoding="utf-8").read(), f"“{value}” is kept")


def in_a_sandbox_the_portal_is_asked_and_its_yes_is_kept():
    with Portal() as portal, world("--demo", env=SANDBOXED) as app:
        act(start_switch(app))
        asked = await_true(lambda: portal.asked, "a request")[0]
        assert (asked["autostart"], asked["commandline"]) == (True, ["streamforge", "--minimized"]), asked
        assert asked["reason"] and asked["handle_token"]
        await_kept(app, "true")
        app.restart()
        app.await_ready()
        await_true(lambda: has(start_switch(app), State.CHECKED), "it is remembered")
        act(start_switch(app))
        assert await_true(lambda: portal.asked[1:], "a second request")[0]["autostart"] is False
        await_kept(app, "false")
        app.restart()
        app.await_ready()
        assert not has(start_switch(app), State.CHECKED)
        assert not os.path.exists(FILE)


def refused(portal, sentence):
    with portal, world("--demo", env=SANDBOXED) as app:
        switch = start_switch(app)
        act(switch)
        find(app.window(), "label", sentence)
        await_true(lambda: not has(switch, State.CHECKED), "the switch is off again")
        # Not asked again by that.
        assert len(portal.asked) == 1
        act(switch)
        await_true(lambda: len(portal.asked) == 2, "another try")
        app.restart()
        app.await_ready()
        assert not has(start_switch(app), State.CHECKED)


def a_no_of_the_portal_is_said_and_shown():
    refused(Portal(lambda options: (1, {})), "The desktop did not allow it.")


def a_yes_without_a_start_is_a_no():
    refused(Portal(lambda options: (0, {"autostart": GLib.Variant("b", False)})), "The desktop did not allow it.")


def a_desktop_without_that_portal_is_named():
    with world("--demo", env=SANDBOXED) as app:
        switch = start_switch(app)
        act(switch)
        find(app.window(), "label", "This desktop offers sandboxed programs no start at login.")
        await_true(lambda: not has(switch, State.CHECKED), "the switch is off again")


def brightness():
    """0 to 1: of the whole screen, which the window fills for the most part."""
    done = subprocess.run(["import", "-window", "root", "-resize", "1x1!", "-format", "%[fx:intensity]", "info:-"], capture_output=True,
                          text=True, timeout=60, check=True)
    return float(done.stdout)


def colours_follow_the_desktop():
    with Portal(is_dark=True) as portal, world("--demo") as app:
        window = app.window()
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "^StreamForge", "windowsize", "100%", "100%",
                        "windowmove", "0", "0"], check=True, timeout=60)
        find(window, "list item", "Overview")
        await_true(lambda: brightness() < 0.35, "a dark window")
        portal.set_dark(False)
        await_true(lambda: brightness() > 0.65, "a light window")
        portal.set_dark(True)
        await_true(lambda: brightness() < 0.35, "dark again")


@contextlib.contextmanager
def viewer(app, number=1):
    port = int(app.status()["base_url"].rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/auto/v{number}")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read(188)
    yield answer
    connection.close()


def sleep_waits_for_the_streams_to_be_closed():
    logind = Logind()
    with world("--demo", env=OUR_SYSTEM) as app:
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
        # The second sleep is held up like the first.
        assert not logind.is_let_go(1)
        with viewer(app) as answer:
            logind.prepare(True)
            while answer.read(65536):
                pump()
        await_true(lambda: logind.is_let_go(1), "sleep goes on again")
    logind.close()


def age(app, hours):
    """As if the computer had slept so long since the last refresh."""
    database = sqlite3.connect(os.path.join(app.root, "data", "streamforge.db"))
    for table in ("account", "guide_source"):
        database.execute(f"UPDATE {table} SET last_refresh = ?", (int(time.time()) - hours * 3600,))
    database.commit()
    database.close()


def what_is_old_after_sleep_is_refreshed():
    provider, logind = Provider(), Logind()
    # A machine without a network is not refreshed; this one may have none.
    with world(env={**OUR_SYSTEM, "GIO_USE_NETWORK_MONITOR": "base"}) as app:
        app.call("PUT", "/v1/settings/refresh_enabled", {"value": "false"})
        app.call("POST", "/v1/accounts", {"name": "Home", "server": provider.url, "username": provider.user, "password": provider.password})
        await_true(lambda: len(logind.held) == 1, "a delay of sleep")
        app.stop()
        age(app, 10)
        app.start()
        app.await_ready()
        await_true(lambda: len(logind.held) == 2, "a delay of sleep again")
        old = app.call("GET", "/v1/accounts")[0]["last_refresh"]
        logind.prepare(True)
        await_true(lambda: logind.is_let_go(1), "sleep")
        assert app.call("GET", "/v1/accounts")[0]["last_refresh"] == old
        logind.prepare(False)
        await_true(lambda: app.call("GET", "/v1/accounts")[0]["last_refresh"] > old, "a refresh")
    provider.close()
    logind.close()


OWN_NETWORK = ["-n"] if os.geteuid() == 0 else ["-U", "-c", "-n"]
PLUGGED = ["ip link add lan0 type veth peer name wall", "ip link set wall up", "ip address add 192.168.77.2/24 dev lan0", "ip link set lan0 up",
           "ip route add default via 192.168.77.1"]
MOVED = ["ip address add 192.168.88.9/24 dev lan0", "ip address del 192.168.77.2/24 dev lan0", "ip route replace default via 192.168.88.1"]


def has_own_network():
    return not subprocess.run(["unshare", *OWN_NETWORK, "true"], check=False, capture_output=True).returncode


def change_network(app, commands):
    for command in commands:
        subprocess.run(["nsenter", "-t", str(app.process.pid), *(["-n"] if os.geteuid() == 0 else ["-U", "-n", "--preserve-credentials"]),
                        *command.split()], check=True, timeout=60)


def labels_with(window, text):
    return [node for node in walk(window) if node.get_role_name() == "label" and text in text_of(node)]


def a_change_of_network_changes_the_address():
    if not has_own_network():
        print("# skipped: this system allows no network of one's own")
        return
    # Comes up with the loopback only, as a laptop without a cable does.
    script = os.path.join(os.environ["HOME"], "unplugged")
    with open(script, "w", encoding="utf-8") as handle:
        handle.write(f"#!/bin/sh\nexec unshare {' '.join(OWN_NETWORK)} sh -c 'ip link set lo up; exec \"$@\"' sh {PROGRAM} \"$@\"\n")
    os.chmod(script, 0o700)
    with world("--demo", "--bind", "lan", program=script) as app:
        window = app.window()
        assert not app.status()["lan_url"], app.status()
        change_network(app, PLUGGED)
        await_true(lambda: "192.168.77.2:" in (app.status()["lan_url"] or ""), "the address in the home network")
        await_true(lambda: labels_with(window, "http://192.168.77.2:"), "the address in the window")
        change_network(app, MOVED)
        await_true(lambda: labels_with(window, "http://192.168.88.9:"), "the new address in the window")
        assert not labels_with(window, "192.168.77.2")


if __name__ == "__main__":
    main([case for case in [starting_with_the_desktop_is_a_file, in_a_sandbox_the_portal_is_asked_and_its_yes_is_kept, a_no_of_the_portal_is_said_and_shown,
          a_yes_without_a_start_is_a_no, a_desktop_without_that_portal_is_named, colours_follow_the_desktop,
          sleep_waits_for_the_streams_to_be_closed, what_is_old_after_sleep_is_refreshed, a_change_of_network_changes_the_address] if not sys.argv[1:] or case.__name__ in sys.argv[1:]])
