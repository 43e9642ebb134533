import pytest
import torch

from playground.models.base import parameter_count
from playground.models.cgan import CGAN, spectral_norm


@pytest.mark.parametrize("networks", ["convolutional", "mlp"])
def test_generator_and_discriminator_have_their_shapes_and_range(networks, device):
    model = CGAN(latent=5, classes=4, networks=networks, channels=4).to(device).eval()
    z, y = torch.randn(3, 5, device=device), torch.tensor([0, 1, 3], device=device)
    x = model.generator(z, y)
    assert x.shape == (3, 1, 28, 28)
    assert x.abs().max() <= 1
    assert model.discriminator(x, y).shape == (3,)


@pytest.mark.parametrize("networks", ["convolutional", "mlp"])
def test_a_label_is_the_blend_with_all_weight_on_it(networks, device):
    model = CGAN(latent=5, networks=networks, channels=4).to(device).eval()
    z, y = torch.randn(2, 5, device=device), torch.tensor([3, 7], device=device)
    one_hot = torch.eye(10, device=device)[y]
    torch.testing.assert_close(model.generator(z, y), model.generator(z, one_hot))
    x = model.generator(z, y)
    torch.testing.assert_close(model.discriminator(x, y), model.discriminator(x, one_hot))


@pytest.mark.parametrize("networks", ["convolutional", "mlp"])
def test_both_players_see_the_class(networks, device):
    model = CGAN(latent=5, networks=networks, channels=4).to(device).eval()
    z, (a, b) = torch.randn(1, 5, device=device), torch.tensor([[3], [7]], device=device)
    x = model.generator(z, a)
    assert not torch.allclose(x, model.generator(z, b))
    assert not torch.allclose(model.discriminator(x, a), model.discriminator(x, b))


def test_the_discriminator_in_logits_is_linear_in_the_weights_of_the_classes(device):
    model = CGAN(latent=5, channels=4).to(device).eval()
    x, classes = torch.rand(1, 1, 28, 28, device=device), torch.eye(10, device=device)
    ends = [model.discriminator(x, classes[None, i]) for i in (2, 6)]
    half = model.discriminator(x, (classes[None, 2] + classes[None, 6]) / 2)
    torch.testing.assert_close(half, sum(ends) / 2)


def test_spectral_norm_finds_the_largest_singular_value_and_bears_a_shorter_v():
    layer = spectral_norm(torch.nn.Conv2d(3, 5, 3).double())
    for _ in range(200):
        layer.weight  # noqa: B018 - each look is a forward pass of the parametrisation
    layer.eval()
    largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2)
    torch.testing.assert_close(largest, torch.ones_like(largest), rtol=1e-4, atol=0)
    before = layer.weight.clone()
    layer.parametrizations.weight[0].v.mul_(0.1)  # as an average of turning vectors is
    torch.testing.assert_close(layer.weight, before)


def test_the_paper_preset_has_the_size_of_section_4_1():
    """z (100) to 200, y to 1,000, together to 1,200, to 784; x to 240 units of 5 pieces, y to 50 of 5, together to 240 of 4, to 1."""
    model = CGAN(latent=100, networks="mlp")
    linear = lambda inputs, outputs: (inputs + 1) * outputs  # noqa: E731
    assert parameter_count(model.generator) == linear(100, 200) + linear(10, 1000) + linear(1200, 1200) + linear(1200, 784)
    assert parameter_count(model.discriminator) == linear(784, 240 * 5) + linear(10, 50 * 5) + linear(290, 240 * 4) + linear(240, 1)


def test_the_small_preset_has_the_size_of_its_layers():
    model, c, classes = CGAN(), 32, 10
    weights = (64 + classes) * 2 * c * 49 + (2 * c) ** 2 * 9 + 2 * c * c * 16 + c * c * 9 + c * 16 + 1
    batch_norm = 2 * (2 * c + 2 * c + c + c)
    assert parameter_count(model.generator) == weights + batch_norm
    assert parameter_count(model.discriminator) == c * 17 + 2 * c * (c * 16 + 1) + 4 * c * (2 * c * 9 + 1) + 11 * (64 * c + 1)
