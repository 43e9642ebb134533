"""Strokes: a drawing as a few characters of a link, and as a picture.

A drawing lies on a grid of 512 x 512.  In a packed drawing each number is a sequence of five-bit groups, lowest first, one URL-safe
character for each, whose sixth bit says that another follows; numbers that may be negative are zigzag-encoded first.  A stroke is

    kind (1: rectangle, 2: with pressure), colour, width, count, then per point dx, dy (and the pressure's change)

each point relative to the one before.  `browser/strokes.js` holds the same code for the browser.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from playground.drawing.palettes import DABS, Palette
from playground.errors import UserError

GRID = 512
LIMIT = 2_000  # characters of a packed drawing
WIDEST = 128
FIRM = 10  # the pressure (0 to 15) at which a stroke has its own width
LONG = f"A drawing in a link has at most {LIMIT} characters."
DAMAGED = "This drawing's text is damaged: copy the whole link again, or draw anew."
COLOURS = "This drawing has a colour number {}; the canvas has {} colours."
RULES = {"long": LONG, "damaged": DAMAGED, "colours": COLOURS}  # the sentences, for browser/drawing.js
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_OVERSAMPLING = 4
_TOLERANCES = (0.7, 1, 1.5, 2.2, 3.3)  # grid units that a packed line may deviate


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen: points in grid units, or the two corners of a rectangle.

    colour is an index into the canvas's palette, width is in grid units, pressures (0 to 15) stand beside the points of a pen
    that has them.
    """

    points: tuple[tuple[int, int], ...]
    colour: int = 1
    width: int = 6
    rectangle: bool = False
    pressures: tuple[int, ...] | None = None


def pack(strokes: Sequence[Stroke]) -> str:
    """The drawing in at most `LIMIT` characters: if it is too long, points are dropped first, and then the oldest strokes."""
    for tolerance in _TOLERANCES:
        packed = [_pack(simplify(stroke, tolerance)) for stroke in strokes]
        if (length := sum(map(len, packed))) <= LIMIT:
            break
    while length > LIMIT:
        length -= len(packed.pop(0))
    return "".join(packed)


def canvas_value(strokes: str | Sequence[Stroke]) -> str:
    """A canvas's value for given strokes (packed or not): what a preset, an example or a share link sets."""
    return json.dumps({"strokes": strokes if isinstance(strokes, str) else pack(strokes)})


def unpack(packed: str) -> list[Stroke]:
    """The strokes of a packed drawing.  Raises UserError if the text is not one."""
    if not isinstance(packed, str) or len(packed) > LIMIT:
        raise UserError(LONG)
    numbers = _numbers(packed)
    strokes = []
    try:
        while (kind := next(numbers, None)) is not None:
            colour, width, count = next(numbers), next(numbers), next(numbers)
            x = y = pressure = 0
            points, pressures = [], []
            for _ in range(count):  # a wrong count ends with the text
                x, y = x + _signed(next(numbers)), y + _signed(next(numbers))
                points.append((x, y))
                if kind & 2:
                    pressure += _signed(next(numbers))
                    pressures.append(pressure)
            stroke = Stroke(tuple(points), colour, width, bool(kind & 1), tuple(pressures) if kind & 2 else None)
            if not _sound(stroke):
                raise StopIteration
            strokes.append(stroke)
    except StopIteration:
        raise UserError(DAMAGED) from None
    return strokes


def render(strokes: str | Sequence[Stroke], size: int, palette: Palette, crisp: bool = False) -> Image.Image:
    """The drawing as the canvas shows it, RGB, size x size; crisp: every pixel has one of the palette's colours.

    With the palette `DABS` colours never cover ink: where strokes overlap, the darker level of each channel stays.
    """
    if isinstance(strokes, str):
        strokes = unpack(strokes)
    side = size * _OVERSAMPLING
    image = Image.new("RGB", (side, side), palette[0][1])
    scale = side / GRID
    for stroke in strokes:
        if stroke.colour >= len(palette):
            raise UserError(COLOURS.format(stroke.colour, len(palette)))
        if palette is DABS and stroke.colour > 1:
            image = ImageChops.darker(image, _painted(stroke, Image.new("RGB", image.size, "white"), palette, scale))
        else:
            _painted(stroke, image, palette, scale)
    return image.resize((size, size), Image.Resampling.NEAREST if crisp else Image.Resampling.BOX)


def _painted(stroke: Stroke, image: Image.Image, palette: Palette, scale: float) -> Image.Image:
    """The image, with the stroke painted on it."""
    draw = ImageDraw.Draw(image)
    colour = palette[stroke.colour][1]
    points = [(x * scale, y * scale) for x, y in stroke.points]
    if stroke.rectangle:
        (left, top), (right, bottom) = (tuple(f(p[i] for p in points) for i in (0, 1)) for f in (min, max))
        draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)
        return image
    parts = [(x, y, stroke.width * scale * pressure_factor(p)) for (x, y), p in zip(points, stroke.pressures or (FIRM,) * len(points))]
    if stroke.pressures:
        parts = _tapered(parts)
    for x, y, width in parts:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)
    for (x, y, width), (next_x, next_y, next_width) in zip(parts, parts[1:]):
        draw.line((x, y, next_x, next_y), fill=colour, width=max(1, round((width + next_width) / 2)))
    return image


def catmull_rom(points: Sequence[tuple[float, float]], parts: int, closed: bool = False) -> list[tuple[float, float]]:
    """A Catmull-Rom spline through the points, with each segment in so many parts; closed: the last point is joined to the first."""
    ring = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    curve = []
    for before, start, end, after in zip(ring, ring[1:], ring[2:], ring[3:]):
        for t in (k / parts for k in range(parts)):
            curve.append(
                tuple(
                    (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) / 2
                    for a, b, c, d in zip(before, start, end, after)
                )
            )
    return [*curve, points[0] if closed else points[-1]]


def pressure_factor(pressure: int) -> float:
    return 0.3 + 0.07 * pressure


def _tapered(parts: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """The same line in eight times as many parts, so that its width changes evenly."""
    between = [tuple(a + (b - a) * k / 8 for a, b in zip(p, q)) for p, q in zip(parts, parts[1:]) for k in range(8)]
    return [*between, parts[-1]]


def simplify(stroke: Stroke, tolerance: float) -> Stroke:
    """The stroke with no more points than it needs to stay within the tolerance, in grid units (Ramer-Douglas-Peucker)."""
    points = [(x, y, p) for (x, y), p in zip(stroke.points, stroke.pressures or (0,) * len(stroke.points))]
    if len(points) < 3:
        return stroke
    kept, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        far, where = 0.0, None
        for i in range(first + 1, last):
            if (distance := _distance(points[i], points[first], points[last])) > far:
                far, where = distance, i
        if far > tolerance:
            kept.add(where)
            spans += [(first, where), (where, last)]
    order = sorted(kept)
    pressures = stroke.pressures and tuple(stroke.pressures[i] for i in order)
    return Stroke(tuple(stroke.points[i] for i in order), stroke.colour, stroke.width, stroke.rectangle, pressures)


def _distance(point, start, end) -> float:
    """From a point (x, y, pressure) to the segment between two others."""
    way = [b - a for a, b in zip(start, end)]
    off = [b - a for a, b in zip(start, point)]
    length = sum(w * w for w in way)
    t = min(1, max(0, sum(o * w for o, w in zip(off, way)) / length)) if length else 0
    return sum((o - t * w) ** 2 for o, w in zip(off, way)) ** 0.5


def _sound(stroke: Stroke) -> bool:
    return (
        len(stroke.points) >= 1
        and (not stroke.rectangle or len(stroke.points) == 2)
        and all(-GRID <= c <= 2 * GRID for point in stroke.points for c in point)
        and 1 <= stroke.width <= WIDEST
        and stroke.colour < 64
        and all(0 <= p <= 15 for p in stroke.pressures or ())
    )


def _pack(stroke: Stroke) -> str:
    kind = int(stroke.rectangle) + 2 * (stroke.pressures is not None)
    text = "".join(map(_letters, (kind, stroke.colour, stroke.width, len(stroke.points))))
    x = y = pressure = 0
    for i, point in enumerate(stroke.points):
        text += _letters(_zigzag(point[0] - x)) + _letters(_zigzag(point[1] - y))
        x, y = point
        if stroke.pressures is not None:
            text += _letters(_zigzag(stroke.pressures[i] - pressure))
            pressure = stroke.pressures[i]
    return text


def _letters(number: int) -> str:
    text = ""
    while number >= 32:
        text += _LETTERS[32 + number % 32]
        number //= 32
    return text + _LETTERS[number]


def _numbers(packed: str):
    number = shift = 0
    for letter in packed:
        value = _LETTERS.find(letter)
        if value < 0 or shift > 15:
            raise UserError(DAMAGED)
        number += (value % 32) << shift
        shift += 5
        if value < 32:
            yield number
            number = shift = 0


def _zigzag(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


def _signed(number: int) -> int:
    return number // 2 if number % 2 == 0 else -(number + 1) // 2
