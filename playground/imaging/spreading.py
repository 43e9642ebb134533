"""Dabs of colour, spread over the areas that lines close in."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from playground.imaging.loops import until_settled

GAP = 3  # pixels by which a line is thickened on either side to close its gaps
NONE = 1e9  # the squared distance to a dab if there is none
FAR = -1e5  # the coordinate of such a dab


def spread(ink: Tensor, hints: Tensor) -> Tensor:
    """Dabs of colour spread over the areas that lines close in: (N, 1, H, W) and (N, 4, H, W) to (N, 4, H, W).

    An area is a set of pixels nearer to paper than to ink, connected by their sides, which does not reach the picture's edge.  Each of its
    pixels takes the colour of the nearest dab in it.  A dab that lies in no area is tried again with thicker lines, which close small gaps;
    if it lies in none again, it stays as it is.

    No tensor's shape depends on the drawing, and loops stay loops in an exported graph.
    """
    paper, dabs = ink[:, 0] > 0, hints[:, 3] > 0  # (N, H, W)
    owner = _owners(paper, dabs)
    closed = paper
    for _ in range(GAP):
        closed = ~_beside((~closed).float()).bool()
    wider = _owners(closed, dabs & (owner == 0))
    for _ in range(GAP):
        wider = torch.where(paper & (wider == 0), _beside(wider), wider)
    owner = torch.where(owner > 0, owner, wider)[:, None]
    taken = (owner.long() - 1).clamp(min=0).flatten(2).expand(-1, 4, -1)  # (N, 4, H * W)
    return torch.where(owner > 0, hints.flatten(2).gather(2, taken).view_as(hints), hints)


def _owners(paper: Tensor, dabs: Tensor) -> Tensor:
    """For each pixel of an area the number of the nearest dab's pixel in it, counted row by row from 1; 0 if there is none.

    paper, dabs (N, H, W) bool.  Returns (N, H, W) float32.
    """
    _, height, width = paper.shape
    row, column = torch.arange(height).float()[:, None], torch.arange(width).float()
    edge = (row == 0) | (row == height - 1) | (column == 0) | (column == width - 1)

    def flood(outside: Tensor, paper: Tensor) -> Tensor:
        for axis, step, clear in _ways(paper):
            outside = outside | (clear & outside.roll(step, axis))
        return outside

    areas = paper & ~until_settled(flood, paper & edge, paper, more=paper.any())

    def approach(known: Tensor, areas: Tensor) -> Tensor:
        rows, columns, distance = known.unbind(1)  # of the nearest dab that is known, and its squared distance
        for axis, step, clear in _ways(areas):
            there = rows.roll(step, axis), columns.roll(step, axis)
            away = (there[0] - row) ** 2 + (there[1] - column) ** 2
            nearer = clear & (away < distance)
            rows, columns, distance = (torch.where(nearer, *pair) for pair in ((there[0], rows), (there[1], columns), (away, distance)))
        return torch.stack([rows, columns, distance], 1)

    seeds = dabs & areas
    start = torch.stack([torch.where(seeds, *pair) for pair in ((row, FAR), (column, FAR), (0.0, NONE))], 1)
    rows, columns, distance = until_settled(approach, start, areas, more=seeds.any()).unbind(1)
    return torch.where(distance < NONE, rows * width + columns + 1, 0)


def _ways(free: Tensor) -> Iterator[tuple[int, int, Tensor]]:
    """Steps through free pixels (N, H, W) along rows and columns, in both directions: the axis, a step of 1, 2, 4 ... pixels, and a mask of
    the pixels at which such a step ends that crosses free pixels only."""
    for axis in (1, 2):
        length = free.shape[axis]
        place = torch.arange(length).view((1, -1, 1) if axis == 1 else (1, 1, -1))
        for sign, first in ((1, 0), (-1, length - 1)):
            clear, reach = free & (place != first), 1
            while reach < length:
                yield axis, sign * reach, clear
                clear, reach = clear & clear.roll(sign * reach, axis), 2 * reach


def _beside(values: Tensor) -> Tensor:
    """The maximum of each pixel's value and those of its four neighbours: (N, H, W) float."""
    return torch.maximum(max_pool2d(values, (3, 1), 1, (1, 0)), max_pool2d(values, (1, 3), 1, (0, 1)))
