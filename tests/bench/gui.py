#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window with 20,000 channels and 60,000 streams, through what a screen reader sees. Prints JSON; times in milliseconds.

    FORGE_BUILD_DIR=BUILD tests/gui/isolated python3 tests/bench/gui.py [--channels 20000]

open_ms: from "the engine answers" to the window; list_ms: from choosing the page Channels to the first rows; search_ms: from a changed search
(three of them: a quarter of the rows, a few, all) to the first rows it leaves; scroll_ms: from a jump in the list to the row drawn there;
…_whole_ms: until the last of them is in the list; …_held_ms: the longest time meanwhile in which the window did not answer a question;
search_cpu_ms: CPU of the whole process for the three; rss_kib: the process.
A screen reader listens all the time: without one GTK does a fifth of the work for a row.
"""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gui"))
from forge_gui import BUILD, App, Atspi, await_true, find, find_now  # noqa: E402

STREAMS_PER_CHANNEL = 3
PROGRAMMES_PER_CHANNEL = 12


def make_schema(root):
    """What a first start of the server makes."""
    process = subprocess.Popen([os.path.join(BUILD, "src/cli/streamforge-server"), "--data-dir", f"{root}/data", "--cache-dir", f"{root}/cache",
                                "--runtime-dir", f"{root}/run", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    process.terminate()
    process.wait(20)


def fill_row(database, table, values):
    """Columns that are not named get what their type allows: the bench need not know every migration."""
    for _, name, kind, required, default, key in database.execute(f"PRAGMA table_info ({table})"):
        if name not in values and required and default is None and not key:
            values[name] = "" if kind == "TEXT" else 0
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    return database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())).lastrowid


def fill(root, channels):
    database = sqlite3.connect(f"{root}/data/streamforge.db")
    now = int(time.time()) // 3600 * 3600
    account = fill_row(database, "account", {"name": "Bench", "server": "http://127.0.0.1:1", "username": "u", "enabled": 1,
                                             "last_refresh": now, "streams": channels * STREAMS_PER_CHANNEL})
    source = fill_row(database, "guide_source", {"name": "Bench", "location": "/nowhere", "enabled": 1, "last_refresh": now})
    generation = fill_row(database, "guide_generation", {"source_id": source})
    database.execute("UPDATE guide_source SET generation = ? WHERE id = ?", (generation, source))
    for number in range(1, channels + 1):
        name = f"Channel {number} {'News Sport Film Kids'.split()[number % 4]}"
        guide = fill_row(database, "guide_channel", {"source_id": source, "xmltv_id": f"c{number}", "folded_id": f"c{number}"})
        entry = fill_row(database, "guide_entry", {"generation": generation, "guide_channel_id": guide, "names": name})
        channel = fill_row(database, "channel", {"key": f"guide:c{number}", "number": number, "position": number, "name": name,
                                                 "guide_channel_id": guide, "group_name": f"Group {number % 40}",
                                                 "enabled": int(number <= 480)})
        for k in range(PROGRAMMES_PER_CHANNEL if number <= 2000 else 0):
            fill_row(database, "programme", {"entry_id": entry, "start": now + k * 3600, "stop": now + (k + 1) * 3600,
                                             "title": f"Programme {k}", "inner": f"<title>Programme {k}</title>"})
        for k in range(STREAMS_PER_CHANNEL):
            stream = fill_row(database, "stream", {"account_id": account, "remote_id": number * 10 + k, "name": f"UK| {name} {k}",
                                                   "quality": 3 + k % 2, "position": number * 10 + k})
            fill_row(database, "stream_match", {"channel_id": channel, "stream_id": stream, "confidence": 0.7 + (number % 30) / 100,
                                                "rank": k, "reasons": "[]"})
    # What was written is the lineup: none is to be made of it at the start.
    database.execute("UPDATE lineup_state SET stale = 0")
    database.commit()
    database.close()


def rows(window):
    node = find_now(window, "table", "Channels")
    return Atspi.Table.get_n_rows(node.get_table_iface()) if node else 0


def cpu_ms(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as handle:
        fields = handle.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")


def milliseconds(action, condition, what):
    begin = time.monotonic()
    action()
    await_true(condition, what)
    return round((time.monotonic() - begin) * 1000)


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as handle:
        return next(int(line.split()[1]) for line in handle if line.startswith("VmRSS"))


class Answers:
    """How long it takes until the list answers something, and how long the window is deaf meanwhile."""

    def __init__(self, window):
        self.window = window
        self.first, self.whole, self.held = [], [], 0

    def measure(self, action, channels):
        begin = time.monotonic()
        action()
        first = None
        while True:
            asked = time.monotonic()
            self.window.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
            now = time.monotonic()
            self.held = max(self.held, now - asked)
            if first is None and self.is_first(channels):
                first = now
            if first and rows(self.window) == channels:
                break
            assert now - begin < 60, f"{channels} channels do not come"
        self.first.append(round((first - begin) * 1000))
        self.whole.append(round((time.monotonic() - begin) * 1000))

    def is_first(self, channels):
        return find_now(self.window, "label", f"{channels} channels") and rows(self.window) > 0


def search(window, channels):
    entry = find(window, "text", "Search channels")
    answers = Answers(window)
    for text, count in (("sport", channels // 4), ("channel 1999", sum("1999" in str(n) for n in range(1, channels + 1))), ("", channels)):
        answers.measure(lambda text=text: Atspi.EditableText.set_text_contents(entry.get_editable_text_iface(), text), count)
    return answers


def scroll(window):
    table = find(window, "table", "Channels")
    cell = table.get_table_iface().get_accessible_at(rows(window) - 5, 2)
    return milliseconds(lambda: cell.get_component_iface().grab_focus(),
                        lambda: cell.get_component_iface().get_extents(Atspi.CoordType.WINDOW).y >= 0, "the last rows")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=20000)
    options = parser.parse_args()
    root = os.environ["HOME"]
    make_schema(root)
    fill(root, options.channels)
    result = {"channels": options.channels, "streams": options.channels * STREAMS_PER_CHANNEL}
    with App() as app:
        app.await_ready()
        begin = time.monotonic()
        app.window()
        result["open_ms"] = round((time.monotonic() - begin) * 1000)
        window = app.window()
        answers = Answers(window)
        answers.measure(lambda: app.go("Channels"), options.channels)
        result.update(list_ms=answers.first[0], list_whole_ms=answers.whole[0], list_held_ms=round(answers.held * 1000))
        begin = cpu_ms(app.process.pid)
        answers = search(window, options.channels)
        result.update(search_ms=answers.first, search_whole_ms=answers.whole, search_held_ms=round(answers.held * 1000))
        result["search_cpu_ms"] = cpu_ms(app.process.pid) - begin
        result["scroll_ms"] = scroll(window)
        app.go("Guide")
        await_true(lambda: "Programme" in (find(window, "table", "Programme guide").get_description() or ""), "the guide")
        result["rss_kib"] = rss_kib(app.process.pid)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
