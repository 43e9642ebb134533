"""The live GAN's moves: pure, deterministic, and each the step of one player alone."""

import pytest
import torch

from playground.models.live_gan import (
    D_EPSILON,
    DECAY,
    G_EPSILON,
    LOSSES,
    Game,
    Player,
    d_step,
    discriminate,
    g_step,
    generate,
    pull,
    start,
)


@pytest.fixture
def game():
    """A game in float64 whose D is no longer undecided."""
    played = start(3)
    game = Game(*(Player(player.weights.double(), player.squares.double()) for player in (played.generator, played.discriminator)))
    for _ in range(30):
        game, _ = d_step(game, torch.randn(64, 2).double() + 1, torch.randn(64, 2).double(), 0.01)
    return game


def noise(count: int = 64) -> torch.Tensor:
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


def test_a_move_changes_the_mover_alone_and_leaves_the_game_before_it(game):
    weights = game.discriminator.weights.clone(), game.generator.weights.clone()
    after, _ = d_step(game, noise() + 1, noise(), 0.01)
    assert after.generator is game.generator and not torch.equal(after.discriminator.weights, weights[0])
    after, *_ = g_step(game, noise(), 0.01)
    assert after.discriminator is game.discriminator and not torch.equal(after.generator.weights, weights[1])
    assert torch.equal(game.discriminator.weights, weights[0]) and torch.equal(game.generator.weights, weights[1])
    assert not any(player.weights.requires_grad for player in (after.generator, after.discriminator))


@pytest.mark.parametrize("loss", list(LOSSES))
def test_a_move_of_g_is_rmsprop_on_its_loss(game, loss):
    weights = game.generator.weights.clone().requires_grad_()
    value = LOSSES[loss](discriminate(game.discriminator.weights, generate(weights, noise())))
    value.backward()
    squares = (1 - DECAY) * weights.grad**2
    expected = weights.detach() - 0.01 * weights.grad / ((squares / (1 - DECAY)).sqrt() + G_EPSILON)
    after, said, length = g_step(game, noise(), 0.01, loss)
    torch.testing.assert_close(after.generator.weights, expected)
    assert said == pytest.approx(value.item()) and length == pytest.approx(weights.grad.norm().item()) and after.generator.moves == 1


def test_rmsprop_forgets_as_it_should(game):
    """A second move, from its own definition."""
    first, _ = d_step(game, noise() + 1, noise(), 0.01)
    weights = first.discriminator.weights.clone().requires_grad_()
    fake = generate(first.generator.weights, noise())
    (-(discriminate(weights, noise() + 1).sigmoid().log().mean() + (1 - discriminate(weights, fake).sigmoid()).log().mean())).backward()
    squares = DECAY * first.discriminator.squares + (1 - DECAY) * weights.grad**2
    mean = squares / (1 - DECAY ** (first.discriminator.moves + 1))
    after, _ = d_step(first, noise() + 1, noise(), 0.01)
    torch.testing.assert_close(after.discriminator.weights, weights.detach() - 0.01 * weights.grad / (mean.sqrt() + D_EPSILON))


def test_a_cut_wire_leaves_g_where_it_is(game):
    after, _, length = g_step(game, noise(), 0.1, wired=False)
    assert length == 0 and torch.equal(after.generator.weights, game.generator.weights)
    for _ in range(5):  # nor does anything move it that came before
        game, *_ = g_step(game, noise(), 0.01)
    after, *_ = g_step(game, noise(), 0.1, wired=False)
    assert torch.equal(after.generator.weights, game.generator.weights)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_an_arrow_is_minus_the_gradient_of_its_points_loss(game, loss):
    x = generate(game.generator.weights, noise(4))
    step = 1e-6
    for i, axis in ((0, 0), (3, 1)):
        moved = x.clone()
        moved[i, axis] += step
        both = [LOSSES[loss](discriminate(game.discriminator.weights, points[i : i + 1])) for points in (x, moved)]
        assert pull(game, x, loss)[i, axis].item() == pytest.approx(-(both[1] - both[0]).item() / step, rel=1e-4)
