"""Pictures drawn by this program, for the page to open with and for training snapshots: no photograph of a data set is shipped."""

from collections.abc import Sequence
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from playground.drawing.facades import FACADES
from playground.drawing.palettes import FACADE_COLOURS, FACADE_PALETTE
from playground.drawing.strokes import render

# What each label might look like, on a dull day
STONE = {
    "background": (176, 192, 208), "facade": (186, 168, 138), "window": (52, 60, 70), "door": (84, 56, 38), "cornice": (150, 134, 112),
    "sill": (206, 196, 178), "balcony": (64, 62, 62), "blind": (120, 118, 108), "deco": (214, 204, 184), "molding": (160, 142, 116),
    "pillar": (196, 184, 160), "shop": (44, 48, 54),
}  # fmt: skip


def facade_photo(size: int, name: str = "a town house") -> Image.Image:
    """A drawn facade, painted like a photograph, (size, size) RGB: plaster with grain, panes with frames."""
    rng = np.random.default_rng(0)
    labels = np.asarray(render(FACADES[name], 2 * size, FACADE_PALETTE, crisp=True))  # (2 size, 2 size, 3)
    picture = np.zeros(labels.shape)
    for label, colour in FACADE_COLOURS.items():
        picture[(labels == colour).all(-1)] = STONE[label]
    panes = (labels == FACADE_COLOURS["window"]).all(-1)
    inner = panes & np.roll(panes, 3, 0) & np.roll(panes, -3, 0) & np.roll(panes, 3, 1) & np.roll(panes, -3, 1)
    picture[panes & ~inner] = (228, 222, 210)  # window frames
    picture += rng.normal(0, 24, (2 * size, 2 * size, 1)) + rng.normal(0, 8, (size // 4, size // 4, 1)).repeat(8, 0).repeat(8, 1)
    image = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(1)).resize((size, size), Image.Resampling.LANCZOS)


def flower(size: int, petals: tuple[int, int, int], heart: tuple[int, int, int], count: int = 9, turn: float = 0.0) -> Image.Image:
    """A shaded flower on blurred leaves, (size, size) RGB; `petals` and `heart` are the colours of its parts."""
    side, rng = 4 * size, np.random.default_rng(count)
    image = Image.new("RGB", (side, side), (46, 74, 30))
    draw = ImageDraw.Draw(image)
    for _ in range(90):  # leaves out of focus
        x, y, r, g = *rng.uniform(0, side, 2), rng.uniform(0.03, 0.12) * side, int(rng.uniform(50, 130))
        draw.ellipse([x - r, y - r / 2, x + r, y + r / 2], fill=(g * 6 // 10, g, g * 3 // 10))
    image = image.filter(ImageFilter.GaussianBlur(side / 40))
    draw = ImageDraw.Draw(image)
    middle = side / 2

    def petal(angle: float, length: float, width: float, shade: float) -> None:
        points = []
        for t in np.linspace(0, pi, 30):  # from the heart to the tip and back
            along, across = length * sin(t / 2) ** 0.7, width * sin(t)
            points.append((middle + along * cos(angle) - across * sin(angle), middle + along * sin(angle) + across * cos(angle)))
        for t in np.linspace(pi, 0, 30):
            along, across = length * sin(t / 2) ** 0.7, -width * sin(t)
            points.append((middle + along * cos(angle) - across * sin(angle), middle + along * sin(angle) + across * cos(angle)))
        draw.polygon(points, fill=tuple(int(c * shade) for c in petals))

    for ring, shade in ((0.5, 0.7), (0.0, 0.95)):
        for i in range(count):
            angle = turn + 2 * pi * (i + ring) / count
            for step in range(6):  # darker towards the edge and the heart
                petal(angle, side * (0.40 - 0.045 * step), side * (0.085 - 0.013 * step), shade + 0.05 * (step - 3) / 3 - 0.02 * (i % 3))
    for i in range(140):
        radius, angle = side * 0.085 * (i / 140) ** 0.5, i * 2.39996
        x, y, shade = middle + radius * cos(angle), middle + radius * sin(angle), 0.6 + 0.4 * (i % 4) / 3
        draw.ellipse([x - side / 90, y - side / 90, x + side / 90, y + side / 90], fill=tuple(int(c * shade) for c in heart))
    return image.filter(ImageFilter.GaussianBlur(2)).resize((size, size), Image.Resampling.LANCZOS)


def yellow_flower(size: int, count: int = 11) -> Image.Image:
    return flower(size, (250, 205, 20), (120, 70, 20), count)


def violet_flower(size: int, count: int = 6) -> Image.Image:
    return flower(size, (140, 80, 200), (235, 190, 60), count, turn=0.3)


# --- drawn examples of CycleGAN's domains ---

FLOWER_PETALS = {f"{count} petals": count for count in (11, 6, 5)}


def domain_example_names(domains: Sequence[str]) -> list[str]:
    """The names of the drawn examples of a pair of domains; the tab opens with the first.  They are facades if one domain is labels, flat
    emoji if one is flat emoji, and flowers otherwise.  `imaging.examples.domain_example` draws them."""
    if "labels" in domains:
        return sorted(FACADES, key="a town house".__ne__)  # the richest one first
    return list(EMOJI if tuple(domains) == EMOJI_DOMAINS else FLOWER_PETALS)


# --- grey pictures of 28 x 28 ---

THINGS = ("bird", "cat", "plane", "car")  # alive and flies, alive, flies, neither


# Filled outlines on a square of 100 x 100; a circle is (x, y, radius)
_OUTLINES = {
    "bird": [
        [(8, 34), (30, 42), (50, 56), (70, 42), (92, 34), (74, 60), (58, 68), (50, 76), (42, 68), (26, 60)],
        (50, 50, 9),
        (50, 62, 11),
    ],
    "cat": [
        [(24, 46), (70, 46), (76, 62), (76, 88), (68, 88), (66, 70), (34, 70), (32, 88), (24, 88)],
        (76, 38, 14),
        [(63, 34), (64, 14), (76, 26)],
        [(76, 26), (88, 14), (89, 34)],
        [(26, 52), (10, 30), (16, 26), (32, 46)],
    ],
    "plane": [
        [(6, 44), (80, 44), (94, 52), (80, 58), (6, 56)],
        [(42, 48), (26, 14), (36, 14), (62, 48)],
        [(42, 54), (26, 88), (36, 88), (62, 54)],
        [(6, 48), (2, 28), (10, 28), (20, 48)],
    ],
    "car": [[(6, 70), (8, 52), (26, 48), (38, 30), (68, 30), (78, 48), (94, 54), (94, 70)], (28, 72, 11), (74, 72, 11)],
}


def thing(kind: str, size: float = 1.0, turn: float = 0, shift: tuple[int, int] = (0, 0)) -> Image.Image:
    """One white thing on black, 28 x 28, drawn eight times as large and shrunk.  turn in degrees, shift in pixels."""
    image = Image.new("L", (224, 224))
    draw = ImageDraw.Draw(image)
    for part in _OUTLINES[kind]:
        if isinstance(part, list):
            draw.polygon([(12 + 2 * x, 12 + 2 * y) for x, y in part], fill=255)
        else:
            x, y, r = (2 * value for value in part)
            draw.ellipse([12 + x - r, 12 + y - r, 12 + x + r, 12 + y + r], fill=255)
    image = image.rotate(turn, Image.Resampling.BICUBIC)
    small = image.resize((round(28 * size), round(28 * size)), Image.Resampling.BOX)
    whole = Image.new("L", (28, 28))
    whole.paste(small, ((28 - small.width) // 2 + shift[0], (28 - small.height) // 2 + shift[1]))
    return whole


# --- flat emoji, drawn for this page ---

EMOJI_DOMAINS = ("flat emoji", "three-dimensional emoji")

# Shapes on a square of 100 x 100, from back to front: a colour, and a polygon or a circle (x, y, radius)
_LEAF = [(52, 27), (58, 14), (72, 10), (70, 22)]
EMOJI = {
    "a balloon": [
        ("#99aab5", [(49, 72), (51, 72), (54, 98), (50, 98)]),
        ("#3b88c3", (50, 36, 33)),
        ("#3b88c3", [(22, 50), (78, 50), (52, 76), (48, 76)]),
        ("#88c9f9", (36, 26, 8)),
    ],
    "a face": [
        ("#ffcc4d", (50, 50, 47)),
        ("#664500", (34, 38, 7)),
        ("#664500", (66, 38, 7)),
        ("#664500", [(24, 56), (32, 74), (50, 82), (68, 74), (76, 56), (50, 61)]),
        ("#ffffff", [(29, 60), (71, 60), (68, 66), (50, 69), (32, 66)]),
    ],
    "an apple": [
        ("#dd2e44", (36, 56, 30)),
        ("#dd2e44", (64, 56, 30)),
        ("#dd2e44", (50, 68, 28)),
        ("#77b255", _LEAF),
        ("#662113", [(48, 34), (49, 12), (54, 12), (52, 34)]),
    ],
    "a house": [
        ("#ffe8b6", [(16, 46), (84, 46), (84, 94), (16, 94)]),
        ("#a0041e", [(50, 6), (96, 50), (4, 50)]),
        ("#55acee", [(26, 58), (44, 58), (44, 74), (26, 74)]),
        ("#662113", [(56, 58), (74, 58), (74, 94), (56, 94)]),
    ],
}


def flat_emoji(name: str, size: int) -> Image.Image:
    """One of `EMOJI` on white, (size, size) RGB, drawn four times as large and shrunk."""
    side = 4 * size
    image = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(image)
    for colour, shape in EMOJI[name]:
        if isinstance(shape, list):
            draw.polygon([(x * side / 100, y * side / 100) for x, y in shape], fill=colour)
        else:
            x, y, r = (value * side / 100 for value in shape)
            draw.ellipse([x - r, y - r, x + r, y + r], fill=colour)
    return image.resize((size, size), Image.Resampling.BOX)
