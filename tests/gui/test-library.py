# SPDX-License-Identifier: GPL-3.0-or-later
"""The page Library: films and series of the demo are listed, searched, looked at and downloaded."""
import os
import tempfile

from forge_gui import App, Atspi, Provider, await_gone, await_true, click, find, find_now, has, main, set_text, State, walk


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
        find(window, "icon", film)  # its poster
        click(window, "Download")
        await_true(lambda: app.call("GET", "/v1/downloads"), "a download")
        click(window, "Downloads", "radio button")
        row = app.call("GET", "/v1/downloads")[0]["title"]
        click(window, f"Remove from the list: {row}")
        await_true(lambda: app.call("GET", "/v1/downloads") == [], "removed")
        find(window, "label", "No downloads")


def says(window, *words):
    """A label that is shown and holds all the words."""
    return next((node.get_name() for node in walk(window) if node.get_role_name() == "label" and has(node, State.SHOWING) and
                 all(word in (node.get_name() or "") for word in words)), None)


def state_of(app):
    return app.call("GET", "/v1/downloads")[0]["state"]


def a_download_shows_its_speed_and_pauses_and_goes_on():
    provider = Provider("--channels", 4, "--max-connections", 2)
    with tempfile.TemporaryDirectory() as root, App(root=root) as app:
        app.await_ready()
        app.call("POST", "/v1/accounts", {"name": "Home", "server": provider.url, "username": provider.user, "password": provider.password})
        app.call("PUT", "/v1/settings/download_dir", {"value": os.path.join(app.root, "films")})
        film = next(one for one in app.call("GET", "/v1/library/movies") if one["title"] == "A Trip to the Moon")
        provider.tell("stream 7004 stall-after 300000")
        app.call("POST", "/v1/downloads", {"media": film["handle"]})
        window = app.go("Library")
        click(window, "Downloads", "radio button")
        title = app.call("GET", "/v1/downloads")[0]["title"]
        await_true(lambda: says(window, "Downloading", " of "), "how much of the film is there")
        click(window, f"Pause: {title}")
        await_true(lambda: says(window, "Paused", " of "), "that it is paused")
        assert find_now(window, "push button", f"Open folder: {title}") is None
        provider.tell("stream 7004 ok")
        click(window, f"Resume: {title}")
        await_true(lambda: state_of(app) == "done", "the end")
        find(window, "push button", f"Open folder: {title}")
        await_gone(window, "push button", f"Pause: {title}")
        assert os.path.getsize(app.call("GET", "/v1/downloads")[0]["path"]) == app.call("GET", "/v1/downloads")[0]["total"]
    provider.close()


def a_download_that_failed_says_why_and_is_tried_again():
    with App("--demo") as app:
        window = open_page(app)
        blocked = os.path.join(app.root, "blocked")
        with open(blocked, "w", encoding="utf-8"):
            pass
        app.call("PUT", "/v1/settings/download_dir", {"value": blocked})
        select_first(window)
        click(window, "Download")
        click(window, "Downloads", "radio button")
        await_true(lambda: says(window, "Failed: ", "blocked"), "why it failed")
        os.unlink(blocked)
        click(window, f"Resume: {app.call('GET', '/v1/downloads')[0]['title']}")
        await_true(lambda: state_of(app) == "done", "the end")
        await_true(lambda: says(window, "Done"), "that it is done")


def titles_come_in_another_order():
    with App("--demo") as app:
        window = open_page(app)
        assert titles(window) == sorted(titles(window)), titles(window)
        by_title = titles(window)
        combo = find(window, "combo box", "Order")
        assert Atspi.Selection.select_child(combo.get_selection_iface(), 1)
        await_true(lambda: titles(window) != by_title and sorted(titles(window)) == by_title, "the same titles in another order")


def a_series_shows_its_episodes():
    with App("--demo") as app:
        window = open_page(app)
        click(window, "Series", "radio button")
        series = app.call("GET", "/v1/library/series")[0]["title"]
        await_true(lambda: titles(window) == [series], "the series")
        select_first(window)
        find(window, "label", "Season 1")


if __name__ == "__main__":
    main([films_are_searched_and_downloaded, titles_come_in_another_order,
          a_download_shows_its_speed_and_pauses_and_goes_on,
          a_download_that_failed_says_why_and_is_tried_again, a_series_shows_its_episodes])
