"""The README's pictures: `python -m benchmarks.screenshots` opens each tab of the page in a real browser and writes `docs/screenshots/`."""

import io

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import install
from tests.browser.serving import FLAGS, ROOT, answers, serving

FOLDER = ROOT / "docs" / "screenshots"
SHOWN = {  # file -> address
    "latent": "/?tab=latent",
    "game": "/?tab=game",
    "digits": "/?tab=digits",
    "sketch": "/?tab=sketch",
    "worlds": "/?tab=worlds",
    "pixels": "/?tab=pixels&view=complete",
    "compare": "/?tab=compare",
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = install.find()
    with serving() as (address, server), sync_playwright() as playwright:
        answers(address, server)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(viewport={"width": 1200, "height": 860}, base_url=address).new_page()
        for name, path in SHOWN.items():
            page.goto(path)
            page.wait_for_function("() => window.playground?.isReady()", timeout=60_000)
            page.wait_for_timeout(2000)
            with Image.open(io.BytesIO(page.screenshot())) as shot:
                shot.convert("RGB").save(FOLDER / f"{name}.webp", quality=82, method=6)
        browser.close()


if __name__ == "__main__":
    main()
