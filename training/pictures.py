"""Image files to pixels."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from playground import imaging
from playground.errors import UserError

Split = Literal["train", "heldout", "test"]

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


def files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))


def tree(folder: Path, split: Split, keep: Callable[[int, Path], bool]) -> tuple[list[Path], Tensor, list[str]]:
    """Files, labels int64 (N,) and class names of a folder with one folder for each class; `keep(i, path)` picks the split's files."""
    names = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    samples = [(path, label) for label, name in enumerate(names) for path in files(folder / name)]
    samples = [sample for i, sample in enumerate(samples) if keep(i, sample[0])]
    non_empty(samples, folder, split, "one folder of images a class")
    return [path for path, _ in samples], torch.tensor([label for _, label in samples]), names


def non_empty(items: list, folder: Path, split: Split, expected: str = "images") -> list:
    if not items:
        raise UserError(f"No {split} images were found in {folder}: expected {expected} ({', '.join(sorted(SUFFIXES))}).")
    return items


def opened(file: Path | IO[bytes], mode: str = "RGB") -> Image.Image:
    """An image, decoded as the page does: upright, on white.  Raises UserError with the name of a damaged one."""
    formats = imaging.ON_DISK + tuple({"HEIF"} & Image.OPEN.keys())  # with pillow-heif
    try:
        return imaging.decode(file if isinstance(file, Path) else file.read(), formats, largest=None).convert(mode)
    except (UserError, OSError) as error:
        name = file if isinstance(file, Path) else getattr(file, "name", file)
        raise UserError(f"{name} is not a readable image ({sentence(error)}).") from error


def on_white(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def halves(path: Path | IO[bytes]) -> tuple[Image.Image, Image.Image]:
    image = opened(path)
    width, height = image.size
    if width != 2 * height:
        raise UserError(f"{path} is {width}x{height}; a pair side by side is twice as wide as high.")
    return image.crop((0, 0, height, height)), image.crop((height, 0, width, height))


def square(image: Image.Image, size: int, resample: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    """The centre square, resized."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize((size, size), resample, box=(left, top, left + side, top + side))


def violet(path: Path) -> bool:
    """Whether at least a tenth of the photo is violet, and more of it than is yellow."""
    hue, saturation, value = np.asarray(square(opened(path), 48).convert("HSV"), dtype=float).transpose(2, 0, 1)  # each (48, 48)
    degrees, coloured = hue * 360 / 255, (saturation > 60) & (value > 60)
    violet = (coloured & (degrees > 235) & (degrees < 320)).mean()
    yellow = (coloured & (degrees > 35) & (degrees < 66)).mean()
    return violet > max(0.1, yellow)


def stack(pictures: Iterator[Image.Image]) -> Tensor:
    arrays = [np.atleast_3d(np.asarray(picture)) for picture in pictures]  # each (size, size, channels)
    if not arrays:
        raise UserError("One of the two domains has no image.")
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()  # (N, channels, size, size)


def sentence(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
