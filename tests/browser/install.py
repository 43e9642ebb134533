"""Makes sure that there is a Chromium for the browser tests: `python -m tests.browser.install`.

Nothing is done where Playwright's own, Chromium or Chrome is there; otherwise Playwright's is downloaded, or, where that
can't be reached, Debian's package installed: the headless shell, which is Chromium without its windows and takes a sixth less time
for the tests.
"""

import shutil
import subprocess
import sys
from pathlib import Path


def find() -> str | None:
    """The path of a browser, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    return next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)


def main() -> int:
    commands = [
        [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"],
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "chromium-headless-shell"],
        ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    ]
    while not find() and commands:
        try:
            subprocess.run(commands.pop(0), check=False)
        except FileNotFoundError:  # no apt-get here
            continue
    if find():
        return 0
    print("error: no browser could be installed; install Chromium or Chrome, and run the tests again.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
