"""The public functions: what the page calls, and what programs call over HTTP and as MCP tools.

Each function starts with its tab's name, is fully typed, and says in its docstring what it takes and gives.  It checks its arguments and
raises UserError.  `app.py` serves every public function of this module.

An image is returned as `PIL.Image.Image` (served as a file), several values as a tuple, figures as a dict.  A picture that comes in is
`str`: a data URL, "data:image/png;base64,...".  torch and models are imported inside the functions: opening the page must not wait.
"""

import functools
import json
import math
import re
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Literal

from PIL.Image import Image

from playground import zoo
from playground.errors import UserError

SEEDS = 2**31 - 1  # the largest seed


def _seed(seed: int) -> int:
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= SEEDS:
        raise UserError(f"A seed is a whole number from 0 to {SEEDS}; {str(seed)[:40]!r} is none.")
    return seed


def _between(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UserError(f"{name} is a number from {low:g} to {high:g}; {str(value)[:40]!r} is none.")
    return float(value)


def _model(name: str, system: str):
    if name not in zoo.names(system):  # and never an id of the Hub that the server was not started with
        raise UserError(f"{str(name)[:60]!r} is no {system} model; there are: {', '.join(zoo.names(system)) or 'none yet'}.")
    return zoo.load(name)


# --- latent ---

MAP_REACH, MAP_TILES = 3.0, 21  # the map shows z in [-3, 3] x [-3, 3] as 21 x 21 digits
STRIP = 11  # pictures of a strip between two digits

Show = Literal["mean", "sample", "sigma"]


def latent_decode(z: list[float], model: str = "vae-mnist-2d", show: Show = "mean", seed: int = 1) -> Image:
    """The picture that a VAE's decoder makes of one latent vector.

    Args:
        z: as many numbers as the model has latent dimensions, each from -6 to 6.  Most of the prior N(0, I) lies within 2.
        model: name of a VAE.
        show: "mean" of p(x|z), a "sample" of it, or its "sigma", each pixel's standard deviation.
        seed: of the sample, from 0 to 2147483647.

    Returns a grey picture of 28 x 28 pixels.
    """
    vae = _model(model, "vae")
    if not isinstance(z, list | tuple) or len(z) != vae.latent:
        raise UserError(f"{model} has {vae.latent} latent dimensions; z must be a list of {vae.latent} numbers.")
    return _pictures(vae, _tensor([[_between("Each number of z", value, -6, 6) for value in z]]), show, _seed(seed))


def latent_map(model: str = "vae-mnist-2d") -> Image:
    """The map of a VAE with two latent dimensions: 21 x 21 means of p(x|z), z1 from -3 (left) to 3, z2 from -3 (bottom) to 3.

    Args:
        model: name of a VAE with two latent dimensions.

    Returns a grey picture of 588 x 588 pixels.
    """
    vae = _model(model, "vae")
    if vae.latent != 2:
        raise UserError(f"A map needs two latent dimensions; {model} has {vae.latent}.")
    return draw_map(vae)


def latent_rebuild(digit: str, model: str = "vae-mnist", seed: int = 1) -> tuple[Image, Image, dict]:
    """Encodes a digit, draws z from q(z|x), and decodes it again.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's are.
        model: name of a VAE.
        seed: of the binarisation and of the noise, from 0 to 2147483647.

    Returns what the encoder saw and the mean of p(x|z) (28 x 28 each), and figures: "reconstruction" = log p(x|z) and "kl" =
    KL(q(z|x) || p(z)), in nats; "elbo", their difference; "mu" and "sigma" of q(z|x), a list each.
    """
    from playground.imaging import to_image
    from playground.models.base import normals

    vae = _model(model, "vae")
    x = _observed(vae, digit, _seed(seed))  # (1, 1, 28, 28)
    mu, log_var = vae.encode(x)
    sigma = (log_var / 2).exp()
    noise = normals(seed, 1, vae.latent)
    reconstruction, kl = vae.elbo_terms(x, noise)
    rebuilt = _pictures(vae, mu + sigma * noise, "mean", seed)
    nats = {"reconstruction": reconstruction.item(), "kl": kl.item(), "elbo": (reconstruction - kl).item()}
    seen = to_image(x[0] if vae.likelihood_kind == "gaussian" else x[0] * 2 - 1)
    return seen, rebuilt, {name: round(value, 3) for name, value in nats.items()} | {"mu": mu[0].tolist(), "sigma": sigma[0].tolist()}


def latent_between(
    a: str, b: str, t: float, path: Literal["linear", "spherical"] = "linear", model: str = "vae-mnist"
) -> tuple[Image, Image]:
    """A picture on the way from one digit's code to another's, and the whole way as a strip of eleven.

    Args:
        a: "0" to "9" for one of ten drawn digits, or a data URL of a drawing; where the way begins.
        b: where it ends, as `a`.
        t: the place on the way, from 0 (a) to 1 (b).
        path: "linear", (1 - t) a + t b, or "spherical", along the great circle (with the length in between, too).
        model: name of a VAE.

    Returns the mean of p(x|z) at t, 28 x 28 pixels, and the strip, 308 x 28.
    """
    vae = _model(model, "vae")
    start, end = (vae.encode(_observed(vae, digit, 1))[0] for digit in (a, b))  # (1, latent) each
    places = [_between("t", t, 0, 1), *(i / (STRIP - 1) for i in range(STRIP))]
    import torch

    codes = torch.cat([interpolate(start, end, place, path) for place in places])  # (12, latent)
    return _pictures(vae, codes[:1], "mean", 1), _pictures(vae, codes[1:], "mean", 1)


def latent_vary(digit: str, changes: list[float], model: str = "vae-mnist") -> tuple[Image, list[float]]:
    """Decodes a digit's code with some of its dimensions moved.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing.
        changes: what is added to the code, each from -6 to 6; the first number to the dimension that carries most, and so on.
        model: name of a VAE.

    Returns the mean of p(x|z), 28 x 28 pixels, and z in the same order as `changes`.  The order is that of KL(q(z_i|x) || p(z_i)),
    averaged over the ten drawn digits.
    """
    vae = _model(model, "vae")
    if not isinstance(changes, list | tuple) or len(changes) > vae.latent:
        raise UserError(f"{model} has {vae.latent} latent dimensions; `changes` must be a list of at most {vae.latent} numbers.")
    order = _dimensions(model, zoo.entry(model).revision)
    z = vae.encode(_observed(vae, digit, 1))[0]  # (1, latent)
    for place, change in zip(order, changes):
        z[0, place] += _between("A change", change, -6, 6)
    return _pictures(vae, z, "mean", 1), z[0, order].tolist()


def latent_samples(model: str = "vae-fashion", show: Show = "mean", spread: float = 1.0, seed: int = 1, count: int = 16) -> Image:
    """New pictures from a VAE's prior: z ~ N(0, I), times `spread`, decoded.

    Args:
        model: name of a VAE.
        show: "mean" of p(x|z), a "sample" of it, or its "sigma", each pixel's standard deviation.
        spread: how far from the middle of the prior z is drawn, from 0 to 2; 1 is the prior itself.
        seed: from 0 to 2147483647.  Picture i depends on (seed, i) alone.
        count: how many, from 1 to 64.

    Returns one grey picture, four pictures of 28 x 28 pixels a row.
    """
    vae = _model(model, "vae")
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 64:
        raise UserError(f"`count` is a whole number from 1 to 64; {str(count)[:40]!r} is none.")
    return draw_samples(vae, show, _between("`spread`", spread, 0, 2), _seed(seed), count)


def draw_samples(vae, show: Show = "mean", spread: float = 1.0, seed: int = 1, count: int = 16) -> Image:
    """What `latent_samples` returns, of a model."""
    from playground.models.base import normals

    return _pictures(vae, spread * normals(seed, count, vae.latent), show, seed, columns=4)


def draw_map(vae) -> Image:
    """What `latent_map` returns, of a model."""
    ticks = [MAP_REACH * (2 * i / (MAP_TILES - 1) - 1) for i in range(MAP_TILES)]
    return _pictures(vae, _tensor([[x, y] for y in reversed(ticks) for x in ticks]), "mean", 1, columns=MAP_TILES)


def interpolate(a, b, t: float, path: str):
    """Between two latent vectors (1, latent): on the straight line, or on the great circle while the length goes from one to the other."""
    if path not in ("linear", "spherical"):
        raise UserError(f'A path is "linear" or "spherical"; {str(path)[:40]!r} is neither.')
    lengths = a.norm(), b.norm()
    cosine = ((a * b).sum() / (lengths[0] * lengths[1]).clamp(min=1e-12)).clamp(-1, 1)
    angle = math.acos(cosine.item())
    if path == "linear" or angle < 1e-3 or angle > math.pi - 1e-3:  # no great circle, or none in particular
        return (1 - t) * a + t * b
    direction = (math.sin((1 - t) * angle) * a / lengths[0] + math.sin(t * angle) * b / lengths[1]) / math.sin(angle)
    return direction * ((1 - t) * lengths[0] + t * lengths[1])


def _tensor(rows):
    import torch

    return torch.tensor(rows, dtype=torch.float32)


def _observed(vae, digit: str, seed: int):
    """A digit ("0" to "9", a data URL, or a canvas's value) as this VAE observes images, (1, 1, 28, 28)."""
    from playground.handwriting import DIGITS
    from playground.imaging import digit_from_canvas
    from playground.models.base import uniforms

    if not isinstance(digit, str):
        raise UserError('A digit is "0" to "9", or a data URL of a drawing.')
    if digit.startswith("data:"):
        digit = json.dumps({"png": digit})
    x = digit_from_canvas(DIGITS.get(digit, digit))
    if vae.likelihood_kind == "gaussian":
        return x
    return (uniforms(seed, 1, 1, 28, 28) < (x + 1) / 2).float()  # binarised as in training


def _pictures(vae, z, show: str, seed: int, columns: int | None = None) -> Image:
    """p(x|z) of z (N, latent) as one grey picture of N tiles, `columns` a row (all in one row by default)."""
    import torch

    from playground.imaging import to_image
    from playground.models.base import normals, uniforms

    p = vae.likelihood(z)
    binary = vae.likelihood_kind == "bernoulli"
    match show:
        case "mean":
            x = p.mean * 2 - 1 if binary else p.mean
        case "sample" if binary:
            x = (uniforms(seed, len(z), 1, 28, 28) < p.mean).float() * 2 - 1
        case "sample":
            x = p.mean + p.stddev * normals(seed, len(z), 1, 28, 28, first=len(z))
        case "sigma":
            x = p.stddev * (4 if binary else 2) - 1  # white is the most that a pixel in this range can spread: 1/2 of 1, or 1 of 2
        case _:
            raise UserError(f'What is shown is "mean", "sample" or "sigma"; {str(show)[:40]!r} is none of them.')
    columns = columns or len(z)
    x = torch.cat([x, x.new_full((-len(x) % columns, 1, 28, 28), -1.0)])  # the last row is filled up with black
    rows = x.view(-1, columns, 28, 28).permute(0, 2, 1, 3).reshape(1, -1, columns * 28)  # (1, 28 rows, 28 columns)
    return to_image(rows.clamp(-1, 1))


@functools.lru_cache(maxsize=8)
def _dimensions(model: str, revision: str) -> list[int]:
    """The latent dimensions, those first that carry most of the ten drawn digits; `revision` tells new weights from old ones."""
    import torch

    vae = zoo.load(model)
    mu, log_var = vae.encode(torch.cat([_observed(vae, str(digit), 1) for digit in range(10)]))
    return (mu.square() + log_var.exp() - log_var - 1).mean(0).argsort(descending=True).tolist()


# --- digits ---

ROWS = 6  # of the grid with which the tab opens
LONGEST_NUMBER = 24


def digits_ask(digit: int, seed: int = 1, model: str = "cgan-mnist") -> tuple[Image, dict]:
    """A digit of the asked class from a conditional GAN's generator.

    Args:
        digit: the class, from 0 to 9.
        seed: of the latent vector z, from 0 to 2147483647.  The same seed writes all digits in one hand.
        model: name of a conditional GAN.

    Returns a grey picture of 28 x 28 pixels, and what is thought of it: "discriminator", its probability that the digit is real and of
    the asked class; "classifier", the digit classifier's probability of each class (none for a model of other things than digits).
    """
    gan = _model(model, "cgan")
    x, y = _written(gan, [_class("`digit`", digit, gan.classes)], _seed(seed))
    return _tiles(x, 1), _opinions(gan, x, y)[0]


def digits_grid(seed: int = 1, rows: int = ROWS, model: str = "cgan-mnist") -> Image:
    """All classes in several hands: a row is one z, a column one class.

    Args:
        seed: from 0 to 2147483647.  The first row is the hand with which `digits_ask` writes under this seed.
        rows: how many, from 1 to 20.
        model: name of a conditional GAN.

    Returns a grey picture, 28 x 28 pixels a digit.
    """
    gan = _model(model, "cgan")
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= 20:
        raise UserError(f"`rows` is a whole number from 1 to 20; {str(rows)[:40]!r} is none.")
    return draw_grid(gan, _seed(seed), rows)


def digits_blend(a: int, b: int, t: float, seed: int = 1, model: str = "cgan-mnist") -> tuple[Image, Image, dict]:
    """A digit between two classes: the generator gets (1 - t) of one class's code and t of the other's, and one z.

    Args:
        a: a class, from 0 to 9.
        b: another.
        t: how much of b, from 0 to 1.
        seed: of z, from 0 to 2147483647.
        model: name of a conditional GAN.

    Returns the digit at t, 28 x 28 pixels; the whole way as a strip of eleven, 308 x 28; and what is thought of the digit at t, as
    `digits_ask` says it.
    """
    import torch
    import torch.nn.functional as F

    gan = _model(model, "cgan")
    places = torch.tensor([_between("`t`", t, 0, 1), *(i / (STRIP - 1) for i in range(STRIP))])[:, None]  # (12, 1)
    ends = F.one_hot(torch.tensor([_class("`a`", a, gan.classes), _class("`b`", b, gan.classes)]), gan.classes).float()  # (2, classes)
    x, y = _written(gan, (1 - places) * ends[0] + places * ends[1], _seed(seed))
    return _tiles(x[:1], 1), _tiles(x[1:], STRIP), _opinions(gan, x[:1], y[:1])[0]


def digits_write(number: str, seed: int = 1, model: str = "cgan-mnist") -> tuple[Image, list[dict]]:
    """A number in one hand: each of its digits from the same z.

    Args:
        number: 1 to 24 digits, "31415".
        seed: of z, from 0 to 2147483647.
        model: name of a conditional GAN.

    Returns one grey picture, 28 x 28 pixels a digit, and what is thought of each digit, as `digits_ask` says it.
    """
    gan = _model(model, "cgan")
    if not isinstance(number, str) or not 1 <= len(number) <= LONGEST_NUMBER or not (number.isascii() and number.isdigit()):
        raise UserError(f"A number is 1 to {LONGEST_NUMBER} digits from 0 to 9; {str(number)[:40]!r} is none.")
    x, y = _written(gan, [_class("A digit", int(digit), gan.classes) for digit in number], _seed(seed))
    return _tiles(x, len(x)), _opinions(gan, x, y)


def draw_grid(gan, seed: int, rows: int = ROWS) -> Image:
    import torch

    from playground.models.base import normals

    z = normals(seed, rows, gan.latent).repeat_interleave(gan.classes, 0)
    with torch.inference_mode():
        return _tiles(gan.generator(z, torch.arange(gan.classes).repeat(rows)), gan.classes)


def _class(name: str, value: int, classes: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < classes:
        raise UserError(f"{name} is a class from 0 to {classes - 1}; {str(value)[:40]!r} is none.")
    return value


def _written(gan, y, seed: int):
    """Images (N, 1, 28, 28) of classes y (labels, or weights (N, classes)) from the one z of this seed, and y as a tensor."""
    import torch

    from playground.models.base import normals

    y = torch.as_tensor(y)
    with torch.inference_mode():
        return gan.generator(normals(seed, 1, gan.latent).expand(len(y), -1), y), y


def _opinions(gan, x, y) -> list[dict]:
    """Of each image: D's probability of "real", and the digit classifier's of each class."""
    import torch

    with torch.inference_mode():
        said = [{"discriminator": p} for p in gan.discriminator(x, y).sigmoid().tolist()]
        if gan.dataset == "mnist":
            for one, p in zip(said, zoo.load("digit-classifier")(x).softmax(1).tolist()):
                one["classifier"] = p
    return said


def _tiles(x, columns: int) -> Image:
    """Images (N, 1, 28, 28), N a multiple of `columns`, side by side in rows."""
    from playground.imaging import to_image

    return to_image(x.view(-1, columns, 28, 28).permute(0, 2, 1, 3).reshape(1, -1, columns * 28))


# --- worlds ---

Way = Literal["there", "back"]


def worlds_names(model: str = "cyclegan-facades") -> list[str]:
    """The names of the two worlds between which a CycleGAN translates: X and Y.

    Args:
        model: name of a CycleGAN.
    """
    return list(_model(model, "cyclegan").worlds)


def worlds_examples(model: str = "cyclegan-facades") -> list[str]:
    """The names of the drawn pictures that `worlds_translate` knows for a model.

    Args:
        model: name of a CycleGAN.
    """
    from playground.examples import world_examples

    return list(world_examples(_model(model, "cyclegan").worlds))


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

    gan = _model(model, "cyclegan")
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


# --- sketch ---

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
    lines = imaging.lines(imaging.photo(photo, size), _between("`detail`", detail, 1.2, 4.5))
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
    pix2pix = _model(name, "pix2pix")
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


# --- pixels ---

MOST_IMAGES = 8  # that one call writes
WRITTEN, BEGUN, GIVEN_ROWS = 6, "7", (0, 13)  # with which the tab opens: a written digit, and rows of a drawn one
PAGES = 256  # images, whole or begun, that are kept for the page

# (model, revision, label, temperature, seed) -> what is written so far of that image (1, 1, H, W), and how many pixels
_pages: OrderedDict[tuple, tuple] = OrderedDict()


def pixels_write(digit: int, seed: int = 1, temperature: float = 1.0, count: int = 1, model: str = "gated-pixelcnn-mnist") -> Image:
    """New black and white digits, written pixel by pixel by an autoregressive model.

    Args:
        digit: the class, from 0 to 9.
        seed: of the noise, from 0 to 2147483647; the first of several images is the one that `count` = 1 gives.
        temperature: from 0.1 to 2; 1 draws from the model's own distribution, less is more careful.
        count: so many images side by side, 1 to 8.
        model: name of a gated PixelCNN.

    Returns a grey picture of count * 28 x 28 pixels, 0 or 255 each.
    """
    net = _model(model, "gated-pixelcnn")
    return draw_written(net, _class("`digit`", digit, net.classes), _seed(seed), _temperature(temperature), _count(count))


def pixels_complete(
    picture: str,
    first_row: int = 0,
    last_row: int = 14,
    digit: str = "any",
    seed: int = 1,
    temperature: float = 1.0,
    count: int = 8,
    model: str = "gated-pixelcnn-mnist",
) -> tuple[Image, list[int]]:
    """Keeps some rows of a digit and lets the model write the rest, in several ways.

    Args:
        picture: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's.
        first_row: the first row that is kept, from 0 (the top) to 28.
        last_row: the row after the last one that is kept, from `first_row` to 28.  The model only looks back: rows above `first_row` are
            written without regard to the kept ones.
        digit: the class to write, "0" to "9", or "any": each image's class is drawn from p(y | kept rows) where these begin at the top,
            else evenly.
        seed: of the noise, from 0 to 2147483647.
        temperature: from 0.1 to 2; 1 draws from the model's own distribution.
        count: so many completions side by side, 1 to 8.
        model: name of a gated PixelCNN.

    Returns a grey picture of count * 28 x 28 pixels, 0 or 255 each, and each image's class.
    """
    return draw_completed(_model(model, "gated-pixelcnn"), picture, first_row, last_row, digit, seed, temperature, _count(count))


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

    net = _model(model, "gated-pixelcnn")
    digit = _class("`digit`", digit, net.classes)
    i, j = (_whole(name, value, 0, net.size - 1) for name, value in (("`row`", row), ("`column`", column)))
    *_, (x, _) = pages(model, digit, _seed(seed), _temperature(temperature), i * net.size + j + 1)
    with torch.inference_mode():
        p = torch.softmax(net(x, torch.tensor([digit]))[0, :, i, j].double() / temperature, 0)
    noise = uniforms(seed, 1, 1, net.size, net.size)[0, 0, i, j]
    return {"black": p[0].item(), "white": p[1].item(), "noise": noise.item(), "drawn": x[0, 0, i, j].item()}


def pixels_surprise(picture: str, seed: int = 1, model: str = "gated-pixelcnn-mnist") -> tuple[Image, Image, dict]:
    """How much a digit surprises the model, pixel by pixel: -log2 p(x_i | all pixels before it), whatever its class.

    Args:
        picture: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's.
        seed: of the binarisation, from 0 to 2147483647: a pixel is white as often as it is bright.
        model: name of a gated PixelCNN.

    Returns what the model saw, 28 x 28 pixels; the surprise as a picture of 28 x 28 pixels, black for 0 bits and white for 8 or more; and
    figures: "nats" = -log p(x), exact, "bits_per_pixel", "bits" of every pixel (28 rows of 28), and "classes", p(y|x) of each class.
    """
    import torch

    from playground.imaging import to_image

    net = _model(model, "gated-pixelcnn")
    x = binarised(picture, _seed(seed))
    with torch.inference_mode():
        nats, posterior = net.surprise(x)  # (1, 28, 28), (1, classes)
    bits = nats / math.log(2)
    said = {
        "nats": nats.sum().item(),
        "bits_per_pixel": bits.mean().item(),
        "bits": [[round(value, 4) for value in row] for row in bits[0].tolist()],
        "classes": posterior[0].tolist(),
    }
    return to_image(x[0] * 2 - 1), to_image(bits / 4 - 1), said


def draw_written(net, digit: int, seed: int, temperature: float = 1.0, count: int = 1) -> Image:
    """Images of one class side by side, from a model rather than its name."""
    import torch

    from playground.models.base import uniforms
    from playground.sampling.incremental import sample

    x = sample(net, torch.full((count,), digit), uniforms(seed, count, 1, net.size, net.size), temperature)
    return _tiles(x * 2 - 1, count)


def draw_completed(
    net, picture: str, first_row: int, last_row: int, digit: str = "any", seed: int = 1, temperature: float = 1.0, count: int = MOST_IMAGES
) -> tuple[Image, list[int]]:
    """Completions side by side and their classes, from a model rather than its name."""
    *_, (images, labels, _) = completing(net, binarised(picture, seed), first_row, last_row, digit, seed, temperature, count)
    return _tiles(images * 2 - 1, count), labels


def pages(model: str, digit: int, seed: int, temperature: float, pixels: int, begin: int | None = None) -> Iterator[tuple]:
    """An image being written until its first `pixels` pixels are done: yields it, (1, 1, H, W), and how many are done.

    What is written is kept: it begins where it was left, or at pixel `begin` if it has come so far, or else at the first.
    """
    import torch

    from playground.models.base import uniforms
    from playground.sampling.incremental import write

    net = _model(model, "gated-pixelcnn")
    key = (model, zoo.entry(model).revision, digit, seed, temperature)
    x, done = _pages.pop(key, (torch.zeros(1, 1, net.size, net.size), 0))
    if begin is not None:
        done = begin if begin <= done else 0
    if done >= pixels:
        _keep(key, x, done)
        yield x, done
    else:
        known = (torch.arange(net.size**2) < done).view_as(x)
        for now, done in write(net, torch.tensor([digit]), uniforms(seed, 1, 1, net.size, net.size), temperature, x, known):
            _keep(key, now.clone(), done)
            yield now, done
            if done >= pixels:
                break


def _keep(key: tuple, x, done: int) -> None:
    _pages[key] = x, done
    while len(_pages) > PAGES:
        _pages.popitem(last=False)


def completing(net, x, first_row: int, last_row: int, digit: str, seed: int, temperature: float, count: int) -> Iterator[tuple]:
    """`count` completions of x (1, 1, H, W) being written: yields them (count, 1, H, W), their classes, and how many pixels are done."""
    import torch

    from playground.models.base import uniforms
    from playground.sampling.incremental import write
    from playground.sampling.plain import draw

    first = _whole("`first_row`", first_row, 0, net.size)
    last = _whole("`last_row`", last_row, first, net.size)
    noise = uniforms(_seed(seed), count, 2, net.size, net.size)  # the second plane's first number chooses the class
    if digit == "any":
        rows = last if first == 0 else 0
        with torch.inference_mode():
            labels = torch.arange(net.classes)
            evidence = net.pixel_log_prob(x.expand(net.classes, -1, -1, -1), labels)[:, :rows].sum((1, 2))  # log p(rows|y)
        y = draw(evidence.expand(count, -1), noise[:, 1, 0, 0])
    elif isinstance(digit, str) and digit.isdigit() and len(digit) < 4:
        y = torch.full((count,), _class("`digit`", int(digit), net.classes))
    else:
        raise UserError(f'`digit` is "any", or a class from "0" to "{net.classes - 1}".')
    known = torch.zeros(count, 1, net.size, net.size, dtype=torch.bool)
    known[:, :, first:last] = True
    given = x.expand(count, -1, -1, -1)
    yield given * known, y.tolist(), 0
    for images, done in write(net, y, noise[:, :1], _temperature(temperature), given, known):
        yield images, y.tolist(), done


def binarised(picture: str, seed: int):
    """A digit ("0" to "9", a data URL, or a canvas's value) as (1, 1, 28, 28) in {0, 1}: each pixel white as often as it is bright."""
    from playground.handwriting import DIGITS
    from playground.imaging import digit_from_canvas
    from playground.models.base import uniforms

    if not isinstance(picture, str):
        raise UserError('A picture is "0" to "9", or a data URL of a drawing.')
    if picture.startswith("data:"):
        picture = json.dumps({"png": picture})
    grey = (digit_from_canvas(DIGITS.get(picture, picture)) + 1) / 2
    return (uniforms(_seed(seed), 1, 1, 28, 28) < grey).float()


def _temperature(value: float) -> float:
    return _between("A temperature", value, 0.1, 2)


def _count(value: int) -> int:
    return _whole("`count`", value, 1, MOST_IMAGES)


def _whole(name: str, value: int, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UserError(f"{name} is a whole number from {low} to {high}; {str(value)[:40]!r} is none.")
    return value
