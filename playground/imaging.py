"""Images from outside to tensors, and back: the one place where an untrusted upload or drawing is decoded.

What a person hands over is bounded before it is decoded (bytes, then pixels as its header says); whatever cannot be read ends
in a `UserError` of one sentence.
"""

import base64
import binascii
import io
import json
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageOps
from scipy.ndimage import gaussian_filter
from skimage.color import rgb2lab
from skimage.feature import canny
from skimage.morphology import remove_small_objects, skeletonize
from torch import Tensor

from playground.errors import UserError
from playground.page.canvas.strokes import CHALK, GRID, INK, Palette, Stroke, render, simplify

MAX_BYTES = 8 * 2**20
MAX_PIXELS = 40_000_000  # a telephone's photo has 12 to 40 million
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
ON_DISK = (*FORMATS, "TIFF", "AVIF", "HEIF")  # what training reads besides, of a person's own folders

LINE_SIGMAS = (1.7, 2.5, 3.8)  # for `lines` at 128 to 144 px: keeps veins, petals, outlines only


class EmptyCanvas(UserError):
    """Nothing is drawn yet: a page shows its hint rather than an error."""


# --- decoding ---


def decode(source: str | Path | bytes, formats: tuple[str, ...] = FORMATS, largest: int | None = MAX_BYTES) -> Image.Image:
    """An upload, or a file of a person's own, as an upright RGB picture on white.

    Args:
        source: a file's path (a `Path`; text is never taken for one), its bytes, or a data URL.  Of an animation the first frame counts.
        formats: Pillow's names of those that are tried.
        largest: bytes that it may have, and then MAX_PIXELS pixels; None for one's own files, of which Pillow's own bound holds.

    Raises UserError for what is too large, damaged, or no picture.
    """
    if isinstance(source, str):
        source = _from_data_url(source)
    length = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    if length == 0:
        raise UserError("This file is empty; choose a picture (PNG, JPEG, WebP, GIF or BMP).")
    if largest and length > largest:
        raise UserError(f"This file has {length / 2**20:.0f} MB; pictures of at most {largest // 2**20} MB are taken.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, which warns of large pictures and odd metadata
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats) as image:
                if largest and image.width * image.height > MAX_PIXELS:
                    raise UserError(
                        f"This picture has {image.width} x {image.height} pixels; at most {MAX_PIXELS // 10**6} million are taken."
                    )
                image.draft("RGB", (1024, 1024))  # a JPEG is decoded no larger than needed
                image.load()
                return _on_white(_upright(image))
    except UserError:
        raise
    except Image.DecompressionBombError:
        raise UserError(_too_many()) from None
    except Image.UnidentifiedImageError:
        raise UserError("This file is no picture that can be read; choose a PNG, JPEG, WebP, GIF or BMP.") from None
    except Exception:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and others on damaged files
        raise UserError("This picture is damaged and cannot be decoded; save it anew and try again.") from None


def _too_many(size: tuple[int, int] | None = None) -> str:
    pixels = f"{size[0]} x {size[1]} pixels" if size else "too many pixels"
    return f"This picture has {pixels}; at most {MAX_PIXELS // 10**6} million are taken."


def _from_data_url(url: str) -> bytes:
    if not url.startswith("data:"):  # a path here would read the server's files
        raise UserError("A picture is handed over as a data URL, which begins with data:image/png;base64,")
    if len(url) > MAX_BYTES * 4 // 3 + 100:
        raise UserError(f"Pictures of at most {MAX_BYTES // 2**20} MB are taken.")
    try:
        return base64.b64decode(url.split(";base64,", 1)[1], validate=True)
    except (IndexError, binascii.Error):
        raise UserError("This data URL is damaged; it should begin with data:image/png;base64, and hold a whole picture.") from None


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its metadata says; where these are damaged, as it is."""
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


# --- what a model sees ---


def photo(source: str | Path | bytes, size: int, fit: Literal["crop", "pad"] = "crop") -> Tensor:
    """An upload of any shape as (1, 3, size, size) in [-1, 1]: its middle square, or the whole of it between white bars."""
    image = decode(source)
    if fit == "pad":
        image = ImageOps.pad(image, (size, size), Image.Resampling.LANCZOS, color="white")
    else:
        image = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    return to_tensor(image)


def to_tensor(image: Image.Image) -> Tensor:
    """A grey or RGB picture as (1, 1 or 3, H, W) float32 in [-1, 1]."""
    levels = torch.from_numpy(np.array(image, dtype=np.float32))  # (H, W) or (H, W, 3)
    levels = levels[..., None] if levels.ndim == 2 else levels
    return levels.permute(2, 0, 1)[None] / 127.5 - 1  # (1, C, H, W)


def to_image(picture: Tensor, scale: int = 1, smooth: bool = False) -> Image.Image:
    """A tensor (C, H, W) or (1, C, H, W) in [-1, 1] as a grey or RGB picture, `scale` times as large.

    Enlarged pixels stay squares, as digits need, unless `smooth`, as photographs do.
    """
    levels = (picture.detach().float().cpu().reshape(picture.shape[-3:]) + 1) * 127.5
    levels = levels.round().clamp(0, 255).byte().permute(1, 2, 0).numpy()  # (H, W, C)
    image = Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
    how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    return image if scale == 1 else image.resize((image.width * scale, image.height * scale), how)


# --- the canvas ---


def digit_from_canvas(value: str) -> Tensor:
    """A drawn digit as MNIST has its digits, (1, 1, 28, 28) in [-1, 1]: fitted into 20 x 20, its centre of mass in the middle.

    value: of a canvas of kind "digit".  Raises EmptyCanvas where nothing is drawn, UserError where the value is damaged.
    """
    ink = np.asarray(_drawing(value, 140, CHALK).convert("L"), dtype=np.float32) / 255  # (140, 140)
    rows, columns = (np.flatnonzero(ink.max(axis) > 0.2) for axis in (1, 0))
    if not len(rows):
        raise EmptyCanvas("Draw a digit first: the canvas is empty.")
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    fitted = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR))
    fitted = fitted / fitted.max()
    # The centre of mass of MNIST's images is the middle of pixel (14, 14); they are shifted by whole pixels.
    top, left = (
        min(28 - length, max(0, round(14.5 - ((np.arange(length) + 0.5) * fitted.sum(axis)).sum() / fitted.sum())))
        for length, axis in ((height, 1), (width, 0))
    )
    digit = torch.full((1, 1, 28, 28), -1.0)
    digit[0, 0, top : top + height, left : left + width] = torch.from_numpy(fitted * 2 - 1)
    return digit


def sketch_from_canvas(value: str, size: int) -> Tensor:
    """A drawn sketch as lines one pixel wide, as `lines` gives them, (1, 1, size, size): -1 is ink and 1 is paper.

    value: of a canvas of kind "sketch".  Raises EmptyCanvas where nothing is drawn, UserError where the value is damaged.
    """
    grey = np.asarray(_drawing(value, 2 * size, INK).convert("L"), dtype=np.float32) / 255  # (2 size, 2 size)
    return _thin(grey < 0.6)


def sketch(source: str | Path | bytes, size: int) -> Tensor:
    """An uploaded drawing as lines one pixel wide, (1, 1, size, size), -1 ink and 1 paper: what is darker than the paper around it.

    Light lines on a dark ground are turned round.  Raises EmptyCanvas where no line is found.
    """
    grey = photo(source, 2 * size, "pad").mean(1)[0].numpy() / 2 + 0.5  # (2 size, 2 size) in [0, 1]
    if np.median(grey) < 0.5:
        grey = 1 - grey
    ink = gaussian_filter(grey, size / 8) - grey > 0.12  # a photographed page has shadows
    return _thin(remove_small_objects(ink, max_size=8, connectivity=2))


def labels_from_canvas(value: str, size: int, palette: Palette) -> Tensor:
    """A painted label map, (1, 3, size, size) in [-1, 1], with no colours but the palette's.

    value: of a canvas of kind "labels".  Raises EmptyCanvas where all is paper, UserError where the value is damaged.
    """
    indices = nearest_colours(to_tensor(_drawing(value, size, palette, crisp=True)), palette)  # (1, size, size)
    if not indices.any():
        raise EmptyCanvas("Paint something first: the canvas is empty.")
    return _colours(palette)[indices].permute(0, 3, 1, 2)  # (1, 3, size, size)


def labels(source: str | Path | bytes, size: int, palette: Palette, fit: Literal["crop", "pad"] = "crop") -> Tensor:
    """An uploaded label map, each pixel set to the palette's nearest colour, (1, 3, size, size) in [-1, 1]."""
    return _colours(palette)[nearest_colours(photo(source, size, fit), palette)].permute(0, 3, 1, 2)


def nearest_colours(pictures: Tensor, palette: Palette) -> Tensor:
    """The index of the palette's nearest colour at each pixel: (N, 3, H, W) in [-1, 1] -> (N, H, W) int64."""
    pixels = pictures.permute(0, 2, 3, 1)  # (N, H, W, 3)
    return torch.cdist(pixels.reshape(-1, 3), _colours(palette)).argmin(1).reshape(pixels.shape[:3])


def _colours(palette: Palette) -> Tensor:
    """(colours, 3) in [-1, 1]."""
    return torch.tensor([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in palette]) / 127.5 - 1


def _drawing(value: str, size: int, palette: Palette, crisp: bool = False) -> Image.Image:
    """The canvas's picture, (size, size) RGB: the one it sent, or else its strokes painted here."""
    if len(value or "") > MAX_BYTES:
        raise UserError("This drawing is too large; clear the canvas and draw again.")
    try:
        said = json.loads(value or "{}")
        png, strokes = said.get("png") or "", said.get("strokes") or ""
        if not isinstance(png, str) or not isinstance(strokes, str):
            raise TypeError
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise UserError('A drawing is the text of a JSON object with "strokes" or "png".') from None
    if not png:
        return render(strokes, size, palette, crisp)
    image = decode(png)
    return image if image.size == (size, size) else image.resize((size, size), Image.Resampling.NEAREST if crisp else Image.Resampling.BOX)


def _thin(ink: np.ndarray) -> Tensor:
    """Ink of any width, (2 n, 2 n) bool, as lines one pixel wide, (1, 1, n, n), -1 ink and 1 paper."""
    if not ink.any():
        raise EmptyCanvas("Draw a few lines first: the canvas is empty.")
    n = len(ink) // 2
    middle = skeletonize(ink).reshape(n, 2, n, 2).any((1, 3))  # (n, n)
    return 1 - 2 * torch.from_numpy(skeletonize(middle))[None, None].float()


# --- lines of a photograph ---


def trace(lines: Tensor, colour: int = 1, width: int = 5) -> list[Stroke]:
    """The strokes that draw such lines, (1, 1, n, n), the shortest first (so that `pack` leaves out these where there are too many)."""
    n = lines.shape[-1]
    free = {(int(x), int(y)) for y, x in zip(*np.nonzero(lines[0, 0].numpy() < 0))}

    def around(x: int, y: int) -> list[tuple[int, int]]:  # beside before across, so that corners are not cut
        return [p for d in ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)) if (p := (x + d[0], y + d[1])) in free]

    paths = []
    # A path starts at an end of a line; what is left then are rings.
    for start in sorted(free, key=lambda p: (len(around(*p)) > 1, p)):
        if start not in free:
            continue
        path = [start]
        free.remove(start)
        while near := around(*path[-1]):
            before = path[-min(len(path), 4)]
            path.append(max(near, key=lambda p: (p[0] - before[0]) ** 2 + (p[1] - before[1]) ** 2))  # straight on at a crossing
            free.remove(path[-1])
        paths.append(path)
    middle = GRID / n
    strokes = [Stroke(tuple((round((x + 0.5) * middle), round((y + 0.5) * middle)) for x, y in path), colour, width) for path in paths]
    return [simplify(stroke, 2.5) for stroke in sorted(strokes, key=lambda stroke: len(stroke.points)) if len(stroke.points) > 3]


def lines(photos: Tensor, sigma: float) -> Tensor:
    """The lines that a person might draw of each photograph: Canny's edges of the three Lab channels, joined.

    photos (N, 3, H, W) in [-1, 1], best at 128 to 144 px; sigma is the smoothing in pixels (`LINE_SIGMAS`).
    Returns (N, 1, H, W) float32: lines one pixel wide, -1 is ink and 1 is paper.  The same photo always gives the same lines.
    """
    found = []
    for picture in photos.permute(0, 2, 3, 1).double().cpu().numpy():  # (H, W, 3)
        lab = rgb2lab((picture + 1) / 2) / 100
        edges = np.logical_or.reduce([canny(lab[..., channel], sigma, 0.06, 0.18) for channel in range(3)])
        # Channels find the same contour a pixel apart: thin the union, then drop what is too short to be a stroke.
        edges = remove_small_objects(skeletonize(edges), max_size=round(4 * sigma + 4), connectivity=2)
        found.append(torch.from_numpy(edges))
    return 1 - 2 * torch.stack(found)[:, None].float()  # (N, 1, H, W)
