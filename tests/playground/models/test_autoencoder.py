"""The autoencoder's losses against the data, and its paper preset against a count done by hand."""

import pytest
import torch

from playground.models.autoencoder import Autoencoder, linear_squared_error, squared_error
from playground.models.base import parameter_count
from playground.models.pca import mean_and_covariance
from playground.models.vae import VAE
from training.recipes import recipe_class


def test_the_error_is_squared_and_a_mean_over_pixels():
    x = torch.rand(3, 1, 28, 28)
    assert torch.allclose(squared_error(x + 0.5, x), torch.full((3,), 0.25))


def test_the_linear_loss_of_mean_and_covariance_is_the_mean_error_on_the_data(device):
    model, x = Autoencoder(latent=3, network="linear").double().to(device), torch.randn(50, 1, 28, 28).double().to(device) + 0.3
    on_data = squared_error(model.decode(model.encode(x)), x).mean()
    assert torch.allclose(linear_squared_error(model, *mean_and_covariance(x)), on_data, rtol=1e-10)


def test_a_linear_autoencoder_is_linear_and_a_deep_one_is_not(device):
    a, b = torch.rand(2, 1, 1, 28, 28).double().to(device)
    for network, linear in (("linear", True), ("deep", False)):
        model = Autoencoder(latent=4, network=network).double().to(device)
        middle = model.decode(model.encode((a + b) / 2))
        assert torch.allclose(middle, (model.decode(model.encode(a)) + model.decode(model.encode(b))) / 2, atol=1e-9) == linear


@pytest.mark.parametrize("settings", [{"network": "deep"}, {"network": "convolutional", "size": 32, "planes": 3}], ids=str)
def test_a_vae_has_the_autoencoders_layers(settings):
    ae, vae = Autoencoder(latent=8, **settings), VAE(latent=8, **settings)
    shape = (2, vae.planes, vae.size, vae.size)
    rebuilt = ae.decode(ae.encode(torch.rand(shape)))
    assert rebuilt.shape == shape and rebuilt.abs().max() <= 1
    assert [p.shape for p in ae.decoder.parameters()] == [p.shape for p in vae.decoder.parameters()]
    assert [p.shape for p in ae.encoder.parameters()][:-2] == [p.shape for p in vae.encoder.parameters()][:-2]
    assert vae.encode(torch.rand(shape))[0].shape == (2, 8)


def test_paper_preset_has_the_sizes_of_the_paper(digits_dir):
    """784-1000-500-250-30 and back, with biases."""
    cls = recipe_class("autoencoder")
    model = cls(cls.Settings(**cls.presets["paper"], dataset="folder", data_dir=digits_dir)).model()
    weights = 784 * 1000 + 1000 * 500 + 500 * 250 + 250 * 30
    assert parameter_count(model) == 2 * weights + (1000 + 500 + 250 + 30) + (250 + 500 + 1000 + 784)
