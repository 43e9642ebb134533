"""C2: a linear autoencoder finds PCA's subspace, but not its orthogonal axes."""

import pytest

from playground import catalog
from playground.analysis.subspaces import largest_correlation, linear_code_covariance, principal_angles


@pytest.mark.parametrize("size", [2, 8])
def test_c2_a_linear_autoencoder_finds_pcas_subspace(size):
    pca, ae = catalog.load("pca-mnist"), catalog.load(f"ae-mnist-linear-{size}")
    angles = principal_angles(ae.decoder[0].weight, pca.axes[:size].T)
    assert angles.max() < 1  # degree


@pytest.mark.parametrize("size", [2, 8])
def test_c2_its_codes_correlate_and_pcas_do_not(size):
    pca, ae = catalog.load("pca-mnist"), catalog.load(f"ae-mnist-linear-{size}")
    linear, principal = (
        largest_correlation(linear_code_covariance(encoder, pca.axes, pca.variances)) for encoder in (ae.encoder[1].weight, pca.axes[:size])
    )
    assert linear > 0.05
    assert principal < 1e-4
