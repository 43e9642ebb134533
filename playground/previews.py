"""The opening pictures of the tabs, made by the functions that the tabs call; `System.preview` names the function of a system."""

from collections.abc import Callable

from PIL import Image

from playground import api
from playground.drawing.pictures import EMOJI_DOMAINS, domain_example_names
from playground.models.base import Model
from playground.systems import SYSTEMS


def cyclegan(model: Model) -> Image.Image:
    """The four pictures of the tab side by side, of the first drawn example: F(y) of a drawn facade, say, or G(x) of a flat emoji."""
    from playground.imaging.examples import domain_example

    forward = tuple(model.worlds) == EMOJI_DOMAINS
    x = domain_example(model, domain_example_names(model.worlds)[0], forward)
    strip = Image.new("RGB", (4 * model.size, model.size))
    for i, picture in enumerate(api.cycle_pictures(x, *model.translate(x, forward))):
        strip.paste(picture, (i * model.size, 0))
    return strip


def vae(model: Model) -> Image.Image:
    """The map of a model of digits with two latent dimensions, or else sixteen samples."""
    return api.draw_map(model) if model.latent == 2 and api.sees_digits(model.settings) else api.draw_samples(model)


def gan(model: Model) -> Image.Image:
    """Sixteen samples, as the view that holds GAN and DCGAN side by side shows them."""
    return api.draw_generated(model)


def cgan(model: Model) -> Image.Image:
    """The grid of the tab: a row is one z, a column one class."""
    return api.draw_grid(model, api.HAND)


def pix2pix(model: Model) -> Image.Image:
    """G's picture of the drawing with which its view opens."""
    from playground import imaging
    from playground.drawing.doodles import DABBED
    from playground.drawing.facades import FACADES
    from playground.drawing.flowers import FLOWERS
    from playground.drawing.palettes import FACADE_PALETTE
    from playground.drawing.strokes import canvas_value

    match model.source_kind:
        case "lines":
            x = imaging.sketch_from_canvas(canvas_value(FLOWERS["daisy"]), model.size)
        case "drawing":
            ink, hints = imaging.doodle_from_canvas(canvas_value(DABBED["a cat"]), model.size)
            return imaging.to_image(model(ink, hints=hints))
        case "labels":
            x = imaging.labels_from_canvas(canvas_value(FACADES["a town house"]), model.size, FACADE_PALETTE)
        case _:
            x = api.facade_photo("a town house", model.size)
    return imaging.to_image(model(x))


def autoregressive(model: Model) -> Image.Image:
    """What the pixels tab opens with, as a strip: a written digit and eight completions; in colour an image of each class."""
    if not api.writes_digits(model.settings):
        return api.draw_colours(model)
    completed, _ = api.draw_completed(model, api.BEGUN, *api.GIVEN_ROWS)
    strip = Image.new("L", (completed.width + model.size, model.size))
    strip.paste(api.draw_written(model, min(api.WRITTEN, model.classes - 1), seed=1))
    strip.paste(completed, (model.size, 0))
    return strip


def preview(system: str) -> Callable[[Model], Image.Image] | None:
    """The function above that draws the opening picture for a system, if there is one."""
    name = SYSTEMS[system].preview
    return globals()[name] if name else None
