"""Dabs of colour for pix2pix: in training at random places of true pictures, for measuring on the five largest regions.

A hint map is (4, H, W): a dab's colour in [-1, 1] in three planes and 1 in the fourth; all are 0 where there is no dab
(user-guided colourisation, arXiv 1705.02999, section 3.1, whose global hints are `Pix2Pix.colours` here).
"""

from typing import cast

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

MOST = 12  # dabs in a training picture
NONE = 0.4  # share of training pictures without dabs
NEAR = 16  # levels of 255 within which a pixel counts as white or black
REGIONS, RADIUS = 5, 4.0  # the number of dabs of `of_largest_regions`, and their radius in pixels


def filled(pictures: Tensor) -> Tensor:
    """Where pictures (N, 3, H, W) in [-1, 1] are neither white nor black (within 16 levels): (N, H, W), bool."""
    white = (pictures > 1 - NEAR / 127.5).all(1)
    return ~white & ~(pictures < NEAR / 127.5 - 1).all(1)


def disc(height: int, width: int, row: float, column: float, radius: float) -> Tensor:
    """(H, W), bool."""
    rows, columns = torch.arange(height)[:, None] - row, torch.arange(width)[None] - column
    return rows**2 + columns**2 <= radius**2


def dab(hints: Tensor, picture: Tensor, row: int, column: int, radius: float) -> None:
    """Paints a disc on a hint map (4, H, W), in place, in the colour that the picture (3, H, W) has at (row, column)."""
    where = disc(picture.shape[1], picture.shape[2], row, column, radius)
    hints[:3, where] = picture[:, row, column, None]
    hints[3, where] = 1


def at_random(pictures: Tensor, chance: Tensor) -> Tensor:
    """Hint maps (N, 4, H, W) of random dabs in the colours of the pictures (N, 3, H, W) in [-1, 1].

    chance (N, 1 + MOST, 3), uniform: determines the number of dabs, often none, and the place and radius of each.  Four of five dabs lie on
    a filled pixel, if there is one; the others lie anywhere, since a visitor may want white.
    """
    n, _, height, width = pictures.shape
    hints = pictures.new_zeros(n, 4, height, width)
    for hint, picture, fill, chances in zip(hints, pictures, filled(pictures), chance.tolist()):
        share = (chances[0][0] - NONE) / (1 - NONE)
        inside = fill.flatten().nonzero()[:, 0].tolist()
        for place, anywhere, size in chances[1 : 2 + int((MOST - 1) * share**2)] if share > 0 else []:
            if anywhere < 0.2 or not inside:
                at = int(place * height * width)
            else:
                at = inside[int(place * len(inside))]
            dab(hint, picture, at // width, at % width, 1.5 + 4.5 * size)
    return hints


def of_largest_regions(pictures: Tensor, count: int = REGIONS) -> Tensor:
    """Hint maps (N, 4, H, W) with one dab of the true colour in each of the `count` largest regions of pictures (N, 3, H, W) in [-1, 1].

    A region is a connected set of filled pixels of the same colour; its dab lies where it is widest.
    """
    levels = ((pictures + 1) * 127.5).round().long()
    codes = ((levels[:, 0] * 256 + levels[:, 1]) * 256 + levels[:, 2]).numpy()  # (N, H, W)
    hints = pictures.new_zeros(len(pictures), 4, *pictures.shape[2:])
    for hint, picture, fill, code in zip(hints, pictures, filled(pictures).numpy(), codes):
        regions = []
        for colour in np.unique(code[fill]):
            found, number = cast(tuple[np.ndarray, int], ndimage.label(fill & (code == colour)))
            sizes = np.bincount(found.ravel(), minlength=number + 1)[1:]
            regions += [(int(size), found == 1 + i) for i, size in enumerate(sizes)]
        for _, region in sorted(regions, key=lambda one: -one[0])[:count]:
            depth = cast(np.ndarray, ndimage.distance_transform_edt(np.pad(region, 1)))[1:-1, 1:-1]
            row, column = np.unravel_index(depth.argmax(), depth.shape)
            dab(hint, picture, int(row), int(column), min(RADIUS, float(depth.max())))
    return hints


def fill_accuracy(generated: Tensor, true: Tensor) -> Tensor:
    """Per picture, the fraction of the true one's filled pixels with an error of at most 32 levels in every channel: (N,).

    NaN if no pixel is filled.

    generated, true: (N, 3, H, W) in [-1, 1].
    """
    right = ((generated - true).abs() <= 32 / 127.5).all(1) & (fill := filled(true))
    return right.flatten(1).sum(1) / fill.flatten(1).sum(1)
