# SPDX-License-Identifier: GPL-3.0-or-later
"""The window comes up at once, shows the addresses, and there is one of it."""
from forge_gui import App, State, await_true, clipboard, click, find, find_labelled, has, main, text_of

TUNER = "Tuner, for Plex, Jellyfin, Emby and Channels"


def demo_shows_the_address_that_clients_use():
    with App("--demo") as app:
        window = app.window()
        url = app.await_ready().status()["base_url"]
        label = find_labelled(window, TUNER)
        await_true(lambda: text_of(label) == url, "the address of the tuner")
        click(window, f"Copy: {TUNER}")
        await_true(lambda: clipboard() == url, "the address in the clipboard")


def second_start_shows_the_first_window():
    with App("--demo", "--minimized") as app:
        app.await_ready()
        assert not app.has_window()
        app.second_start()
        app.window()


def every_page_opens():
    with App("--demo") as app:
        window = app.window()
        for page in ("Channels", "Guide", "Sources", "Library", "Sessions", "Logs", "Settings", "Overview"):
            app.go(page)
            await_true(lambda page=page: has(find(window, "list item", page), State.SELECTED), f"the page {page}")


if __name__ == "__main__":
    main([demo_shows_the_address_that_clients_use, second_start_shows_the_first_window, every_page_opens])
