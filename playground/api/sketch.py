"""Sketch to photo, by Pix2Pix."""

import re
import time
from typing import Literal

from PIL.Image import Image

from playground.api.shared import between, named_model
from playground.errors import UserError

FLOWER_PETALS, FLOWER_BACKGROUND = "#ecb218", "#3a5226"


def sketch_photograph(
    sketch: str, model: str = "pix2pix-flowers", petals: str = FLOWER_PETALS, background: str = FLOWER_BACKGROUND, patches: bool = False
) -> tuple[Image, dict]:
    """The photograph that Pix2Pix's generator makes of a few lines.

    Args:
        sketch: a drawn flower's name ("daisy", "sunflower", "buttercup", "tulip", "crocus", "windflower", "pansy" or
            "a mouse's five petals"), or a data URL of a sketch, dark lines on light paper.
        model: name of a Pix2Pix that takes lines.
        petals: their colour, "#rrggbb", for a model that takes one.
        background: its colour, "#rrggbb", for a model that takes one.
        patches: whether to lay the discriminator's verdict over the picture: blue where it takes a patch for a real photograph's,
            vermilion where it sees that the patch was made.

    Returns the photograph, 128 x 128 pixels for the models here, and figures: "real", the mean probability that the discriminator gives
    a patch of being real, and "milliseconds" of the generator.
    """
    from playground import imaging
    from playground.page.canvas import drawing
    from playground.page.canvas.drawings import FLOWERS

    pix2pix = _pix2pix(model, "lines")
    if not isinstance(sketch, str):
        raise UserError("A sketch is a drawn flower's name or a data URL.")
    if sketch.startswith("data:"):
        lines = imaging.sketch(sketch, pix2pix.size)
    else:
        lines = imaging.sketch_from_canvas(drawing(FLOWERS[sketch]) if sketch in FLOWERS else sketch, pix2pix.size)
    return _translated(pix2pix, lines, {"petals": petals, "background": background}, patches)


def sketch_lines(photo: str, detail: float = 2.5, size: int = 128) -> tuple[Image, str]:
    """The lines of a photograph, as a person might draw them.

    Args:
        photo: a data URL; its middle square is taken.
        detail: how much the photo is smoothed first, from 1.2 (every vein) to 4.5 (outlines only), in pixels of the result.
        size: of the result, from 64 to 256 pixels.

    Returns the lines, black on white, and the strokes that draw them, packed, as a link carries them.
    """
    from playground import imaging
    from playground.page.canvas import pack

    if isinstance(size, bool) or not isinstance(size, int) or not 64 <= size <= 256:
        raise UserError(f"`size` is a whole number from 64 to 256; {str(size)[:40]!r} is none.")
    lines = imaging.lines(imaging.photo(photo, size), between("`detail`", detail, 1.2, 4.5))
    return imaging.to_image(lines), pack(imaging.trace(lines))


def sketch_facade(labels: str, model: str = "pix2pix-facades", patches: bool = False) -> tuple[Image, dict]:
    """The photograph of a house that Pix2Pix's generator makes of a painted label map.

    Args:
        labels: a drawn facade's name ("ten rectangles", "a town house", "a long facade"), or a data URL of a label map in the colours
            of the CMP facades; each pixel is taken for the nearest of them.
        model: name of a Pix2Pix that takes labels.
        patches: whether to lay the discriminator's verdict over the picture; see `sketch_photograph`.

    Returns the photograph and figures as `sketch_photograph` does.
    """
    from playground import imaging
    from playground.page.canvas import drawing
    from playground.page.canvas.drawings import FACADE_PALETTE, FACADES

    pix2pix = _pix2pix(model, "labels")
    if not isinstance(labels, str):
        raise UserError("A label map is a drawn facade's name or a data URL.")
    if labels.startswith("data:"):
        x = imaging.labels(labels, pix2pix.size, FACADE_PALETTE)
    else:
        x = imaging.labels_from_canvas(drawing(FACADES[labels]) if labels in FACADES else labels, pix2pix.size, FACADE_PALETTE)
    return _translated(pix2pix, x, {}, patches)


def sketch_labels(
    photo: str, model: str = "pix2pix-facades-labels", fit: Literal["crop", "pad"] = "crop", patches: bool = False
) -> tuple[Image, dict]:
    """The label map that Pix2Pix's generator reads off a photograph of a facade, or what else such a model makes of a photograph.

    Args:
        photo: a drawn house's name ("ten rectangles", "a town house", "a long facade"), or a data URL.
        model: name of a Pix2Pix that takes photographs.
        fit: "crop" takes the middle square of the photograph, "pad" the whole of it between white bars.
        patches: whether to lay the discriminator's verdict over the picture; see `sketch_photograph`.

    Returns the picture, and figures as `sketch_photograph` does, with "shares" of the labels besides: name -> share of the pixels.
    """

    pix2pix = _pix2pix(model, "photo")
    if fit not in ("crop", "pad"):
        raise UserError(f'`fit` is "crop" or "pad"; {str(fit)[:40]!r} is neither.')
    return _translated(pix2pix, facade_photo(photo, pix2pix.size, fit), {}, patches)


def facade_photo(photo: str, size: int, fit: str = "crop"):
    """A drawn house by name, or a data URL, as (1, 3, size, size)."""
    from playground import examples, imaging
    from playground.page.canvas.drawings import FACADES

    return imaging.to_tensor(examples.facade_photo(size, photo)) if photo in FACADES else imaging.photo(photo, size, fit)


def _pix2pix(name: str, source: str):
    pix2pix = named_model(name, "pix2pix")
    if pix2pix.source_kind != source:
        raise UserError(f"{name} makes pictures of {pix2pix.source_kind}, not of {source}.")
    return pix2pix


def _translated(pix2pix, x, chosen: dict[str, str], patches: bool) -> tuple[Image, dict]:
    """G(x) as a picture, with D's verdict over it if `patches`, and its figures; x (1, 1 or 3, size, size), chosen: name -> "#rrggbb"."""
    import torch

    from playground.imaging import nearest_colours, to_image

    colours = [_colour(chosen[name]) if name in chosen else of_none for name, of_none in pix2pix.colours.items()]
    with torch.inference_mode():
        begun = time.perf_counter()
        source = pix2pix.source(x, torch.tensor([colours]) / 127.5 - 1 if colours else None)
        y = pix2pix.generator(source)
        milliseconds = 1000 * (time.perf_counter() - begun)
        real = pix2pix.discriminator(source, y).sigmoid()  # (1, 1, patches, patches)
        picture = pix2pix.picture(y)  # (1, 3, size, size)
        figures = {"real": round(real.mean().item(), 4), "milliseconds": round(milliseconds, 2)}
        if pix2pix.palette and pix2pix.target_kind == "labels":
            palette = [(name, "#{:02x}{:02x}{:02x}".format(*colour)) for name, colour in pix2pix.palette.items()]
            counts = nearest_colours(picture, palette).flatten().bincount(minlength=len(palette)) / picture[0, 0].numel()
            figures["shares"] = {name: round(share, 4) for (name, _), share in zip(palette, counts.tolist())}
        if patches:
            verdict = torch.nn.functional.interpolate(real, picture.shape[2:], mode="bilinear")
            taken, seen = (torch.tensor(colour).view(1, 3, 1, 1) / 127.5 - 1 for colour in ((0, 114, 178), (213, 94, 0)))
            picture = 0.45 * picture + 0.55 * (verdict * taken + (1 - verdict) * seen)
    return to_image(picture), figures


def _colour(text: str) -> list[int]:
    """ "#rrggbb" as three levels."""
    if not isinstance(text, str) or not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise UserError(f'A colour is written "#rrggbb", "#ecb218" for a yellow; {str(text)[:40]!r} is none.')
    return [int(text[i : i + 2], 16) for i in (1, 3, 5)]
