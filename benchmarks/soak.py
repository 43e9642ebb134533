"""The page's server over a long time: `python -m benchmarks.soak [--minutes 30] [--json]`.

Twenty scripted visitors over loopback, each from an address of their own: they open the page, move over the map, play the live game and ask
the API, and rest between.  One of them is hostile: mutated calls, sessions and uploads without end.  Every model has been used before.  At
the end it says how far memory grew after the first tenth, how long the others waited, and every answer that was neither one nor a sentence;
it ends with 1 where memory grew by more than 5 %, the 95th percentile is over a second, or there was such an answer.
"""

import argparse
import asyncio
import json
import random
import sys
import time

import psutil
import torch

from benchmarks.app import use_every_model
from benchmarks.load import percentile
from benchmarks.visitors import JSON, Functions, Visitor, functions, place, refused, timed
from tests import fuzz
from tests.browser.serving import answers, serving
from training.devices import hardware

VISITORS = 20  # the last of them hostile
GROWTH, P95 = 0.05, 1000.0  # of memory; milliseconds


async def friendly(address: str, page: Functions, i: int, end: float, waited: list[float], wrong: list[str]) -> None:
    """One visitor who comes again and again, each time as another session."""
    chance, visit = random.Random(i), 0
    while time.monotonic() < end:
        visit += 1
        visitor = Visitor(address, f"soak-{i}-{visit}", f"127.0.2.{i + 1}")
        await visitor.ask("GET", "/")
        for begin in page.begin:
            await visitor.call(begin, game_rounds=0)
        await visitor.call(page.play)
        for step in range(chance.randrange(5, 40)):
            match chance.randrange(4):
                case 0 | 1:
                    call = visitor.call(page.move, latent_map=place(chance.randrange(10**6)))
                case 2:
                    call = visitor.call(page.frame)
                case _:
                    body = json.dumps({"data": [[chance.uniform(-2, 2), 0.1 * (step % 20)], "vae-mnist-2d", "mean", 1]}).encode()
                    call = visitor.ask("POST", "/gradio_api/run/latent_decode", body, JSON)
            took, status, text = await timed(call)
            waited.append(took)
            if refused(status, text if isinstance(text, str) else text.decode()):
                wrong.append(f"{status} {text[:200]}")
            await asyncio.sleep(chance.uniform(0.1, 1.0))
        visitor.close()


async def hostile(address: str, end: float, wrong: list[str]) -> None:
    """Mutated calls, uploads and new sessions, as fast as they are answered."""
    round_of = 0
    upload = b'--e\r\nContent-Disposition: form-data; name="files"; filename="x.png"\r\n\r\n' + bytes(2**20) + b"\r\n--e--\r\n"
    visitor = Visitor(address, "hostile", "127.0.3.1")
    while time.monotonic() < end:
        round_of += 1
        try:
            await fuzz.bodies(address, 50, seed=round_of, source="127.0.3.1")
        except AssertionError as error:
            wrong.append(str(error)[:400])
        for _ in range(20):
            await visitor.ask("POST", "/gradio_api/upload", upload, {"Content-Type": "multipart/form-data; boundary=e"})
        for i in range(50):
            body = json.dumps({"data": [[0, 0], "vae-mnist-2d", "mean", 1], "session_hash": f"h{round_of}-{i}"}).encode()
            await visitor.ask("POST", "/gradio_api/run/latent_decode", body, JSON)
    visitor.close()


async def soak(minutes: float) -> dict:
    waited: list[float] = []
    wrong: list[str] = []
    with serving() as (address, server):
        await asyncio.to_thread(answers, address, server)
        page, process = await functions(address), psutil.Process(server.pid)
        await asyncio.to_thread(use_every_model, address)
        end, memory = time.monotonic() + 60 * minutes, []

        async def watch() -> None:
            while time.monotonic() < end:
                memory.append(process.memory_info().rss)
                await asyncio.sleep(60 * minutes / 100)

        others = (friendly(address, page, i, end, waited, wrong) for i in range(VISITORS - 1))
        await asyncio.gather(watch(), hostile(address, end, wrong), *others)
    tenth = max(1, len(memory) // 10)
    grown = max(memory[-tenth:]) / max(memory[:tenth]) - 1  # the first tenth fills the caches
    return {
        "minutes": minutes,
        "answers": len(waited),
        "p95_ms": percentile(waited, 95),
        "memory_growth": round(grown, 3),
        "memory_mb": max(memory) // 2**20,
        "wrong": wrong[:20],
        "sound": grown < GROWTH and percentile(waited, 95) < P95 and not wrong,
        "hardware": hardware(torch.device("cpu")),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = asyncio.run(soak(options.minutes))
    print(json.dumps(result, indent=2) if options.json else "\n".join(f"{name:16} {value}" for name, value in result.items()))
    return 0 if result["sound"] else 1


if __name__ == "__main__":
    sys.exit(main())
