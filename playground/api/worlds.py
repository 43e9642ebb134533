"""Two worlds, by CycleGAN."""

from typing import Literal

from PIL import ImageChops
from PIL.Image import Image, fromarray

from playground import catalog, graphs
from playground.api.signature import Picture, gives
from playground.api.validation import named_model
from playground.drawing.pictures import domain_example_names
from playground.errors import UserError
from playground.graphs.recording import Photo

Way = Literal["there", "back"]
OUTPUTS = ("x", "translated", "returned", "difference", "figures")
CYCLE = {"with the cycle term": "cyclegan-facades-short", "without it": "cyclegan-facades-nocycle"}  # trained alike otherwise


@gives("worlds")
def worlds_names(model: str = "cyclegan-facades") -> list[str]:
    """The names of the two worlds between which a CycleGAN translates: X and Y.

    Args:
        model: name of a CycleGAN.
    """
    return list(named_model(model, "cyclegan").worlds)


@gives("examples")
def worlds_examples(model: str = "cyclegan-facades") -> list[str]:
    """The names of the drawn pictures that `worlds_translate` knows for a model.

    Args:
        model: name of a CycleGAN.
    """
    return domain_example_names(named_model(model, "cyclegan").worlds)


@gives(*OUTPUTS)
def worlds_translate(
    picture: Picture, model: str = "cyclegan-facades", direction: Way = "there", fit: Literal["crop", "pad"] = "crop"
) -> tuple[Image, Image, Image, Image, dict]:
    """Translates a picture into the other world, and back again.

    Args:
        picture: a data URL of a picture of any size and shape, or one of `worlds_examples(model)`.
        model: name of a CycleGAN.
        direction: "there" is G: X -> Y, "back" is F: Y -> X; `worlds_names(model)` says what X and Y are.
        fit: "crop" takes the picture's middle square, "pad" the whole of it between white bars.

    Returns four colour pictures of the model's size, x as the model sees it, G(x), F(G(x)) and |x - F(G(x))| (with F and G exchanged for
    "back"); and figures: "cycle_l1", the mean of |x - F(G(x))| for pixels in [-1, 1]; "score" and "source_score", the mean
    score of the discriminators for G(x) and for x, near 1 for what looks real; "milliseconds" that all four networks took.
    """
    return _answer(translated(picture, _checked(model, picture, direction, fit), direction, fit))


@gives(*(f"{model}_{name}" for model in ("with", "without") for name in OUTPUTS))
def worlds_cycle(
    picture: Picture, direction: Way = "back", fit: Literal["crop", "pad"] = "crop"
) -> tuple[Image, Image, Image, Image, dict, Image, Image, Image, Image, dict]:
    """What the cycle term of CycleGAN's loss does: a picture goes there and back by a model trained with it, and by one without.

    Args:
        picture, direction, fit: as for `worlds_translate` with its default model.

    Returns what `worlds_translate` does, for the model that was trained with the term, and then for the one without; both get the same x.
    """
    first, second = [_checked(name, picture, direction, fit) for name in CYCLE.values()]
    return *_answer(translated(picture, first, direction, fit)), *_answer(translated(picture, second, direction, fit, drawn_by=first))


def translated(picture, model: str, direction: Way, fit: str = "crop", drawn_by: str | None = None):
    """The outputs of a model's graph `there` or `back` for a drawn example or an upload, as the tab shows them.

    picture: an example's name; or a data URL, a path, or, while recording, a symbolic upload.  drawn_by: the model whose drawn examples are
    meant, if not `model`.
    """
    drawn = examples(drawn_by or model)
    known = isinstance(picture, str) and picture in drawn
    pixels = graphs.run(f"drawn-{direction}", drawn_by or model, example=drawn.index(picture)).pixels if known else Photo(picture, fit)
    return graphs.run(direction, model, pixels=pixels)


def examples(model: str) -> list[str]:
    """The names of a model's drawn examples, by its settings: the weights need not be loaded."""
    return domain_example_names(catalog.entry(model).config.get("worlds", ("X", "Y")))


def _checked(model: str, picture: str, direction: str, fit: str) -> str:
    """The model's name.  Raises UserError if an argument of a public function is invalid."""
    named_model(model, "cyclegan")
    if direction not in ("there", "back"):
        raise UserError(f'A direction must be "there" or "back", not {str(direction)[:40]!r}.')
    if fit not in ("crop", "pad"):
        raise UserError(f'`fit` must be "crop" or "pad", not {str(fit)[:40]!r}.')
    if not isinstance(picture, str) or not (picture.startswith("data:") or picture in examples(model)):
        raise UserError(f"A picture is a data URL (it begins with data:image/), or one of: {', '.join(examples(model))}.")
    return model


def _answer(found) -> tuple[Image, Image, Image, Image, dict]:
    pictures = (found.x, found.made, found.again, found.difference)
    figures = {name: getattr(found, name) for name in ("cycle_l1", "score", "source_score", "milliseconds")}
    return *map(fromarray, pictures), figures


def cycle_pictures(x, translated, again) -> tuple[Image, Image, Image, Image]:
    """x, G(x), F(G(x)), each (1, 3, H, W), and |x - F(G(x))|, as pictures."""
    from playground.imaging import to_image

    x, translated, again = (to_image(picture) for picture in (x, translated, again))
    return x, translated, again, ImageChops.difference(x, again)
