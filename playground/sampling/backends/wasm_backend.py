"""The browser's backend: a model's steps (`playground.program`) as plain numbers, which playground/browser/steps.js runs.

A program depends on the model's settings alone.  It gives the position of every weight in `model.safetensors`, so that the browser reads
that file and weights are stored once.
"""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from playground.models.autoregressive.base import Autoregressive

Copy = tuple[int, int, tuple[tuple[int, int, int], ...]]  # to, from, and the loops around: times, step to, step from


@torch.no_grad()
def describe(model: Autoregressive) -> dict:
    """The model's program as JSON values.

    "tensors": names and sizes of the model's tensors, whose numbers are numbered consecutively in this order; "weights" and "labels":
    copies of them (see `copies`); the rest as in `playground.program.builder.Program`.

    Raises ValueError if a weight of the program is not one of the model's own weights or zero.
    """
    numbered, count = copy.deepcopy(model).double(), 0
    tensors = []
    for name, tensor in numbered.state_dict().items():
        tensor.copy_(torch.arange(count + 1, count + 1 + tensor.numel()).view_as(tensor))
        tensors.append([name, tensor.numel()])
        count += tensor.numel()
    program = numbered.program()
    return {
        "table": program.table.tolist(),
        "rows": program.rows,
        "memory": program.memory,
        "tensors": tensors,
        "weights": {"size": program.weights.numel(), "copies": copies(program.weights, count)},
        "labels": [{"at": at, "features": biases.shape[1], "copies": copies(biases, count)} for at, biases in program.labels],
        "image": program.image.tolist(),
        "output": program.output.tolist(),
        "every_plane": program.every_plane,
        "mixtures": program.mixtures,
        "chained": program.chained,
        "levels": program.levels,
        "planes": program.planes,
        "size": program.size,
        "classes": model.classes,
    }


def copies(numbers: Tensor, count: int) -> list[Copy]:
    """Copy loops for a tensor that holds, in place of each weight, its number from 1 to count; 0 is not copied."""
    flat = numbers.flatten().numpy()
    if not ((flat == flat.round()) & (flat >= 0) & (flat <= count)).all():
        raise ValueError("A weight of this model's steps is computed from others, and can't be copied from its file.")
    to = flat.nonzero()[0]
    found = [(int(t), int(f), ()) for t, f in zip(to, flat[to] - 1)]
    before = len(found) + 1
    while len(found) < before:
        before, found = len(found), _looped(found)
    return found


def _looped(found: Sequence[Copy]) -> list[Copy]:
    """The same copies, with each run of equal neighbours at equal steps merged into one loop."""
    looped, k = [], 0
    while k < len(found):
        to, source, loops = found[k]
        end = k + 1
        if end < len(found) and found[end][2] == loops:
            step = found[end][0] - to, found[end][1] - source
            while end < len(found) and found[end] == (to + (end - k) * step[0], source + (end - k) * step[1], loops):
                end += 1
        looped.append((to, source, ((end - k, *step), *loops)) if end > k + 1 else found[k])
        k = end
    return looped
