"""The live game's graphs: the files that the browser plays by give what `playground/analysis/toy_gan.py` gives, move for move."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from playground.analysis import toy_gan
from playground.analysis.densities import REACH
from playground.analysis.toy_gan import Rules
from playground.drawing.strokes import Stroke, pack
from playground.graphs import game as graphs
from playground.graphs.game import ARROW, FOLDER, GRAPHS, NAMES, described, levels, thousandths
from playground.models.live_gan import LOSSES, Game, Player

STROKE = pack([Stroke(((128, 128), (384, 200)), width=30)])
RULES = [
    Rules(),
    Rules("grid", loss="saturating", d_rate=0.02, g_rate=0.005),
    Rules("painted", STROKE, d_rate=0.001, g_rate=0.03),
    Rules("moons", wired=False),
]


@pytest.fixture(scope="module")
def run():
    """run(graph, **inputs) -> the outputs of the file, by name."""
    import onnxruntime

    sessions = {name: onnxruntime.InferenceSession(FOLDER / f"{name}.onnx") for name in GRAPHS}
    examples = {name: make().examples() for name, make in GRAPHS.items()}

    def call(name: str, **inputs) -> dict[str, torch.Tensor]:
        feeds = {key: torch.as_tensor(inputs[key], dtype=value.dtype).reshape(value.shape).numpy() for key, value in examples[name].items()}
        outputs = [output.name for output in sessions[name].get_outputs()]
        return dict(zip(outputs, map(torch.as_tensor, sessions[name].run(None, feeds))))

    return call


def ink(rules: Rules) -> torch.Tensor:
    return toy_gan.real(rules.density, rules.drawing)[0].weights if rules.density == "painted" else torch.zeros(graphs.SIDE**2)


def chances(rules: Rules) -> dict:
    return {"loss": [float(name == rules.loss) for name in LOSSES], "wired": float(rules.wired)}


def near(one: torch.Tensor, other: torch.Tensor, share: float) -> bool:
    return bool((one - other).norm() <= share * other.norm())


def test_the_manifest_says_what_the_files_take_and_give():
    assert json.loads((FOLDER / graphs.MANIFEST).read_text(encoding="utf-8")) == described(), "python -m playground.graphs.game"
    assert {path.stem for path in FOLDER.glob("*.onnx")} == set(GRAPHS)


@pytest.mark.parametrize("rules", [*RULES, Rules("spiral"), Rules("gaussian")], ids=lambda rules: rules.density)
def test_the_data_sets_are_the_same(run, rules):
    _, points, shares = toy_gan.real(rules.density, rules.drawing)
    found = run("data", density=NAMES.index(rules.density), ink=ink(rules))
    torch.testing.assert_close(found["points"], points, rtol=0, atol=2e-6)
    assert (found["shares"] - shares).abs().sum() < 2e-3  # a point on a cell's border may be counted on its other side
    assert (found["real"] - thousandths(points[: toy_gan.SHOWN])).abs().max() <= 1


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.density)
def test_fifty_rounds_are_the_same_move_for_move(run, rules):
    """Each move from where the files' match stands: a game is chaos, and would carry the last bit of one move to all of the 50th."""
    seed, points = 5, toy_gan.real(rules.density, rules.drawing)[1]
    begun = run("begin", seed=seed)
    own = toy_gan.begin(rules, seed).game
    game = Game(*(Player(begun[name], torch.zeros_like(begun[name])) for name in ("generator", "discriminator")))
    assert near(game.generator.weights, own.generator.weights, 1e-6) and near(game.discriminator.weights, own.discriminator.weights, 1e-6)

    for _ in range(50):
        expected, value = toy_gan.d_move(game, seed, points, rules.d_rate)
        weights, d = {"generator": game.generator.weights, "discriminator": game.discriminator.weights}, game.discriminator
        found = run("move_d", **weights, squares=d.squares, moves=d.moves, points=points, seed=seed, rate=rules.d_rate)
        game = replace(game, discriminator=Player(found["weights_after"], found["squares_after"], int(found["moves_after"])))
        same(game.discriminator, expected.discriminator, found["value"], value)

        expected, value, _ = toy_gan.g_move(game, seed, rules.g_rate, rules.loss, rules.wired)
        weights, g = {"generator": game.generator.weights, "discriminator": game.discriminator.weights}, game.generator
        rest = {"seed": seed, "rate": rules.g_rate, **chances(rules)}
        found = run("move_g", **weights, squares=g.squares, moves=g.moves, **rest)
        game = replace(game, generator=Player(found["weights_after"], found["squares_after"], int(found["moves_after"])))
        same(game.generator, expected.generator, found["value"], value)


def same(found: Player, expected: Player, value: torch.Tensor, right: torch.Tensor) -> None:
    """RMSprop divides by the gradient's size: of one that is nothing but rounding it makes a whole step, so weights may differ more."""
    assert near(found.weights, expected.weights, 1e-3) and near(found.squares, expected.squares, 1e-4) and found.moves == expected.moves
    assert value.item() == pytest.approx(right.item(), rel=1e-4)


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.density)
def test_what_is_seen_and_measured_is_the_same(run, rules):
    played = toy_gan.played(rules, 3, 100)
    seen, (_, points, shares) = toy_gan.look(played, rules), toy_gan.real(rules.density, rules.drawing)
    weights = {"generator": played.game.generator.weights, "discriminator": played.game.discriminator.weights, "seed": 3}
    found = run("view", **weights, wired=rules.wired)
    assert (found["made"] - thousandths(seen.generated)).abs().max() <= 1
    assert (found["field"].int() - levels(seen.field).int()).abs().max() <= 1
    for arrows, loss in zip(found["arrows"], LOSSES):
        np.testing.assert_allclose(arrows, thousandths(toy_gan.pulls(played, rules, loss) * ARROW), rtol=1e-3, atol=1)
    assert found["arrows"].any() == rules.wired
    found = run("measure", **weights, points=points, shares=shares, density=NAMES.index(rules.density), **chances(rules))
    assert (found["best"].int() - levels(seen.best).int()).abs().max() <= 1
    for name, value in found.items():
        if name != "best" and seen.figures[name] is not None:
            assert value.item() == pytest.approx(seen.figures[name], rel=1e-3, abs=1e-5), name


def test_points_outside_the_square_are_shown_at_its_border():
    assert thousandths(torch.tensor([[2 * REACH, -REACH / 2]])).tolist() == [[1000, -500]]
