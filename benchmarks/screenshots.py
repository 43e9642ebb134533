"""The README's pictures: `python -m benchmarks.screenshots` opens each tab of the page in a real browser and writes `docs/screenshots/`."""

import io
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import install
from tests.browser.conftest import FLAGS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
SHOWN = {  # file -> address
    "latent": "/?tab=latent",
    "digits": "/?tab=digits",
    "sketch": "/?tab=sketch",
    "worlds": "/?tab=worlds",
    "pixels": "/?tab=pixels&view=complete",
}


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(address, timeout=10).read()
                break
            except OSError:
                if server.poll() is not None:
                    raise
                time.sleep(0.2)
        FOLDER.mkdir(parents=True, exist_ok=True)
        chromium = install.find()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_context(viewport={"width": 1200, "height": 860}, base_url=address).new_page()
            for name, path in SHOWN.items():
                page.goto(path)
                page.wait_for_function("() => window.playground?.isReady()", timeout=60_000)
                page.wait_for_timeout(2000)
                with Image.open(io.BytesIO(page.screenshot())) as shot:
                    shot.convert("RGB").save(FOLDER / f"{name}.webp", quality=82, method=6)
            browser.close()
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
