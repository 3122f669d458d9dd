# SPDX-License-Identifier: GPL-3.0-or-later
"""The page Channels where there is work to do: the review queue, a stream from the popover, all of a long list; a guide that is
hours off is corrected by the button."""
import os
import subprocess
import tempfile
import time

from forge_gui import App, Atspi, act, await_true, click, find, find_now, main, set_text, text_of, walk

NAMES = ("UK| Alpha News SD", "UK| Alpha News World 4K", "UK| Alfa News 4K", "UK| Alpha News Live Now 4K", "Alpha News Extra 4K",
         "FR| Alpha News 4K", "IE| Alpha News 4K", "UK| Beta Sport 1 HD")
GUIDE = (("News.uk", "Alpha News"), ("gamma.uk", "Gamma Drama"), ("Sport.uk", "Beta Sport 1"))
LONG = 15000


def stamp(hours):
    return time.strftime("%Y%m%d%H0000 +0000", time.gmtime(time.time() + hours * 3600))


def write_guide(path, channels, hours=12, off=0):
    """Every channel has an hour of each title, `off` hours late."""
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("<tv>")
        for xmltv_id, name in channels:
            handle.write(f'<channel id="{xmltv_id}"><display-name>{name}</display-name></channel>')
        for xmltv_id, name in channels:
            for hour in range(hours):
                handle.write(f'<programme start="{stamp(hour + off)}" stop="{stamp(hour + off + 1)}" channel="{xmltv_id}">'
                             f"<title>{name} hour {hour}</title></programme>")
        handle.write("</tv>")


def write_list(path, names):
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("#EXTM3U\n" + "".join(f"#EXTINF:-1,{name}\nhttp://127.0.0.1:9/{number}.ts\n" for number, name in enumerate(names)))


def new_world(names=NAMES, guide=GUIDE):
    app = App(root=tempfile.mkdtemp(prefix="forge-review-"))
    app.await_ready()
    click(app.window(), "Not Now")
    listed = os.path.join(app.root, "list.m3u")
    write_list(listed, names)
    if guide:
        path = os.path.join(app.root, "guide.xml")
        write_guide(path, guide)
        app.call("POST", "/v1/guides", {"name": "Own", "location": path})
    app.call("POST", "/v1/accounts", {"name": "List", "m3u": listed}, seconds=240)
    return app


def table(window):
    return find(window, "table", "Channels")


def rows(window):
    node = find_now(window, "table", "Channels")
    return Atspi.Table.get_n_rows(node.get_table_iface()) if node else 0


def select(window, *wanted):
    iface = table(window).get_table_iface()
    for row in wanted:
        Atspi.Table.add_row_selection(iface, row)


def focus_window():
    subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "^StreamForge", "windowfocus", "--sync"], check=True,
                   timeout=60, stdout=subprocess.DEVNULL)


def waiting(app):
    return [(channel["name"], stream["name"]) for channel in app.call("GET", "/v1/match?review=1")
            for stream in channel["streams"] if stream["review"]]


def matches(app):
    return {(channel["id"], stream["id"]): stream["manual"] for channel in app.call("GET", "/v1/match") for stream in channel["streams"]}


def what_waits_for_review_is_accepted_at_once_and_taken_back():
    with new_world() as app:
        before, queue = matches(app), waiting(app)
        assert queue, "nothing to review"
        window = app.go("Channels")
        click(window, "To review", "radio button")
        channels = {channel for channel, _ in queue}
        await_true(lambda: rows(window) == len(channels), "the channels in question")
        select(window, *range(len(channels)))
        click(window, "Accept matches")
        await_true(lambda: waiting(app) == [], "nothing waits any more")
        find(window, "label", "No channel like this")
        click(window, "Undo")
        await_true(lambda: matches(app) == before and waiting(app) == queue, "all as before")


def why_a_stream_is_there_is_said():
    with new_world() as app:
        window = app.go("Channels")
        await_true(lambda: rows(window) >= 2, "rows")
        row = next(row for row in range(rows(window)) if table(window).get_table_iface().get_accessible_at(row, 2).get_name() == "Beta Sport 1")
        select(window, row)
        await_true(lambda: [node for node in walk(window) if node.get_role_name() == "label" and
                            "has the name of the guide's “Beta Sport 1”" in text_of(node)], "the reason")


def a_stream_is_added_from_the_popover():
    with new_world() as app:
        window = app.go("Channels")
        await_true(lambda: rows(window) >= 2, "rows")
        row = next(row for row in range(rows(window)) if table(window).get_table_iface().get_accessible_at(row, 2).get_name() == "Gamma Drama")

        def streams():
            return [stream["name"] for channel in app.call("GET", "/v1/channels") if channel["name"] == "Gamma Drama"
                    for stream in channel["streams"]]

        assert streams() == []
        select(window, row)
        add = await_true(lambda: next((node for node in walk(window) if node.get_role_name() == "toggle button" and
                                       node.get_name() == "Add another stream…"), None), "the button")
        assert add.get_action_iface().do_action(0)
        search = find(app.accessible(), "text", "Search streams")
        set_text(search, "no such stream")
        found = find(app.accessible(), "list box", "Streams found")
        await_true(lambda: found.get_child_count() == 0, "no stream")
        set_text(search, "beta sport")
        line = await_true(lambda: found.get_child_at_index(0) if found.get_child_count() == 1 else None, "the one stream")
        focus_window()
        assert line.get_component_iface().grab_focus()
        subprocess.run(["xdotool", "key", "Return"], check=True, timeout=60)
        await_true(lambda: streams() == ["UK| Beta Sport 1 HD"], "the channel has it")
        click(window, "Undo")
        await_true(lambda: streams() == [], "taken back")


def all_of_a_long_list_are_selected():
    """Also the rows that are still to come: the key is pressed as soon as there is a list."""
    with new_world([f"Distinct {number:05d} Channel" for number in range(LONG)], None) as app:
        total = app.status()["channels"]["total"]
        assert total == LONG, total
        window = app.go("Channels")
        node = table(window)
        focus_window()
        assert Atspi.Component.grab_focus(node.get_component_iface())
        # Another filter lets the rows come anew, some hundreds at a time.
        button = find(window, "radio button", "Without stream")
        everything = find(window, "radio button", "All")
        act(button)
        await_true(lambda: rows(window) == 0, "no rows")
        focus_window()
        act(everything)
        assert Atspi.Component.grab_focus(table(window).get_component_iface())
        there = rows(window)
        subprocess.run(["xdotool", "key", "ctrl+a"], check=True, timeout=60)
        print(f"# {there} of {total} rows were there when the key was pressed")
        find(window, "label", f"{total} of {total} channels selected")
        await_true(lambda: rows(window) == total, "all rows")
        click(window, "Turn off")
        await_true(lambda: app.status()["channels"]["enabled"] == 0, "all are off", 180)


def a_guide_that_is_hours_off_is_corrected():
    channels = [(f"c{number}.uk", f"Channel Number {number}") for number in range(6)]
    with new_world([f"UK| {name} HD" for _, name in channels], channels) as app:
        late = os.path.join(app.root, "late.xml")
        write_guide(late, channels, off=2)
        guide = app.call("POST", "/v1/guides", {"name": "Late", "location": late})["id"]
        await_true(lambda: f"guide-{guide}-shift" in [problem["id"] for problem in app.status()["problems"]], "the problem")
        window = app.go("Overview")
        button = await_true(lambda: next((node for node in walk(window) if node.get_role_name() == "push button" and
                                          node.get_name().startswith("Correct times: ")), None), "the button")
        assert button.get_action_iface().do_action(0)
        find(window, "label", "The guide’s times are corrected.")
        assert [one["shift_minutes"] for one in app.call("GET", "/v1/guides") if one["id"] == guide] == [-120]


if __name__ == "__main__":
    main([what_waits_for_review_is_accepted_at_once_and_taken_back, why_a_stream_is_there_is_said, a_stream_is_added_from_the_popover,
          all_of_a_long_list_are_selected, a_guide_that_is_hours_off_is_corrected])
