"""The lines of a photograph, and the strokes that draw them."""

import numpy as np
import torch
from skimage.color import rgb2lab
from skimage.feature import canny
from skimage.morphology import remove_small_objects, skeletonize
from torch import Tensor

from playground.drawing.strokes import GRID, Stroke, simplify

LINE_SIGMAS = (1.7, 2.5, 3.8)  # for `lines` at 128 to 144 px: keeps veins, petals, outlines only


def trace(lines: Tensor, colour: int = 1, width: int = 5) -> list[Stroke]:
    """The strokes that draw such lines, (1, 1, n, n), the shortest first, since `pack` drops the first ones if there are too many."""
    n = lines.shape[-1]
    free = {(int(x), int(y)) for y, x in zip(*np.nonzero(lines[0, 0].numpy() < 0))}

    def around(x: int, y: int) -> list[tuple[int, int]]:  # direct neighbours before diagonal ones, so that corners are not cut
        return [p for d in ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)) if (p := (x + d[0], y + d[1])) in free]

    paths = []
    # Paths start at the ends of lines; what remains then are closed loops.
    for start in sorted(free, key=lambda p: (len(around(*p)) > 1, p)):
        if start not in free:
            continue
        path = [start]
        free.remove(start)
        while near := around(*path[-1]):
            before = path[-min(len(path), 4)]
            path.append(max(near, key=lambda p: (p[0] - before[0]) ** 2 + (p[1] - before[1]) ** 2))  # straight on at a crossing
            free.remove(path[-1])
        paths.append(path)
    middle = GRID / n
    strokes = [Stroke(tuple((round((x + 0.5) * middle), round((y + 0.5) * middle)) for x, y in path), colour, width) for path in paths]
    return [simplify(stroke, 2.5) for stroke in sorted(strokes, key=lambda stroke: len(stroke.points)) if len(stroke.points) > 3]


def lines(photos: Tensor, sigma: float) -> Tensor:
    """The lines that a person might draw of each photograph: Canny's edges of the three Lab channels, joined.

    photos (N, 3, H, W) in [-1, 1], best at 128 to 144 px; sigma is the smoothing in pixels (`LINE_SIGMAS`).
    Returns (N, 1, H, W) float32: lines one pixel wide, -1 is ink and 1 is paper.  The same photo always gives the same lines.
    """
    found = []
    for picture in photos.permute(0, 2, 3, 1).double().cpu().numpy():  # (H, W, 3)
        lab = rgb2lab((picture + 1) / 2) / 100
        edges = np.logical_or.reduce([canny(lab[..., channel], sigma, 0.06, 0.18) for channel in range(3)])
        # Channels find the same contour a pixel apart: thin the union, then drop what is too short to be a stroke.
        edges = remove_small_objects(skeletonize(edges), max_size=round(4 * sigma + 4), connectivity=2)
        found.append(torch.from_numpy(edges))
    return 1 - 2 * torch.stack(found)[:, None].float()  # (N, 1, H, W)
