"""Two worlds, by CycleGAN."""

from time import perf_counter
from typing import Literal

from PIL import ImageChops
from PIL.Image import Image

from playground.api.signature import Picture, gives
from playground.api.validation import named_model
from playground.drawing.pictures import domain_example_names
from playground.errors import UserError

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
    score of the discriminators for G(x) and for x, near 1 for what looks real; "milliseconds" of G and F together.
    """
    gan = named_model(model, "cyclegan")
    return _there_and_back(gan, _example(gan, picture, direction, fit), direction == "there")


@gives(*(f"{model}_{name}" for model in ("with", "without") for name in OUTPUTS))
def worlds_cycle(
    picture: Picture, direction: Way = "back", fit: Literal["crop", "pad"] = "crop"
) -> tuple[Image, Image, Image, Image, dict, Image, Image, Image, Image, dict]:
    """What the cycle term of CycleGAN's loss does: a picture goes there and back by a model trained with it, and by one without.

    Args:
        picture, direction, fit: as for `worlds_translate` with its default model.

    Returns what `worlds_translate` does, for the model that was trained with the term, and then for the one without; both get the same x.
    """
    models = [named_model(name, "cyclegan") for name in CYCLE.values()]
    x = _example(models[0], picture, direction, fit)
    return tuple(part for gan in models for part in _there_and_back(gan, x, direction == "there"))


def _example(gan, picture: str, direction: str, fit: str):
    """x as a model sees it, (1, 3, size, size): a drawn example by name or a data URL."""
    from playground.imaging import photo
    from playground.imaging.examples import domain_example

    if direction not in ("there", "back"):
        raise UserError(f'A direction is "there" or "back"; {str(direction)[:40]!r} is neither.')
    if fit not in ("crop", "pad"):
        raise UserError(f'A picture is fitted by "crop" or "pad"; {str(fit)[:40]!r} is neither.')
    examples = domain_example_names(gan.worlds)
    if not isinstance(picture, str) or not (picture.startswith("data:") or picture in examples):
        raise UserError(f"A picture is a data URL (it begins with data:image/), or one of: {', '.join(examples)}.")
    forward = direction == "there"
    x = domain_example(gan, picture, forward) if picture in examples else photo(picture, gan.size, fit)
    return x if forward else gan.picture(gan.y(x))  # label maps have no colours but the palette's


def _there_and_back(gan, x, forward: bool) -> tuple[Image, Image, Image, Image, dict]:
    """x (1, 3, size, size), G(x), F(G(x)) and |x - F(G(x))| as pictures, and figures; with F and G exchanged unless `forward`."""
    began = perf_counter()
    pictures = gan.translate(x, forward)
    seconds = perf_counter() - began
    return (
        *cycle_pictures(x, *pictures),
        {
            "cycle_l1": (pictures[1] - x).abs().mean().item(),
            "score": gan.scores(pictures[0], of_x=not forward).mean().item(),
            "source_score": gan.scores(x, of_x=forward).mean().item(),
            "milliseconds": 1000 * seconds,
        },
    )


def cycle_pictures(x, made, again) -> tuple[Image, Image, Image, Image]:
    """x, G(x), F(G(x)), each (1, 3, H, W), and |x - F(G(x))|, as pictures."""
    from playground.imaging import to_image

    x, made, again = (to_image(picture) for picture in (x, made, again))
    return x, made, again, ImageChops.difference(x, again)
