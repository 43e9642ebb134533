"""Pixel by pixel, in colour: R, then G given R, then B given R and G."""

import functools

from PIL.Image import Image

from playground import catalog, graphs
from playground.api.pixels import draw_field, pages, writes_digits
from playground.api.signature import gives
from playground.api.validation import checked_class, checked_pixel, checked_seed, checked_temperature, whole
from playground.errors import UserError
from playground.systems import family

BASE = "PixelCNN++"
CHANGES = {  # trained alike; each but the first undoes one of the paper's changes
    BASE: "pixelcnnpp-flowers-small",
    "256-way softmax": "pixelcnnpp-flowers-softmax",
    "planes by masks": "pixelcnnpp-flowers-planes",
    "one size": "pixelcnnpp-flowers-one-size",
    "no skips": "pixelcnnpp-flowers-no-skips",
    "no dropout": "pixelcnnpp-flowers-no-dropout",
}


@gives("pictures")
def pixels_colour(kind: int, seed: int = 1, temperature: float = 1.0, count: int = 1, model: str = "pixelcnnpp-flowers") -> Image:
    """New small photos, written pixel by pixel in colour by a PixelCNN++, a Gated PixelCNN or a PixelCNN.

    Args:
        kind: the class, from 0; of flowers 0 daisy, 1 dandelion, 2 rose, 3 sunflower, 4 tulip.
        seed: of the noise, from 0 to 2147483647; the first of several images is the one that `count` = 1 gives.
        temperature: from 0.1 to 2; 1 draws from the model's own distribution, less is more careful.
        count: so many images side by side, 1 to 8.
        model: name of a model in colour.

    Returns an RGB picture, `count` images of the model's size side by side, which is 32 x 32 pixels here; a grey one of a grey model.
    """
    net = _in_colour(model)
    kinds = [checked_class("`kind`", kind, net.classes)] * whole("`count`", count, 1, 8)
    return _side_by_side(_written(net, kinds, checked_seed(seed), checked_temperature(temperature)))


@gives("stages", "distributions")
def pixels_colour_at(
    row: int, column: int, kind: int, seed: int = 1, temperature: float = 1.0, model: str = "pixelcnnpp-flowers", writer: str = ""
) -> tuple[Image, dict]:
    """How one pixel of an image that a model wrote came about: plane after plane, and the distribution that each was drawn from.

    Args:
        row, column: of the pixel, from 0 (the top, the left) to 31.
        kind, seed, temperature, model: as they were given to `pixels_colour`.
        writer: the model whose image it is, of the same size, if another one: what would `model` have drawn there?

    Returns four pictures side by side, 32 x 32 pixels each: the image before the pixel, with its R, with R and G, with R, G and B, and
    black what comes later; and for "R", "G" and "B" a dict: "probabilities" of the values 0 to 255 given all sub-pixels before this one,
    "noise", the uniform number that decided, "drawn", the value, and "bits", the entropy of the probabilities.
    """
    import torch

    from playground.graphs.pixels import entropy

    net = _in_colour(model)
    if writer:
        _in_colour(writer)
        check_alike(writer, model)
    i, j = checked_pixel(row, column, net.size)
    kind, temperature, x = _photo(writer or model, checked_class("`kind`", kind, net.classes), seed, temperature)
    done = torch.arange(net.size**2).view(1, 1, net.size, net.size) < i * net.size + j
    stages = (x * done).repeat(net.planes + 1, 1, 1, 1)
    for plane in range(net.planes):
        stages[plane + 1 :, plane, i, j] = x[0, plane, i, j]
    odds = graphs.run("odds", model, x=x[0], label=kind, seed=seed, temperature=temperature, pixel=i * net.size + j)
    rows = zip(odds.probabilities, odds.noise, odds.drawn, entropy(torch.tensor(odds.probabilities)).tolist())
    by_plane = {name: dict(zip(("probabilities", "noise", "drawn", "bits"), row)) for name, row in zip(plane_names(net), rows)}
    return _side_by_side(stages), by_plane


@gives("fields", "figures")
def pixels_colour_field(
    row: int, column: int, kind: int, seed: int = 1, temperature: float = 1.0, model: str = "pixelcnnpp-flowers"
) -> tuple[Image, dict]:
    """The receptive field of each plane of one pixel of an image that a model wrote, by gradients.

    Args: as of `pixels_colour_at`.

    Returns three grey pictures side by side, for R, G and B, 32 x 32 pixels each: how much every earlier pixel moves what is expected of
    that plane, as in `pixels_field`; and for "R", "G" and "B" a dict: by how many levels it moves when a plane of the pixel itself, "R",
    "G" or "B", grows by one (exactly 0 for itself and those that are drawn later), and "reached", how many other pixels move it at all.
    """
    import torch

    from playground.analysis.receptive_field import plane_fields

    net = _in_colour(model)
    i, j = checked_pixel(row, column, net.size)
    kind, _, x = _photo(model, kind, seed, temperature)
    fields = plane_fields(net, x, torch.tensor([kind]), i, j)  # (planes, planes, size, size)
    by_plane = {}
    for name, field in zip(plane_names(net), fields):
        own = dict(zip(plane_names(net), field[:, i, j].tolist()))
        field[:, i, j] = 0
        by_plane[name] = own | {"reached": int(field.sum(0).count_nonzero())}
    return draw_field(fields.sum(1).transpose(0, 1).flatten(1)), by_plane


@gives("distribution")
def pixels_whole(given: str = "............", model: str = "pixelcnnpp-flowers") -> dict:
    """The whole distribution of a model of 2 x 2 pixels, whose planes are lit or dark: 4,096 images, and the probability of each.

    The model is a tiny Gated PixelCNN with masks between the planes, trained on the spot on all 2 x 2 pixels that can be cut out of the
    photos that another one wrote; lit is what is above the mean of its plane.

    Args:
        given: twelve characters, one a sub-pixel in the order in which they are drawn, R, G and B of the upper left pixel, of the upper
            right one, then of the lower ones: "1" lit, "0" dark, "." not given.
        model: name of a model in colour, from whose photos the tiny one learns.

    Returns "probabilities", of all images given those sub-pixels: the first is of "000000000000", the next of "000000000001", and so on;
    "sum", of them all; "half", how few images hold half of it, and "apart", how few would if each sub-pixel fell for itself; "given", the
    probability of what is given; "lit", of each sub-pixel that it is lit; "likeliest", the twelve most probable images and their
    probabilities; and "factors" of the first of these, p(sub-pixel | those drawn before it, and those given), whose product is its own.
    """
    import torch

    from playground.analysis import exhaustive

    _in_colour(model)
    if not isinstance(given, str) or len(given) != exhaustive.SUBPIXELS or set(given) - set("01."):
        raise UserError(f'`given` must be {exhaustive.SUBPIXELS} characters, each "0", "1" or ".", not {str(given)[:40]!r}.')
    p, lit = _exhaustive(model, catalog.entry(model).revision), exhaustive.bits().bool()
    fits = torch.ones(len(p), dtype=torch.bool)
    for k, letter in enumerate(given):
        if letter != ".":
            fits &= lit[:, k] == (letter == "1")
    of_given = p[fits].sum()
    p = torch.where(fits, p, 0) / of_given
    odds, order = p @ lit.double(), p.argsort(descending=True)
    so_far = torch.stack([p.view(2**k, -1).sum(1)[order[0] >> (exhaustive.SUBPIXELS - k)] for k in range(exhaustive.SUBPIXELS + 1)])
    return {
        "probabilities": p.tolist(),
        "sum": p.sum().item(),
        "half": _half(p),
        "apart": _half(torch.where(lit, odds, 1 - odds).prod(1)),
        "given": of_given.item(),
        "lit": odds.tolist(),
        "likeliest": [[f"{i:0{exhaustive.SUBPIXELS}b}", p[i].item()] for i in order[:12].tolist()],
        "factors": (so_far[1:] / so_far[:-1]).tolist(),
    }


def _half(p) -> int:
    """How many of the likeliest images together have half of the probability."""
    return int((p.sort(descending=True).values.cumsum(0) < 0.5).sum()) + 1


@functools.lru_cache(maxsize=16)
def _exhaustive(model: str, revision: str):
    """p(x) of all 4,096 images, by a model that is trained here; `revision` changes with the weights."""
    import numpy as np
    import torch

    from playground.analysis import exhaustive

    opening = catalog.entry(model).opening
    if opening is None:
        raise UserError(f"{model} has no photos yet to learn from; python training/extras.py {model} makes them.")
    strip = torch.from_numpy(np.array(opening.convert("RGB"))).float()  # (size, photos * size, 3)
    photos = strip.unflatten(1, (-1, len(strip))).permute(1, 3, 0, 2)
    return exhaustive.distribution(exhaustive.fitted(exhaustive.cut_outs(photos)))


def colour_models() -> list[str]:
    """Names of the autoregressive models of photos: in colour, of many levels, or of another size than a digit's."""
    return [name for name in catalog.names(*family("autoregressive")) if not writes_digits(catalog.entry(name).config)]


def check_alike(writer: str, reader: str) -> None:
    """Raises UserError if one model in colour can't compute the probabilities in another one's images."""
    (size, colour), (other, coloured) = ((catalog.entry(model).config["size"], in_colour(model)) for model in (writer, reader))
    if (size, colour) != (other, coloured):
        kinds = [f"{pixels} pixels{' in colour' * has}" for pixels, has in ((size, colour), (other, coloured))]
        raise UserError(f"{writer} writes images of {kinds[0]}, and {reader} reads those of {kinds[1]}; choose two of one kind.")


def in_colour(model: str) -> bool:
    """Whether a model of photos is in colour, and not grey."""
    return catalog.entry(model).config.get("planes", 3) == 3


def plane_names(net) -> tuple[str, ...]:
    return tuple("RGB") if net.planes == 3 else ("grey",)


def draw_colours(net, seed: int = 1) -> Image:
    """An image of each of the first five classes side by side; takes a model instead of its name."""
    return _side_by_side(_written(net, list(range(min(5, net.classes))), seed, 1.0))


def _in_colour(name: str):
    if name not in colour_models():
        raise UserError(f"{str(name)[:60]!r} is not a model of photos; there are: {', '.join(colour_models()) or 'none yet'}.")
    return catalog.load(name)


def _photo(writer: str, kind: int, seed: int, temperature: float):
    """Class and temperature, checked, and the whole image (1, 3, size, size) that the model writes, which is cached."""
    net = catalog.load(writer)
    kind, temperature = checked_class("`kind`", kind, net.classes), checked_temperature(temperature)
    *_, (x, _) = pages(writer, kind, checked_seed(seed), temperature, net.size**2)
    return kind, temperature, x


def _written(net, kinds: list[int], seed: int, temperature: float):
    """Images (N, planes, size, size) in [0, 1]."""
    import torch

    from playground.models.base import uniforms
    from playground.sampling.cached import sample

    return sample(net, torch.tensor(kinds), uniforms(seed, len(kinds), net.planes, net.size, net.size), temperature)


def _side_by_side(x) -> Image:
    from playground.imaging import to_image

    return to_image((x * 2 - 1).permute(1, 2, 0, 3).flatten(2))
