"""Pixel by pixel, by autoregressive models."""

import functools
import math
from collections.abc import Iterator

from PIL.Image import Image

from playground import catalog
from playground.api.recent import Recent
from playground.api.signature import Picture, gives
from playground.api.validation import checked_class, checked_pixel, checked_seed, checked_temperature, digit_tensor, tiles, whole
from playground.errors import UserError
from playground.systems import family

MOST_IMAGES = 8  # that one call writes
TRIES = 64  # proposals from which completions are drawn if later rows count
WRITTEN, BEGUN, GIVEN_ROWS = 6, "7", (0, 13)  # what the tab opens with: a written digit, and given rows of a drawn one
PAGES = 256  # images, finished or begun, that are cached for the page

# (model, revision, label, seed, temperature) -> that image as far as it is written (1, planes, H, W), and the number of written pixels
_pages = Recent(PAGES)


@gives("digits")
def pixels_write(digit: int, seed: int = 1, temperature: float = 1.0, count: int = 1, model: str = "gated-pixelcnn-mnist") -> Image:
    """New black and white digits, written pixel by pixel by an autoregressive model.

    Args:
        digit: the class, from 0 to 9.
        seed: of the noise, from 0 to 2147483647; the first of several images is the one that `count` = 1 gives.
        temperature: from 0.1 to 2; 1 draws from the model's own distribution, less is more careful.
        count: so many images side by side, 1 to 8.
        model: name of a PixelCNN, Gated PixelCNN or PixelRNN.

    Returns a grey picture of count * 28 x 28 pixels, 0 or 255 each.
    """
    net = _of_digits(model)
    return draw_written(
        net, checked_class("`digit`", digit, net.classes), checked_seed(seed), checked_temperature(temperature), _count(count)
    )


@gives("digits", "classes")
def pixels_complete(
    picture: Picture,
    first_row: int = 0,
    last_row: int = 14,
    digit: str = "any",
    seed: int = 1,
    temperature: float = 1.0,
    count: int = 8,
    ahead: bool = False,
    model: str = "gated-pixelcnn-mnist",
) -> tuple[Image, list[int]]:
    """Keeps some rows of a digit and lets the model write the rest, in several ways.

    Args:
        picture: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's.
        first_row: the first row that is kept, from 0 (the top) to 28.
        last_row: the row after the last one that is kept, from `first_row` to 28.  The model only looks back: rows above `first_row` are
            written without regard to the kept ones, unless `ahead`.
        digit: the class to write, "0" to "9", or "any": each image's class is drawn from p(y | kept rows) where these begin at the top,
            else evenly.
        seed: of the noise, from 0 to 2147483647.
        temperature: from 0.1 to 2; 1 draws from the model's own distribution.
        count: so many completions side by side, 1 to 8.
        ahead: whether the kept rows count for the rows above them, too: 64 completions are written, and `count` drawn from them in
            proportion to the likelihood of the kept rows after them (importance resampling; at temperature 1 the exact posterior of
            endlessly many).
        model: name of a PixelCNN, Gated PixelCNN or PixelRNN.

    Returns a grey picture of count * 28 x 28 pixels, 0 or 255 each, and each image's class.
    """
    net = _of_digits(model)
    return draw_completed(net, picture, first_row, last_row, digit, seed, temperature, _count(count), bool(ahead))


@gives("distribution")
def pixels_at(
    row: int, column: int, digit: int, seed: int = 1, temperature: float = 1.0, model: str = "gated-pixelcnn-mnist"
) -> dict[str, float]:
    """The distribution that the model had at one pixel of an image that it wrote.

    Args:
        row: from 0 (the top) to 27.
        column: from 0 (the left) to 27.
        digit, seed, temperature, model: as they were given to `pixels_write`.

    Returns "black" and "white", the probabilities of both values given all pixels before this one; "noise", the uniform number that
    decided (below "black" is black); and "drawn", the value, 0 for black and 1 for white.
    """
    import torch

    from playground.models.base import uniforms

    net = _of_digits(model)
    digit = checked_class("`digit`", digit, net.classes)
    i, j = checked_pixel(row, column, net.size)
    *_, (x, _) = pages(model, digit, checked_seed(seed), checked_temperature(temperature), i * net.size + j + 1)
    with torch.inference_mode():
        p = torch.softmax(net(x, torch.tensor([digit]))[0, :, i, j].double() / temperature, 0)
    noise = uniforms(seed, 1, 1, net.size, net.size)[0, 0, i, j]
    return {"black": p[0].item(), "white": p[1].item(), "noise": noise.item(), "drawn": x[0, 0, i, j].item()}


@gives("seen", "surprise", "figures")
def pixels_surprise(picture: Picture, seed: int = 1, model: str = "gated-pixelcnn-mnist") -> tuple[Image, Image, dict]:
    """How much a digit surprises the model, pixel by pixel: -log2 p(x_i | all pixels before it), whatever its class.

    Args:
        picture: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's.
        seed: of the binarisation, from 0 to 2147483647: a pixel is white as often as it is bright.
        model: name of a PixelCNN, Gated PixelCNN or PixelRNN.

    Returns what the model saw, 28 x 28 pixels; the surprise as a picture of 28 x 28 pixels, black for 0 bits and white for 8 or more; and
    figures: "nats" = -log p(x), exact, "bits_per_pixel", "bits" of every pixel (28 rows of 28), and "classes", p(y|x) of each class.
    """
    import torch

    from playground.imaging import to_image

    net = _of_digits(model)
    x = binarised(picture, checked_seed(seed))
    with torch.inference_mode():
        nats, posterior = net.surprise(x)  # (1, 28, 28), (1, classes)
    bits = nats / math.log(2)
    figures = {
        "nats": nats.sum().item(),
        "bits_per_pixel": bits.mean().item(),
        "bits": [[round(value, 4) for value in row] for row in bits[0].tolist()],
        "classes": posterior[0].tolist(),
    }
    return to_image(x[0] * 2 - 1), to_image(bits / 4 - 1), figures


@gives("field", "figures")
def pixels_field(row: int, column: int, model: str = "gated-pixelcnn-mnist") -> tuple[Image, dict]:
    """The receptive field of a model at one pixel: which other pixels its prediction there depends on, by gradients.

    Args:
        row: from 0 (the top) to 27.
        column: from 0 (the left) to 27.
        model: name of a PixelCNN, Gated PixelCNN or PixelRNN.

    Returns a grey picture of 28 x 28 pixels, black where nothing reaches the pixel, else on a log scale of four powers of ten up to white
    for the pixel that moves it most (the mean over ten drawn digits of |d log-odds / d pixel|); and figures: "earlier", how many
    pixels come before; "reached", how many of them move it at all; "possible", how many can, by kernel sizes and layers; and
    "strongest", row and column of the one that moves it most, None where nothing does.
    """
    net = _of_digits(model)
    i, j = checked_pixel(row, column, net.size)
    field, possible = seen_from(model, catalog.entry(model).revision, i, j)
    most = divmod(int(field.argmax()), net.size) if field.any() else None
    figures = {"earlier": i * net.size + j, "reached": int(field.count_nonzero()), "possible": int(possible.sum()), "strongest": most}
    return draw_field(field), figures


@functools.lru_cache(maxsize=256)
def seen_from(model: str, revision: str, row: int, column: int):
    """`gradient_field` on the ten drawn digits and `theoretical_field`, (28, 28) each; `revision` changes with the weights."""
    import torch

    from playground.analysis.receptive_field import gradient_field, theoretical_field

    net = catalog.load(model)
    x = torch.cat([binarised(str(digit), 1) for digit in range(10)])
    return gradient_field(net, x, torch.arange(10) % net.classes, row, column), theoretical_field(net, row, column)


def draw_field(field) -> Image:
    """The picture of `pixels_field`, from gradients (H, W): black for zero, or else a log scale of four decades below the largest."""
    import torch

    from playground.imaging import to_image

    decades = (field / field.max().clamp(min=1e-30)).clamp(min=1e-30).log10()
    return to_image(torch.where(field > 0, (1 + decades / 4).clamp(min=0.08), 0.0)[None] * 2 - 1)


def draw_written(net, digit: int, seed: int, temperature: float = 1.0, count: int = 1) -> Image:
    """Images of one class side by side; takes a model instead of its name."""
    import torch

    from playground.models.base import uniforms
    from playground.sampling.cached import sample

    x = sample(net, torch.full((count,), digit), uniforms(seed, count, 1, net.size, net.size), temperature)
    return tiles(x * 2 - 1, count)


def draw_completed(
    net,
    picture: str,
    first_row: int,
    last_row: int,
    digit: str = "any",
    seed: int = 1,
    temperature: float = 1.0,
    count: int = MOST_IMAGES,
    ahead: bool = False,
) -> tuple[Image, list[int]]:
    """Completions side by side and their classes; takes a model instead of its name."""
    images, labels, _ = completions(net, binarised(picture, seed), first_row, last_row, digit, seed, temperature, count, ahead)
    return tiles(images * 2 - 1, count), labels


def pages(model: str, label: int, seed: int, temperature: float, pixels: int, begin: int | None = None) -> Iterator[tuple]:
    """Writes an image until its first `pixels` pixels are done: yields it, (1, planes, H, W), and the number of pixels done.

    It is cached, so that writing continues where it was left; or from pixel `begin`, if given, or from the first if it is not that far.
    """
    import torch

    from playground.models.base import uniforms
    from playground.sampling.cached import write

    net = catalog.load(model)
    key = (model, catalog.entry(model).revision, label, seed, temperature)
    x, done = _pages.take(key, (torch.zeros(1, net.planes, net.size, net.size), 0))
    if begin is not None:
        done = begin if begin <= done else 0
    if done >= pixels:
        _pages.keep(key, (x, done))
        yield x, done
    else:
        known = (torch.arange(net.size**2) < done).view(1, 1, net.size, net.size)
        for now, done in write(net, torch.tensor([label]), uniforms(seed, 1, *x.shape[1:]), temperature, x, known):
            _pages.keep(key, (now.clone(), done))
            yield now, done
            if done >= pixels:
                break


def completions(net, x, first_row: int, last_row: int, digit: str, seed: int, temperature: float, count: int, ahead: bool = False) -> tuple:
    """`count` completions of x (1, 1, H, W): images (count, 1, H, W), their classes, and None.

    With `ahead` and rows to write above the kept ones, they are drawn from TRIES proposals, and the last result is the effective number of
    proposals.
    """
    from playground.graphs.pixels import complete

    first = whole("`first_row`", first_row, 0, net.size)
    last = whole("`last_row`", last_row, first, net.size)
    if digit == "any":
        label = -1
    elif isinstance(digit, str) and digit.isdigit() and len(digit) < 4:
        label = checked_class("`digit`", int(digit), net.classes)
    else:
        raise UserError(f'`digit` is "any", or a class from "0" to "{net.classes - 1}".')
    tries = TRIES if ahead else 0
    images, labels, worth = complete(net, x, first, last, label, checked_seed(seed), checked_temperature(temperature), count, tries)
    return images, labels.tolist(), worth


def binarised(picture: str, seed: int):
    """A digit ("0" to "9", a data URL, or a canvas's value) as (1, 1, 28, 28) in {0, 1}: white with the brightness as probability."""
    from playground.models.base import uniforms

    return (uniforms(checked_seed(seed), 1, 1, 28, 28) < (digit_tensor(picture) + 1) / 2).float()


def digit_models() -> list[str]:
    """Names of the models that write black and white digits; those of photos belong to `pixels_colour`."""
    return [name for name in catalog.names(*family("autoregressive")) if writes_digits(catalog.entry(name).config)]


def writes_digits(config: dict) -> bool:
    """Whether a model writes digits, by its settings: 28 x 28 pixels, black or white."""
    return (config.get("planes", 1), config.get("size", 28), config.get("levels", 2)) == (1, 28, 2)


def _of_digits(name: str):
    if name not in digit_models():  # and never an id of the Hub that the server was not started with
        raise UserError(
            f"{str(name)[:60]!r} is not a model that writes digits pixel by pixel; there are: {', '.join(digit_models()) or 'none yet'}."
        )
    return catalog.load(name)


def _count(value: int) -> int:
    return whole("`count`", value, 1, MOST_IMAGES)
