"""Drawings to begin with, made by hand for this page: flowers in a few strokes, facades in a few rectangles.

Digits stand in `playground/handwriting.py`.

Each is packed as `strokes.pack` packs it; `playground.page.canvas.drawing` makes a canvas's value of it.
"""

from dataclasses import replace
from math import cos, pi, sin

from playground.examples import FACADE_COLOURS
from playground.page.canvas.strokes import Palette, Stroke, pack, simplify

Points = list[tuple[float, float]]  # in hundredths of the side

FACADE_PALETTE: Palette = tuple((name, "#{:02x}{:02x}{:02x}".format(*colour)) for name, colour in FACADE_COLOURS.items())


def _curve(points: Points, width: int, closed: bool = False) -> Stroke:
    """A smooth stroke through the points (a Catmull-Rom spline)."""
    ring = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    smooth = []
    for a, b, c, d in zip(ring, ring[1:], ring[2:], ring[3:]):
        for t in (k / 12 for k in range(12)):
            smooth.append(
                tuple(
                    (
                        (2 * b[i])
                        + (c[i] - a[i]) * t
                        + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * t**2
                        + (3 * b[i] - a[i] - 3 * c[i] + d[i]) * t**3
                    )
                    / 2
                    for i in (0, 1)
                )
            )
    smooth.append(points[0] if closed else points[-1])
    return simplify(Stroke(tuple((round(x * 5.12), round(y * 5.12)) for x, y in smooth), width=width), 0.9)


# --- flowers: outlines only, as one draws them with a mouse ---


def _turned(points: Points, angle: float, centre: tuple[float, float]) -> Points:
    """Points drawn upwards from (0, 0), turned clockwise and carried to the centre."""
    return [(centre[0] + x * cos(angle) - y * sin(angle), centre[1] + x * sin(angle) + y * cos(angle)) for x, y in points]


def _petals(count: int, centre: tuple[float, float], inner: float, outer: float, width: float, turn: float = 0.0) -> list[Stroke]:
    """A ring of petals, no two quite alike."""
    strokes = []
    for k in range(count):
        long, broad, lean = outer * (1 + 0.07 * sin(5 * k + 1)), width * (1 + 0.12 * sin(3 * k)), 0.05 * sin(7 * k + 2)
        petal = [(-broad * 0.35, -inner), (-broad, -inner - (long - inner) * 0.6), (-broad * 0.5, -long * 0.97), (0, -long)]
        petal += [(-x, y) for x, y in reversed(petal[:-1])]
        strokes.append(_curve(_turned(petal, turn + lean + 2 * pi * k / count, centre), 5))
    return strokes


def _ring(centre: tuple[float, float], radius: float, wobble: float = 0.05) -> Stroke:
    angles = [2 * pi * k / 9 for k in range(9)]
    return _curve([(centre[0] + radius * (1 + wobble * sin(4 * a)) * cos(a), centre[1] + radius * sin(a)) for a in angles], 5, closed=True)


def _leaf(foot: tuple[float, float], length: float, angle: float) -> list[Stroke]:
    side = [(0, 0), (-0.16 * length, -0.4 * length), (0, -length), (0.16 * length, -0.45 * length), (0, 0)]
    return [_curve(_turned(side, angle, foot), 5), _curve(_turned([(0, 0), (0.02 * length, -0.8 * length)], angle, foot), 5)]


_FLOWERS = {
    "daisy": [*_petals(14, (50, 50), 11, 40, 6.2), _ring((50, 50), 10.5)],
    "sunflower": [*_petals(18, (50, 48), 19, 43, 6, 0.1), _ring((50, 48), 18), _ring((50, 48), 10, 0.1)],
    "buttercup": [
        *_petals(5, (50, 48), 8, 38, 20),
        _ring((50, 48), 7),
        *[_ring((50 + 3 * cos(k), 48 + 3 * sin(k)), 1.4) for k in (0, 2, 4)],
    ],
    "tulip": [
        _curve([(36, 24), (31, 42), (37, 58), (50, 62), (63, 58), (69, 42), (64, 24)], 5),
        _curve([(36, 24), (42, 31), (46, 38)], 5),
        _curve([(64, 24), (58, 31), (54, 38)], 5),
        _curve([(41, 32), (50, 19), (59, 32), (58, 50), (50, 61), (42, 50), (41, 32)], 5),
        _curve([(49, 62), (48, 80), (49, 100)], 5),
        _curve([(52, 62), (51, 80), (52, 100)], 5),
        *_leaf((49, 100), 44, -0.5),
        *_leaf((52, 98), 36, 0.55),
    ],
    "crocus": [
        _curve([(50, 70), (36, 50), (34, 26), (45, 36), (50, 52)], 5),
        _curve([(50, 70), (64, 50), (66, 26), (55, 36), (50, 52)], 5),
        _curve([(43, 38), (50, 14), (57, 38)], 5),
        _curve([(49, 70), (48, 99)], 5),
        _curve([(52, 70), (53, 99)], 5),
        _curve([(46, 99), (32, 70), (22, 50)], 5),
        _curve([(56, 99), (68, 72), (80, 54)], 5),
    ],
    "windflower": [
        *_petals(7, (50, 44), 6, 33, 12, 0.2),
        _ring((50, 44), 5),
        _curve([(51, 72), (53, 84), (50, 100)], 5),
        *_leaf((51, 92), 30, 1.1),
    ],
    "pansy": [
        _curve([(48, 48), (30, 44), (22, 26), (38, 14), (50, 28), (50, 46)], 5),
        _curve([(52, 48), (70, 44), (78, 26), (62, 14), (50, 28)], 5),
        _curve([(46, 50), (26, 50), (20, 66), (36, 72), (47, 56)], 5),
        _curve([(54, 50), (74, 50), (80, 66), (64, 72), (53, 56)], 5),
        _curve([(47, 56), (34, 72), (38, 88), (50, 86), (62, 88), (66, 72), (53, 56)], 5),
        _ring((50, 51), 4),
    ],
    "a mouse's five petals": [
        _curve([(50, 46), (38, 30), (44, 15), (57, 17), (60, 32), (52, 46)], 5),
        _curve([(55, 46), (70, 32), (85, 40), (80, 54), (57, 51)], 5),
        _curve([(56, 53), (73, 64), (70, 80), (57, 79), (50, 57)], 5),
        _curve([(48, 55), (42, 76), (27, 79), (23, 66), (45, 53)], 5),
        _curve([(45, 50), (24, 54), (14, 43), (24, 31), (46, 46)], 5),
    ],
}
FLOWERS: dict[str, str] = {name: pack(strokes) for name, strokes in _FLOWERS.items()}


# --- drawings in thick ink, for emoji ---


def _line(*points: tuple[float, float]) -> Stroke:
    return Stroke(tuple((round(x * 5.12), round(y * 5.12)) for x, y in points), width=INK_WIDTH)


def _thick(points: Points, closed: bool = False) -> Stroke:
    return replace(_curve(points, INK_WIDTH, closed), width=INK_WIDTH)


def _circle(x: float, y: float, radius: float) -> Stroke:
    return _thick([(x + radius * cos(2 * pi * k / 12), y + radius * sin(2 * pi * k / 12)) for k in range(12)], closed=True)


INK_WIDTH = 14  # OpenMoji's lines are 2 of 72 units wide
_DOODLES = {
    "a cat": [
        _thick([(26, 38), (24, 12), (40, 24), (60, 24), (76, 12), (74, 38), (80, 56), (70, 76), (50, 82), (30, 76), (20, 56)], closed=True),
        _line((38, 46), (38, 50)),
        _line((62, 46), (62, 50)),
        _thick([(46, 58), (50, 62), (54, 58)]),
        _thick([(40, 68), (45, 71), (50, 66), (55, 71), (60, 68)]),
        _line((10, 54), (26, 57)),
        _line((10, 66), (26, 63)),
        _line((90, 54), (74, 57)),
        _line((90, 66), (74, 63)),
    ],
    "a mushroom": [
        _thick([(14, 54), (18, 30), (36, 16), (64, 16), (82, 30), (86, 54)]),
        _line((14, 54), (86, 54)),
        _thick([(40, 54), (40, 72), (36, 84), (50, 88), (64, 84), (60, 72), (60, 54)]),
        _circle(50, 32, 8),
        _circle(30, 42, 5),
        _circle(70, 42, 5),
    ],
    "a mug": [
        _line((22, 28), (22, 78), (28, 84), (60, 84), (66, 78), (66, 28), (22, 28)),
        _thick([(66, 40), (80, 38), (84, 52), (80, 66), (66, 66)]),
        _thick([(36, 20), (34, 15), (38, 11), (36, 6)]),
        _thick([(50, 20), (48, 15), (52, 11), (50, 6)]),
    ],
    "a face": [
        _circle(50, 50, 38),
        _line((37, 40), (37, 44)),
        _line((63, 40), (63, 44)),
        _thick([(30, 58), (38, 70), (50, 74), (62, 70), (70, 58)]),
        _line((30, 58), (70, 58)),
    ],
    "a fish": [
        _thick([(12, 50), (24, 34), (44, 28), (62, 36), (74, 50), (62, 64), (44, 72), (24, 66)], closed=True),
        _line((74, 50), (90, 34), (90, 66), (74, 50)),
        _circle(28, 46, 3),
        _thick([(40, 32), (46, 50), (40, 68)]),
        _thick([(54, 44), (60, 50), (54, 56)]),
    ],
    "a house": [
        _line((20, 48), (20, 86), (80, 86), (80, 48)),
        _line((10, 52), (50, 14), (90, 52)),
        _line((56, 86), (56, 60), (72, 60), (72, 86)),
        _line((28, 58), (46, 58), (46, 74), (28, 74), (28, 58)),
    ],
}
DOODLES: dict[str, str] = {name: pack(strokes) for name, strokes in _DOODLES.items()}


# --- facades: (label, left, top, right, bottom) in hundredths of the side ---


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
