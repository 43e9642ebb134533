import math

import pytest
import torch

from playground.models.base import parameter_count
from playground.models.gan import GAN, Maxout, discriminator_loss, generator_loss, saturating_generator_loss, value


@pytest.mark.parametrize("batch_norm", [True, False])
def test_generator_and_discriminator_have_their_shapes_and_range(batch_norm, device):
    model = GAN(latent=5, generator_widths=[7, 8], batch_norm=batch_norm, discriminator_widths=[6], pieces=2).to(device).eval()
    x = model.generator(torch.randn(3, 5, device=device))
    assert x.shape == (3, 1, 28, 28)
    assert x.abs().max() <= 1
    assert model.discriminator(x).shape == (3,)


def test_the_losses_at_logits_of_which_the_probabilities_are_known():
    real, fake = torch.tensor([math.log(3.0)]), torch.tensor([math.log(1 / 4)])  # D = 3/4 and 1/5
    torch.testing.assert_close(discriminator_loss(real, fake), torch.tensor(-math.log(3 / 4) - math.log(4 / 5)))
    torch.testing.assert_close(generator_loss(fake), torch.tensor(-math.log(1 / 5)))
    torch.testing.assert_close(saturating_generator_loss(fake), torch.tensor(math.log(4 / 5)))


def test_a_discriminator_that_cannot_tell_loses_two_logarithms_of_two():
    zero = torch.zeros(4)
    torch.testing.assert_close(discriminator_loss(zero, zero), torch.tensor(2 * math.log(2)))


def test_the_losses_are_finite_where_d_is_sure():
    real, fake = torch.tensor([500.0, -500.0]), torch.tensor([-500.0, 500.0])
    for loss in (value(real, fake), generator_loss(fake), saturating_generator_loss(fake)):
        assert loss.isfinite()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_losses_are_never_computed_in_less_than_float32(dtype):
    assert generator_loss(torch.zeros(2, dtype=dtype)).dtype == (torch.float64 if dtype == torch.float64 else torch.float32)


def test_maxout_takes_the_largest_piece_of_each_unit():
    layer = Maxout(1, units=2, pieces=2)
    layer.linear.weight.data = torch.tensor([[1.0], [-1.0], [2.0], [0.0]])
    layer.linear.bias.data.zero_()
    torch.testing.assert_close(layer(torch.tensor([[3.0], [-3.0]])), torch.tensor([[3.0, 6.0], [3.0, 0.0]]))


def test_the_paper_preset_has_the_size_of_the_authors_networks():
    """z (100) to 1,200 ReLU units, twice, to 784; x to 240 maxout units of 5 pieces, twice, to 1."""
    model = GAN(latent=100, generator_widths=[1200, 1200], batch_norm=False, discriminator_widths=[240, 240], pieces=5)
    linear = lambda inputs, outputs: (inputs + 1) * outputs  # noqa: E731
    assert parameter_count(model.generator) == linear(100, 1200) + linear(1200, 1200) + linear(1200, 784)
    assert parameter_count(model.discriminator) == linear(784, 240 * 5) + linear(240, 240 * 5) + linear(240, 1)


def test_the_small_preset_has_the_size_of_its_layers():
    linear = lambda inputs, outputs: (inputs + 1) * outputs  # noqa: E731
    layers = linear(64, 256) + linear(256, 512) + linear(512, 1024) + linear(1024, 784)
    assert parameter_count(GAN().generator) == layers + 2 * (256 + 512 + 1024)  # and two numbers a unit of batch normalisation
