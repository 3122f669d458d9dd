# SPDX-License-Identifier: GPL-3.0-or-later
"""The page Guide at the keyboard: the programme under the cursor is what a screen reader says; days, details, search."""
import os
import subprocess

from forge_gui import App, Atspi, await_gone, await_true, click, find, main, set_text, text_of


def keys(*names):
    subprocess.run(["xdotool", "key", *names], check=True, timeout=60)


def spoken(window):
    return find(window, "table", "Programme guide").get_description()


def open_page(app):
    app.await_ready()
    await_true(lambda: app.status()["guide"]["programmes"] > 0 and app.status()["channels"]["enabled"] >= 24, "the demo's guide")
    window = app.go("Guide")
    await_true(lambda: spoken(window) and "no programme information" not in spoken(window), "what runs now")
    subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "^StreamForge", "windowfocus", "--sync"], check=True,
                   timeout=60, stdout=subprocess.DEVNULL)
    grid = find(window, "table", "Programme guide")
    assert grid.get_component_iface().grab_focus()
    return window


def arrows_go_through_time_and_channels():
    with App("--demo") as app:
        window = open_page(app)
        first = spoken(window)
        keys("Right")
        await_true(lambda: spoken(window) != first, "the next programme")
        assert spoken(window).split(",")[0] == first.split(",")[0]
        keys("Left")
        await_true(lambda: spoken(window) == first, "back")
        keys("Down")
        await_true(lambda: spoken(window).split(",")[0] != first.split(",")[0], "the next channel")
        keys("Up")
        await_true(lambda: spoken(window) == first, "and back")


def a_programme_shows_its_details():
    with App("--demo") as app:
        window = open_page(app)
        title = spoken(window).split(": ", 1)[1]
        keys("Return")
        find(window, "label", title)
        click(window, "Close the details")


def artwork_is_shown_with_the_details():
    """Of what is chosen, and of nothing else; the demo's news have none."""
    with App("--demo") as app:
        window = open_page(app)

        def kept():
            folder = os.path.join(app.root, "cache", "artwork-programmes")
            return os.listdir(folder) if os.path.isdir(folder) else []

        before = len(kept())

        def picture_of(title):
            keys("Return")
            find(window, "label", title)
            try:
                return find(window, "icon", title, seconds=4)
            except AssertionError:
                return None

        for chosen in range(1, 13):
            title = spoken(window).split(": ", 1)[1]
            picture = picture_of(title)
            if picture:
                break
            keys("Down")
        size = picture.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        assert 200 < size.width <= 268 and size.height > 100, (size.width, size.height)
        # The grid shows dozens of programmes: nothing is fetched for them.
        assert 1 <= len(kept()) <= before + chosen, kept()
        click(window, "Close the details")
        await_gone(window, "icon", title)


def days_go_on_and_back():
    with App("--demo") as app:
        window = open_page(app)
        today = find(window, "push button", "Now").get_parent().get_parent()
        day = next(node for node in (today.get_child_at_index(i) for i in range(today.get_child_count())) if node.get_role_name() == "label")
        await_true(lambda: text_of(day).startswith("Today"), "today")
        click(window, "Next day")
        await_true(lambda: text_of(day).startswith("Tomorrow"), "tomorrow")
        click(window, "Previous day")
        await_true(lambda: text_of(day).startswith("Today"), "back")
        click(window, "Next day")
        click(window, "Now")
        await_true(lambda: text_of(day).startswith("Today"), "today again")


def a_search_finds_programmes_and_goes_there():
    with App("--demo") as app:
        window = open_page(app)
        title = spoken(window).split(": ", 1)[1]
        search = find(window, "text", "Search programmes")
        set_text(search, "no such programme at all")
        find(window, "label", "No programme like this")
        set_text(search, title.upper())
        found = find(window, "list box", "Programmes found")
        row = await_true(lambda: next((node for node in (found.get_child_at_index(i) for i in range(found.get_child_count()))
                                       if node.get_name().startswith(title)), None), "a hit")
        assert row.get_component_iface().grab_focus()
        keys("Return")
        await_true(lambda: spoken(window).endswith(": " + title), "the cursor on it")


if __name__ == "__main__":
    main([arrows_go_through_time_and_channels, a_programme_shows_its_details, artwork_is_shown_with_the_details, days_go_on_and_back,
          a_search_finds_programmes_and_goes_there])
