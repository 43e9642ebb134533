"""Flowers to begin with, drawn for this page in a few strokes: outlines only, as one draws them with a mouse.

Each is packed as `strokes.pack` packs it; `strokes.canvas_value` makes a canvas's value of it.
"""

from math import cos, pi, sin

from playground.drawing.strokes import Stroke, catmull_rom, pack, simplify

Points = list[tuple[float, float]]  # in hundredths of the side


def _curve(points: Points, width: int, closed: bool = False) -> Stroke:
    """A smooth stroke through the points."""
    smooth = catmull_rom(points, 12, closed)
    return simplify(Stroke(tuple((round(x * 5.12), round(y * 5.12)) for x, y in smooth), width=width), 0.9)


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
