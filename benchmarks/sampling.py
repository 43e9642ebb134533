"""What writing images costs: `python -m benchmarks.sampling [--json] [--batch 1 16 64] [models ...]`.

For each autoregressive model of `pretrained/`, and for a Gated PixelCNN of 8 layers of 64 channels that is untrained, and each batch: the
time of a batch of whole images, by the cached sampler and by the reference, over that of one forward pass of the same batch.  The
forward pass is the fastest of eager, channels_last and compiled (where there is a compiler), in inference mode, so that a slow one flatters
no sampler.  The reference's time is that of a few pixels, scaled to all of them.  Each is the fastest of several runs; on two
threads, or as many as OMP_NUM_THREADS says.
"""

import argparse
import copy
import itertools
import json
import time
from collections.abc import Callable

import torch

from playground import catalog
from playground.api import colour_models, digit_models
from playground.models.autoregressive.base import Autoregressive
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.models.base import uniforms
from playground.sampling import cached, reference
from training.devices import hardware

UNTRAINED = {"gated-pixelcnn-8x64": lambda: GatedPixelCNN(layers=8, channels=64)}
REFERENCE = 3  # pixels of the reference sampler that are timed


def fastest(call: Callable, seconds: float = 3.0) -> float:
    """Seconds that `call` takes at best, of at least three runs and all that fit into the given time, after one that warms up."""
    call()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


@torch.inference_mode()
def forward(model: Autoregressive, x: torch.Tensor, y: torch.Tensor) -> tuple[float, str]:
    """Seconds of the fastest forward pass, and which it was."""
    model, flat = copy.deepcopy(model), x.contiguous(memory_format=torch.channels_last)
    eager = fastest(lambda: model(x, y))
    model = model.to(memory_format=torch.channels_last)
    ways = {"channels_last": lambda: model(flat, y)}
    compiled = torch.compile(model)
    try:
        compiled(flat, y)
        ways["compiled"] = lambda: compiled(flat, y)
    except RuntimeError:  # no C++ compiler here, or an operation that it can't compile
        torch.compiler.reset()
    return min([(eager, "eager"), *((fastest(call), way) for way, call in ways.items())])


def measure(name: str, batch: int) -> dict:
    model = UNTRAINED[name]().eval() if name in UNTRAINED else catalog.load(name)
    y, noise = torch.arange(batch) % model.classes, uniforms(0, batch, model.planes, model.size, model.size)
    cached_seconds = fastest(lambda: cached.sample(model, y, noise))
    images = cached.sample(model, y, noise)
    known = torch.ones(batch, 1, model.size, model.size, dtype=torch.bool)
    known[:, :, -1, -REFERENCE:] = False
    with torch.inference_mode():
        reference_seconds = fastest(lambda: reference.sample(model, y, noise, 1.0, images, known)) * model.size**2 / REFERENCE
    forward_seconds, way = forward(model, images, y)
    return {
        "model": name,
        "batch": batch,
        "forward_seconds": forward_seconds,
        "forward": way,
        "reference_seconds": reference_seconds,
        "reference_measured_on": f"{REFERENCE} of {model.size**2} pixels, scaled",
        "cached_seconds": cached_seconds,
        "ratio": cached_seconds / forward_seconds,
        "reference_ratio": reference_seconds / forward_seconds,
        "milliseconds_per_image": 1000 * cached_seconds / batch,
        "threads": torch.get_num_threads(),
        "hardware": hardware(torch.device("cpu")),
        "torch": torch.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("models", nargs="*", help="all of pretrained/ by default")
    options = parser.parse_args()
    rows = []
    for name, batch in itertools.product(options.models or [*UNTRAINED, *digit_models(), *colour_models()], options.batch):
        rows.append(measure(name, batch))
        if not options.json:
            line = "{model:24} batch {batch:<3} forward {forward_seconds:.4f} s ({forward}), reference {reference_seconds:.1f} s, "
            line += "cached {cached_seconds:.3f} s: ratio {ratio:.2f}, {milliseconds_per_image:.1f} ms an image"
            print(line.format(**rows[-1]), flush=True)
    if options.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
