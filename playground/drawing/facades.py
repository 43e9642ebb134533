"""Facades to begin with, drawn for this page in a few rectangles: (label, left, top, right, bottom) in hundredths of the side.

Each is packed as `strokes.pack` packs it; `strokes.canvas_value` makes a canvas's value of it.
"""

from playground.drawing.palettes import FACADE_PALETTE
from playground.drawing.strokes import Stroke, pack


def _boxes(label: str, lefts, tops, width: float, height: float) -> list[tuple]:
    return [(label, x, y, x + width, y + height) for y in tops for x in lefts]


_FACADES = {
    "ten rectangles": [("facade", 10, 8, 90, 100), *_boxes("window", (18, 43, 68), (18, 48), 15, 18), ("door", 43, 76, 58, 100),
                       *_boxes("window", (18, 68), (78,), 15, 16)],
    "a town house": [
        ("facade", 0, 6, 100, 100), ("cornice", 0, 6, 100, 11), ("molding", 0, 38, 100, 41), ("molding", 0, 68, 100, 72),
        *_boxes("window", (7, 30, 54, 78), (16, 46), 13, 17), *_boxes("sill", (6, 29, 53, 77), (33.5, 63.5), 15, 2.5),
        *_boxes("deco", (7, 30, 54, 78), (13, 43), 13, 2.5), ("balcony", 28, 58, 69, 65), ("door", 43, 78, 57, 100),
        *_boxes("shop", (6, 66), (78,), 28, 22),
    ],
    "a long facade": [
        ("facade", 0, 14, 100, 94), ("cornice", 0, 14, 100, 18), *_boxes("pillar", (0, 32.5, 65, 96), (20,), 4, 74),
        *_boxes("window", (7, 20, 39, 52, 71, 84), (24, 48), 9, 15), *_boxes("blind", (7, 39, 84), (24,), 9, 6),
        *_boxes("window", (7, 20, 71, 84), (72,), 9, 14), ("door", 44, 72, 56, 94),
    ],
}  # fmt: skip


def _facade(boxes: list[tuple]) -> str:
    names = [name for name, _ in FACADE_PALETTE]
    corners = [(names.index(label), *(round(v * 5.12) for v in box)) for label, *box in boxes]
    return pack([Stroke(((left, top), (right, bottom)), colour, 24, rectangle=True) for colour, left, top, right, bottom in corners])


FACADES: dict[str, str] = {name: _facade(boxes) for name, boxes in _FACADES.items()}
