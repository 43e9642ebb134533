"""The densities of the live game: they integrate to one, their samples follow them, and drawings are taken as drawn."""

import pytest
import torch

from playground.analysis.densities import DENSITIES, REACH, chosen, density
from playground.drawing.strokes import Stroke, pack
from playground.errors import UserError
from playground.models import counter


@pytest.mark.parametrize("name", list(DENSITIES))
def test_a_density_integrates_to_one_over_the_square(name):
    line = torch.linspace(-REACH, REACH, 201)
    total = density(name).log_prob(torch.cartesian_prod(line, line)).exp().sum() * (2 * REACH / 200) ** 2
    assert total == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("name", list(DENSITIES))
def test_samples_follow_their_density(name):
    """The entropy, from the samples and by quadrature."""
    points = density(name).sample(20_000, counter.key(1, 0))
    assert (points.abs() > REACH).float().mean() < 1e-4
    line = torch.linspace(-REACH, REACH, 201)
    log_p = density(name).log_prob(torch.cartesian_prod(line, line))
    entropy = -(log_p.exp() * log_p.nan_to_num()).sum() * (2 * REACH / 200) ** 2
    assert -density(name).log_prob(points).mean() == pytest.approx(entropy.item(), abs=0.03)


def test_painted_points_lie_on_the_ink():
    drawing = pack([Stroke(((128, 128), (384, 128)), width=20)])
    points = density("painted", drawing).sample(2000, counter.key(1, 0))
    assert points[:, 0].min() < -0.7 and points[:, 0].max() > 0.7  # a quarter to three quarters of the way across
    assert (points[:, 1] - REACH / 2).abs().max() < 0.15  # a quarter of the way down


def test_a_weight_is_how_often_its_place_is_chosen():
    weights = torch.tensor([0.0, 1, 0, 3, 4, 0])
    found = chosen(weights, torch.arange(800) / 800)  # a whole period of uniform numbers
    assert torch.equal(found.bincount(minlength=6), weights.long() * 100) and torch.equal(found, found.sort().values)


@pytest.mark.parametrize("name, drawing, sentence", [("painted", "", "empty"), ("cube", "", "not a density"), ("painted", "?", "damaged")])
def test_what_is_no_density_gets_a_sentence(name, drawing, sentence):
    with pytest.raises(UserError, match=sentence):
        density(name, drawing)
