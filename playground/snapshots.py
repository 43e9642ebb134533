"""The film of a training: what a model made of one fixed input after 24 log-spaced numbers of steps, `film.webp` beside its weights."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from PIL import Image, ImageSequence

from playground.errors import UserError

FRAMES = 24
MILLISECONDS = 250  # that a frame is shown; equal ones are stored once, and shown for longer


def steps(total: int, frames: int = FRAMES) -> list[int]:
    """The steps after which a frame is taken: log-spaced ones, the first before any training, the last at the end of `total` steps."""
    taken = [0, 1]
    while len(taken) < frames and taken[-1] < total:
        ratio = (total / taken[-1]) ** (1 / (frames - len(taken)))
        taken.append(max(taken[-1] + 1, round(taken[-1] * ratio)))
    return taken


def save(frames: Sequence[Image.Image], path: Path) -> None:
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=MILLISECONDS, loop=0, quality=80, method=6)


def load(path: Path) -> tuple[Image.Image, ...]:
    """The frames of a film.webp, at most 24, in RGB.  Raises UserError where there is no such film or it is damaged."""
    try:
        with Image.open(path) as film:
            frames = []
            for frame in islice(ImageSequence.Iterator(film), FRAMES):
                picture = frame.convert("RGB")  # which reads it, and with it for how long it is shown
                frames += [picture] * round(frame.info["duration"] / MILLISECONDS)
    except FileNotFoundError as error:
        raise UserError(f"{path.parent.name} has no film: there is no {path.name} beside its weights.") from error
    except (OSError, ValueError, KeyError, Image.DecompressionBombError) as error:
        raise UserError(f"{path.parent.name}/{path.name} is damaged; restore it, or train the model again.") from error
    if not frames:
        raise UserError(f"{path.parent.name}/{path.name} is damaged; restore it, or train the model again.")  # a still picture
    return tuple(frames[:FRAMES])
