"""What the tab "The game" says."""

import base64
import json

import numpy as np
import torch
from scipy import ndimage

from playground import api, catalog
from playground.analysis import toy_gan
from playground.analysis.densities import REACH
from playground.drawing.digit_strokes import DIGITS
from playground.models.live_gan import discriminate
from playground.ui.tabs.game.live_game import _rules
from tests.words.page import black, film, film_digits, numbers, read, says, sure, tiles

RADIUS = 0.2  # in units of the plane, whose square is 3 wide


def board(seen) -> dict:
    """The live game's board: real and made points (N, 2) and what is sent besides."""
    value = json.loads(seen.value("game-board"))
    for kind in ("real", "made"):
        value[kind] = np.array(value[kind]).reshape(-1, 2) * (REACH / 1000)
    return value


def near(points: np.ndarray, others: np.ndarray) -> float:
    """The share of the points that have one of the others near by."""
    return float((np.linalg.norm(points[:, None] - others[None], axis=2).min(1) < RADIUS).mean())


def haze(picture) -> float:
    """The share of pixels that are not black, and lie away from every stroke."""
    away = [(x > -0.9) & ~ndimage.binary_dilation(x > 0, np.ones((5, 5))) for x in tiles(picture)[:, 0].numpy()]
    return float(np.mean(away))


def match_of(seen):
    """The session that the page shows, and its rules."""
    rules = _rules(seen.state)
    return toy_gan.played(rules, seen.state.seed, seen.state.rounds), rules


@says(
    "game",
    "view live",
    "Blue points are real, vermilion ones are made by G, and the green field is D's opinion. Press Play, change the rules while it runs, "
    "and watch G learn from D alone.",
)
def _(seen):
    points = board(seen)
    assert len(points["real"]) == len(points["made"]) == toy_gan.SHOWN
    assert near(points["made"], points["real"]) > 0.8  # G has learnt where real points are
    now, rules = match_of(seen)
    start = toy_gan.look(toy_gan.played(rules, seen.state.seed, 0), rules).figures["divergence"]
    assert toy_gan.look(now, rules).figures["divergence"] < start - 0.2
    field = np.frombuffer(base64.b64decode(points["field"]), np.uint8) / 255
    d = discriminate(now.game.discriminator.weights, toy_gan.centres()).sigmoid().numpy()
    assert np.abs(field - d).max() < 0.01


@says(
    "game",
    "view pair",
    "Sixteen samples each of two GANs: unless you choose others, a fully connected one on the left, with specks on its black ground, and a "
    "convolutional one on the right, with few. Roll the dice and look.",
    "G(z) of the left model",
    "G(z) of the right model",
)
def _(seen):
    left, right = seen.picture("game-left"), seen.picture("game-right")
    assert len(tiles(left)) == len(tiles(right)) == 16
    assert haze(left) > 4 * haze(right)
    assert [catalog.entry(name).system for name in (seen.state.left, seen.state.right)] == ["gan", "dcgan"]


@says(
    "game",
    "view search",
    "A VAE encodes your digit at once; in a GAN its z must be searched for, step by step. Draw a digit, press Search, and compare the "
    "errors and the times.",
    "the digit",
    "VAE: encoded at once",
    "GAN: searched",
)
def _(seen):
    digit = int(read(seen.picture("game-sought")).argmax())
    assert read(seen.picture("game-rebuilt"))[0, digit] > 0.9 and read(seen.picture("game-found"))[0, digit] > 0.9
    assert seen.figure("VAE: time") * 5 < seen.figure("GAN: time")


@says(
    "game",
    "view film",
    "What the generator made of the same noise, from its first step of training to its last. Drag the slider, and see strokes come out of "
    "the noise.",
    "the same input all along",
)
def _(seen):
    first, last = film(seen, 0), seen.picture("game-film")
    assert last.tobytes() != first.tobytes() and seen.figure("after") > 0
    assert sure(film_digits(last)) > 30 and black(last) > 0.6 > 0.4 > black(first)


@says(
    "game",
    "A game that works",
    "D and G learn alike fast; made points come to all eight places, and the divergence falls. Press From the start to watch it.",
)
def _(seen):
    assert seen.state.d_rate == seen.state.g_rate
    assert seen.figure("modes met") == 8
    assert near(board(seen)["real"], board(seen)["made"]) > 0.9
    divergences = [record[3] for record in match_of(seen)[0].records]
    assert divergences[-1] < divergences[0] - 0.2


@says(
    "game",
    "Mode collapse",
    "This fails: G learns ten times as fast as D, heaps all its points in one place where D believes them, and moves on when D has caught "
    "up. Press Play to watch.",
)
def _(seen):
    assert seen.state.g_rate == 10 * seen.state.d_rate
    made = torch.from_numpy(board(seen)["made"]).float()
    assert made.std(0).max() < 0.15 and seen.figure("modes met") <= 1
    now, rules = match_of(seen)
    places = [made.mean(0)]
    for _ in range(8):
        now = toy_gan.play(now, rules, 100)
        places.append(toy_gan.generated(now).mean(0))
    assert torch.cdist(torch.stack(places), places[0][None]).max() > 1  # of a square 3 wide


@says(
    "game",
    "G starves",
    "This fails: D had 300 moves before G's first, and log(1 - D) is flat where D is sure. Switch to non-saturating and press Play.",
)
def _(seen):
    assert seen.state.lead == 300 and seen.state.loss == "saturating"
    assert seen.figure("length of G's gradient") < 1e-3
    assert near(board(seen)["made"], board(seen)["real"]) == 0
    now, rules = match_of(seen)
    fed = toy_gan.Rules(**{**vars(rules), "loss": "non-saturating"})
    assert toy_gan.look(toy_gan.play(now, fed, 300), fed).figures["covered"] > 0.3


@says(
    "game",
    "Half way",
    "Half way between two noises the samples are digits about as often as at the ends. Nobody asked for that, and it says that the "
    "generator learnt more than a list.",
)
def _(seen):
    for side, model in (("left", seen.state.left), ("right", seen.state.right)):
        shown = seen.picture(f"game-{side}")
        assert tiles(shown).equal(tiles(api.game_samples(seen.state.seed, seen.state.other, 0.5, model)))
        ends = [sure(api.game_samples(seen.state.seed, seen.state.other, t, model)) for t in (0, 1)]
        assert sure(shown) >= min(ends) - 1 and sure(shown) >= 11


@says(
    "game",
    "What is no digit",
    "This fails: the search ends at the nearest thing that G can make, which is no spiral. The VAE fails, too, but at once.",
)
def _(seen):
    usual = max(api.encoded(digit, "vae-mnist")[2]["vae_error"] for digit in DIGITS)
    assert seen.figure("GAN: squared error") > 8 * usual and seen.figure("VAE: squared error") > 8 * usual
    assert seen.figure("VAE: time") * 5 < seen.figure("GAN: time")


@says(
    "game",
    "C9",
    "Leave G as it is and let D learn as long as it likes. What will D say where real and made points are equally many?",
    "About one half",
    "0: it sees through them",
    "1: it believes them",
)
def _(seen):
    even = seen.figure("D where real and made points are equally many")
    assert 0.4 < even < 0.6 and numbers(seen.answer)[0] == even
    now, rules = match_of(seen)
    look = toy_gan.look(now, rules)
    field = np.frombuffer(base64.b64decode(board(seen)["field"]), np.uint8) / 255  # the green that is drawn
    half = ((look.best - 0.5).abs() < toy_gan.EVEN).numpy()
    p, q = toy_gan.real(rules.density, rules.drawing)[2], toy_gan.shares(toy_gan.generated(now))
    alone, overrun = ((p > 0) & (q == 0)).numpy(), ((q > 5 * p) & (q > 0.002)).numpy()
    assert half.sum() >= 5 and alone.sum() > 50
    assert field[alone].mean() > 0.9 > 0.65 > field[half].mean() > 0.35 > field[overrun].mean()


@says(
    "game",
    "C10",
    "Two arrows at each made point, for the same D: one of each loss. Where are they alike, and where does one of them vanish?",
    "The saturating one vanishes where D is sure that a point was made",
    "The non-saturating one vanishes where D is sure that a point was made",
    "They are alike everywhere",
)
def _(seen):
    used, other = (np.linalg.norm(np.array(arrows).reshape(-1, 2), axis=1) for arrows in board(seen)["arrows"])
    d = discriminate(match_of(seen)[0].game.discriminator.weights, torch.from_numpy(board(seen)["made"]).float()).sigmoid().numpy()
    long = used > 20  # of thousandths of half the board: arrows that are rounded little
    half, caught = long & (abs(d - 0.5) < 0.1), long & (d < 0.1)
    assert half.sum() >= 3 and 0.6 < np.median(other[half] / used[half]) < 1.6
    assert caught.sum() >= 3 and (other[caught] < 0.15 * used[caught]).all()


@says(
    "game",
    "C22",
    "Cut the wire from D to G and press Play. D goes on learning. What will the made points do?",
    "They stay where they are",
    "They go on, more slowly",
    "They scatter",
)
def _(seen):
    assert seen.figure("length of G's gradient") == 0 and numbers(seen.answer)[0] == 0
    at_first = toy_gan.generated(toy_gan.begin(_rules(seen.state), seen.state.seed), len(board(seen)["made"])).numpy()
    assert np.abs(board(seen)["made"] - at_first.clip(-REACH, REACH)).max() < 0.002
    assert seen.figure("rounds") == seen.state.rounds > 0


@says(
    "game",
    "C11",
    "The same game, for as many epochs: are fully connected or convolutional networks better at images, and by how much?",
    "Convolutional ones",
    "Fully connected ones",
    "Neither",
)
def _(seen):
    gan, dcgan = (catalog.entry(name) for name in (seen.state.left, seen.state.right))
    assert gan.training["epochs"] == dcgan.training["epochs"]
    left, right = seen.picture("game-left"), seen.picture("game-right")
    assert haze(left) > 0.005 > 0.0015 > haze(right)
    assert sure(left) < sure(right)
    assert seen.answer.startswith("It holds here")
    assert gan.metrics["feature_distance"]["value"] > 1.3 * dcgan.metrics["feature_distance"]["value"]


@says(
    "game",
    "C21",
    "Which z makes this digit? A VAE has an encoder, a GAN has none. How long does each take, and whose image is sharper?",
    "The VAE at once, the GAN after a search; the GAN's is sharper",
    "Both at once; the VAE's is sharper",
    "The GAN at once; the VAE's is sharper",
)
def _(seen):
    vae_ms, vae_error, gan_ms, gan_error = numbers(seen.answer)[:4]
    assert [vae_ms, gan_ms] == [seen.figure("VAE: time"), seen.figure("GAN: time")]
    assert [vae_error, gan_error] == [seen.figure("VAE: squared error"), seen.figure("GAN: squared error")]
    assert gan_ms > 10 * max(vae_ms, 1) and gan_error < vae_error
    edges = lambda picture: tiles(picture).diff(dim=3).square().mean().item()  # noqa: E731
    assert edges(seen.picture("game-found")) > edges(seen.picture("game-rebuilt"))  # the GAN's image is the sharper one
    assert read(seen.picture("game-found"))[0, 2] > 0.9


def off_the_middle(picture) -> float:
    """How far the digits' centres of mass lie from the middle of their tiles, root mean square, in pixels.  MNIST's lie there."""
    centres = [ndimage.center_of_mass(x + 1) for x in tiles(picture)[:, 0].numpy()]
    return float(np.sqrt(np.mean((np.array(centres) - 13.5) ** 2)))


@says(
    "game",
    "C23",
    "Two DCGANs learnt from the same 300 digits. On the right, all that D saw was shifted at random, real and made alike. "
    "What does that do to G's digits?",
    "They come nearer to real ones, and stand in the middle",
    "They come nearer to real ones, and stand anywhere",
    "They come out worse",
)
def _(seen):
    plain, shifted = (catalog.entry(name) for name in (seen.state.left, seen.state.right))
    assert plain.training["training_examples"] == shifted.training["training_examples"] == 300
    assert (plain.training["settings"]["augment"], shifted.training["settings"]["augment"]) == ("", "translation")
    assert seen.answer.startswith("It helps") and plain.training["steps"] == shifted.training["steps"]
    assert plain.metrics["discriminator_gap"]["value"] > 3 * shifted.metrics["discriminator_gap"]["value"]
    assert shifted.metrics["feature_distance"]["value"] < 0.9 * plain.metrics["feature_distance"]["value"]
    assert off_the_middle(seen.picture("game-right")) < 1 < 0.125 * 28 / 3**0.5  # what shifts by up to an eighth come to
    assert sure(seen.picture("game-right")) >= sure(seen.picture("game-left"))
