# SPDX-License-Identifier: GPL-3.0-or-later
"""The page Sources with a provider beside it: an account is added with a helpful word on a wrong password, refreshed, turned off,
replaced after a look at what would happen, and removed; a guide from a file too."""
import os
import tempfile
import time

from forge_gui import App, Provider, act, await_gone, await_true, click, find, find_now, main, set_text, text_of, walk

GUIDE = """<?xml version="1.0"?><tv><channel id="x.y"><display-name>Own Channel</display-name></channel>
<programme start="{0}" stop="{1}" channel="x.y"><title>Soon</title></programme></tv>"""


def accounts(app):
    return app.call("GET", "/v1/accounts")


def dialog_with(app, title):
    return find(app.accessible(), "dialog", title)


def open_sources(app):
    """Without an account the assistant stands before everything else, until it was sent away once."""
    app.await_ready()
    window = app.window()
    await_true(lambda: find_now(window, "push button", "Not Now") or find_now(window, "list item", "Sources"), "a start")
    if find_now(window, "push button", "Not Now"):
        click(window, "Not Now")
    return app.go("Sources")


def fill(dialog, **fields):
    for label, text in fields.items():
        role = "password text" if label == "Password" else "text"
        set_text(find(dialog, role, label.replace("_", " ")), text)


def add_account(app, window, provider):
    click(window, "Add account…")
    dialog = dialog_with(app, "Add an account")
    fill(dialog, Name="Mine", Server=provider.url, User_name=provider.user, Password="wrong")
    click(dialog, "Connect")
    await_true(lambda: next((node for node in labels(dialog) if "password" in node.lower()), None), "what is wrong")
    assert accounts(app) == []
    fill(dialog, Password=provider.password)
    click(dialog, "Connect")
    await_true(lambda: len(accounts(app)) == 1, "the account is stored")
    await_gone(app.accessible(), "dialog", "Add an account")


def labels(root):
    return [text_of(node) for node in walk(root) if node.get_role_name() == "label"]


def an_account_from_adding_to_removing():
    provider = Provider()
    with App() as app:
        window = open_sources(app)
        add_account(app, window, provider)
        click(window, "Refresh: Mine")
        find(window, "label", "Refreshed")
        act(find(window, "toggle button", "Mine"))
        await_true(lambda: not accounts(app)[0]["enabled"], "off")
        await_true(lambda: find(window, "toggle button", "Mine"), "its row again")
        act(find(window, "toggle button", "Mine"))
        await_true(lambda: accounts(app)[0]["enabled"], "on")
        find(window, "push button", "Refresh: Mine")
        act(find(window, "toggle button", "More: Mine"))
        click(app.accessible(), "Replace…")
        dialog = dialog_with(app, "Replace “Mine”")
        fill(dialog, Password=provider.password)
        click(dialog, "Check")
        find(dialog, "push button", "Replace")
        click(dialog, "Replace")
        await_gone(app.accessible(), "dialog", "Replace “Mine”")
        act(find(window, "toggle button", "More: Mine"))
        click(app.accessible(), "Remove…")
        click(app.accessible(), "Remove")
        await_true(lambda: accounts(app) == [], "removed")
    provider.close()


def a_guide_from_a_file():
    path = os.path.join(os.environ["HOME"], "guide.xml")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(GUIDE.format(*(time.strftime("%Y%m%d%H%M%S +0000", time.gmtime(time.time() + hours * 3600)) for hours in (1, 2))))
    with App() as app:
        window = open_sources(app)
        click(window, "Add guide…")
        dialog = dialog_with(app, "Add a guide")
        fill(dialog, Name="Own", XMLTV_guide=path)
        click(dialog, "Add")
        await_true(lambda: [guide["name"] for guide in app.call("GET", "/v1/guides")] == ["Own"], "the guide is stored")
        click(window, "Remove…: Own")
        click(app.accessible(), "Remove")
        await_true(lambda: app.call("GET", "/v1/guides") == [], "removed")


def write_channels(path, numbers):
    """A guide with a programme soon on each of these channels."""
    start, stop = (time.strftime("%Y%m%d%H%M%S +0000", time.gmtime(time.time() + hours * 3600)) for hours in (1, 2))
    with open(path, "w", encoding="utf-8") as handle:
        handle.write('<?xml version="1.0"?><tv>')
        for number in numbers:
            handle.write(f'<channel id="c{number}"><display-name>Channel {number}</display-name></channel>')
        for number in numbers:
            handle.write(f'<programme start="{start}" stop="{stop}" channel="c{number}"><title>Soon</title></programme>')
        handle.write("</tv>")


def guide_channels(app):
    return [guide["channels"] for guide in app.call("GET", "/v1/guides")]


def a_refresh_that_would_remove_too_much():
    """Declined, then another one applied all the same, then that taken back."""
    path = os.path.join(os.environ["HOME"], "shrinking.xml")
    write_channels(path, range(20))
    with App() as app:
        window = open_sources(app)
        app.call("POST", "/v1/guides", {"name": "Own", "location": path})
        write_channels(path, range(3))
        click(window, "Refresh: Own")
        find(app.accessible(), "label", "The refresh was held back")
        click(app.accessible(), "Cancel")
        act(await_buttons(window, "Keep as it is")[0])
        await_true(lambda: any(text.startswith("Declined") for text in labels(window)), "it is declined")
        assert guide_channels(app) == [20]
        write_channels(path, range(30, 34))
        click(window, "Refresh: Own")
        click(app.accessible(), "Apply anyway")
        await_true(lambda: guide_channels(app) == [4], "it is applied")
        act(await_buttons(window, "Take back")[0])
        await_true(lambda: guide_channels(app) == [20], "it is taken back")


def await_buttons(window, name):
    """All buttons of rows whose name begins so, the newest row's first."""
    return await_true(lambda: [node for node in walk(window) if node.get_role_name() == "push button" and node.get_name().startswith(name)],
                      f"a button “{name}”")


def add_by_socket(app, provider, name):
    app.call("POST", "/v1/accounts", {"name": name, "server": provider.url, "username": provider.user, "password": provider.password})
    return lambda: next(account for account in accounts(app) if account["name"] == name)


def a_refresh_is_seen_and_cancelled():
    provider = Provider()
    with App(root=tempfile.mkdtemp(prefix="forge-cancel-")) as app:
        window = open_sources(app)
        account = add_by_socket(app, provider, "Slow")
        before = account()
        provider.tell("list delay 50000")
        click(window, "Refresh: Slow")
        click(window, "Cancel: Slow")
        find(window, "push button", "Refresh: Slow")
        assert account()["last_refresh"] == before["last_refresh"] and account()["streams"] == before["streams"]
        provider.tell("list ok")
        click(window, "Refresh: Slow")
        find(window, "label", "Refreshed")
    provider.close()


def the_log_is_saved_without_secrets():
    provider = Provider()
    with App(root=tempfile.mkdtemp(prefix="forge-log-")) as app:
        open_sources(app)
        add_by_socket(app, provider, "Mine")
        window = app.go("Logs")
        path = os.path.join(app.root, "saved.txt")
        click(window, "Save…")
        chooser = find(app.accessible(), "file chooser")
        set_text(find(chooser, "text", "Name:"), path)
        click(chooser, "Save")
        await_true(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "the file")
        with open(path, encoding="utf-8") as handle:
            text = handle.read()
        assert "“Mine”" in text, text
        assert provider.password not in text and provider.user not in text, text
    provider.close()


if __name__ == "__main__":
    main([an_account_from_adding_to_removing, a_guide_from_a_file, a_refresh_that_would_remove_too_much,
          a_refresh_is_seen_and_cancelled, the_log_is_saved_without_secrets])
