"""What the public functions share: checks of arguments, and pictures side by side."""

from PIL.Image import Image

from playground import zoo
from playground.errors import UserError

SEEDS = 2**31 - 1  # the largest seed
STRIP = 11  # pictures of a strip between two digits


def checked_seed(seed: int) -> int:
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= SEEDS:
        raise UserError(f"A seed is a whole number from 0 to {SEEDS}; {str(seed)[:40]!r} is none.")
    return seed


def between(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UserError(f"{name} is a number from {low:g} to {high:g}; {str(value)[:40]!r} is none.")
    return float(value)


def named_model(name: str, *systems: str):
    if name not in zoo.names(*systems):  # and never an id of the Hub that the server was not started with
        known = ", ".join(zoo.names(*systems)) or "none yet"
        raise UserError(f"{str(name)[:60]!r} is no {' or '.join(systems)} model; there are: {known}.")
    return zoo.load(name)


def checked_class(name: str, value: int, classes: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < classes:
        raise UserError(f"{name} is a class from 0 to {classes - 1}; {str(value)[:40]!r} is none.")
    return value


def whole(name: str, value: int, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UserError(f"{name} is a whole number from {low} to {high}; {str(value)[:40]!r} is none.")
    return value


def tiles(x, columns: int) -> Image:
    """Images (N, 1, 28, 28), N a multiple of `columns`, side by side in rows."""
    from playground.imaging import to_image

    return to_image(x.view(-1, columns, 28, 28).permute(0, 2, 1, 3).reshape(1, -1, columns * 28))
