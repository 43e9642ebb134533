import pytest
import torch
from torch import nn
from torch.nn import functional as F

from playground.models.base import parameter_count
from playground.models.dcgan import DCGAN


@pytest.mark.parametrize("border", [0, 1])
@pytest.mark.parametrize("kernel", [4, 5])
def test_generator_and_discriminator_have_their_shapes_and_range(kernel, border, device):
    model = DCGAN(latent=5, widths=[6, 4, 3], smallest=2, kernel=kernel, border=border).to(device).eval()
    x, size = model.generator(torch.randn(3, 5, device=device)), 16 - 2 * border
    assert x.shape == (3, 1, size, size) and model.size == size
    assert x.abs().max() <= 1
    assert model.discriminator(x).shape == (3,)


def test_a_border_is_cut_off_and_outside_is_grey():
    """The same weights with a border: the inner pixels of G's image, and D's opinion of the image with zeros around."""
    bare, cut = (DCGAN(latent=5, widths=[6, 4, 3], smallest=2, border=border).eval() for border in (0, 2))
    cut.load_state_dict(bare.state_dict())
    z = torch.randn(3, 5)
    x = cut.generator(z)
    torch.testing.assert_close(x, bare.generator(z)[:, :, 2:-2, 2:-2])
    torch.testing.assert_close(cut.discriminator(x), bare.discriminator(F.pad(x, (2, 2, 2, 2))))


def test_the_networks_keep_the_guidelines():
    """Section 3: strides for pooling, batch norm in both but not in G's last and D's first layer, ReLU and tanh in G, LeakyReLU in D."""
    model = DCGAN(widths=[8, 6, 4])
    kinds = lambda network: [type(layer) for layer in network]  # noqa: E731
    normalised = [nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU]
    assert kinds(model.generator) == [nn.Linear, nn.Unflatten, nn.BatchNorm2d, nn.ReLU, *2 * normalised, nn.ConvTranspose2d, nn.Tanh]
    normalised = [nn.Conv2d, nn.BatchNorm2d, nn.LeakyReLU]
    assert kinds(model.discriminator) == [nn.Conv2d, nn.LeakyReLU, *2 * normalised, nn.Flatten, nn.Linear, nn.Flatten]
    assert {layer.negative_slope for layer in model.discriminator if isinstance(layer, nn.LeakyReLU)} == {0.2}


def test_the_weights_begin_as_normals_of_the_papers_width():
    model = DCGAN()
    for layer in (model.generator[0], model.generator[4], model.discriminator[2]):
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
        assert layer.weight.mean().abs() < 0.001


def parameters(latent: int, widths: list[int], smallest: int, kernel: int) -> tuple[int, int]:
    """G: the projection and the convolutions, two numbers a channel of batch norm, one bias; D: the same in reverse, no norm at first."""
    convolutions = [into * out * kernel**2 for into, out in zip(widths, [*widths[1:], 1])]
    first = widths[0] * smallest**2
    generator = latent * first + sum(convolutions) + 2 * sum(widths) + 1
    discriminator = sum(convolutions) + widths[-1] + 2 * sum(widths[:-1]) + first + 1
    return generator, discriminator


def test_the_paper_preset_has_the_size_of_figure_1():
    """z of 100 to 4x4x1024, then to 8x8x512, 16x16x256, 32x32x128 and a (grey) picture of 64x64."""
    model = DCGAN(latent=100, widths=[1024, 512, 256, 128], smallest=4, kernel=5, border=0)
    assert model.size == 64
    generator = 100 * 16384 + 25 * (1024 * 512 + 512 * 256 + 256 * 128 + 128) + 2 * (1024 + 512 + 256 + 128) + 1
    assert parameters(100, [1024, 512, 256, 128], 4, 5)[0] == generator
    assert (parameter_count(model.generator), parameter_count(model.discriminator)) == parameters(100, [1024, 512, 256, 128], 4, 5)


def test_the_small_preset_has_the_size_of_its_layers():
    model = DCGAN()
    assert model.size == 28
    assert (parameter_count(model.generator), parameter_count(model.discriminator)) == parameters(64, [128, 64, 32], 4, 4)
