"""C9: GAN training is a game in turns, and against a fixed G, the best D is p / (p + q) (proposition 1, arXiv 1406.2661)."""

import math

import torch

from playground.analysis.densities import Mixture
from playground.analysis.toy_gan import best, jensen_shannon
from playground.models import counter
from playground.models.gan import discriminator_loss, value
from playground.models.live_gan import LOSSES, Game, Player, d_step, discriminate, generate, start

P = torch.tensor([0.5, 0.3, 0.15, 0.05], dtype=torch.float64)  # real and made points of a world with four places
Q = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)


def expected(logits):
    """The game's value with expectations in place of means: every place as often as it happens, of 100 points."""
    of_real, of_fake = (logits.repeat_interleave((100 * share).round().long()) for share in (P, Q))
    return of_real, of_fake


def test_c9_the_optimal_discriminator_is_p_over_p_plus_q():
    """D free in each place, descending on its loss, comes to p / (p + q), and its value to 2 JSD - log 4; to 1e-8."""
    logits = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([logits], lr=1, max_iter=200, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = discriminator_loss(*expected(logits))
        loss.backward()
        return loss

    optimizer.step(closure)
    torch.testing.assert_close(logits.detach().sigmoid(), best(P, Q), atol=1e-7, rtol=0)
    assert abs(value(*expected(logits.detach())).item() - (2 * jensen_shannon(P, Q) - math.log(4))) < 1e-8
    assert value(*expected(logits.detach())) > value(*expected(logits.detach() + 0.01 * torch.randn(4).double()))  # a maximum


def test_c9_the_page_s_discriminator_comes_to_it_against_a_fixed_generator():
    """Two known normal densities in the plane, float64, D the live game's network: G's are those of a linear generator that never moves."""
    p, q = Mixture(torch.tensor([[0.4, 0.0]]).double(), 0.4), Mixture(torch.tensor([[-0.4, 0.2]]).double(), 0.4)
    begun = start(1).discriminator
    player = Player(begun.weights.double(), begun.squares.double())
    for step in range(600):
        weights = player.weights.clone().requires_grad_()
        real, fake = p.sample(512, counter.key(1, 0, step)), q.sample(512, counter.key(1, 1, step))
        loss = discriminator_loss(discriminate(weights, real), discriminate(weights, fake))
        (gradient,) = torch.autograd.grad(loss, weights)
        player = Player(weights.detach() - 0.3 * 0.99**step * gradient, player.squares)
    x = torch.cat([p.sample(2000, counter.key(1, 2)), q.sample(2000, counter.key(1, 3))])
    optimum = torch.sigmoid(p.log_prob(x) - q.log_prob(x))  # p / (p + q)
    off = (discriminate(player.weights, x).sigmoid() - optimum).abs().mean()
    assert off < 0.03 < (0.5 - optimum).abs().mean()


def test_c9_the_players_move_in_turn():
    """A move of D raises the value on its points, a move of G lowers its loss against that D; neither touches the other's weights."""
    chance = torch.Generator().manual_seed(2)
    real, z = torch.randn(256, 2, generator=chance).double() + 1, torch.randn(256, 2, generator=chance).double()
    begun = start(2)
    game = Game(*(Player(player.weights.double(), player.squares.double()) for player in (begun.generator, begun.discriminator)))

    def v(game):
        d = game.discriminator.weights
        return value(discriminate(d, real), discriminate(d, generate(game.generator.weights, z))).item()

    after, _ = d_step(game, real, z, 1e-3)
    assert v(after) > v(game) and after.generator is game.generator
    assert set(LOSSES) == {"saturating", "non-saturating"}
