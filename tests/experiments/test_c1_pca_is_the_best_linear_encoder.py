"""C1: no other linear encoder and decoder has less squared error than PCA on the data it was fitted to."""

import pytest
import torch

from playground.models.autoencoder import Autoencoder, linear_squared_error, squared_error
from playground.models.pca import PCA, mean_and_covariance

COUNT, DIMENSIONS = 300, 4


@pytest.fixture(scope="module")
def x(device) -> torch.Tensor:
    """300 images whose variance falls from direction to direction, (300, 1, 28, 28), float64."""
    generator = torch.Generator().manual_seed(0)
    factors = torch.randn(COUNT, 30, generator=generator, dtype=torch.float64) * 0.9 ** torch.arange(30)
    return (factors @ torch.randn(30, 784, generator=generator, dtype=torch.float64) * 0.1 - 0.7).view(-1, 1, 28, 28).to(device)


@pytest.fixture(scope="module")
def error_of_pca(x) -> float:
    pca = PCA(components=DIMENSIONS).double().to(x.device)
    pca.fit(*mean_and_covariance(x))
    return squared_error(pca.decode(pca.encode(x)), x).mean().item()


def test_c1_no_random_orthonormal_basis_has_less_error_than_pca(x, error_of_pca, device):
    generator = torch.Generator().manual_seed(1)
    mean = x.flatten(1).mean(0)
    centred = x.flatten(1) - mean  # the best bias of any projection
    for _ in range(100):
        basis, _ = torch.linalg.qr(torch.randn(784, DIMENSIONS, generator=generator, dtype=torch.float64).to(device))
        assert (centred - centred @ basis @ basis.T).square().mean() > error_of_pca


def test_c1_no_linear_autoencoder_has_less_error_than_pca(x, error_of_pca, device):
    """Whether it is new, on its way, or nearly there."""
    torch.manual_seed(0)
    ae = Autoencoder(latent=DIMENSIONS, network="linear").double().to(device)
    optimizer = torch.optim.Adam(ae.parameters(), lr=1e-2)
    mean, covariance = mean_and_covariance(x)
    errors = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = linear_squared_error(ae, mean, covariance)
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    assert min(errors) >= error_of_pca
    assert errors[-1] < 0.2 * errors[0], "it did learn"
