"""Latent spaces: codes of pictures, and pictures of codes."""

from typing import Literal, get_args

from PIL.Image import Image, fromarray

from playground import catalog, graphs
from playground.api.pixels import binarised
from playground.api.signature import Picture, gives
from playground.api.validation import between, checked_seed, digit_tensor, named_model, one_of, tiles, whole
from playground.errors import UserError
from playground.graphs.recording import known, noise

MAP_REACH, MAP_TILES = 3.0, 21  # the map shows z in [-3, 3] x [-3, 3] as 21 x 21 digits

Show = Literal["mean", "sample", "sigma"]
SHOWS = get_args(Show)


@gives("picture")
def latent_decode(z: list[float], model: str = "vae-mnist-2d", show: Show = "mean", seed: int = 1) -> Image:
    """The picture that a VAE's decoder makes of one latent vector.

    Args:
        z: as many numbers as the model has latent dimensions, each from -6 to 6.  Most of the prior N(0, I) lies within 2.
        model: name of a VAE.
        show: "mean" of p(x|z), a "sample" of it, or its "sigma", each pixel's standard deviation.
        seed: of the sample, from 0 to 2147483647.

    Returns a grey picture of 28 x 28 pixels.
    """
    vae = named_model(model, "vae")
    if not isinstance(z, list | tuple) or len(z) != vae.latent:
        raise UserError(f"{model} has {vae.latent} latent dimensions; z must be a list of {vae.latent} numbers.")
    return _pictures(vae, _tensor([[between("Each number of z", value, -6, 6) for value in z]]), show, checked_seed(seed))


@gives("picture")
def latent_map(model: str = "vae-mnist-2d") -> Image:
    """The map of a VAE with two latent dimensions: 21 x 21 means of p(x|z), z1 from -3 (left) to 3, z2 from -3 (bottom) to 3.

    Args:
        model: name of a VAE with two latent dimensions.

    Returns a grey picture of 588 x 588 pixels.
    """
    vae = named_model(model, "vae")
    if vae.latent != 2:
        raise UserError(f"A map needs two latent dimensions; {model} has {vae.latent}.")
    return draw_map(vae)


@gives("seen", "rebuilt", "figures")
def latent_rebuild(digit: Picture, model: str = "vae-mnist", seed: int = 1) -> tuple[Image, Image, dict]:
    """Encodes a digit, draws z from q(z|x), and decodes it again.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's are.
        model: name of a VAE.
        seed: of the binarisation and of the noise, from 0 to 2147483647.

    Returns what the encoder saw and the mean of p(x|z) (28 x 28 each), and figures: "reconstruction" = log p(x|z) and "kl" =
    KL(q(z|x) || p(z)), in nats; "elbo", their difference; "mu" and "sigma" of q(z|x), a list each.
    """
    check_sees_digits(named_model(model, "vae"))
    found = rebuilt(digit_tensor(digit), model, checked_seed(seed))
    nats = {name: round(getattr(found, name), 3) for name in ("reconstruction", "kl", "elbo")}
    return fromarray(found.seen), fromarray(found.rebuilt), nats | {"mu": found.mu, "sigma": found.sigma}


def rebuilt(digit, model: str, seed: int):
    """The outputs of a VAE's graph "rebuild" for a digit (28, 28) in [-1, 1], with the noise of a seed."""
    latent = catalog.entry(known(model)).config["latent"]
    drawn = {"uniform": noise("uniforms", seed, 1, 784), "noise": noise("normals", seed, 1, latent)}
    return graphs.run("rebuild", model, digit=digit, **drawn)


@gives("picture", "strip")
def latent_between(
    a: Picture, b: Picture, t: float, path: Literal["linear", "spherical"] = "linear", model: str = "vae-mnist"
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
    found = _between(a, b, between("t", t, 0, 1), path, model)
    return fromarray(found.digit), fromarray(found.strip)


def length_between(a: str, b: str, t: float, path: str, model: str) -> float:
    """The length of the z that `latent_between` decodes at t."""
    return _between(a, b, t, path, model).lengths[0]


def _between(a: str, b: str, t: float, path: str, model: str):
    """The outputs of the graph "between"."""
    vae, paths = named_model(model, "vae"), ("linear", "spherical")
    seen = {name: levels(observed(vae, digit, 1)) for name, digit in (("a", a), ("b", b))}
    return graphs.run("between", model, **seen, t=t, path=paths.index(one_of("A path", path, paths)))


@gives("picture", "z")
def latent_vary(digit: Picture, changes: list[float], model: str = "vae-mnist") -> tuple[Image, list[float]]:
    """Decodes a digit's code with some of its dimensions moved.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing.
        changes: what is added to the code, each from -6 to 6; the first number to the dimension that carries most, and so on.
        model: name of a VAE.

    Returns the mean of p(x|z), 28 x 28 pixels, and z in the same order as `changes`.  The order is that of KL(q(z_i|x) || p(z_i)),
    averaged over the ten drawn digits.
    """
    vae = named_model(model, "vae")
    if not isinstance(changes, list | tuple) or len(changes) > vae.latent:
        raise UserError(f"{model} has {vae.latent} latent dimensions; `changes` must be a list of at most {vae.latent} numbers.")
    moves = [between("A change", change, -6, 6) for change in changes]
    found = graphs.run("vary", model, x=levels(observed(vae, digit, 1)), changes=[*moves, *(0.0,) * (vae.latent - len(moves))])
    return fromarray(found.digit), found.z


@gives("samples")
def latent_samples(model: str = "vae-fashion", show: Show = "mean", spread: float = 1.0, seed: int = 1, count: int = 16) -> Image:
    """New pictures from a VAE's prior: z ~ N(0, I), times `spread`, decoded.

    Args:
        model: name of a VAE.
        show: "mean" of p(x|z), a "sample" of it, or its "sigma", each pixel's standard deviation.
        spread: how far from the middle of the prior z is drawn, from 0 to 2; 1 is the prior itself.
        seed: from 0 to 2147483647.  Picture i depends on (seed, i) alone.
        count: how many, from 1 to 64.

    Returns one picture, four pictures a row: of 28 x 28 grey pixels, or of what a model of one's own was trained on.
    """
    vae = named_model(model, "vae")
    return draw_samples(vae, show, between("`spread`", spread, 0, 2), checked_seed(seed), whole("`count`", count, 1, 64))


def draw_samples(vae, show: Show = "mean", spread: float = 1.0, seed: int = 1, count: int = 16) -> Image:
    """What `latent_samples` returns; takes a model instead of its name."""
    from playground.models.base import normals

    return _pictures(vae, spread * normals(seed, count, vae.latent), show, seed, columns=4)


def draw_map(vae) -> Image:
    """What `latent_map` returns; takes a model instead of its name."""
    ticks = [MAP_REACH * (2 * i / (MAP_TILES - 1) - 1) for i in range(MAP_TILES)]
    return _pictures(vae, _tensor([[x, y] for y in reversed(ticks) for x in ticks]), "mean", 1, columns=MAP_TILES)


def _tensor(rows):
    import torch

    return torch.tensor(rows, dtype=torch.float32)


def sees_digits(config: dict) -> bool:
    """Whether a model is one of digits, by its settings: of images of 28 x 28 grey pixels."""
    return (config.get("size", 28), config.get("planes", 1)) == (28, 1)


def check_sees_digits(vae) -> None:
    """Raises UserError for a VAE of other images."""
    if not sees_digits(vae.settings):
        kind = f"{vae.size} x {vae.size} pixels{' in colour' * (vae.planes == 3)}"
        raise UserError(f"This model takes images of {kind}, and no digits; call `latent_picture` instead.")


def levels(x):
    """An image as a VAE observes it, (1, 1, 28, 28) in {0, 1} or [-1, 1], as levels for a graph, (28, 28) uint8."""
    return ((x if x.min() >= 0 else (x + 1) / 2)[0, 0] * 255).round().byte()


def observed(vae, digit: str, seed: int):
    """A digit ("0" to "9", a data URL, or a canvas's value) as this VAE observes images, (1, 1, 28, 28).

    Raises UserError for a VAE of other images.
    """
    check_sees_digits(vae)
    return digit_tensor(digit) if vae.likelihood_kind == "gaussian" else binarised(digit, seed)  # as in training


def _pictures(vae, z, show: str, seed: int, columns: int | None = None) -> Image:
    """p(x|z) of z (N, latent) as one picture of N tiles, `columns` a row (all in one row by default)."""
    import torch

    from playground.graphs.latent import appearances
    from playground.models.base import normals, uniforms

    if show not in SHOWS:
        raise UserError(f'`show` must be "mean", "sample" or "sigma", not {str(show)[:40]!r}.')
    binary = vae.likelihood_kind == "bernoulli"
    shape = (vae.planes, vae.size, vae.size)
    noise = uniforms(seed, len(z), *shape) if binary else normals(seed, len(z), *shape, first=len(z))
    x = appearances(vae, z, noise)[SHOWS.index(show)]
    columns = columns or len(z)
    x = torch.cat([x, x.new_full((-len(x) % columns, *shape), -1.0)])  # the last row is filled up with black
    return tiles(x.clamp(-1, 1), columns)
