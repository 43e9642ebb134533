"""A session of the toy GAN: a live game, its seed, and what has been measured of it so far.

Everything here is a pure function of a session and its rules, and the noise of a move depends on (seed, player, number of the move) alone.
So a session can be paused, continued, and replayed from a link.

`d_move` and `g_move` define the moves.  The server plays them as the ONNX graphs that `playground/graphs/game.py` exports for the browser:
torch takes three times as long for so many operations on so few numbers, most of it under Python's lock.
"""

import functools
import math
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from playground.analysis.densities import MODES, REACH, Mixture, density
from playground.models import counter
from playground.models.gan import value
from playground.models.live_gan import LOSSES, Game, Player, d_step, discriminate, g_step, generate, pull, start

FOLDER = Path(__file__).parent.parent / "browser" / "game"  # python -m playground.graphs.game

BATCH = 128
CELLS = 40  # of the square, along each side: for D's field and for histograms
MANY = 16_384  # points of a density: the data set, and its histogram
SHOWN = 256  # points of either kind that are drawn
POINTS = 4096  # of either kind that are counted
EVERY = 25  # rounds between two records of a session that is computed without a viewer
LONGEST = 400  # records
EVEN = 0.1  # real and generated points are about equally many where the best D is this near to 1/2
REAL, LOOK, D_POINTS, D_NOISE, G_NOISE = 3, 4, 5, 6, 7  # streams of random numbers


@dataclass(frozen=True)
class Rules:
    """What may change during a session: the data, and how the players move."""

    density: str = "ring"  # a name of playground.analysis.densities
    drawing: str = ""  # a canvas's packed strokes, for the density that is painted
    loss: str = "non-saturating"  # of G: a name in live_gan.LOSSES
    d_rate: float = 0.003
    g_rate: float = 0.003
    lead: int = 0  # moves of D before the first round
    wired: bool = True  # whether D's gradient reaches G


@dataclass(frozen=True)
class Session:
    """A round is a move of D and a move of G.  A record is (moves of D, D's loss, G's loss, Jensen-Shannon divergence), in nats."""

    seed: int
    game: Game
    records: tuple[tuple[int, float, float, float], ...] = ()

    @property
    def rounds(self) -> int:
        return self.game.generator.moves


@functools.lru_cache(maxsize=8)
def real(name: str, drawing: str) -> tuple[Mixture, Tensor, Tensor]:
    """A density, MANY points drawn from it, which are the game's data set, and the share of them in each cell."""
    mixture = density(name, drawing)
    points = data(mixture)
    return mixture, points, shares(points)


def data(mixture: Mixture) -> Tensor:
    """The data set of a density: (MANY, 2)."""
    return mixture.sample(MANY, counter.key(0, REAL))


def cell(points: Tensor) -> Tensor:
    """The number of the cell in which each point (N, 2) lies, (N,), the top row first; those outside are counted at the border."""
    column = ((points[:, 0] + REACH) * (CELLS / (2 * REACH))).long().clamp(0, CELLS - 1)
    row = ((REACH - points[:, 1]) * (CELLS / (2 * REACH))).long().clamp(0, CELLS - 1)
    return row * CELLS + column


def shares(points: Tensor) -> Tensor:
    """The share of points (N, 2) in each cell of the square: (CELLS * CELLS,)."""
    cells = cell(points)
    return torch.zeros(CELLS * CELLS).scatter_add(0, cells, torch.ones(len(points))) / len(points)


@functools.cache
def centres() -> Tensor:
    """The middle of each cell: (CELLS * CELLS, 2)."""
    line = ((torch.arange(CELLS) + 0.5) * (2 / CELLS) - 1) * REACH
    return torch.stack([line.repeat(CELLS), -line.repeat_interleave(CELLS)], 1)


def best(p: Tensor, q: Tensor) -> Tensor:
    """D* = p / (p + q), the best D against a fixed G (proposition 1 of the paper); nan where both are 0."""
    return p / (p + q)


def jensen_shannon(p: Tensor, q: Tensor) -> Tensor:
    """JSD(p, q) = (KL(p || m) + KL(q || m)) / 2, m = (p + q) / 2, of two distributions over the same cells; 0 to log 2, in nats."""
    m = (p + q) / 2
    return (torch.xlogy(p, p / m).nan_to_num() + torch.xlogy(q, q / m).nan_to_num()).sum() / 2


# --- moves ---


def begin(rules: Rules, seed: int) -> Session:
    """The session before its first round; D has had its lead."""
    session = Session(seed, start(seed))
    for _ in range(rules.lead):
        session = d_moves(session, rules)[0]
    return session


def d_move(game: Game, seed, points: Tensor, rate) -> tuple[Game, Tensor]:
    """D's next move, on a batch of the data set `points` (MANY, 2); see `d_step`."""
    moves = game.discriminator.moves
    batch = points[counter.numbers(counter.key(seed, D_POINTS, moves), BATCH) % MANY]
    return d_step(game, batch, counter.normals(counter.key(seed, D_NOISE, moves), BATCH), rate)


def g_move(game: Game, seed, rate, loss, wired) -> tuple[Game, Tensor, Tensor]:
    """G's next move; see `g_step`."""
    z = counter.normals(counter.key(seed, G_NOISE, game.generator.moves), BATCH)
    return g_step(game, z, rate, loss, wired)


@functools.cache
def _graph(name: str):
    """The graph of that name, which runs on the calling thread; several threads may use it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(FOLDER / f"{name}.onnx", options, providers=["CPUExecutionProvider"])


def _moved(graph: str, session: Session, player: Player, **inputs) -> tuple[Player, float]:
    """The player after a move computed by that graph, and the player's loss before it."""
    game = session.game
    tensors = {"generator": game.generator.weights, "discriminator": game.discriminator.weights, "squares": player.squares}
    tensors |= {name: torch.as_tensor(value) for name, value in {"moves": player.moves, "seed": session.seed, **inputs}.items()}
    outputs = ["weights_after", "squares_after", "value"]
    weights, squares, loss = _graph(graph).run(outputs, {name: tensor.numpy() for name, tensor in tensors.items()})
    return Player(torch.from_numpy(weights), torch.from_numpy(squares), player.moves + 1), loss.item()


def d_moves(session: Session, rules: Rules) -> tuple[Session, float]:
    """The session after a move of D, and D's loss before it."""
    points = real(rules.density, rules.drawing)[1]
    player, loss = _moved("move_d", session, session.game.discriminator, points=points, rate=float(rules.d_rate))
    return replace(session, game=replace(session.game, discriminator=player)), loss


def g_moves(session: Session, rules: Rules) -> tuple[Session, float]:
    """The session after a move of G, and G's loss before it."""
    chances = {"loss": [float(name == rules.loss) for name in LOSSES], "wired": float(rules.wired)}
    player, loss = _moved("move_g", session, session.game.generator, rate=float(rules.g_rate), **chances)
    return replace(session, game=replace(session.game, generator=player)), loss


def play(session: Session, rules: Rules, rounds: int) -> Session:
    """The session after so many more rounds, with one more record, whose losses are means over these rounds."""
    of_d = of_g = 0.0
    for _ in range(rounds):
        session, loss = d_moves(session, rules)
        of_d += loss / rounds
        session, loss = g_moves(session, rules)
        of_g += loss / rounds
    return _recorded(session, rules, of_d, of_g)


def moved(session: Session, rules: Rules, mover: str) -> Session:
    """The session after one move of "D" or "G", with one more record, in which the other player's loss is the last known one."""
    of_d, of_g = session.records[-1][1:3] if session.records else (math.nan, math.nan)
    if mover == "D":
        session, of_d = d_moves(session, rules)
    else:
        session, of_g = g_moves(session, rules)
    return _recorded(session, rules, of_d, of_g)


def _recorded(session: Session, rules: Rules, of_d: float, of_g: float) -> Session:
    divergence = jensen_shannon(real(rules.density, rules.drawing)[2], shares(generated(session))).item()
    records = (*session.records, (session.game.discriminator.moves, of_d, of_g, divergence))
    return replace(session, records=records if len(records) <= LONGEST else records[::2])


@functools.lru_cache(maxsize=8)  # for presets, and for the session that the tab opens with
def played(rules: Rules, seed: int, rounds: int) -> Session:
    """A session of so many rounds, from its beginning."""
    session = begin(rules, seed)
    while session.rounds < rounds:
        session = play(session, rules, min(EVERY, rounds - session.rounds))
    return session


# --- what the page shows of a session ---


def generated(session: Session, count: int = POINTS) -> Tensor:
    """Points that G makes, (count, 2), from the same z every time, so that each of them can be seen to move."""
    return _generated(session.game.generator.weights, session.seed)[:count]


@functools.lru_cache(maxsize=8)  # by the weights' identity: a frame asks three times
def _generated(weights: Tensor, seed: int) -> Tensor:
    return generated_points(weights, seed)


def generated_points(weights: Tensor, seed, count: int = POINTS) -> Tensor:
    """What `generated` gives, from G's weights."""
    return generate(weights, counter.normals(counter.key(seed, LOOK), count))


def field(game: Game) -> Tensor:
    """D at the middle of each cell: (CELLS * CELLS,), from 0 to 1."""
    return discriminate(game.discriminator.weights, centres()).sigmoid()


def measured(game: Game, seed, fake: Tensor, points: Tensor, p: Tensor, loss, wired) -> tuple[Tensor, dict[str, Tensor]]:
    """The best D in each cell (CELLS * CELLS,), and the figures of `look` that are measured against a data set, scalars; "even" is 0 where
    there are no such points.

    fake (POINTS, 2): generated points; points (MANY, 2), p (CELLS * CELLS,): the data set and its shares.
    """
    d, q = game.discriminator.weights, shares(fake)
    optimum = best(p, q)
    _, _, gradient = g_step(game, counter.normals(counter.key(seed, LOOK), BATCH), 0.0, loss, wired)
    of_real, of_made = discriminate(d, points[:POINTS]), discriminate(d, fake)
    found, should = torch.cat([of_real, of_made]).sigmoid(), optimum[torch.cat([cell(points[:POINTS]), cell(fake)])]
    even = (should - 0.5).abs() < EVEN
    figures = {
        "value": value(of_real, of_made),
        "divergence": jensen_shannon(p, q),
        "off": (found - should).abs().mean(),
        "even": (found * even).sum() / even.sum().clamp(min=1),
        "gradient": gradient,
        "covered": (p * (q > 0)).sum(),
    }
    return optimum, figures


def modes_hit(fake: Tensor, modes: Tensor, spread, count) -> Tensor:
    """How many of the first `count` of `modes` (M, 2; the rest is padding) have at least a tenth of their fair share of points (N, 2)."""
    distance, nearest = (fake[:, None] - modes).square().sum(2).min(1)
    near = (nearest[:, None] == torch.arange(len(modes))) & (distance < (3 * spread) ** 2)[:, None]
    return (near.sum(0) * count * 10 >= len(fake)).sum()


@dataclass(frozen=True)
class Look:
    """What the page shows of a session: points (SHOWN, 2), D and its optimum in each cell (CELLS * CELLS,), and figures."""

    real: Tensor
    generated: Tensor
    field: Tensor
    best: Tensor
    figures: dict[str, float | int | None]


def look(session: Session, rules: Rules) -> Look:
    """What the page shows of a session.

    figures: rounds; d_loss, g_loss: of the last record; value: V(D, G), divergence: JSD, both in nats; off: how far D is from its optimum,
    on average over real and generated points; even: D's mean over the points where its optimum is about 1/2, None if there are none;
    gradient: the norm of the gradient of G's weights; covered: the fraction of real points in cells where G makes any; modes: the number of
    centres, modes_hit: how many of them have at least a tenth of their fair share of generated points within 3 standard deviations, both
    None for a line.
    """
    mixture, points, p = real(rules.density, rules.drawing)
    fake, modes, hit = generated(session), None, None
    optimum, measures = measured(session.game, session.seed, fake, points, p, rules.loss, rules.wired)
    if rules.density in MODES:
        modes = len(mixture.centres)
        hit = modes_hit(fake, mixture.centres, mixture.spread, modes).item()
    last = session.records[-1] if session.records else (0, math.nan, math.nan, math.nan)
    figures = {"rounds": session.rounds, "d_loss": last[1], "g_loss": last[2]} | {name: value.item() for name, value in measures.items()}
    figures |= {"modes": modes, "modes_hit": hit, "even": figures["even"] or None}
    return Look(points[:SHOWN], fake[:SHOWN], field(session.game), optimum, figures)


def pulls(session: Session, rules: Rules, loss: str) -> Tensor:
    """Where `loss` pulls each generated point that is shown, (SHOWN, 2); 0 if G gets no gradient from D."""
    return pull(session.game, generated(session, SHOWN), loss) * rules.wired
