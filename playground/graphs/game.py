"""The live game (`playground/analysis/toy_gan.py`) as graphs: tensors in, tensors out, no state between two calls.

They belong to no model: `python -m playground.graphs.game` writes them into `playground/browser/game/`, and `analysis/toy_gan.py` and
`browser/match.js` play with them.  A player is three tensors here: weights and mean squares (P,) float32, and its number of moves, int64.
"""

import json
import warnings

import torch
from torch import Tensor, nn

from playground.analysis import toy_gan
from playground.analysis.densities import DENSITIES, MODES, PAINTED, REACH, SIDE, Mixture, pixel_centres
from playground.analysis.toy_gan import CELLS, FOLDER, MANY, SHOWN
from playground.models.live_gan import LOSSES, Game, Player, pull, start

MANIFEST = "graphs.json"
OPSET = 18
NAMES = [*DENSITIES, PAINTED]  # a graph takes a density as its index in this list, (1,) int64
ARROW = 0.03  # length of an arrow, in units of the plane, where the gradient is 1


def thousandths(points: Tensor) -> Tensor:
    """Points for the board: int32, in thousandths of REACH; points outside the square are moved to its border."""
    return (points.clamp(-REACH, REACH) * (1000 / REACH)).round().int()


def levels(shares: Tensor) -> Tensor:
    """Numbers from 0 to 1 as uint8; NaN becomes 0."""
    return (shares.nan_to_num(0) * 255).to(torch.uint8)


def _game(generator: Tensor, discriminator: Tensor) -> Game:
    """A game with these weights and fresh optimizers."""
    return Game(*(Player(weights, torch.zeros_like(weights)) for weights in (generator, discriminator)))


def _weights() -> dict[str, Tensor]:
    begun = start(1)
    return {"generator": begun.generator.weights, "discriminator": begun.discriminator.weights}


class _Graph(nn.Module):
    """`examples()`: every input, as large as it will be; `forward` gives the outputs by name."""

    SEED, RATE, WIRED = torch.tensor(1), torch.tensor(0.003), torch.tensor(1.0)
    LOSS = torch.tensor([1.0, 0.0])  # how much each of LOSSES counts

    def examples(self) -> dict[str, Tensor]:
        raise NotImplementedError


class Begin(_Graph):
    """A seed -> both players' weights before the first move."""

    def examples(self):
        return {"seed": self.SEED}

    def forward(self, seed):
        game = start(seed)
        return {"generator": game.generator.weights, "discriminator": game.discriminator.weights}


class Data(_Graph):
    """A density, and the ink of a painted one (SIDE * SIDE,) -> the data set, its share in each cell, and the points that are shown."""

    def __init__(self):
        super().__init__()
        mixtures = [make() for make in DENSITIES.values()]
        owners = [torch.full((len(mixture.centres),), i) for i, mixture in enumerate(mixtures)]
        self.register_buffer("owner", torch.cat([torch.full((SIDE**2,), NAMES.index(PAINTED)), *owners]))
        self.register_buffer("centres", torch.cat([pixel_centres(), *(mixture.centres for mixture in mixtures)]))
        self.register_buffer("spreads", torch.tensor([*(mixture.spread for mixture in mixtures), REACH / SIDE]))

    def examples(self):
        return {"density": torch.tensor([0]), "ink": torch.ones(SIDE**2)}

    def forward(self, density, ink):
        weights = (self.owner == density) * torch.cat([ink, torch.ones(len(self.owner) - SIDE**2)])
        points = toy_gan.data(Mixture(self.centres, self.spreads.index_select(0, density), weights))
        return {"points": points, "shares": toy_gan.shares(points), "real": thousandths(points[:SHOWN])}


class MoveD(_Graph):
    """D's next move -> the player after it, and its loss before it."""

    def examples(self):
        weights = _weights()
        squares = torch.zeros_like(weights["discriminator"])
        return {
            **weights,
            "squares": squares,
            "moves": torch.tensor(0),
            "points": torch.zeros(MANY, 2),
            "seed": self.SEED,
            "rate": self.RATE,
        }

    def forward(self, generator, discriminator, squares, moves, points, seed, rate):
        game = Game(Player(generator, torch.zeros_like(generator)), Player(discriminator, squares, moves))
        game, loss = toy_gan.d_move(game, seed, points, rate)
        return _after(game.discriminator) | {"value": loss}


class MoveG(_Graph):
    """G's next move -> the player after it, and its loss before it."""

    def examples(self):
        weights = _weights()
        squares = torch.zeros_like(weights["generator"])
        rules = {"rate": self.RATE, "loss": self.LOSS, "wired": self.WIRED}
        return {**weights, "squares": squares, "moves": torch.tensor(0), "seed": self.SEED, **rules}

    def forward(self, generator, discriminator, squares, moves, seed, rate, loss, wired):
        game = Game(Player(generator, squares, moves), Player(discriminator, torch.zeros_like(discriminator)))
        game, value, _ = toy_gan.g_move(game, seed, rate, loss, wired)
        return _after(game.generator) | {"value": value}


def _after(player: Player) -> dict[str, Tensor]:
    return {"weights_after": player.weights, "squares_after": player.squares, "moves_after": player.moves}


class View(_Graph):
    """Both players' weights -> what the board paints: generated points, D's field, and an arrow at each point for each of LOSSES."""

    def examples(self):
        return {**_weights(), "seed": self.SEED, "wired": self.WIRED}

    def forward(self, generator, discriminator, seed, wired):
        game = _game(generator, discriminator)
        fake = toy_gan.generated_points(generator, seed, SHOWN)
        arrows = torch.stack([thousandths(pull(game, fake, loss) * wired * ARROW) for loss in LOSSES])
        return {"made": thousandths(fake), "field": levels(toy_gan.field(game)), "arrows": arrows}


class Measure(_Graph):
    """Both players' weights and the data -> the best D's field, and the figures of `toy_gan.look`."""

    def __init__(self):
        super().__init__()
        mixtures = [DENSITIES[name]() if name in MODES else None for name in NAMES]
        counts = [len(mixture.centres) if mixture else 0 for mixture in mixtures]
        modes = torch.full((len(NAMES), max(counts), 2), 1e6)  # far away where there is none
        for row, mixture, count in zip(modes, mixtures, counts):
            row[:count] = mixture.centres if mixture else 0
        self.register_buffer("modes", modes)
        self.register_buffer("counts", torch.tensor(counts))
        self.register_buffer("spreads", torch.tensor([mixture.spread if mixture else 0.0 for mixture in mixtures]))

    def examples(self):
        data = {"points": torch.zeros(MANY, 2), "shares": torch.ones(CELLS**2) / CELLS**2, "density": torch.tensor([0])}
        return {**_weights(), "seed": self.SEED, **data, "loss": self.LOSS, "wired": self.WIRED}

    def forward(self, generator, discriminator, seed, points, shares, density, loss, wired):
        game = _game(generator, discriminator)
        fake = toy_gan.generated_points(generator, seed)
        best, figures = toy_gan.measured(game, seed, fake, points, shares, loss, wired)
        modes, count, spread = (table.index_select(0, density)[0] for table in (self.modes, self.counts, self.spreads))
        hit = toy_gan.modes_hit(fake, modes, spread, count)
        return {"best": levels(best), **figures, "modes_hit": hit}


GRAPHS = {"begin": Begin, "data": Data, "move_d": MoveD, "move_g": MoveG, "view": View, "measure": Measure}


def export(name: str) -> bytes:
    """A graph as an ONNX file.  Its gradients are traced first, so that torch.onnx sees the operations that compute them."""
    import onnx_ir
    from onnxscript import optimizer
    from torch.fx.experimental.proxy_tensor import make_fx

    graph = GRAPHS[name]()
    examples = graph.examples()
    traced = make_fx(lambda *values: tuple(graph(**dict(zip(examples, values))).values()))(*examples.values()).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        program = torch.onnx.export(
            traced,
            tuple(examples.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(examples),
            output_names=list(graph(**examples)),
            optimize=False,
            verbose=False,
        )
    optimizer.optimize_ir(program.model, input_size_limit=1024, output_size_limit=4096)  # does not fold large tables into constants
    for node in program.model.graph:
        node.metadata_props.clear()  # its source lines in Python
    program.model.metadata_props.clear()
    program.model.producer_version = None
    return onnx_ir.to_proto(program.model).SerializeToString()


def described() -> dict:
    """Of each graph: its inputs and outputs, name -> [dtype, shape]."""

    def shapes(values: dict[str, Tensor]) -> dict:
        return {name: [str(value.dtype).removeprefix("torch."), list(value.shape)] for name, value in values.items()}

    graphs = {name: make() for name, make in GRAPHS.items()}
    return {name: {"inputs": shapes(graph.examples()), "outputs": shapes(graph(**graph.examples()))} for name, graph in graphs.items()}


def main() -> None:
    """Writes all graphs, and their inputs and outputs."""
    FOLDER.mkdir(exist_ok=True)
    for name in GRAPHS:
        (FOLDER / f"{name}.onnx").write_bytes(export(name))
    (FOLDER / MANIFEST).write_text(json.dumps(described(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
