"""Lines of any width thinned to one pixel (Guo and Hall 1989, "Parallel thinning with two-subiteration algorithms", algorithm A1)."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from playground.imaging.loops import until_settled

PLACES = torch.tensor([[[[8.0, 4, 2], [16, 0, 1], [32, 64, 128]]]])  # the bit of each neighbour in the number of a neighbourhood


def _kept() -> list[Tensor]:
    """(256,) of 0 and 1 each: whether a pixel of ink with this neighbourhood stays in the first subiteration, and in the second."""
    kept = torch.ones(2, 256)
    for number in range(256):
        x = [bool(number >> i & 1) for i in range(8)]  # from the east, anticlockwise
        crossings = sum(not x[i] and (x[i + 1] or x[(i + 2) % 8]) for i in (0, 2, 4, 6))
        pairs = [sum(x[i] or x[(i + side) % 8] for i in (1, 3, 5, 7)) for side in (-1, 1)]
        if crossings == 1 and min(pairs) in (2, 3):
            kept[0, number] = (x[1] or x[2] or not x[7]) and x[0]
            kept[1, number] = (x[5] or x[6] or not x[3]) and x[4]
    return [stays.clone() for stays in kept]


KEPT = _kept()


def thinned(ink: Tensor) -> Tensor:
    """(1, 1, H, W) of 0 and 1, 1 is ink, to the same with lines one pixel wide."""

    def again(ink: Tensor) -> Tensor:
        for stays in KEPT:
            numbers = conv2d(ink, PLACES, padding=1).flatten().int()
            ink = ink * stays.index_select(0, numbers).view_as(ink)
        return ink

    return until_settled(again, ink)
