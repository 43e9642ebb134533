"""A match: a live game with its seed and what has been measured so far.

Everything here is a pure function of a match and its rules, and every move's noise one of (seed, player, number of the move): so a match
can be paused, gone on with, and played again from a link.
"""

import functools
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from playground.analysis.densities import MODES, REACH, Mixture, density
from playground.models.gan import value
from playground.models.live_gan import Game, d_step, discriminate, g_step, generate, pull, start

BATCH = 128
CELLS = 40  # of the square, along each side: for D's field and for histograms
MANY = 16_384  # points of a density for its histogram
SHOWN = 256  # points of either kind that are drawn
EVERY = 25  # rounds between two records of a match that is played at once
LONGEST = 400  # records
EVEN = 0.1  # so near to 1/2 the best D is where real and made points are about equally many


@dataclass(frozen=True)
class Rules:
    """What may change while a match is on: which points are real, and how the players move."""

    density: str = "ring"  # a name of playground.analysis.densities
    drawing: str = ""  # a canvas's packed strokes, for the density that is painted
    loss: str = "non-saturating"  # of G: a name in live_gan.LOSSES
    d_rate: float = 0.003
    g_rate: float = 0.003
    lead: int = 0  # moves of D before the first round
    wired: bool = True  # whether D's gradient reaches G


@dataclass(frozen=True)
class Match:
    """A round is a move of D and a move of G.  A record is (moves of D, D's loss, G's loss, Jensen-Shannon divergence), in nats."""

    seed: int
    game: Game
    records: tuple[tuple[int, float, float, float], ...] = ()

    @property
    def rounds(self) -> int:
        return self.game.generator.moves


def _chance(seed: int, player: int, move: int) -> torch.Generator:
    return torch.Generator().manual_seed((seed * 3 + player) * 100_003 + move)


def _noise(count: int, chance: torch.Generator) -> Tensor:
    return torch.randn(count, 2, generator=chance)


@functools.lru_cache(maxsize=8)
def real(name: str, drawing: str) -> tuple[Mixture, Tensor, Tensor]:
    """A density, MANY points of it, and the share of them in each cell."""
    chosen = density(name, drawing)
    points = chosen.sample(MANY, torch.Generator().manual_seed(0))
    return chosen, points, shares(points)


def cell(points: Tensor) -> Tensor:
    """The number of the cell in which each point (N, 2) lies, (N,), the top row first; those outside are counted at the border."""
    column = ((points[:, 0] + REACH) * (CELLS / (2 * REACH))).long().clamp(0, CELLS - 1)
    row = ((REACH - points[:, 1]) * (CELLS / (2 * REACH))).long().clamp(0, CELLS - 1)
    return row * CELLS + column


def shares(points: Tensor) -> Tensor:
    """The share of points (N, 2) in each cell of the square: (CELLS * CELLS,)."""
    return torch.bincount(cell(points), minlength=CELLS * CELLS) / len(points)


@functools.cache
def centres() -> Tensor:
    """The middle of each cell: (CELLS * CELLS, 2)."""
    line = ((torch.arange(CELLS) + 0.5) * (2 / CELLS) - 1) * REACH
    return torch.stack([line.repeat(CELLS), -line.repeat_interleave(CELLS)], 1)


def best(p: Tensor, q: Tensor) -> Tensor:
    """D* = p / (p + q), the best D against a fixed G (proposition 1 of the paper); where neither is, nan."""
    return p / (p + q)


def jensen_shannon(p: Tensor, q: Tensor) -> float:
    """JSD(p, q) = (KL(p || m) + KL(q || m)) / 2, m = (p + q) / 2, of two distributions over the same cells; 0 to log 2, in nats."""
    m = (p + q) / 2
    return float((torch.xlogy(p, p / m).nan_to_num() + torch.xlogy(q, q / m).nan_to_num()).sum() / 2)


# --- moves ---


def begin(rules: Rules, seed: int) -> Match:
    """The match before its first round; D has had its lead."""
    match = Match(seed, start(seed))
    for _ in range(rules.lead):
        match = d_moves(match, rules)[0]
    return match


def d_moves(match: Match, rules: Rules) -> tuple[Match, float]:
    """The match after a move of D, and D's loss before it."""
    chance = _chance(match.seed, 1, match.game.discriminator.moves)
    points = real(rules.density, rules.drawing)[0].sample(BATCH, chance)
    game, loss = d_step(match.game, points, _noise(BATCH, chance), rules.d_rate)
    return replace(match, game=game), loss


def g_moves(match: Match, rules: Rules) -> tuple[Match, float]:
    """The match after a move of G, and G's loss before it."""
    z = _noise(BATCH, _chance(match.seed, 2, match.game.generator.moves))
    game, loss, _ = g_step(match.game, z, rules.g_rate, rules.loss, rules.wired)
    return replace(match, game=game), loss


def play(match: Match, rules: Rules, rounds: int) -> Match:
    """The match after so many rounds more, with one more record: the losses are means over them."""
    of_d = of_g = 0.0
    for _ in range(rounds):
        match, loss = d_moves(match, rules)
        of_d += loss / rounds
        match, loss = g_moves(match, rules)
        of_g += loss / rounds
    return _recorded(match, rules, of_d, of_g)


def moved(match: Match, rules: Rules, mover: str) -> Match:
    """The match after one move of "D" or "G", with one more record; of the other player's loss it keeps the last one."""
    of_d, of_g = match.records[-1][1:3] if match.records else (math.nan, math.nan)
    if mover == "D":
        match, of_d = d_moves(match, rules)
    else:
        match, of_g = g_moves(match, rules)
    return _recorded(match, rules, of_d, of_g)


def _recorded(match: Match, rules: Rules, of_d: float, of_g: float) -> Match:
    divergence = jensen_shannon(real(rules.density, rules.drawing)[2], shares(made(match)))
    records = (*match.records, (match.game.discriminator.moves, of_d, of_g, divergence))
    return replace(match, records=records if len(records) <= LONGEST else records[::2])


@functools.lru_cache(maxsize=8)  # presets, and the match that the tab opens with
def played(rules: Rules, seed: int, rounds: int) -> Match:
    """A match of so many rounds, from its beginning."""
    match = begin(rules, seed)
    while match.rounds < rounds:
        match = play(match, rules, min(EVERY, rounds - match.rounds))
    return match


# --- what is seen of it ---


def made(match: Match, count: int = 4096) -> Tensor:
    """Points that G makes, (count, 2), the same z at every look: so that one sees each of them move."""
    return generate(match.game.generator.weights, _noise(count, _chance(match.seed, 0, 0)))


@dataclass(frozen=True)
class Look:
    """What is to be seen of a match: points (SHOWN, 2), D and its optimum in each cell (CELLS * CELLS,), and figures."""

    real: Tensor
    made: Tensor
    field: Tensor
    best: Tensor
    figures: dict[str, float | int | None]


def look(match: Match, rules: Rules) -> Look:
    """figures: rounds; d_loss, g_loss: of the last record; value: V(D, G), divergence: JSD, both in nats; off: how far D is from its
    optimum on average over real and made points; even: D's mean over the points where it should say about 1/2, None where there are none;
    gradient: length of that of G's weights; covered: share of real points in cells where
    G makes any; modes: how many centres, modes_hit: near how many (3 standard deviations) G makes a tenth of its fair share or more,
    both None for a line."""
    chosen, points, p = real(rules.density, rules.drawing)
    fake = made(match)
    q = shares(fake)
    d = match.game.discriminator.weights
    field, optimum = discriminate(d, centres()).sigmoid(), best(p, q)
    _, _, gradient = g_step(match.game, _noise(BATCH, _chance(match.seed, 0, 0)), 0.0, rules.loss, rules.wired)
    modes = hit = None
    if rules.density in MODES:
        modes = len(chosen.centres)
        distance, nearest = torch.cdist(fake, chosen.centres).min(1)
        near = torch.bincount(nearest[distance < 3 * chosen.spread], minlength=modes)
        hit = int((near * modes * 10 >= len(fake)).sum())
    of_real, of_made = discriminate(d, points[: len(fake)]), discriminate(d, fake)
    said_of, should = torch.cat([of_real, of_made]).sigmoid(), optimum[torch.cat([cell(points[: len(fake)]), cell(fake)])]
    even = said_of[(should - 0.5).abs() < EVEN]
    last = match.records[-1] if match.records else (0, math.nan, math.nan, math.nan)
    said = {
        "rounds": match.rounds,
        "d_loss": last[1],
        "g_loss": last[2],
        "value": value(of_real, of_made).item(),
        "divergence": jensen_shannon(p, q),
        "off": float((said_of - should).abs().mean()),
        "even": float(even.mean()) if len(even) else None,
        "gradient": gradient,
        "covered": float(p[q > 0].sum()),
        "modes": modes,
        "modes_hit": hit,
    }
    return Look(points[:SHOWN], fake[:SHOWN], field, optimum, said)


def pulls(match: Match, rules: Rules, loss: str) -> Tensor:
    """Where `loss` draws each made point that is seen, (SHOWN, 2); nowhere if the wire is cut."""
    fake = made(match)[:SHOWN]
    return pull(match.game, fake, loss) if rules.wired else torch.zeros_like(fake)
