"""Drawings in ink to begin with, for emoji: lines as wide as OpenMoji's.

Each is packed as `strokes.pack` packs it; `strokes.canvas_value` makes a canvas's value of it.
"""

from math import cos, pi, sin

from playground.drawing.palettes import DABS
from playground.drawing.strokes import Stroke, catmull_rom, pack, simplify

Points = list[tuple[float, float]]  # in hundredths of the side

INK_WIDTH = 14  # grid units: OpenMoji's lines are 2 of 72 units wide


def _line(*points: tuple[float, float]) -> Stroke:
    return Stroke(tuple((round(x * 5.12), round(y * 5.12)) for x, y in points), width=INK_WIDTH)


def _curve(points: Points, closed: bool = False) -> Stroke:
    """A smooth stroke through the points."""
    smooth = catmull_rom(points, 12, closed)
    return simplify(Stroke(tuple((round(x * 5.12), round(y * 5.12)) for x, y in smooth), width=INK_WIDTH), 0.9)


def _circle(x: float, y: float, radius: float) -> Stroke:
    return _curve([(x + radius * cos(2 * pi * k / 12), y + radius * sin(2 * pi * k / 12)) for k in range(12)], closed=True)


_DOODLES = {
    "a cat": [
        _curve([(26, 38), (24, 12), (40, 24), (60, 24), (76, 12), (74, 38), (80, 56), (70, 76), (50, 82), (30, 76), (20, 56)], closed=True),
        _line((38, 46), (38, 50)),
        _line((62, 46), (62, 50)),
        _curve([(46, 58), (50, 62), (54, 58)]),
        _curve([(40, 68), (45, 71), (50, 66), (55, 71), (60, 68)]),
        _line((10, 54), (26, 57)),
        _line((10, 66), (26, 63)),
        _line((90, 54), (74, 57)),
        _line((90, 66), (74, 63)),
    ],
    "a mushroom": [
        _curve([(14, 54), (18, 30), (36, 16), (64, 16), (82, 30), (86, 54)]),
        _line((14, 54), (86, 54)),
        _curve([(40, 54), (40, 72), (36, 84), (50, 88), (64, 84), (60, 72), (60, 54)]),
        _circle(50, 32, 8),
        _circle(30, 42, 5),
        _circle(70, 42, 5),
    ],
    "a mug": [
        _line((22, 28), (22, 78), (28, 84), (60, 84), (66, 78), (66, 28), (22, 28)),
        _curve([(66, 40), (80, 38), (84, 52), (80, 66), (66, 66)]),
        _curve([(36, 20), (34, 15), (38, 11), (36, 6)]),
        _curve([(50, 20), (48, 15), (52, 11), (50, 6)]),
    ],
    "a face": [
        _circle(50, 50, 38),
        _line((37, 40), (37, 44)),
        _line((63, 40), (63, 44)),
        _curve([(30, 58), (38, 70), (50, 74), (62, 70), (70, 58)]),
        _line((30, 58), (70, 58)),
    ],
    "a fish": [
        _curve([(12, 50), (24, 34), (44, 28), (62, 36), (74, 50), (62, 64), (44, 72), (24, 66)], closed=True),
        _line((74, 50), (90, 34), (90, 66), (74, 50)),
        _circle(28, 46, 3),
        _curve([(40, 32), (46, 50), (40, 68)]),
        _curve([(54, 44), (60, 50), (54, 56)]),
    ],
    "a house": [
        _line((20, 48), (20, 86), (80, 86), (80, 48)),
        _line((10, 52), (50, 14), (90, 52)),
        _line((20, 48), (80, 48)),
        _line((56, 86), (56, 60), (72, 60), (72, 86)),
        _line((28, 58), (46, 58), (46, 74), (28, 74), (28, 58)),
    ],
}
DOODLES: dict[str, str] = {name: pack(strokes) for name, strokes in _DOODLES.items()}


# --- the same with dabs of colour ---

_COLOURS = {name: i for i, (name, _) in enumerate(DABS)}


def _dab(colour: str, x: float, y: float) -> Stroke:
    return Stroke(((round(x * 5.12), round(y * 5.12)), (round(x * 5.12) + 6, round(y * 5.12) + 6)), _COLOURS[colour], INK_WIDTH + 4)


_DABS = {
    "a cat": [_dab("orange", 50, 36), _dab("pink", 33, 24), _dab("pink", 67, 24)],
    "a mushroom": [_dab("red", 36, 28), _dab("skin", 50, 72)],
    "a mug": [_dab("light blue", 44, 54)],
    "a face": [_dab("yellow", 50, 26), _dab("red", 50, 67)],
    "a fish": [_dab("blue", 49, 42), _dab("light blue", 26, 58), _dab("orange", 85, 50)],
    "a house": [_dab("red", 50, 32), _dab("yellow", 30, 80), _dab("light blue", 36, 66), _dab("brown", 64, 72)],
}
DABBED: dict[str, str] = {name: pack([*strokes, *_DABS[name]]) for name, strokes in _DOODLES.items()}
