import math

import pytest
import torch

from playground.analysis.subspaces import correlations, largest_correlation, linear_code_covariance, principal_angles


def test_angles_of_two_planes_that_share_a_line():
    a = torch.eye(4)[:, :2]
    b = torch.stack([torch.eye(4)[0], torch.tensor([0.0, math.cos(0.001), math.sin(0.001), 0.0])], 1)
    assert principal_angles(a, b).tolist() == pytest.approx([0, math.degrees(0.001)], abs=1e-5)


def test_angles_do_not_depend_on_the_basis():
    basis, mix = torch.randn(20, 3, dtype=torch.float64), torch.randn(3, 3, dtype=torch.float64)
    assert principal_angles(basis, basis @ mix).max() < 1e-5
    assert principal_angles(torch.eye(6)[:, :2], torch.eye(6)[:, 3:5]).tolist() == pytest.approx([90, 90])


def test_covariance_and_correlations_of_linear_codes_are_those_of_the_codes():
    x = torch.randn(500, 6, dtype=torch.float64) * torch.arange(1, 7)
    x = x - x.mean(0)
    variances, vectors = torch.linalg.eigh(x.T.cov(correction=0))
    encoder = torch.randn(3, 6, dtype=torch.float64)
    covariance = linear_code_covariance(encoder, vectors.T, variances)
    assert torch.allclose(covariance, (x @ encoder.T).T.cov(correction=0), rtol=1e-9)
    assert torch.allclose(correlations(covariance), (x @ encoder.T).T.corrcoef(), atol=1e-9)
    off = correlations(covariance) - torch.eye(3, dtype=torch.float64)
    assert largest_correlation(covariance) == pytest.approx(off.abs().max().item())
