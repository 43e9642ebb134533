"""Ten thousand mutated pictures and ten thousand mutated bodies of calls: `python -m tests.fuzz [--pictures N] [--bodies N] [--seed S]`.

Of each: no hang over a second (of this process' time for pictures; of calls, over what the same function takes when it is called as the
page does), no traceback, nothing but an answer or one sentence, and no growth of memory over 100 MB once every model has been used and
every function called.  It ends with 1 where that is not so.  It takes less than three minutes.
"""

import argparse
import asyncio
import copy
import io
import json
import random
import sys
import time
from dataclasses import dataclass

import numpy as np
import psutil
from PIL import Image

from playground.errors import UserError
from playground.imaging import decode

GROWTH = 100 * 2**20  # bytes
SLOW = 1.0  # seconds


@dataclass
class Found:
    """What a run of many came to."""

    count: int
    refused: int
    slowest: float  # seconds


def originals() -> list[bytes]:
    """Small pictures in every format that is taken."""
    pixels = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    picture, made = Image.fromarray(pixels), []
    exif = Image.Exif()
    exif[0x0112] = 6
    ways = [("PNG", {}), ("JPEG", {"exif": exif}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("WEBP", {"lossless": True}), ("GIF", {})]
    for format, how in [*ways, ("BMP", {}), ("PNG", {"exif": exif})]:
        buffer = io.BytesIO()
        picture.save(buffer, format, **how)
        made.append(buffer.getvalue())
    for mode in ("L", "LA", "RGBA", "P", "1", "I;16"):
        buffer = io.BytesIO()
        (Image.fromarray(pixels[..., 0].astype(np.uint16)) if mode == "I;16" else picture.convert(mode)).save(buffer, "PNG")
        made.append(buffer.getvalue())
    return made


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes changed, left out, doubled, or cut off."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(changed))
        match chance.randrange(6):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at] = chance.choice((0, 1, 127, 128, 255))
            case 2:
                changed[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00", chance.randbytes(4)))
            case 3:
                del changed[at : at + chance.randrange(1, 32)]
            case 4:
                changed[at:at] = changed[at : at + chance.randrange(1, 64)]
            case 5:
                del changed[max(at, 8) :]
        if not changed:
            return b"\0"
    return bytes(changed)


def pictures(count: int, seed: int) -> Found:
    """Decodes mutated pictures.  Any exception but a UserError of one sentence is the caller's to see."""
    chance, seeds, found = random.Random(seed), originals(), Found(0, 0, 0.0)
    for _ in range(count):
        hostile = mutated(chance.choice(seeds), chance)
        began = time.process_time()
        try:
            decode(hostile)
        except UserError as error:
            found.refused += 1
            if "\n" in str(error) or not str(error).endswith((".", "base64,")):
                raise AssertionError(f"This is no sentence: {error}") from error
        found.slowest = max(found.slowest, time.process_time() - began)
        found.count += 1
    return found


VALUES = [
    *(None, True, -1, 0, 1, 2**31, 2**63, 1e308, -0.0, "", "x", "\0", "\u202e", "a" * 5000, "0.1,0.2", "nan,nan", "1e999,0"),
    *([], {}, [[]], [None] * 50, {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, {"__type__": "update"}, {"value": 1}),
    *("vae-mnist-2d", "../vae-mnist-2d", '{"strokes": "AAAA"}', '{"png": "data:image/png;base64,AAAA"}', "[" * 3000, '{"strokes": 1}'),
]


def body(calls: list[dict], chance: random.Random) -> bytes:
    """A call of the page with values changed, left out or doubled; or with its text damaged."""
    said = json.loads(json.dumps(chance.choice(calls)))
    for _ in range(chance.choice((1, 1, 2, 3))):
        match chance.randrange(6):
            case 0 | 1 if said.get("data") and isinstance(said["data"], list):
                said["data"][chance.randrange(len(said["data"]))] = copy.deepcopy(chance.choice(VALUES))
            case 2:
                said[chance.choice(list(said))] = copy.deepcopy(chance.choice(VALUES))
            case 3:
                said.pop(chance.choice(list(said)), None)
                said.setdefault("extra", 1)
            case 4 if isinstance(said.get("data"), list):
                said["data"] += [copy.deepcopy(chance.choice(VALUES)) for _ in range(chance.randrange(1, 4))]
            case _:
                said["fn_index"] = chance.randrange(400)
    text = json.dumps(said).encode()
    return mutated(text, chance) if chance.random() < 0.3 else text


async def page_calls(visitor) -> list[dict]:
    """A call of each function of the page, with the values that it opens with, and one of the API."""
    config = json.loads((await visitor.ask("GET", "/config", headers={"Accept-Encoding": "identity"}))[1])
    props = {component["id"]: component["props"] for component in config["components"]}
    listed = [d for d in config["dependencies"] if d["backend_fn"] and not d["queue"] and len(d["inputs"]) < 30]
    calls = [{"data": [props[i].get("value") for i in d["inputs"]], "fn_index": d["id"], "session_hash": "fuzz"} for d in listed]
    return [*calls, {"data": [[0.6, -0.6], "vae-mnist-2d", "mean", 1]}]


async def unharmed(address: str) -> dict[int, float]:
    """Calls each function of the page as the page does; returns its number -> how long the second of two calls took, in seconds."""
    from benchmarks.visitors import JSON, Visitor

    visitor, took = Visitor(address, "fuzz"), {}
    for call in (await page_calls(visitor))[:-1] * 2:
        began = time.perf_counter()
        await visitor.ask("POST", "/gradio_api/run/predict", json.dumps(call).encode(), JSON)
        took[call["fn_index"]] = time.perf_counter() - began
    visitor.close()
    return took


async def bodies(address: str, count: int, seed: int, source: str = "127.0.0.1", usual: dict[int, float] | None = None) -> Found:
    """Sends mutated calls to a server.  Raises AssertionError for a traceback, or an answer that is neither one nor a sentence.

    usual: number of a function -> how long it takes anyway, which is no part of `slowest`.
    """
    from benchmarks.visitors import JSON, Visitor

    visitor = Visitor(address, "fuzz", source)
    calls, usual = await page_calls(visitor), usual or {}
    chance, found = random.Random(seed), Found(0, 0, 0.0)
    for _ in range(count):
        path = chance.choice(("run/predict", "run/predict", "run/latent_decode", "cancel", "reset"))
        hostile = body(calls, chance)
        began = time.perf_counter()
        status, answer = await asyncio.wait_for(visitor.ask("POST", f"/gradio_api/{path}", hostile, JSON), 60)
        found.slowest = max(found.slowest, time.perf_counter() - began - usual.get(_function(hostile), 0.0))
        found.refused += status != 200
        found.count += 1
        assert status in (200, 400, 422, 500) and b"Traceback" not in answer and b'File "/' not in answer, (status, hostile, answer[:500])
        assert status != 500 or b'"error":"' in answer, (hostile, answer[:500])
    visitor.close()
    return found


def _function(hostile: bytes) -> int | None:
    """The number of the function that a body calls, if it can be read."""
    try:
        number = json.loads(hostile)["fn_index"]
    except (ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) else None


def main(arguments: list[str]) -> int:
    from benchmarks.app import use_every_model
    from tests.browser.serving import answers, serving

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    pictures(200, options.seed)  # what is loaded once is no growth
    before = psutil.Process().memory_info().rss
    found = pictures(options.pictures, options.seed)
    grown = psutil.Process().memory_info().rss - before
    print(f"pictures: {found}, grown by {grown / 2**20:.0f} MB")
    sound = found.slowest < SLOW and grown < GROWTH
    with serving() as (address, server):
        answers(address, server)
        use_every_model(address)
        usual = asyncio.run(unharmed(address))
        before = psutil.Process(server.pid).memory_info().rss
        found = asyncio.run(bodies(address, options.bodies, options.seed, usual=usual))
        grown = psutil.Process(server.pid).memory_info().rss - before
    print(f"bodies: {found}, grown by {grown / 2**20:.0f} MB")
    return 0 if sound and grown < GROWTH else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
