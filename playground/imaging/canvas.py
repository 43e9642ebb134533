"""Drawings, from the page's canvas or uploaded, as the models take them: digits, lines one pixel wide, label maps."""

import json
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage.morphology import remove_small_objects
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from playground.drawing.palettes import CHALK, DABS, INK, Palette
from playground.drawing.strokes import render
from playground.errors import EmptyCanvas, UserError
from playground.imaging.convert import to_tensor
from playground.imaging.decode import MAX_BYTES, decode, photo
from playground.imaging.spreading import spread
from playground.imaging.thinning import thinned
from playground.models.labels import nearest

NO_DIGIT = "Draw a digit first: the canvas is empty."
NO_LINES = "Draw a few lines first: the canvas is empty."
NO_INK = "Draw a few lines in ink first: the canvas is empty."
NO_LABELS = "Paint something first: the canvas is empty."
DARK, LIGHT = 53, 222  # a pixel is ink if its brightest channel is below DARK, and paper if its darkest is above LIGHT
SHEET, INNER = 140, 20  # pixels along each side of a drawn digit's sheet, and of the square into which MNIST fits its digits


def digit_from_canvas(value: str) -> Tensor:
    """A drawn digit, fitted as MNIST's digits are, (1, 1, 28, 28) in [-1, 1]: see `fitted_digit`.

    value: of a canvas of kind "digit".  Raises EmptyCanvas if nothing is drawn, UserError if the value is damaged.
    """
    digit, empty = fitted_digit(torch.from_numpy(np.array(drawing(value, SHEET, CHALK))))
    if empty:
        raise EmptyCanvas(NO_DIGIT)
    return digit[None, None]


def fitted_digit(sheet: Tensor) -> tuple[Tensor, Tensor]:
    """A drawing in white on black, (SHEET, SHEET, 3) uint8, fitted like MNIST's digits, (28, 28) in [-1, 1]; and whether it is empty, ().

    As in MNIST (LeCun et al., 1998) it is scaled to fit into 20 x 20 pixels, and its centre of mass is moved to the middle of 28 x 28, by
    whole pixels.  No tensor's shape depends on the drawing, so that it can be a graph: cropping, resizing and shifting are matrix products.
    """
    grey = grey_levels(sheet)
    ink = grey > 51
    spans = [_span(ink.any(axis)) for axis in (1, 0)]  # rows and columns
    longest = torch.maximum(*(length for _, length in spans))
    scale = torch.tensor(INNER, dtype=torch.float64) / longest
    lengths = [(length * scale).round().clamp(min=1) for _, length in spans]
    across, down = (_resizing(*span, to, longest > INNER) for span, to in zip(spans[::-1], lengths[::-1]))
    wide = (grey.float() / 255).double() @ across.T  # columns first, rounded to float32, as in Pillow
    fitted = (down @ wide.float().double()).float()  # (INNER, INNER), zero beyond the lengths
    fitted = fitted / fitted.max().clamp(min=1e-6)
    for axis, length in enumerate(lengths):
        mass = fitted.double().sum(1 - axis)
        centre = ((torch.arange(INNER, dtype=torch.float64) + 0.5) * mass).sum() / mass.sum().clamp(min=1e-6)
        first = (14.5 - centre).round().clamp(min=0).minimum(28 - length)  # the middle of MNIST's images is that of pixel (14, 14)
        shift = (torch.arange(28)[:, None] == torch.arange(INNER) + first).float()  # (28, INNER)
        fitted = shift @ fitted if axis == 0 else fitted @ shift.T
    return fitted * 2 - 1, ~ink.any()


def _span(inked: Tensor) -> tuple[Tensor, Tensor]:
    """The index of the first row with ink, of (SHEET,) bool, and the number of rows from it to the last, () float64 each."""
    first, after = inked.int().argmax(), len(inked) - inked.flip(0).int().argmax()
    return first.double(), (after - first).double()


def _resizing(first: Tensor, length: Tensor, to: Tensor, boxes: Tensor) -> Tensor:
    """A matrix (INNER, SHEET) float64 that resizes `length` rows from `first` on to `to` rows, as Pillow does, followed by empty rows.

    boxes: whether by Pillow's BOX filter, or else by BILINEAR.
    """
    scale = length / to
    wide = scale.clamp(min=1)
    centres = (torch.arange(INNER, dtype=torch.float64)[:, None] + 0.5) * scale
    places = torch.arange(SHEET, dtype=torch.float64) - first
    away = (places - centres + 0.5) * (1 / wide)
    weights = torch.where(boxes, ((away > -0.5) & (away <= 0.5)).double(), (1 - away.abs()).clamp(min=0))
    reach = torch.where(boxes, wide / 2, wide)
    low, high = (centres - reach + 0.5).trunc().clamp(min=0), (centres + reach + 0.5).trunc().minimum(length)
    weights = weights * ((places >= low) & (places < high)) * (torch.arange(INNER)[:, None] < to)
    return weights / weights.sum(1, keepdim=True).clamp(min=1e-12)


def sketch_from_canvas(value: str, size: int) -> Tensor:
    """A drawn sketch as lines one pixel wide, as `lines` gives them, (1, 1, size, size): -1 is ink and 1 is paper.

    value: of a canvas of kind "sketch".  Raises EmptyCanvas if nothing is drawn, UserError if the value is damaged.
    """
    lines, empty = thin_lines(torch.from_numpy(np.array(drawing(value, 2 * size, INK))))
    if empty:
        raise EmptyCanvas(NO_LINES)
    return lines


def thin_lines(sheet: Tensor) -> tuple[Tensor, Tensor]:
    """A drawing in black on white, (2 n, 2 n, 3) uint8, as lines one pixel wide, (1, 1, n, n), -1 ink and 1 paper; and whether there are
    none, ()."""
    ink = grey_levels(sheet) < 153
    return _thin(ink), ~ink.any()


def grey_levels(sheet: Tensor) -> Tensor:
    """(H, W, 3) uint8 to (H, W) int64, as Pillow converts to grey."""
    return ((sheet.long() * torch.tensor([19595, 38470, 7471])).sum(2) + 2**15) // 2**16


def doodle_from_canvas(value: str, size: int) -> tuple[Tensor, Tensor]:
    """A drawing in ink with dabs of colour: (ink (1, 1, size, size) in [-1, 1], hints (1, 4, size, size)), as Pix2Pix takes them: see
    `doodle`.

    value: of a canvas of kind "doodle".  Raises EmptyCanvas if nothing is drawn in ink, UserError if the value is damaged.
    """
    ink, hints, empty = doodle(torch.from_numpy(np.array(drawing(value, 4 * size, DABS))))
    if empty:
        raise EmptyCanvas(NO_INK)
    return ink, hints


def doodle(sheet: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A drawing in ink with dabs of colour, (4 n, 4 n, 3) uint8, as ink (1, 1, n, n) in [-1, 1] and hints (1, 4, n, n); and whether there
    is no ink, ().

    Black is ink and keeps its width.  Any other colour is a dab under the ink: it is set to the nearest of `DABS`, and `spread` over the
    area in which it lies.
    """
    levels, brightest, darkest = sheet.permute(2, 0, 1)[None].float(), sheet.amax(2), sheet.amin(2)
    grey = brightest == darkest  # an edge of ink: the three levels of a dab are never equal
    dabs = (~grey & (brightest >= DARK) & (darkest < LIGHT)).float()[None, None]
    ink = torch.where(grey, 1 - brightest / 255, (brightest < DARK).float())
    covered = avg_pool2d(dabs, 4)
    _, fullest = max_pool2d((brightest - darkest).float() * dabs, 4, return_indices=True)  # not the paler edge of a dab
    found = levels.flatten(2).gather(2, fullest.flatten(2).expand(-1, 3, -1)).view(1, 3, *fullest.shape[2:])
    where = (covered > 0.5).float()
    hints = torch.cat([in_colours(nearest_colours(found / 127.5 - 1, DABS[2:]), DABS[2:]) * where, where], 1)
    lines = 1 - 2 * avg_pool2d(ink[None, None], 4)
    return lines, spread(lines, hints), ~(ink > 0).any()


def sketch(source: str | Path | bytes, size: int) -> Tensor:
    """An uploaded drawing as lines one pixel wide, (1, 1, size, size), -1 ink and 1 paper; ink is darker than the paper around it.

    Light lines on a dark ground are inverted first.  Raises EmptyCanvas if no line is found.
    """
    grey = photo(source, 2 * size, "pad").mean(1)[0].numpy() / 2 + 0.5  # (2 size, 2 size) in [0, 1]
    if np.median(grey) < 0.5:
        grey = 1 - grey
    ink = gaussian_filter(grey, size / 8) - grey > 0.12  # a photographed page has shadows
    ink = remove_small_objects(ink, max_size=8, connectivity=2)
    if not ink.any():
        raise EmptyCanvas(NO_LINES)
    return _thin(torch.from_numpy(ink))


def labels_from_canvas(value: str, size: int, palette: Palette) -> Tensor:
    """A painted label map, (1, 3, size, size) in [-1, 1], in the palette's colours only.

    value: of a canvas of kind "labels".  Raises EmptyCanvas if all of it is paper, UserError if the value is damaged.
    """
    indices = nearest_colours(to_tensor(drawing(value, size, palette, crisp=True)), palette)  # (1, size, size)
    if not indices.any():
        raise EmptyCanvas(NO_LABELS)
    return in_colours(indices, palette)


def in_colours(indices: Tensor, palette: Palette) -> Tensor:
    """(N, H, W) int64 to pictures (N, 3, H, W) in [-1, 1]."""
    return _colours(palette)[indices].permute(0, 3, 1, 2)


def labels(source: str | Path | bytes, size: int, palette: Palette, fit: Literal["crop", "pad"] = "crop") -> Tensor:
    """An uploaded label map, each pixel set to the palette's nearest colour, (1, 3, size, size) in [-1, 1]."""
    return in_colours(nearest_colours(photo(source, size, fit), palette), palette)


def nearest_colours(pictures: Tensor, palette: Palette) -> Tensor:
    """The index of the palette's nearest colour at each pixel: (N, 3, H, W) in [-1, 1] -> (N, H, W) int64."""
    return nearest(pictures, _colours(palette))


def _colours(palette: Palette) -> Tensor:
    """(colours, 3) in [-1, 1]."""
    return torch.tensor([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in palette]) / 127.5 - 1


def drawing(value: str, size: int, palette: Palette, crisp: bool = False) -> Image.Image:
    """The canvas's picture, (size, size) RGB: the one it sent, or else its strokes painted here."""
    if len(value or "") > 2 * MAX_BYTES:  # the picture's own size is checked when it is decoded
        raise UserError("This drawing is too large; clear the canvas and draw again.")
    try:
        content = json.loads(value or "{}")
        png, strokes = content.get("png") or "", content.get("strokes") or ""
        if not isinstance(png, str) or not isinstance(strokes, str):
            raise TypeError
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise UserError('A drawing is the text of a JSON object with "strokes" or "png".') from None
    if not png:
        return render(strokes, size, palette, crisp)
    image = decode(png)
    return image if image.size == (size, size) else image.resize((size, size), Image.Resampling.NEAREST if crisp else Image.Resampling.BOX)


def _thin(ink: Tensor) -> Tensor:
    """Ink of any width, (2 n, 2 n) bool, as lines one pixel wide, (1, 1, n, n), -1 ink and 1 paper."""
    return 1 - 2 * thinned(max_pool2d(thinned(ink[None, None].float()), 2))
