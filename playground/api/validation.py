"""What the public functions share: checks of arguments, and tiled pictures."""

import json

from PIL.Image import Image, fromarray

from playground import catalog
from playground.errors import UserError
from playground.graphs.sizes import STRIP as STRIP

SEEDS = 2**31 - 1  # the largest seed
CLASSIFIER = "digit-classifier"  # the model that reads digits


def checked_seed(seed: int) -> int:
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= SEEDS:
        raise UserError(f"A seed must be a whole number from 0 to {SEEDS}, not {str(seed)[:40]!r}.")
    return seed


def between(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UserError(f"{name} must be a number from {low:g} to {high:g}, not {str(value)[:40]!r}.")
    return float(value)


def named_model(name: str, *systems: str):
    names = catalog.names(*systems)
    if name not in names:  # and never an id of the Hub that the server was not started with
        raise UserError(f"{str(name)[:60]!r} is not a {' or '.join(systems)} model; there are: {', '.join(names) or 'none yet'}.")
    return catalog.load(name)


def checked_class(name: str, value: int, classes: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < classes:
        raise UserError(f"{name} must be a class from 0 to {classes - 1}, not {str(value)[:40]!r}.")
    return value


def whole(name: str, value: int, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UserError(f"{name} must be a whole number from {low} to {high}, not {str(value)[:40]!r}.")
    return value


def checked_pixel(row: int, column: int, size: int) -> tuple[int, int]:
    """A place in an image of size x size pixels."""
    return whole("`row`", row, 0, size - 1), whole("`column`", column, 0, size - 1)


def one_of(name: str, value, options):
    if isinstance(value, bool) or value not in options:
        raise UserError(f"{name} must be one of {', '.join(map(str, options))}, not {str(value)[:40]!r}.")
    return value


def checked_temperature(value: float) -> float:
    return between("A temperature", value, 0.1, 2)


def digit_tensor(digit: str):
    """A digit ("0" to "9", a data URL, or a canvas's value), fitted as MNIST's digits are, (1, 1, 28, 28) in [-1, 1]."""
    from playground.drawing.digit_strokes import DIGITS
    from playground.imaging import digit_from_canvas

    if not isinstance(digit, str):
        raise UserError('A digit is "0" to "9", or a data URL of a drawing.')
    if digit.startswith("data:"):
        digit = json.dumps({"png": digit})
    return digit_from_canvas(DIGITS.get(digit, digit))


def tiles(x, columns: int) -> Image:
    """Images (N, 1 or 3, H, W), N a multiple of `columns`, side by side in rows."""
    from playground.graphs.base import pictures, side_by_side

    return fromarray(side_by_side(pictures(x), columns).numpy())
