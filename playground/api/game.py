"""The game between two networks: a live GAN in the plane, GAN and DCGAN side by side, and the search for the z of a digit."""

import time
from collections.abc import Iterator

from PIL.Image import Image, fromarray

from playground import catalog, graphs
from playground.api.latent import observed
from playground.api.signature import Picture, gives
from playground.api.validation import between, checked_seed, digit_tensor, named_model, one_of, tiles, whole
from playground.errors import UserError
from playground.graphs.recording import known, noise
from playground.graphs.sizes import SAMPLES
from playground.systems import family

ROUNDS = 3000  # of a live game at most
FASTEST = 0.1  # learning rate
STARTS, STEPS = 8, 150  # of the search for z: places where it begins, and steps


@gives("match", "figures")
def game_train(
    density: str = "ring",
    rounds: int = 1000,
    loss: str = "non-saturating",
    d_rate: float = 0.003,
    g_rate: float = 0.003,
    lead: int = 0,
    wired: bool = True,
    drawing: str = "",
    seed: int = 1,
) -> tuple[Image, dict]:
    """Trains a small GAN on points of the plane, one move of D and one of G a round, and looks at the two players afterwards.

    Args:
        density: where real points lie: "ring" (8 normal densities), "grid" (25), "moons", "spiral", "gaussian" or "painted".
        rounds: from 0 to 3000; 1000 take about a second.
        loss: of G: "non-saturating", -log D(G(z)), or "saturating", log(1 - D(G(z))).
        d_rate: learning rate of D, from 0 to 0.1.
        g_rate: learning rate of G, from 0 to 0.1.
        lead: moves of D alone before the first round, from 0 to 500.
        wired: whether D's gradient reaches G.
        drawing: for the painted density, strokes as a link of the page has them: points lie where there is ink.
        seed: of the first weights and of all noise, from 0 to 2147483647.

    Returns a picture of the square from -1.5 to 1.5, 480 x 480 pixels: real points blue, made ones vermilion, green where D says real; and
    figures: "value", V(D, G), and "divergence", an estimate of the Jensen-Shannon divergence by counting points in cells, both in nats;
    "off", how far D is from its optimum p / (p + q) on average; "even", what D says on average where that optimum is about 1/2;
    "gradient", the length of that of G's weights; "covered", the share of real points in cells where G makes any; "modes" and "modes_hit"
    where there are modes to count; and "rounds", "d_loss", "g_loss".
    """
    from playground.analysis import toy_gan
    from playground.analysis.densities import DENSITIES, PAINTED
    from playground.drawing.strokes import unpack
    from playground.models.live_gan import LOSSES

    one_of("`density`", density, [*DENSITIES, PAINTED])
    one_of("`loss`", loss, list(LOSSES))
    if not isinstance(wired, bool):
        raise UserError("`wired` is true or false.")
    if density == PAINTED:
        unpack(drawing)
    rules = toy_gan.Rules(
        density,
        drawing if density == PAINTED else "",
        loss,
        between("`d_rate`", d_rate, 0, FASTEST),
        between("`g_rate`", g_rate, 0, FASTEST),
        whole("`lead`", lead, 0, 500),
        wired,
    )
    seen = toy_gan.look(toy_gan.played(rules, checked_seed(seed), whole("`rounds`", rounds, 0, ROUNDS)), rules)
    return draw_session(seen), {name: value for name, value in seen.figures.items() if value is not None}


def draw_session(seen) -> Image:
    """The picture of `game_train`, from `toy_gan.look`."""
    from PIL import Image as images
    from PIL import ImageDraw

    from playground.analysis.densities import REACH
    from playground.analysis.toy_gan import CELLS
    from playground.drawing.palettes import DISCRIMINATOR, GENERATED, REAL

    side = 480
    strength = images.fromarray((seen.field.view(CELLS, CELLS) * 150).byte().numpy()).resize((side, side), images.Resampling.BICUBIC)
    picture = images.new("RGB", (side, side), "white")
    picture.paste(DISCRIMINATOR, mask=strength)
    draw = ImageDraw.Draw(picture)
    for points, colour in ((seen.real, REAL), (seen.generated, GENERATED)):
        for x, y in points.tolist():
            column, row = (1 + x / REACH) * side / 2, (1 - y / REACH) * side / 2
            draw.ellipse((column - 2, row - 2, column + 2, row + 2), fill=colour)
    return picture


@gives("samples")
def game_samples(seed: int = 1, other: int = 2, t: float = 0.0, model: str = "dcgan-mnist") -> Image:
    """Sixteen samples of a GAN's generator, from noise on the way from one seed's to another's.

    Args:
        seed: of the noise z where the way begins, from 0 to 2147483647.  Sample i depends on (seed, i) alone.
        other: of the noise where it ends.
        t: the place on the way, from 0 to 1, along the great circle: as far from the middle as the noise is.
        model: name of a GAN or a DCGAN.

    Returns one grey picture, four samples a row: 112 x 112 pixels, or 256 x 256 of a model of larger images.
    """
    named_model(model, *family("generator"))
    return fromarray(on_the_way(checked_seed(seed), checked_seed(other), between("`t`", t, 0, 1), model).sheet)


def on_the_way(seed, other, t, model: str):
    """The outputs of the graph "way" for the noise of two seeds."""
    a, b = (noise("normals", one, SAMPLES, catalog.entry(known(model)).config["latent"]) for one in (seed, other))
    return graphs.run("way", model, a=a, b=b, t=t)


def draw_generated(gan) -> Image:
    """What `game_samples` returns by default; takes a model instead of its name."""
    return tiles(gan.sample(SAMPLES, seed=1), 4)


@gives("digit", "by_vae", "by_gan", "figures")
def game_search(
    digit: Picture, model: str = "dcgan-mnist", encoder: str = "vae-mnist", steps: int = STEPS, seed: int = 1
) -> tuple[Image, Image, Image, dict]:
    """Looks for the latent vector that makes a digit: a VAE's encoder says it at once, in a GAN it is searched by gradient descent.

    Args:
        digit: "0" to "9" for one of ten drawn digits, or a data URL of a drawing, white on black; it is fitted and centred as MNIST's are.
        model: name of a GAN or a DCGAN of 28 x 28 pixels.
        encoder: name of a VAE.
        steps: of the descent, from 0 to 500.  It begins at eight random places, and the best one counts.
        seed: of these places, from 0 to 2147483647.

    Returns three grey pictures of 28 x 28 pixels: the digit, what the VAE's decoder makes of mu, the mean of q(z|x), and the nearest
    image that the search found; and figures: "vae_error" and "gan_error", mean squared differences of pixels in [-1, 1];
    "vae_seconds" and "gan_seconds"; "steps" and "z", after how many and where the search ended.
    """
    steps = whole("`steps`", steps, 0, 500)
    seen, rebuilt, answered = encoded(digit, encoder)
    *_, (found, figures) = searched(digit, model, steps, checked_seed(seed))
    return seen, rebuilt, found, answered | figures


def encoded(digit: str, encoder: str) -> tuple[Image, Image, dict]:
    """The first two pictures of `game_search`, and their figures."""
    import torch

    from playground.analysis.latent_search import error

    vae, wanted = named_model(encoder, "vae"), digit_tensor(digit)  # (1, 1, 28, 28)
    x = observed(vae, digit, 1)
    began = time.perf_counter()
    with torch.inference_mode():
        rebuilt = vae.grey(vae.encode(x)[0])
    seconds = time.perf_counter() - began
    return tiles(wanted, 1), tiles(rebuilt, 1), {"vae_error": error(rebuilt, wanted[0]).item(), "vae_seconds": seconds}


def searched(digit: str, model: str, steps: int, seed: int) -> Iterator[tuple[Image, dict]]:
    """The third picture of `game_search` and its figures, at the start and after each step; "steps" counts them."""
    from playground.analysis.latent_search import search
    from playground.models.base import normals

    gan, wanted = named_model(model, *family("generator")), digit_tensor(digit)[0]  # (1, 28, 28)
    if (gan.size, gan.planes) != (28, 1):
        kind = f"{gan.size} x {gan.size} pixels{' in colour' * (gan.planes == 3)}"
        raise UserError(f"{model} makes images of {kind}; a digit can be searched for only in a model of 28 x 28 grey images.")
    began = time.perf_counter()
    for found in search(gan.generator, wanted, normals(seed, STARTS, gan.latent), steps):
        seconds = time.perf_counter() - began
        yield tiles(found.image[None], 1), {"gan_error": found.error, "gan_seconds": seconds, "steps": found.steps, "z": found.z.tolist()}
