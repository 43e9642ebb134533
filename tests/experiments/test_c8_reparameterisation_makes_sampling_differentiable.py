"""C8: with the noise outside, a sample can be differentiated; the score function's estimator agrees, with a larger variance."""

import pytest
import torch

from playground.analysis.bounds import pathwise_gradient, score_function_gradient
from playground.models.base import normals

COUNT = 20_000


@pytest.mark.parametrize("mu, sigma", [(1.0, 0.5), (-1.5, 1.0), (0.3, 2.0)])
def test_c8_both_estimators_agree_and_the_pathwise_one_scatters_less(mu, sigma):
    noise = normals(0, 1, COUNT)[0].double()
    exact = torch.tensor([2 * mu, 2 * sigma], dtype=torch.float64)
    found = {f: f(torch.square, mu, sigma, noise) for f in (pathwise_gradient, score_function_gradient)}
    for estimates in found.values():
        assert ((estimates.mean(0) - exact).abs() < 5 * estimates.std(0) / COUNT**0.5).all()
    assert (found[score_function_gradient].var(0) > found[pathwise_gradient].var(0)).all()


def test_c8_the_variance_of_the_pathwise_estimator_is_the_known_one():
    """2 z has the variance 4 sigma^2; 2 z z0 has 4 mu^2 + 8 sigma^2."""
    mu, sigma = 1.0, 0.5
    found = pathwise_gradient(torch.square, mu, sigma, normals(1, 1, COUNT)[0].double()).var(0)
    assert found.tolist() == pytest.approx([4 * sigma**2, 4 * mu**2 + 8 * sigma**2], rel=0.1)
