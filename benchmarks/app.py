"""How fast the page is: `python -m benchmarks.app [--json]`.  It starts `app.py` and a real Chromium, and measures

- opening: from the start of the process to the first picture in the browser, and until the page answers;
- what the browser computes itself (`browser`, and `browser_150ms` with so much latency emulated): the same, what the server is asked, and
  how long a whole digit takes, and eight completions; what 200 visitors who drag at once cost the server; and how long a visitor with a
  slow line and a slow processor waits for the first answer;
- each gesture: from the pointer's event until the new picture is decoded in the page, and until the next frame is painted (a browser
  without a graphics card paints slowly), at p50 and p95 of many;
- the API: the same functions called over HTTP by gradio_client;
- frames a second while a digit is written pixel by pixel, and while the live game is played;
- memory of the server, with every model in `pretrained/` used.

Run it on a machine that does nothing else.
"""

import argparse
import json
import socket
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import torch
from gradio_client import Client
from playwright.sync_api import BrowserContext, Page, sync_playwright

from playground import api, catalog
from playground.drawing.facades import FACADES
from playground.drawing.pictures import facade_photo
from playground.systems import family
from tests.browser import install
from tests.browser.serving import FLAGS, serving
from training.devices import hardware

EVENTS = 60  # of each gesture

# gesture -> (address, what is moved over, whether the pointer is down, the picture that answers, points of the way as shares of the box)
GESTURES = {
    "map -> digit": ("/?tab=latent", "#latent-map .map", False, "#latent-digit", lambda t: (0.2 + 0.6 * t, 0.7 - 0.5 * t)),
    "strip -> digit": ("/?tab=latent&view=between", "#latent-strip .strip img", False, "#latent-way", lambda t: (0.05 + 0.9 * t, 0.5)),
    "dial -> digit": ("/?tab=latent&view=dials", "#latent-dials input:first-child", True, "#latent-varied", lambda t: (0.5, 0.9 - 0.8 * t)),
    "blend of classes": ("/?tab=digits&view=blend", "#digits-strip .strip img", False, "#digits-blended", lambda t: (0.05 + 0.9 * t, 0.5)),
    "pixels written": ("/?tab=pixels", "#pixels-done input[type=range]", True, "#pixels-written", lambda t: (0.9 - 0.8 * t, 0.5)),
    "stroke -> photograph": ("/?tab=sketch", "#sketch-canvas canvas", True, "#sketch-photo", lambda t: (0.2 + 0.6 * t, 0.4 + 0.2 * t)),
}
MOVEMENTS = ("strip -> digit", "dial -> digit", "blend of classes", "map -> digit")  # whose pictures the browser computes itself
STROKE = "stroke -> photograph"
UPLOADS = 12
LATENCY = 150.0  # ms, of a visitor far away
VISITORS = 200  # who drag at once
SLOW = {"offline": False, "latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}  # a line of 10 Mbit/s
SLOWED = 4  # times that a visitor's processor is slower than this one
# what is played -> (address, the buttons that start and stop it, the element and the attribute of it that change with each frame)
PLAYS = {
    "writing, a pixel a frame": ("/?tab=pixels&speed=1", "#pixels-start", "#pixels-pause", "#pixels-written img", "src"),
    "live game, 8 rounds a frame": ("/?tab=game&rounds=0", "#game-play", "#game-pause", "#game-board canvas", "data-frame"),
}
CALLS = {
    "/latent_decode": {"z": [0.6, -0.6]},
    "/digits_ask": {"digit": 3},
    "/worlds_translate": {"picture": "a town house"},
}

# The live game from its first round, twice: the second time, everything is compiled.
GAME = """async () => {
    const { live } = await window.playground_computes.start(), board = document.querySelector("#game-board canvas");
    const until = async (holds) => {
        for (const end = performance.now() + 60000; !holds(); await new Promise((go) => setTimeout(go, 20)))
            if (performance.now() > end) throw new Error(`after 60 s the game is at round ${live.rounds}, playing: ${live.playing}`);
    };
    const press = (button) => document.querySelector(`#game-${button}`).click();
    press("play");
    await until(() => live.rounds >= live.said.last && !live.playing);
    press("anew");
    await until(() => live.playing && live.rounds > 0 && live.rounds < live.said.last);
    let frames = 0;
    new MutationObserver(() => frames++).observe(board, { attributes: true, attributeFilter: ["data-frame"] });
    const began = performance.now(), first = live.rounds;
    await until(() => performance.now() - began > 2000 || live.rounds >= live.said.last);
    const seconds = (performance.now() - began) / 1000;
    return { game_frames_per_second: frames / seconds, game_steps_per_second: (live.rounds - first) / seconds };
}"""

# Milliseconds of a digit of the Gated PixelCNN, all its pixels, and of eight completions of its upper half; each the median of five.
WRITING = """async () => {
    const computer = await window.playground_computes.start(), model = "gated-pixelcnn-mnist", write = { graph: "write", model };
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("after 60 s the digit is not written")), 60000));
    const call = (graph, inputs) => Promise.race([late, computer.ask({ run: { key: model, graph, inputs } }, null, computer.writer)]);
    await Promise.race([late, computer.open([computer.place(write)])]);
    const times = { digit_written_ms: [], eight_completions_ms: [] };
    for (let seed = 0; seed < 6; seed++) {
        const first = performance.now(), { x } = await call("write", { label: seed, seed, temperature: 1 }), second = performance.now();
        await call("complete", { x, first: 0, last: 14, label: -1, seed, tries: 0, temperature: 1 });
        times.digit_written_ms.push(second - first);
        times.eight_completions_ms.push(performance.now() - second);
    }
    return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, all.slice(1).sort((a, b) => a - b)[2]]));
}"""

GRAPHS = """async (keys) => {
    const computer = await window.playground_computes.start();
    while (!keys.every((key) => computer.ready.has(key))) await new Promise((go) => setTimeout(go, 50));
}"""

# From the event that says that a file was chosen until the picture in `shown` is painted.
CHOSEN = """(shown) => {
    const img = document.querySelector(`${shown} img`), times = (window.times = []);
    let began;
    document.addEventListener("change", () => (began ??= performance.now()), { capture: true, once: true });
    const seen = new MutationObserver(() => {
        if (began === undefined) return;
        seen.disconnect();
        img.decode().catch(() => {}).then(() => requestAnimationFrame(() => times.push(performance.now() - began)));
    });
    seen.observe(img, { attributes: true, attributeFilter: ["src"] });
}"""

WATCH = """([moved, shown]) => {
    const img = document.querySelector(`${shown} img`), times = (window.times = []);
    let began = null;
    const begin = () => (began ??= performance.now());
    for (const kind of ["pointermove", "pointerdown"]) document.querySelector(moved).addEventListener(kind, begin, { capture: true });
    new MutationObserver(() => {
        if (began === null) return;
        const since = began;
        began = null;
        img.decode().catch(() => {}).then(() => {
            const decoded = performance.now() - since;
            requestAnimationFrame(() => times.push([decoded, performance.now() - since]));
        });
    }).observe(img, { attributes: true, attributeFilter: ["src"] });
}"""


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Milliseconds -> p50 and p95."""
    ordered = sorted(times)
    return {f"p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1) for share in (50, 95)}


def ready(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => window.playground?.isReady()")


def gesture(page: Page, address: str, moved: str, down: bool, shown: str, way, loaded: bool = False) -> dict:
    """One event after the other, each when the picture of the one before it is there.  loaded: the page is open and has been used."""
    if not loaded:
        ready(page, address)
    page.wait_for_function("shown => document.querySelector(`${shown} img`)?.getAttribute('src')", arg=shown)
    page.wait_for_timeout(1000)
    page.locator(moved).scroll_into_view_if_needed()
    box = page.locator(moved).bounding_box()
    page.evaluate(WATCH, [moved, shown])
    for i in range(EVENTS):
        x, y = way(i / (EVENTS - 1))
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if down and i == 0:
            page.mouse.down()
        page.wait_for_timeout(120)
    if down:
        page.mouse.up()
    page.wait_for_timeout(500)
    times = page.evaluate("window.times")
    decoded, painted = zip(*times[3:])  # the first ones load the model
    return {"decoded": percentiles(decoded), "painted": percentiles(painted), "events": EVENTS, "pictures": len(times)}


def in_browser(page: Page, latency: float = 0.0) -> dict:
    """What the visitor's browser computes itself, with so many milliseconds more to the server and back.

    movement_p50_ms, movement_p95_ms: from a movement to its painted picture, of the slowest of `MOVEMENTS`; requests_during_drag: events
    that the server is asked in 3 seconds of dragging over the map; stroke_p50_ms: from a point of a stroke to its painted photograph;
    upload_p50_ms: from a chosen file to the painted picture, translated there and back; and what `game` and `writing` give.
    """
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions", {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    )
    painted = {}
    for name in MOVEMENTS:
        gesture(page, *GESTURES[name])  # loads the runtime and the graphs, which the browser keeps
        painted[name] = gesture(page, *GESTURES[name], loaded=True)["painted"]
    requests = len(dragged(page))
    gesture(page, *GESTURES[STROKE])
    drawn = gesture(page, *GESTURES[STROKE], loaded=True)["painted"]["p50_ms"]
    found = {"stroke_p50_ms": drawn, "upload_p50_ms": uploaded(page)} | writing(page) | game(page)
    network.detach()
    slowest = {f"movement_{share}": max(times[share] for times in painted.values()) for share in ("p50_ms", "p95_ms")}
    return slowest | {"requests_during_drag": requests, "movements": painted} | found


def dragged(page: Page) -> list[tuple[str, str | None]]:
    """The address and the body of each event that the server is asked in 3 seconds of dragging over the map, which is open."""
    asked = []

    def note(request):
        if "run/predict" in request.url or "queue/join" in request.url:
            asked.append((request.url, request.post_data))

    page.on("request", note)
    box = page.locator(GESTURES["map -> digit"][1]).bounding_box()
    for i in range(100):
        page.mouse.move(box["x"] + (0.1 + 0.008 * i) * box["width"], box["y"] + 0.5 * box["height"])
        page.wait_for_timeout(30)
    page.remove_listener("request", note)
    return asked


def crowd(page: Page, address: str, process: psutil.Process) -> dict:
    """What `VISITORS` who drag over the map at once, each in a browser of their own, cost the server: the share of one processor, and how
    many requests it refused.  One is this browser; of the others, there is what they send: an open page's connection, and the events that
    this browser asks while it drags.
    """
    gesture(page, *GESTURES["map -> digit"])  # loads the runtime and the graphs
    place, refused = urlsplit(address), []
    others = [socket.create_connection((place.hostname, place.port), timeout=10) for _ in range(VISITORS - 1)]
    for i, other in enumerate(others):
        other.sendall(f"GET /gradio_api/heartbeat/crowd{i} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    page.wait_for_timeout(2000)
    before, began = sum(process.cpu_times()[:2]), time.perf_counter()
    asked = dragged(page)
    for url, body in asked * (VISITORS - 1):
        try:
            sent = urllib.request.Request(url, (body or "").encode(), {"Content-Type": "application/json"})
            refused += [url] if "Many visitors" in urllib.request.urlopen(sent, timeout=10).read().decode() else []
        except OSError:
            refused.append(url)
    share = (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - began)
    for other in others:
        other.close()
    return {"server_share_percent": round(100 * share, 1), "refused": len(refused), "visitors": VISITORS}


def slow_opening(context: BrowserContext) -> float:
    """Milliseconds from the address to the picture that answers a first gesture, on a slow line and a slowed processor."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    began = time.perf_counter()
    page.goto("/?tab=latent", wait_until="commit")
    page.wait_for_function("() => document.querySelector('#latent-digit img')?.naturalWidth > 0", timeout=60_000)
    opening, box = page.evaluate("() => document.querySelector('#latent-digit img').src"), page.locator("#latent-map .map").bounding_box()
    for i in range(300):
        page.mouse.move(box["x"] + (0.2 + 0.002 * i) * box["width"], box["y"] + 0.4 * box["height"])
        if page.evaluate("() => document.querySelector('#latent-digit img').src") != opening:
            break
        page.wait_for_timeout(50)
    else:
        raise TimeoutError("The first gesture was not answered.")
    took = 1000 * (time.perf_counter() - began)
    page.close()
    return round(took)


def writing(page: Page) -> dict[str, float]:
    """Milliseconds of a whole digit, and of eight completions of half of one, which the browser writes."""
    return {name: round(value, 1) for name, value in page.evaluate(WRITING).items()}


def uploaded(page: Page) -> float:
    """Milliseconds at p50 from the choice of a file to the painted picture of it, translated into the other world and back."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{name}.png" for name in FACADES]
        for name, file in zip(FACADES, files):
            facade_photo(512, name).save(file)
        ready(page, "/?tab=worlds&direction=there")
        given = page.locator("#worlds-upload input[type=file]")
        given.set_input_files(files[0])  # loads the graphs
        page.evaluate(GRAPHS, ["cyclegan-facades/there"])
        page.wait_for_timeout(2000)
        times = []
        for i in range(UPLOADS):
            page.locator("#worlds-upload").get_by_label("Remove Image").click()
            page.wait_for_timeout(500)
            page.evaluate(CHOSEN, "#worlds-again")
            given.set_input_files(files[i % len(files)])
            page.wait_for_function("window.times.length")
            times.append(page.evaluate("window.times[0]"))
    return percentiles(times)["p50_ms"]


def frames(page: Page, address: str, start: str, stop: str, seen: str, attribute: str) -> float:
    """Frames a second of what the button `start` plays; with each, the attribute of the element `seen` changes."""
    ready(page, address)
    page.wait_for_timeout(1000)
    page.evaluate(
        """([seen, attribute]) => {
            window.frames_at = [];
            new MutationObserver(() => window.frames_at.push(performance.now()))
                .observe(document.querySelector(seen), { attributes: true, attributeFilter: [attribute] });
        }""",
        [seen, attribute],
    )
    page.locator(start).click()
    page.wait_for_timeout(8000)
    at = page.evaluate("window.frames_at")
    page.locator(stop).click()
    return round((len(at) - 1) / (at[-1] - at[0]) * 1000, 1)


def game(page: Page) -> dict[str, float]:
    """Frames, and rounds (a step of D and a step of G), a second of the live game, which the browser plays."""
    ready(page, "/?tab=game&rounds=0&speed=fast")
    return {name: round(value, 1) for name, value in page.evaluate(GAME).items()}


def called(address: str) -> dict[str, dict]:
    client, found = Client(address, verbose=False), {}
    for name, arguments in CALLS.items():
        times = []
        for _ in range(EVENTS // 2):
            began = time.perf_counter()
            client.predict(api_name=name, **arguments)
            times.append(1000 * (time.perf_counter() - began))
        found[name] = percentiles(times[1:])
    return found


def use_every_model(address: str) -> list[str]:
    """Asks something of every model that is there, over HTTP, and returns their names."""
    client, names = Client(address, verbose=False), catalog.names()
    for size in api.SIZES:  # PCA, the autoencoders and the deep VAEs
        client.predict(api_name="/latent_squeeze", digit="7", size=size)
    for size in (2, 8):  # the linear autoencoders
        client.predict(api_name="/latent_axes", size=size)
    client.predict(api_name="/latent_line")  # the autoencoder of sixteen things
    asks = {
        "vae": ("/latent_samples", {}),
        "gan": ("/game_samples", {}),
        "dcgan": ("/game_samples", {}),
        "cgan": ("/digits_ask", {"digit": 3}),  # and the digit classifier
        "cyclegan": ("/worlds_translate", {}),
        "lines": ("/sketch_photograph", {"sketch": "daisy"}),
        "labels": ("/sketch_facade", {"labels": "a town house"}),
        "photo": ("/sketch_labels", {"photo": "a town house"}),
    }
    asks |= dict.fromkeys(family("autoregressive"), ("/pixels_surprise", {"picture": "7"}))
    for name in names:
        entry = catalog.entry(name)
        if name in api.colour_models():
            client.predict(api_name="/pixels_colour", kind=0, model=name)
        elif ask := asks.get(entry.config["source"] if entry.system == "pix2pix" else entry.system):
            example = {"picture": api.worlds_examples(name)[0]} if entry.system == "cyclegan" else {}
            client.predict(api_name=ask[0], model=name, **ask[1], **example)
    return names


def measure() -> dict:
    chromium = install.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        began = time.perf_counter()
        with serving() as (address, server):
            page = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address).new_page()
            page.set_default_timeout(60_000)
            while True:
                try:
                    page.goto("/")
                    break
                except Exception:  # nobody listens yet
                    time.sleep(0.05)
            page.wait_for_function("() => document.querySelector('#latent-digit img')?.naturalWidth > 0")
            opened = time.perf_counter() - began
            page.wait_for_function("() => window.playground?.isReady()")
            answered = time.perf_counter() - began
            process = psutil.Process(server.pid)
            memory = {"opened_mb": process.memory_info().rss // 2**20}
            result = {
                "opening": {"first_picture_s": round(opened, 2), "answers_s": round(answered, 2)},
                "gestures": {name: gesture(page, *what) for name, what in GESTURES.items()},
                "browser": in_browser(page),
                "browser_150ms": in_browser(page, LATENCY),
                "dragging": crowd(page, address, process),
                "first_gesture_slow_ms": slow_opening(browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address)),
                "frames_per_second": {name: frames(page, *what) for name, what in PLAYS.items()},
                "api": called(address),
            }
            models = use_every_model(address)
            memory |= {"all_models_used_mb": process.memory_info().rss // 2**20, "models": len(models)}
            return result | {"memory": memory, "hardware": hardware(torch.device("cpu")), "chromium": browser.version}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure()
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for part, values in result.items():
        print(part)
        for name, value in values.items() if isinstance(values, dict) else [("", values)]:
            print(f"  {name:24} {value}")


if __name__ == "__main__":
    main()
