# SPDX-License-Identifier: GPL-3.0-or-later
"""The page Library: films and series of the demo are listed, searched, looked at and downloaded."""
from forge_gui import App, Atspi, await_true, click, find, find_now, main, set_text


def titles(window):
    node = find_now(window, "list box", "Titles")
    return [node.get_child_at_index(i).get_name() for i in range(node.get_child_count())] if node else []


def open_page(app):
    app.await_ready()
    await_true(lambda: app.call("GET", "/v1/library/movies"), "the demo's films")
    window = app.go("Library")
    await_true(lambda: titles(window), "titles")
    return window


def select_first(window):
    rows = find(window, "list box", "Titles")
    assert Atspi.Selection.select_child(rows.get_selection_iface(), 0)


def films_are_searched_and_downloaded():
    with App("--demo") as app:
        window = open_page(app)
        everything = titles(window)
        film = app.call("GET", "/v1/library/movies")[0]["title"]
        assert film in everything
        search = find(window, "text", "Search titles")
        set_text(search, "no such film")
        find(window, "label", "No title like this")
        set_text(search, film)
        await_true(lambda: titles(window) and len(titles(window)) < len(everything), "fewer titles")
        assert film in titles(window)
        select_first(window)
        click(window, "Download")
        await_true(lambda: app.call("GET", "/v1/downloads"), "a download")
        click(window, "Downloads", "radio button")
        row = app.call("GET", "/v1/downloads")[0]["title"]
        click(window, f"Remove from the list: {row}")
        await_true(lambda: app.call("GET", "/v1/downloads") == [], "removed")
        find(window, "label", "No downloads")


def a_series_shows_its_episodes():
    with App("--demo") as app:
        window = open_page(app)
        click(window, "Series", "radio button")
        series = app.call("GET", "/v1/library/series")[0]["title"]
        await_true(lambda: titles(window) == [series], "the series")
        select_first(window)
        find(window, "label", "Season 1")


if __name__ == "__main__":
    main([films_are_searched_and_downloaded, a_series_shows_its_episodes])
