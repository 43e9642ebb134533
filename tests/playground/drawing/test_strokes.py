"""Drawings in a link: packed and unpacked without loss, bounded, and damaged ones refused."""

import random

import numpy as np
import pytest

from playground.drawing.palettes import CHALK, INK
from playground.drawing.strokes import GRID, LIMIT, Stroke, pack, render, simplify, unpack
from playground.errors import UserError

CORNERS = Stroke(((0, 0), (512, 0), (512, 512), (-64, 575)), colour=1, width=7)


def test_round_trip():
    strokes = [
        CORNERS,
        Stroke(((3, 4),), colour=0, width=128),
        Stroke(((10, 20), (500, 400)), colour=11, width=1, rectangle=True),
        Stroke(((1, 1), (200, 30), (90, 99)), width=5, pressures=(0, 15, 7)),
    ]
    assert unpack(pack(strokes)) == strokes
    assert unpack("") == [] and pack([]) == ""


def test_packed_text_is_safe_in_a_link():
    assert set(pack([CORNERS])) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_long_drawing_still_fits_and_still_looks_like_itself():
    turns = [[(round(256 + r * np.cos(r / 12 + k)), round(256 + r * np.sin(r / 12 + k))) for r in range(20, 240)] for k in range(8)]
    spiral = [Stroke(tuple(points), width=4) for points in turns]
    packed = pack(spiral)
    assert len("".join(pack([turn]) for turn in spiral)) > LIMIT
    assert len(packed) <= LIMIT and len(unpack(packed)) == 8
    before, after = (np.asarray(render(s, 64, INK).convert("L"), dtype=float) for s in (spiral, packed))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.8
    dots = [Stroke(((k % 512, k // 2),)) for k in range(1000)]
    assert len(pack(dots)) <= LIMIT and unpack(pack(dots))[-1] == dots[-1]  # the newest stay


def test_simplify_keeps_corners_and_drops_what_lies_between():
    line = Stroke(tuple((x, 10) for x in range(100)) + tuple((99, y) for y in range(11, 60)))
    assert simplify(line, 0.7).points == ((0, 10), (99, 10), (99, 59))


DAMAGED = ["é", "A B", "ABGC", "A", "AB", "AAAA", "ABABAA", "ABGggggggggg", "BBGBAA", "A" * 2001, 7, None, "-" * 2000, "_" * 2000]


@pytest.mark.parametrize("text", DAMAGED)
def test_damaged_text(text):
    with pytest.raises(UserError):
        unpack(text)


def test_random_text_is_refused_or_harmless():
    rng = random.Random(0)
    for _ in range(500):
        text = "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg0123456789-_", k=rng.randrange(60)))
        try:
            image = render(text, 16, CHALK)
        except UserError:
            continue
        assert image.size == (16, 16)


def test_render():
    picture = render([Stroke(((128, 256), (384, 256)), width=32)], 64, INK)
    assert picture.mode == "RGB" and picture.getpixel((32, 32)) == (0, 0, 0) and picture.getpixel((32, 20)) == (255, 255, 255)
    thin, thick = (np.asarray(render([Stroke(((100, 256), (400, 256)), width=20, pressures=(p, p))], 64, CHALK)).sum() for p in (1, 15))
    assert thick > 2.5 * thin
    house = render([Stroke(((GRID, GRID), (256, 0)), rectangle=True)], 32, CHALK, crisp=True).convert("L")
    assert np.asarray(house)[:, 16:].min() == 255 and np.asarray(house)[:, :16].max() == 0
    with pytest.raises(UserError, match="colour number 5"):
        render([Stroke(((1, 1),), colour=5)], 8, INK)
