# SPDX-License-Identifier: GPL-3.0-or-later
"""The tray icon, its menu and what closing and quitting mean, read over D-Bus as a desktop reads them."""
import contextlib
import http.client
import shutil
import subprocess
import tempfile

from forge_gui import App, act, await_gone, await_true, click, clipboard, find, find_now, main
from forge_tray import Tray

ICON = "io.github.streamforge.StreamForge"


@contextlib.contextmanager
def world(*arguments, has_host=True):
    root = tempfile.mkdtemp(prefix="forge-tray-")
    with Tray(has_host) as tray, App("--demo", *arguments, root=root) as app:
        app.await_ready()
        if has_host:
            await_true(lambda: tray.labels()[0] == "0 of 4 tuners in use", "the status line")
        yield tray, app
    shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def viewer(app):
    """Somebody watches the first channel."""
    port = int(app.status()["base_url"].rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/auto/v1", headers={"User-Agent": "VLC/3.0.20"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    assert answer.read(188)
    yield answer
    connection.close()


def copy_entries_reach_the_clipboard():
    with world("--minimized") as (tray, app):
        url = app.status()["base_url"]
        for label, address in (("Copy Plex address", url), ("Copy M3U address", url + "/playlist.m3u"),
                               ("Copy guide address", url + "/epg.xml")):
            tray.click(label)
            await_true(lambda address=address: clipboard() == address, f"{address} in the clipboard")
        assert not app.has_window()


def open_shows_the_window_and_closing_hides_it():
    with world("--minimized") as (tray, app):
        tray.click("Open StreamForge")
        window = app.window()
        click(window, "Close")
        await_gone(app.accessible(), "frame", "StreamForge")
        assert app.status() is not None
        tray.click("Open StreamForge")
        app.window()


def icon_and_status_follow_what_plays():
    with world("--minimized") as (tray, app):
        await_true(lambda: tray.icon() == ICON + "-idle-symbolic", "the idle icon")
        with viewer(app):
            await_true(lambda: tray.icon() == ICON + "-streaming-symbolic", "the streaming icon")
            channel = app.call("GET", "/v1/sessions")[0]["channel"]
            await_true(lambda: f"{channel} – VLC (127.0.0.1)" in tray.labels(), "the session in the menu")
        await_true(lambda: tray.icon() == ICON + "-idle-symbolic", "the idle icon again")
        await_true(lambda: tray.labels()[1] == "Copy Plex address", "no session in the menu")


def pause_ends_what_plays_and_opens_nothing():
    with world("--minimized") as (tray, app):
        with viewer(app) as answer:
            tray.click("Pause tuner")
            while answer.read(65536):
                pass
        await_true(lambda: tray.icon() == ICON + "-paused-symbolic", "the paused icon")
        assert app.status()["paused"]
        connection = http.client.HTTPConnection("127.0.0.1", int(app.status()["base_url"].rsplit(":", 1)[1]), timeout=60)
        connection.request("GET", "/auto/v1")
        assert connection.getresponse().status == 503
        connection.close()
        tray.click("Pause tuner")
        await_true(lambda: tray.icon() == ICON + "-idle-symbolic", "the idle icon again")
        with viewer(app):
            pass


def quit_asks_only_when_somebody_watches():
    with world("--minimized") as (tray, app):
        with viewer(app):
            await_true(lambda: tray.icon() == ICON + "-streaming-symbolic", "the streaming icon")
            tray.click("Quit")
            dialog = find(app.accessible(), "alert")
            assert find(dialog, "label", "1 viewer is watching. The picture ends if you quit.")
            click(dialog, "Keep Running")
            await_gone(app.accessible(), "alert")
            assert app.status() is not None
        await_true(lambda: tray.icon() == ICON + "-idle-symbolic", "the idle icon")
        tray.click("Quit")
        assert app.process.wait(60) == 0


def without_a_tray_closing_asks_once():
    with world(has_host=False) as (tray, app):
        click(app.window(), "Close")
        dialog = find(app.accessible(), "alert")
        click(dialog, "Keep Running")
        await_gone(app.accessible(), "frame", "StreamForge")
        app.second_start()
        click(app.window(), "Close")
        await_gone(app.accessible(), "frame", "StreamForge")
        assert find_now(app.accessible(), "alert") is None
        assert not tray.items


def icon_comes_back_with_the_tray():
    with world("--minimized") as (tray, app):
        tray.item()
        tray.close()
        with Tray() as other:
            other.click("Open StreamForge")
            app.window()


@contextlib.contextmanager
def old_tray():
    """The X11 protocol from before StatusNotifierItem, as small panels still have it."""
    process = subprocess.Popen(["trayer", "--edge", "bottom", "--widthtype", "request"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    yield
    process.terminate()
    process.wait(30)


def visible_windows():
    done = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^StreamForge$"], capture_output=True, text=True, timeout=60,
                          check=False)
    return done.stdout.split()


def an_old_tray_that_comes_later_is_used():
    if not shutil.which("trayer"):
        print("# skipped: trayer is not installed")
        return
    root = tempfile.mkdtemp(prefix="forge-tray-")
    # GTK itself complains when it moves its icon into such a tray (gdk_window_thaw_toplevel_updates).
    with App("--demo", "--minimized", root=root, env={"G_DEBUG": ""}) as app:
        app.await_ready()
        assert not visible_windows()
        with old_tray():
            icon = await_true(visible_windows, "the icon")[0]

            def has_menu():
                subprocess.run(["xdotool", "mousemove", "--window", icon, "12", "12", "click", "3"], check=True, timeout=60)
                return await_true(lambda: find_now(app.accessible(), "menu item", "Open StreamForge"), "its menu", 5)
            act(await_true(lambda: attempt(has_menu), "the menu"))
            click(app.window(), "Close")
            await_gone(app.accessible(), "frame", "StreamForge")
            assert find_now(app.accessible(), "alert") is None
        # And without it the window is asked about before it goes.
        app.second_start()
        click(app.window(), "Close")
        click(find(app.accessible(), "alert"), "Keep Running")
        await_gone(app.accessible(), "frame", "StreamForge")
    shutil.rmtree(root, ignore_errors=True)


def attempt(look):
    try:
        return look()
    except AssertionError:
        return None


if __name__ == "__main__":
    main([copy_entries_reach_the_clipboard, open_shows_the_window_and_closing_hides_it, icon_and_status_follow_what_plays,
          pause_ends_what_plays_and_opens_nothing, quit_asks_only_when_somebody_watches, without_a_tray_closing_asks_once,
          icon_comes_back_with_the_tray, an_old_tray_that_comes_later_is_used])
