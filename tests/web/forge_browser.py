# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser for the tests of web pages."""
import os
import shutil

from forge_kit import await_true

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

WAIT_S = 40
PICTURES = os.path.join(os.environ["FORGE_BUILD_DIR"], "screenshots")
# Chromium must not look for the world: the flags keep it from asking anybody but our server.
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1000,1400")


class Browser:
    """Headless Chromium on a profile and a folder for downloads below `root`."""

    def __init__(self, root, url, *flags):
        self.folder = os.path.join(root, "downloads")
        os.makedirs(self.folder, exist_ok=True)
        options = webdriver.ChromeOptions()
        for flag in (*FLAGS, *flags, f"--user-data-dir={root}/chromium"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior",
                                    {"behavior": "allow", "downloadPath": self.folder})
        self.driver.get(url)

    def find(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css, text=None):
        """The first visible element with that text in it."""
        def look():
            try:
                return next((e for e in self.find(css) if e.is_displayed() and (text is None or text in e.text)), None)
            except StaleElementReferenceException:  # the page has just replaced it
                return None
        return await_true(look, f"{css} with {text!r}", WAIT_S)

    def picture(self, name):
        os.makedirs(PICTURES, exist_ok=True)
        self.driver.save_screenshot(os.path.join(PICTURES, name + ".png"))

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def close(self):
        self.driver.quit()
