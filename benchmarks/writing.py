"""Autoregressive models in the browser: `python -m benchmarks.writing [--json] [--equal N] [models ...]`.

In a real Chromium, one thread of WebAssembly, from the message to the worker until its answer is there: `digit_written_ms` and
`eight_completions_ms` (of a digit whose upper half is given, its classes drawn first), and how long an image of each model takes; the
median of 30, and the first one, which comes before the browser has compiled the module for speed.

`--equal N` writes N images of each model in the browser and by `playground.sampling`, and says how many differ: none should, as the
browser does the same operations in the same order as numba's loops.  Beside it, how many torch's backend, whose sums have an order of
their own, writes otherwise than numba's: each of those parts at a draw that float32 can't decide (a tie, see tests/browser/ties.py), or
the command fails.
"""

import argparse
import json
from statistics import median

import torch
from playwright.sync_api import Page, sync_playwright

from playground import api, catalog
from playground.models.base import uniforms
from playground.sampling import cached
from playground.sampling.backends import torch_backend
from playground.sampling.backends.wasm_backend import describe
from tests.browser import install
from tests.browser.serving import FLAGS, file_server
from tests.browser.steps_worker import ASK, WORKER
from tests.browser.ties import ties
from training.devices import hardware

TIMES = 30
DIGITS = "gated-pixelcnn-mnist"
TIMED = """async ([key, graph, inputs, times]) => {
    const found = [];
    for (let k = 0; k < times; k++) {
        const began = performance.now();
        await ask({ run: { key, graph, inputs: { ...inputs, seed: k } } });
        found.push(performance.now() - began);
    }
    return found;
}"""


def milliseconds(page: Page, name: str, graph: str, **inputs) -> dict[str, float]:
    times = page.evaluate(TIMED, [name, graph, inputs, TIMES])
    return {"p50": round(median(times), 1), "first": round(times[0], 1)}


def timed(page: Page, names: list[str]) -> dict:
    half = api.binarised("7", 1).flatten().tolist()
    rows = {"x": half, "first": 0, "last": 14, "label": -1, "temperature": 1, "tries": 0}
    images = {name: milliseconds(page, name, "write", label=3, temperature=1) for name in names}
    return {
        "digit_written_ms": images[DIGITS]["p50"],
        "eight_completions_ms": milliseconds(page, DIGITS, "complete", **rows)["p50"],
        "image_ms": images,
    }


def compared(page: Page, name: str, count: int) -> dict[str, int]:
    """How many of `count` images of a model differ from those of `playground.sampling`."""
    model, y = catalog.load(name), torch.arange(count) % catalog.load(name).classes
    noise = torch.cat([uniforms(seed, 1, model.planes, model.size, model.size) for seed in range(count)])
    asked = [page.evaluate(ASK, [name, "write", {"label": int(y[k]), "seed": k, "temperature": 1}])["x"] for k in range(count)]
    made, reference = torch.tensor(asked).view_as(noise), cached.sample(model, y, noise)
    runner, cached.runner = cached.runner, lambda weights: torch_backend.Run
    try:
        by_torch = cached.sample(model, y, noise)
    finally:
        cached.runner = runner
    differ = int((made != reference).flatten(1).any(1).sum())
    return {"images": count, "browser": differ, "torch": ties(model, by_torch, reference, y, noise)}


def measure(names: list[str], equal: int = 0) -> dict:
    chromium = install.find()
    with file_server() as address, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=chromium, args=FLAGS).new_page()
        page.goto(f"{address}/playground/browser/")
        for name in names:
            page.evaluate(WORKER, [name, name, describe(catalog.load(name))])
        found = timed(page, names) if DIGITS in names else {}
        found |= {"hardware": hardware(torch.device("cpu")), "browser": page.context.browser.version}
        return found | {"differ": {name: compared(page, name, equal) for name in names if equal}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--equal", type=int, default=0, metavar="N")
    parser.add_argument("models", nargs="*", help="all of pretrained/ by default")
    options = parser.parse_args()
    found = measure(options.models or [*api.digit_models(), *api.colour_models()], options.equal)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for name, times in found.get("image_ms", {}).items():
        print(f"{name:32} {times['p50']:7.1f} ms an image, the first {times['first']:.1f}")
    for key in ("digit_written_ms", "eight_completions_ms"):
        if key in found:
            print(f"{key} {found[key]}")
    for name, counts in found["differ"].items():
        print(f"{name:32} of {counts['images']} images {counts['browser']} differ; of torch's {counts['torch']}, at ties")


if __name__ == "__main__":
    main()
