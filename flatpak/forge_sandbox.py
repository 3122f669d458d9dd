# SPDX-License-Identifier: GPL-3.0-or-later
"""StreamForge in a real Flatpak sandbox, watched from outside it."""
import json
import os
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", name) for name in ("gui", "clients", "integration")]
from gi.repository import Gio, GLib  # noqa: E402

from forge_gui import Atspi, Lines, await_true, find, find_now  # noqa: E402
from forge_kit import UnixConnection  # noqa: E402

APP_ID = "io.github.streamforge.StreamForge"
# A cold sandbox on a loaded machine.
PATIENCE_S = 120


def http_get(url, seconds=10):
    """(status, body); None when nothing answers there."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.status, answer.read(65536)
    except OSError:
        return None


def in_sandbox(program, *arguments, stdin=None, flags=()):
    """Another program of the same application, in a sandbox of its own."""
    return subprocess.run(["flatpak", "run", "--user", *flags, f"--command={program}", APP_ID, *arguments], input=stdin,
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False)


class Sandbox:
    """`flatpak run`. `flags` are flatpak's (permissions taken away), `arguments` the program's."""

    def __init__(self, *arguments, flags=(), is_demo=True):
        self.is_demo = is_demo
        more = ["--demo"] if is_demo else []
        self.bus_name = APP_ID + (".Demo" if is_demo else "")
        leaf = "streamforge-demo" if is_demo else "streamforge"
        self.control = os.path.join(os.environ["XDG_RUNTIME_DIR"], "app", APP_ID, leaf, "control.sock")
        command = ["flatpak", "run", "--user", "--env=STREAMFORGE_NO_RESTART=1", "--env=G_DEBUG=fatal-criticals", *flags,
                   APP_ID, *more, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self.out, self.err = Lines(self.process.stdout), Lines(self.process.stderr)

    def assert_alive(self):
        assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.err.text()[-3000:]}"

    def call(self, method, path, body=None):
        """The control socket, through the one folder that sandbox and host share."""
        connection = UnixConnection(self.control, PATIENCE_S)
        try:
            connection.request(method, path, body=json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            data = answer.read()
            assert answer.status == 200, (method, path, answer.status, data[:400])
            return json.loads(data)
        finally:
            connection.close()

    def status(self):
        self.assert_alive()
        try:
            return self.call("GET", "/v1/status")
        except OSError:
            return None

    def await_ready(self):
        """The start is over; a demo has its channels."""
        def look():
            status = self.status()
            return status and status["ready"] and (status["channels"]["enabled"] or not self.is_demo) and status
        return await_true(look, "the program is ready", PATIENCE_S)

    def accessible(self):
        """Its process id means nothing outside, so by name."""
        def look():
            self.assert_alive()
            desktop = Atspi.get_desktop(0)
            children = [desktop.get_child_at_index(index) for index in range(desktop.get_child_count())]
            return next((child for child in children if child and child.get_name().lower() == "streamforge"), None)
        return await_true(look, "the program shows itself to screen readers", PATIENCE_S)

    def window(self):
        return find(self.accessible(), "frame", "StreamForge", seconds=PATIENCE_S)

    def has_window(self):
        return find_now(self.accessible(), "frame", "StreamForge") is not None

    def quit(self):
        """As the desktop would ask it, over D-Bus."""
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        answers = []
        bus.call(self.bus_name, "/" + self.bus_name.replace(".", "/"), "org.freedesktop.Application", "ActivateAction",
                 GLib.Variant("(sava{sv})", ("quit", [], {})), None, Gio.DBusCallFlags.NO_AUTO_START, 20000, None,
                 lambda source, result: answers.append(result))
        await_true(lambda: answers or self.process.poll() is not None, "it takes the wish to end", 30)
        await_true(lambda: self.process.poll() is not None, "it ends", PATIENCE_S)
        assert self.process.returncode == 0, f"ended with {self.process.returncode}: {self.err.text()[-3000:]}"

    def kill(self):
        subprocess.run(["flatpak", "kill", APP_ID], check=False, capture_output=True)
        self.process.kill()
        self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None and self.process.poll() is None:
            self.quit()
        elif self.process.poll() is None:
            print("# " + self.err.text()[-3000:].replace("\n", "\n# "), file=sys.stderr)
            self.kill()


class Helper:
    """A service that the test starts on its own bus and ends again. Ready when it owns `name`."""

    def __init__(self, *command, name=None, stdin=None, env=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE if stdin else None, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        if stdin:
            self.process.stdin.write(stdin)
            self.process.stdin.close()
        if name:
            await_true(lambda: has_owner(name), f"{name} on the bus", PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def has_owner(name):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    return bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                         GLib.Variant("(s)", (name,)), None, Gio.DBusCallFlags.NONE, 5000, None).unpack()[0]


def keyring():
    """Unlocked. No line end: it would be part of the password."""
    return Helper("gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground", stdin=b"test",
                  name="org.freedesktop.secrets")


def screenshot(name):
    folder = os.environ.get("FORGE_SCREENSHOTS")
    if folder:
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["import", "-window", "root", os.path.join(folder, name + ".png")], check=True, timeout=60)


def run(cases):
    """TAP; words on the command line choose cases by part of their name."""
    chosen = [case for case in cases if not sys.argv[1:] or any(word in case.__name__ for word in sys.argv[1:])]
    print(f"1..{len(chosen)}")
    failed = 0
    for number, case in enumerate(chosen, 1):
        begun = time.monotonic()
        try:
            case()
            print(f"ok {number} - {case.__name__.replace('_', ' ')} # {time.monotonic() - begun:.1f} s", flush=True)
        except Exception:  # a test harness reports everything
            failed += 1
            print(f"not ok {number} - {case.__name__.replace('_', ' ')}", flush=True)
            import traceback
            traceback.print_exc()
    sys.exit(1 if failed else 0)
