# SPDX-License-Identifier: GPL-3.0-or-later
"""What the overview tells is wrong is put right from there: each button leads to the place, or does it. Lists of channels too."""
import os
import subprocess
import tempfile
import time

from forge_gui import App, Provider, act, await_gone, await_true, click, find, main, set_text, text_of, walk


def new_world(provider=None):
    """A window with the account of the provider, if there is one, past the assistant."""
    app = App(root=tempfile.mkdtemp(prefix="forge-fixes-"))
    app.await_ready()
    window = app.window()
    click(window, "Not Now")
    if provider:
        app.call("POST", "/v1/accounts", {"name": "Mine", "server": provider.url, "username": provider.user,
                                          "password": provider.password})
    return app, window


def button(window, start):
    """Names of such buttons end with the problem."""
    return await_true(lambda: next((node for node in walk(window) if node.get_role_name() == "push button" and
                                    node.get_name().startswith(start)), None), f"a button “{start}…”")


def no_button(window, start):
    await_true(lambda: not [node for node in walk(window) if node.get_role_name() == "push button" and
                            node.get_name().startswith(start)], f"no button “{start}…” any more")


def problems(app):
    return [problem["id"] for problem in app.status()["problems"]]


def xmltv(path, hours, names=("Own One", "Own Two")):
    def stamp(at):
        return time.strftime("%Y%m%d%H%M%S +0000", time.gmtime(time.time() + at * 3600))

    with open(path, "w", encoding="utf-8") as handle:
        handle.write('<?xml version="1.0"?><tv>')
        for number, name in enumerate(names):
            handle.write(f'<channel id="o{number}"><display-name>{name}</display-name></channel>')
        for number, _ in enumerate(names):
            for hour in range(hours):
                handle.write(f'<programme start="{stamp(hour)}" stop="{stamp(hour + 1)}" channel="o{number}">'
                             f"<title>Hour {hour}</title></programme>")
        handle.write("</tv>")


def an_expired_account_is_given_another_login():
    provider = Provider()
    app, window = new_world(provider)
    with app:
        account = app.call("GET", "/v1/accounts")[0]["id"]
        provider.tell("account expired")
        app.call("POST", f"/v1/accounts/{account}/test")
        await_true(lambda: f"account-{account}-status" in problems(app), "the problem")
        window = app.go("Overview")
        act(button(window, "Change login…: Account “Mine” is expired"))
        dialog = find(app.accessible(), "dialog", "Replace “Mine”")
        assert text_of(find(dialog, "text", "Server")) == provider.url
        click(dialog, "Cancel")
        await_gone(app.accessible(), "dialog", "Replace “Mine”")
        provider.tell("account ok")
        window = app.go("Overview")
        act(button(window, "Test login: Account “Mine” is expired"))
        await_true(lambda: f"account-{account}-status" not in problems(app), "no problem any more")
        window = app.go("Overview")
        no_button(window, "Test login: ")
    provider.close()


def a_guide_that_runs_out_is_refreshed():
    app, window = new_world()
    with app:
        path = os.path.join(app.root, "guide.xml")
        xmltv(path, 3)
        app.call("POST", "/v1/guides", {"name": "Own", "location": path})
        await_true(lambda: "guide-short" in problems(app), "the problem")
        xmltv(path, 48)
        window = app.go("Overview")
        act(button(window, "Refresh: The guide ends in less than"))
        await_true(lambda: "guide-short" not in problems(app), "no problem any more")
        find(window, "label", "Refreshed")


def nothing_is_on_and_the_channels_are_shown():
    app, window = new_world()
    with app:
        path = os.path.join(app.root, "guide.xml")
        xmltv(path, 48)
        app.call("POST", "/v1/guides", {"name": "Own", "location": path})
        await_true(lambda: "lineup-empty" in problems(app), "the problem")
        window = app.go("Overview")
        act(button(window, "Show channels: No channel is switched on"))
        find(window, "text", "Search channels")


def a_list_with_an_event(path, title):
    """Of five: another event is less than what would be held back."""
    soon = time.strftime("%d.%m.%Y %H:%M UTC", time.gmtime(time.time() + 2 * 3600))
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("#EXTM3U\n" + "".join(f"#EXTINF:-1,{name}\nhttp://127.0.0.1:9/{name}.ts\n" for name in ("Ash", "Birch", "Cedar", "Elm")) +
                     f"#EXTINF:-1,PPV 3: {title} {soon}\nhttp://127.0.0.1:9/event.ts\n")


def a_list_brings_channels_and_their_events():
    app, window = new_world()
    with app:
        path = os.path.join(app.root, "list.m3u")
        a_list_with_an_event(path, "Albion vs Borough")
        window = app.go("Sources")
        click(window, "Add channel list…")
        dialog = find(app.accessible(), "dialog", "Add a channel list")
        set_text(find(dialog, "text", "Name"), "Neighbour")
        set_text(find(dialog, "text", "M3U list"), "/no/such/list.m3u")
        click(dialog, "Add")
        await_true(lambda: next((node for node in walk(dialog) if node.get_role_name() == "label" and
                                 "/no/such/list.m3u" in text_of(node)), None), "what is wrong")
        assert app.call("GET", "/v1/accounts") == []
        set_text(find(dialog, "text", "M3U list"), path)
        click(dialog, "Add")
        await_true(lambda: [account["streams"] for account in app.call("GET", "/v1/accounts")] == [5], "the list is stored")
        await_gone(app.accessible(), "dialog", "Add a channel list")
        await_true(lambda: app.status()["channels"]["enabled"] == 5, "its channels are on")

        # The guide knows neither; the event is in /epg.xml by the stream's name, and here.
        window = app.go("Guide")
        set_text(find(window, "text", "Search programmes"), "borough")
        found = find(window, "list box", "Programmes found")
        row = await_true(lambda: next((node for node in (found.get_child_at_index(i) for i in range(found.get_child_count()))
                                       if node.get_name().startswith("Albion vs Borough")), None), "the event")
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "^StreamForge", "windowfocus", "--sync"], check=True,
                       timeout=60, stdout=subprocess.DEVNULL)
        assert row.get_component_iface().grab_focus()
        subprocess.run(["xdotool", "key", "Return"], check=True, timeout=60)
        await_true(lambda: find(window, "table", "Programme guide").get_description().endswith(": Albion vs Borough"), "its cell")
        find(window, "label", "No guide has this event: the name of the channel’s stream tells it.")

        # Another address for the same list.
        other = os.path.join(app.root, "other.m3u")
        a_list_with_an_event(other, "Cup Final")
        window = app.go("Sources")
        act(find(window, "toggle button", "More: Neighbour"))
        click(app.accessible(), "Replace…")
        dialog = find(app.accessible(), "dialog", "Replace “Neighbour”")
        set_text(find(dialog, "text", "M3U list"), other)
        click(dialog, "Replace")
        await_gone(app.accessible(), "dialog", "Replace “Neighbour”")
        await_true(lambda: [hit["title"] for hit in app.call("GET", "/v1/guide/search?q=cup")] == ["Cup Final"], "the new list is read")


if __name__ == "__main__":
    main([an_expired_account_is_given_another_login, a_guide_that_runs_out_is_refreshed, nothing_is_on_and_the_channels_are_shown,
          a_list_brings_channels_and_their_events])
