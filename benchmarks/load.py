"""The page's server under load: `python -m benchmarks.load [--json]`.  It starts `app.py` and a real Chromium, over loopback, and measures

- what a visitor fetches until the first picture, and how long sixty who open the page together wait until all have it;
- the processor time of a new session's first request, and the server's memory after 10,000 sessions of one request each;
- pictures of the map a second; and how long each of 100 visitors waits who move twice a second, three of them in real browsers;
- frames a second of the live game, played on the server by ten visitors at once.

Work that a visitor's own browser can do is done on the server here (`?compute=server`).  It takes some five minutes; run it on a machine
that does nothing else.
"""

import argparse
import asyncio
import functools
import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import psutil
import torch
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.app import WATCH
from benchmarks.visitors import Functions, Visitor, functions, place, refused, timed
from tests.browser import install
from tests.browser.serving import FLAGS, answers, serving
from training.engine import hardware

OPENERS, CONNECTIONS = 60, 6  # visitors who open the page together, and connections of each, as a browser has them
SESSIONS, FIRST = 10_000, 200  # of one request each; and of which the processor time is taken
VISITORS, BROWSERS, RATE = 100, 3, 2.0  # who move at once; in real browsers; movements a second of each
PLAYERS = 10  # of the live game
SECONDS = 10.0  # of each measurement that has no count
LIMIT = 240.0  # seconds that any of them may take
MAP = "/?tab=latent&compute=server"


def percentile(values: list[float], share: int) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1)


async def first_visit(browser: Browser, address: str) -> tuple[int, list[str]]:
    """Bytes over the wire until the first picture is there, and the paths that were fetched for the page."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    received, paths = [], []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.on("request", lambda request: paths.append(request.url.removeprefix(address)) if request.method == "GET" else None)
    await page.goto(f"{address}{MAP}")
    await page.wait_for_function("() => document.querySelector('#latent-digit img')?.naturalWidth > 0")
    size = round(sum(received))
    await page.wait_for_function("() => window.playground?.isReady()")
    await context.close()
    return size, [path for path in dict.fromkeys(paths) if path.startswith("/") and "/gradio_api/" not in path]


async def open_together(address: str, paths: list[str]) -> float:
    """Seconds until each of the openers has all files of the page."""

    async def open_one(i: int) -> None:
        first, *others = [Visitor(address, f"opener{i}") for _ in range(CONNECTIONS)]
        await first.ask("GET", paths[0])
        left = iter(paths[1:])

        async def fetch(visitor: Visitor) -> None:
            for path in left:
                status, _ = await visitor.ask("GET", path)
                assert status == 200, f"{path} was answered with {status}."
            visitor.close()

        await asyncio.gather(*(fetch(visitor) for visitor in (first, *others)))

    began = time.perf_counter()
    await asyncio.gather(*(open_one(i) for i in range(OPENERS)))
    return time.perf_counter() - began


def used(process: psutil.Process) -> float:
    """Milliseconds of processor time."""
    times = process.cpu_times()
    return 1000 * (times.user + times.system)


async def sessions(address: str, page: Functions, process: psutil.Process) -> dict:
    """Many sessions of one request each: the processor time of some, and the memory after all."""
    visitor = Visitor(address, "")

    async def one(i: int, visitor: Visitor = visitor) -> None:
        visitor.session = f"session{i}"
        status, text = await visitor.call(page.move, latent_map=place(i))
        assert not refused(status, text), text[:200]

    for i in range(20):
        await one(-i)
    before = used(process)
    for i in range(FIRST):
        await one(i)
    first = (used(process) - before) / FIRST
    numbers = iter(range(FIRST, SESSIONS))

    async def several(visitor: Visitor) -> None:
        for i in numbers:
            await one(i, visitor)

    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*(several(Visitor(address, "")) for _ in range(4)))
    return {"memory_mb_after_10000_sessions": process.memory_info().rss // 2**20, "first_request_ms": round(first, 1)}


async def throughput(address: str, page: Functions) -> float:
    """Pictures a second of eight visitors, each of whom moves as soon as they see the last one."""
    end, pictures = time.perf_counter() + SECONDS, 0

    async def one(i: int) -> None:
        nonlocal pictures
        visitor, step = Visitor(address, f"quick{i}"), i
        while time.perf_counter() < end:
            status, text = await visitor.call(page.move, latent_map=place(step))
            pictures += status == 200 and "data:image" in text
            step += 8
        visitor.close()

    await asyncio.gather(*(one(i) for i in range(8)))
    return pictures / SECONDS


async def crowd(address: str, page: Functions, browser: Browser) -> dict:
    """The waiting of 100 visitors who move twice a second, and how many were refused; a movement that one's own newer one overtook is
    neither."""
    waited, turned_away = [], 0
    pages = [await watched(browser, address) for _ in range(BROWSERS)]
    end = time.perf_counter() + SECONDS

    async def move(idle: list[Visitor], new: Callable[[], Visitor], step: int) -> None:
        """One movement, over a connection of this visitor's that rests, as a browser does."""
        nonlocal turned_away
        visitor = idle.pop() if idle else new()
        took, status, text = await timed(visitor.call(page.move, latent_map=place(step)))
        waited.append(took)
        turned_away += refused(status, text)
        idle.append(visitor)

    async def one(i: int) -> None:
        await asyncio.sleep(i / VISITORS / RATE)
        moves, step, idle = [], i, []
        while time.perf_counter() < end:
            new = functools.partial(Visitor, address, f"crowd{i}", f"127.0.1.{1 + i % 20}")
            moves.append(asyncio.ensure_future(move(idle, new, step)))
            step += VISITORS
            await asyncio.sleep(1 / RATE)
        await asyncio.gather(*moves)
        for visitor in idle:
            visitor.close()

    await asyncio.gather(*(one(i) for i in range(VISITORS - BROWSERS)), *(drag(window, end) for window in pages))
    for window in pages:
        waited += [decoded for decoded, _ in (await window.evaluate("window.times"))[1:]]
        turned_away += await window.locator('.notice [role="alert"]').count()
        await window.context.close()
    return {"p95_ms_100_visitors": percentile(waited, 95), "refused_100_visitors": turned_away}


async def watched(browser: Browser, address: str) -> Page:
    """A window in which the time from each movement to its picture is taken."""
    page = await (await browser.new_context(viewport={"width": 1280, "height": 900})).new_page()
    await page.goto(f"{address}{MAP}")
    await page.wait_for_function("() => window.playground?.isReady()")
    await page.evaluate(WATCH, ["#latent-map .map", "#latent-digit"])
    return page


async def drag(page: Page, end: float) -> None:
    box, step = await page.locator("#latent-map .map").bounding_box(), 0
    while time.perf_counter() < end:
        await page.mouse.move(box["x"] + (0.2 + 0.03 * (step % 20)) * box["width"], box["y"] + (0.7 - 0.02 * (step % 20)) * box["height"])
        step += 1
        await asyncio.sleep(1 / RATE)


async def game(address: str, page: Functions) -> float:
    """Frames a second that each of ten players of the live game gets; each asks for the next when the last has come, and has been
    looked at as long as the page does."""
    frames: list[int] = []

    async def one(i: int) -> None:
        visitor, seen = Visitor(address, f"player{i}"), 0
        for begin in page.begin:
            await visitor.call(begin, game_rounds=0)
        await visitor.call(page.play)
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            status, text = await visitor.call(page.frame)
            if status != 200 or '"wait' not in text.replace("\\", ""):
                raise RuntimeError(f"The game does not go on: {status} {text[:200]}")
            seen += 1
            await asyncio.sleep(0.04)  # PAUSE of the page's game
        frames.append(seen)
        visitor.close()

    await asyncio.gather(*(one(i) for i in range(PLAYERS)))
    return sum(frames) / len(frames) / SECONDS


async def measure() -> dict:
    chromium = await asyncio.to_thread(install.find)
    with serving() as (address, server):
        assert urlsplit(address).hostname == "127.0.0.1"
        await asyncio.to_thread(answers, address, server)
        await asyncio.sleep(8)  # it warms up
        process = psutil.Process(server.pid)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            size, paths = await first_visit(browser, address)
            page = await functions(address)
            result = {"bytes_to_first_picture": size, "opened_60_seconds": round(await open_together(address, paths), 2)}
            result["pictures_per_second"] = round(await throughput(address, page), 1)
            result |= await crowd(address, page, browser)
            result["game_fps_10_visitors"] = round(await game(address, page), 1)
            await browser.close()
        result |= await sessions(address, page, process)
    return result | {"hardware": hardware(torch.device("cpu"))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = asyncio.run(measure())
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for name, value in result.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
