"""C10: where D is sure that a point was made, the saturating loss has no gradient left for G; the non-saturating one has its largest."""

import pytest
import torch

from playground.analysis.toy_gan import Rules, look, play, played
from playground.models.gan import generator_loss, saturating_generator_loss
from playground.models.live_gan import Game, Player, pull, start
from playground.ui.tabs.game.live_game import STARVED


def test_c10_saturating_over_non_saturating_gradient_is_d_over_one_minus_d():
    logits = torch.linspace(-30, 30, 121, dtype=torch.float64).requires_grad_()
    saturating, other = (torch.autograd.grad(loss(logits), logits)[0] for loss in (saturating_generator_loss, generator_loss))
    d = logits.detach().sigmoid()
    torch.testing.assert_close(saturating / other, logits.detach().exp(), rtol=1e-12, atol=0)  # D / (1 - D), without cancellation
    torch.testing.assert_close(saturating[:80] / other[:80], (d / (1 - d))[:80], rtol=1e-9, atol=0)
    assert saturating[0].abs() < 1e-12 * other[0].abs()


def test_c10_the_arrows_of_the_page_have_the_same_ratio():
    """At every point of the plane, the two arrows for the same D point the same way, and D/(1 - D) is how their lengths compare."""
    begun = start(4)
    game = Game(*(Player(player.weights.double() * 2, player.squares.double()) for player in (begun.generator, begun.discriminator)))
    from playground.models.live_gan import discriminate

    x = torch.randn(50, 2).double()
    ratio = discriminate(game.discriminator.weights, x).exp()[:, None]
    torch.testing.assert_close(pull(game, x, "saturating"), ratio * pull(game, x, "non-saturating"))


@pytest.mark.parametrize("rounds", [100])
def test_c10_g_starves_on_the_one_and_learns_on_the_other(rounds):
    """The page's preset: D is ahead; G has no gradient and stays. With the other loss, from that very D, it comes to the real points."""
    values = {**STARVED, "rounds": rounds}
    rules, seed = Rules(**{name: value for name, value in values.items() if name not in ("seed", "rounds")}), values["seed"]
    starved = played(rules, seed, rounds)
    said = look(starved, rules).figures
    assert said["gradient"] < 1e-3 and said["covered"] == 0 and said["divergence"] > 0.69
    fed = Rules(**{**vars(rules), "loss": "non-saturating"})
    assert look(starved, fed).figures["gradient"] > 1000 * said["gradient"]
    said = look(play(starved, fed, 300), fed).figures
    assert said["covered"] > 0.5 and said["divergence"] < 0.5
