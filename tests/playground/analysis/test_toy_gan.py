"""Matches of the live game: the same from a link as played by hand, and measured right."""

import math
from dataclasses import replace

import pytest
import torch

from playground.analysis import toy_gan
from playground.analysis.densities import Mixture
from playground.analysis.toy_gan import (
    Rules,
    begin,
    best,
    d_move,
    d_moves,
    g_move,
    g_moves,
    generated,
    jensen_shannon,
    look,
    moved,
    play,
    played,
    pulls,
    shares,
)
from playground.models import counter
from playground.models.live_gan import d_step, g_step, pull


def same(one, other) -> bool:
    return all(
        torch.equal(getattr(one.game, player).weights, getattr(other.game, player).weights) for player in ("generator", "discriminator")
    )


def test_a_match_is_a_function_of_its_rules_its_seed_and_its_rounds():
    rules = Rules(lead=3)
    whole = played(rules, 7, 40)
    by_hand = begin(rules, 7)
    for _ in range(40):
        by_hand = moved(moved(by_hand, rules, "D"), rules, "G")
    assert same(whole, by_hand) and whole.rounds == 40 and whole.game.discriminator.moves == 43
    assert same(play(play(begin(rules, 7), rules, 15), rules, 25), whole)
    assert not same(played(rules, 8, 40), whole)


@pytest.mark.parametrize("rules", [Rules(), Rules("grid", loss="saturating", d_rate=0.02, g_rate=0.005), Rules(wired=False)])
def test_the_graphs_that_play_give_what_the_moves_are_defined_as(rules):
    session = played(rules, 5, 20)
    (after_d, of_d), (after_g, of_g) = d_moves(session, rules), g_moves(session, rules)
    d, d_loss = d_move(session.game, 5, toy_gan.real(rules.density, "")[1], rules.d_rate)
    g, g_loss, _ = g_move(session.game, 5, rules.g_rate, rules.loss, rules.wired)
    assert (of_d, of_g) == pytest.approx((d_loss.item(), g_loss.item()), rel=1e-4)
    for found, right in ((after_d.game.discriminator, d.discriminator), (after_g.game.generator, g.generator)):
        assert (found.weights - right.weights).norm() < 1e-3 * right.weights.norm() and found.moves == right.moves
        torch.testing.assert_close(found.squares, right.squares, rtol=1e-2, atol=1e-7)
    assert torch.equal(after_g.game.generator.weights, session.game.generator.weights) != rules.wired


def test_torch_computes_no_move_and_makes_the_points_of_a_frame_once(monkeypatch):
    """What a server's frame costs: moves are the graphs', and the record, the figures and the arrows share the points that G makes."""
    calls = []

    def noted(function):
        return lambda *given: calls.append(function.__name__) or function(*given)

    for function in (d_step, g_step, toy_gan.generated_points):
        monkeypatch.setattr(toy_gan, function.__name__, noted(function))
    session = play(begin(Rules(lead=3), 9), Rules(lead=3), 8)
    assert calls == ["generated_points"]
    look(session, Rules())
    pulls(session, Rules(), "saturating")
    assert calls == ["generated_points", "g_step"]  # the length of G's gradient is a figure


def test_a_move_keeps_the_other_player():
    before = begin(Rules(), 1)
    after = moved(before, Rules(), "D")
    assert after.game.generator is before.game.generator and after.rounds == 0
    after = moved(before, Rules(), "G")
    assert after.game.discriminator is before.game.discriminator and after.rounds == 1


def test_records_hold_mean_losses_and_stay_few(monkeypatch):
    first, of_d = d_moves(begin(Rules(), 2), Rules())
    first, of_g = g_moves(first, Rules())
    second, of_d2 = d_moves(first, Rules())
    _, of_g2 = g_moves(second, Rules())
    record = play(begin(Rules(), 2), Rules(), 2).records[0]
    assert record[:3] == pytest.approx((2, (of_d + of_d2) / 2, (of_g + of_g2) / 2))
    monkeypatch.setattr(toy_gan, "LONGEST", 6)
    game = begin(Rules(), 2)
    for _ in range(20):
        game = play(game, Rules(), 1)
        assert len(game.records) <= 6
    assert game.records[-1][0] == 20


def test_cells_are_counted_where_they_are():
    points = torch.tensor([[-1.49, 1.49], [-1.49, 1.49], [1.49, -1.49], [9.0, 0.01]])
    counted = shares(points).view(toy_gan.CELLS, toy_gan.CELLS)
    assert counted[0, 0] == 0.5 and counted[-1, -1] == 0.25 and counted[toy_gan.CELLS // 2 - 1, -1] == 0.25
    assert torch.equal(shares(toy_gan.centres()), torch.full((toy_gan.CELLS**2,), 1 / toy_gan.CELLS**2))


def test_the_divergence_is_jensens_and_shannons():
    p, q = torch.tensor([0.5, 0.5, 0.0, 0.0]), torch.tensor([0.0, 0.5, 0.5, 0.0])
    assert jensen_shannon(p, p) == 0 and jensen_shannon(p, p.flip(0)).item() == pytest.approx(math.log(2))
    assert jensen_shannon(p, q).item() == pytest.approx(math.log(2) / 2)
    assert best(p, q).tolist()[:3] == [1, 0.5, 0]


def test_the_estimate_of_the_divergence_is_near_the_true_one():
    """Two normal densities a standard deviation apart: by counting points in cells, against quadrature."""
    p, q = Mixture(torch.tensor([[0.0, 0.0]]), 0.3), Mixture(torch.tensor([[0.3, 0.0]]), 0.3)
    counted = jensen_shannon(shares(p.sample(toy_gan.MANY, counter.key(1, 0))), shares(q.sample(4096, counter.key(1, 1)))).item()
    line = torch.linspace(-1.5, 1.5, 400)
    cells = [density.log_prob(torch.cartesian_prod(line, line)).exp() * (3 / 399) ** 2 for density in (p, q)]
    assert counted == pytest.approx(jensen_shannon(*cells).item(), abs=0.03)


def test_a_look_changes_nothing_and_says_what_the_board_shows():
    rules = Rules(density="gaussian")
    game = played(rules, 1, 30)
    weights = game.game.generator.weights.clone()
    seen = look(game, rules)
    assert torch.equal(game.game.generator.weights, weights)
    assert torch.equal(seen.generated, generated(game)[: toy_gan.SHOWN]) and seen.figures["modes"] == 1
    torch.testing.assert_close(pulls(game, rules, "saturating"), pull(game.game, seen.generated, "saturating"))
    cut = replace(rules, wired=False)
    assert not pulls(game, cut, rules.loss).any() and look(game, cut).figures["gradient"] == 0
