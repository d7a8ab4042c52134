"""The browser of the tests: the system's Chromium, or else Playwright's own, which this installs; and how it starts."""

import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}


def find_chromium(playwright):
    """The path of the system's Chromium, or else of Playwright's own, which may not be installed."""
    return next(filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path)


def start_chromium(playwright, *flags):
    """Start the browser, with `FLAGS` and these."""
    return playwright.chromium.launch(executable_path=find_chromium(playwright), args=[*FLAGS, *flags])


if __name__ == "__main__" and not any(map(shutil.which, NAMES)):
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if done.returncode:
        print("No Chromium could be installed: the browser tests will be skipped, and say so.", file=sys.stderr)
