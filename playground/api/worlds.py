"""Two worlds, by CycleGAN."""

from typing import Literal

from PIL.Image import Image

from playground.api.shared import named_model
from playground.errors import UserError

Way = Literal["there", "back"]


def worlds_names(model: str = "cyclegan-facades") -> list[str]:
    """The names of the two worlds between which a CycleGAN translates: X and Y.

    Args:
        model: name of a CycleGAN.
    """
    return list(named_model(model, "cyclegan").worlds)


def worlds_examples(model: str = "cyclegan-facades") -> list[str]:
    """The names of the drawn pictures that `worlds_translate` knows for a model.

    Args:
        model: name of a CycleGAN.
    """
    from playground.examples import world_examples

    return list(world_examples(named_model(model, "cyclegan").worlds))


def worlds_translate(
    picture: str, model: str = "cyclegan-facades", direction: Way = "there", fit: Literal["crop", "pad"] = "crop"
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
    from time import perf_counter

    from playground.examples import world_examples
    from playground.imaging import photo
    from playground.openings import translated

    gan = named_model(model, "cyclegan")
    if direction not in ("there", "back"):
        raise UserError(f'A direction is "there" or "back"; {str(direction)[:40]!r} is neither.')
    if fit not in ("crop", "pad"):
        raise UserError(f'A picture is fitted by "crop" or "pad"; {str(fit)[:40]!r} is neither.')
    examples = world_examples(gan.worlds)
    if not isinstance(picture, str) or not (picture.startswith("data:") or picture in examples):
        raise UserError(f"A picture is a data URL (it begins with data:image/), or one of: {', '.join(examples)}.")
    forward = direction == "there"
    x = examples[picture](gan, forward) if picture in examples else photo(picture, gan.size, fit)
    if not forward:
        x = gan.picture(gan.y(x))  # label maps have no colours but the palette's
    began = perf_counter()
    pictures = gan.translate(x, forward)
    seconds = perf_counter() - began
    return (
        *translated(x, *pictures),
        {
            "cycle_l1": (pictures[1] - x).abs().mean().item(),
            "score": gan.scores(pictures[0], of_x=not forward).mean().item(),
            "source_score": gan.scores(x, of_x=forward).mean().item(),
            "milliseconds": 1000 * seconds,
        },
    )
