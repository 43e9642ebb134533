"""Who answers the quiz with nothing but figures: of each item, which figures the page's functions give in the state that the item's link
opens, and which option they speak for.

    @by(figures of the state, option=figures that would speak for it ...)
    def c1(pca, linear, chance): -> the option's name
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import torch

from playground import api, catalog
from playground.analysis import bounds, toy_gan
from playground.analysis.receptive_field import earlier, theoretical_field
from playground.drawing.digit_strokes import DIGITS
from playground.imaging.examples import things
from playground.models.autoregressive.pixelcnn import PixelCNN
from playground.models.base import parameter_count
from tests.words import game
from tests.words.page import hsv, labelled, overlap, read, sharp, sure, tiles

ANSWERS: dict[str, "Answer"] = {}  # claim -> who answers its item


class Answer(NamedTuple):
    figures: Callable[[object], tuple]  # of a state
    option: Callable[..., str]  # of these figures
    otherwise: dict[str, tuple]  # another option -> figures that would speak for it


def by(figures: Callable[[object], tuple], **otherwise: tuple) -> Callable:
    def register(option: Callable[..., str]) -> Callable:
        ANSWERS[option.__name__.upper()] = Answer(figures, option, otherwise)
        return option

    return register


def measured(models, *metrics: str) -> list[float]:
    """Of each model, the figures on the test split."""
    return [catalog.entry(model).metrics[metric]["value"] for model in models for metric in metrics]


# --- latent space ---


def straight(state) -> tuple:
    errors = [api.latent_linear(digit, int(state.axes))[-1] for digit in DIGITS]
    return tuple(np.mean([error[what] for error in errors]) for what in ("pca", "linear autoencoder", "random directions"))


@by(straight, luck=(0.3, 0.3, 0.2), trained=(0.3, 0.2, 0.4))
def c1(pca, linear, chance):
    return "luck" if chance < pca else "trained" if linear < pca - 1e-3 else "best"


def axes(state) -> tuple:
    said = api.latent_axes(int(state.axes))[-1]
    return max(said["angles"]), said["autoencoder_largest"], said["pca_largest"]


@by(axes, same=(0.1, 0.01, 0.01), elsewhere=(30, 0.5, 0.01))
def c2(degrees, linear, pca):
    return "elsewhere" if degrees > 1 else "oblique" if linear > 0.1 > pca else "same"


def squeezed(state) -> tuple:
    size = state.size
    here, (of_ae,) = api.latent_squeeze(state.mine, int(size))[-1], measured([f"ae-mnist-{size}"], "mse")
    return here["pca"], here["autoencoder"], catalog.entry("pca-mnist").metrics["mse"]["by_dimensions"][size], of_ae


@by(squeezed, same=(0.2, 0.2, 0.2, 0.2), optimal=(0.2, 0.3, 0.2, 0.3), memory=(0.2, 0.1, 0.2, 0.3))
def c3(pca, ae, pca_on_test, ae_on_test):
    if ae < 0.9 * pca:
        return "curved" if ae_on_test < 0.9 * pca_on_test else "memory"
    return "same" if ae < 1.1 * pca else "optimal"


def line(state) -> tuple:
    *_, strip, names = api.latent_line(state.line)
    true = things()  # four of each kind, in the order of playground.drawing.pictures.THINGS
    left = (tiles(strip)[:, None] - true).square().mean((2, 3, 4)).min(1).values.mean() / true.var(0, correction=0).mean()
    turns = [sum(a != b for a, b in zip(has, has[1:])) for has in ([name in ("bird", "cat") for name in names], names)]
    return left.item(), *turns


@by(line, must=(0.01, 1, 3), impossible=(0.8, 8, 12), kinds=(0.01, 3, 3))
def c4(error_left, turns_of_life, turns_of_kind):
    return "impossible" if error_left > 0.2 else "must" if turns_of_life == 1 else "kinds" if turns_of_kind == 3 else "jumble"


def random_codes(state) -> tuple:
    weights = [parameter_count(catalog.load(name).decoder) for name in api.squeezers(int(state.codes))]
    return *map(sure, api.latent_random(int(state.codes), state.seed)), *weights


@by(random_codes, blurred=(13, 14, 9, 9), memory=(16, 9, 9, 9), weaker=(2, 14, 5, 9))
def c5(of_ae, of_vae, ae_weights, vae_weights):
    if of_ae < of_vae / 2:
        return "gaps" if ae_weights == vae_weights else "weaker"
    return "memory" if of_ae > of_vae + 4 else "blurred"


def gap(state) -> tuple:
    """The gap, and what it might be: KL(q || p(z|x)) on the cells of the integral, KL(q || p(z)), what samples win, what is not rebuilt."""
    _, said = api.latent_bounds(state.weighed, state.within, state.seed)
    vae = catalog.load(state.within)
    exact = bounds.posterior(vae, api.observed(vae, state.weighed, state.seed))
    cells = len(exact.log_joint)
    middle = (torch.arange(cells) + 0.5) * exact.cell - cells * exact.cell / 2
    q = torch.distributions.Normal(torch.tensor(said["mu"]), torch.tensor(said["sigma"]))
    log_q = q.log_prob(torch.stack(torch.meshgrid(middle, middle, indexing="xy"), 2)).sum(2)
    away = (log_q.exp() * exact.cell**2 * (log_q - exact.log_joint + exact.log_evidence)).sum().item()
    return said["log_p"] - said["elbo"], away, said["kl"], said["bounds"][-1][1] - said["elbo"], -said["reconstruction"]


@by(gap, prior=(5, 20, 5, 30, 90), samples=(30, 20, 5, 30, 90), decoder=(90, 20, 5, 30, 90))
def c6(gap, *candidates):
    return min(zip(("posterior", "prior", "samples", "decoder"), candidates), key=lambda pair: abs(pair[1] - gap))[0]


def betas(state) -> tuple:
    return *measured([api.beta_model("1")], "kl", "mse"), *measured([api.beta_model(state.beta)], "kl", "mse")


@by(betas, lower=(2, 0.1, 6, 0.05), free=(6, 0.1, 2, 0.05), scale=(6, 0.1, 6, 0.1))
def c7(kl, error, kl_heavier, error_heavier):
    """Of the second VAE, beta is larger."""
    if abs(kl_heavier / kl - 1) < 0.05:
        return "scale"
    return "lower" if kl_heavier > kl else "raise" if error_heavier > error else "free"


def gradients(state) -> tuple:
    count = 4096
    said = api.latent_gradients(state.mu, state.sigma, count, state.seed)
    off, spread = {}, {}
    for estimator in ("pathwise", "score"):
        spread[estimator] = np.array(said[estimator]["spread"])
        off[estimator] = (np.abs(np.array(said[estimator]["mean"]) - said["exact"]) / (spread[estimator] / count**0.5)).max()
    return off["pathwise"], off["score"], spread["pathwise"].max(), (spread["score"] / spread["pathwise"]).min()


@by(gradients, bias=(1, 9, 1, 3), exact=(0, 1, 0, 99), trade=(9, 1, 1, 3))
def c8(off, off_of_score, spread, times):
    """By how many standard errors the means are off, how far one estimate scatters, and how many times as far the score function's."""
    if spread == 0:
        return "exact"
    return "trade" if off > 4 else "bias" if off_of_score > 4 else "scatter" if times > 1 else "none of these"


# --- the game ---


def opinions(state) -> tuple:
    """How far D is, on average over all points, from what it might mean."""
    now, rules = game.match_of(SimpleNamespace(state=state))
    look = toy_gan.look(now, rules)
    p, q = toy_gan.real(rules.density, rules.drawing)[2], toy_gan.shares(toy_gan.generated(now))
    meant = (look.best, p, q / (p + q), look.best.round())
    return tuple(((look.field - meaning).abs() * (p + q))[p + q > 0].sum().item() / 2 for meaning in meant)


@by(opinions, share=(0.5, 0.1, 0.5, 0.5), fooled=(0.5, 0.5, 0.1, 0.5), unfinished=(0.3, 0.5, 0.5, 0.1))
def c9(*off):
    return min(zip(("ratio", "share", "fooled", "unfinished"), off), key=lambda pair: pair[1])[0]


def pulled(state) -> tuple:
    """Of the made points that D is sure of: how alike the directions of the two pulls are, and the ratio of their lengths."""
    now, rules = game.match_of(SimpleNamespace(state=state))
    first, second = (toy_gan.pulls(now, rules, loss) for loss in ("saturating", "non-saturating"))
    d = game.discriminate(now.game.discriminator.weights, toy_gan.generated(now, toy_gan.SHOWN)).sigmoid()
    first, second = first[d < 0.1], second[d < 0.1]
    return torch.nn.functional.cosine_similarity(first, second).min().item(), (first.norm(dim=1) / second.norm(dim=1)).median().item()


@by(pulled, reverse=(1, 20), opposite=(-1, 0.05), alike=(1, 1.01))
def c10(cosine, ratio):
    return "opposite" if cosine < 0 else "starves" if ratio < 0.5 else "reverse" if ratio > 2 else "alike"


def two_gans(state) -> tuple:
    names = state.left, state.right
    return *measured(names, "feature_distance"), *(sum(catalog.entry(name).training["parameters"].values()) for name in names)


@by(two_gans, bigger=(1.3, 0.6, 1, 2), general=(0.6, 1.3, 2, 1), game=(1.3, 1.3, 2, 1))
def c11(of_gan, of_dcgan, gan_weights, dcgan_weights):
    if of_dcgan < 0.9 * of_gan:
        return "local" if dcgan_weights < gan_weights else "bigger"
    return "general" if of_dcgan > 1.1 * of_gan else "game"


def found(state) -> tuple:
    *_, said = api.game_search(state.sought, state.within, "vae-mnist", 100, state.seed)
    at_start = next(api.searched(state.sought, state.within, 100, state.seed))[1]["gan_error"]
    return said["gan_seconds"] / said["vae_seconds"], said["gan_error"], at_start


@by(found, judge=(1, 0.1, 0.5), invert=(99, 1e-9, 0.5), never=(99, 0.5, 0.5))
def c21(times_as_long, error, at_start):
    if times_as_long < 5:
        return "judge"
    return "invert" if error < 1e-6 else "search" if error < at_start / 2 else "never"


def moves_of_g(state) -> tuple:
    """The length of G's gradient with the wire and without; and what is left of it where D sees other real points."""
    now, rules = game.match_of(SimpleNamespace(state=state))
    wired, cut = (toy_gan.look(now, toy_gan.Rules(**{**vars(rules), "wired": wired})).figures["gradient"] for wired in (True, False))
    elsewhere = toy_gan.look(now, toy_gan.Rules(**{**vars(rules), "wired": True, "density": "grid"})).figures["gradient"]
    return wired, cut, abs(elsewhere - wired)


@by(moves_of_g, batch=(0.5, 0.2, 0), loss=(0.5, 0, 0.2), never=(0, 0, 0))
def c22(wired, cut, moved_by_real_points):
    """For one and the same D, real points move G's gradient only if G descends on a loss that has them."""
    if wired == 0:
        return "never"
    return "batch" if cut > 0 else "loss" if moved_by_real_points > 0 else "through"


def of_twins(state) -> tuple:
    plain, shifted = measured((state.left, state.right), "feature_distance")
    return plain, shifted, game.off_the_middle(api.game_samples(state.seed, state.other, state.t, state.right))


@by(of_twins, leak=(4, 2, 2), worse=(2, 4, 0.4), same=(2, 2, 0.4))
def c23(plain, shifted, off_the_middle):
    if shifted < 0.9 * plain:
        return "both" if off_the_middle < 1 else "leak"
    return "worse" if shifted > 1.1 * plain else "same"


# --- pictures ---


def hands(state) -> tuple:
    """The share of digits of the grid that are read as their column's, and as their row's most frequent; and how much a column differs."""
    grid = api.digits_grid(state.seed, api.ROWS, state.model)
    said, x = read(grid).argmax(1).view(-1, 10), tiles(grid).view(-1, 10, 784)
    return (
        (said == torch.arange(10)).float().mean().item(),
        (said == said.mode(1, keepdim=True)[0]).float().mean().item(),
        x.std(0).max().item(),
    )


@by(hands, other=(0.3, 0.2, 0.5), copy=(1.0, 0.1, 0.0), swapped=(0.1, 1.0, 0.5))
def c12(by_column, by_row, differs):
    if by_column > 0.95:
        return "hand" if differs > 0.1 else "copy"
    return "swapped" if by_row > 0.95 else "other"


def painted(state) -> tuple:
    l1, gan, both, *_ = api.sketch_terms(state.compared)
    fine = measured(api.TERMS.values(), "high_frequency_energy")
    real = catalog.entry(api.TERMS["both"]).metrics["high_frequency_energy"]["real"]
    return fine[0] / real, hsv(l1)[..., 1].mean()


@by(painted, one=(1.0, 0.4), noise=(2.0, 0.4), grey=(0.5, 0.0))
def c13(detail, colour):
    """The fine detail of the generator with L1 alone as a share of that of photographs, and its colours' saturation."""
    if colour < 0.1:
        return "grey"
    return "middle" if detail < 0.7 else "noise" if detail > 1.3 else "one"


def pair(state) -> tuple:
    said = api.sketch_pair(state.own, state.other, state.judge)[-1]
    return said["right"], said["wrong"], *measured([state.judge], "pair_preference")


@by(pair, photo=(0.5, 0.5, 50), suspects=(0.2, 0.5, 20))
def c14(right, wrong, preferred):
    """Preferred: in how many of a hundred test pictures the right source has the higher score."""
    if preferred > 60 and right > 1.2 * wrong:
        return "pair"
    return "suspects" if preferred < 40 and wrong > 1.2 * right else "photo"


def carried(state) -> tuple:
    """With the cycle term and without: how much of the windows comes back, and how sharp the photograph is on the way."""
    answers = api.worlds_cycle(state.carried)
    both = answers[:5], answers[5:]
    return *(overlap(labelled(x, "window"), labelled(again, "window")) for x, _, again, *_ in both), *(sharp(made) for _, made, *_ in both)


@by(carried, blurred=(0.6, 0.6, 0.05, 0.01), nothing=(0.6, 0.6, 0.05, 0.05))
def c15(windows, windows_without, sharpness, sharpness_without):
    if windows_without < windows / 2:
        return "content"
    return "blurred" if sharpness_without < sharpness / 2 else "nothing"


# --- pixel by pixel ---


def waits(state) -> tuple:
    return tuple(row["steps"] for model in (state.model, state.beside) for row in api.compare_steps(100) if row["model"] == model)


@by(waits, pixels=(10_000, 10_000), rows=(100, 100), once=(1, 1))
def c16(row_lstm, diagonal_bilstm):
    return {(100, 199): "lines", (10_000, 10_000): "pixels", (100, 100): "rows", (1, 1): "once"}[row_lstm, diagonal_bilstm]


def unseen(state) -> tuple:
    """How far to the right, and above, the earlier pixels lie that are never seen: the shipped model's, and those of a hundred layers."""
    shipped = catalog.load(state.model)
    spot = tuple(map(int, state.spot))
    deep = PixelCNN(layers=100, channels=2, head=2, size=21)
    places = []
    for model, (row, column) in ((shipped, spot), (deep, (10, 10))):
        rows, columns = (earlier(model.size, row, column) & ~theoretical_field(model, row, column)).nonzero(as_tuple=True)
        places.append(list(zip((row - rows).tolist(), (columns - column).tolist())))
    return tuple(places)


@by(unseen, none=([(1, 2)], []), left=([(0, -9)], [(0, -9)]), above=([(1, 0)], [(1, 0)]))
def c17(shipped, deep):
    if not deep:
        return "none"
    if (1, 0) in deep:
        return "above"
    return "corner" if all(up > 0 and right > 0 for up, right in shipped + deep) else "left"


def speeds(state) -> tuple:
    rows = {row["model"]: row["images_per_second"] for row in api.compare_steps()}
    return (rows["pixelcnn-mnist"] / rows["row-lstm-mnist"],)


@by(speeds, times=(28,), none=(1.0,), slower=(0.5,))
def c18(times):
    return "slower" if times < 0.9 else "none" if times < 1.1 else "some" if times < 14 else "times"


def odds(state) -> tuple:
    """How ragged the odds of the 256 values of R, G and B are, of the mixture and of the softmax, and the least of the mixture's."""
    asked = [*map(int, state.dot), 0, state.seed, state.temperature]
    p = [
        np.array([api.pixels_colour_at(*asked, name, state.model)[1][plane]["probabilities"] for plane in "RGB"])[:, 1:-1]
        for name in (state.model, state.against)
    ]  # both ends hold the tails
    return *(np.abs(np.diff(one, n=2)).sum() for one in p), p[0].min()


@by(odds, number=(0.02, 0.02, 1e-9), softmax=(0.5, 0.02, 1e-9), density=(0.02, 0.5, 0.0))
def c19(mixture, softmax, least):
    if least == 0:
        return "density"
    return "smooth" if mixture < softmax / 2 else "softmax" if softmax < mixture / 2 else "number"


def planes(state) -> tuple:
    _, said = api.pixels_colour_field(*map(int, state.dot), 0, state.seed, state.temperature, state.model)
    return tuple(said[plane]["B"] != 0 for plane in "RGB")


@by(planes, two=(True, True, False), blue=(False, False, True), all=(True, True, True))
def c20(red, green, blue):
    return {(False, False, False): "none", (True, True, False): "two", (False, False, True): "blue", (True, True, True): "all"}[
        red, green, blue
    ]
