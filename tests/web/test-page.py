#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page at / in headless Chromium: search, downloads to the disk three at a time, addresses, narrow and dark."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from forge_kit import Server, await_true  # noqa: E402

from forge_browser import WAIT_S, Browser  # noqa: E402

from selenium.webdriver.common.keys import Keys  # noqa: E402


def with_page(story):
    """Runs `story (server, browser)`; the browser must have had nothing to complain about."""
    server = Server(arguments=["--demo"])
    try:
        await_true(lambda: server.call("GET", "/v1/library/movies"), "the library", 60)
        browser = Browser(server.root, server.url + "/")
        try:
            story(server, browser)
            complaints = browser.complaints()
            assert not complaints, complaints
        finally:
            browser.close()
    finally:
        server.close()


def open_title(browser, text):
    field = browser.one("#search input[type=search]")
    field.clear()
    field.send_keys(text)
    await_true(lambda: len(browser.find("#titles .head")) == 1, "the only hit", WAIT_S)
    browser.one("#titles .head", text).click()


def film_bytes(server, handle):
    """What the tuner's own byte proxy sends for a film or an episode."""
    answer = server.get(f"/api/stream?id={handle}", seconds=60)
    assert answer.status == 200, answer.status
    return answer.body


def await_files(browser, count):
    def whole():
        names = sorted(os.listdir(browser.folder))
        return names if len(names) == count and not any(n.endswith(".crdownload") for n in names) else None
    return await_true(whole, f"{count} files in the downloads", 90)


def read(browser, name):
    with open(os.path.join(browser.folder, name), "rb") as handle:
        return handle.read()


def test_a_film_is_found_and_saved():
    def story(server, browser):
        open_title(browser, "Nosferatu")
        browser.picture("web-film")
        browser.one(".offer button", "Download").click()
        name = await_files(browser, 1)[0]
        film = server.call("GET", "/v1/library/movies?search=nosferatu")[0]
        assert read(browser, name) == film_bytes(server, film["handle"])
        assert "Nosferatu" in name, name
        browser.one("#queue .state", "done")
        browser.picture("web-downloaded")
        browser.one("#clear").click()
        await_true(lambda: not browser.one("main").text.count("Three at a time"), "the finished row to go")
    with_page(story)


def test_a_season_comes_three_at_a_time():
    def story(server, browser):
        browser.find('input[value=series]')[0].click()
        await_true(lambda: "series" in browser.one("#library-note").text, "the series", WAIT_S)
        title = browser.one("#titles .head .name").text
        browser.one("#titles .head").click()
        browser.one(".season button", "Download the season").click()
        most = 0

        def all_done():
            nonlocal most
            states = browser.driver.execute_script(
                "return [...document.querySelectorAll('#queue .state')].map(e => e.textContent)")
            busy = [s for s in states if s and not s.startswith(("waiting", "done"))]
            most = max(most, len(busy))
            return states and all(s == "done" for s in states) and states
        states = await_true(all_done, "all episodes", 120)
        assert most <= 3, most
        names = await_files(browser, len(states))
        assert all(title in name for name in names), names
    with_page(story)


def test_a_season_goes_on_after_a_reload():
    def story(server, browser):
        browser.find('input[value=series]')[0].click()
        await_true(lambda: "series" in browser.one("#library-note").text, "the series", WAIT_S)
        browser.one("#titles .head").click()
        browser.one(".season button", "Download the season").click()
        rows = len(browser.find("#queue > li"))
        assert rows > 3, rows
        browser.driver.refresh()
        await_true(lambda: len(browser.find("#queue > li")) == rows, "the queue of before", WAIT_S)
        await_true(lambda: browser.driver.execute_script(
            "return [...document.querySelectorAll('#queue .state')].every(e => e.textContent == 'done')"), "all episodes", 120)
        names = await_files(browser, rows)
        assert len({name for name in names if "(1)" not in name}) == rows, names
        browser.one("#clear").click()
        browser.driver.refresh()
        browser.one("#titles .head")
        assert not browser.find("#queue > li")
    with_page(story)


LATE = """
const real = window.fetch;
window.late = 0;
window.fetch = (url, options) => {
  if (!String(url).includes('q=N&')) return real(url, options);
  // As a slow server would: the answer comes long after the next question's, whoever gave up on it.
  return new Promise((resolve) => setTimeout(() => { window.late++; resolve(real(url)); }, 1500));
};
"""


def test_an_old_answer_never_replaces_a_newer_one():
    def story(server, browser):
        browser.one("#titles .head")
        browser.driver.execute_script(LATE)
        field = browser.one("#search input[type=search]")
        field.send_keys("N")
        time.sleep(0.5)  # the page waits until the typing pauses; the point is that it does ask
        field.send_keys("osferatu")
        await_true(lambda: len(browser.find("#titles .head")) == 1, "the only hit", WAIT_S)
        await_true(lambda: browser.driver.execute_script("return window.late"), "the late answer", WAIT_S)
        for _ in range(10):
            assert len(browser.find("#titles .head")) == 1
            assert browser.one("#library-note").text == "1 film"
            time.sleep(0.05)
    with_page(story)


def test_a_server_that_is_gone_is_told():
    def story(server, browser):
        open_title(browser, "Nosferatu")
        browser.one(".offer button", "Download")
        server.kill()
        browser.one(".offer button", "Download").click()
        browser.one("#queue .state.bad", "cannot be reached")
        browser.one("#queue .act", "Try again")
        browser.picture("web-gone")
        browser.complaints()  # the browser logs refused connections
    with_page(story)


def test_a_link_that_is_not_allowed_is_explained():
    def story(server, browser):
        field = browser.one("#link input")
        field.send_keys("https://example.com/film")
        browser.one("#link button", "Look up").click()
        note = browser.one("#link-note.bad")
        assert len(note.text) > 15, note.text
        browser.complaints()  # the refusal itself is logged by the browser
    with_page(story)


def test_addresses_and_keyboard():
    def story(server, browser):
        assert browser.one("#a-guide").text == server.url + "/epg.xml"
        browser.one("[data-copy=a-guide]").click()
        browser.one("[data-copy=a-guide]", "Copied")
        # From the top by keyboard alone: skip link, search, a title opened by Enter.
        browser.driver.get(server.url + "/")
        browser.one("#titles .head")
        browser.find("body")[0].send_keys(Keys.TAB)
        focused = browser.driver.switch_to.active_element
        assert focused.get_attribute("class") == "skip"
        for _ in range(12):
            focused.send_keys(Keys.TAB)
            focused = browser.driver.switch_to.active_element
            if focused.get_attribute("class") == "head":
                break
        focused.send_keys(Keys.ENTER)
        browser.one(".offer select")
    with_page(story)


def test_narrow_and_dark():
    def story(server, browser):
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                       {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                       {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
        open_title(browser, "Sintel")
        browser.one(".offer select")
        browser.picture("web-phone-dark")
        wider = browser.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"the page is {wider} px too wide"
        small = browser.driver.execute_script(
            "return [...document.querySelectorAll('button, input[type=search], select')]"
            ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))")
        assert not small, small
    with_page(story)


def main():
    for name, story in [(n, f) for n, f in globals().items() if n.startswith("test_")]:
        begun = time.monotonic()
        story()
        print(f"ok {name} ({time.monotonic() - begun:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
