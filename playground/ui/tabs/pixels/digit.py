"""Digits of 28 x 28 pixels in the colours of this tab."""

import numpy as np
from PIL import Image

from playground.ui.components.pixel_picker import NEXT, WAITING
from playground.ui.tabs.pixels.state import Shared
from playground.ui.values import opening_picture, shown

SIZE = 28
PIXELS = SIZE * SIZE
CLASSES = [str(digit) for digit in range(10)]
GIVEN_INK, GIVEN_PAPER = (232, 163, 200), (58, 30, 46)  # colours of the given pixels,


def coloured(x: np.ndarray, given: np.ndarray, done: int) -> np.ndarray:
    """x (28, 28) in {0, 1} as (28, 28, 3) uint8: black and white, given pixels in purple, unwritten ones in grey."""
    colours = np.repeat((x * 255).astype(np.uint8)[..., None], 3, axis=2)
    colours[given] = np.where(x[given][:, None] > 0.5, GIVEN_INK, GIVEN_PAPER)
    waiting = (np.arange(PIXELS).reshape(SIZE, SIZE) >= done) & ~given
    colours[waiting] = WAITING
    if waiting.any():
        colours.reshape(PIXELS, 3)[np.flatnonzero(waiting)[0]] = NEXT
    return colours


def grey(picture: Image.Image) -> str:
    return shown(picture, "")["src"]


def opening_strip() -> Image.Image | None:
    """The strip that the export drew: the default digit, and the eight completions of the default drawing."""
    return opening_picture(Shared().model, "L")


def tiles_of(strip: Image.Image) -> np.ndarray:
    """A strip of grey images as (N, 28, 28) in {0, 1}."""
    return (np.asarray(strip).reshape(SIZE, -1, SIZE).transpose(1, 0, 2) > 127).astype(np.float32)
