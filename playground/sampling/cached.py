"""The fast sampler: the same images as `reference`, with each position of each layer computed once (arXiv 1704.06001).

It knows nothing of layers: it runs the steps that every `Autoregressive` records.
"""

import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from playground.models.autoregressive.base import Autoregressive
from playground.program.builder import Program
from playground.sampling.backends import torch_backend
from playground.sampling.reference import begun

TOGETHER = 8  # images of a thread: enough for fast matrix products, few enough to stay in the cache

_programs: WeakKeyDictionary[Autoregressive, tuple[list, Program]] = WeakKeyDictionary()
_recording = threading.Lock()  # several workers may ask for a model's program at once
_warming_up = threading.Lock()
_failures: list[Exception] = []  # of numba's loops: after one, torch runs the steps


def program(model: Autoregressive) -> Program:
    """The model's steps, recorded anew when its weights have changed."""
    weights = [p.detach() for p in model.parameters()]
    with _recording:
        known, recorded = _programs.get(model, ([], None))
        if recorded is None or not all(map(_equal, known, weights)):
            with torch.no_grad():
                recorded = model.program()
            _programs[model] = [weight.clone() for weight in weights], recorded
        return recorded


def _equal(a: Tensor, b: Tensor) -> bool:
    return a.dtype == b.dtype and a.device == b.device and torch.equal(a, b)


def warm_up(after: float = 0.0) -> None:
    """Compiles the fast loops, `after` some seconds; it takes ten more the first time on a machine.  Until then images come slowly."""
    with _warming_up:
        time.sleep(after)
        if _failures:
            return
        try:
            from playground.sampling.backends import numba_backend

            numba_backend.warm_up()
        except Exception as error:
            _does_without_numba(error)


def runner(weights: Tensor) -> type:
    """The class that runs the steps: numba's loops on a processor if they can be built, or else torch."""
    if weights.device.type == "cpu" and weights.dtype in (torch.float32, torch.float64) and not _warming_up.locked() and not _failures:
        try:
            from playground.sampling.backends.numba_backend import Run

            return Run
        except Exception as error:  # numba is not installed, or a version that lacks what the kernels need
            _does_without_numba(error)
    return torch_backend.Run


def _does_without_numba(error: Exception) -> None:
    """Torch samples from now on, and one warning says why."""
    if not _failures:
        warnings.warn(
            f"The fast sampler could not be built; images are written by torch, slowly ({error!r}).", RuntimeWarning, stacklevel=2
        )
    _failures.append(error)


def write(
    model: Autoregressive, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Iterator[tuple[Tensor, int]]:
    """Writes images in raster order, and yields after every pixel that is drawn.

    Args:
        y: labels, int64 (N,).
        noise: uniforms in [0, 1), (N, planes, H, W), one a sub-pixel.
        temperature: above 0; 1 draws from the model's distribution, less from a sharper one.
        given: images in [0, 1] (N, planes, H, W) whose pixels are kept where `known`.
        known: bool (N, 1, H, W).

    Yields:
        the images so far, (N, planes, H, W) in [0, 1] and always the same tensor, and how many of the H W pixels are done.
    """
    x, runs, missing = _begin(model, y, noise, temperature, given, known)
    for done in (missing + 1).tolist():
        for run in runs:
            run.until(done)
        yield x, done


def sample(
    model: Autoregressive, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Tensor:
    """`write` to the end: images (N, planes, H, W) in [0, 1].  Several threads write parts of the batch."""
    x, runs, missing = _begin(model, y, noise, temperature, given, known)
    done = int(missing[-1]) + 1 if len(missing) else 0
    if len(runs) == 1:
        runs[0].until(done)
    else:
        with ThreadPoolExecutor(torch.get_num_threads()) as threads:
            list(threads.map(lambda run: run.until(done), runs))
    return x


Autoregressive.sampler = staticmethod(sample)  # so that a model has `sample`, although models/ does not import sampling/


def _begin(model: Autoregressive, y: Tensor, noise: Tensor, temperature: float, given: Tensor | None, known: Tensor | None) -> tuple:
    """The images, (N, planes, H, W); the runs, each of which writes some of them; and those of the H W pixels that any image lacks."""
    x, known = begun(noise, given, known)
    x, noise = x.contiguous(), noise.contiguous()
    missing = ~known[:, 0]  # (N, H, W)
    steps, together = program(model), min(TOGETHER, -(-len(y) // torch.get_num_threads()))
    parts = [slice(first, first + together) for first in range(0, len(y), together)]

    def started(run: type) -> list:
        return [run(steps, y[k], noise[k], x[k], missing[k], temperature) for k in parts]

    fastest = runner(steps.weights)
    try:
        runs = started(fastest)
    except Exception as error:  # this is when the kernels are compiled for these types
        if fastest is torch_backend.Run:
            raise
        _does_without_numba(error)
        runs = started(torch_backend.Run)
    return x, runs, missing.any(0).flatten().nonzero()[:, 0]
