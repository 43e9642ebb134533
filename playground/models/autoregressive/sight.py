"""What a layer sees, by the sizes of its kernels: sets of places, bool (H, W), walked from a prediction back to the image."""

from collections.abc import Iterable

import torch
from torch import Tensor

Offsets = Iterable[tuple[int, int]]  # (down, right), from the place that sees


def seen(needed: Tensor, offsets: Offsets) -> Tensor:
    """The places that are seen from those `needed`, at these offsets."""
    height, width = needed.shape
    rows, columns = needed.nonzero(as_tuple=True)
    found = torch.zeros_like(needed)
    for down, right in offsets:
        i, j = rows + down, columns + right
        inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        found[i[inside], j[inside]] = True
    return found


def carried(needed: Tensor, offsets: Offsets) -> Tensor:
    """All places from which a recurrence carries something to those `needed`, with these offsets a step; those needed are among them."""
    offsets = list(offsets)
    while not torch.equal(further := needed | seen(needed, offsets), needed):
        needed = further
    return needed
