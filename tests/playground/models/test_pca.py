"""PCA against its definition: axes, variances and error are what the covariance says."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA as Reference

from playground.models.autoencoder import squared_error
from playground.models.pca import PCA, mean_and_covariance


@pytest.fixture
def x(device) -> torch.Tensor:
    return (torch.randn(60, 12, dtype=torch.float64) @ torch.randn(12, 784, dtype=torch.float64)).view(-1, 1, 28, 28).to(device)


@pytest.fixture
def pca(x) -> PCA:
    model = PCA(components=8).double().to(x.device)
    model.fit(*mean_and_covariance(x))
    return model


def test_mean_and_covariance_are_those_of_the_data(x):
    mean, covariance = mean_and_covariance(x)
    assert torch.allclose(mean, x.flatten(1).mean(0), atol=1e-12)
    assert torch.allclose(covariance, x.flatten(1).T.cov(correction=0), atol=1e-10)


def test_the_axes_are_those_of_another_implementation(x, pca):
    reference, pca = Reference(8).fit(x.flatten(1).cpu().numpy()), pca.cpu()
    assert np.allclose(abs(pca.axes.numpy() @ reference.components_.T), np.eye(8), atol=1e-8)
    assert np.allclose(pca.variances.numpy() * 60 / 59, reference.explained_variance_, rtol=1e-8)


def test_the_error_of_d_dimensions_is_the_variance_of_those_left_out(x, pca):
    total = mean_and_covariance(x)[1].trace()
    for d in (1, 3, 8):
        error = squared_error(pca.decode(pca.encode(x, d)), x).mean()
        assert error.item() == pytest.approx((total - pca.variances[:d].sum()).item() / 784, rel=1e-9)


def test_the_codes_do_not_correlate_and_the_axes_are_orthonormal(x, pca):
    assert torch.allclose(pca.axes @ pca.axes.T, torch.eye(8).to(x), atol=1e-10)
    assert torch.allclose(pca.encode(x).T.cov(correction=0), pca.variances.diag(), atol=1e-8)
