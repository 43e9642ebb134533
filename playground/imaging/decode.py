"""Pictures from outside: the one place where an untrusted upload is decoded.

The size of an upload is checked before it is decoded (its bytes, then the pixels that its header declares); a file that can't be read
raises a `UserError` of one sentence.
"""

import base64
import binascii
import io
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps
from torch import Tensor

from playground.errors import UserError
from playground.imaging.convert import to_tensor

MAX_BYTES = 8 * 2**20
MAX_PIXELS = 40_000_000  # a telephone's photo has 12 to 40 million
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
ON_DISK = (*FORMATS, "TIFF", "AVIF")  # for training on one's own files

GONE = "This picture is no longer on the server; send it again."  # browser/intercept.js does, where it can
EMPTY = "This file is empty; choose a picture (PNG, JPEG, WebP, GIF or BMP)."
LARGE = f"Pictures of at most {MAX_BYTES // 2**20} MB are taken."
MANY = f"This picture has {{}} pixels; at most {MAX_PIXELS // 10**6} million are taken."
UNKNOWN = "This file is not a readable picture; choose a PNG, JPEG, WebP, GIF or BMP."
DAMAGED = "This picture is damaged and cannot be decoded; save it anew and try again."


def rules() -> dict:
    """The same limits and sentences for browser/photo.js; beyond `countable` pixels Pillow does not say how many there are."""
    limits = {"bytes": MAX_BYTES, "pixels": MAX_PIXELS, "countable": 2 * Image.MAX_IMAGE_PIXELS}
    return {**limits, "empty": EMPTY, "large": LARGE, "many": MANY, "unknown": UNKNOWN, "damaged": DAMAGED}


def decode(source: str | Path | bytes, formats: tuple[str, ...] = FORMATS, largest: int | None = MAX_BYTES) -> Image.Image:
    """An upload, or a file of a person's own, as an upright RGB picture on white.

    Args:
        source: a file's path (as a `Path`, never as text), its bytes, or a data URL.  An animation counts as its first frame.
        formats: those that are tried, by Pillow's names.
        largest: the limit in bytes, with MAX_PIXELS as that in pixels; None for one's own files, for which Pillow's limit holds.

    Raises UserError for a file that is too large, damaged, or not a picture.
    """
    if isinstance(source, str):
        source = _from_data_url(source)
    if not isinstance(source, Path | bytes):
        raise no_picture(source)
    length = len(source) if isinstance(source, bytes) else _length(source)
    if length == 0:
        raise UserError(EMPTY)
    if largest and length > largest:
        raise UserError(LARGE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures and odd metadata
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats) as image:
                if largest and image.width * image.height > MAX_PIXELS:
                    raise UserError(MANY.format(f"{image.width} x {image.height}"))
                image.draft("RGB", (1024, 1024))  # a JPEG is decoded no larger than needed
                image.load()
                return _on_white(_upright(image))
    except UserError:
        raise
    except Image.DecompressionBombError:
        raise UserError(MANY.format("too many")) from None
    except Image.UnidentifiedImageError:
        raise UserError(UNKNOWN) from None
    except Exception:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and others on damaged files
        raise UserError(DAMAGED) from None


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        raise UserError(GONE) from None


def data_url(path: Path) -> str:
    """A picture's file as a data URL, for the public functions.  Raises UserError if it is too large."""
    if _length(path) > MAX_BYTES:
        raise UserError(LARGE)
    return "data:;base64," + base64.b64encode(path.read_bytes()).decode()


def no_picture(value) -> UserError:
    return UserError(f"A picture must be a data URL or, from a program, a file or a public address, not {str(value)[:40]!r}.")


def _from_data_url(url: str) -> bytes:
    if not url.startswith("data:"):  # a path here would read the server's files
        raise UserError("A picture must be a data URL, which begins with data:image/png;base64,")
    if len(url) > MAX_BYTES * 4 // 3 + 100:
        raise UserError(LARGE)
    try:
        return base64.b64decode(url.split(";base64,", 1)[1], validate=True)
    except (IndexError, binascii.Error):
        raise UserError("This data URL is damaged; it should begin with data:image/png;base64, and hold a whole picture.") from None


def _upright(image: Image.Image) -> Image.Image:
    """The picture rotated as its metadata says, or unchanged if these are damaged."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Pillow raises struct.error, ValueError, TypeError and others on damaged metadata
        return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip instead of scale
        image = Image.fromarray((np.asarray(image).astype(np.float64) / 257).clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def fitted(source: str | Path | bytes, size: int, fit: Literal["crop", "pad"] = "crop") -> Image.Image:
    """An upload of any shape as (size, size) RGB: its middle square, or all of it between white bars."""
    image = decode(source)
    if fit == "crop":
        return ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    scale = size / max(image.size)
    image = image.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.LANCZOS)  # at least one pixel wide
    return ImageOps.pad(image, (size, size), color="white")


def photo(source: str | Path | bytes, size: int, fit: Literal["crop", "pad"] = "crop") -> Tensor:
    """The same as (1, 3, size, size) in [-1, 1]."""
    return to_tensor(fitted(source, size, fit))
