"""Sketch to photo, by Pix2Pix."""

import json
import re
from types import SimpleNamespace
from typing import Literal

from numpy import asarray
from PIL.Image import Image, fromarray

from playground import catalog, graphs
from playground.api.signature import Picture, gives
from playground.api.validation import between, named_model, whole
from playground.errors import UserError
from playground.graphs import recording

FLOWER_PETALS, FLOWER_BACKGROUND = "#ecb218", "#3a5226"
TERMS = {"L1 only": "pix2pix-flowers-l1", "GAN only": "pix2pix-flowers-gan", "both": "pix2pix-flowers-both"}  # trained alike otherwise


@gives("photograph", "figures")
def sketch_photograph(
    sketch: Picture, model: str = "pix2pix-flowers", petals: str = FLOWER_PETALS, background: str = FLOWER_BACKGROUND, patches: bool = False
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
    a patch of being real, "high_frequency_energy", the percentage of the picture's power spectrum above a quarter of a cycle a pixel
    (a blurred picture has less of it), and "milliseconds" of the generator.
    """
    _pix2pix(model, "lines")
    for colour in (petals, background):
        _colour(colour)
    return _answer(painted(sketch, model, patches, petals=petals, background=background), model)


@gives("emoji", "figures")
def sketch_emoji(doodle: Picture, model: str = "pix2pix-openmoji", patches: bool = False) -> tuple[Image, dict]:
    """The coloured emoji that Pix2Pix's generator makes of a drawing in ink, with dabs of colour where one wants them.

    Args:
        doodle: a drawing's name ("a cat", "a mushroom", "a mug", "a face", "a fish" or "a house"), or a data URL of a drawing in black
            lines on white: what is neither is a dab of colour, and taken for the nearest of the page's fourteen.
        model: name of a Pix2Pix that takes drawings.
        patches: whether to lay the discriminator's verdict over the picture; see `sketch_photograph`.

    Returns the emoji and figures as `sketch_photograph` does.
    """
    _pix2pix(model, "drawing")
    return _answer(painted(doodle, model, patches), model)


@gives("l1_only", "gan_only", "both", "l1_only_figures", "gan_only_figures", "both_figures")
def sketch_terms(
    sketch: Picture, petals: str = FLOWER_PETALS, background: str = FLOWER_BACKGROUND, patches: bool = False
) -> tuple[Image, Image, Image, dict, dict, dict]:
    """What each term of Pix2Pix's loss does: the photographs of three generators that were trained alike but for their loss.

    Args:
        sketch, petals, background, patches: as for `sketch_photograph`.

    Returns the photographs by the one trained with L1 alone, the one with the GAN's loss alone, and the one with both, and the figures
    of each, as `sketch_photograph` does.
    """
    answers = [sketch_photograph(sketch, model, petals, background, patches) for model in TERMS.values()]
    return *(photo for photo, _ in answers), *(figures for _, figures in answers)


@gives("own_source", "other_source", "beside_own", "beside_other", "figures")
def sketch_pair(
    own: Picture, other: Picture, model: str = "pix2pix-flowers", petals: str = FLOWER_PETALS, background: str = FLOWER_BACKGROUND
) -> tuple[Image, Image, Image, Image, dict]:
    """What Pix2Pix's discriminator says of one picture beside its own source, and beside another one's.

    Args:
        own: the source of which the generator makes the picture: what `sketch_photograph`, `sketch_emoji`, `sketch_facade` or
            `sketch_labels` takes; dabs of colour don't count.
        other: another such source.
        model: name of a Pix2Pix.
        petals, background: the picture's colours, as for `sketch_photograph`.

    Returns both sources as the networks see them, the picture under the discriminator's verdict beside its own source and beside the
    other (blue where it takes a patch for a real one that belongs to the source, vermilion where it doesn't), and figures: "right"
    and "wrong", the mean probabilities over the patches.
    """
    named_model(model, "pix2pix")
    for colour in (petals, background):
        _colour(colour)
    sources = [_source(given, model, "crop") for given in (own, other)]
    wanted = _wanted(model, sources[0], {"petals": petals, "background": background})
    if "hints" in wanted:
        wanted["hints"] = wanted["hints"] * 0
    y = graphs.run("generate", model, x=sources[0].x, **wanted).y
    verdicts = [graphs.run("judge", model, x=source.x, y=y, **wanted) for source in sources]
    figures = dict(zip(("right", "wrong"), (round(verdict.real, 4) for verdict in verdicts)))
    return *(fromarray(source.seen) for source in sources), *(fromarray(verdict.under) for verdict in verdicts), figures


@gives("lines", "strokes")
def sketch_lines(photo: Picture, detail: float = 2.5, size: int = 128) -> tuple[Image, str]:
    """The lines of a photograph, as a person might draw them.

    Args:
        photo: a data URL; its middle square is taken.
        detail: how much the photo is smoothed first, from 1.2 (every vein) to 4.5 (outlines only), in pixels of the result.
        size: of the result, from 64 to 256 pixels.

    Returns the lines, black on white, and the strokes that draw them, packed, as a link carries them.
    """
    from playground import imaging
    from playground.drawing.strokes import pack

    lines = imaging.lines(imaging.photo(photo, whole("`size`", size, 64, 256)), between("`detail`", detail, 1.2, 4.5))
    return imaging.to_image(lines), pack(imaging.trace(lines))


@gives("photograph", "figures")
def sketch_facade(labels: Picture, model: str = "pix2pix-facades", patches: bool = False) -> tuple[Image, dict]:
    """The photograph of a house that Pix2Pix's generator makes of a painted label map.

    Args:
        labels: a drawn facade's name ("ten rectangles", "a town house", "a long facade"), or a data URL of a label map in the colours
            of the CMP facades; each pixel is taken for the nearest of them.
        model: name of a Pix2Pix that takes labels.
        patches: whether to lay the discriminator's verdict over the picture; see `sketch_photograph`.

    Returns the photograph and figures as `sketch_photograph` does.
    """
    _pix2pix(model, "labels")
    return _answer(painted(labels, model, patches), model)


@gives("labels", "figures")
def sketch_labels(
    photo: Picture, model: str = "pix2pix-facades-labels", fit: Literal["crop", "pad"] = "crop", patches: bool = False
) -> tuple[Image, dict]:
    """The label map that Pix2Pix's generator reads off a photograph of a facade, or what else such a model makes of a photograph.

    Args:
        photo: a drawn house's name ("ten rectangles", "a town house", "a long facade"), or a data URL.
        model: name of a Pix2Pix that takes photographs.
        fit: "crop" takes the middle square of the photograph, "pad" the whole of it between white bars.
        patches: whether to lay the discriminator's verdict over the picture; see `sketch_photograph`.

    Returns the picture, and figures as `sketch_photograph` does, with "shares" of the labels besides: name -> share of the pixels.
    """
    _pix2pix(model, "photo")
    if fit not in ("crop", "pad"):
        raise UserError(f'`fit` must be "crop" or "pad", not {str(fit)[:40]!r}.')
    return _answer(painted(photo, model, patches, fit), model)


def painted(given, model: str, patches: bool = False, fit: str = "crop", **chosen: str):
    """A Pix2Pix's translation of a source, as the tab shows it.

    given: as for `sketch_photograph`, `sketch_emoji`, `sketch_facade` or `sketch_labels`; also a canvas's value, a file, or, while
        recording, a symbolic value.
    chosen: name -> "#rrggbb" of the colours that the model takes.

    Returns `seen`, the source as the networks see it; `picture`, with D's verdict over it if `patches`; and the other outputs of the graphs
    "judge" and "generate": `real`, `fine` or `shares` and `most`, and `milliseconds`.
    """
    source = _source(given, model, fit)
    wanted = _wanted(model, source, chosen)
    generated = graphs.run("generate", model, x=source.x, **wanted)
    verdict = graphs.run("judge", model, x=source.x, y=generated.y, **wanted)
    verdict.picture = verdict.under if patches else generated.picture
    verdict.seen, verdict.milliseconds = source.seen, generated.milliseconds
    return verdict


def _wanted(model: str, source, chosen: dict[str, str]) -> dict:
    """The inputs of a model's graphs besides x: the chosen colours, and the source's dabs of colour, if the model takes them."""
    config = catalog.entry(model).config
    asked = config.get("colours") or {}
    usual = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in asked.values()]
    colours = {"colours": recording.colours([chosen.get(name, other) for name, other in zip(asked, usual)], usual)} if asked else {}
    return colours | ({"hints": source.hints} if config.get("hints") else {})


def _source(given, model: str, fit: str):
    """The outputs of the graph "source": `x` for the networks; `seen`, the same as a picture; and `hints` for a drawing with dabs."""
    from playground.drawing.doodles import DOODLES
    from playground.drawing.facades import FACADES
    from playground.drawing.flowers import FLOWERS
    from playground.drawing.palettes import DABS, FACADE_PALETTE, INK
    from playground.drawing.strokes import canvas_value

    kind = catalog.entry(model).config.get("source", "labels")
    called, drawn, palette = {"lines": ("A sketch", FLOWERS, INK), "drawing": ("A drawing", DOODLES, DABS)}.get(
        kind, ("A label map", FACADES, FACADE_PALETTE)
    )
    named, is_text = isinstance(given, str) and given in drawn, isinstance(given, str)
    if kind == "photo":
        sheet = graphs.run("drawn", model, example=list(drawn).index(given)).pixels if named else recording.Photo(given, fit)
        return graphs.run("source", model, sheet=sheet)
    if is_text and given.startswith("data:"):
        if kind != "drawing":
            return _sent(given, model, kind)
        given = json.dumps({"png": given})
    if not is_text and not recording.is_recording():
        raise UserError(f"{called} is a drawing's name or a data URL.")
    value = canvas_value(drawn[given]) if named else given
    return graphs.run("source", model, sheet=recording.Drawing(value, palette, crisp=kind == "labels"))


def _sent(url: str, model: str, kind: str) -> SimpleNamespace:
    """`x` and `seen` of an uploaded drawing or label map."""
    from playground import imaging
    from playground.drawing.palettes import FACADE_PALETTE

    size = named_model(model, "pix2pix").size
    x = imaging.sketch(url, size) if kind == "lines" else imaging.labels(url, size, FACADE_PALETTE)
    return SimpleNamespace(x=x[0], seen=asarray(imaging.to_image(x)))


def _answer(result, model: str) -> tuple[Image, dict]:
    figures = {"real": round(result.real, 4), "milliseconds": round(result.milliseconds, 2)}
    if hasattr(result, "shares"):
        figures["shares"] = {name: round(share, 4) for name, share in zip(catalog.entry(model).config["palette"], result.shares)}
    else:
        figures["high_frequency_energy"] = round(100 * result.fine, 4)
    return fromarray(result.picture), figures


def facade_photo(photo: str, size: int, fit: str = "crop"):
    """A drawn house by name, or a data URL, as (1, 3, size, size)."""
    from playground import imaging
    from playground.drawing import pictures
    from playground.drawing.facades import FACADES

    return imaging.to_tensor(pictures.facade_photo(size, photo)) if photo in FACADES else imaging.photo(photo, size, fit)


def _pix2pix(name: str, source: str):
    pix2pix = named_model(name, "pix2pix")
    if pix2pix.source_kind != source:
        raise UserError(f"{name} makes pictures of {pix2pix.source_kind}, not of {source}.")
    return pix2pix


def _colour(text: str) -> list[int]:
    """ "#rrggbb" as three levels."""
    if not isinstance(text, str) or not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise UserError(f'A colour must be written "#rrggbb", such as "#ecb218" for yellow, not {str(text)[:40]!r}.')
    return [int(text[i : i + 2], 16) for i in (1, 3, 5)]
