"""Makes sure that the browser tests have a browser: Chromium of the system's, or else Playwright's own."""

import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

if __name__ == "__main__" and not any(map(shutil.which, NAMES)):
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if done.returncode:
        print("No Chromium could be installed: the browser tests will be skipped, and say so.", file=sys.stderr)
