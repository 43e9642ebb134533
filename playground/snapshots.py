"""Snapshots of a training as a film, `film.webp` beside the weights: a model's output for one fixed input after 24 log-spaced steps."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from PIL import Image, ImageSequence

from playground.errors import UserError

FRAMES = 24
MILLISECONDS = 250  # that a frame is shown; equal frames are stored once, with a longer duration


def steps(total: int, frames: int = FRAMES) -> list[int]:
    """The log-spaced steps after which a snapshot is taken: the first before training, the last after `total` steps."""
    taken = [0, 1]
    while len(taken) < frames and taken[-1] < total:
        ratio = (total / taken[-1]) ** (1 / (frames - len(taken)))
        taken.append(max(taken[-1] + 1, round(taken[-1] * ratio)))
    return taken


def save(frames: Sequence[Image.Image], path: Path) -> None:
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=MILLISECONDS, loop=0, quality=80, method=6)


def load(path: Path) -> tuple[Image.Image, ...]:
    """The frames of a film.webp, at most 24, in RGB.  Raises UserError if it is missing or damaged."""
    try:
        with Image.open(path) as film:
            frames = []
            for frame in islice(ImageSequence.Iterator(film), FRAMES):
                picture = frame.convert("RGB")  # reads the frame, and sets its duration
                frames += [picture] * round(frame.info["duration"] / MILLISECONDS)
    except FileNotFoundError as error:
        raise UserError(f"{path.parent.name} has no film: there is no {path.name} beside its weights.") from error
    except (OSError, ValueError, KeyError, Image.DecompressionBombError) as error:
        raise UserError(f"{path.parent.name}/{path.name} is damaged; restore it, or train the model again.") from error
    if not frames:
        raise UserError(f"{path.parent.name}/{path.name} is damaged; restore it, or train the model again.")  # a still picture
    return tuple(frames[:FRAMES])
