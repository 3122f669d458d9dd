#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page at / with links of an allowed site, in headless Chromium: picture and sound that are apart are saved as one file."""
import importlib.util
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))
from forge_kit import await_true, enter_network  # noqa: E402


def load_sites():
    """The site and its yt-dlp of tests/integration/test-sites.py."""
    spec = importlib.util.spec_from_file_location("test_sites", os.path.join(HERE, "..", "integration", "test-sites.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def await_file(browser):
    def whole():
        names = os.listdir(browser.folder)
        return os.path.join(browser.folder, names[0]) if len(names) == 1 and not names[0].endswith(".crdownload") else None
    return await_true(whole, "the file", 90)


def main():
    for program in ("ffmpeg", "ffprobe", "chromium", "chromedriver"):
        if not shutil.which(program):
            print(f"skipped: {program} is not installed")
            sys.exit(77)
    sites = load_sites()
    enter_network(sites.SITE)
    from forge_browser import Browser
    begun = time.monotonic()
    with sites.World() as world:
        sites.make_media(world.folder, ("mp4",))
        url = world.page("film", sites.apart(world.site))
        browser = Browser(world.server.root, world.server.url + "/")
        try:
            field = browser.one("#link input")
            field.send_keys(url)
            browser.one("#link button", "Look up").click()
            browser.one("#link-result .offer button", "Download").click()
            browser.one("#queue .state", "done")
            browser.picture("web-site")
            path = await_file(browser)
            kinds = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", path],
                                   capture_output=True, text=True, timeout=60, check=True).stdout.split()
            assert sorted(kinds) == ["audio", "video"], kinds
            pictures, seconds = sites.frames(path)
            assert pictures == 150 and 5.9 <= seconds <= 6.1, (pictures, seconds)
            complaints = browser.complaints()
            assert not complaints, complaints
        finally:
            browser.close()
    print(f"ok picture and sound are saved as one file ({time.monotonic() - begun:.1f} s)")


if __name__ == "__main__":
    main()
