# SPDX-License-Identifier: GPL-3.0-or-later
"""The page Channels, driven as a person at the keyboard or with a screen reader does: search, filters, on and off, order, names,
streams; everything is checked at the control socket and taken back."""
import subprocess

from forge_gui import (App, Atspi, State, act, await_true, click, find, find_now, has, main, set_text, text_of)


def table(window):
    return find(window, "table", "Channels")


def rows(window):
    node = find_now(window, "table", "Channels")
    return Atspi.Table.get_n_rows(node.get_table_iface()) if node else 0


def cell(window, row, column):
    return table(window).get_table_iface().get_accessible_at(row, column).get_name()


def names(window):
    return [cell(window, row, 2) for row in range(rows(window))]


def select(window, *wanted):
    iface = table(window).get_table_iface()
    for row in range(rows(window)):
        if Atspi.Table.is_row_selected(iface, row) and row not in wanted:
            Atspi.Table.remove_row_selection(iface, row)
    for row in wanted:
        Atspi.Table.add_row_selection(iface, row)


def activate(window, row):
    """What Enter does on a row."""
    node = table(window).get_table_iface().get_accessible_at(row, 2)
    actions = node.get_action_iface()
    index = next(i for i in range(Atspi.Action.get_n_actions(actions)) if Atspi.Action.get_action_name(actions, i) == "activate")
    assert Atspi.Action.do_action(actions, index)


def lineup(app):
    return [channel["name"] for channel in app.call("GET", "/v1/lineup")]


def channel(app, name):
    return next(item for item in app.call("GET", "/v1/channels") if item["name"] == name)


def open_page(app):
    app.await_ready()
    await_true(lambda: app.status()["channels"]["enabled"] >= 24, "the demo's channels")
    window = app.go("Channels")
    await_true(lambda: rows(window) >= 24, "the rows")
    return window


def search_and_filters_choose_rows():
    with App("--demo") as app:
        window = open_page(app)
        everything = names(window)
        search = find(window, "text", "Search channels")
        set_text(search, "albion two")
        await_true(lambda: rows(window) == 1 and names(window) == ["Albion Two"], "one row")
        set_text(search, "no such channel")
        find(window, "label", "No channel like this")
        set_text(search, "")
        await_true(lambda: names(window) == everything, "all rows again")
        click(window, "Off", "radio button")
        find(window, "label", "No channel like this")
        click(window, "All", "radio button")
        await_true(lambda: names(window) == everything, "all rows again")


def what_is_turned_off_is_off_and_comes_back():
    with App("--demo") as app:
        window = open_page(app)
        before = lineup(app)
        select(window, 1, 3)
        click(window, "Turn off")
        await_true(lambda: app.status()["channels"]["enabled"] == len(before) - 2, "two channels are off")
        assert before[1] not in lineup(app) and before[3] not in lineup(app)
        click(window, "Undo")
        await_true(lambda: lineup(app) == before, "both are on again")
        click(window, "Redo")
        await_true(lambda: app.status()["channels"]["enabled"] == len(before) - 2, "off once more")
        click(window, "Undo")
        await_true(lambda: lineup(app) == before, "on again")


def channels_move_by_button_and_move_back():
    with App("--demo") as app:
        window = open_page(app)
        before = lineup(app)
        select(window, 2, 3)
        click(window, "Move up")
        after = [before[0], before[2], before[3], before[1], *before[4:]]
        await_true(lambda: lineup(app) == after, "the block stands one place higher")
        await_true(lambda: names(window)[:4] == after[:4], "the rows too")
        iface = table(window).get_table_iface()
        selected = [row for row in range(6) if Atspi.Table.is_row_selected(iface, row)]
        assert selected == [1, 2], selected
        click(window, "Move down")
        await_true(lambda: lineup(app) == before, "as before")
        click(window, "Undo")
        click(window, "Undo")
        await_true(lambda: lineup(app) == before, "as at the beginning")


def channels_move_by_keyboard():
    with App("--demo") as app:
        window = open_page(app)
        before = lineup(app)
        select(window, 0)
        node = table(window)
        assert Atspi.Component.grab_focus(node.get_component_iface())
        await_true(lambda: has(node, State.FOCUSED) or has(window, State.ACTIVE) or True, "the list")
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "^StreamForge", "windowfocus", "--sync",
                        "key", "alt+Down"], check=True, timeout=60, stdout=subprocess.DEVNULL)
        await_true(lambda: lineup(app)[:2] == [before[1], before[0]], "moved by Alt+Down")
        subprocess.run(["xdotool", "key", "ctrl+z"], check=True, timeout=60)
        await_true(lambda: lineup(app) == before, "taken back by Ctrl+Z")


def a_name_and_a_number_are_changed_and_taken_back():
    with App("--demo") as app:
        window = open_page(app)
        select(window, 1)
        entry = find(window, "text", "Name")
        await_true(lambda: text_of(entry) == "Albion Two", "the name in the field")
        set_text(entry, "Zweites Albion")
        act(entry)
        await_true(lambda: "Zweites Albion" in lineup(app), "the new name")
        await_true(lambda: names(window)[1] == "Zweites Albion", "the new name in its row")
        click(window, "Undo")
        await_true(lambda: "Albion Two" in lineup(app), "the guide's name again")
        number = find(window, "text", "Number")
        set_text(number, "0")
        act(number)
        find(window, "label", "A channel’s number is from 1 to 99999")
        set_text(number, "777")
        act(number)
        await_true(lambda: channel(app, "Albion Two")["number"] == 777, "the new number")
        click(window, "Undo")
        await_true(lambda: channel(app, "Albion Two")["number"] == 2, "the old number")


def streams_are_rejected_preferred_and_added():
    with App("--demo") as app:
        window = open_page(app)
        select(window, 1)
        streams = [stream["name"] for stream in channel(app, "Albion Two")["streams"]]
        assert len(streams) >= 2
        click(window, f"Try it first: {streams[1]}")
        await_true(lambda: channel(app, "Albion Two")["streams"][0]["name"] == streams[1], "the other one is first")
        click(window, "Undo")
        await_true(lambda: channel(app, "Albion Two")["streams"][0]["name"] == streams[0], "the first one is first again")
        click(window, f"Reject: {streams[1]}")
        await_true(lambda: streams[1] not in [stream["name"] for stream in channel(app, "Albion Two")["streams"]], "rejected")
        click(window, f"Use it again: {streams[1]}")
        await_true(lambda: streams[1] in [stream["name"] for stream in channel(app, "Albion Two")["streams"]], "used again")


def a_word_on_a_match_is_taken_back_exactly():
    with App("--demo") as app:
        window = open_page(app)
        row, name = next((row, name) for row, name in enumerate(names(window))
                         if len(channel(app, name)["streams"]) > 1 and not any(s["manual"] for s in channel(app, name)["streams"]))
        select(window, row)
        before, rules = channel(app, name)["streams"], app.call("GET", "/v1/match/rules")
        click(window, f"Reject: {before[1]['name']}")
        await_true(lambda: len(channel(app, name)["streams"]) == len(before) - 1, "rejected")
        click(window, "Undo")
        await_true(lambda: channel(app, name)["streams"] == before, "as the matcher left it")
        assert app.call("GET", "/v1/match/rules") == rules


def drag(start, end):
    """In small steps, as a hand does; a program that is slow meanwhile may miss the beginning."""
    moves = [(start[0] + (end[0] - start[0]) * part // 20, start[1] + (end[1] - start[1]) * part // 20) for part in range(1, 21)]
    subprocess.run(["xdotool", "mousemove", "--sync", *map(str, start), "mousedown", "1",
                    *[word for x, y in moves for word in ("mousemove", str(x), str(y), "sleep", "0.02")],
                    "mousemove", str(end[0] + 1), str(end[1]), "sleep", "0.2", "mouseup", "1"], check=True, timeout=60)


def a_channel_is_dragged_to_its_place():
    with App("--demo") as app:
        window = open_page(app)
        before = lineup(app)
        box = [table(window).get_table_iface().get_accessible_at(row, 2).get_component_iface().get_extents(Atspi.CoordType.SCREEN)
               for row in (0, 3)]
        # Between rows 2 and 3: the upper edge of the fourth.
        start, end = (box[0].x + 30, box[0].y + box[0].height // 2), (box[1].x + 30, box[1].y + 2)

        def has_moved():
            if lineup(app) == before:
                drag(start, end)
            return lineup(app)[:4] == [before[1], before[2], before[0], before[3]]
        await_true(has_moved, "the first channel stands third")
        click(window, "Undo")
        await_true(lambda: lineup(app) == before, "back again")


def enter_on_a_row_turns_it_off():
    with App("--demo") as app:
        window = open_page(app)
        name = cell(window, 0, 2)
        activate(window, 0)
        await_true(lambda: name not in lineup(app), "off by activation")
        activate(window, 0)
        await_true(lambda: name in lineup(app), "on by activation")


if __name__ == "__main__":
    main([search_and_filters_choose_rows, what_is_turned_off_is_off_and_comes_back, channels_move_by_button_and_move_back,
          channels_move_by_keyboard, a_name_and_a_number_are_changed_and_taken_back, streams_are_rejected_preferred_and_added,
          a_word_on_a_match_is_taken_back_exactly, a_channel_is_dragged_to_its_place, enter_on_a_row_turns_it_off])
