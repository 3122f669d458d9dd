# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the window share: the program as a person starts it, looked at and driven through AT-SPI.

Every look waits for what it wants (a loaded machine may need seconds); nothing sleeps for a fixed time.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import gi  # noqa: E402

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

from forge_kit import BUILD, Lines, Provider, UnixConnection  # noqa: E402,F401

PROGRAM = os.path.join(BUILD, "src/app/streamforge")
PATIENCE_S = float(os.environ.get("FORGE_GUI_PATIENCE", "60"))
State = Atspi.StateType
LEAK_STATUS = 23
QUARKS = 2048 * 8

Atspi.init()
Atspi.set_timeout(15000, 60000)


def pump():
    context = GLib.MainContext.default()
    while context.pending():
        context.iteration(False)


def await_true(condition, what, seconds=PATIENCE_S):
    """The first true value of condition (), which may fail with a GLib error while things change."""
    end = time.monotonic() + seconds
    last = None
    while True:
        pump()
        try:
            value = condition()
            if value:
                return value
        except GLib.Error as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what} ({last})")
        time.sleep(0.02)


def is_table(node):
    """Cells are made when asked for: go through the table interface instead."""
    return node.get_role_name() in ("table", "tree table")


def walk(node):
    yield node
    if is_table(node):
        return
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child:
            yield from walk(child)


def label_of(node):
    for relation in node.get_relation_set() or []:
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            return relation.get_target(0).get_name()
    return ""


def has(node, state):
    return node.get_state_set().contains(state)


def find_labelled(root, label):
    """What the visible label `label` belongs to."""
    return await_true(lambda: next((node for node in walk(root) if label_of(node) == label), None), f"something labelled {label!r}")


def matches(node, role, name):
    if role and node.get_role_name() != role:
        return False
    return name is None or name in (node.get_name(), label_of(node))


def find_now(root, role=None, name=None, is_showing=True):
    for node in walk(root):
        if matches(node, role, name) and (not is_showing or has(node, State.SHOWING)):
            return node
    return None


def find(root, role=None, name=None, is_showing=True, seconds=PATIENCE_S):
    return await_true(lambda: find_now(root, role, name, is_showing), f"{role} {name!r}", seconds)


def await_gone(root, role=None, name=None, seconds=PATIENCE_S):
    await_true(lambda: find_now(root, role, name) is None, f"no {role} {name!r} any more", seconds)


def text_of(node):
    text = node.get_text_iface()
    return Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))


def set_text(node, text):
    assert Atspi.EditableText.set_text_contents(node.get_editable_text_iface(), text)
    if node.get_role_name() != "password text":
        await_true(lambda: text_of(node) == text, f"the text {text!r}")


def act(node, which=0):
    """What a click or Enter does. An insensitive control is a failure, not a click that does nothing."""
    await_true(lambda: has(node, State.SENSITIVE), f"{node.get_role_name()} {node.get_name()!r} can be used")
    assert node.get_action_iface().do_action(which)


def click(root, name, role="push button"):
    act(find(root, role, name))


def dump(node, depth=0, out=sys.stderr):
    """The tree as it is now, for a person who looks for a failure."""
    states = [state.value_nick for state in node.get_state_set().get_states()]
    keep = [state for state in states if state in ("showing", "focused", "checked", "sensitive", "selected", "expanded")]
    print("#" + "  " * depth + f"{node.get_role_name()} {node.get_name()!r} {label_of(node)!r} {keep}", file=out)
    if is_table(node):
        return
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child:
            dump(child, depth + 1, out)


def without_known_leaks(text):
    """What the program said, without GLib's table of quarks: when it grows, the old one stays for readers without a lock
    (2,048 more pointers each time). Its stack does not tell, its size does. And how many leaks are left."""
    found = re.compile(r"^Direct leak of (\d+) byte\(s\) in 1 object\(s\) allocated from:\n( +#.*\n)+\n?", re.MULTILINE)
    kept = found.sub(lambda leak: "" if int(leak[1]) % QUARKS == 0 and "g_malloc " in leak[0] else leak[0], text)
    left = len(re.findall(r"^(?:Direct|Indirect) leak of", kept, re.MULTILINE))
    if left == 0:
        kept = re.sub(r"=+\n==\d+==ERROR: LeakSanitizer.*\n\s*|SUMMARY: AddressSanitizer: \d+ byte.*\n?", "", kept)
    return kept, left


class App:
    """streamforge in this session. `has_slow_stacks`: a sanitizer looks through libraries without frame pointers too, which
    makes everything five times as slow; for leaks of libraries that only their callers tell from ours, and for a person."""

    def __init__(self, *arguments, env=None, program=PROGRAM, root=None, has_slow_stacks="FORGE_GUI_STACKS" in os.environ):
        self.root = root or os.environ["HOME"]
        self.runtime = os.path.join(self.root, "run")
        self.arguments = ["--data-dir", os.path.join(self.root, "data"), "--cache-dir", os.path.join(self.root, "cache"),
                          "--runtime-dir", self.runtime, "--port", "0", *arguments]
        self.env = {**os.environ, "G_DEBUG": "fatal-warnings", "STREAMFORGE_NO_RESTART": "1", **(env or {})}
        if "ASAN_OPTIONS" in self.env:
            self.env["ASAN_OPTIONS"] += f":exitcode={LEAK_STATUS}"
            if has_slow_stacks:
                self.env["ASAN_OPTIONS"] += ":fast_unwind_on_malloc=0:malloc_context_size=10"
        self.program = program
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, *self.arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        errors="replace", env=self.env, cwd="/")
        self.out, self.err = Lines(self.process.stdout), Lines(self.process.stderr)

    def accessible(self):
        def look():
            desktop = Atspi.get_desktop(0)
            for index in range(desktop.get_child_count()):
                child = desktop.get_child_at_index(index)
                if child and child.get_process_id() == self.process.pid:
                    return child
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.err.text()[-3000:]}"
            return None
        return await_true(look, "the program shows itself to screen readers")

    def window(self, title="StreamForge"):
        return find(self.accessible(), "frame", title)

    def has_window(self):
        return find_now(self.accessible(), "frame") is not None

    def second_start(self, *arguments):
        """What a launcher does while the program runs."""
        subprocess.run([PROGRAM, *(["--demo"] if "--demo" in self.arguments else []), *arguments], env=self.env,
                       timeout=PATIENCE_S, check=True)

    def go(self, page):
        """A row of the sidebar."""
        window = self.window()
        row = find(window, "list item", page)
        rows = row.get_parent()
        assert Atspi.Selection.select_child(rows.get_selection_iface(), row.get_index_in_parent())
        return window

    def await_ready(self):
        """The engine runs, and the demo has its channels."""
        def look():
            status = self.status()
            return status and status["ready"] and (status["channels"]["enabled"] > 0 or "--demo" not in self.arguments)
        await_true(look, "the engine runs")
        return self

    def status(self):
        try:
            return self.call("GET", "/v1/status")
        except OSError:
            return None

    def call(self, method, path, body=None, seconds=60):
        connection = UnixConnection(os.path.join(self.runtime, "control.sock"), seconds)
        try:
            connection.request(method, path, body=json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            data = answer.read()
            assert answer.status == 200, (method, path, answer.status, data[:400])
            return json.loads(data)
        finally:
            connection.close()

    def stop(self, seconds=PATIENCE_S):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)
        self.check()

    def check(self, code=0):
        text, leaks = without_known_leaks(self.err.text())
        if leaks == 0 and self.process.returncode == LEAK_STATUS:
            code = LEAK_STATUS
        for bad in ("ERROR: AddressSanitizer", "runtime error:", "LeakSanitizer", "-CRITICAL **", "-WARNING **", "Assertion"):
            assert bad not in text, text[-6000:]
        assert self.process.returncode == code, (self.process.returncode, text[-3000:])

    def restart(self):
        self.stop()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
            return
        try:
            dump(self.accessible())
        except (AssertionError, GLib.Error):
            pass
        print("# " + self.err.text()[-3000:].replace("\n", "\n# "), file=sys.stderr)
        self.process.kill()
        self.process.wait(10)


def clipboard(selection="clipboard"):
    done = subprocess.run(["xclip", "-o", "-selection", selection], capture_output=True, text=True, timeout=10, check=False)
    return done.stdout if done.returncode == 0 else None


def main(cases):
    """TAP. Each case is a function; its name says what holds."""
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok {number} - {name}", flush=True)
        except Exception:  # a test harness reports everything
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            traceback.print_exc()
    sys.exit(1 if failed else 0)
