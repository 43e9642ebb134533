"""C19: PixelCNN++ has a mixture of discretised logistics where others have a softmax over 256 values."""

import pytest
import torch

from playground.models.pixelcnnpp import Mixture, PlaneMixtures, discretized_logistic


@pytest.mark.parametrize("log_scale", [3.0, 0.0, -2.0, -5.0, -7.0, -12.0, -30.0])
def test_c19_a_logistics_probabilities_sum_to_one_over_256_values(log_scale):
    """Whatever its mean, on a value, between two, at the edges and beyond; very narrow ones put all their mass into one bin or two."""
    values = torch.arange(256, dtype=torch.float64)
    for mean in (-1.5, -1.0, -0.5, 0.0, 1 / 255, 0.3, 0.999, 1.0, 7.0):
        nats = discretized_logistic(values, torch.tensor(mean).double(), torch.tensor(log_scale).double())
        assert nats.logsumexp(0).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", [Mixture, PlaneMixtures])
@torch.no_grad()
def test_c19_the_mixtures_probabilities_sum_to_one_over_256_values(kind):
    """For each plane, given random values of the planes before it; the widest parameters make very narrow and very wide components."""
    head = kind(features=6, mixtures=5, planes=3, levels=256).double()
    x = torch.randint(0, 256, (50, 3)).double() / 255
    for spread in (0.1, 1, 10):
        parameters = spread * torch.randn(50, 10 * 5 if kind is Mixture else 9 * 5, dtype=torch.float64)
        for plane in range(3):
            total = head.plane_logits(parameters, x, plane).logsumexp(1)
            torch.testing.assert_close(total, torch.zeros_like(total), rtol=0, atol=1e-12)
