"""Receptive fields by the sizes of kernels: sets of positions, bool (H, W), followed from a prediction back to the image."""

from collections.abc import Iterable

import torch
from torch import Tensor

Offsets = Iterable[tuple[int, int]]  # (down, right), from the position that sees


def seen(needed: Tensor, offsets: Offsets) -> Tensor:
    """The positions that those `needed` see, at these offsets."""
    height, width = needed.shape
    rows, columns = needed.nonzero(as_tuple=True)
    found = torch.zeros_like(needed)
    for down, right in offsets:
        i, j = rows + down, columns + right
        inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        found[i[inside], j[inside]] = True
    return found


def carried(needed: Tensor, offsets: Offsets) -> Tensor:
    """All positions from which a recurrence with these offsets reaches those `needed`, and these themselves."""
    offsets = list(offsets)
    while not torch.equal(further := needed | seen(needed, offsets), needed):
        needed = further
    return needed
